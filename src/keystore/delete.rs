//! Destroys keys: every version, both halves, companions and the record.

use anyhow::Result;

use super::{
    error::Error,
    key::{Key, KeyVersion, RecordPlace, StoredRecord},
    lifecycle::Trigger,
    record::{Record, VersionRecord},
    records,
    register::recorded,
    reload::retry,
    secrets,
    store::Keystore,
    transaction::Transaction,
};
use crate::{
    model::{KeyId, Version},
    token::{Class, KeyObject, Search},
};

/// An object that was destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroyed {
    pub what: &'static str,
    pub version: Option<Version>,
    pub id: KeyId,
}

impl Keystore {
    /// Destroys a key at once. The objects go first and the record last, so that after a crash the record still names
    /// the objects, and a second run finishes.
    ///
    /// Refuses a key whose record a newer kmsctl wrote: it may name objects that this version does not know.
    pub fn destroy(&self, key: &Key) -> Result<Vec<Destroyed>> {
        key.require_known_schema()?;
        self.authenticate(key)?;
        secrets::require_own(self, key, &key.versions)?;
        if let (Some(StoredRecord { place: RecordPlace::File(_), .. }), Some(files)) =
            (&key.record, self.record_files())
        {
            files.require_writable()?;
        }
        let mut destroyed = Vec::new();
        for version in &key.versions {
            destroy_version_objects(self, version, &mut destroyed)?;
        }
        destroy_objects(self, key.strays.iter().map(|object| (None, object)), None, &mut destroyed)?;
        if key.record.is_some() {
            destroy_records(self, key)?;
            destroyed.push(Destroyed { what: "record", version: None, id: KeyId::default() });
        }
        Ok(destroyed)
    }

    /// Destroys a key whose deletion was requested. Reads the key again: it may have been restored in the meantime.
    pub fn purge(&self, key: &Key, trigger: Trigger) -> Result<Vec<Destroyed>> {
        let key = self.reload(key)?;
        self.may_purge(&key, trigger)?;
        // Two independent checks: the record says that the key is revoked, and the token that it is disabled.
        if !key.versions.iter().all(KeyVersion::is_idle) {
            return Err(Error::StillUsable { label: key.label.clone() }.into());
        }
        self.destroy(&key)
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
            allowed.map(drop).map_err(|refusal| key.refused(refusal))?;
            Ok(())
        };
        recorded(self, key, allowed, |key| {
            let key = retry(self, key, |key| begin_deletion(self, key, version, trigger))?;
            let mut destroyed = Vec::new();
            if let Some(doomed) = key.version(version) {
                destroy_version_objects(self, doomed, &mut destroyed)?;
            }
            let key = retry(self, &key, |key| forget_version(self, key, version))?;
            Ok((key, destroyed))
        })
    }
}

/// Writes into the record that the version is being destroyed.
fn begin_deletion(keystore: &Keystore, key: &Key, version: Version, trigger: Trigger) -> Result<Key> {
    let old = key.stored()?;
    let successor =
        old.record.deleting(version, trigger, keystore.now()).map_err(|refusal| key.refused(refusal))?;
    let doomed = key.version(version);
    secrets::require_own(keystore, key, doomed)?;
    let has_begun = old.record.version(version).is_some_and(VersionRecord::is_being_destroyed);
    if has_begun && !key.is_settling {
        return Ok(key.clone());
    }
    if trigger == Trigger::Schedule && !has_begun && !doomed.is_none_or(KeyVersion::is_idle) {
        return Err(Error::StillUsable { label: key.label.clone() }.into());
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

fn destroy_version_objects(
    keystore: &Keystore,
    version: &KeyVersion,
    destroyed: &mut Vec<Destroyed>,
) -> Result<()> {
    let of_version = version.objects().map(|object| (Some(version.version), object));
    destroy_objects(keystore, of_version, version.companion.as_ref(), destroyed)?;
    for certificate in &version.certificates {
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
        let what = if is_companion { "HMAC companion key" } else { class_name(object.class) };
        destroyed.push(Destroyed { what, version, id: object.id.clone() });
    }
    Ok(())
}

/// Destroys all revisions of the record. If another machine is changing the key at this moment and writes a new
/// revision, that is destroyed too, with any version that it adds.
fn destroy_records(keystore: &Keystore, key: &Key) -> Result<()> {
    const MAX_ROUNDS: u32 = 3;
    let tag = keystore.names().key_tag(&key.identity());
    for _ in 0..MAX_ROUNDS {
        let records = records::of_tag(keystore, &tag)?;
        if records.is_empty() {
            break;
        }
        for stored in records {
            for entry in &stored.record.versions {
                destroy_late(keystore, key, &entry.id)?;
                entry.companion.as_ref().map_or(Ok(()), |id| destroy_late(keystore, key, id))?;
            }
            records::destroy(keystore, &stored.place)?;
        }
    }
    Ok(())
}

/// Destroys objects that were created with this CKA_ID after the key was read.
fn destroy_late(keystore: &Keystore, key: &Key, id: &KeyId) -> Result<()> {
    if id.is_empty() || key.ids().any(|known| known == id) {
        return Ok(());
    }
    for object in keystore.session().keys(Search::Id(id))? {
        keystore.session().destroy(object.handle)?;
    }
    Ok(())
}

const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Private => "private key",
        Class::Public => "public key",
        Class::Secret => "secret key",
    }
}
