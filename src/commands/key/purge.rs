//! `kmsctl key purge`.

use anyhow::Result;

use super::{
    super::context::{Context, Need, selection},
    delete::{confirm, confirm_all},
    due,
};
use crate::{
    cli,
    keystore::{Key, Trigger},
    render,
};

pub(super) fn purge(context: &Context, arguments: &cli::key::Purge) -> Result<()> {
    if arguments.key.is_given() { purge_one(context, arguments) } else { purge_due(context, arguments.yes) }
}

fn purge_one(context: &Context, arguments: &cli::key::Purge) -> Result<()> {
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
