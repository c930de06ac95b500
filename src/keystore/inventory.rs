//! The logical keys on the token: all, or those that a selection may match.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    found::{Found, Inventory},
    identity::Identity,
    key::Key,
    record::Record,
    records,
    relink::relink_secrets,
    rivals,
    selection::Selection,
    store::Keystore,
};
use crate::token::{Class, Search};

impl Keystore {
    /// All keys, with one search per class and one read per object.
    pub fn inventory(&self) -> Result<Inventory> {
        let found = gather(self)?;
        let mut inventory = found.into_inventory(self.names());
        rivals::settle(self, &mut inventory.keys)?;
        relink_secrets(self, &mut inventory.keys)?;
        inventory.keys.sort_by(|a, b| (&a.label, &a.current().id).cmp(&(&b.label, &b.current().id)));
        Ok(inventory)
    }
}

/// Every key and every record.
pub(super) fn gather(keystore: &Keystore) -> Result<Found> {
    let mut found = Found::new(keystore.session().objects_of_all(&[
        Search::Keys(Class::Private),
        Search::Keys(Class::Secret),
        Search::Keys(Class::Public),
        Search::Records,
    ])?);
    if found.needs_certificates() {
        found.add(keystore.session().objects(Search::Certificates)?);
    }
    if let Some(files) = keystore.record_files() {
        let (records, damaged) = files.all()?;
        found.add_records(records, damaged);
    }
    Ok(found)
}

/// The keys that a selection may match, with all their versions: objects with the label or CKA_ID, and their records.
pub(super) fn candidates(keystore: &Keystore, selection: &Selection) -> Result<Vec<Key>> {
    let Some(search) = selection.search() else { return Ok(keystore.inventory()?.keys) };
    let mut found = Found::new(keystore.session().objects(search)?);
    if let (Some(_), Some(label)) = (&selection.raw_label, &selection.label) {
        // A record stores the label as text.
        found.add(keystore.session().objects(Search::Label(label))?);
    }
    if selection.label.is_none() {
        // The label of the objects found leads to the record and the other versions.
        let labels: BTreeSet<_> = found.labels();
        for label in labels {
            found.add(keystore.session().objects(Search::Label(&label))?);
        }
    }
    assembled(keystore, selection, found)
}

/// The keys of the objects found, which are completed with what is missing.
pub(super) fn assembled(keystore: &Keystore, selection: &Selection, mut found: Found) -> Result<Vec<Key>> {
    add_record_files(keystore, selection, &mut found)?;
    complete(keystore, &mut found)?;
    add_claiming_records(keystore, &mut found)?;
    let is_mislabelled = selection.label.as_ref().is_some_and(|label| found.has_other_record_than_of(label));
    if is_mislabelled || found.lacks_recorded_objects() {
        // Another program may have changed both label and CKA_ID, or swapped the labels of two keys.
        found = gather(keystore)?;
    }
    let mut keys = found.into_inventory(keystore.names()).keys;
    rivals::settle(keystore, &mut keys)?;
    relink_secrets(keystore, &mut keys)?;
    Ok(keys)
}

/// Adds the records of objects that were found without one: another program may have changed their label. The CKA_ID of
/// a first version leads to its record; for that of a later version all records are read, but only if it has the form
/// that kmsctl assigns.
fn add_claiming_records(keystore: &Keystore, found: &mut Found) -> Result<()> {
    if !keystore.session().sees_private() {
        return Ok(());
    }
    for id in found.unrecorded_ids() {
        let tag = keystore.names().key_tag(&Identity::of_first(&id, ""));
        let mut records = records::of_tag_on_token(keystore, &tag);
        if records.is_empty() {
            records = records::all(keystore)?;
            records.retain(|stored| stored.record.versions.iter().any(|version| version.id == id));
        }
        if !records.is_empty() {
            found.add_records(records, Vec::new());
            complete(keystore, found)?;
        }
    }
    Ok(())
}

/// Adds the record files that match the selection or the objects found.
fn add_record_files(keystore: &Keystore, selection: &Selection, found: &mut Found) -> Result<()> {
    let Some(files) = keystore.record_files() else { return Ok(()) };
    let (records, damaged) = files.all()?;
    let known = found.ids();
    let belongs = |record: &Record| {
        selection.label.as_ref() == Some(&record.label)
            || record
                .versions
                .iter()
                .any(|version| known.contains(&version.id) || selection.id.as_ref() == Some(&version.id))
    };
    let records = records.into_iter().filter(|stored| belongs(&stored.record)).collect();
    found.add_records(records, damaged);
    Ok(())
}

/// Fetches the objects that are still missing, such as those with another label.
fn complete(keystore: &Keystore, found: &mut Found) -> Result<()> {
    for id in found.missing_ids() {
        found.add(keystore.session().objects(Search::Id(&id))?);
    }
    Ok(())
}
