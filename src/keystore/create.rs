//! Creating a key: refuse what exists, make, read back, prove, record.

use anyhow::Result;

use super::{
    bind,
    error::{Error, is_conflict},
    identity::Identity,
    inventory,
    key::{Key, KeyVersion},
    lifecycle::NewIds,
    record::{ForeignUsage, Record, VersionRecord},
    records,
    selection::Selection,
    store::Keystore,
    succession,
};
use crate::{
    algorithm::{Algorithm, KeyKind, SignatureAlgorithm},
    model::{KeyId, Label, Status, Usage, Version},
    token::{Carried, Class, Handle, KeyObject, KeyTemplate, NewKey, Search},
};

/// What a new logical key is to be.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct CreateRequest {
    pub label: Label,
    pub algorithm: Algorithm,
    /// `None`: a random one.
    pub id: Option<KeyId>,
    pub usage: Usage,
    /// `None`: the default of the algorithm.
    pub signature_algorithm: Option<SignatureAlgorithm>,
    pub memo: String,
    pub convergent: bool,
    pub exportable: bool,
    pub auto_rotation: bool,
    /// In days.
    pub rotation_period: u32,
    pub allow_duplicate_label: bool,
    pub if_not_exists: bool,
}

impl CreateRequest {
    /// The token's view of it.
    pub(super) fn template<'a>(&'a self, id: &'a KeyId) -> KeyTemplate<'a> {
        KeyTemplate {
            algorithm: self.algorithm,
            label: self.label.as_str(),
            id,
            usage: self.usage,
            extractable: self.exportable,
            carried: Carried::default(),
        }
    }

    /// Whether something was asked for that PKCS#11 has no place for.
    fn needs_record(&self) -> bool {
        let is_chosen = self.signature_algorithm != self.algorithm.kind().default_signature();
        self.convergent
            || self.auto_rotation
            || !self.memo.is_empty()
            || self.signature_algorithm.is_some() && is_chosen
    }
}

/// What `create` did.
#[derive(Debug)]
pub struct Created {
    pub key: Key,
    pub origin: Origin,
    /// Uses that the token gives the key beyond what was asked for: a TPM cannot be told otherwise.
    pub excess: Vec<String>,
}

/// Where the key comes from that a creation ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Made,
    /// An earlier run made it and was cut short before its record, which it has now.
    Finished,
    /// `if_not_exists` met it.
    Found,
}

/// Bytes of a CKA_ID that kmsctl gives a key of another program that has none.
const ID_LEN: usize = 16;

impl Keystore {
    /// Creates a key with version 1. The caller holds the token's exclusive lock.
    pub fn create(&self, request: &CreateRequest) -> Result<Created> {
        let namesakes = self.without_lone_half(self.namesakes(request)?)?;
        if let Some(finished) = self.finish(request, None, &namesakes)? {
            return Ok(finished);
        }
        if let Some(existing) = Self::existing(request, &namesakes)? {
            return Ok(Created { key: existing, origin: Origin::Found, excess: Vec::new() });
        }
        let id = self.free_id(request)?;
        let identity = Identity::of_first(&id, request.label.as_str());
        let companion = if request.convergent { Some(self.version_id(&identity)?) } else { None };
        let made = self
            .make_version(&request.template(&id), companion.as_ref())
            .and_then(|version| self.register(request, identity, version));
        let ids: Vec<_> = std::iter::once(&id).chain(&companion).collect();
        made.map_err(|error| self.with_leftovers(request.label.as_str(), &ids, error))
    }

    /// Records the objects of a new key that has been proven, as version 1; on an error none of them stays. Where records
    /// cannot be kept, the key does without, unless it was asked for what only a record can hold.
    pub(super) fn register(
        &self,
        request: &CreateRequest,
        identity: Identity,
        version: KeyVersion,
    ) -> Result<Created> {
        let excess = excess_uses(request.usage, &version);
        let made = |key| Created { key, origin: Origin::Made, excess };
        match self.store_first(request, identity, version.clone()) {
            Ok(key) => Ok(made(key)),
            Err(error) if is_without_records(&error) && !request.needs_record() => {
                Ok(made(Key::new(request.label.as_str().to_owned(), vec![version])))
            }
            Err(error) => {
                // Whose record is in the way took the key for one that was left behind, and finished it.
                if !is_conflict(&error) {
                    self.discard_unless_recorded(&version.handles(), &error);
                }
                Err(error)
            }
        }
    }

