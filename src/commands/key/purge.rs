//! `kmsctl key purge`.

use anyhow::Result;
use clap::Args;

use super::{
    delete::{confirm, confirm_all, require_whole_id},
    due,
};
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, Opened, selection},
    },
    keystore::{Error, Key, Trigger},
    render,
};

/// Destroy revoked keys whose waiting period is over, or one at once
///
/// What is destroyed by the clock needs a clock that can be believed. If the token has a clock, both must agree to a day.
/// Else the system must say that a time service keeps its clock right (adjtimex(2)), or no key may be overdue by more
/// than a week: after a clock has jumped ahead, keys look overdue that are not, while a nightly run finds each within
/// days of its date. On doubt, nothing is destroyed (exit 6).
#[derive(Debug, Args)]
#[command(add = answers!["one key" => render::DestroyedKey, "`--due`" => Vec<render::DestroyedKey>, "`--due --dry-run`" => Vec<render::PlannedPurge>])]
#[command(after_help = examples![
    "What is due" => "kmsctl key purge --due --dry-run",
    "All that are due, from cron" => "kmsctl key purge --due --yes --no-input --pin-file pin",
    "One revoked key, now" => "kmsctl key purge --label old",
])]
pub struct Purge {
    /// Destroy every revoked key whose waiting period is over (the default when no key is named)
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
    if arguments.yes {
        require_whole_id(&arguments.key, &key)?;
    }
    opened.keystore.may_purge(&key, Trigger::Hand)?;
    if !arguments.yes {
        opened.unlocked(|| confirm(context, &key))??;
    }
    let destroyed = opened.keystore.purge(&key, Trigger::Hand)?;
    context.print(&render::deleted("purged", &key, &destroyed))
}

/// Says what would be destroyed, and destroys nothing.
fn plan(context: &Context, arguments: &Purge) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let keys = if arguments.key.is_given() {
        let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
        opened.keystore.may_purge(&key, Trigger::Hand)?;
        vec![key]
    } else {
        let due = due_keys(&opened)?;
        if let Some(error) = due.iter().find_map(|key| doubt(&opened, key)).filter(|_| !arguments.trust_clock)
        {
            context.ui.warning(format!("the purge would be refused: {error}"));
        }
        due
    };
    if keys.is_empty() {
        context.ui.status("no keys are due");
    }
    context.print(&render::planned_purges(&keys))
}

fn due_keys(opened: &Opened) -> Result<Vec<Key>> {
    let is_due = |key: &Key| opened.keystore.may_purge(key, Trigger::Schedule).is_ok();
    Ok(opened.keystore.inventory()?.keys.into_iter().filter(is_due).collect())
}

/// Why the time of a key may not have come.
fn doubt(opened: &Opened, key: &Key) -> Option<Error> {
    let doubt = opened.keystore.clock().doubt(key.record()?.destroy_at?)?;
    Some(Error::ClockDoubted { label: key.label.clone(), doubt })
}

/// Destroys all keys whose time has come.
fn purge_due(context: &Context, arguments: &Purge) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let due = due_keys(&opened)?;
    if let Some(error) = due.iter().find_map(|key| doubt(&opened, key)).filter(|_| !arguments.trust_clock) {
        return Err(error.into());
    }
    if !due.is_empty() && !arguments.yes {
        opened.unlocked(|| confirm_all(context, &due))??;
    }
    let purged = due::each(context, &mut opened, &due, "purging", |keystore, key| {
        let destroyed = keystore.purge(key, Trigger::Schedule)?;
        context.ui.status(render::destroyed_line("purged", key, &destroyed));
        Ok((key.label.clone(), destroyed))
    });
    purged.report(context, "purged", render::purged)
}
