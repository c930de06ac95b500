//! Applies changes of state and settings by the rules of [`super::lifecycle`].

use anyhow::Result;

use super::{
    adopt, bind, brought_back,
    clock::Clock,
    enforce,
    error::{Error, is_conflict},
    inventory::candidates,
    key::Key,
    lifecycle::{Change, Trigger, Update},
    make::require_another,
    record::Record,
    records,
    refusal::Refusal,
    register::{or_final, recorded},
    reload::retry,
    selection::Selection,
    store::Keystore,
    succession,
    transaction::Transaction,
};
use crate::{
    algorithm::SignatureAlgorithm,
    model::{KeyId, Status, Usage, Version},
    token::{Class, KeyObject, Search},
};

/// The result of [`Keystore::change`].
#[derive(Debug)]
pub struct Changed {
    pub key: Key,
    /// Why nothing was changed: the key already is as requested.
    pub already: Option<Refusal>,
    /// Whether the token enforces the usage in the record. If not, other programs may do what the record forbids.
    pub is_enforced: bool,
}

impl Keystore {
    /// Changes a key's state or settings. The caller holds the token's exclusive lock.
    pub fn change(&self, key: &Key, change: &Change) -> Result<Changed> {
        let clock = clock_for(self, change)?;
        let allowed = |record: &Record| {
            if matches!(change, Change::Update(Update { auto_rotation: Some(true), .. })) {
                let algorithm = key.require_algorithm(record.algorithm)?;
                if !record.auto_rotation {
                    require_another(self, &key.label, record.newest().version.next(), algorithm)?;
                }
            }
            if let Change::Update(Update { signature_algorithm: Some(asked), .. }) = change {
                require_signature_algorithm(key, *asked)?;
            }
            let has_no_use = record.usage == Usage::NONE && record.foreign_usage.is_empty();
            if matches!(change, Change::Enable(_)) && has_no_use {
                return Err(Error::UsesUnknown { label: key.label.clone() }.into());
            }
            let successor = record.changed(change, &clock).map_err(|refusal| key.refused(refusal))?;
            Ok(succession::takes_away(Some(record), &successor))
        };
        let mut attempts = 0;
        let changed = recorded(self, key, allowed, |key| {
            let changed = retry(self, key, |key| {
                attempts += 1;
                change_once(self, key, change, &clock)
            });
            changed.map_err(|error| adopt::or_pending(self, key, error))
        });
        let changed = changed.map_err(|error| or_final(error, || require_label_change(self, key, change)));
        if changed.as_ref().is_err_and(is_conflict) {
            self.suspects().note_conflict();
        }
        let Some(refusal) = changed.as_ref().err().and_then(refusal) else { return changed };
        // An attempt that ran into a concurrent change left the objects to that change, which may not have restored
        // them. What is refused at once changes none: another machine may be changing them.
        let has_tried = attempts > 1 || self.suspects().had_conflict();
        let is_outdated = has_tried || refusal.is_settled() && !enforce::agrees(key);
        let is_realigned = match is_outdated.then(|| realign(self, key, change)) {
            Some(Err(error)) if matches!(error.downcast_ref(), Some(Error::RecordOutdated { .. })) => {
                return Err(error);
            }
            // Best effort: `doctor` reports what is left.
            None | Some(Err(_)) => false,
            Some(Ok(is_changed)) => is_changed,
        };
        if !refusal.is_settled() {
            return changed;
        }
        let key = if is_outdated { self.reload(key)? } else { key.clone() };
        let is_enforced = !is_outdated || enforce::agrees(&key);
        Ok(Changed { key, already: Some(refusal).filter(|_| !is_realigned), is_enforced })
    }

    /// Whether `purge` may destroy a key now. Never a key without a record, which cannot have been revoked.
    pub fn may_purge(&self, key: &Key, trigger: Trigger) -> Result<(), Error> {
        let never = Refusal::State { status: Status::Enable, operation: "purge" };
        let allowed = key.record().map(|record| record.may_purge(trigger, self.now()));
        allowed.unwrap_or(Err(never)).map_err(|refusal| key.refused(refusal))
    }
}

