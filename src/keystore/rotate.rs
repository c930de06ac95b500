//! Rotation: a new version signs and encrypts from now on, or once it is promoted; older versions still verify and
//! decrypt.

use anyhow::Result;

use super::{
    adopt, bind, brought_back,
    change::change_once,
    enforce,
    error::Error,
    identity::Next,
    key::{Key, KeyVersion},
    lifecycle::{Change, NewVersion, Trigger},
    make, new_id,
    record::Record,
    register::{or_final, recorded},
    reload::retry,
    schedule::{Rotation, Step},
    store::Keystore,
    transaction::Transaction,
};
use crate::{
    algorithm::KeyKind,
    model::Version,
    token::{self, Carried, KeyObject, KeyTemplate},
};

impl Keystore {
    /// Creates the next version of a key, or promotes the staged one if the schedule says so. The caller holds the
    /// token's exclusive lock.
    pub fn rotate(&self, key: &Key, rotation: Rotation) -> Result<(Key, Step)> {
        let may_rotate = |key: &Key, record: &Record| {
            record.may_rotate(rotation, self.now()).map_err(|refusal| key.refused(refusal))
        };
        let allowed = |record: &Record| {
            may_rotate(key, record)?;
            key.require_algorithm(record.algorithm)?;
            Ok(false)
        };
        let take_step = |key: &Key| {
            let step = may_rotate(key, &key.stored()?.record)?;
            let key = match step {
                Step::Promote => {
                    change_once(self, key, &Change::Promote(Trigger::Schedule), self.clock())?.key
                }
                Step::Rotate | Step::Stage => {
                    rotate_once(self, key.clone(), rotation).map_err(|error| met(key, rotation, error))?
                }
            };
            Ok((key, step))
        };
        recorded(self, key, allowed, |key| retry(self, key, take_step)).map_err(|error| {
            let (version, algorithm) =
                (key.current().version.next(), key.kind().and_then(KeyKind::algorithm));
            let has_next = |algorithm| make::require_another(self, &key.label, version, algorithm);
            or_final(error, || algorithm.map_or(Ok(()), has_next))
        })
    }

    /// The step that a rotation would take now.
    pub fn may_rotate(&self, key: &Key, rotation: Rotation) -> Result<Step, Error> {
        key.require_secret()?;
        let foreign = if rotation == Rotation::Staged { Step::Stage } else { Step::Rotate };
        let allowed = key.record().map_or(Ok(foreign), |record| record.may_rotate(rotation, self.now()));
        let step = allowed.map_err(|refusal| key.refused(refusal))?;
        if interrupted(self, key).is_none() {
            key.require_recent_records()?;
        }
        let algorithm = key.record().map_or_else(|| key.kind()?.algorithm(), |record| record.algorithm);
        key.require_algorithm(algorithm)?;
        Ok(step)
    }
}

/// A scheduled rotation that another machine completed is done: it looks at the key again.
fn met(key: &Key, rotation: Rotation, error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(Error::RotationTaken { .. }) if rotation == Rotation::Due => {
            Error::Conflict { label: key.label.clone() }.into()
        }
        _ => error,
    }
}

/// Completes the rotations of a key that were interrupted before their records.
pub(super) fn complete(keystore: &Keystore, key: &Key) -> Result<Key> {
    retry(keystore, key, |key| {
        let mut key = key.clone();
        while let Some(rotation) = interrupted(keystore, &key) {
            rotate_once(keystore, key.clone(), rotation)?;
            key = keystore.reload(&key)?;
        }
        Ok(key)
    })
}

/// The rotation that was interrupted, if the record allows it now and its objects are complete.
pub(super) fn interrupted(keystore: &Keystore, key: &Key) -> Option<Rotation> {
    let record = key.record().filter(|record| record.schema <= Record::SCHEMA)?;
    let stray = adopt::strays(keystore.names(), key).into_iter().find(|stray| stray.is_next(record))?;
    let (step, asked) =
        if stray.next.is_staged { (Step::Stage, Rotation::Staged) } else { (Step::Rotate, Rotation::Now) };
    let takes = |rotation: &Rotation| record.may_rotate(*rotation, keystore.now()) == Ok(step);
    [Rotation::Due, asked].into_iter().find(takes)
}

