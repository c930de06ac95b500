//! Assembles the objects and records of a token into logical keys.
//!
//! A record claims the objects that it names: by their CKA_ID or, if another program changed that, by their
//! [`Binding`]. The rest are keys of other programs. An object that anyone can create without the PIN never replaces
//! one that requires the PIN.

use std::collections::{HashMap, HashSet};

use super::{
    binding::Binding,
    identity::Namespace,
    key::{Key, KeyVersion},
    record::{Record, VersionRecord, version_label},
    stored_record::StoredRecord,
};
use crate::{
    algorithm::{KeyKind, PublicKey},
    model::KeyId,
    token::{Certificate, Class, KeyObject},
};

/// Assembles logical keys. Unrecorded objects that an interrupted rotation left behind become strays of their key.
#[allow(clippy::vec_box, reason = "passed on from the token without copying")]
pub(super) fn assemble(
    names: &Namespace,
    objects: Vec<Box<KeyObject>>,
    certificates: Vec<Certificate>,
    records: Vec<StoredRecord>,
) -> Vec<Key> {
    let mut unclaimed = Unclaimed::new(objects);
    let mut keys: Vec<Key> =
        newest_revisions(records).into_iter().map(|newest| unclaimed.claim(newest)).collect();
    for key in &mut keys {
        unclaimed.relink(key);
    }
    unclaimed.assign_strays(names, &mut keys);
    keys.extend(unclaimed.into_foreign_keys());
    note_others(&mut keys);
    assign_certificates(&mut keys, certificates);
    keys
}

/// The record with the highest revision of each key: an interrupted update leaves an older one behind. The order is
/// total, so that all readers pick the same one if two have the same revision, which takes two simultaneous crashes.
fn newest_revisions(mut records: Vec<StoredRecord>) -> Vec<Newest> {
    let rank = |record: &Record| (record.revision, record.versions.len());
    records.sort_by(|StoredRecord { record: a, .. }, StoredRecord { record: b, .. }| {
        let by_identity = a.identity.as_str().cmp(b.identity.as_str());
        by_identity.then_with(|| rank(b).cmp(&rank(a))).then_with(|| b.to_bytes().cmp(&a.to_bytes()))
    });
    let mut newest: Vec<Newest> = Vec::with_capacity(records.len());
    for stored in records {
        match newest.last_mut().filter(|newest| newest.stored.record.identity == stored.record.identity) {
            Some(newest) => {
                let revision = stored.record.revision;
                newest.is_settling |= revision.saturating_add(1) >= newest.stored.record.revision;
            }
            None => newest.push(Newest { stored, is_settling: false }),
        }
    }
    // Stable: keys with the same label stay ordered by identity.
    newest.sort_by(|a, b| a.stored.record.label.cmp(&b.stored.record.label));
    newest
}

/// The current record of a key, and whether its predecessor or a concurrent one still exists.
struct Newest {
    stored: StoredRecord,
    is_settling: bool,
}

/// Objects by CKA_ID, until a key claims them.
#[allow(clippy::vec_box, reason = "passed on from the token without copying")]
struct Unclaimed {
    by_id: HashMap<KeyId, Vec<Box<KeyObject>>>,
    order: Vec<KeyId>,
}

#[allow(clippy::vec_box, reason = "passed on from the token without copying")]
impl Unclaimed {
    fn new(objects: Vec<Box<KeyObject>>) -> Self {
        let mut by_id: HashMap<KeyId, Vec<Box<KeyObject>>> = HashMap::new();
        let mut order = Vec::new();
        for object in objects {
            let entry = by_id.entry(object.id.clone()).or_default();
            if entry.is_empty() {
                order.push(object.id.clone());
            }
            entry.push(object);
        }
        Self { by_id, order }
    }

