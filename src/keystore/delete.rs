//! Destroys keys: every version, both halves, companions and the record.

use anyhow::Result;

use super::{
    adopt,
    error::Error,
    key::{Key, KeyVersion},
    lifecycle::Trigger,
    missing,
    record::{Record, VersionRecord},
    records,
    register::recorded,
    reload::retry,
    remains::{self, Remain},
    rivals, secrets,
    store::Keystore,
    stored_record::RecordPlace,
    transaction::Transaction,
};
use crate::{
    algorithm::PublicKey,
    model::{KeyId, Version},
    token::{self, Certificate, Claimed, Handle, KeyObject},
};

/// An object that was destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroyed {
    pub what: &'static str,
    pub version: Option<Version>,
    pub id: KeyId,
}

impl Keystore {
    /// Destroys a key at once. Its record says so first, which decides against a change of another machine; the objects
    /// are next and the record last, so that after a crash the record still names the objects, and a second run finishes.
    /// Without a record, the destruction of the private or secret object decides. Succeeds once nothing of the key is
    /// left on the token.
    ///
    /// Refuses a key whose record a newer kmsctl wrote: it may name objects that this version does not know.
    pub fn destroy(&self, key: &Key) -> Result<Vec<Destroyed>> {
        destroy_if(self, key, |_| Ok(()))
    }

    /// Destroys a key whose deletion was requested. Reads the key again: it may have been restored in the meantime.
    pub fn purge(&self, key: &Key, trigger: Trigger) -> Result<Vec<Destroyed>> {
        destroy_if(self, &self.reload(key)?, |key| {
            self.may_purge(key, trigger)?;
            may_purge_undecided(self, key, trigger)?;
            // Two independent checks: the record says that the key is revoked, and the token that it is disabled.
            if key.is_being_destroyed() || key.versions.iter().all(KeyVersion::is_idle) {
                return Ok(());
            }
            Err(Error::StillUsable { label: key.label.clone(), version: None }.into())
        })
    }

    /// Destroys one older version. The record says so first, which decides against a change of another machine, and
    /// forgets the version last: after a crash it still names the objects, and a second run finishes.
    pub fn destroy_version(
        &self,
        key: &Key,
        version: Version,
        trigger: Trigger,
    ) -> Result<(Key, Vec<Destroyed>)> {
        let allowed = |record: &Record| {
            let allowed = record.deleting(version, trigger, self.now());
            allowed.map_err(|refusal| key.refused(refusal))?;
            Ok(true)
        };
        recorded(self, key, allowed, |key| {
            let begun = retry(self, key, |key| begin_deletion(self, key, version, trigger));
            let key = begun.map_err(|error| adopt::or_pending(self, key, error))?;
            let mut destroyed = Vec::new();
            if let Some(doomed) = key.version(version) {
                destroy_version_objects(self, &key, doomed, &mut destroyed)?;
            }
            let key = retry(self, &key, |key| forget_version(self, key, version))?;
            Ok((key, destroyed))
        })
    }
}

/// A deletion of another machine that is not decided yet allows nothing that was not allowed before it.
fn may_purge_undecided(keystore: &Keystore, key: &Key, trigger: Trigger) -> Result<()> {
    if trigger == Trigger::Schedule || !key.is_being_destroyed() || !key.is_settling {
        return Ok(());
    }
    let records = records::of_tag(keystore, &keystore.names().key_tag(&key.identity()))?;
    let before = records.into_iter().map(|stored| stored.record).filter(|record| !record.is_deleting);
    let before = before.max_by_key(|record| record.revision);
    let allowed = before.map_or(Ok(()), |record| record.may_purge(trigger, keystore.now()));
    Ok(allowed.map_err(|refusal| key.refused(refusal))?)
}