    /// Records the objects of a key as its version 1.
    pub(super) fn store_first(
        &self,
        request: &CreateRequest,
        identity: Identity,
        version: KeyVersion,
    ) -> Result<Key> {
        let binding = bind::bind_new(self, &version);
        let ids = NewIds { id: version.id.clone(), companion: version.companion.clone(), binding };
        let record = self.first_record(request, identity, ids);
        let stored = succession::write(self, None, &record)?;
        let version = KeyVersion { created: record.created, ..version };
        Ok(Key::new(record.label, vec![version]).with_record(stored))
    }

    /// The CKA_ID of a new key: the one asked for, if it is free, else one that tells what it was made for.
    pub(super) fn free_id(&self, request: &CreateRequest) -> Result<KeyId> {
        let Some(id) = &request.id else {
            let salt = self.session().random(Identity::SALT_LEN)?;
            return Ok(self.names().first_id(request.label.as_str(), self.now(), &salt));
        };
        self.refuse_id_in_use(id)?;
        Ok(id.clone())
    }

    /// The keys that have the label already, if that matters.
    pub(super) fn namesakes(&self, request: &CreateRequest) -> Result<Vec<Key>> {
        if request.allow_duplicate_label && !request.if_not_exists {
            return Ok(Vec::new());
        }
        let label = request.label.as_str();
        let selection = Selection { label: Some(label.to_owned()), ..Selection::default() };
        Ok(inventory::candidates(self, &selection)?.into_iter().filter(|key| key.label == label).collect())
    }

    /// What stands in the way of the label, or serves instead of a new key.
    pub(super) fn existing(request: &CreateRequest, keys: &[Key]) -> Result<Option<Key>> {
        let label = request.label.as_str();
        let Some(first) = keys.first() else { return Ok(None) };
        if !request.if_not_exists {
            return Err(Error::LabelExists { label: label.to_owned(), id: first.current().id.clone() }.into());
        }
        let agreeing: Vec<_> =
            keys.iter().filter(|key| key.kind() == Some(request.algorithm.kind())).collect();
        let Some(of_kind) = agreeing.first() else {
            let (asked, found) = (request.algorithm, first.kind());
            return Err(Error::OtherAlgorithm { label: label.to_owned(), asked, found }.into());
        };
        if let Some(key) = agreeing.iter().find(|key| shortcoming(key).is_none()) {
            return Ok(Some((*key).clone()));
        }
        let reason = shortcoming(of_kind).unwrap_or_default();
        Err(Error::NoSubstitute { label: label.to_owned(), reason }.into())
    }

    /// Nor may the record of a key name it whose objects are gone: it would claim the new ones.
    fn refuse_id_in_use(&self, id: &KeyId) -> Result<()> {
        if let Some(object) = self.session().keys(Search::Id(id))?.first() {
            return Err(Error::IdExists { id: id.clone(), label: object.label.clone() }.into());
        }
        let is_it = |entry: &VersionRecord| entry.id == *id || entry.companion.as_ref() == Some(id);
        for stored in records::all(self)? {
            if let Some(entry) = stored.record.versions.iter().find(|entry| is_it(entry)) {
                let (label, version) = (stored.record.label.clone(), entry.version);
                return Err(Error::IdRecorded { id: id.clone(), label, version }.into());
            }
        }
        Ok(())
    }

    /// A random CKA_ID, for a key of another program: 128 bits make a search for a collision pointless.
    pub(super) fn random_id(&self) -> Result<KeyId> {
        Ok(KeyId::from_bytes(self.session().random(ID_LEN)?.to_vec()))
    }

    /// The record of a new key with version 1.
    pub(super) fn first_record(&self, request: &CreateRequest, identity: Identity, ids: NewIds) -> Record {
        let now = self.now();
        let version = VersionRecord {
            version: Version::FIRST,
            id: ids.id,
            companion: ids.companion,
            binding: ids.binding,
            status: Status::Enable,
            created: Some(now),
        };
        Record {
            schema: Record::SCHEMA,
            identity,
            revision: 1,
            label: request.label.as_str().to_owned(),
            algorithm: Some(request.algorithm),
            usage: request.usage,
            foreign_usage: ForeignUsage::default(),
            signature_algorithm: request.signature_algorithm,
            memo: request.memo.clone(),
            created: Some(now),
            status: Status::Enable,
            status_since: now,
            destroy_at: None,
            convergent: request.convergent,
            exportable: request.exportable,
            auto_rotation: request.auto_rotation,
            rotation_period: request.rotation_period,
            next_rotation: request.auto_rotation.then(|| now.after_days(request.rotation_period)),
            versions: vec![version],
        }
    }

