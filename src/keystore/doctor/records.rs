//! Records among themselves, and against the objects that they name.

use super::fault::{Fault, Leftover};
use crate::{
    keystore::{
        change::other_labels,
        key::{Key, KeyVersion, StoredRecord},
        list::Inventory,
        record::{Record, VersionRecord},
    },
    model::{KeyId, KeyKind},
    token::{Class, KeyObject},
};

pub(super) fn check(inventory: &Inventory, superseded: &[StoredRecord]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for damaged in &inventory.damaged {
        let (label, reason) = (damaged.label.clone(), damaged.reason.clone());
        faults.push(match damaged.file() {
            Some(path) => Fault::DamagedRecordFile { path: path.to_owned(), reason },
            None => Fault::DamagedRecord { label, reason },
        });
    }
    for stored in superseded {
        faults.extend(successor(&inventory.keys, stored).map(|newest| Fault::SupersededRecord {
            label: newest.label.clone(),
            revision: stored.record.revision,
            newest: newest.revision,
            leftover: leftover(&stored.record, newest),
        }));
    }
    inventory.keys.iter().for_each(|key| check_key(key, &unrecorded(&inventory.keys, key), &mut faults));
    faults
}

/// The record that counts in the place of another.
pub(super) fn successor<'a>(keys: &'a [Key], stored: &StoredRecord) -> Option<&'a Record> {
    keys.iter().filter_map(Key::record).find(|newest| newest.identity == stored.record.identity)
}

/// What a record is beside the one that counts.
pub(super) fn leftover(record: &Record, newest: &Record) -> Leftover {
    let names = |id: &KeyId| newest.versions.iter().flat_map(ids).any(|known| known == id);
    if newest.schema > Record::SCHEMA || record.schema > Record::SCHEMA {
        Leftover::Foreign
    } else if is_older_or_same(record, newest) && record.versions.iter().flat_map(ids).all(names) {
        Leftover::Covered
    } else {
        Leftover::Rival
    }
}

/// Two machines that finish one creation at once may both record it (SoftHSM shows neither what the other wrote): then
/// nothing differs but the moment.
fn is_older_or_same(record: &Record, newest: &Record) -> bool {
    let at_the_same_moment = Record {
        created: newest.created,
        status_since: newest.status_since,
        next_rotation: newest.next_rotation,
        versions: newest.versions.clone(),
        ..record.clone()
    };
    record.revision < newest.revision || at_the_same_moment == *newest
}

fn ids(version: &VersionRecord) -> impl Iterator<Item = &KeyId> {
    std::iter::once(&version.id).chain(&version.companion)
}

/// The CKA_IDs of keys without a record that are of the same kind as one with a record.
fn unrecorded(keys: &[Key], of: &Key) -> Vec<KeyId> {
    if of.record.is_none() || of.versions.iter().all(|version| version.secret.is_some()) {
        return Vec::new();
    }
    let kind =
        of.record().and_then(|record| record.algorithm).map(crate::model::Algorithm::kind).or(of.kind());
    let may_be_it = |key: &&Key| key.record.is_none() && key.kind() == kind && key.current().secret.is_some();
    keys.iter().filter(may_be_it).map(|key| key.current().id.clone()).collect()
}

fn check_key(key: &Key, unrecorded: &[KeyId], faults: &mut Vec<Fault>) {
    let label = || key.label.clone();
    if let Some(record) = key.record() {
        if record.schema > Record::SCHEMA {
            faults.push(Fault::NewerRecord { label: label(), schema: record.schema });
        } else if let Some(object) = other_labels(key, record).next() {
            faults.push(Fault::OtherLabel { label: label(), found: object.label.clone() });
        }
        if key.versions.iter().all(|version| version.objects().next().is_none()) {
            faults.push(Fault::NothingLeft {
                label: label(),
                id: key.versions[0].id.clone(),
                unrecorded: unrecorded.to_vec(),
            });
        } else {
            let kind = key.kind();
            faults.extend(key.versions.iter().flat_map(|version| missing(key, kind, version, unrecorded)));
        }
    } else {
        faults.extend(lone_half(key));
    }
    let mut strays: Vec<_> = key.strays.iter().map(|object| object.id.clone()).collect();
    strays.sort();
    strays.dedup();
    for id in strays {
        let objects: Vec<_> = key.strays.iter().filter(|object| object.id == id).map(class_name).collect();
        faults.push(Fault::Stray { label: label(), id, what: objects.join(" and ") });
    }
}

fn class_name(object: &KeyObject) -> &'static str {
    match object.class {
        Class::Private => "a private key",
        Class::Public => "a public key",
        Class::Secret => "a secret key",
    }
}

/// What a recorded version lacks.
fn missing(key: &Key, kind: Option<KeyKind>, version: &KeyVersion, unrecorded: &[KeyId]) -> Vec<Fault> {
    let fault = |what, is_needed| Fault::MissingObject {
        label: key.label.clone(),
        version: Some(version.version),
        what,
        is_needed,
        id: version.id.clone(),
        unrecorded: unrecorded.to_vec(),
    };
    let is_secret = kind.is_some_and(KeyKind::is_secret);
    let mut faults = Vec::new();
    if version.secret.is_none() {
        faults.push(fault(if is_secret { "secret key" } else { "private half" }, true));
    }
    if !is_secret && version.public.is_none() && version.certificates.is_empty() {
        // An RSA private key states the public numbers too, so that everything still works.
        faults.push(fault("public half", version.public_numbers().is_none()));
    }
    if version.companion.is_some() && version.companion_key.is_none() {
        faults.push(fault("HMAC companion key", true));
    }
    faults
}

/// A private EC key of another program without its public half cannot be checked by anybody.
fn lone_half(key: &Key) -> Option<Fault> {
    let version = key.current();
    let is_lone = version.public.is_none()
        && version.public_numbers().is_none()
        && version.certificates.is_empty()
        && version.secret.as_ref().is_some_and(|secret| secret.class == Class::Private);
    let (label, what) = (key.label.clone(), "public half");
    is_lone.then_some(Fault::MissingObject {
        label,
        version: None,
        what,
        is_needed: true,
        id: version.id.clone(),
        unrecorded: Vec::new(),
    })
}
