//! Objects of a destroyed key or version that this run brought back: SoftHSM writes the file of an object anew when an
//! attribute is set, even if another process has destroyed the object since the call began. Neither process can see that
//! before its next connection, so the keys that may be affected are noted, and looked at afresh.

use anyhow::Result;

use super::{
    error::Error,
    key::Key,
    record::{Record, VersionRecord},
    records,
    store::Keystore,
    stored_record::RecordPlace,
    suspects::Suspect,
};
use crate::{
    model::KeyId,
    retry::{Policy, Retry},
    token::{Class, KeyObject, Search},
};

impl Keystore {
    /// Destroys what an earlier connection of this run brought back. The caller holds the token's exclusive lock.
    pub fn remove_brought_back(&self) -> Result<()> {
        for Suspect { key, touched } in self.suspects().take() {
            match newest(self, &key)? {
                Newest::Gone => remove(self, &key, &touched)?,
                Newest::Record(record) => remove_versions(self, &key, &record, &touched)?,
                Newest::Deleting => {}
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
    let touched: Vec<_> = found(keystore, ids(key))
        .unwrap_or_default()
        .into_iter()
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
    versions.flat_map(VersionRecord::ids)
}

/// What the token says of a key that this run has changed.
enum Newest {
    Gone,
    Record(Box<Record>),
    /// Its destruction does not end.
    Deleting,
}

/// At any time of a change there is a record. Waits for a destruction that has begun.
fn newest(keystore: &Keystore, key: &Key) -> Result<Newest> {
    const MAX_LOOKS: u32 = 7;
    let tag = keystore.names().key_tag(&key.identity());
    let (mut retry, mut was_missing) = (Retry::new(Policy::SETTLING), false);
    loop {
        let records = records::of_tag(keystore, &tag)?;
        let is_missing = records.is_empty();
        let in_force = records.into_iter().map(|stored| stored.record).filter(|record| !record.is_deleting);
        if let Some(record) = in_force.max_by_key(|record| record.revision) {
            return Ok(Newest::Record(Box::new(record)));
        }
        // A list of files that is read during a change may lack both records.
        if is_missing && was_missing {
            return Ok(Newest::Gone);
        }
        was_missing = is_missing;
        if !retry.again(MAX_LOOKS) {
            return Ok(Newest::Deleting);
        }
    }
}

/// Destroys what was brought back of versions that were destroyed since, or are being destroyed.
fn remove_versions(
    keystore: &Keystore,
    key: &Key,
    newest: &Record,
    touched: &[(Class, KeyId)],
) -> Result<()> {
    let known = key.record().filter(|known| known.revision < newest.revision);
    let doomed = known
        .into_iter()
        .flat_map(|known| &known.versions)
        .filter(|version| newest.version(version.version).is_none_or(VersionRecord::is_being_destroyed));
    for object in found(keystore, doomed.flat_map(VersionRecord::ids))? {
        if is_touched(touched, &object) {
            keystore.session().destroy(object.handle)?;
        }
    }
    Ok(())
}

/// Destroys the objects of a key without a record, unless there is one that was not brought back: then it was not destroyed.
fn remove(keystore: &Keystore, key: &Key, touched: &[(Class, KeyId)]) -> Result<()> {
    let left = found(keystore, ids(key))?;
    if left.iter().all(|object| is_touched(touched, object)) {
        for object in left {
            keystore.session().destroy(object.handle)?;
        }
    }
    Ok(())
}

fn found<'a>(keystore: &Keystore, ids: impl Iterator<Item = &'a KeyId>) -> Result<Vec<KeyObject>> {
    let mut found = Vec::new();
    for id in ids.filter(|id| !id.is_empty()) {
        found.extend(keystore.session().keys(Search::Id(id))?);
    }
    Ok(found)
}

fn is_touched(touched: &[(Class, KeyId)], object: &KeyObject) -> bool {
    touched.contains(&(object.class, object.id.clone()))
}
