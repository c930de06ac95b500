//! Reads the current state of a key, and retries changes based on it.

use anyhow::Result;

use super::{
    error::{Error, is_conflict, or_conflict},
    inventory::candidates,
    key::Key,
    record::Record,
    records,
    selection::Selection,
    store::Keystore,
    stored_record::StoredRecord,
};
use crate::{
    retry::{Policy, Retry},
    token,
};

/// Maximum attempts of a change if other machines change the same key concurrently.
const MAX_ATTEMPTS: u32 = 8;
/// Maximum attempts that may find the key without a record.
const MAX_UNSEEN: u32 = 1;

impl Keystore {
    /// The current state of the key, found by the CKA_ID of its oldest version, which never changes, else by its
    /// record: an interrupted deletion leaves only the record, and a rename gives it another label. [`Error::Conflict`]
    /// if the record is not found: another machine is replacing it, or has, and the module does not see it yet
    /// (SoftHSM).
    pub fn reload(&self, key: &Key) -> Result<Key> {
        let oldest = key.versions.first().map(|version| version.id.clone()).filter(|id| !id.is_empty());
        let label = oldest.is_none().then(|| key.label.clone());
        let found =
            self.select(&Selection { label, id: oldest, ..Selection::default() }).map(|found| found.key);
        let by_record = || {
            let tag = self.names().key_tag(&key.identity());
            by_record(self, records::of_tag(self, &tag)?)
        };
        match found {
            Err(error) if is_not_authentic(&error) => Err(error),
            Ok(found) if found.record.is_some() || key.record.is_none() => Ok(found),
            Ok(found) => Ok(by_record()?.ok_or(Error::Conflict { label: found.label })?),
            Err(error) => by_record()?.ok_or(error),
        }
    }
}

/// Finds a key by its newest record, whatever label its objects have.
pub(super) fn by_record(keystore: &Keystore, records: Vec<StoredRecord>) -> Result<Option<Key>> {
    let Some(newest) = records.into_iter().max_by_key(|stored| stored.record.revision) else {
        return Ok(None);
    };
    let Record { label, identity, .. } = newest.record;
    let selection = Selection { label: Some(label), ..Selection::default() };
    let is_it = |found: &Key| found.record.is_some() && found.identity() == identity;
    let found = candidates(keystore, &selection)?.into_iter().find(is_it);
    found.as_ref().map_or(Ok(()), |found| keystore.authenticate(found))?;
    Ok(found)
}

/// Runs a change, and retries it from the current state after a conflict with another machine.
pub(super) fn retry<T>(
    keystore: &Keystore,
    key: &Key,
    mut attempt: impl FnMut(&Key) -> Result<T>,
) -> Result<T> {
    let mut attempt = |key: &Key| attempt(key).map_err(|error| or_conflict(&key.label, error));
    let (mut outcome, mut unseen) = (attempt(key), 0);
    let mut retry = Retry::new(Policy::CONFLICT);
    while outcome.as_ref().is_err_and(is_passing) && retry.again(MAX_ATTEMPTS - 1) {
        let reloaded = keystore.reload(key);
        // If the module does not see the other machine's record by now, only a new connection will help (SoftHSM).
        unseen += u32::from(reloaded.as_ref().is_err_and(is_conflict));
        if unseen > MAX_UNSEEN || reloaded.as_ref().is_err_and(is_destroyed) {
            break;
        }
        outcome = reloaded.and_then(|key| attempt(&key));
    }
    outcome
}

/// Whether another machine has destroyed the key, or is destroying it: then the token may fail to read its objects.
fn is_destroyed(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::NotFound { .. }))
        || error.downcast_ref().is_some_and(|error: &token::Error| !error.is_lost_connection())
}

/// A conflict, or another machine is between the attributes of a key and its record file.
fn is_passing(error: &anyhow::Error) -> bool {
    is_conflict(error) || matches!(error.downcast_ref(), Some(Error::RecordOutdated { .. }))
}

fn is_not_authentic(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::RecordNotAuthentic { .. }))
}