    /// Takes the best object with a CKA_ID: one protected by the PIN if there is any. Others remain and become separate
    /// keys.
    fn take(&mut self, id: &KeyId, wanted: impl Fn(&KeyObject) -> bool) -> Option<Box<KeyObject>> {
        let objects = self.by_id.get_mut(id)?;
        let fitting = || objects.iter().enumerate().filter(|(_, object)| wanted(object));
        let (at, _) = fitting().find(|(_, object)| object.is_guarded()).or_else(|| fitting().next())?;
        Some(objects.remove(at))
    }

    /// Takes all public objects with a CKA_ID and kind.
    fn take_public(&mut self, id: &KeyId, kind: Option<KeyKind>) -> Vec<Box<KeyObject>> {
        let Some(objects) = self.by_id.get_mut(id) else { return Vec::new() };
        let is_it =
            |object: &KeyObject| object.class == Class::Public && kind.is_none_or(|kind| object.kind == kind);
        objects.extract_if(.., |object| is_it(object)).collect()
    }

    fn claim(&mut self, Newest { stored, is_settling }: Newest) -> Key {
        let kind = stored.record.algorithm.map(crate::algorithm::Algorithm::kind);
        let mut versions: Vec<_> =
            stored.record.versions.iter().map(|entry| self.claim_version(entry, kind)).collect();
        versions.sort_by_key(|version| version.version);
        let key = Key::new(stored.record.label.clone(), versions);
        Key { is_settling, ..key.with_record(stored) }
    }

    fn claim_version(&mut self, entry: &VersionRecord, kind: Option<KeyKind>) -> KeyVersion {
        let companion_key = entry.companion.as_ref();
        let companion_key =
            companion_key.and_then(|companion| self.take(companion, |object| object.kind.is_mac()));
        let secret = self.take(&entry.id, |object| {
            object.class != Class::Public
                && kind.is_none_or(|kind| object.kind == kind)
                && is_bound(object, &entry.binding)
        });
        let kind = secret.as_ref().map(|secret| secret.kind).or(kind);
        let publics = self.take_public(&entry.id, kind);
        let (public, strangers) = choose_public(secret.as_deref(), &entry.binding, publics);
        KeyVersion {
            version: entry.version,
            status: entry.status,
            created: entry.created,
            companion: entry.companion.clone(),
            companion_key,
            strangers,
            ..KeyVersion::of_objects(entry.id.clone(), secret, public)
        }
    }

    /// Finds the objects of a version that another program renumbered or reimported.
    fn relink(&mut self, key: &mut Key) {
        let Some(record) = key.record().cloned() else { return };
        for version in key.versions.iter_mut().filter(|version| version.secret.is_none()) {
            let binding = record.version(version.version).map(|entry| entry.binding).unwrap_or_default();
            let Some(fingerprint) = binding.spki_sha256 else { continue };
            if let Some((secret, publics)) = self.take_pair(&fingerprint) {
                let (public, mut strangers) = choose_public(Some(&secret), &binding, publics);
                version.id = secret.id.clone();
                // The public object with the old CKA_ID no longer belongs to a private one.
                strangers.extend(version.public.take().map(|public| *public));
                version.secret = Some(secret);
                version.public = public;
                version.strangers.append(&mut strangers);
            }
        }
    }

    /// A private object whose public key has this fingerprint, by its own numbers or by those of the public object with
    /// the same CKA_ID, which a trial must then prove.
    fn take_pair(&mut self, fingerprint: &[u8; 32]) -> Option<(Box<KeyObject>, Vec<Box<KeyObject>>)> {
        let is_it = |object: &KeyObject| {
            object.public_key().and_then(Result::ok).is_some_and(|key| key.fingerprint() == *fingerprint)
        };
        let (id, kind) = self.order.iter().find_map(|id| {
            let objects = self.by_id.get(id)?;
            let known = objects.iter().find(|object| is_it(object))?;
            let has_private = |object: &KeyObject| {
                object.class == Class::Private && object.kind == known.kind && object.is_guarded()
            };
            objects.iter().find(|object| has_private(object)).map(|private| (id.clone(), private.kind))
        })?;
        let secret = self.take(&id, |object| object.class == Class::Private && object.kind == kind)?;
        let publics = self.take_public(&id, Some(kind));
        Some((secret, publics))
    }

