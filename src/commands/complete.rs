//! Names for completions, from the token's public objects and the configuration. Never logs in.

use std::{ffi::OsString, sync::mpsc, thread, time::Duration};

use anyhow::Result;

use super::context::{Context, Need};
use crate::{
    cli::{Candidate, Global, Wanted},
    config::{Environment, Settings, profile_names},
    keystore::Key,
    setting::{ALL, Role, Setting},
    token::list_tokens,
    ui::{self, Ui, Volume},
};

/// Longer delays make the shell feel broken; a slower module yields no names. Debug builds are slower and run in
/// parallel with the tests.
const MAX_WAIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5000 } else { 250 });

/// Returns nothing on any failure: an error message would garble the command line being edited.
pub fn complete(wanted: Wanted, typed: &[OsString]) -> Vec<Candidate> {
    let (sender, receiver) = mpsc::channel();
    let typed = typed.to_vec();
    thread::spawn(move || sender.send(names(wanted, &typed)));
    let found = receiver.recv_timeout(MAX_WAIT).ok().and_then(Result::ok).unwrap_or_default();
    found.into_iter().filter_map(escaped).collect()
}

/// Drops a name with control or invisible characters; escapes them in its help text.
fn escaped(candidate: Candidate) -> Option<Candidate> {
    let is_seen = ui::safe(&candidate.value) == candidate.value;
    is_seen.then(|| Candidate { help: ui::safe(&candidate.help).into_owned(), ..candidate })
}

fn names(wanted: Wanted, typed: &[OsString]) -> Result<Vec<Candidate>> {
    let global = options(typed);
    let environment = Environment::capture();
    if wanted == Wanted::Profile {
        let names = profile_names(&global, &environment)?;
        return Ok(names.into_iter().map(|value| Candidate { value, help: String::new() }).collect());
    }
    let mut settings = Settings::resolve(&global, None, &environment)?;
    settings.lock_timeout = MAX_WAIT / 2;
    settings.no_input = true;
    let ui = Ui::stderr(Volume::Quiet, false);
    let context = Context::new(settings, ui, environment);
    if wanted == Wanted::Token {
        let tokens = list_tokens(&context.module()?)?;
        let candidate = |token: &crate::token::TokenInfo| Candidate {
            value: token.label.clone(),
            help: token.model.clone(),
        };
        return Ok(tokens.iter().filter(|token| token.is_initialized()).map(candidate).collect());
    }
    let opened = context.open(Need::Public)?;
    let label = value_of(typed, "--label").and_then(|label| label.into_string().ok());
    Ok(of_keys(wanted, label.as_deref(), &opened.keystore.inventory()?.keys))
}

/// Without a login each version appears as a separate key, because records are private objects.
fn of_keys(wanted: Wanted, label: Option<&str>, keys: &[Key]) -> Vec<Candidate> {
    let kind = |key: &Key| key.kind().map(|kind| kind.to_string()).unwrap_or_default();
    let of_label = || keys.iter().filter(move |key| label.is_none_or(|label| key.label == label));
    let mut found: Vec<_> = match wanted {
        Wanted::Label => keys
            .iter()
            .filter(|key| !key.label.is_empty())
            .map(|key| Candidate { value: key.label.clone(), help: kind(key) })
            .collect(),
        Wanted::Version if label.is_some() => {
            let count = of_label().map(|key| key.versions.len()).sum::<usize>();
            (1..=count).map(|number| Candidate { value: number.to_string(), help: String::new() }).collect()
        }
        Wanted::Id => of_label()
            .flat_map(|key| key.versions.iter().map(move |version| (key, version)))
            .map(|(key, version)| Candidate {
                value: version.id.to_string(),
                help: format!("{} {}", key.label, kind(key)),
            })
            .collect(),
        Wanted::Version | Wanted::Token | Wanted::Profile => Vec::new(),
    };
    found.dedup_by(|a, b| a.value == b.value);
    found
}

/// The options typed so far that select the token. An invalid or incomplete one is ignored.
fn options(typed: &[OsString]) -> Global {
    let names_token = |setting: &&Setting| matches!(setting.role, Role::Place | Role::Configuration);
    let settings = ALL.iter().filter(names_token);
    let given = settings.filter_map(|setting| Some((setting, value_of(typed, setting.option?.flag)?)));
    Global { values: given.collect() }
}

/// The value of an option, as `--name value` or `--name=value`. Ignores the last word, which is still being typed.
fn value_of(typed: &[OsString], name: &str) -> Option<OsString> {
    let complete = typed.get(..typed.len().saturating_sub(1))?;
    complete.iter().enumerate().find_map(|(index, word)| {
        let word = word.to_str()?;
        match word.strip_prefix(name)?.strip_prefix('=') {
            Some(value) => Some(value.into()),
            None if word == name => complete.get(index + 1).cloned(),
            None => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting;

    fn typed(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn options_are_found_in_an_incomplete_line() {
        let line = typed("kmsctl sign --store /s --token=prod --label ");
        assert_eq!(value_of(&line, "--store"), Some("/s".into()));
        assert_eq!(value_of(&line, "--token"), Some("prod".into()));
        assert_eq!(value_of(&line, "--label"), None);
        assert_eq!(value_of(&line, "--to"), None);
        assert_eq!(options(&line).values.path(&setting::STORE), Some("/s".into()));
    }
}
