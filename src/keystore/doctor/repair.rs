//! Repairs that cannot lose a key: restores labels and usage attributes from the record, removes superseded records, restores
//! proven public halves, completes rotations. A record file, which may be an old one that was put back, decides nothing
//! about versions that only it or only the token allows to be used. Destroys private and secret keys only if the record says that
//! the key is being destroyed.

use std::{fmt, thread, time::Duration};

use anyhow::Result;

use super::{
    Doctor, Examination, keys,
    proof::{PUBLIC_KEY_MISMATCH, moved},
    records::{Leftover, leftover, successor},
};
use crate::{
    keystore::{
        adopt::{self, Stray},
        bind, brought_back,
        enforce::{self, interrupted_rename},
        error::Error,
        key::{Key, KeyVersion},
        mac,
        record::Record,
        records, rotate,
        stored_record::StoredRecord,
        transaction::Transaction,
        vouch,
    },
    model::{Usage, Version},
    token::{Carried, Class, KeyObject, KeyTemplate},
};

/// Another machine may be about to destroy the predecessor of a record that it just wrote. A record that still exists
/// after this time is stale.
const SETTLING_TIME: Duration = Duration::from_secs(1);

/// A completed repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repaired {
    RecordRemoved { label: String, revision: u64 },
    SecondRecordRemoved { label: String },
    LabelsRestored { label: String },
    UsesRepaired { label: String },
    PublicKeyRestored { label: String, version: Version },
    RecordCompleted { label: String },
    RotationCompleted { label: String, version: Version },
    StraysDestroyed { label: String },
    Destroyed { label: String },
    RecordsAccepted,
}

impl Repaired {
    /// The key, if it is about one.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::RecordRemoved { label, .. }
            | Self::SecondRecordRemoved { label }
            | Self::LabelsRestored { label }
            | Self::UsesRepaired { label }
            | Self::PublicKeyRestored { label, .. }
            | Self::RecordCompleted { label }
            | Self::RotationCompleted { label, .. }
            | Self::StraysDestroyed { label }
            | Self::Destroyed { label } => Some(label),
            Self::RecordsAccepted => None,
        }
    }
}

impl fmt::Display for Repaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordRemoved { revision, .. } => {
                write!(f, "removed the superseded revision {revision} of its record")
            }
            Self::SecondRecordRemoved { .. } => {
                f.write_str("took its versions from the second record that named them")
            }
            Self::LabelsRestored { .. } => f.write_str("restored the label of its objects from its record"),
            Self::UsesRepaired { .. } => {
                f.write_str("changed its usage attributes on the token to those of its record")
            }
            Self::PublicKeyRestored { version, .. } => {
                write!(f, "restored the public key of version {version}")
            }
            Self::RecordCompleted { .. } => f.write_str("updated its record to the keys on the token"),
            Self::RotationCompleted { version, .. } => {
                write!(f, "completed its rotation to version {version}")
            }
            Self::StraysDestroyed { .. } => {
                f.write_str("destroyed what rotations left that did not take place")
            }
            Self::Destroyed { .. } => f.write_str("completed its destruction"),
            Self::RecordsAccepted => f.write_str("authenticated all records with a new key"),
        }
    }
}

