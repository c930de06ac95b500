//! What the commands that change a key's record share: the change, and the report of it.

use anyhow::Result;

use crate::{
    cli,
    commands::context::{Context, Need, Opened, selection},
    keystore::{Change, Key, KeyVersion},
    model::Version,
    render::{self, KeyView},
};

/// A key after its change, and the token it is on.
pub(super) struct Done {
    pub(super) key: Key,
    opened: Opened,
}

pub(super) fn change(context: &Context, key: &cli::Selection, change: &Change) -> Result<Done> {
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
pub(super) fn report(context: &Context, done: &Done, what: &str, version: Option<Version>) -> Result<()> {
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