    /// Reads a new key back and compares it with what was asked for.
    pub(super) fn read_new_key(&self, template: &KeyTemplate<'_>, made: NewKey) -> Result<Vec<KeyObject>> {
        let mut objects = Vec::new();
        let mut deviations = Vec::new();
        for handle in made.handles() {
            match self.session().key(handle)? {
                Some(object) => {
                    deviations.extend(differences(template, &object));
                    objects.push(object);
                }
                None => deviations.push("an object vanished".to_owned()),
            }
        }
        if !deviations.is_empty() {
            return Err(Error::NotAsAsked { label: template.label.to_owned(), deviations }.into());
        }
        Ok(objects)
    }

    /// Takes back what a failed creation left. The error that led here is the one that counts.
    pub(super) fn discard(&self, handles: &[Handle]) {
        for handle in handles {
            let _ = self.session().destroy(*handle);
        }
    }

    /// The same after a record was not written, unless it may be there: then the objects that it names stay.
    pub(super) fn discard_unless_recorded(&self, handles: &[Handle], error: &anyhow::Error) {
        if !matches!(error.downcast_ref(), Some(Error::RecordUnsettled { .. })) {
            self.discard(handles);
        }
    }
}

/// Why a key that is there cannot serve instead of a new one.
fn shortcoming(key: &Key) -> Option<&'static str> {
    match (key.current().secret.as_deref(), key.status()) {
        (None, _) if key.kind().is_some_and(KeyKind::is_secret) => Some("its secret key is missing"),
        (None, _) => Some("there is only a public key"),
        (Some(_), Some(Status::Disable)) => Some("it is disabled"),
        (Some(_), Some(Status::Revoke)) => Some("it is revoked"),
        (Some(secret), _) if !secret.is_guarded() => Some("anyone can replace it without the PIN"),
        (Some(_), _) => None,
    }
}

/// Whether there is no place for records, rather than something wrong with it.
pub(super) fn is_without_records(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::NoRecords { .. }))
}

/// Where the token's answer departs from the template, in PKCS#11's words. What it does not answer is not held against
/// it.
fn differences(template: &KeyTemplate<'_>, object: &KeyObject) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, text: String| {
        if !holds {
            found.push(text);
        }
    };
    expect(object.is_labelled(template.label), format!("CKA_LABEL is {:?}", object.label));
    expect(object.id == *template.id, format!("CKA_ID is {}", object.id));
    expect(object.kind == template.algorithm.kind(), format!("the key is {}", object.kind));
    expect(object.protection.sensitive != Some(false), "CKA_SENSITIVE is FALSE".to_owned());
    let is_private = object.class == Class::Public || object.private != Some(false);
    expect(is_private, "CKA_PRIVATE is FALSE".to_owned());
    let private = object.class == Class::Private;
    let carried = template.carried;
    expect(
        !private || !carried.always_authenticate || object.protection.always_authenticate == Some(true),
        "CKA_ALWAYS_AUTHENTICATE is not TRUE".to_owned(),
    );
    expect(
        object.class == Class::Public || is_same_set(&object.allowed_mechanisms, carried.allowed_mechanisms),
        "CKA_ALLOWED_MECHANISMS differs".to_owned(),
    );
    if !template.extractable {
        expect(object.protection.extractable != Some(true), "CKA_EXTRACTABLE is TRUE".to_owned());
    }
    found
}

fn is_same_set(found: &[u64], wanted: &[u64]) -> bool {
    // A token may list what a new key allows where nothing was asked for (tpm2-pkcs11).
    wanted.is_empty() || found.len() == wanted.len() && wanted.iter().all(|one| found.contains(one))
}

/// The usage attributes of a new key that are TRUE and should be FALSE.
pub(super) fn excess_uses(asked: Usage, version: &KeyVersion) -> Vec<String> {
    let halves = || [&version.secret, &version.public].into_iter().flatten();
    let any = |is: fn(&KeyObject) -> bool| halves().any(|object| is(object));
    [
        (any(|object| object.usage.sign) && !asked.sign, "CKA_SIGN"),
        (any(|object| object.usage.verify) && !asked.verify, "CKA_VERIFY"),
        (any(|object| object.usage.encrypt) && !asked.encrypt, "CKA_ENCRYPT"),
        (any(|object| object.usage.decrypt) && !asked.decrypt, "CKA_DECRYPT"),
        (any(|object| object.wraps), "CKA_WRAP"),
        (any(|object| object.unwraps), "CKA_UNWRAP"),
        (any(|object| object.derives), "CKA_DERIVE"),
    ]
    .into_iter()
    .filter(|(excessive, _)| *excessive)
    .map(|(_, name)| name.to_owned())
    .collect()
}