    /// Assigns strays to their keys. Only compares objects and keys with the same label, since each comparison costs a
    /// hash. What has a CKA_ID that a record names is another key.
    fn assign_strays(&mut self, names: &Namespace, keys: &mut [Key]) {
        let recorded: HashSet<&KeyId> = keys
            .iter()
            .filter_map(Key::record)
            .flat_map(|record| &record.versions)
            .flat_map(VersionRecord::ids)
            .collect();
        let mut by_label: HashMap<&str, Vec<&KeyId>> = HashMap::new();
        for (id, objects) in self.by_id.iter().filter(|(id, _)| !recorded.contains(id)) {
            for object in objects {
                by_label.entry(&object.label).or_default().push(id);
            }
        }
        let strays: Vec<(usize, KeyId, String)> = keys
            .iter()
            .enumerate()
            .flat_map(|(index, key)| {
                let next =
                    key.record().map(|record| version_label(&record.label, record.newest().version.next()));
                let labels = [Some(key.label.as_str()), next.as_deref()];
                let with_label =
                    |label| by_label.get(label).into_iter().flatten().map(move |id| (label, *id));
                let is_own = |id| {
                    let is_of = |record: &Record| {
                        names.is_version_id(record.first_id(), id) || record.version_of(names, id).is_some()
                    };
                    key.record().is_some_and(is_of)
                };
                let own: Vec<_> = labels
                    .into_iter()
                    .flatten()
                    .flat_map(with_label)
                    .filter(|(_, id)| is_own(id))
                    .map(|(label, id)| (index, id.clone(), label.to_owned()))
                    .collect();
                own
            })
            .collect();
        for (index, id, label) in strays {
            if let Some(objects) = self.by_id.get_mut(&id) {
                let own = objects.extract_if(.., |object| object.label == label);
                keys[index].strays.extend(own.map(|object| *object));
            }
        }
    }

    /// Pairs the rest by CKA_ID, or by label and kind if there is no CKA_ID.
    fn into_foreign_keys(mut self) -> Vec<Key> {
        let mut keys = Vec::new();
        for id in std::mem::take(&mut self.order) {
            let objects = self.by_id.remove(&id).unwrap_or_default();
            let (mut publics, mut secrets): (Vec<_>, Vec<_>) =
                objects.into_iter().partition(|object| object.class == Class::Public);
            // Keys protected by the PIN choose first.
            secrets.sort_by_key(|secret| !secret.is_guarded());
            while !secrets.is_empty() {
                let secret = secrets.remove(0);
                let rival =
                    secrets.iter().any(|other| other.class == secret.class && other.kind == secret.kind);
                let taken = take_publics_of(&secret, rival, &mut publics);
                let (public, strangers) = choose_public(Some(&secret), &Binding::default(), taken);
                let mut key = Key::foreign(Some(secret), public);
                key.current_mut().strangers = strangers;
                keys.push(key);
            }
            keys.extend(publics.into_iter().map(|public| Key::foreign(None, Some(public))));
        }
        keys
    }
}

/// Notes for each key the objects of other keys that share a CKA_ID with it.
pub(super) fn note_others(keys: &mut [Key]) {
    for key in &mut *keys {
        key.others.clear();
    }
    let mut by_id: HashMap<&KeyId, Vec<usize>> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        for id in key.ids().filter(|id| !id.is_empty()) {
            let sharing = by_id.entry(id).or_default();
            if sharing.last() != Some(&at) {
                sharing.push(at);
            }
        }
    }
    let mut others: Vec<(usize, KeyObject)> = Vec::new();
    for (id, sharing) in by_id.iter().filter(|(_, sharing)| sharing.len() > 1) {
        for (of, at) in sharing.iter().flat_map(|of| sharing.iter().map(move |at| (*of, *at))) {
            let objects = keys[at].versions.iter().flat_map(KeyVersion::objects);
            let shared = objects.filter(|object| of != at && object.id == **id);
            others.extend(shared.map(|object| (of, object.clone())));
        }
    }
    for (of, object) in others {
        keys[of].others.push(object);
    }
}

