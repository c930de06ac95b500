//! Objects of a destroyed key that this run brought back: SoftHSM writes the file of an object anew when an attribute is set,
//! even if another process has destroyed the object since the call began. Neither process can see that before its next
//! connection, so the keys that may be affected are noted, and looked at afresh.

use anyhow::Result;

use super::{
    error::Error,
    key::{Key, RecordPlace},
    record::VersionRecord,
    records,
    store::Keystore,
    suspects::Suspect,
};
use crate::{
    model::KeyId,
    retry::{Policy, Retry},
    token::{Class, Search},
};

impl Keystore {
    /// Destroys what an earlier connection of this run brought back. The caller holds the token's exclusive lock.
    pub fn remove_brought_back(&self) -> Result<()> {
        for Suspect { key, touched } in self.suspects().take() {
            if is_destroyed(self, &key)? {
                remove(self, &key, &touched)?;
            }
        }
        Ok(())
    }
}

/// Notes a key whose record was replaced or destroyed, if this run has set attributes of its objects.
pub(super) fn suspect(keystore: &Keystore, key: &Key) {
    // An object of another key with one of its CKA_IDs could not be told apart.
    if !keystore.session().has_changed_objects() || !key.others.is_empty() {
        return;
    }
    let found = ids(key).flat_map(|id| keystore.session().keys(Search::Id(id)).unwrap_or_default());
    let touched: Vec<_> = found
        .filter(|object| keystore.session().has_changed(object.handle))
        .map(|object| (object.class, object.id))
        .collect();
    if !touched.is_empty() {
        let suspect = Suspect { key: key.clone(), touched };
        keystore.suspects().add(suspect);
    }
}

/// Whether the record of a key is gone, after attributes were set about which no later step decides.
pub(super) fn has_lost_record(keystore: &Keystore, key: &Key) -> bool {
    let Some(RecordPlace::Object(handle)) = key.record.as_ref().map(|stored| &stored.place) else {
        return false;
    };
    let is_lost = keystore.session().has_changed_objects() && keystore.session().is_gone(*handle);
    if is_lost {
        suspect(keystore, key);
    }
    is_lost
}

/// For a change that took effect, and counts if another one came after it: [`Error::Conflict`] only if its key was
/// destroyed.
pub(super) fn require_current(keystore: &Keystore, key: &Key) -> Result<(), Error> {
    let current = key.current().secret.as_ref();
    let is_gone = || current.is_none_or(|secret| keystore.session().is_gone(secret.handle));
    if has_lost_record(keystore, key) && is_gone() {
        return Err(Error::Conflict { label: key.label.clone() });
    }
    Ok(())
}

/// The CKA_IDs of all versions, read or not.
fn ids(key: &Key) -> impl Iterator<Item = &KeyId> {
    let versions = key.record().into_iter().flat_map(|record| &record.versions);
    versions.flat_map(VersionRecord::ids).filter(|id| !id.is_empty())
}

/// Whether the key has no record any more: at any time of a change there is one. Waits for a destruction that has begun.
fn is_destroyed(keystore: &Keystore, key: &Key) -> Result<bool> {
    const MAX_LOOKS: u32 = 7;
    let tag = keystore.names().key_tag(&key.identity());
    let (mut retry, mut was_missing) = (Retry::new(Policy::SETTLING), false);
    loop {
        let records = records::of_tag(keystore, &tag)?;
        if records.iter().any(|stored| !stored.record.is_deleting) {
            return Ok(false);
        }
        // A list of files that is read during a change may lack both records.
        if records.is_empty() && was_missing {
            return Ok(true);
        }
        was_missing = records.is_empty();
        if !retry.again(MAX_LOOKS) {
            return Ok(false);
        }
    }
}

/// Destroys the objects, unless another one of the key is left: then it was not destroyed.
fn remove(keystore: &Keystore, key: &Key, touched: &[(Class, KeyId)]) -> Result<()> {
    let mut left = Vec::new();
    for id in ids(key) {
        left.extend(keystore.session().keys(Search::Id(id))?);
    }
    if left.iter().all(|object| touched.contains(&(object.class, object.id.clone()))) {
        for object in left {
            keystore.session().destroy(object.handle)?;
        }
    }
    Ok(())
}