/// The clock, which the records of other keys may show to be behind: the waiting period of a deletion must not begin in the past.
fn clock_for(keystore: &Keystore, change: &Change) -> Result<Clock> {
    let clock = *keystore.clock();
    if clock.is_confirmed() || !matches!(change, Change::Revoke { .. }) {
        return Ok(clock);
    }
    let newest = records::all(keystore)?.iter().map(|stored| stored.record.latest_event()).max();
    Ok(Clock { newest, ..clock })
}

/// A change gives the uses on the token that the record allows, so the record must not be an old one, except for the versions about
/// whose use the change itself decides.
fn require_recent_record(key: &Key, change: &Change) -> Result<(), Error> {
    let mut others = key.versions.iter().filter(|version| !decides(change, version.version));
    others.try_for_each(|version| key.require_recent_record(version))
}

/// Whether a change decides about the use of a version.
fn decides(change: &Change, number: Version) -> bool {
    match change {
        Change::Enable(version)
        | Change::Disable(version)
        | Change::Revoke { version, .. }
        | Change::Restore(version) => version.is_none_or(|version| version == number),
        Change::Promote(_) | Change::Update(_) => false,
    }
}

/// Changes the record once, without a retry.
pub(super) fn change_once(keystore: &Keystore, key: &Key, change: &Change, clock: &Clock) -> Result<Changed> {
    let old = key.stored()?.clone();
    require_recent_record(key, change)?;
    let successor = old.record.changed(change, clock).map_err(|refusal| key.refused(refusal))?;
    let successor = bind::completed(keystore, key, successor);
    let decides = |version| decides(change, version);
    Transaction::begin(keystore, &key.label, Some(&old)).run(|transaction| {
        transaction.changes(key);
        let mut key = key.clone();
        if successor.label != key.label {
            adopt::refuse_pending(keystore, &key)?;
            relabel(keystore, &mut key, &successor)?;
        }
        if let Change::Promote(_) = change {
            let promoted = successor.current().version;
            promote(keystore, &mut key, &successor, promoted)?;
            let stored = transaction.write(&successor)?;
            // Only now: until the record says so, the older version signs. Best effort, as in a rotation.
            let is_enforced = enforce::uses(keystore, &mut key, &stored.record, decides).unwrap_or(false);
            let key = key.with_record(stored);
            brought_back::require_current(keystore, &key)?;
            return Ok(Changed { key, already: None, is_enforced });
        }
        let is_enforced = enforce::uses(keystore, &mut key, &successor, decides)?;
        let stored = transaction.write(&successor)?;
        Ok(Changed { key: key.with_record(stored), already: None, is_enforced })
    })
}

/// Makes labels and uses agree with the record. It gets a successor, which decides against another machine that is changing
/// them. Returns whether any differed.
fn realign(keystore: &Keystore, key: &Key, change: &Change) -> Result<bool> {
    retry(keystore, &keystore.reload(key)?, |key| {
        let old = key.stored()?;
        require_recent_record(key, change)?;
        Transaction::begin(keystore, &key.label, Some(old)).run(|transaction| {
            transaction.changes(key);
            let is_relabelled = enforce::labels(keystore, key, &old.record)?;
            let decides = |version| !enforce::may_be_old(old) || decides(change, version);
            let is_changed = enforce::repair(keystore, key, &old.record, decides)? || is_relabelled;
            if is_changed {
                transaction.write(&old.record.revised())?;
            }
            Ok(is_changed)
        })
    })
}

