//! Changes of state and settings, carried out: the rules of [`super::lifecycle`], the token's attributes, the record.
//!
//! The attributes change first and the record last. A crash in between leaves a record that says what was before, so that
//! the same command finishes, and an examination sees attributes that disagree with it.

use std::{thread, time::Duration};

use anyhow::Result;

use super::{
    bind,
    error::{Error, is_conflict},
    inventory,
    key::{Key, KeyVersion, StoredRecord},
    lifecycle::{Change, Refusal, Trigger, Update},
    record::{ForeignUsage, Record},
    records,
    rotate::made_here,
    selection::Selection,
    store::Keystore,
    succession,
};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    model::{KeyId, Status, Usage},
    token::{Class, KeyObject, Uses},
};

/// A change that is made.
#[derive(Debug)]
pub struct Changed {
    pub key: Key,
    /// Whether the token states the usage that the record asks for. If not, other programs may do what the record forbids.
    pub is_enforced: bool,
}

/// How often a change is made again when others change the same key at the same moment.
const TRIES: u32 = 8;
/// How often it may then be without a record.
const UNSEEN: u32 = 1;

impl Keystore {
    /// Changes a key's state or settings. The caller holds the token's exclusive lock.
    pub fn change(&self, key: &Key, change: &Change) -> Result<Changed> {
        let allowed = |record: &Record| {
            if matches!(change, Change::Update(Update { auto_rotation: Some(true), .. })) {
                made_here(key, record.algorithm)?;
            }
            if let Change::Update(Update { signature_algorithm: Some(asked), .. }) = change {
                signs_by(key, *asked)?;
            }
            record.changed(change, self.now()).map(drop).map_err(refused(key))
        };
        let mut tries = 0;
        let changed = self.recorded(key, allowed).and_then(|key| {
            self.settle(&key, |key| {
                tries += 1;
                self.change_once(key, change)
            })
        });
        // A try that met another change left the objects to it, which it may have found changed already.
        if changed.as_ref().is_err_and(is_refusal) && (tries > 1 || !agrees(key)) {
            self.restore_objects(key);
        }
        changed
    }

    fn change_once(&self, key: &Key, change: &Change) -> Result<Changed> {
        let old = key.stored()?.clone();
        let successor =
            bind::completed(self, key, old.record.changed(change, self.now()).map_err(refused(key))?);
        self.carry_out(key.clone(), &old, &successor).inspect_err(|error| {
            // After a conflict or a half-written record it is another record than the old one that may count.
            if !matches!(error.downcast_ref(), Some(Error::Conflict { .. } | Error::RecordUnsettled { .. })) {
                self.restore_objects(key);
            }
        })
    }

    fn carry_out(&self, mut key: Key, old: &StoredRecord, successor: &Record) -> Result<Changed> {
        if successor.label != key.label {
            self.relabel(&mut key, &successor.label)?;
        }
        let is_enforced = self.enforce(&mut key, successor)?;
        let stored = succession::write(self, Some(old), successor)?;
        Ok(Changed { key: key.with_record(stored), is_enforced })
    }

    /// Makes the objects of a key agree with its record again. Both are read anew: a call that failed can have taken effect.
    /// As well as it goes, for the run fails already, and `doctor` sees what is left.
    fn restore_objects(&self, key: &Key) {
        if let Ok(mut key) = self.reload(key)
            && let Some(record) = key.record().cloned()
        {
            let _ = self.restore_labels(&key, &record);
            let _ = self.enforce(&mut key, &record);
        }
    }

    /// Gives the objects of a key the label that its record has. Whether any had another one.
    pub(super) fn restore_labels(&self, key: &Key, record: &Record) -> Result<bool> {
        let mut changed = false;
        for object in other_labels(key, record) {
            self.session().set_label(object.handle, &record.label)?;
            changed = true;
        }
        Ok(changed)
    }