/// The public objects that may be the half of a private key, likeliest first. If another private key has the same
/// CKA_ID and kind, takes only one and returns copies of the others, so that a trial can decide.
#[allow(clippy::vec_box, reason = "passed on from the token without copying")]
fn take_publics_of(
    secret: &KeyObject,
    has_rival: bool,
    publics: &mut Vec<Box<KeyObject>>,
) -> Vec<Box<KeyObject>> {
    if !has_rival {
        return publics.extract_if(.., |public| may_be_pair(secret, public)).collect();
    }
    let own = secret.public_key().and_then(Result::ok);
    let likeness = |public: &KeyObject| match &own {
        Some(own) if public.public_key().and_then(Result::ok).as_ref() == Some(own) => 0,
        None if public.label == secret.label => 1,
        _ => 2,
    };
    let fitting = publics.iter().enumerate().filter(|(_, public)| may_be_pair(secret, public));
    let Some((at, _)) = fitting.min_by_key(|(_, public)| likeness(public)) else { return Vec::new() };
    let first = publics.remove(at);
    let others: Vec<_> = publics.iter().filter(|public| may_be_pair(secret, public)).cloned().collect();
    std::iter::once(first).chain(others).collect()
}

fn may_be_pair(secret: &KeyObject, public: &KeyObject) -> bool {
    secret.class == Class::Private
        && secret.kind == public.kind
        && (!secret.id.is_empty() || secret.label == public.label)
}

/// Whether an object may be the one in the binding: false only if its own public numbers differ.
fn is_bound(object: &KeyObject, binding: &Binding) -> bool {
    match (&binding.spki_sha256, object.public_key()) {
        (Some(fingerprint), Some(Ok(own))) => own.fingerprint() == *fingerprint,
        _ => true,
    }
}

/// Chooses the public half among the candidates; the others are strangers. Numbers are compared only if there is a
/// choice: for a list of ten thousand keys comparing all would be too slow.
#[allow(clippy::vec_box, reason = "passed on from the token without copying")]
fn choose_public(
    secret: Option<&KeyObject>,
    binding: &Binding,
    mut publics: Vec<Box<KeyObject>>,
) -> (Option<Box<KeyObject>>, Vec<KeyObject>) {
    if publics.is_empty() {
        return (None, Vec::new());
    }
    let at = if publics.len() == 1 {
        0
    } else {
        let own = secret.and_then(KeyObject::public_key).and_then(Result::ok);
        let expected = binding.spki_sha256.or_else(|| own.as_ref().map(PublicKey::fingerprint));
        let fits = |public: &KeyObject| {
            let key = public.public_key().and_then(Result::ok);
            key.is_some_and(|key| Some(key.fingerprint()) == expected)
        };
        publics.iter().position(|public| fits(public)).unwrap_or(0)
    };
    let public = publics.remove(at);
    (Some(public), publics.into_iter().map(|stranger| *stranger).collect())
}

/// Assigns certificates to the private key with their CKA_ID. A key without a label gets that of its certificate.
fn assign_certificates(keys: &mut [Key], certificates: Vec<Certificate>) {
    for certificate in certificates.into_iter().filter(|certificate| !certificate.id.is_empty()) {
        let fitting = keys.iter_mut().find(|key| {
            key.versions.iter().any(|version| {
                version.id == certificate.id
                    && version.secret.as_ref().is_some_and(|secret| secret.class == Class::Private)
            })
        });
        let Some(key) = fitting else { continue };
        if key.record.is_none() && key.label.is_empty() {
            key.label.clone_from(&certificate.label);
        }
        for version in key.versions.iter_mut().filter(|version| version.id == certificate.id) {
            version.certificates.push(certificate.clone());
        }
    }
}
