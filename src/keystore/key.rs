//! Logical keys: a label with its versions, put together from the objects and records of a token.

use std::collections::HashMap;

use super::{
    error::Error,
    identity::{Identity, Namespace},
    record::{Record, VersionRecord},
};
use crate::{
    model::{KeyId, KeyKind, Status, Timestamp, Usage, Version},
    token::{Class, Handle, KeyObject, Protection, Uses},
};

/// A record and the object that holds it.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub record: Record,
    pub place: RecordPlace,
}

/// Where a record was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordPlace {
    Object(Handle),
    File(std::path::PathBuf),
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
    pub public: Option<Box<KeyObject>>,
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
        let is_alone = self.public.is_none() && self.public_numbers().is_some();
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

    /// The record that a change starts from. A conflict without one: somebody is replacing it.
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

    /// What the key is for: what its record says, else what the token's attributes say.
    pub fn usage(&self) -> Usage {
        self.record().map_or_else(|| self.current().usage_of_others(), |record| record.usage)
    }

    /// What a rotation left behind under a CKA_ID, as a key of its own: so that it can be looked at and destroyed.
    pub(super) fn stray(&self, id: &KeyId) -> Option<Self> {
        let with = |is_public: bool| {
            let fits = |object: &&KeyObject| object.id == *id && (object.class == Class::Public) == is_public;
            self.strays.iter().find(fits).cloned().map(Box::new)
        };
        let (secret, public) = (with(false), with(true));
        (secret.is_some() || public.is_some()).then(|| foreign_key(secret, public))
    }

    /// All CKA_IDs that belong to the key, companions included.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.versions.iter().flat_map(|version| std::iter::once(&version.id).chain(&version.companion))
    }
}

/// Puts logical keys together: a record claims the objects whose CKA_IDs it names, and the rest are keys of their own.
/// Among the rest, objects that a rotation of a recorded key left behind belong to it as strays.
#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
pub(super) fn assemble(
    names: &Namespace,
    objects: Vec<Box<KeyObject>>,
    records: Vec<StoredRecord>,
) -> Vec<Key> {
    let mut shelf = Shelf::new(objects);
    let mut keys: Vec<Key> =
        newest_revisions(records).into_iter().map(|newest| shelf.claim(newest)).collect();
    shelf.give_strays(names, &mut keys);
    keys.extend(shelf.into_foreign_keys());
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
struct Shelf {
    by_id: HashMap<KeyId, Vec<Box<KeyObject>>>,
    order: Vec<KeyId>,
}

#[allow(clippy::vec_box, reason = "as they come from the token, without a copy of each")]
impl Shelf {
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

    /// Takes one object of a CKA_ID. Another with the same CKA_ID and class stays, and shows as a key of its own.
    fn take(&mut self, id: &KeyId, wanted: impl Fn(&KeyObject) -> bool) -> Option<Box<KeyObject>> {
        let objects = self.by_id.get_mut(id)?;
        let at = objects.iter().position(|object| wanted(object))?;
        Some(objects.remove(at))
    }

    fn claim(&mut self, Newest { stored, is_settling }: Newest) -> Key {
        let mut versions: Vec<_> =
            stored.record.versions.iter().map(|entry| self.claim_version(entry)).collect();
        versions.sort_by_key(|version| version.version);
        let key = Key::new(stored.record.label.clone(), versions);
        Key { is_settling, ..key.with_record(stored) }
    }

    fn claim_version(&mut self, entry: &VersionRecord) -> KeyVersion {
        let companion_key = entry.companion.as_ref();
        let companion_key = companion_key
            .and_then(|companion| self.take(companion, |object| object.kind == KeyKind::GenericSecret));
        KeyVersion {
            version: entry.version,
            id: entry.id.clone(),
            status: entry.status,
            created: entry.created,
            secret: self.take(&entry.id, |object| object.class != Class::Public),
            public: self.take(&entry.id, |object| object.class == Class::Public),
            companion: entry.companion.clone(),
            companion_key,
        }
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
            let (mut publics, secrets): (Vec<_>, Vec<_>) =
                objects.into_iter().partition(|object| object.class == Class::Public);
            for secret in secrets {
                let partner = publics.iter().position(|public| is_pair(&secret, public));
                let public = partner.map(|at| publics.remove(at));
                keys.push(foreign_key(Some(secret), public));
            }
            keys.extend(publics.into_iter().map(|public| foreign_key(None, Some(public))));
        }
        keys
    }
}

fn is_pair(secret: &KeyObject, public: &KeyObject) -> bool {
    secret.class == Class::Private
        && secret.kind == public.kind
        && (!secret.id.is_empty() || secret.label == public.label)
}

fn foreign_key(secret: Option<Box<KeyObject>>, public: Option<Box<KeyObject>>) -> Key {
    let named =
        secret.as_ref().filter(|secret| !secret.label.is_empty()).or(public.as_ref()).or(secret.as_ref());
    let (label, id) = named.map(|object| (object.label.clone(), object.id.clone())).unwrap_or_default();
    let version = KeyVersion {
        version: Version::FIRST,
        id,
        status: Status::Enable,
        created: None,
        secret,
        public,
        companion: None,
        companion_key: None,
    };
    Key::new(label, vec![version])
}
