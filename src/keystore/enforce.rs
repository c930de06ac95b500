//! Makes the labels and usage attributes of a key's objects agree with its record.

use anyhow::Result;

use super::{
    brought_back,
    key::{Key, KeyVersion},
    record::{ForeignUsage, Record},
    store::Keystore,
    stored_record::{RecordPlace, StoredRecord},
};
use crate::{
    algorithm::Algorithm,
    model::{Status, Usage, Version},
    token::{Class, KeyObject, Search, Uses},
};

/// Sets the usage attributes on the token to those of a record, except for what is [undecided](is_undecided). Returns false if
/// the token does not enforce what the record forbids. `decides` says of a version whether the user decides about its use.
pub(super) fn uses(
    keystore: &Keystore,
    key: &mut Key,
    record: &Record,
    decides: impl Fn(Version) -> bool,
) -> Result<bool> {
    let mut agrees = true;
    for version in &mut key.versions {
        if !decides(version.version) && is_undecided(key.record.as_ref(), version) {
            agrees = false;
        } else {
            agrees &= uses_of_version(keystore, version, record)?;
        }
    }
    Ok(agrees)
}

/// Whether the token allows uses of a version that its record file forbids: if it is an older file that was put back, to take them
/// away would let `purge` destroy the version.
fn is_undecided(stored: Option<&StoredRecord>, version: &KeyVersion) -> bool {
    !version.is_idle()
        && stored.is_some_and(|stored| may_be_old(stored) && !stored.record.permits(version.version))
}

pub(super) fn uses_of_version(
    keystore: &Keystore,
    version: &mut KeyVersion,
    record: &Record,
) -> Result<bool> {
    let mut agrees = true;
    let number = version.version;
    for object in version.objects_mut() {
        let wanted = wanted_uses(record, number, object);
        *object = keystore.session().set_uses(object, wanted)?;
        // Uses beyond the record of an enabled key were reported when it was created.
        agrees &= record.status_of(number) == Status::Enable || object.uses() == wanted;
    }
    Ok(agrees)
}

/// Takes away the uses that a record does not allow, except for what is [undecided](is_undecided), and adds those that it does
/// if it `decides` about the version. Returns whether the token changed any.
pub(super) fn repair(
    keystore: &Keystore,
    key: &Key,
    record: &Record,
    decides: impl Fn(Version) -> bool,
) -> Result<bool> {
    let mut changed = false;
    for version in &key.versions {
        let is_decided = decides(version.version);
        if !is_decided && is_undecided(key.record.as_ref(), version) {
            continue;
        }
        for object in version.objects() {
            let mut wanted = wanted_uses(record, version.version, object);
            if !is_decided {
                wanted = wanted.intersection(object.uses());
            }
            changed |= keystore.session().set_uses(object, wanted)?.uses() != object.uses();
        }
    }
    Ok(changed)
}

/// Whether the token refuses a use of a version that its record file allows: of an older file that was put back, or between the
/// steps of a change.
pub(super) fn contradicts(key: &Key, version: &KeyVersion) -> bool {
    let refuses = |stored: &StoredRecord| {
        let wanted = |object| wanted_uses(&stored.record, version.version, object);
        stored.record.permits(version.version)
            && version.objects().any(|object| !wanted(object).is_within(object.uses()))
    };
    key.record.as_ref().is_some_and(|stored| may_be_old(stored) && refuses(stored))
}

/// Whether someone without the PIN could have put back an older record. In the embedded store the objects are in the same
/// database, and would be as old.
pub(super) const fn may_be_old(stored: &StoredRecord) -> bool {
    matches!(stored.place, RecordPlace::File(_))
}

/// Sets the usage attributes of versions that were not read and whose state a change has changed. Best effort.
pub(super) fn uses_of_unread(keystore: &Keystore, key: &Key, old: &Record, new: &Record) {
    for entry in &new.versions {
        let has_changed = old.version(entry.version).is_some_and(|was| was.status != entry.status);
        if !has_changed || key.version(entry.version).is_some() {
            continue;
        }
        for object in keystore.session().keys(Search::Id(&entry.id)).unwrap_or_default() {
            if object.is_labelled(&new.label_of(entry.version)) {
                let wanted = wanted_uses(new, entry.version, &object);
                let _ = keystore.session().set_uses(&object, wanted);
            }
        }
    }
}