    /// Whether a key may be destroyed by `purge` now. A key without a record was never revoked.
    pub fn may_purge(&self, key: &Key, trigger: Trigger) -> Result<(), Error> {
        let never = Refusal::State { status: Status::Enable, operation: "purge" };
        let allowed = key.record().map(|record| record.may_purge(trigger, self.now()));
        allowed.unwrap_or(Err(never)).map_err(refused(key))
    }

    /// Runs a change, again from the newest state when somebody else changed the key at the same moment.
    pub(super) fn settle<T>(&self, key: &Key, mut attempt: impl FnMut(&Key) -> Result<T>) -> Result<T> {
        let (mut outcome, mut unseen) = (attempt(key), 0);
        for _ in 1..TRIES {
            if !outcome.as_ref().is_err_and(is_conflict) {
                break;
            }
            // A random pause, so that those who met do not meet again.
            let spread = u64::from(self.session().random(1)?.first().copied().unwrap_or_default());
            thread::sleep(Duration::from_millis(20 + spread));
            let reloaded = self.reload(key);
            // What a module has not shown by now of what the other one wrote, it shows on a new connection only (SoftHSM).
            unseen += u32::from(reloaded.as_ref().is_err_and(is_conflict));
            if unseen > UNSEEN {
                break;
            }
            outcome = reloaded.and_then(|key| attempt(&key));
        }
        outcome
    }

    /// The key as it is now, found again by the CKA_ID of its oldest version, which stays, else by its record: a deletion that
    /// was cut short has left that alone, and a renaming has left it under another label. A conflict if its record is not
    /// seen: another machine is replacing it, or the module does not notice that one did (SoftHSM).
    pub fn reload(&self, key: &Key) -> Result<Key> {
        let oldest = key.versions.first().map(|version| version.id.clone()).filter(|id| !id.is_empty());
        let label = oldest.is_none().then(|| key.label.clone());
        let found =
            self.select(&Selection { label, id: oldest, ..Selection::default() }).map(|found| found.key);
        let by_record =
            || self.found_by_record(key, records::of_tag(self, &self.names().key_tag(&key.identity()))?);
        match found {
            Err(error) if is_not_authentic(&error) => Err(error),
            Ok(found) if found.record.is_some() || key.record.is_none() => Ok(found),
            Ok(found) => Ok(by_record()?.ok_or(Error::Conflict { label: found.label })?),
            Err(error) => by_record()?.ok_or(error),
        }
    }

    /// A key by the newest of its records, whatever label its objects have.
    pub(super) fn found_by_record(&self, key: &Key, records: Vec<StoredRecord>) -> Result<Option<Key>> {
        let Some(newest) = records.into_iter().max_by_key(|stored| stored.record.revision) else {
            return Ok(None);
        };
        let selection = Selection { label: Some(newest.record.label), ..Selection::default() };
        let is_it = |found: &Key| found.record.is_some() && found.identity() == key.identity();
        let found = inventory::candidates(self, &selection)?.into_iter().find(is_it);
        found.as_ref().map_or(Ok(()), |found| self.authenticate(found))?;
        Ok(found)
    }

    /// Makes the token's usage attributes agree with a record. False where the token keeps them as they are.
    pub(super) fn enforce(&self, key: &mut Key, record: &Record) -> Result<bool> {
        let mut agrees = true;
        for version in &mut key.versions {
            agrees &= self.enforce_version(version, record)?;
        }
        Ok(agrees)
    }

    pub(super) fn enforce_version(&self, version: &mut KeyVersion, record: &Record) -> Result<bool> {
        let mut agrees = true;
        let number = version.version;
        for object in version.objects_mut() {
            let wanted = wanted_uses(record, number, object);
            *object = self.session().set_uses(object, wanted)?;
            // What a token grants a usable key beyond the record is told when the key is made.
            agrees &= record.permits(number) || object.uses() == Uses::default();
        }
        Ok(agrees)
    }

