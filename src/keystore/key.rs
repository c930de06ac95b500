//! Logical keys: a label with its versions.

use super::{
    binding::Binding, error::Error, identity::Identity, record::Record, refusal::Refusal,
    stored_record::StoredRecord,
};
use crate::{
    algorithm::{Algorithm, KeyKind, PublicKey, SignatureAlgorithm},
    encoding::KeyTag,
    model::{KeyId, Status, Timestamp, Usage, Version},
    token::{Certificate, Class, Handle, KeyObject, Protection, Uses},
};

/// One version of a key: its objects on the token, and its state.
#[derive(Debug, Clone)]
pub struct KeyVersion {
    pub version: Version,
    pub id: KeyId,
    pub status: Status,
    pub created: Option<Timestamp>,
    /// The private half, or the secret key itself.
    pub secret: Option<Box<KeyObject>>,
    /// The public object that matches what else is known about the key, else the first one.
    pub public: Option<Box<KeyObject>>,
    /// Other public objects with the same CKA_ID and kind.
    pub strangers: Vec<KeyObject>,
    /// Certificates with the same CKA_ID.
    pub certificates: Vec<Certificate>,
    /// The CKA_ID of the HMAC companion of a convergent key.
    pub companion: Option<KeyId>,
    pub companion_key: Option<Box<KeyObject>>,
}

impl KeyVersion {
    /// Its CKA_ID and that of its companion.
    pub(super) fn ids(&self) -> impl Iterator<Item = &KeyId> {
        std::iter::once(&self.id).chain(&self.companion)
    }

    /// The secret object or, without one, the public one.
    pub fn object(&self) -> Option<&KeyObject> {
        self.secret.as_deref().or(self.public.as_deref())
    }

    pub fn kind(&self) -> Option<KeyKind> {
        self.object().map(|object| object.kind)
    }

    /// A version with these objects and no other information.
    pub(super) fn of_objects(
        id: KeyId,
        secret: Option<Box<KeyObject>>,
        public: Option<Box<KeyObject>>,
    ) -> Self {
        Self {
            version: Version::FIRST,
            id,
            status: Status::Enable,
            created: None,
            secret,
            public,
            strangers: Vec::new(),
            certificates: Vec::new(),
            companion: None,
            companion_key: None,
        }
    }

    /// All candidates for the public half.
    pub(super) fn public_objects(&self) -> impl Iterator<Item = &KeyObject> {
        self.public.as_deref().into_iter().chain(&self.strangers)
    }

    /// The public key in the private object. Only someone with the PIN could have written it.
    pub fn guarded_numbers(&self) -> Option<PublicKey> {
        self.secret.as_deref().filter(|secret| secret.is_guarded())?.public_key()?.ok()
    }

    /// The object that holds the public numbers: the public half, or a private RSA key.
    pub fn public_numbers(&self) -> Option<&KeyObject> {
        [self.public.as_deref(), self.secret.as_deref()]
            .into_iter()
            .flatten()
            .find(|object| object.has_public_key())
    }

    /// The usage attributes of both halves combined, as on the token.
    pub fn token_usage(&self) -> Usage {
        let halves = [self.secret.as_ref(), self.public.as_ref()];
        halves.into_iter().flatten().fold(Usage::NONE, |all, object| Usage {
            sign: all.sign || object.usage.sign,
            verify: all.verify || object.usage.verify,
            encrypt: all.encrypt || object.usage.encrypt,
            decrypt: all.decrypt || object.usage.decrypt,
        })
    }

    /// As [`Self::token_usage`], and what a private half without a public object implies: its public numbers can verify
    /// what it signs and encrypt what it decrypts, for which a private key has no attributes.
    pub fn effective_usage(&self) -> Usage {
        let usage = self.token_usage();
        let has_numbers = self.public_numbers().is_some() || !self.certificates.is_empty();
        let is_alone = self.public.is_none() && has_numbers;
        Usage {
            verify: usage.verify || is_alone && usage.sign,
            encrypt: usage.encrypt || is_alone && usage.decrypt,
            ..usage
        }
    }

    /// Whether every use of every object is disabled on the token.
    pub fn is_idle(&self) -> bool {
        self.objects().all(|object| object.uses() == Uses::default())
    }

    pub fn protection(&self) -> Protection {
        self.secret.as_ref().map(|object| object.protection).unwrap_or_default()
    }

    /// The objects of the version, including a companion.
    pub fn objects(&self) -> impl Iterator<Item = &KeyObject> {
        [&self.secret, &self.public, &self.companion_key].into_iter().flatten().map(AsRef::as_ref)
    }

    pub(super) fn objects_mut(&mut self) -> impl Iterator<Item = &mut KeyObject> {
        [&mut self.secret, &mut self.public, &mut self.companion_key].into_iter().flatten().map(AsMut::as_mut)
    }

    pub fn handles(&self) -> Vec<Handle> {
        self.objects().map(|object| object.handle).collect()
    }