impl Doctor<'_> {
    /// Repairs every repairable finding. The caller holds the token's exclusive lock.
    pub fn repair(&self, examination: &Examination) -> Result<Vec<Repaired>> {
        let mut repaired = self.unite(examination)?;
        let united = if repaired.is_empty() { None } else { Some(self.examine()?) };
        repaired.extend(self.repair_once(united.as_ref().unwrap_or(examination))?);
        if !repaired.is_empty() {
            // A private half that may be used again can be tried, and shows whose it is.
            repaired.extend(self.repair_once(&self.examine()?)?);
        }
        Ok(repaired)
    }

    fn repair_once(&self, examination: &Examination) -> Result<Vec<Repaired>> {
        let mut repaired = self.repair_proofs(examination)?;
        if repaired.is_empty() {
            return self.repair_states(examination);
        }
        // Examine again: objects have changed.
        repaired.extend(self.repair_states(&self.examine()?)?);
        Ok(repaired)
    }

    /// Restores labels and uses from the records, and removes superseded records.
    fn repair_states(&self, examination: &Examination) -> Result<Vec<Repaired>> {
        let mut repaired = Vec::new();
        let keys = &examination.inventory.keys;
        let is_forged = |label: &str| examination.forged.contains(label);
        for key in keys.iter().filter(|key| !is_forged(&key.label) && !is_mixed_up(examination, &key.label)) {
            let known = |stored: &&StoredRecord| stored.record.schema <= Record::SCHEMA;
            let Some(stored) = key.record.as_ref().filter(known) else { continue };
            repaired.extend(self.restore_attributes(key, stored)?);
        }
        let is_void = |examination: &Examination, stored: &StoredRecord| {
            successor(&examination.inventory.keys, stored).is_some_and(|newest| {
                leftover(&stored.record, newest) == Leftover::Covered && !is_forged(&newest.label)
            })
        };
        if examination.superseded.iter().any(|stored| is_void(examination, stored)) {
            thread::sleep(SETTLING_TIME);
            let now = self.examine()?;
            let was_there = |stored: &&StoredRecord| {
                examination.superseded.iter().any(|earlier| earlier.place == stored.place)
            };
            for stored in now.superseded.iter().filter(was_there).filter(|stored| is_void(&now, stored)) {
                self.outdate(&now, stored)?;
                records::destroy(self.keystore, &stored.place)?;
                let (label, revision) = (stored.record.label.clone(), stored.record.revision);
                repaired.push(Repaired::RecordRemoved { label, revision });
            }
        }
        Ok(repaired)
    }

    /// Completes interrupted rotations, and destroys the objects of those that another one replaced.
    fn repair_strays(&self, key: &Key) -> Result<Vec<Repaired>> {
        let mut repaired = Vec::new();
        let Some(record) = key.record().filter(|record| record.schema <= Record::SCHEMA) else {
            return Ok(repaired);
        };
        let label = || key.label.clone();
        let strays = adopt::strays(self.keystore.names(), key);
        for object in strays.iter().filter(|stray| stray.is_void(record)).flat_map(Stray::objects) {
            self.keystore.session().destroy(object.handle)?;
            repaired = vec![Repaired::StraysDestroyed { label: label() }];
        }
        if rotate::interrupted(self.keystore, key).is_some() {
            match rotate::complete(self.keystore, key) {
                Ok(key) => {
                    repaired.push(Repaired::RotationCompleted { label: label(), version: key.newest() });
                }
                // `doctor` still reports it.
                Err(error) if error.is::<Error>() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(repaired)
    }

    /// Restores proven public keys, and completes the records.
    fn repair_proofs(&self, examination: &Examination) -> Result<Vec<Repaired>> {
        let mut repaired = Vec::new();
        let records: Vec<_> =
            examination.inventory.keys.iter().filter_map(|key| key.record.clone()).collect();
        let is_bare = mac::unsealed(self.keystore, &records)? > 0 && mac::can_seal(self.keystore);
        if is_bare || mac::is_key_lost(self.keystore, &records)? {
            mac::replace_key(self.keystore)?;
            return Ok(vec![Repaired::RecordsAccepted]);
        }
        for key in &examination.inventory.keys {
            if let Some(stored) = &key.record
                && !mac::is_authentic(self.keystore, stored)?
            {
                continue;
            }
            if key.is_being_destroyed() {
                self.keystore.destroy(key)?;
                repaired.push(Repaired::Destroyed { label: key.label.clone() });
                continue;
            }
            for version in &key.versions {
                if self.restore_public_key(&examination.inventory.keys, key, version)? {
                    let (label, version) = (key.label.clone(), version.version);
                    repaired.push(Repaired::PublicKeyRestored { label, version });
                }
            }
            if self.complete_record(key)? {
                repaired.push(Repaired::RecordCompleted { label: key.label.clone() });
            } else if !is_mixed_up(examination, &key.label) {
                repaired.extend(self.repair_strays(key)?);
            }
        }
        Ok(repaired)
    }

    /// Replaces a missing or wrong public object with the proven public key. Creates the right one first: after a crash
    /// both exist, and the right one is used. Never destroys the public half of another key.
    fn restore_public_key(&self, keys: &[Key], key: &Key, version: &KeyVersion) -> Result<bool> {
        let Some(secret) = version.secret.as_deref().filter(|secret| secret.class == Class::Private) else {
            return Ok(false);
        };
        let is_missing = key.record.is_some() && version.public.is_none() && version.certificates.is_empty();
        let is_wrong = || {
            let binding = key.binding(version.version);
            let half = vouch::public_half_of(self.keystore, &key.label, version, &binding);
            half.is_err_and(|error| error.downcast_ref().is_some_and(Error::is_wrong_public_half))
        };
        if !is_missing && !is_wrong() {
            return Ok(false);
        }
        let Some(public) = self.proven_public_key(key, version) else { return Ok(false) };
        let usage = key.record().map_or(
            Usage { verify: secret.usage.sign, encrypt: secret.usage.decrypt, ..Usage::NONE },
            |record| record.usage,
        );
        let template = KeyTemplate {
            kind: secret.kind,
            label: if secret.label.is_empty() { &key.label } else { &secret.label },
            id: &version.id,
            usage,
            is_id_free: false,
            extractable: false,
            carried: Carried::default(),
        };
        // Where only the private half was renumbered, the public one follows it.
        let is_it =
            |object: &&KeyObject| object.public_key().is_some_and(|key| key.is_ok_and(|key| key == public));
        let own = version.public_objects().filter(|object| object.id != version.id).find(is_it);
        if own.is_none_or(|own| self.keystore.session().set_id(own.handle, &version.id).is_err()) {
            self.keystore.session().create_public(&template, &public)?;
        }
        let is_of_a_key = |object: &KeyObject| {
            let fingerprint = object.public_key().and_then(Result::ok).map(|key| key.fingerprint());
            fingerprint.is_some_and(|fingerprint| keys.iter().any(|key| is_half_of(key, fingerprint)))
        };
        for object in version.public_objects().filter(|object| !is_of_a_key(object)) {
            self.keystore.session().destroy(object.handle)?;
        }
        Ok(true)
    }

    /// Adds missing bindings and current CKA_IDs to a record.
    fn complete_record(&self, key: &Key) -> Result<bool> {
        let Some(stored) = key.record.as_ref().filter(|stored| stored.record.schema <= Record::SCHEMA) else {
            return Ok(false);
        };
        let is_moved = moved(key).next().is_some();
        if !is_moved && !key.versions.iter().any(|version| self.is_bindable(key, version)) {
            return Ok(false);
        }
        let successor = bind::completed(self.keystore, key, stored.record.revised());
        self.write(stored, &successor)?;
        Ok(true)
    }

    /// The writer of the newest record may still be about to destroy its predecessor, and would withdraw its own record
    /// if another program did that first. It does not once its record has a successor.
    fn outdate(&self, examination: &Examination, stored: &StoredRecord) -> Result<()> {
        let newest = examination.inventory.keys.iter().filter_map(|key| key.record.as_ref()).find(|newest| {
            newest.record.identity == stored.record.identity
                && newest.record.revision == stored.record.revision.saturating_add(1)
        });
        newest.map_or(Ok(()), |newest| self.write(newest, &newest.record.revised()))
    }

    pub(super) fn write(&self, old: &StoredRecord, record: &Record) -> Result<()> {
        let change = Transaction::begin(self.keystore, &old.record.label, Some(old));
        change.run(|transaction| transaction.write(record)).map(drop)
    }

    /// Makes labels and uses agree with the record. The record gets a successor, which decides against another machine that is
    /// changing them; on a full token, nothing does.
    fn restore_attributes(&self, key: &Key, stored: &StoredRecord) -> Result<Vec<Repaired>> {
        let (record, mut repaired) = (&stored.record, Vec::new());
        let done = Transaction::begin(self.keystore, &key.label, Some(stored)).run(|transaction| {
            if interrupted_rename(key, record).is_some() && enforce::labels(self.keystore, key, record)? {
                repaired.push(Repaired::LabelsRestored { label: key.label.clone() });
            }
            let disagrees = key.versions.iter().any(|version| keys::state(stored, version).is_some());
            let decides = |_| !enforce::may_be_old(stored);
            if disagrees && enforce::repair(self.keystore, key, record, decides)? {
                repaired.push(Repaired::UsesRepaired { label: key.label.clone() });
            }
            if !repaired.is_empty() {
                transaction.write(&record.revised())?;
            }
            Ok(())
        });
        match done {
            Err(error) if matches!(error.downcast_ref(), Some(Error::NoRoom { .. })) => Ok(repaired),
            Err(error) => {
                brought_back::suspect(self.keystore, key);
                Err(error)
            }
            done => done.map(|()| repaired),
        }
    }
}

/// Whether the record names objects of another key, which may have to stay disabled.
fn is_mixed_up(examination: &Examination, label: &str) -> bool {
    let mut findings = examination.findings.iter();
    findings.any(|one| one.code == PUBLIC_KEY_MISMATCH && one.subject.as_deref() == Some(label))
}

/// Whether a version of the key is known to have this fingerprint.
fn is_half_of(key: &Key, fingerprint: [u8; 32]) -> bool {
    key.versions.iter().any(|version| {
        key.binding(version.version).spki_sha256 == Some(fingerprint)
            || version.guarded_numbers().is_some_and(|own| own.fingerprint() == fingerprint)
    })
}