/// Lets a staged version sign and encrypt on the token. Fails if the token does not: the older version must not be
/// replaced by one that cannot be used.
fn promote(keystore: &Keystore, key: &mut Key, successor: &Record, promoted: Version) -> Result<()> {
    let label = key.label.clone();
    let Some(version) = key.versions.iter_mut().find(|version| version.version == promoted) else {
        return Ok(());
    };
    enforce::uses_of_version(keystore, version, successor)?;
    if enforce::lacking(version, successor) {
        // Another machine may have disabled the key since it was read.
        let is_outdated = keystore.reload(key)?.record() != key.record();
        let conflict = Error::Conflict { label: label.clone() };
        let error = if is_outdated { conflict } else { Error::NotPromoted { label, version: promoted } };
        return Err(error.into());
    }
    Ok(())
}

/// Sets the label of every object of a key.
fn relabel(keystore: &Keystore, key: &mut Key, successor: &Record) -> Result<()> {
    refuse_label_in_use(keystore, key, &successor.label)?;
    for entry in &successor.versions {
        refuse_label_of_version(keystore, key, &successor.label_of(entry.version))?;
    }
    let old = key.label.clone();
    for version in &mut key.versions {
        let label = successor.label_of(version.version);
        for object in version.objects_mut().filter(|object| object.label != label) {
            keystore
                .session()
                .set_label(object.handle, &label)
                .map_err(|source| Error::LabelFixed { label: old.clone(), source })?;
            object.label = label.to_string();
        }
    }
    Ok(())
}

/// Refuses a new label where the token changes none.
fn require_label_change(keystore: &Keystore, key: &Key, change: &Change) -> Result<()> {
    if !matches!(change, Change::Update(Update { label: Some(_), .. })) {
        return Ok(());
    }
    match keystore.session().label_refusal() {
        Some(source) => Err(Error::LabelFixed { label: key.label.clone(), source }.into()),
        None => Ok(()),
    }
}

/// Refuses a label of another key's objects: where labels are unique, later versions have one that their key has not.
fn refuse_label_of_version(keystore: &Keystore, key: &Key, label: &str) -> Result<()> {
    let is_other = |found: &&KeyObject| {
        found.class != Class::Public && found.is_guarded() && !is_own(keystore, key, &found.id)
    };
    match keystore.session().keys(Search::Label(label))?.iter().find(is_other) {
        Some(other) => Err(Error::LabelTaken { label: label.to_owned(), id: other.id.clone() }.into()),
        None => Ok(()),
    }
}

fn refuse_label_in_use(keystore: &Keystore, key: &Key, label: &str) -> Result<()> {
    let selection = Selection { label: Some(label.to_owned()), ..Selection::default() };
    // Objects of this key may already have the new label if an earlier run was interrupted.
    let other = candidates(keystore, &selection)?
        .into_iter()
        .find(|found| found.label == label && !found.ids().any(|id| is_own(keystore, key, id)));
    match other {
        Some(other) => {
            let id = other.current().id.clone();
            Err(Error::LabelTaken { label: label.to_owned(), id }.into())
        }
        None => Ok(()),
    }
}

/// Whether a CKA_ID is that of a version of the key, perhaps of a destroyed one that an earlier attempt brought back.
fn is_own(keystore: &Keystore, key: &Key, id: &KeyId) -> bool {
    let is_of = |record: &Record| record.version_of(keystore.names(), id).is_some();
    key.ids().any(|own| own == id) || key.record().is_some_and(is_of)
}

fn refusal(error: &anyhow::Error) -> Option<Refusal> {
    match error.downcast_ref() {
        Some(Error::Refused { refusal, .. }) => Some(*refusal),
        _ => None,
    }
}

/// Refuses a signature algorithm that does not fit the key.
fn require_signature_algorithm(key: &Key, asked: SignatureAlgorithm) -> Result<(), Error> {
    if !key.kind().is_some_and(|kind| asked.fits(kind)) {
        return Err(Error::UnfitAlgorithm { label: key.label.clone(), asked, kind: key.kind() });
    }
    if !key.usage().sign {
        return Err(Error::Usage { label: key.label.clone(), usage: key.usage(), operation: "sign" });
    }
    Ok(())
}
