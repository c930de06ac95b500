//! `kmsctl key rotate` and `kmsctl key versions`.

use anyhow::{Context as _, Result};

use super::super::context::{Context, Need, Opened, selection};
use crate::{
    cli,
    keystore::{Error, Key, Refusal, Trigger},
    render::{self, KeyView, Rotation},
    ui::Measure,
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

/// Rotates all keys whose time has come with one login. A key that fails does not keep the others from theirs.
fn rotate_due(context: &Context) -> Result<()> {
    let opened = context.open(Need::Write)?;
    let mut done = Vec::new();
    let mut first_error = None;
    let due = due_keys(&opened)?;
    let all = due.len() as u64;
    let progress = context.ui.progress("rotating", Measure::Steps { total: Some(all) });
    for (number, key) in (0..).zip(&due) {
        progress.at(number, all, format_args!("rotating key {:?}", key.label));
        match opened.keystore.rotate(key, Trigger::Schedule) {
            Ok(key) => done.push(Rotation::done(&key)),
            // Another machine was faster.
            Err(error) if is_done_already(&error) => {}
            Err(error) => {
                context.ui.warning(format!("key {} was not rotated: {error:#}", render::key_names(key)));
                first_error.get_or_insert(error);
            }
        }
    }
    drop(progress);
    context.ui.status(format!("{} of {} keys rotated", done.len(), due.len()));
    context.print(&render::rotations(&done))?;
    match first_error {
        None => Ok(()),
        Some(error) => Err(error).with_context(|| format!("{} of {} keys rotated", done.len(), due.len())),
    }
}

fn is_done_already(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Refused { refusal: Refusal::NotDue { .. }, .. }))
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
