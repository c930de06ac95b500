//! Logical keys: a label with its versions.

use super::{
    binding::Binding, document::RecordMac, error::Error, identity::Identity, lifecycle::Refusal,
    record::Record,
};
use crate::{
    algorithm::{Algorithm, KeyKind, PublicKey, SignatureAlgorithm},
    model::{KeyId, Status, Timestamp, Usage, Version},
    token::{Certificate, Class, Handle, KeyObject, Protection, Uses},
};

/// A record and the object that holds it.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub record: Record,
    pub place: RecordPlace,
    /// Where the place takes no PIN to be written.
    pub mac: Option<RecordMac>,
}

/// Where a record was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordPlace {
    Object(Handle),
    File(std::path::PathBuf),
}

/// A data object or file that should hold a record and cannot be read as one.
#[derive(Debug, Clone)]
pub struct DamagedRecord {
    pub label: String,
    pub place: RecordPlace,
    pub reason: String,
}

impl DamagedRecord {
    /// The damaged file, where records are files: it does not tell which key it was about.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.place {
            RecordPlace::File(path) => Some(path),
            RecordPlace::Object(_) => None,
        }
    }
}

/// One version: the objects of the token that make it, and its state.
#[derive(Debug, Clone)]
pub struct KeyVersion {
    pub version: Version,
    pub id: KeyId,
    pub status: Status,
    pub created: Option<Timestamp>,
    /// The private half, or the secret key itself.
    pub secret: Option<Box<KeyObject>>,
    /// The public object that agrees with what else is known of the key; the first, where nothing is.
    pub public: Option<Box<KeyObject>>,
    /// Other public objects of the same CKA_ID and kind.
    pub strangers: Vec<KeyObject>,
    /// Certificates of the same CKA_ID.
    pub certificates: Vec<Certificate>,
    /// The CKA_ID of the HMAC key beside a convergent key, and that key.
    pub companion: Option<KeyId>,
    pub companion_key: Option<Box<KeyObject>>,
}

impl KeyVersion {
    /// Whichever object there is; the secret one first, for it knows more.
    pub fn object(&self) -> Option<&KeyObject> {
        self.secret.as_deref().or(self.public.as_deref())
    }

    pub fn kind(&self) -> Option<KeyKind> {
        self.object().map(|object| object.kind)
    }

    /// A version of the objects that are given, and nothing else.
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

    /// Everything that claims to be the public half.
    pub(super) fn public_objects(&self) -> impl Iterator<Item = &KeyObject> {
        self.public.as_deref().into_iter().chain(&self.strangers)
    }

    /// The public key that the private object states, which takes the PIN to put there.
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

    /// The usage attributes of both halves together, as the token states them now.
    pub fn token_usage(&self) -> Usage {
        let halves = [self.secret.as_ref(), self.public.as_ref()];
        halves.into_iter().flatten().fold(Usage::NONE, |all, object| Usage {
            sign: all.sign || object.usage.sign,
            verify: all.verify || object.usage.verify,
            encrypt: all.encrypt || object.usage.encrypt,
            decrypt: all.decrypt || object.usage.decrypt,
        })
    }

    /// The same, and what follows where other programs left a private half alone: its numbers verify what it signs and
    /// encrypt what it decrypts, which no attribute of a private key says.
    pub fn usage_of_others(&self) -> Usage {
        let usage = self.token_usage();
        let has_numbers = self.public_numbers().is_some() || !self.certificates.is_empty();
        let is_alone = self.public.is_none() && has_numbers;
        Usage {
            verify: usage.verify || is_alone && usage.sign,
            encrypt: usage.encrypt || is_alone && usage.decrypt,
            ..usage
        }
    }

    /// Whether the token lets no program use any object of the version.
    pub fn is_idle(&self) -> bool {
        self.objects().all(|object| object.uses() == Uses::default())
    }

    pub fn protection(&self) -> Protection {
        self.secret.as_ref().map(|object| object.protection).unwrap_or_default()
    }

    /// The objects that make the version, a companion included.
    pub fn objects(&self) -> impl Iterator<Item = &KeyObject> {
        [&self.secret, &self.public, &self.companion_key].into_iter().flatten().map(AsRef::as_ref)
    }

    pub(super) fn objects_mut(&mut self) -> impl Iterator<Item = &mut KeyObject> {
        [&mut self.secret, &mut self.public, &mut self.companion_key].into_iter().flatten().map(AsMut::as_mut)
    }

    pub fn handles(&self) -> Vec<Handle> {
        self.objects().map(|object| object.handle).collect()
    }

    /// Notes a CKA_ID that the objects have now.
    pub(super) fn set_id(&mut self, id: &KeyId) {
        self.id = id.clone();
        for object in self.objects_mut() {
            object.id = id.clone();
        }
    }
}

/// A key as people think of it. Has at least one version, the oldest first.
#[derive(Debug, Clone)]
pub struct Key {
    pub label: String,
    pub versions: Vec<KeyVersion>,
    /// Absent for keys that other tools made, and in sessions that are not logged in.
    pub record: Option<StoredRecord>,
    /// Objects that were to be a version of the key and that its record does not name: a rotation was cut short, or is
    /// going on elsewhere.
    pub strays: Vec<KeyObject>,
    /// The record lies beside the one that it succeeds: it was written at this very moment and may be taken back, or a change
    /// was cut short.
    pub is_settling: bool,
}

