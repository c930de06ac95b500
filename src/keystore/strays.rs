//! Objects of a version that no record names: a rotation was interrupted before it wrote its record.
//!
//! Nothing can have used them, so they are destroyed: by the next rotation of the key, and by `doctor --repair`. Only once
//! a new record has replaced the one that the rotation was based on: if it is still running elsewhere, it fails then.

use super::{
    key::{Key, RecordPlace},
    store::Keystore,
};
use crate::token::KeyObject;

/// The strays that a rotation of today or yesterday left. A record file may have been restored from a backup that is older
/// than a completed rotation, whose objects then are none of these.
pub(super) fn unused<'key>(
    keystore: &'key Keystore,
    key: &'key Key,
) -> impl Iterator<Item = &'key KeyObject> {
    let record = key
        .record
        .as_ref()
        .filter(|stored| matches!(stored.place, RecordPlace::Object(_)) && !key.is_settling)
        .map(|stored| &stored.record);
    let is_recent = move |object: &&KeyObject| {
        record.is_some_and(|record| {
            keystore.names().is_recent_version_id(record.first_id(), keystore.now(), &object.id)
        })
    };
    key.strays.iter().filter(is_recent)
}

/// Destroys them, after the record of the key was replaced. Best effort: `doctor` reports what is left.
pub(super) fn destroy(keystore: &Keystore, key: &Key) {
    for object in unused(keystore, key) {
        let _ = keystore.session().destroy(object.handle);
    }
}
