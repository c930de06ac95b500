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
    match (arguments.due, arguments.dry_run || arguments.check) {
        (true, false) => rotate_due(context),
        (false, false) => rotate_one(context, &arguments.key),
        (_, true) => plan(context, arguments),
    }
}

fn rotate_one(context: &Context, key: &cli::Selection) -> Result<()> {
    let opened = context.open(Need::Write)?;
    let keystore = &opened.keystore;
    let key = keystore.select(&selection(key, None))?.key;
    let progress = context.waiting(format_args!("rotating key {:?}", key.label));
    let key = keystore.rotate(&key, Trigger::Hand)?;
    drop(progress);
    let version = key.current();
    context.ui.status(format!("version {} of key {} is current", version.version, render::key_names(&key)));
    let view = KeyView::new(&key, version, keystore.names(), keystore.token(), opened.protection);
    context.print(&render::key_details(&view, version))
}

/// Says what would be done, and changes nothing. A check ends with exit 3 when a rotation is due.
fn plan(context: &Context, arguments: &cli::key::Rotate) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let keys = if arguments.due {
        due_keys(&opened)?
    } else {
        let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
        if arguments.check {
            Vec::from_iter(Some(key).filter(|key| is_due(&opened, key)))
        } else {
            opened.keystore.may_rotate(&key)?;
            vec![key]
        }
    };
    let plans: Vec<_> = keys.iter().map(Rotation::planned).collect();
    context.print(&render::rotations(&plans))?;
    match keys.len() {
        count if arguments.check && count > 0 => Err(Error::RotationsDue { count }.into()),
        _ => Ok(()),
    }
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
    let keys = opened.keystore.inventory()?.keys;
    Ok(keys.into_iter().filter(|key| is_due(opened, key)).collect())
}

fn is_due(opened: &Opened, key: &Key) -> bool {
    key.record().is_some_and(|record| record.is_rotation_due(opened.keystore.now()))
}

pub(super) fn versions(context: &Context, arguments: &cli::key::Versions) -> Result<()> {
    let opened = super::open_to_list(context)?;
    let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
    context.print(&render::key_versions(&key))
}
