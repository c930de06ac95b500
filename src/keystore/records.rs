//! Where records are kept: private data objects on the token.

use super::{
    Keystore,
    error::Error,
    identity::Identity,
    key::{RecordPlace, StoredRecord},
    record::Record,
};
use crate::token::{DataObject, Search};

/// A data object of ours that is no readable record.
#[derive(Debug, Clone)]
pub struct DamagedRecord {
    pub label: String,
    pub place: RecordPlace,
    pub reason: String,
}

impl Keystore {
    /// Sorts data objects into records and damage.
    pub(super) fn read_records(objects: Vec<DataObject>) -> (Vec<StoredRecord>, Vec<DamagedRecord>) {
        let mut records = Vec::new();
        let mut damaged = Vec::new();
        for object in objects {
            let place = RecordPlace::Object(object.handle);
            match Record::from_bytes(&object.value) {
                Ok(record) => records.push(StoredRecord { record, place }),
                Err(damage) => damaged.push(DamagedRecord { label: object.label, place, reason: damage.0 }),
            }
        }
        (records, damaged)
    }

    /// Stores the first revision of a record.
    pub(super) fn store_record(&self, record: &Record) -> anyhow::Result<StoredRecord> {
        let object_id = self.names.record_object_id(&self.names.key_tag(&record.identity));
        let handle = self
            .session
            .create_data(&record.label, &object_id, &record.to_bytes())
            .map_err(|source| Error::NoRecords { source })?;
        let place = RecordPlace::Object(handle);
        if let Err(error) = self.read_back(record) {
            // A record without its key would be listed.
            let _ = self.destroy_record(&place);
            return Err(error);
        }
        Ok(StoredRecord { record: record.clone(), place })
    }

    /// Replaces a record: writes the successor, reads it back, then destroys what it succeeds. Some tokens cannot change
    /// a data object (SoftHSM), some only pretend to (tpm2-pkcs11). A crash in between leaves two revisions, of which
    /// readers take the higher.
    pub fn replace_record(&self, old: &StoredRecord, successor: &Record) -> anyhow::Result<StoredRecord> {
        if old.record.schema > Record::SCHEMA {
            let (label, schema) = (old.record.label.clone(), old.record.schema);
            return Err(Error::RecordNewer { label, schema }.into());
        }
        let stored = self.store_record(successor)?;
        self.destroy_record(&old.place)?;
        Ok(stored)
    }

    pub(super) fn destroy_record(&self, place: &RecordPlace) -> anyhow::Result<()> {
        match place {
            RecordPlace::Object(handle) => Ok(self.session.destroy(*handle)?),
            RecordPlace::File(path) => std::fs::remove_file(path)
                .map_err(|source| Error::RecordFile { path: path.clone(), source }.into()),
        }
    }

    fn read_back(&self, record: &Record) -> anyhow::Result<()> {
        let found = self.session.records(Search::Label(&record.label))?;
        let (records, _) = Self::read_records(found);
        if records.iter().any(|stored| stored.record == *record) {
            Ok(())
        } else {
            Err(Error::RecordLost { label: record.label.clone() }.into())
        }
    }

    /// The stored records of one key, found by its tag where the token keeps object identifiers, else by reading all.
    pub(super) fn records_of_tag(&self, key_tag: &str) -> anyhow::Result<Vec<StoredRecord>> {
        let is_it = |stored: &StoredRecord| self.names.key_tag(&stored.record.identity) == key_tag;
        let object_id = self.names.record_object_id(key_tag);
        // A token that does not know the attribute answers with an error or with nothing: then all are read.
        let quick = self.session.records(Search::RecordObjectId(&object_id)).unwrap_or_default();
        let mut records: Vec<_> = Self::read_records(quick).0.into_iter().filter(is_it).collect();
        if records.is_empty() {
            records = Self::read_records(self.session.records(Search::Records)?)
                .0
                .into_iter()
                .filter(is_it)
                .collect();
        }
        Ok(records)
    }

    /// A fresh random identity.
    pub(super) fn new_identity(&self) -> anyhow::Result<Identity> {
        Ok(Identity::from_random(&self.session.random(Identity::LEN)?))
    }
}
