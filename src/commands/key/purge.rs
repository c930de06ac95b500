//! `kmsctl key purge`.

use anyhow::Result;
use clap::Args;

use super::{
    delete::{confirm, confirm_all, require_whole_key},
    due::{self, Due},
};
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, Opened, selection},
    },
    keystore::{Error, Key, Keystore, Trigger},
    model::Version,
    render,
};

/// Destroy the revoked keys and versions that are due, or one now
///
/// A revoked key that is named, such as with --label, is destroyed at once: its waiting period is skipped.
///
/// Scheduled destruction needs a trustworthy clock. If the token has a clock, the two must agree to within a day.
/// Otherwise a time service must synchronise the system clock (adjtimex(2)), or no key may be overdue by more than two
/// days: if the clock has jumped ahead, keys look long overdue, while a nightly run finds each key within days of its
/// date. If the clock is in doubt, nothing is destroyed (exit 6).
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate flag")]
#[command(add = answers!["one key" => render::DestroyedKey, "`--due`" => Vec<render::DestroyedKey>, "`--due --dry-run`" => Vec<render::PlannedPurge>])]
#[command(after_help = examples![
    "What is due" => "kmsctl key purge --due --dry-run",
    "All that are due, from cron" => "kmsctl key purge --due --yes --no-input --pin-file pin",
    "One revoked key, now" => "kmsctl key purge --label old",
])]
pub struct Purge {
    /// Destroy every revoked key and version whose waiting period is over (the default when no key is named)
    #[arg(long, conflicts_with_all = select::OPTIONS)]
    due: bool,

    #[command(flatten)]
    key: Selection,

    /// Print what would be destroyed, and destroy nothing
    #[arg(long)]
    dry_run: bool,

    /// Destroy what is due even if nothing confirms the clock of this machine
    #[arg(long, conflicts_with_all = select::OPTIONS)]
    trust_clock: bool,

    /// Do not ask for the label
    #[arg(long)]
    yes: bool,
}

impl Run for Purge {
    fn run(&self, context: &Context) -> Result<()> {
        match (self.key.is_given(), self.dry_run) {
            (true, false) => purge_one(context, self),
            (false, false) => purge_due(context, self),
            (_, true) => plan(context, self),
        }
    }

    fn changes(&self) -> bool {
        !self.dry_run
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}

fn purge_one(context: &Context, arguments: &Purge) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
    require_whole_key(&arguments.key, &key, arguments.yes)?;
    opened.keystore.may_purge(&key, Trigger::Hand)?;
    if !arguments.yes {
        opened.unlocked(|| confirm(context, &key, None))??;
    }
    let destroyed = opened.keystore.purge(&key, Trigger::Hand)?;
    context.print(&render::deleted("purged", &key, None, &destroyed))
}

/// Prints what would be destroyed.
fn plan(context: &Context, arguments: &Purge) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let due = if arguments.key.is_given() {
        let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
        opened.keystore.may_purge(&key, Trigger::Hand)?;
        Due::named([key])
    } else {
        let due = due_keys(context, &opened)?;
        if let Some(error) = doubt(&opened, &due.keys, arguments) {
            context.ui.warning(format!("the purge would be refused: {error}"));
        }
        due
    };
    if due.keys.is_empty() {
        context.ui.status("no keys are due");
    }
    context.print(&render::planned_purges(&due.keys, opened.keystore.now()))?;
    due.require_all()
}

fn due_keys(context: &Context, opened: &Opened) -> Result<Due<Key>> {
    let keystore = &opened.keystore;
    Due::find(context, keystore, |key| (!purges_due(keystore, &key).is_empty()).then_some(key))
}

/// The whole key (`None`) or the versions that are due.
fn purges_due(keystore: &Keystore, key: &Key) -> Vec<Option<Version>> {
    let due = key.record().map(|record| record.purges_due(keystore.now())).unwrap_or_default();
    due.into_iter().map(|(version, _)| version).collect()
}

/// The error if the clock is doubtful for a due date of one of the keys. None with `--trust-clock`.
fn doubt(opened: &Opened, due: &[Key], arguments: &Purge) -> Option<Error> {
    let clock = opened.keystore.clock();
    let of_key = |key: &Key| {
        let due = key.record()?.purges_due(clock.now);
        let doubt = due.into_iter().find_map(|(_, date)| clock.doubt(date?))?;
        Some(Error::ClockDoubted { label: key.label.clone(), doubt })
    };
    due.iter().find_map(of_key).filter(|_| !arguments.trust_clock)
}

/// Destroys all keys and versions that are due.
fn purge_due(context: &Context, arguments: &Purge) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let due = due_keys(context, &opened)?;
    if let Some(error) = doubt(&opened, &due.keys, arguments) {
        return Err(error.into());
    }
    if !due.keys.is_empty() && !arguments.yes {
        let names: Vec<_> = due
            .keys
            .iter()
            .flat_map(|key| {
                purges_due(&opened.keystore, key).into_iter().map(|one| render::part_name(key, one))
            })
            .collect();
        opened.unlocked(|| confirm_all(context, &names))??;
    }
    let purged = due::each(context, opened, due, "purging", |keystore, key| {
        let mut purged = Vec::new();
        for version in purges_due(keystore, key) {
            let destroyed = match version {
                None => keystore.purge(key, Trigger::Schedule)?,
                Some(version) => keystore.destroy_version(key, version, Trigger::Schedule)?.1,
            };
            context.ui.status(render::destroyed_line("purged", key, version, &destroyed));
            purged.push((key.label.clone(), version, destroyed));
        }
        Ok(purged)
    });
    purged.report(context, "purged", |purged| render::purged(&purged.concat()))
}