    /// Updates the CKA_ID after it was changed on the token.
    pub(super) fn set_id(&mut self, id: &KeyId) {
        self.id = id.clone();
        for object in self.objects_mut() {
            object.id = id.clone();
        }
    }
}

/// A logical key. Has at least one version, oldest first.
#[derive(Debug, Clone)]
pub struct Key {
    pub label: String,
    pub versions: Vec<KeyVersion>,
    /// `None` for keys of other tools, and without a login.
    pub record: Option<StoredRecord>,
    /// Objects created for a version that the record does not name: a rotation was interrupted, or is running
    /// elsewhere.
    pub strays: Vec<KeyObject>,
    /// Objects of other keys with a CKA_ID of this one: they stay when it is destroyed.
    pub others: Vec<KeyObject>,
    /// The predecessor of the record still exists: the record was just written and may be withdrawn, or a change was
    /// interrupted.
    pub is_settling: bool,
}

impl Key {
    pub(super) fn new(label: String, versions: Vec<KeyVersion>) -> Self {
        Self { label, versions, record: None, strays: Vec::new(), others: Vec::new(), is_settling: false }
    }

    /// The key with a new record, and label and states from it.
    #[must_use]
    pub(super) fn with_record(mut self, stored: StoredRecord) -> Self {
        self.label.clone_from(&stored.record.label);
        for version in &mut self.versions {
            if let Some(entry) = stored.record.version(version.version) {
                version.status = entry.status;
            }
        }
        self.record = Some(stored);
        self
    }

    /// Whether only some of the versions in the record were read ([`super::Keystore::select_version`]).
    pub fn is_partial(&self) -> bool {
        self.record().is_some_and(|record| record.versions.len() > self.versions.len())
    }

    /// The version that signs and encrypts: the newest enabled one. A staged one is newer.
    pub fn current(&self) -> &KeyVersion {
        &self.versions[self.current_index()]
    }

    /// The highest version number, which may be that of a staged version, or of one that was not read.
    pub(super) fn newest(&self) -> Version {
        self.record().map_or_else(|| self.current().version, |record| record.newest().version)
    }

    pub(super) fn current_mut(&mut self) -> &mut KeyVersion {
        let current = self.current_index();
        &mut self.versions[current]
    }

    fn current_index(&self) -> usize {
        let is_enabled = |version: &KeyVersion| version.status == Status::Enable;
        // `assemble` returns no key without a version.
        self.versions.iter().rposition(is_enabled).unwrap_or(self.versions.len() - 1)
    }

