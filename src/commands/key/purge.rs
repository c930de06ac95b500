//! `kmsctl key purge`.

use anyhow::Result;

use super::{
    super::context::{Context, Need, selection},
    delete::{confirm, confirm_all},
};
use crate::{
    cli,
    keystore::{Key, Trigger},
    render,
    ui::Measure,
};

pub(super) fn purge(context: &Context, arguments: &cli::key::Purge) -> Result<()> {
    let opened = context.open(Need::Write)?;
    let keystore = &opened.keystore;
    if arguments.key.is_given() {
        let key = keystore.select(&selection(&arguments.key, None))?.key;
        keystore.may_purge(&key, Trigger::Hand)?;
        if !arguments.yes {
            confirm(context, &key)?;
        }
        let destroyed = keystore.purge(&key, Trigger::Hand)?;
        context.ui.status(format!("purged key {}", render::key_names(&key)));
        return context.print(&render::deleted(&key.label, &destroyed));
    }
    let is_due = |key: &Key| keystore.may_purge(key, Trigger::Schedule).is_ok();
    let due: Vec<_> = keystore.inventory()?.keys.into_iter().filter(is_due).collect();
    if !due.is_empty() && !arguments.yes {
        confirm_all(context, &due)?;
    }
    let mut purged = Vec::new();
    let all = due.len() as u64;
    let progress = context.ui.progress("purging", Measure::Steps { total: Some(all) });
    for (number, key) in (0..).zip(due) {
        progress.at(number, all, format_args!("purging key {:?}", key.label));
        purged.push((key.label.clone(), keystore.purge(&key, Trigger::Schedule)?));
        context.ui.status(format!("purged key {}", render::key_names(&key)));
    }
    drop(progress);
    context.print(&render::purged(&purged))
}