fn destroy_if(
    keystore: &Keystore,
    key: &Key,
    allowed: impl Fn(&Key) -> Result<()>,
) -> Result<Vec<Destroyed>> {
    let label = &key.label;
    let begin = |key: &Key| {
        if key.label != *label {
            // It was renamed since it was selected.
            return Ok(None);
        }
        key.require_known_schema()?;
        allowed(key)?;
        keystore.authenticate(key)?;
        keystore.require_record(key)?;
        missing::require_no_unread_record(keystore, key)?;
        let mut key = key.clone();
        if key.is_being_destroyed() {
            rivals::detach(keystore, &mut key)?;
        }
        secrets::require_own(keystore, &key, &key.versions)?;
        let others = rivals::others(keystore, &key, &key.versions)?;
        if key.record.is_some() {
            return mark(keystore, &key).map(|key| Some((key, others)));
        }
        if let Some(object) = key.current().object() {
            decide(keystore, &key, object.handle)?;
        }
        Ok(Some((key, others)))
    };
    let before = key.record().filter(|record| !record.is_deleting).cloned();
    let (key, others) =
        retry(keystore, key, begin)?.ok_or_else(|| Error::Conflict { label: label.clone() })?;
    let mut destroyed = Vec::new();
    for version in &key.versions {
        destroy_version_objects(keystore, &key, version, &mut destroyed).map_err(|error| {
            if destroyed.is_empty() { unmark(keystore, before.as_ref(), &key, error) } else { error }
        })?;
    }
    destroy_objects(keystore, key.strays.iter().map(|object| (None, object)), None, &mut destroyed)?;
    if key.record.is_some() {
        destroy_records(keystore, &key)?;
        destroyed.push(Destroyed { what: "record", version: None, id: KeyId::default() });
    }
    for Remain { what, id, .. } in remains::destroy(keystore, &key, &others)? {
        // What another machine brought back is in the list already.
        if destroyed.iter().all(|known| (known.what, &known.id) != (what, &id)) {
            destroyed.push(Destroyed { what, version: None, id });
        }
    }
    Ok(destroyed)
}

impl Key {
    /// Fails for a key that shares a CKA_ID with another: the user may mean the other one.
    pub fn require_own_ids(&self) -> Result<(), Error> {
        match self.others.iter().find(|other| other.is_guarded()) {
            Some(KeyObject { id, label: other, .. }) => {
                let (label, id, other) = (self.label.clone(), id.clone(), other.clone());
                Err(Error::IdShared { label, id, other })
            }
            None => Ok(()),
        }
    }
}

/// Writes into the record that the key is being destroyed. On a token that has no room for the successor, destroys the
/// record, which decides just as well: after a crash, the objects are a key without a record.
fn mark(keystore: &Keystore, key: &Key) -> Result<Key> {
    if key.is_being_destroyed() && !key.is_settling {
        return Ok(key.clone());
    }
    match write(keystore, key, &key.stored()?.record.destroying(keystore.now())) {
        Err(error) if matches!(error.downcast_ref(), Some(Error::NoRoom { .. })) => {
            let key = keystore.reload(key)?;
            if let RecordPlace::Object(handle) = key.stored()?.place {
                decide(keystore, &key, handle)?;
            }
            Ok(key)
        }
        marked => marked,
    }
}

/// Takes the mark back if the token destroys nothing for its users: the key stays as it was. Otherwise the mark stays, and the
/// same command goes on. Best effort, for the same reason.
fn unmark(keystore: &Keystore, before: Option<&Record>, marked: &Key, error: anyhow::Error) -> anyhow::Error {
    let is_never = |error: &token::Error| error.refuses_user() || error.lacks_mechanism();
    if error.downcast_ref().is_some_and(is_never)
        && let (Some(before), Some(marked_record)) = (before, marked.record())
    {
        let restored = Record { revision: marked_record.revised().revision, ..before.clone() };
        let _ = write(keystore, marked, &restored);
    }
    error
}

/// Destroys the object that decides between two machines. [`Error::Conflict`] if another one did.
fn decide(keystore: &Keystore, key: &Key, object: Handle) -> Result<()> {
    match keystore.session().claim(object) {
        Claimed::Now => Ok(()),
        Claimed::AlreadyGone => Err(Error::Conflict { label: key.label.clone() }.into()),
        Claimed::Unclear(_) => Ok(keystore.session().destroy(object)?),
    }
}

