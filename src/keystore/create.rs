//! Creates a key: refuse an existing label or CKA_ID, generate, record.

use anyhow::Result;

use super::{
    error::Error,
    finish,
    identity::{Fresh, Identity},
    inventory::candidates,
    key::{Key, Selected},
    mac, make, new_id,
    record::VersionRecord,
    records, refused_request,
    register::register,
    request::{CreateRequest, Created, Origin},
    secrets::require_own,
    selection::Selection,
    store::Keystore,
    succession,
    transaction::Transaction,
};
use crate::{
    algorithm::KeyKind,
    model::{KeyId, Status},
    token::{Fact, Search},
};

impl Keystore {
    /// Creates a key with version 1. The caller holds the token's exclusive lock.
    pub fn create(&self, request: &CreateRequest) -> Result<Created> {
        let namesakes = finish::without_lone_half(self, namesakes(self, request)?)?;
        if let Some(finished) = finish::finish(self, request, None, &namesakes)? {
            return Ok(finished);
        }
        if let Some(existing) = existing(self, request, &namesakes, |_| true)? {
            return Ok(Created {
                key: existing,
                origin: Origin::Found,
                excess: Vec::new(),
                is_import: false,
            });
        }
        require_uses(self, request)?;
        let (id, companion) = free_ids(self, request)?;
        let template = request.template(&id);
        let made = Transaction::begin(self, request.label.as_str(), None).run(|transaction| {
            let version = make::generate(transaction, &template, companion.as_ref())?;
            register(transaction, request, None, vec![version])
        });
        made.map_err(|error| refused_request::explained(self, &template, error))
    }
}

/// Refuses a key that could not be used for what it is made for. Called before anything is created.
pub(super) fn require_uses(keystore: &Keystore, request: &CreateRequest) -> Result<()> {
    if request.convergent {
        make::require_convergence(keystore)?;
    }
    let encrypts = request.algorithm.kind().is_secret() && request.usage.encrypt;
    if encrypts && let Some(missing) = keystore.session().first_missing(&["CKM_AES_GCM"]) {
        return Err(Error::NoEncryption { missing }.into());
    }
    // These two try what they ask for, the others only read.
    if request.needs_record() {
        require_records(keystore)?;
    }
    if request.exportable {
        make::require_export(keystore, request.label.as_str(), request.algorithm)?;
    }
    Ok(())
}

/// Refuses what only a record can store if there is no place for records.
pub(super) fn require_records(keystore: &Keystore) -> Result<(), Error> {
    let session = keystore.session();
    if mac::is_writable_without_pin(keystore) || succession::files_for(keystore, None).is_some() {
        return Ok(());
    }
    let learnt = session.facts().get(Fact::NoDataObjects);
    let refusal = match learnt {
        Some(true) => return Err(Error::NoRecords { source: None }),
        Some(false) => None,
        None => session.data_refusal(),
    };
    refusal.map_or(Ok(()), |source| Err(Error::NoRecords { source: Some(source) }))
}

/// CKA_IDs for a new key and its companion, if it has one.
pub(super) fn free_ids(keystore: &Keystore, request: &CreateRequest) -> Result<(KeyId, Option<KeyId>)> {
    let id = free_id(keystore, request)?;
    if !request.convergent {
        return Ok((id, None));
    }
    let companion = new_id::companion(keystore, &id)?;
    Ok((id, Some(companion)))
}

/// The CKA_ID for a new key: the requested one, if it is free, else one that marks the key as new
/// ([`super::Namespace::first_id`]).
fn free_id(keystore: &Keystore, request: &CreateRequest) -> Result<KeyId> {
    let Some(id) = &request.id else {
        let salt = keystore.session().random(Identity::SALT_LEN)?;
        return Ok(keystore.names().first_id(request.label.as_str(), keystore.now(), &salt));
    };
    refuse_id_in_use(keystore, id)?;
    Ok(id.clone())
}