    /// Gives every object of a key another label, and the old one back if the token refuses it for one of them.
    fn relabel(&self, key: &mut Key, label: &str) -> Result<()> {
        self.refuse_label_in_use(key, label)?;
        let mut done = Vec::new();
        for object in key.versions.iter().flat_map(KeyVersion::objects).filter(|object| object.label != label)
        {
            if let Err(source) = self.session().set_label(object.handle, label) {
                for (handle, label) in done {
                    // The first error is the one to report.
                    let _ = self.session().set_label(handle, label);
                }
                return Err(Error::LabelFixed { label: key.label.clone(), source }.into());
            }
            done.push((object.handle, &object.label));
        }
        for object in key.versions.iter_mut().flat_map(KeyVersion::objects_mut) {
            label.clone_into(&mut object.label);
        }
        Ok(())
    }

    fn refuse_label_in_use(&self, key: &Key, label: &str) -> Result<()> {
        let own: std::collections::HashSet<&KeyId> = key.ids().collect();
        let selection = Selection { label: Some(label.to_owned()), ..Selection::default() };
        // Objects of this very key have the new label already when a first try was cut short.
        let other = inventory::candidates(self, &selection)?
            .into_iter()
            .find(|found| found.label == label && !found.ids().any(|id| own.contains(id)));
        match other {
            Some(other) => {
                let id = other.current().id.clone();
                Err(Error::LabelTaken { label: label.to_owned(), id }.into())
            }
            None => Ok(()),
        }
    }
}

fn is_not_authentic(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::RecordNotAuthentic { .. }))
}

fn is_refusal(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Refused { .. }))
}

/// Refuses a signature algorithm that does not go with the key.
fn signs_by(key: &Key, asked: SignatureAlgorithm) -> Result<(), Error> {
    if !key.kind().is_some_and(|kind| asked.fits(kind)) {
        return Err(Error::UnfitAlgorithm { label: key.label.clone(), asked, kind: key.kind() });
    }
    if !key.usage().sign {
        return Err(Error::Usage { label: key.label.clone(), operation: "sign" });
    }
    Ok(())
}

/// Whether the objects of a key are as its record says.
fn agrees(key: &Key) -> bool {
    key.record().is_none_or(|record| {
        let as_wanted = |version: &KeyVersion| {
            version.objects().all(|object| object.uses() == wanted_uses(record, version.version, object))
        };
        other_labels(key, record).next().is_none() && key.versions.iter().all(as_wanted)
    })
}

/// The objects of a key whose label is not the one in its record: a renaming was cut short. An object without any label
/// was made so by another program.
pub(super) fn other_labels<'a>(key: &'a Key, record: &'a Record) -> impl Iterator<Item = &'a KeyObject> {
    let objects = key.versions.iter().flat_map(KeyVersion::objects);
    objects.filter(|object| {
        !object.label.is_empty() && !object.unread.label && !object.is_labelled(&record.label)
    })
}

/// What a record lets an object of a version do.
pub(super) fn wanted_uses(record: &Record, version: crate::model::Version, object: &KeyObject) -> Uses {
    if !record.permits(version) {
        return Uses::default();
    }
    let entry = record.version(version);
    if entry.is_some_and(|entry| entry.companion.as_ref() == Some(&object.id)) {
        let usage = Usage { sign: true, verify: true, ..Usage::NONE };
        return Uses { usage, ..Uses::default() };
    }
    let ForeignUsage { mut wrap, mut unwrap, derive } = record.foreign_usage;
    if matches!(object.kind, KeyKind::Ec(_)) && entry.is_some_and(|entry| entry.created.is_some()) {
        // A new version of an EC key is not made to do what no EC key does.
        (wrap, unwrap) = (false, false);
    }
    let mut uses = Uses { usage: record.usage, wrap, unwrap, derive }.of_class(object.class);
    // Made by other programs or before older versions stopped signing, some are enforced late; a secret key's MACs are checked
    // by making them again.
    if object.class == Class::Private && record.is_superseded(version) {
        uses.usage.sign = false;
    }
    uses
}

/// A refusal with the key's name.
pub(super) fn refused(key: &Key) -> impl Fn(Refusal) -> Error + use<> {
    let label = key.label.clone();
    move |refusal| Error::Refused { label: label.clone(), refusal }
}