    pub fn version(&self, version: Version) -> Option<&KeyVersion> {
        self.versions.iter().find(|entry| entry.version == version)
    }

    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref().map(|stored| &stored.record)
    }

    /// Fails for a record with a newer schema, which is read as far as it is known but never changed.
    pub(super) fn require_known_schema(&self) -> Result<(), Error> {
        match self.record() {
            Some(record) if record.schema > Record::SCHEMA => {
                Err(Error::RecordNewer { label: self.label.clone(), schema: record.schema })
            }
            _ => Ok(()),
        }
    }

    /// Adds the key's label to a refusal.
    pub(super) fn refused(&self, refusal: Refusal) -> Error {
        Error::Refused { label: self.label.clone(), refusal }
    }

    /// Fails for a key without a record that is only a public object, or not CKA_PRIVATE: anyone who opens a session can
    /// store one, and a record would vouch for it.
    pub(super) fn require_secret(&self) -> Result<(), Error> {
        let KeyVersion { version, secret, .. } = self.current();
        let (label, version) = (self.label.clone(), *version);
        match secret {
            _ if self.record.is_some() => Ok(()),
            Some(secret) if secret.is_guarded() => Ok(()),
            Some(_) => Err(Error::KeyUnproven { label, version }),
            None => Err(Error::MissingObject { label, version, what: "private half" }),
        }
    }

    /// The algorithm for the next version. Fails for a kind that kmsctl cannot create.
    pub(super) fn require_algorithm(&self, algorithm: Option<Algorithm>) -> Result<Algorithm, Error> {
        algorithm.ok_or_else(|| Error::NotCreatable { kind: self.kind(), label: self.label.clone() })
    }

    /// The record that a change is based on. [`Error::Conflict`] if it is missing: another machine is replacing it.
    pub(super) fn stored(&self) -> Result<&StoredRecord, Error> {
        self.require_known_schema()?;
        self.record.as_ref().ok_or_else(|| Error::Conflict { label: self.label.clone() })
    }

    pub fn identity(&self) -> Identity {
        if let Some(record) = self.record() {
            return record.identity.clone();
        }
        let version = self.current();
        // Without a login: the tag of a new key, and the one that its ciphertexts are found by.
        let lone = version.public.as_ref().filter(|_| version.secret.is_none());
        let public = lone.and_then(|public| public.public_key()?.ok());
        let by_id = || Identity::of_first(&version.id, &self.label);
        public.map_or_else(by_id, |public| Identity::of_tag(&KeyTag::of_public_key(&public)))
    }

    /// Whether the record says that the destruction of the whole key has begun.
    pub fn is_being_destroyed(&self) -> bool {
        self.record().is_some_and(|record| record.is_deleting)
    }

    pub fn kind(&self) -> Option<KeyKind> {
        self.versions
            .iter()
            .rev()
            .find_map(KeyVersion::kind)
            .or_else(|| Some(self.record()?.algorithm?.kind()))
    }

    /// The state of the whole key; `None` without a record.
    pub fn status(&self) -> Option<Status> {
        self.record().map(|record| record.status)
    }

    /// The state of a version: the key's, unless that is enabled; `None` without a record.
    pub fn status_of(&self, version: &KeyVersion) -> Option<Status> {
        self.record().map(|record| record.status_of(version.version))
    }

    /// The algorithm for JWTs, and the default for other signatures: from the record, else the default of the kind.
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        let kind = self.kind()?;
        let chosen = self.record().and_then(|record| record.signature_algorithm);
        chosen.filter(|chosen| chosen.fits(kind)).or_else(|| kind.default_signature())
    }

    /// Whether any part of the key requires the PIN to create. Public objects do not (PKCS#11, section 5.6.2), nor do
    /// keys that are not CKA_PRIVATE: anyone who opens a session can create them.
    pub fn is_guarded(&self) -> bool {
        let is_guarded = |version: &KeyVersion| version.secret.as_ref().is_some_and(|key| key.is_guarded());
        self.record.is_some() || self.versions.iter().any(is_guarded)
    }

    /// The binding of a version in the record.
    pub(super) fn binding(&self, version: Version) -> Binding {
        self.record()
            .and_then(|record| record.version(version))
            .map(|entry| entry.binding)
            .unwrap_or_default()
    }

    /// Lets each version choose among all public objects of the key: another program may have swapped their CKA_IDs.
    pub(super) fn share_public_objects(&mut self) {
        if self.record.is_none() || self.versions.len() < 2 {
            return;
        }
        let all: Vec<KeyObject> =
            self.versions.iter().flat_map(KeyVersion::public_objects).cloned().collect();
        for at in 0..self.versions.len() {
            let Some(expected) = self.binding(self.versions[at].version).spki_sha256 else { continue };
            let is_it = |object: &KeyObject| {
                object.public_key().and_then(Result::ok).is_some_and(|key| key.fingerprint() == expected)
            };
            let version = &mut self.versions[at];
            if !version.public_objects().any(is_it) {
                version.strangers.extend(all.iter().find(|object| is_it(object)).cloned());
            }
        }
    }

    /// The strays with this CKA_ID as a separate key, so that they can be shown and destroyed.
    pub(super) fn stray(&self, id: &KeyId) -> Option<Self> {
        let with = |is_public: bool| {
            let fits = |object: &&KeyObject| object.id == *id && (object.class == Class::Public) == is_public;
            self.strays.iter().find(fits).cloned().map(Box::new)
        };
        let (secret, public) = (with(false), with(true));
        (secret.is_some() || public.is_some()).then(|| Self::foreign(secret, public))
    }

    /// A key without a record. The label is that of the private half or, if empty, of the public half.
    pub(super) fn foreign(secret: Option<Box<KeyObject>>, public: Option<Box<KeyObject>>) -> Self {
        let named =
            secret.as_ref().filter(|secret| !secret.label.is_empty()).or(public.as_ref()).or(secret.as_ref());
        let (label, id) = named.map(|object| (object.label.clone(), object.id.clone())).unwrap_or_default();
        Self::new(label, vec![KeyVersion::of_objects(id, secret, public)])
    }

    /// All CKA_IDs of the key, including companions.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.versions.iter().flat_map(KeyVersion::ids)
    }
}

/// A key and the selected version.
#[derive(Debug, Clone)]
pub struct Selected {
    pub key: Key,
    pub version: Version,
    /// Whether the secret key of the version has been compared with the record.
    is_confirmed: bool,
}

impl Selected {
    /// A version whose secret key is compared with the record when it is used.
    pub const fn new(key: Key, version: Version) -> Self {
        Self { key, version, is_confirmed: false }
    }

    /// The version that signs and encrypts.
    pub fn current(key: Key) -> Self {
        let version = key.current().version;
        Self::new(key, version)
    }

    /// Another version of the key, or this one.
    #[must_use]
    pub fn at(&self, version: Version) -> Self {
        if version == self.version { self.clone() } else { Self::new(self.key.clone(), version) }
    }

    /// After its secret key has been compared with the record.
    pub(super) fn confirmed(self) -> Self {
        Self { is_confirmed: true, ..self }
    }

    pub(super) const fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    pub fn version(&self) -> &KeyVersion {
        self.key.version(self.version).unwrap_or_else(|| self.key.current())
    }
}
