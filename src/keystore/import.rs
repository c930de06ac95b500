//! Imports a key: refuse an existing label, CKA_ID or identity, try the import methods in order, record.

use anyhow::{Context as _, Result};

use super::{
    arrival::{Arrival, ArrivingVersion},
    create::{existing, free_ids, namesakes, require_uses},
    error::Error,
    finish::{self, Unfinished},
    identity::Identity,
    key::{Key, KeyVersion},
    make, new_id, prove,
    record::Record,
    records, refused_request,
    register::register,
    request::{CreateRequest, Created, Origin},
    store::Keystore,
    transaction::Transaction,
    vouch,
};
use crate::{
    encoding::KeyMaterial,
    model::{KeyId, Version},
    token::{ImportWay, KeyTemplate},
};

/// The result of [`Keystore::import`].
#[derive(Debug)]
pub struct Imported {
    pub created: Created,
    /// How the key was imported; `None` if it already existed.
    pub way: Option<ImportWay>,
    /// The methods that failed before, and why.
    pub failed: Vec<(ImportWay, String)>,
}

impl Keystore {
    /// Imports a key with all versions that arrive, or nothing. `request.algorithm` must be the key's own. The caller
    /// holds the token's exclusive lock.
    pub fn import(&self, request: &CreateRequest, arrival: &Arrival) -> Result<Imported> {
        let existing_key = |created| Ok(Imported { created, way: None, failed: Vec::new() });
        let namesakes = finish::without_lone_half(self, namesakes(self, request)?)?;
        if let Some(created) = finish::finish(self, request, Some(arrival), &namesakes)? {
            return existing_key(created);
        }
        let (leftovers, namesakes) = leftovers(self, arrival, namesakes);
        let is_same = |key: &Key| {
            arrival.versions.iter().all(|arriving| require_same_key(self, key, &arriving.material).is_ok())
        };
        if let Some(existing) = existing(self, request, &namesakes, is_same)? {
            destroy_leftovers(self, &leftovers)?;
            for arriving in &arrival.versions {
                require_same_key(self, &existing, &arriving.material)?;
            }
            return existing_key(Created {
                key: existing,
                origin: Origin::Found,
                excess: Vec::new(),
                is_import: true,
            });
        }
        refuse_present(self, request, arrival)?;
        require_uses(self, request)?;
        let ids = ids(self, request, arrival)?;
        let label = request.label.as_str();
        let mut failed = Vec::new();
        let mut last = None;
        for way in self.session().import_ways() {
            let mut transaction = Transaction::begin(self, label, None);
            match import_by(&mut transaction, way, request, arrival, &ids) {
                Ok(versions) => {
                    let created = transaction
                        .run(|transaction| register(transaction, request, Some(arrival), versions))
                        .map_err(|error| present_instead(self, request, arrival, error))?;
                    destroy_leftovers(self, &leftovers)?;
                    return Ok(Imported { created, way: Some(way), failed });
                }
                Err(error) => {
                    failed.push((way, format!("{error:#}")));
                    let error = transaction.take_back(error);
                    // The objects left have the CKA_ID that the next attempt would use.
                    if matches!(error.downcast_ref(), Some(Error::LeftBehind { .. })) {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        // There is always at least one method.
        let last = last.unwrap_or_else(|| anyhow::anyhow!("no import method was tried"));
        let mut transaction = Transaction::begin(self, label, None);
        for (id, _) in &ids {
            transaction.expect(id);
        }
        let last = refused_request::explained(self, &request.template(&ids[0].0), last);
        Err(transaction.left_behind(last)).with_context(|| format!("cannot import key {label:?}"))
    }
}

/// The objects of all versions.
fn import_by(
    transaction: &mut Transaction<'_>,
    way: ImportWay,
    request: &CreateRequest,
    arrival: &Arrival,
    ids: &[(KeyId, Option<KeyId>)],
) -> Result<Vec<KeyVersion>> {
    let mut versions = Vec::new();
    let importer = transaction.keystore().session().importer(way)?;
    for ((id, companion), arriving) in ids.iter().zip(&arrival.versions) {
        let companion = companion.as_ref().map(|id| (id, arriving.companion.as_ref()));
        let import = |transaction: &mut Transaction<'_>, template: &KeyTemplate<'_>| {
            make::import(transaction, &importer, (template, &arriving.material), companion)
        };
        let made = make::later(transaction, &request.template(id), arriving.version, import)?;
        versions.push(KeyVersion { version: arriving.version, ..made });
    }
    Ok(versions)
}

/// CKA_IDs for the versions and their companions.
fn ids(
    keystore: &Keystore,
    request: &CreateRequest,
    arrival: &Arrival,
) -> Result<Vec<(KeyId, Option<KeyId>)>> {
    if arrival.single().is_some() {
        return Ok(vec![free_ids(keystore, request)?]);
    }
    let ids = arrival.versions.iter().map(|arriving| {
        let mut salt = keystore.session().random(Identity::SALT_LEN)?;
        if let Some(prefix) = arriving.id_prefix() {
            salt[..prefix.len()].copy_from_slice(&prefix);
        }
        let id = keystore.names().first_id(request.label.as_str(), keystore.now(), &salt);
        let companion = request.convergent.then(|| new_id::companion(keystore, &id)).transpose()?;
        Ok((id, companion))
    });
    ids.collect()
}

/// What an interrupted import of the same key left behind, if it has several objects with a secret: the versions that arrive
/// again. And the other namesakes.
fn leftovers(keystore: &Keystore, arrival: &Arrival, namesakes: Vec<Key>) -> (Vec<Key>, Vec<Key>) {
    let all: Vec<_> = namesakes.iter().filter(|key| key.record.is_none()).collect();
    let prefixes: Vec<_> = arrival.versions.iter().filter_map(ArrivingVersion::id_prefix).collect();
    let is_of_arrival = |left: &Unfinished<'_>| {
        left.ids().all(|id| prefixes.iter().any(|prefix| id.as_bytes().starts_with(prefix)))
    };
    let left = Unfinished::among(&all, keystore.names(), keystore.now());
    if left.is_some_and(|left| is_of_arrival(&left)) {
        namesakes.into_iter().partition(|key| key.record.is_none())
    } else {
        (Vec::new(), namesakes)
    }
}

/// Destroys leftovers once the key has a record: an import that is still running elsewhere fails at its record then, or was
/// faster and made this one fail. So nothing is destroyed that a record names.
fn destroy_leftovers(keystore: &Keystore, leftovers: &[Key]) -> Result<()> {
    let handles = leftovers.iter().flat_map(|key| &key.versions).flat_map(KeyVersion::handles);
    Ok(handles.into_iter().try_for_each(|handle| keystore.session().destroy(handle))?)
}

/// Refuses a key whose identity is on the token already: ciphertexts could not tell the two apart.
fn refuse_present(keystore: &Keystore, request: &CreateRequest, arrival: &Arrival) -> Result<()> {
    let Some(identity) = request.identity.clone().or_else(|| arrival.identity()) else { return Ok(()) };
    let tag = keystore.names().key_tag(&identity);
    let mut present = records::of_tag_on_token(keystore, &tag);
    if let Some(files) = keystore.record_files() {
        present.extend(files.of_tag(&tag)?);
    }
    present.pop().map_or(Ok(()), |stored| Err(refusal(request, &stored.record).into()))
}

fn refusal(request: &CreateRequest, present: &Record) -> Error {
    let (label, id) = (present.label.clone(), present.newest().id.clone());
    if !request.allow_duplicate_label && label == request.label.as_str() {
        // Another machine has imported it since the label was looked up.
        return Error::Conflict { label };
    }
    Error::KeyPresent { label, id }
}

/// The error in place of a conflict about the record of a new key: a token that stores no `CKA_OBJECT_ID` shows only when all
/// records are read that it has the key already.
fn present_instead(
    keystore: &Keystore,
    request: &CreateRequest,
    arrival: &Arrival,
    error: anyhow::Error,
) -> anyhow::Error {
    let is_conflict = matches!(error.downcast_ref(), Some(Error::Conflict { .. }));
    let identity = arrival.identity().filter(|_| is_conflict);
    let present = identity.map(|identity| records::of_tag(keystore, &keystore.names().key_tag(&identity)));
    match present {
        Some(Ok(present)) => present.last().map_or(error, |stored| refusal(request, &stored.record).into()),
        _ => error,
    }
}

/// `existing` is accepted instead of an import only if one of its versions is the same key.
fn require_same_key(keystore: &Keystore, existing: &Key, material: &KeyMaterial) -> Result<()> {
    let same = |version: Version| {
        let version = existing.version(version)?;
        if let Some(public) = material.public_key() {
            let binding = existing.binding(version.version);
            let half = vouch::public_half_of(keystore, &existing.label, version, &binding).ok()?;
            return Some(half.is_proven() && half.key == *public);
        }
        prove::is_material(keystore, version, material)
    };
    let answers: Vec<_> = existing.versions.iter().map(|version| same(version.version)).collect();
    if answers.contains(&Some(true)) {
        return Ok(());
    }
    let (label, id) = (existing.label.clone(), existing.current().id.clone());
    Err(Error::OtherKey { label, id }.into())
}
