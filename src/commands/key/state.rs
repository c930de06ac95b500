//! `kmsctl key enable`, `disable`, `revoke`, `restore` and `update`.

use anyhow::Result;

use super::super::context::{Context, Need, Opened, selection};
use crate::{
    cli::{self, UsageError},
    encoding::kmsctl,
    keystore::{Change, Key, KeyVersion, Update},
    model::Version,
    render::{self, KeyView},
};

pub(super) fn enable(context: &Context, arguments: &cli::key::Enable) -> Result<()> {
    let version = arguments.key.key_version;
    let key = change(context, &arguments.key.key, &Change::Enable(version))?;
    report(context, &key, "enabled", version)
}

pub(super) fn disable(context: &Context, arguments: &cli::key::Disable) -> Result<()> {
    let version = arguments.key.key_version;
    let key = change(context, &arguments.key.key, &Change::Disable(version))?;
    report(context, &key, "disabled", version)
}

pub(super) fn revoke(context: &Context, arguments: &cli::key::Revoke) -> Result<()> {
    let request = Change::Revoke { after_days: arguments.after };
    let done = change(context, &arguments.key, &request)?;
    if let Some(date) = done.key.record().and_then(|record| record.destroy_at) {
        context.ui.status(format!("`{}` destroys it from {date} on", kmsctl("key purge --due")));
    }
    report(context, &done, "revoked", None)
}

pub(super) fn restore(context: &Context, arguments: &cli::key::Restore) -> Result<()> {
    let done = change(context, &arguments.key, &Change::Restore)?;
    report(context, &done, "restored, still disabled,", None)
}

pub(super) fn update(context: &Context, arguments: &cli::key::Update) -> Result<()> {
    if arguments.auto_rotate == Some(false) && arguments.rotation_period.is_some() {
        let error = UsageError::new("a key that is rotated by hand has no rotation period");
        return Err(error.hinted("`--rotation-period` goes with `--auto-rotate on`").into());
    }
    let update = Update {
        label: arguments.rename.clone(),
        memo: arguments.memo.clone(),
        signature_algorithm: arguments.signature_algorithm,
        auto_rotation: arguments.auto_rotate,
        rotation_period: arguments.rotation_period,
    };
    let done = change(context, &arguments.key, &Change::Update(update))?;
    report(context, &done, "updated", None)
}

/// A key after its change, and the token it is on.
struct Done {
    key: Key,
    opened: Opened,
}

fn change(context: &Context, key: &cli::Selection, change: &Change) -> Result<Done> {
    let opened = context.open(Need::Write)?;
    let selected = opened.keystore.select(&selection(key, None))?;
    let changed = opened.keystore.change(&selected.key, change)?;
    if !changed.is_enforced {
        context.ui.warning(
            "the token does not change what the key may be used for: kmsctl refuses it, other programs can still use it",
        );
    }
    Ok(Done { key: changed.key, opened })
}

/// Shows the key, at the version that was changed.
fn report(context: &Context, done: &Done, what: &str, version: Option<Version>) -> Result<()> {
    let Done { key, opened } = done;
    let version = version.and_then(|version| key.version(version));
    context.ui.status(match version {
        Some(KeyVersion { version, id, .. }) => {
            format!("{what} version {version} of key {:?} (CKA_ID {id})", key.label)
        }
        None => format!("{what} key {}", render::key_names(key)),
    });
    let version = version.unwrap_or_else(|| key.current());
    let keystore = &opened.keystore;
    let view = KeyView::new(key, version, keystore.names(), keystore.token(), opened.protection);
    context.print(&render::key_details(&view, version))
}
