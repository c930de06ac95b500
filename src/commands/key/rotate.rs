//! `kmsctl key rotate` and `kmsctl key versions`.

use anyhow::Result;

use super::{
    super::context::{Context, Need, Opened, selection},
    due,
};
use crate::{
    cli,
    keystore::{Error, Key, Trigger},
    render::{self, KeyView, Rotation},
};

pub(super) fn rotate(context: &Context, arguments: &cli::key::Rotate) -> Result<()> {
    match (arguments.due, arguments.check, arguments.dry_run) {
        (true, true, _) => check(context),
        (true, false, true) => {
            let opened = context.open(Need::Read)?;
            let due = due_keys(&opened)?;
            let plans: Vec<_> = due.iter().map(Rotation::planned).collect();
            context.print(&render::rotations(&plans))
        }
        (true, false, false) => rotate_due(context),
        (false, _, dry_run) => rotate_one(context, &arguments.key, dry_run),
    }
}

fn rotate_one(context: &Context, key: &cli::Selection, dry_run: bool) -> Result<()> {
    let opened = context.open(if dry_run { Need::Read } else { Need::Write })?;
    let keystore = &opened.keystore;
    let key = keystore.select(&selection(key, None))?.key;
    if dry_run {
        keystore.may_rotate(&key)?;
        return context.print(&render::rotations(&[Rotation::planned(&key)]));
    }
    let progress = context.waiting(format_args!("rotating key {:?}", key.label));
    let key = keystore.rotate(&key, Trigger::Hand)?;
    drop(progress);
    let version = key.current();
    context.ui.status(format!("version {} of key {} is current", version.version, render::key_names(&key)));
    let view = KeyView::new(&key, version, keystore.names(), keystore.token(), opened.protection);
    context.print(&render::key_details(&view, version))
}

/// Exit 3 when something is due. Changes nothing.
fn check(context: &Context) -> Result<()> {
    let due = due_keys(&context.open(Need::Read)?)?;
    let plans: Vec<_> = due.iter().map(Rotation::planned).collect();
    context.print(&render::rotations(&plans))?;
    if due.is_empty() { Ok(()) } else { Err(Error::RotationsDue { count: due.len() }.into()) }
}

/// Rotates all keys whose time has come.
fn rotate_due(context: &Context) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let due = due_keys(&opened)?;
    let rotated = due::each(context, &mut opened, &due, "rotating", |keystore, key| {
        Ok(Rotation::done(&keystore.rotate(key, Trigger::Schedule)?))
    });
    rotated.report(context, "rotated", render::rotations)
}

fn due_keys(opened: &Opened) -> Result<Vec<Key>> {
    let keystore = &opened.keystore;
    let is_due = |key: &Key| key.record().is_some_and(|record| record.is_rotation_due(keystore.now()));
    Ok(keystore.inventory()?.keys.into_iter().filter(is_due).collect())
}

pub(super) fn versions(context: &Context, arguments: &cli::key::Versions) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
    context.print(&render::key_versions(&key))
}
