//! From the objects and records of a token to logical keys.
//!
//! A record claims the objects that it names: by their CKA_ID, and where another program changed that, by what binds them to
//! it ([`super::binding::Binding`]). The rest are keys of other programs. An object that anyone can make without a PIN never
//! takes the place of one that takes the PIN to make.

use std::collections::HashMap;

use super::{
    binding::Binding,
    identity::Namespace,
    key::{Key, KeyVersion, StoredRecord},
    record::{Record, VersionRecord},
};
use crate::{
    algorithm::{KeyKind, PublicKey},
    model::KeyId,
    token::{Certificate, Class, KeyObject},
};

/// Puts logical keys together. Among what no record names, objects that a rotation of a recorded key left behind belong to
/// it as strays.
#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
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
    unclaimed.give_strays(names, &mut keys);
    keys.extend(unclaimed.into_foreign_keys());
    give_certificates(&mut keys, certificates);
    keys
}

/// Of each key the record with the highest revision: an update that was cut short leaves an older one behind. Of two with
/// the same one, which only two crashes at once can leave, every reader takes the same.
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
    // Stable, so that keys of one label stay in the order of their identities.
    newest.sort_by(|a, b| a.stored.record.label.cmp(&b.stored.record.label));
    newest
}

/// The record that counts, and whether another is there that it succeeds or that it met.
struct Newest {
    stored: StoredRecord,
    is_settling: bool,
}

/// Objects by CKA_ID, until a key claims them.
#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
struct Unclaimed {
    by_id: HashMap<KeyId, Vec<Box<KeyObject>>>,
    order: Vec<KeyId>,
}

#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
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

    /// Takes the best object of a CKA_ID: one behind the PIN, if there is any. Others stay, and show as separate keys.
    fn take(&mut self, id: &KeyId, wanted: impl Fn(&KeyObject) -> bool) -> Option<Box<KeyObject>> {
        let objects = self.by_id.get_mut(id)?;
        let fitting = || objects.iter().enumerate().filter(|(_, object)| wanted(object));
        let (at, _) = fitting().find(|(_, object)| object.is_guarded()).or_else(|| fitting().next())?;
        Some(objects.remove(at))
    }

    /// Takes every public object of a CKA_ID and kind.
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
        let companion_key = companion_key
            .and_then(|companion| self.take(companion, |object| object.kind == KeyKind::GenericSecret));
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

    /// Finds the objects of a version again that another program gave another CKA_ID, or imported once more.
    fn relink(&mut self, key: &mut Key) {
        let Some(record) = key.record().cloned() else { return };
        for version in key.versions.iter_mut().filter(|version| version.secret.is_none()) {
            let binding = record.version(version.version).map(|entry| entry.binding).unwrap_or_default();
            let Some(fingerprint) = binding.spki_sha256 else { continue };
            if let Some((secret, publics)) = self.take_pair(&fingerprint) {
                let (public, mut strangers) = choose_public(Some(&secret), &binding, publics);
                version.id = secret.id.clone();
                // The public object under the old CKA_ID no longer belongs to a private one.
                strangers.extend(version.public.take().map(|public| *public));
                version.secret = Some(secret);
                version.public = public;
                version.strangers.append(&mut strangers);
            }
        }
    }

    /// A private object whose public key has this fingerprint, by its own numbers or by those of the object beside it, which
    /// a trial must then prove.
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

    /// Only keys of one label are looked at: the mark in a CKA_ID costs a hash for each pair.
    fn give_strays(&mut self, names: &Namespace, keys: &mut [Key]) {
        let mut by_label: HashMap<&str, Vec<&KeyId>> = HashMap::new();
        for (id, objects) in &self.by_id {
            for object in objects {
                by_label.entry(&object.label).or_default().push(id);
            }
        }
        let strays: Vec<(usize, KeyId)> = keys
            .iter()
            .enumerate()
            .flat_map(|(index, key)| {
                let identity = key.identity();
                let ids = by_label.get(key.label.as_str()).into_iter().flatten();
                let own: Vec<_> = ids
                    .filter(|id| names.is_version_id(&identity, id))
                    .map(|id| (index, (*id).clone()))
                    .collect();
                own
            })
            .collect();
        for (index, id) in strays {
            if let Some(objects) = self.by_id.get_mut(&id) {
                keys[index].strays.extend(objects.drain(..).map(|object| *object));
            }
        }
    }

    /// Pairs the rest by CKA_ID; without one, a private and a public key of one label and kind belong together.
    fn into_foreign_keys(mut self) -> Vec<Key> {
        let mut keys = Vec::new();
        for id in std::mem::take(&mut self.order) {
            let objects = self.by_id.remove(&id).unwrap_or_default();
            let (mut publics, mut secrets): (Vec<_>, Vec<_>) =
                objects.into_iter().partition(|object| object.class == Class::Public);
            // Those that take the PIN to make choose first.
            secrets.sort_by_key(|secret| !secret.is_guarded());
            while !secrets.is_empty() {
                let secret = secrets.remove(0);
                let rival =
                    secrets.iter().any(|other| other.class == secret.class && other.kind == secret.kind);
                let theirs = take_publics_of(&secret, rival, &mut publics);
                let (public, strangers) = choose_public(Some(&secret), &Binding::default(), theirs);
                let mut key = Key::foreign(Some(secret), public);
                key.current_mut().strangers = strangers;
                keys.push(key);
            }
            keys.extend(publics.into_iter().map(|public| Key::foreign(None, Some(public))));
        }
        keys
    }
}

/// The public objects that may be the half of a private one, the likeliest first. Where another private key has the same
/// CKA_ID and kind, only one is taken, and copies of the others serve for a trial.
#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
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

/// Whether an object may be what a record is bound to: what it states of itself does not say otherwise.
fn is_bound(object: &KeyObject, binding: &Binding) -> bool {
    match (&binding.spki_sha256, object.public_key()) {
        (Some(fingerprint), Some(Ok(own))) => own.fingerprint() == *fingerprint,
        _ => true,
    }
}

/// The public half among what claims to be it. Numbers are compared only where there is a choice: a list of ten thousand
/// keys cannot afford it for each.
#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
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

/// Certificates belong to the private key of their CKA_ID. Its own label goes before theirs.
fn give_certificates(keys: &mut [Key], certificates: Vec<Certificate>) {
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
