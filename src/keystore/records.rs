//! Reads records: private data objects on the token, or files if it does not store them.

use anyhow::Result;

use super::{
    document,
    record::Record,
    store::Keystore,
    stored_record::{DamagedRecord, RecordPlace, StoredRecord},
};
use crate::{
    encoding::KeyTag,
    token::{self, DataObject, Handle, Search},
};

/// Separates data objects into records and damaged records.
pub(super) fn sort(objects: Vec<DataObject>) -> (Vec<StoredRecord>, Vec<DamagedRecord>) {
    let mut records = Vec::new();
    let mut damaged = Vec::new();
    // Anyone could have created a public one.
    for object in objects.into_iter().filter(|object| object.private != Some(false)) {
        match read(object) {
            Ok(record) => records.push(record),
            Err(damage) => damaged.push(damage),
        }
    }
    (records, damaged)
}

pub(super) fn read(object: DataObject) -> Result<StoredRecord, DamagedRecord> {
    let place = RecordPlace::Object(object.handle);
    match document::read(&object.value) {
        Ok((record, mac)) => Ok(StoredRecord { record, place, mac }),
        Err(damage) => Err(DamagedRecord { label: object.label, place, reason: damage.0 }),
    }
}

fn all_on_token(keystore: &Keystore) -> token::Result<Vec<StoredRecord>> {
    Ok(sort(keystore.session().records(Search::Records)?).0)
}

/// All records that can be parsed.
pub(super) fn all(keystore: &Keystore) -> Result<Vec<StoredRecord>> {
    let mut records = all_on_token(keystore)?;
    if let Some(files) = keystore.record_files() {
        records.extend(files.all()?.0);
    }
    Ok(records)
}

/// The records with a label, of the token and in files.
pub(super) fn labelled(keystore: &Keystore, label: &str) -> Result<Vec<StoredRecord>> {
    let mut records = sort(keystore.session().records(Search::LabelledRecords(label))?).0;
    if let Some(files) = keystore.record_files() {
        records.extend(files.all()?.0);
    }
    records.retain(|stored| stored.record.label == label);
    Ok(records)
}

/// All revisions of a record on the token: by its object identifier if the token stores it, else by label. A record
/// that another program copied to the token may have no identifier.
pub(super) fn revisions(
    keystore: &Keystore,
    old: Option<&StoredRecord>,
    record: &Record,
) -> Result<Vec<StoredRecord>> {
    let labelled =
        |label: &str| Ok::<_, token::Error>(sort(keystore.session().records(Search::Label(label))?).0);
    let mut found = of_tag_on_token(keystore, &keystore.names().key_tag(&record.identity));
    let has = |wanted: &Record| found.iter().any(|stored| stored.record == *wanted);
    if !has(record) || old.is_some_and(|old| !has(&old.record)) {
        // What was found stays: a successor may have another label.
        if old.is_some() {
            found.extend(labelled(&record.label)?);
            found.extend(labelled(&successor_label(&record.label))?);
        } else {
            // No index shows whether another key has this identity.
            found.extend(all(keystore)?);
        }
        if let Some(old) = old.filter(|old| old.record.label != record.label) {
            found.extend(labelled(&old.record.label)?);
        }
        if old.is_some_and(|old| found.iter().all(|stored| stored.record != old.record)) {
            // Another program gave its data object another label.
            found.extend(all_on_token(keystore)?);
        }
    }
    found.retain(|stored| stored.record.identity == record.identity);
    let mut places = Vec::new();
    found.retain(|stored| {
        let is_new = !places.contains(&stored.place);
        places.push(stored.place.clone());
        is_new
    });
    Ok(found)
}

/// The records of one key, by object identifier. Empty if the token does not store the attribute.
pub(super) fn of_tag_on_token(keystore: &Keystore, key_tag: &KeyTag) -> Vec<StoredRecord> {
    let object_id = keystore.names().record_object_id(key_tag);
    let found = keystore.session().records(Search::RecordObjectId(&object_id)).unwrap_or_default();
    let mut records = sort(found).0;
    records.retain(|stored| is_of_tag(keystore, stored, key_tag));
    records
}

/// The stored records of one key, by object identifier if the token stores it, else by reading all records.
pub(super) fn of_tag(keystore: &Keystore, key_tag: &KeyTag) -> Result<Vec<StoredRecord>> {
    let mut records = of_tag_on_token(keystore, key_tag);
    if records.is_empty() {
        records = all_on_token(keystore)?;
        records.retain(|stored| is_of_tag(keystore, stored, key_tag));
    }
    if let Some(files) = keystore.record_files() {
        records.extend(files.of_tag(key_tag)?);
    }
    Ok(records)
}

fn is_of_tag(keystore: &Keystore, stored: &StoredRecord, key_tag: &KeyTag) -> bool {
    keystore.names().key_tag(&stored.record.identity) == *key_tag
}

/// Stores a document as a new data object.
pub(super) fn create_object(keystore: &Keystore, record: &Record, document: &[u8]) -> token::Result<Handle> {
    create_labelled(keystore, record, &record.label, document)
}

/// Stores the document of a successor, and returns whether it has a temporary label: where labels are unique, the predecessor
/// keeps the label until it is destroyed. Then call [`settle`].
pub(super) fn create_successor(
    keystore: &Keystore,
    record: &Record,
    document: &[u8],
) -> token::Result<(Handle, bool)> {
    let refusal = match create_object(keystore, record, document) {
        Err(error) if error.may_be_about_label() => error,
        created => return Ok((created?, false)),
    };
    match create_labelled(keystore, record, &successor_label(&record.label), document) {
        // It was not about the label.
        Err(error) if error.may_be_about_label() => Err(refusal),
        created => Ok((created?, true)),
    }
}

/// Gives a successor the label that its predecessor had. By a copy, since not every token changes a data object.
pub(super) fn settle(keystore: &Keystore, record: &Record, document: &[u8], apart: Handle) -> Handle {
    // A record that keeps the other label is found by the CKA_ID of its key, at the cost of more calls.
    let Ok(settled) = create_object(keystore, record, document) else { return apart };
    let _ = keystore.session().destroy(apart);
    settled
}

/// The label of a data object until its predecessor is gone, where a label is taken once.
fn successor_label(label: &str) -> String {
    format!("{label}-record")
}

fn create_labelled(
    keystore: &Keystore,
    record: &Record,
    label: &str,
    document: &[u8],
) -> token::Result<Handle> {
    let object_id = keystore.names().record_object_id(&keystore.names().key_tag(&record.identity));
    keystore.session().create_data(label, &object_id, document)
}

pub(super) fn destroy(keystore: &Keystore, place: &RecordPlace) -> Result<()> {
    match place {
        RecordPlace::Object(handle) => Ok(keystore.session().destroy(*handle)?),
        RecordPlace::File(path) => match keystore.record_files() {
            Some(files) => Ok(files.remove(path)?),
            // Unreachable: a record is only read from a file if there is a directory.
            None => Ok(()),
        },
    }
}
