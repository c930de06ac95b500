//! Finishes a creation that was interrupted between the objects and their record, when the same command is run again.
//!
//! The key works and may have been used since, so it is never destroyed here, except for a lone public half. It is
//! recognised by its CKA_ID ([`super::Namespace::first_id`]) for a day: a key that lost its record later is not a new
//! one, and its label is in use like that of any other key.

use std::collections::HashSet;

use anyhow::Result;

use super::{
    arrival::Arrival,
    error::Error,
    identity::{Fresh, Namespace},
    key::{Key, KeyVersion},
    make, new_id, prove,
    read_back::excess_uses,
    register::{is_without_records, record_first},
    request::{CreateRequest, Created, Origin},
    store::Keystore,
    transaction::Transaction,
};
use crate::{
    algorithm::KeyKind,
    encoding::KeyMaterial,
    model::{KeyId, Timestamp},
    token::{KeyObject, KeyTemplate, NewKey},
};

/// The objects of a key whose creation was interrupted.
pub(super) struct Unfinished<'a> {
    pub(super) version: &'a KeyVersion,
    /// The HMAC key of a convergent key.
    companion: Option<&'a KeyObject>,
    /// Further versions of a key that was being moved here.
    others: Vec<&'a KeyVersion>,
}

impl<'a> Unfinished<'a> {
    /// `namesakes` are all keys with one label. `None` if they include any other key.
    pub(super) fn among(namesakes: &[&'a Key], names: &Namespace, now: Timestamp) -> Option<Self> {
        let is_fresh =
            |key: &&&Key| names.fresh(&key.label, now, &key.current().id) == Some(Fresh::Unrecorded);
        let (fresh, rest): (Vec<&'a Key>, Vec<&'a Key>) = namesakes.iter().partition(is_fresh);
        let mut versions: Vec<_> = fresh.into_iter().map(Key::current).collect();
        // Without the PIN anyone could create a public object that looks like a new key.
        let is_planted =
            |version: &&KeyVersion| version.secret.as_ref().is_some_and(|secret| !secret.is_guarded());
        if versions.is_empty() || versions.iter().any(is_planted) {
            return None;
        }
        let is_companion = |key: &&Key| {
            let id = &key.current().id;
            key.kind().is_some_and(KeyKind::is_mac)
                && versions.iter().any(|version| names.is_version_id(&version.id, id))
        };
        let unrecorded = namesakes.iter().all(|key| key.record.is_none());
        let ids: HashSet<&KeyId> = namesakes.iter().map(|key| &key.current().id).collect();
        let is_whole =
            rest.len() <= versions.len() && ids.len() == namesakes.len() && rest.iter().all(is_companion);
        let companion = rest.first().and_then(|key| key.current().secret.as_deref());
        let version = versions.remove(0);
        (unrecorded && is_whole).then_some(Self { version, companion, others: versions })
    }

    /// The CKA_IDs of its versions.
    pub(super) fn ids(&self) -> impl Iterator<Item = &KeyId> {
        std::iter::once(self.version).chain(self.others.iter().copied()).map(|version| &version.id)
    }

    /// Whether only a public half exists.
    pub(super) fn is_lone_half(&self) -> bool {
        self.others.is_empty() && self.version.secret.is_none() && self.version.public.is_some()
    }

    /// The complete key; `None` if half of a pair is missing.
    fn complete(&self) -> Option<NewKey> {
        let handle = |object: &Option<Box<KeyObject>>| object.as_ref().map(|object| object.handle);
        let (secret, public) = (handle(&self.version.secret)?, handle(&self.version.public));
        match (self.version.kind()?.is_secret(), public) {
            (true, None) => Some(NewKey::Secret(secret)),
            (false, Some(public)) => Some(NewKey::Pair { private: secret, public }),
            _ => None,
        }
    }
}

/// Destroys a lone public half: the token was interrupted while creating the pair, so there is no private half. Returns
/// the remaining namesakes.
pub(super) fn without_lone_half(keystore: &Keystore, namesakes: Vec<Key>) -> Result<Vec<Key>> {
    let all: Vec<_> = namesakes.iter().collect();
    match Unfinished::among(&all, keystore.names(), keystore.now()) {
        Some(left) if left.is_lone_half() => {
            for handle in left.version.handles() {
                keystore.session().destroy(handle)?;
            }
            Ok(Vec::new())
        }
        _ => Ok(namesakes),
    }
}

/// Tests and records what an interrupted run of the same command left behind. `None` if there is nothing, or if it does
/// not match the request or, for an import, what arrives; several versions are imported again instead.
pub(super) fn finish(
    keystore: &Keystore,
    request: &CreateRequest,
    arrival: Option<&Arrival>,
    namesakes: &[Key],
) -> Result<Option<Created>> {
    let material = arrival.and_then(Arrival::single);
    if arrival.is_some() && material.is_none() {
        return Ok(None);
    }
    let namesakes: Vec<_> = namesakes.iter().collect();
    let Some(left) = Unfinished::among(&namesakes, keystore.names(), keystore.now()) else { return Ok(None) };
    let version = left.version;
    let is_asked = request.id.is_none()
        && left.others.is_empty()
        && version.kind() == Some(request.algorithm.kind())
        && version.protection().extractable.unwrap_or(request.exportable) == request.exportable
        // A key left by an import existed outside the token, so it cannot finish a creation.
        && (material.is_some() || version.protection().local != Some(false))
        && (request.convergent || left.companion.is_none());
    if !is_asked {
        return Ok(None);
    }
    Transaction::begin(keystore, request.label.as_str(), None).run(|transaction| {
        let finished = finish_objects(transaction, request, arrival, &left)?;
        if finished.is_none() {
            transaction.discard();
        }
        Ok(finished)
    })
}

fn finish_objects(
    transaction: &mut Transaction<'_>,
    request: &CreateRequest,
    arrival: Option<&Arrival>,
    left: &Unfinished<'_>,
) -> Result<Option<Created>> {
    let material = arrival.and_then(Arrival::single);
    let keystore = transaction.keystore();
    let id = &left.version.id;
    let template = request.template(id);
    let Some(made) = complete(transaction, &template, material, left)? else { return Ok(None) };
    let mut version = match make::check(keystore, &template, made) {
        Ok(version) => version,
        Err(error) if error.is::<Error>() => return Ok(None),
        Err(error) => return Err(error),
    };
    // If the token cannot compute the check value, a secret key may be a different one.
    let is_same = |material| prove::is_material(keystore, &version, material) == Some(true);
    if version.token_usage() != request.usage || !material.is_none_or(is_same) {
        return Ok(None);
    }
    match left.companion.filter(|_| request.convergent) {
        Some(companion) => {
            let of_companion = make::companion_template(&template, &companion.id);
            make::take_companion(keystore, &mut version, &of_companion, companion.handle)?;
        }
        None if request.convergent => {
            make::require_convergence(keystore)?;
            let id = new_id::companion(keystore, id)?;
            make::add_companion(transaction, &mut version, &template, &id)?;
        }
        None => {}
    }
    let excess = excess_uses(request.usage, &version);
    match record_first(transaction, request, arrival, vec![version]) {
        Ok(key) => Ok(Some(Created { key, origin: Origin::Finished, excess, is_import: arrival.is_some() })),
        // On a token without records the key is complete already.
        Err(error) if is_without_records(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// All objects of the key. Adds the public half to an import that was interrupted between the halves of a pair. The
/// caller tests that they belong together, so the key must be able to sign or decrypt.
fn complete(
    transaction: &mut Transaction<'_>,
    template: &KeyTemplate<'_>,
    material: Option<&KeyMaterial>,
    left: &Unfinished<'_>,
) -> Result<Option<NewKey>> {
    if let Some(complete) = left.complete() {
        return Ok(Some(complete));
    }
    let is_provable = template.usage.sign || template.usage.decrypt;
    let public = material.and_then(KeyMaterial::public_key).filter(|_| is_provable);
    let (Some(public), Some(private)) = (public, &left.version.secret) else { return Ok(None) };
    let public = transaction.keystore().session().create_public(template, public)?;
    transaction.made(&[public]);
    Ok(Some(NewKey::Pair { private: private.handle, public }))
}
