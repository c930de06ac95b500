//! Rotation: a new version that signs and encrypts from now on, while the older ones still verify and decrypt.

use anyhow::Result;

use super::{
    bind,
    change::refused,
    error::Error,
    key::{Key, KeyVersion},
    lifecycle::{NewIds, Trigger},
    record::Record,
    store::Keystore,
    succession,
};
use crate::{
    algorithm::{Algorithm, KeyKind},
    token::{self, Carried, KeyObject, KeyTemplate},
};

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

    /// Lets the older versions sign for no program any more, as far as the token takes the change: `doctor` tells where it did
    /// not. The record counts already, so that a failure here does not undo the rotation.
    fn supersede(&self, key: &mut Key, record: &Record) {
        for version in &mut key.versions {
            let _ = self.enforce_version(version, record);
        }
    }

    /// A new version that lacks what the old one has is taken back.
    fn require_carried(&self, key: &Key, made: &KeyVersion) -> Result<()> {
        let new = carried(made).names();
        let lost: Vec<_> =
            carried(key.current()).names().into_iter().filter(|name| !new.contains(name)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        self.discard(&made.handles());
        Err(Error::WouldWeaken { label: key.label.clone(), lost }.into())
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
            // Asked for when kmsctl made the key. That another program's key may leave the token is no reason for a new one to.
            extractable: record.exportable && record.created.is_some(),
            carried: carried(key.current()),
        };
        let new_ids: Vec<_> = std::iter::once(&id).chain(&companion).collect();
        let with_leftovers = |error| self.with_leftovers(&key.label, &new_ids, error);
        let made = self
            .make_version(&template, companion.as_ref())
            .map_err(|error| lost(&key, error))
            .and_then(|made| self.require_carried(&key, &made).map(|()| made))
            .map_err(with_leftovers)?;
        let ids =
            NewIds { id: id.clone(), companion: companion.clone(), binding: bind::bind_new(self, &made) };
        let successor = record.rotated(trigger, ids, self.now()).map_err(refused(&key))?;
        let successor = bind::completed(self, &key, successor);
        let newest = successor.newest();
        let mut version = KeyVersion { version: newest.version, created: newest.created, ..made };
        let recorded = self
            .enforce_version(&mut version, &successor)
            .and_then(|_| succession::write(self, Some(&old), &successor));
        match recorded {
            Ok(stored) => {
                self.supersede(&mut key, &successor);
                key.versions.push(version);
                Ok(key.with_record(stored))
            }
            Err(error) => {
                self.discard_unless_recorded(&version.handles(), &error);
                Err(self.with_leftovers(&key.label, &new_ids, error))
            }
        }
    }
}

/// What the versions of a key have beyond kmsctl's own rules.
fn carried(version: &KeyVersion) -> Carried<'_> {
    let any = |is: fn(&KeyObject) -> bool| {
        [&version.secret, &version.public].into_iter().flatten().any(|half| is(half))
    };
    let secret = version.secret.as_deref();
    let is_ec = matches!(version.kind(), Some(KeyKind::Ec(_)));
    Carried {
        always_authenticate: version.protection().always_authenticate == Some(true),
        allowed_mechanisms: secret.map_or(&[], |secret| &secret.allowed_mechanisms),
        // No mechanism wraps by an EC key, whatever its attributes say.
        wrap: !is_ec && any(|half| half.wraps),
        unwrap: !is_ec && any(|half| half.unwraps),
        derive: any(|half| half.derives),
    }
}

/// A creation that failed for what the new version was to take over from the old one.
fn lost(key: &Key, error: anyhow::Error) -> anyhow::Error {
    let names = carried(key.current()).names();
    let is_named = |text: &String| names.iter().any(|name| text.starts_with(name));
    let is_refusal = error.downcast_ref().is_some_and(token::Error::refuses_template)
        || matches!(error.downcast_ref(), Some(Error::NotAsAsked { deviations, .. }) if deviations.iter().any(is_named));
    if names.is_empty() || !is_refusal {
        return error;
    }
    Error::WouldWeaken { label: key.label.clone(), lost: names }.into()
}

/// What the next version is made of. A key that kmsctl could not have made gets none.
pub(super) fn made_here(key: &Key, algorithm: Option<Algorithm>) -> Result<Algorithm, Error> {
    algorithm.ok_or_else(|| Error::NotMadeHere { kind: key.kind(), label: key.label.clone() })
}