/// Sets the labels of a key's objects to that of the record. Returns whether any differed.
pub(super) fn labels(keystore: &Keystore, key: &Key, record: &Record) -> Result<bool> {
    let mut changed = false;
    for (version, object) in other_labels(key, record) {
        keystore.session().set_label(object.handle, &record.label_of(version))?;
        changed = true;
    }
    Ok(changed)
}

/// Whether the token refuses a use of a version that the record allows, or lacks its secret object.
pub(super) fn lacking(version: &KeyVersion, record: &Record) -> bool {
    let refuses = |object: &KeyObject| {
        let wanted = wanted_uses(record, version.version, object);
        !wanted.usage.is_within(object.usage)
    };
    version.secret.is_none() || version.objects().any(refuses)
}

/// Restores labels and uses of a key's objects from its record. Reads both again: a call that failed may have taken
/// effect. Best effort: the run fails anyway, and `doctor` reports what is left.
pub(super) fn restore(keystore: &Keystore, key: &Key) {
    if let Ok(mut key) = keystore.reload(key)
        && let Some(record) = key.record().cloned()
    {
        let _ = labels(keystore, &key, &record);
        let _ = uses(keystore, &mut key, &record, |_| true);
        brought_back::has_lost_record(keystore, &key);
    }
}

/// Whether labels and uses of a key's objects agree with its record.
pub(super) fn agrees(key: &Key) -> bool {
    key.record().is_none_or(|record| {
        let is_as_wanted = |version: &KeyVersion| {
            version.objects().all(|object| object.uses() == wanted_uses(record, version.version, object))
        };
        interrupted_rename(key, record).is_none() && key.versions.iter().all(is_as_wanted)
    })
}

/// An object of a key whose label differs from the record, since a rename was interrupted. A token that keeps one name for label and
/// CKA_ID may take another label and still show the name.
pub(super) fn interrupted_rename<'a>(key: &'a Key, record: &'a Record) -> Option<&'a KeyObject> {
    let mut objects = other_labels(key, record).map(|(_, object)| object);
    objects.find(|object| object.label_bytes() != object.id.as_bytes())
}

/// The objects of a key whose label differs from the record, with their version. Objects without a label are skipped; another
/// program may have created them so.
fn other_labels<'a>(key: &'a Key, record: &'a Record) -> impl Iterator<Item = (Version, &'a KeyObject)> {
    let of_version = |version: &'a KeyVersion| version.objects().map(|object| (version.version, object));
    key.versions.iter().flat_map(of_version).filter(|(version, object)| {
        !object.label.is_empty() && !object.unread.label && !object.is_labelled(&record.label_of(*version))
    })
}

/// The uses that a record allows an object of a version.
pub(super) fn wanted_uses(record: &Record, version: Version, object: &KeyObject) -> Uses {
    if !record.permits(version) {
        return Uses::default();
    }
    let entry = record.version(version);
    if entry.is_some_and(|entry| entry.companion.as_ref() == Some(&object.id)) {
        let usage = Usage { sign: true, verify: true, ..Usage::NONE };
        return Uses { usage, ..Uses::default() };
    }
    let ForeignUsage { mut wrap, mut unwrap, derive } = record.foreign_usage;
    let mut usage = record.usage_of(version);
    if entry.is_some_and(|entry| entry.created.is_some()) {
        // New versions of an EC key are created without what no EC key can, whatever the attributes of the older ones say.
        (wrap, unwrap) = (wrap && object.kind.may_wrap(), unwrap && object.kind.may_wrap());
        let of_algorithm = object.kind.algorithm().map(Algorithm::usage);
        usage = of_algorithm.map_or(usage, |of_algorithm| usage.intersection(of_algorithm));
    }
    if object.class == Class::Secret {
        // A secret key verifies MACs by computing them, so every version keeps CKA_SIGN.
        usage.sign = record.usage.sign;
    }
    // What a key wraps is encrypted by it.
    let wrap = wrap && record.status_of(version) == Status::Enable;
    Uses { usage, wrap, unwrap, derive }.of_class(object.class)
}
