//! Where records are kept: private data objects on the token, or files where it takes none.
//!
//! Some tokens cannot change a data object (SoftHSM), some only pretend to (tpm2-pkcs11). So a change is a new object
//! with the next revision, and then the destruction of the old one; readers take the highest revision. A crash in between
//! leaves both, which harms nobody.

use anyhow::Result;

use super::{
    Keystore,
    authentic::read_document,
    error::Error,
    key::{RecordPlace, StoredRecord},
    record::Record,
    record_files::RecordFiles,
    succession::Standing,
};
use crate::token::{DataObject, Search};

/// A data object or file of ours that is no readable record.
#[derive(Debug, Clone)]
pub struct DamagedRecord {
    pub label: String,
    pub place: RecordPlace,
    pub reason: String,
}

impl DamagedRecord {
    /// The file that is damaged, where records are files: the key that it was about cannot be told from it.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.place {
            RecordPlace::File(path) => Some(path),
            RecordPlace::Object(_) => None,
        }
    }
}

impl Keystore {
    /// Sorts data objects into records and damage.
    pub(super) fn read_records(objects: Vec<DataObject>) -> (Vec<StoredRecord>, Vec<DamagedRecord>) {
        let mut records = Vec::new();
        let mut damaged = Vec::new();
        // One that is not private can be anybody's.
        for object in objects.into_iter().filter(|object| object.private != Some(false)) {
            match Self::read_record(object) {
                Ok(record) => records.push(record),
                Err(damage) => damaged.push(damage),
            }
        }
        (records, damaged)
    }

    pub(super) fn read_record(object: DataObject) -> Result<StoredRecord, DamagedRecord> {
        let place = RecordPlace::Object(object.handle);
        match read_document(&object.value) {
            Ok((record, mac)) => Ok(StoredRecord { record, place, mac }),
            Err(damage) => Err(DamagedRecord { label: object.label, place, reason: damage.0 }),
        }
    }

    /// Stores the first revision of a record.
    pub(super) fn store_record(&self, record: &Record) -> Result<StoredRecord> {
        self.write_record(None, record)
    }

    /// Replaces a record, or stores the first. [`Error::Conflict`] if somebody else changed or destroyed it meanwhile; the
    /// record and the token are then as that other one left them.
    pub(super) fn write_record(&self, old: Option<&StoredRecord>, record: &Record) -> Result<StoredRecord> {
        if let Some(old) = old.filter(|old| old.record.schema > Record::SCHEMA) {
            let (label, schema) = (old.record.label.clone(), old.record.schema);
            return Err(Error::RecordNewer { label, schema }.into());
        }
        let key_tag = self.names.key_tag(&record.identity);
        if let Some(files) = self.files_for(old) {
            let document = self.document(record, true)?;
            return Ok(files.write(&key_tag, old.map(|old| &old.record), record, &document)?);
        }
        let object_id = self.names.record_object_id(&key_tag);
        let document = self.document(record, false)?;
        let handle = self.session.create_data(&record.label, &object_id, &document).map_err(
            |source| -> anyhow::Error {
                if source.refuses_template() { Error::NoRecords { source }.into() } else { source.into() }
            },
        )?;
        let (_, mac) = read_document(&document)
            .map_err(|damage| Error::RecordDamaged { label: record.label.clone(), reason: damage.0 })?;
        let stored = StoredRecord { record: record.clone(), place: RecordPlace::Object(handle), mac };
        let counts = match self.put_into_effect(old, record) {
            Ok(Standing::Undisputed | Standing::Succeeded) => true,
            Ok(Standing::Disputed) => !self.withdraw(handle, old, record)?,
            Err(error) => {
                return Err(match self.withdraw(handle, old, record) {
                    Ok(true) => error,
                    Ok(false) | Err(_) => {
                        error.context(Error::RecordUnsettled { label: record.label.clone() })
                    }
                });
            }
        };
        if counts { Ok(stored) } else { Err(Error::Conflict { label: record.label.clone() }.into()) }
    }

    /// A record stays where it is; new ones go into files if a directory is named.
    fn files_for(&self, old: Option<&StoredRecord>) -> Option<&RecordFiles> {
        let on_token = old.is_some_and(|old| matches!(old.place, RecordPlace::Object(_)));
        self.record_files.as_ref().filter(|_| !on_token)
    }

    /// All revisions of a record: by its identifier where the token keeps one, else by its labels. A record that another
    /// program put there may have no identifier.
    pub(super) fn revisions(&self, old: Option<&StoredRecord>, record: &Record) -> Result<Vec<StoredRecord>> {
        let same = |stored: &StoredRecord| stored.record.identity == record.identity;
        let mut found = self.records_by_object_id(&self.names.key_tag(&record.identity));
        let has = |wanted: &Record| found.iter().any(|stored| stored.record == *wanted);
        if !has(record) || old.is_some_and(|old| !has(&old.record)) {
            found = Self::read_records(self.session.records(Search::Label(&record.label))?).0;
            if let Some(old) = old.filter(|old| old.record.label != record.label) {
                found.extend(Self::read_records(self.session.records(Search::Label(&old.record.label))?).0);
            }
        }
        found.retain(same);
        Ok(found)
    }

    pub(super) fn destroy_record(&self, place: &RecordPlace) -> Result<()> {
        match place {
            RecordPlace::Object(handle) => Ok(self.session.destroy(*handle)?),
            RecordPlace::File(path) => match &self.record_files {
                Some(files) => Ok(files.remove(path)?),
                // A record is read from a file only with the directory at hand.
                None => Ok(()),
            },
        }
    }

    /// Every record that can be read.
    pub(super) fn all_records(&self) -> Result<Vec<StoredRecord>> {
        let mut records = Self::read_records(self.session.records(Search::Records)?).0;
        if let Some(files) = &self.record_files {
            records.extend(files.all()?.0);
        }
        Ok(records)
    }

    /// The records of one key on a token that keeps object identifiers. One that does not know the attribute answers with an
    /// error or with nothing.
    pub(super) fn records_by_object_id(&self, key_tag: &str) -> Vec<StoredRecord> {
        let object_id = self.names.record_object_id(key_tag);
        let found = self.session.records(Search::RecordObjectId(&object_id)).unwrap_or_default();
        let mut records = Self::read_records(found).0;
        records.retain(|stored| self.is_of_tag(stored, key_tag));
        records
    }

    fn is_of_tag(&self, stored: &StoredRecord, key_tag: &str) -> bool {
        self.names.key_tag(&stored.record.identity) == key_tag
    }

    /// The stored records of one key, found by its tag where the token keeps object identifiers, else by reading all.
    pub(super) fn records_of_tag(&self, key_tag: &str) -> Result<Vec<StoredRecord>> {
        let mut records = self.records_by_object_id(key_tag);
        if records.is_empty() {
            records = Self::read_records(self.session.records(Search::Records)?).0;
            records.retain(|stored| self.is_of_tag(stored, key_tag));
        }
        if let Some(files) = &self.record_files {
            records.extend(files.of_tag(key_tag)?);
        }
        Ok(records)
    }
}