impl Key {
    pub(super) fn new(label: String, versions: Vec<KeyVersion>) -> Self {
        Self { label, versions, record: None, strays: Vec::new(), is_settling: false }
    }

    /// The same key as its record says it is now.
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

    /// The newest version.
    pub fn current(&self) -> &KeyVersion {
        // `assemble` makes no key without a version.
        &self.versions[self.versions.len() - 1]
    }

    pub(super) fn current_mut(&mut self) -> &mut KeyVersion {
        let newest = self.versions.len() - 1;
        &mut self.versions[newest]
    }

    pub fn version(&self, version: Version) -> Option<&KeyVersion> {
        self.versions.iter().find(|entry| entry.version == version)
    }

    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref().map(|stored| &stored.record)
    }

    /// A record of a newer schema is read as far as it is known, and not changed.
    pub(super) fn require_known_schema(&self) -> Result<(), Error> {
        match self.record() {
            Some(record) if record.schema > Record::SCHEMA => {
                Err(Error::RecordNewer { label: self.label.clone(), schema: record.schema })
            }
            _ => Ok(()),
        }
    }

    /// A refusal with the key's name.
    pub(super) fn refused(&self, refusal: Refusal) -> Error {
        Error::Refused { label: self.label.clone(), refusal }
    }

    /// What the next version is made of. A key that kmsctl could not have made gets none.
    pub(super) fn require_algorithm(&self, algorithm: Option<Algorithm>) -> Result<Algorithm, Error> {
        algorithm.ok_or_else(|| Error::NotMadeHere { kind: self.kind(), label: self.label.clone() })
    }

    /// The record that a change starts from. [`Error::Conflict`] without one: another machine is replacing it.
    pub(super) fn stored(&self) -> Result<&StoredRecord, Error> {
        self.require_known_schema()?;
        self.record.as_ref().ok_or_else(|| Error::Conflict { label: self.label.clone() })
    }

    pub fn identity(&self) -> Identity {
        match self.record() {
            Some(record) => record.identity.clone(),
            None => Identity::of_first(&self.current().id, &self.label),
        }
    }

    pub fn kind(&self) -> Option<KeyKind> {
        self.versions
            .iter()
            .rev()
            .find_map(KeyVersion::kind)
            .or_else(|| Some(self.record()?.algorithm?.kind()))
    }

    /// The state of the whole key; a key without a record has none but being there.
    pub fn status(&self) -> Option<Status> {
        self.record().map(|record| record.status)
    }

    /// What the key signs JWTs by, and everything else unless another algorithm is asked for: what its record says, else the default of its
    /// kind.
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        let kind = self.kind()?;
        let chosen = self.record().and_then(|record| record.signature_algorithm);
        chosen.filter(|chosen| chosen.fits(kind)).or_else(|| kind.default_signature())
    }

    /// What the key is for: what its record says, else what the token's attributes say.
    pub fn usage(&self) -> Usage {
        self.record().map_or_else(|| self.current().usage_of_others(), |record| record.usage)
    }

    /// Whether anything stands behind the key that takes a PIN to put there. Public objects do not (PKCS#11, section 5.6.2),
    /// nor do keys that are not CKA_PRIVATE: anyone who opens a session can make those.
    pub fn is_guarded(&self) -> bool {
        let is_guarded = |version: &KeyVersion| version.secret.as_ref().is_some_and(|key| key.is_guarded());
        self.record.is_some() || self.versions.iter().any(is_guarded)
    }

    /// What the record says of a version's key.
    pub(super) fn binding(&self, version: Version) -> Binding {
        self.record()
            .and_then(|record| record.version(version))
            .map(|entry| entry.binding)
            .unwrap_or_default()
    }

    /// Lets each version choose among all public objects of the key: another program may have exchanged their CKA_IDs.
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

    /// What a rotation left behind under a CKA_ID, as a separate key, so that it can be shown and destroyed.
    pub(super) fn stray(&self, id: &KeyId) -> Option<Self> {
        let with = |is_public: bool| {
            let fits = |object: &&KeyObject| object.id == *id && (object.class == Class::Public) == is_public;
            self.strays.iter().find(fits).cloned().map(Box::new)
        };
        let (secret, public) = (with(false), with(true));
        (secret.is_some() || public.is_some()).then(|| Self::foreign(secret, public))
    }

    /// A key without a record: the label is that of the private half, and where that has none, of the public one.
    pub(super) fn foreign(secret: Option<Box<KeyObject>>, public: Option<Box<KeyObject>>) -> Self {
        let named =
            secret.as_ref().filter(|secret| !secret.label.is_empty()).or(public.as_ref()).or(secret.as_ref());
        let (label, id) = named.map(|object| (object.label.clone(), object.id.clone())).unwrap_or_default();
        Self::new(label, vec![KeyVersion::of_objects(id, secret, public)])
    }

    /// All CKA_IDs that belong to the key, companions included.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.versions.iter().flat_map(|version| std::iter::once(&version.id).chain(&version.companion))
    }
}

/// A key and the version of it that is meant.
#[derive(Debug, Clone)]
pub struct Selected {
    pub key: Key,
    pub version: Version,
}

impl Selected {
    pub fn version(&self) -> &KeyVersion {
        self.key.version(self.version).unwrap_or_else(|| self.key.current())
    }
}