/// Writes into the record that the version is being destroyed.
fn begin_deletion(keystore: &Keystore, key: &Key, version: Version, trigger: Trigger) -> Result<Key> {
    let old = key.stored()?;
    let successor =
        old.record.deleting(version, trigger, keystore.now()).map_err(|refusal| key.refused(refusal))?;
    let has_begun = old.record.version(version).is_some_and(VersionRecord::is_being_destroyed);
    if !has_begun && old.record.versions[0].version == version {
        adopt::refuse_pending(keystore, key)?;
    }
    let mut key = key.clone();
    if has_begun {
        rivals::detach(keystore, &mut key)?;
    }
    let (key, doomed) = (&key, key.version(version));
    secrets::require_own(keystore, key, doomed)?;
    rivals::others(keystore, key, doomed)?;
    if has_begun && !key.is_settling {
        return Ok(key.clone());
    }
    if trigger == Trigger::Schedule && !has_begun && !doomed.is_none_or(KeyVersion::is_idle) {
        return Err(Error::StillUsable { label: key.label.clone(), version: Some(version) }.into());
    }
    let begun = write(keystore, key, &successor)?;
    if key.is_settling {
        // A run that was killed left an older revision. It would name the version when the newest no longer does.
        let tag = keystore.names().key_tag(&key.identity());
        for stored in records::of_tag(keystore, &tag)? {
            if stored.record.revision < successor.revision {
                records::destroy(keystore, &stored.place)?;
            }
        }
    }
    Ok(begun)
}

/// Removes a version from the record. Other objects with its CKA_ID stay: they are keys of other programs.
fn forget_version(keystore: &Keystore, key: &Key, version: Version) -> Result<Key> {
    let old = key.stored()?;
    if old.record.version(version).is_none() {
        return Ok(key.clone());
    }
    let mut key = write(keystore, key, &old.record.without(version))?;
    key.versions.retain(|one| one.version != version);
    Ok(key)
}

fn write(keystore: &Keystore, key: &Key, successor: &Record) -> Result<Key> {
    let stored = Transaction::begin(keystore, &key.label, key.record.as_ref())
        .run(|transaction| transaction.write(successor))?;
    Ok(Key { is_settling: false, ..key.clone().with_record(stored) })
}

/// Not the certificate of another key with the CKA_ID.
fn destroy_version_objects(
    keystore: &Keystore,
    key: &Key,
    version: &KeyVersion,
    destroyed: &mut Vec<Destroyed>,
) -> Result<()> {
    let of_version = version.objects().map(|object| (Some(version.version), object));
    destroy_objects(keystore, of_version, version.companion.as_ref(), destroyed)?;
    let binding = key.binding(version.version);
    let is_other = |certificate: &&Certificate| binding.contradicts(PublicKey::read(&certificate.value).ok());
    for certificate in version.certificates.iter().filter(|certificate| !is_other(certificate)) {
        keystore.session().destroy(certificate.handle)?;
        let (version, id) = (Some(version.version), certificate.id.clone());
        destroyed.push(Destroyed { what: "certificate", version, id });
    }
    Ok(())
}

fn destroy_objects<'a>(
    keystore: &Keystore,
    objects: impl Iterator<Item = (Option<Version>, &'a KeyObject)>,
    companion: Option<&KeyId>,
    destroyed: &mut Vec<Destroyed>,
) -> Result<()> {
    for (version, object) in objects {
        keystore.session().destroy(object.handle)?;
        let is_companion = companion == Some(&object.id);
        let what = if is_companion { "HMAC companion key" } else { object.class.name() };
        destroyed.push(Destroyed { what, version, id: object.id.clone() });
    }
    Ok(())
}

/// Destroys all revisions of the record, the one that says that the key is being destroyed last.
fn destroy_records(keystore: &Keystore, key: &Key) -> Result<()> {
    let mut records = records::of_tag(keystore, &keystore.names().key_tag(&key.identity()))?;
    records.sort_by_key(|stored| stored.record.revision);
    records.iter().try_for_each(|stored| records::destroy(keystore, &stored.place))
}
