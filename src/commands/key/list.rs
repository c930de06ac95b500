//! `kmsctl key list`.

use anyhow::Result;
use clap::Args;

use crate::{
    algorithm::{Algorithm, KeyKind},
    cli::{answers, examples, values},
    commands::{command::Run, context::Context, public_key},
    keystore::{Key, KeyVersion},
    model::{Counted, Status},
    render::{self, Columns, KeyView},
    setting::{self, SortField},
    shell::kmsctl,
    ui::Ui,
};

/// List the keys of the token
#[derive(Debug, Args)]
#[command(add = answers![Vec<render::KeyView>])]
#[command(after_help = examples![
    "Everything" => "kmsctl key list",
    "Some, with versions and schedules" => "kmsctl key list --label 'prod-*' --status enabled --wide",
    "Labels for a script" => "kmsctl key list --json | jq -r '.[].label'",
])]
pub struct List {
    /// Only labels that match this pattern; * stands for any characters, ? for one
    #[arg(long, value_name = "GLOB")]
    label: Option<String>,

    /// Only keys of this algorithm
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm())]
    algorithm: Option<Algorithm>,

    /// Only keys in this state
    #[arg(long, value_name = "STATUS", value_parser = values::status())]
    status: Option<Status>,

    /// Order of the list (default: label, or the profile's `sort`); next-rotation adds that column
    #[arg(long, value_name = "FIELD", value_parser = values::sort_field())]
    sort: Option<SortField>,

    /// Also older versions, and keys of kinds that kmsctl does not use
    #[arg(long)]
    all: bool,

    /// More columns: version, next rotation, usage, memo, tag
    #[arg(long)]
    wide: bool,
}

impl Run for List {
    fn run(&self, context: &Context) -> Result<()> {
        let opened = public_key::open_to_list(context, Ui::warning)?;
        let keystore = &opened.keystore;
        let inventory = keystore.inventory()?;
        for damaged in inventory.damaged {
            context.ui.warning(damaged.error());
        }
        let is_empty = inventory.keys.is_empty();
        let asked_for = inventory.keys.into_iter().filter(|key| matches_filters(key, self));
        let (mut keys, others): (Vec<_>, Vec<_>) =
            asked_for.partition(|key| self.all || is_listed_by_default(key));
        report_unlisted(context, is_empty, keys.is_empty(), others.len());
        let field = self.sort.or_else(|| context.settings.values.choice(&setting::SORT)).unwrap_or_default();
        sort(&mut keys, field);
        let view = |key: &Key, version: &KeyVersion| {
            let view = KeyView::new(key, version, keystore.names(), keystore.token(), opened.protection);
            if keystore.session().sees_private() { view } else { view.without_records() }
        };
        // Consumes the keys, so that each is freed once its row is built: ten thousand keys need much memory.
        let views = keys.into_iter().flat_map(|key| {
            let current = key.current().version;
            let is_listed = |version: &&KeyVersion| self.all || version.version == current;
            key.versions.iter().filter(is_listed).map(|version| view(&key, version)).collect::<Vec<_>>()
        });
        let columns = match field {
            _ if self.wide || self.all => Columns::All,
            SortField::NextRotation => Columns::NextRotation,
            _ => Columns::Usual,
        };
        context.print(&render::key_list(views, columns, context.settings.json))
    }
}

/// Reports how many keys of other kinds are not listed, or why the list is empty.
fn report_unlisted(context: &Context, is_empty: bool, nothing_matches: bool, others: usize) {
    if is_empty {
        context.ui.status("no keys on this token");
    } else if others > 0 {
        let keys = Counted(others, if nothing_matches { "key" } else { "other key" });
        let all = kmsctl("key list --all");
        context.ui.status(format!("{keys} of kinds that kmsctl does not use: `{all}` shows them"));
    } else if nothing_matches {
        context.ui.status("no keys match");
    }
}

fn matches_filters(key: &Key, arguments: &List) -> bool {
    arguments.label.as_ref().is_none_or(|glob| glob_matches(glob, &key.label))
        && arguments.algorithm.is_none_or(|algorithm| key.kind() == Some(algorithm.kind()))
        && arguments.status.is_none_or(|status| has_status(key, status))
}

/// Whether the key has the status; for staged and retired, whether one of its versions has.
fn has_status(key: &Key, status: Status) -> bool {
    match status {
        Status::Staged | Status::Retired => {
            key.versions.iter().any(|version| key.status_of(version) == Some(status))
        }
        of_key => key.status() == Some(of_key),
    }
}

/// Whether the key is listed without `--all`: it has a record, kmsctl can use it, or it is a lone public key.
fn is_listed_by_default(key: &Key) -> bool {
    key.record.is_some()
        || key.kind().is_some_and(is_usable) && key.current().secret.is_some()
        || key.current().secret.is_none() && key.current().public.is_some()
}

/// Generic secrets may be anything; only those with the length of an HMAC key count.
fn is_usable(kind: KeyKind) -> bool {
    !matches!(kind, KeyKind::Other(_)) && (!kind.is_mac() || kind.algorithm().is_some())
}

fn sort(keys: &mut [Key], field: SortField) {
    let created = |key: &Key| key.record().and_then(|record| record.created);
    let next = |key: &Key| {
        let next = key.record().and_then(|record| record.next_rotation);
        (next.is_none(), next)
    };
    // A stable sort keeps equal keys in label order.
    match field {
        SortField::Label => {}
        SortField::Algorithm => keys.sort_by_key(|key| key.kind().map(|kind| kind.to_string())),
        SortField::Id => keys.sort_by(|a, b| a.current().id.cmp(&b.current().id)),
        SortField::Created => keys.sort_by_key(created),
        SortField::Status => keys.sort_by_key(Key::status),
        SortField::NextRotation => keys.sort_by_key(next),
    }
}

/// Shell globs: `*` any text, `?` one character. Everything else stands for itself.
fn glob_matches(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    let (mut g, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                retry = Some((g, t));
                g += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                g += 1;
                t += 1;
            }
            _ => {
                // Backtrack: the last star matches one more character.
                let Some((star, start)) = retry else { return false };
                retry = Some((star, start + 1));
                g = star + 1;
                t = start + 1;
            }
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glob_patterns_match() {
        for (glob, text, fits) in [
            ("*", "", true),
            ("web*", "web-1", true),
            ("*-1", "web-1", true),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("*a*b*", "xxaxxbxx", true),
            ("a*b*c", "abbbc", true),
            ("a", "ab", false),
            ("[a]", "a", false),
        ] {
            assert_eq!(glob_matches(glob, text), fits, "{glob} {text}");
        }
        assert!(!glob_matches(&"*a".repeat(50), &"a".repeat(40)), "no blow-up");
    }
}