fn rotate_once(keystore: &Keystore, mut key: Key, rotation: Rotation) -> Result<Key> {
    let old = key.stored()?.clone();
    let record = &old.record;
    let algorithm = key.require_algorithm(record.algorithm)?;
    let step = record.may_rotate(rotation, keystore.now()).map_err(|refusal| key.refused(refusal))?;
    let next = Next { version: record.newest().version.next(), is_staged: step == Step::Stage };
    let stray = adopt::next(keystore, &key, next)?;
    if stray.is_none() {
        // To adopt the version that an old record does not know is right.
        key.require_recent_records()?;
    }
    let new_id = || new_id::next(keystore, record.first_id(), next);
    let id = new_id()?;
    let companion = if record.convergent { Some(new_id()?) } else { None };
    let template = KeyTemplate {
        kind: algorithm.kind(),
        label: &key.label,
        id: &id,
        // Another program may have set uses that no such key has.
        usage: record.usage.intersection(algorithm.usage()),
        is_id_free: true,
        // Only if requested from kmsctl: if another program made the key extractable, the new version is not.
        extractable: record.exportable && record.created.is_some(),
        carried: carried(key.current()),
    };
    let (version, stored) = Transaction::begin(keystore, &key.label, Some(&old)).run(|transaction| {
        let generate = |transaction: &mut Transaction<'_>, template: &KeyTemplate<'_>| {
            make::generate(transaction, template, companion.as_ref())
        };
        let made = match &stray {
            Some(stray) => adopt::adopt(transaction, (&key, stray), &template, record.convergent),
            None => make::later(transaction, &template, next.version, generate),
        }
        .map_err(|error| refused(keystore, (&key, next.version), not_carried(&key, error)))?;
        require_carried(&key, &made)?;
        let binding = bind::bind_new(keystore, &made).0;
        let own_label = make::has_own_label(&made, next.version, &key.label);
        let new = NewVersion { id: made.id.clone(), companion: made.companion.clone(), binding, own_label };
        let successor =
            record.rotated(rotation, new, keystore.now()).map_err(|refusal| key.refused(refusal))?;
        let successor = bind::completed(keystore, &key, successor);
        let newest = successor.newest();
        let mut version =
            KeyVersion { version: newest.version, created: newest.created, status: newest.status, ..made };
        enforce::uses_of_version(keystore, &mut version, &successor)?;
        Ok((version, transaction.write(&successor)?))
    })?;
    // Best effort: the record already says that they no longer sign; `doctor` reports those that the token still allows to.
    // What the token refuses stays refused: the record that is completed here may have been an old one.
    let _ = enforce::repair(keystore, &key, &stored.record, |_| false);
    enforce::uses_of_unread(keystore, &key, record, &stored.record);
    key.versions.push(version);
    let key = key.with_record(stored);
    brought_back::require_current(keystore, &key)?;
    Ok(key)
}

/// Attributes of a version that kmsctl does not set by default and that the next version inherits.
fn carried(version: &KeyVersion) -> Carried<'_> {
    let any = |is: fn(&KeyObject) -> bool| {
        [&version.secret, &version.public].into_iter().flatten().any(|half| is(half))
    };
    let secret = version.secret.as_deref();
    let may_wrap = version.kind().is_none_or(KeyKind::may_wrap);
    Carried {
        always_authenticate: version.protection().always_authenticate == Some(true),
        allowed_mechanisms: secret.map_or(&[], |secret| &secret.allowed_mechanisms),
        // No mechanism wraps with an EC key, whatever its attributes say.
        wrap: may_wrap && any(|half| half.wraps),
        unwrap: may_wrap && any(|half| half.unwraps),
        derive: any(|half| half.derives),
    }
}

/// Refuses a new version that lacks inherited attributes.
fn require_carried(key: &Key, made: &KeyVersion) -> Result<(), Error> {
    let new = carried(made).names();
    let lost: Vec<_> =
        carried(key.current()).names().into_iter().filter(|name| !new.contains(name)).collect();
    if lost.is_empty() { Ok(()) } else { Err(Error::WouldWeaken { label: key.label.clone(), lost }) }
}

/// Names the key in the error of a token that does not create the version.
fn refused(keystore: &Keystore, (key, version): (&Key, Version), error: anyhow::Error) -> anyhow::Error {
    match (error.downcast_ref::<token::Error>(), key.kind()) {
        (Some(source), Some(kind)) if source.refuses_template() || source.refuses_user() => {
            make::no_new_version(keystore, &key.label, (version, kind), *source).into()
        }
        _ => error,
    }
}

/// Maps a creation failure to [`Error::WouldWeaken`] if inherited attributes caused it.
fn not_carried(key: &Key, error: anyhow::Error) -> anyhow::Error {
    let names = carried(key.current()).names();
    let is_named = |text: &String| names.iter().any(|name| text.starts_with(name));
    let is_refusal = error.downcast_ref().is_some_and(token::Error::refuses_new_key)
        || matches!(error.downcast_ref(), Some(Error::NotAsRequested { deviations, .. }) if deviations.iter().any(is_named));
    if names.is_empty() || !is_refusal {
        return error;
    }
    Error::WouldWeaken { label: key.label.clone(), lost: names }.into()
}
