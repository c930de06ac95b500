//! Rotation: a new version that signs and encrypts from now on, while the older ones still verify and decrypt.

use anyhow::Result;

use super::{
    Keystore,
    change::refused,
    error::Error,
    key::{Key, KeyVersion},
    lifecycle::{NewIds, Trigger},
    record::Record,
};
use crate::{model::Algorithm, token::KeyTemplate};

impl Keystore {
    /// Gives a key its next version. The caller holds the token's exclusive lock.
    ///
    /// The new objects come first, used once as a proof, and the record last. A crash in between leaves objects that no
    /// record names; their CKA_ID tells whose they were to be.
    pub fn rotate(&self, key: &Key, trigger: Trigger) -> Result<Key> {
        let allowed = |record: &Record| {
            record.may_rotate(trigger, self.now()).map_err(refused(key))?;
            made_here(key, record.algorithm).map(drop)
        };
        let key = self.recorded(key, allowed)?;
        self.settle(&key, |key| self.rotate_once(key.clone(), trigger))
    }

    /// Whether a key may be rotated by hand now.
    pub fn may_rotate(&self, key: &Key) -> Result<(), Error> {
        let allowed = key.record().map_or(Ok(()), |record| record.may_rotate(Trigger::Hand, self.now()));
        allowed.map_err(refused(key))?;
        let algorithm = key.record().map_or_else(|| key.kind()?.algorithm(), |record| record.algorithm);
        made_here(key, algorithm).map(drop)
    }

    fn rotate_once(&self, mut key: Key, trigger: Trigger) -> Result<Key> {
        let old = key.stored()?.clone();
        old.record.may_rotate(trigger, self.now()).map_err(refused(&key))?;
        let algorithm = made_here(&key, old.record.algorithm)?;
        let record = &old.record;
        let id = self.version_id(&record.identity)?;
        let companion = if record.convergent { Some(self.version_id(&record.identity)?) } else { None };
        let template = KeyTemplate {
            algorithm,
            label: &key.label,
            id: &id,
            usage: record.usage,
            extractable: record.exportable,
        };
        let made = self.make_version(&template, companion.as_ref())?;
        let ids = NewIds { id: id.clone(), companion: companion.clone(), binding: self.bind_new(&made) };
        let successor = record.rotated(trigger, ids, self.now()).map_err(refused(&key))?;
        let successor = self.completed(&key, successor);
        let newest = successor.newest();
        let mut version = KeyVersion { version: newest.version, created: newest.created, ..made };
        let recorded = self
            .enforce_version(&mut version, &successor)
            .and_then(|_| self.write_record(Some(&old), &successor));
        match recorded {
            Ok(stored) => {
                key.versions.push(version);
                Ok(key.with_record(stored))
            }
            Err(error) => {
                self.discard_unless_recorded(&version.handles(), &error);
                Err(error)
            }
        }
    }
}

/// What the next version is made of. A key that kmsctl could not have made gets none.
pub(super) fn made_here(key: &Key, algorithm: Option<Algorithm>) -> Result<Algorithm, Error> {
    algorithm.ok_or_else(|| Error::NotMadeHere { kind: key.kind(), label: key.label.clone() })
}