/// The keys that already have the label; empty if duplicates are allowed.
pub(super) fn namesakes(keystore: &Keystore, request: &CreateRequest) -> Result<Vec<Key>> {
    if request.allow_duplicate_label && !request.if_not_exists {
        return Ok(Vec::new());
    }
    let label = request.label.as_str();
    let selection = Selection { label: Some(label.to_owned()), ..Selection::default() };
    let (going, namesakes): (Vec<_>, Vec<_>) = candidates(keystore, &selection)?
        .into_iter()
        .filter(|key| key.label == label)
        .partition(|key| key.is_being_destroyed() && !key.is_settling);
    // The deletion was interrupted, or another machine takes back a key that it made at the same time as this one.
    for key in going {
        keystore.destroy(&key)?;
    }
    Ok(namesakes)
}

/// Refuses a label that is in use; with `if_not_exists`, returns the existing key if it is suitable. `fits` says whether a
/// suitable key is also the right one.
pub(super) fn existing(
    keystore: &Keystore,
    request: &CreateRequest,
    keys: &[Key],
    fits: impl Fn(&Key) -> bool,
) -> Result<Option<Key>> {
    let label = request.label.as_str();
    let Some(first) = keys.first() else { return Ok(None) };
    let fresh = |key: &Key| keystore.names().fresh(label, keystore.now(), &key.current().id);
    let is_elsewhere = |key: &&Key| key.record.is_none() && fresh(key) == Some(Fresh::RecordedElsewhere);
    if let Some(key) = keys.iter().find(is_elsewhere) {
        let (label, id) = (label.to_owned(), key.current().id.clone());
        return Err(Error::RecordedElsewhere { label, id }.into());
    }
    let agreeing: Vec<_> = keys.iter().filter(|key| key.kind() == Some(request.algorithm.kind())).collect();
    let suitable = agreeing.iter().find(|key| shortcoming(key).is_none());
    if !request.if_not_exists {
        let (label, id) = (label.to_owned(), first.current().id.clone());
        return Err(Error::LabelExists { label, id, fits: suitable.is_some_and(|key| fits(key)) }.into());
    }
    let Some(of_kind) = agreeing.first() else {
        let (asked, found) = (request.algorithm, first.kind());
        return Err(Error::OtherAlgorithm { label: label.to_owned(), asked, found }.into());
    };
    if let Some(key) = suitable {
        require_own_halves(keystore, key)?;
        return Ok(Some((*key).clone()));
    }
    let reason = shortcoming(of_kind).unwrap_or_default();
    Err(Error::NoSubstitute { label: label.to_owned(), reason }.into())
}

/// Fails as a use of the key would if its public half or its secret key is another one.
fn require_own_halves(keystore: &Keystore, key: &Key) -> Result<()> {
    if key.kind().is_some_and(KeyKind::is_secret) {
        return require_own(keystore, key, [key.current()]);
    }
    keystore.public_half(&Selected::current(key.clone())).map(drop)
}

/// Refuses a CKA_ID of an existing object, or one in a record whose objects are gone: that record would claim the new
/// objects.
fn refuse_id_in_use(keystore: &Keystore, id: &KeyId) -> Result<()> {
    if let Some(object) = keystore.session().keys(Search::Id(id))?.first() {
        return Err(Error::IdExists { id: id.clone(), label: object.label.clone() }.into());
    }
    let is_it = |entry: &VersionRecord| entry.id == *id || entry.companion.as_ref() == Some(id);
    for stored in records::all(keystore)? {
        if let Some(entry) = stored.record.versions.iter().find(|entry| is_it(entry)) {
            let (label, version) = (stored.record.label.clone(), entry.version);
            return Err(Error::IdRecorded { id: id.clone(), label, version }.into());
        }
    }
    Ok(())
}

/// Why an existing key cannot be used instead of a new one.
fn shortcoming(key: &Key) -> Option<&'static str> {
    match (key.current().secret.as_deref(), key.status()) {
        (None, _) if key.kind().is_some_and(KeyKind::is_secret) => Some("its secret key is missing"),
        (None, _) if key.current().public.is_none() => Some("none of its objects is on the token"),
        (None, _) => Some("there is only a public key"),
        (Some(_), Some(Status::Disable)) => Some("it is disabled"),
        (Some(_), Some(Status::Revoke)) => Some("it is revoked"),
        (Some(secret), _) if !secret.is_guarded() => Some("anyone can replace it without the PIN"),
        (Some(_), _) => None,
    }
}
