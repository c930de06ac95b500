//! Objects found by searches, before they are assembled into keys.

use std::collections::{BTreeSet, HashSet};

use super::{
    assemble::assemble,
    identity::{Identity, Namespace},
    key::Key,
    mac,
    record::{Record, VersionRecord},
    records,
    stored_record::{DamagedRecord, StoredRecord},
};
use crate::{
    model::KeyId,
    token::{Certificate, Class, Handle, KeyObject, Object},
};

/// The logical keys of a token, and the records that could not be read.
#[derive(Debug)]
pub struct Inventory {
    pub keys: Vec<Key>,
    pub damaged: Vec<DamagedRecord>,
    /// Labels of data objects that look like records but are public, so anyone could have created them.
    pub planted: Vec<String>,
}

/// Objects found by searches, without duplicates.
#[derive(Debug, Default)]
#[allow(clippy::vec_box, reason = "passed on from the token without copying")]
pub(super) struct Found {
    keys: Vec<Box<KeyObject>>,
    records: Vec<StoredRecord>,
    damaged: Vec<DamagedRecord>,
    certificates: Vec<Certificate>,
    planted: Vec<String>,
    seen: HashSet<Handle>,
}

impl Found {
    pub(super) fn new(objects: Vec<Object>) -> Self {
        let mut found = Self::default();
        found.add(objects);
        found
    }

    pub(super) fn add(&mut self, objects: Vec<Object>) {
        for object in objects {
            match object {
                Object::Key(key) if self.seen.insert(key.handle) => self.keys.push(key),
                Object::Data(object) if self.seen.insert(object.handle) => {
                    if object.private == Some(false) {
                        self.planted.push(object.label);
                        continue;
                    }
                    match records::read(object) {
                        Ok(stored) => self.records.push(stored),
                        Err(damaged) => self.damaged.push(damaged),
                    }
                }
                Object::Certificate(certificate) if self.seen.insert(certificate.handle) => {
                    self.certificates.push(certificate);
                }
                Object::Key(_) | Object::Data(_) | Object::Certificate(_) => {}
            }
        }
    }

    pub(super) fn add_records(&mut self, records: Vec<StoredRecord>, damaged: Vec<DamagedRecord>) {
        self.records.extend(records);
        self.damaged.extend(damaged);
    }

    pub(super) fn ids(&self) -> HashSet<KeyId> {
        self.keys.iter().map(|key| key.id.clone()).filter(|id| !id.is_empty()).collect()
    }

    pub(super) fn records(&self) -> &[StoredRecord] {
        &self.records
    }

    /// The record, if there is exactly one and nothing that looks like another.
    pub(super) fn only_record(&self) -> Option<&Record> {
        match &self.records[..] {
            [only] if self.damaged.is_empty() && self.planted.is_empty() => Some(&only.record),
            _ => None,
        }
    }

    pub(super) fn labels(&self) -> BTreeSet<String> {
        self.keys.iter().map(|key| key.label.clone()).filter(|label| !label.is_empty()).collect()
    }

    /// Whether a certificate may be the only source of a private key's label or public numbers.
    pub(super) fn needs_certificates(&self) -> bool {
        let public: HashSet<&KeyId> =
            self.keys.iter().filter(|key| key.class == Class::Public).map(|key| &key.id).collect();
        self.keys.iter().any(|key| {
            let has_numbers = key.has_public_key() || public.contains(&key.id);
            key.class == Class::Private && (key.label.is_empty() || !has_numbers)
        })
    }

    /// Whether a record with a binding names an object that was not found.
    pub(super) fn lacks_recorded_objects(&self) -> bool {
        let found: HashSet<&KeyId> =
            self.keys.iter().filter(|key| key.class != Class::Public).map(|key| &key.id).collect();
        let mut recorded = self.records.iter().flat_map(|stored| &stored.record.versions);
        recorded.any(|version| version.binding.is_known() && !found.contains(&version.id))
    }

    /// Whether a search by label led to records, none of them with that label.
    pub(super) fn has_other_record_than_of(&self, label: &str) -> bool {
        !self.records.is_empty() && !self.records.iter().any(|stored| stored.record.label == label)
    }

    /// CKA_IDs of the length that kmsctl assigns, which no record found so far names.
    pub(super) fn unrecorded_ids(&self) -> BTreeSet<KeyId> {
        let recorded: HashSet<&KeyId> = self
            .records
            .iter()
            .flat_map(|stored| &stored.record.versions)
            .flat_map(VersionRecord::ids)
            .collect();
        let secrets = self.keys.iter().filter(|key| key.class != Class::Public).map(|key| &key.id);
        secrets
            .filter(|id| id.as_bytes().len() == Identity::VERSION_ID_LEN && !recorded.contains(id))
            .cloned()
            .collect()
    }

    /// CKA_IDs under which objects are missing so far: of recorded versions, of lone halves and of certificates.
    pub(super) fn missing_ids(&self) -> BTreeSet<KeyId> {
        let with = |class: fn(Class) -> bool| -> HashSet<&KeyId> {
            self.keys.iter().filter(|key| class(key.class)).map(|key| &key.id).collect()
        };
        let secrets = with(|class| class == Class::Secret);
        let (private, public) = (with(|class| class == Class::Private), with(|class| class == Class::Public));
        let lone_halves = self
            .keys
            .iter()
            .filter(|key| match key.class {
                Class::Private => !key.kind.states_public_numbers() && !public.contains(&key.id),
                Class::Public => !private.contains(&key.id),
                Class::Secret => false,
            })
            .map(|key| &key.id);
        let is_whole = |id: &KeyId| secrets.contains(id) || private.contains(id) && public.contains(id);
        let recorded = self.records.iter().flat_map(|stored| &stored.record.versions);
        let unseen = recorded.flat_map(VersionRecord::ids);
        let certified = self.certificates.iter().map(|certificate| &certificate.id);
        let certified = certified.filter(|id| !private.contains(id));
        unseen
            .filter(|id| !is_whole(id))
            .chain(lone_halves)
            .chain(certified)
            .filter(|id| !id.is_empty())
            .cloned()
            .collect()
    }

    pub(super) fn into_inventory(self, names: &Namespace) -> Inventory {
        let mac_key = names.record_key_id();
        let objects =
            self.keys.into_iter().filter(|key| key.id != mac_key && !mac::is_record_key(key)).collect();
        let keys = assemble(names, objects, self.certificates, self.records);
        Inventory { keys, damaged: self.damaged, planted: self.planted }
    }
}
