//! `kmsctl key purge`.

use anyhow::Result;
use clap::Args;

use super::{
    delete::{confirm, confirm_all},
    due,
};
use crate::{
    cli::{Selection, examples},
    commands::{
        command::Run,
        context::{Context, Need, selection},
    },
    keystore::{Key, Trigger},
    render,
};

/// Destroy revoked keys whose waiting period is over, or one at once
#[derive(Debug, Args)]
#[command(after_help = examples![
    "All that are due, from cron" => "kmsctl key purge --due --yes --no-input --pin-file pin",
    "One revoked key, now" => "kmsctl key purge --label old",
])]
pub struct Purge {
    /// Destroy every revoked key whose waiting period is over (the default when no key is named)
    #[arg(long, conflicts_with_all = ["label", "label_hex", "id", "uri"])]
    due: bool,

    #[command(flatten)]
    key: Selection,

    /// Do not ask for the label
    #[arg(long)]
    yes: bool,
}

impl Run for Purge {
    fn run(&self, context: &Context) -> Result<()> {
        if self.key.is_given() { purge_one(context, self) } else { purge_due(context, self.yes) }
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}

fn purge_one(context: &Context, arguments: &Purge) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
    opened.keystore.may_purge(&key, Trigger::Hand)?;
    if !arguments.yes {
        opened.unlocked(|| confirm(context, &key))??;
    }
    let destroyed = opened.keystore.purge(&key, Trigger::Hand)?;
    context.ui.status(format!("purged key {}", render::key_names(&key)));
    context.print(&render::deleted(&key.label, &destroyed))
}

/// Destroys all keys whose time has come.
fn purge_due(context: &Context, yes: bool) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let is_due = |key: &Key| opened.keystore.may_purge(key, Trigger::Schedule).is_ok();
    let due: Vec<_> = opened.keystore.inventory()?.keys.into_iter().filter(is_due).collect();
    if !due.is_empty() && !yes {
        opened.unlocked(|| confirm_all(context, &due))??;
    }
    let purged = due::each(context, &mut opened, &due, "purging", |keystore, key| {
        let destroyed = keystore.purge(key, Trigger::Schedule)?;
        context.ui.status(format!("purged key {}", render::key_names(key)));
        Ok((key.label.clone(), destroyed))
    });
    purged.report(context, "purged", render::purged)
}
