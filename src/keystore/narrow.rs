//! One version of a key with many: the objects of the others are not read, so that a key costs no more calls the more often
//! it has been rotated.
//!
//! Only if the record alone says which objects are needed: it is the only one, no other private or secret object has the
//! label, and the objects of the version are those that the record names. Else all objects are read, which finds what another
//! program has changed or added.

use anyhow::Result;

use super::{
    found::Found,
    inventory::{assembled, candidates},
    key::{Key, KeyVersion},
    record::{Record, VersionRecord},
    selection::Selection,
    store::Keystore,
};
use crate::{
    algorithm::Algorithm,
    model::Status,
    token::{Class, Search},
};

/// Up to this many objects with one label are read at once: two versions of a pair and their record. Finding fewer out first
/// would cost more calls.
const FEW_OBJECTS: usize = 6;

/// The keys that a selection may match, one of them perhaps with the selected and the current version alone
/// ([`Key::is_partial`]).
pub(super) fn candidates_of_version(keystore: &Keystore, selection: &Selection) -> Result<Vec<Key>> {
    narrow_candidates(keystore, selection)?.map_or_else(|| candidates(keystore, selection), Ok)
}

/// `None` if all objects have to be searched.
fn narrow_candidates(keystore: &Keystore, selection: &Selection) -> Result<Option<Vec<Key>>> {
    let is_prefix = selection.id_prefix.is_some() && selection.id.is_none();
    let is_plain = selection.raw_label.is_none() && selection.kind.is_none() && !is_prefix;
    if !is_plain || !keystore.session().sees_private() || keystore.record_files().is_some() {
        return Ok(None);
    }
    let mut found = Found::default();
    let label = match (&selection.label, &selection.id) {
        (Some(label), _) => label.clone(),
        (None, Some(id)) => {
            found.add(keystore.session().objects(Search::Id(id))?);
            let labels = found.labels();
            match labels.first() {
                Some(label) if labels.len() == 1 => label.clone(),
                _ => return Ok(None),
            }
        }
        (None, None) => return Ok(None),
    };
    if let Some(objects) = keystore.session().objects_up_to(Search::Label(&label), FEW_OBJECTS)? {
        found.add(objects);
        return assembled(keystore, selection, found).map(Some);
    }
    Ok(narrow(keystore, selection, &label, found)?.map(|key| vec![key]))
}

fn narrow(keystore: &Keystore, selection: &Selection, label: &str, mut found: Found) -> Result<Option<Key>> {
    found.add(keystore.session().objects(Search::LabelledRecords(label))?);
    let Some(record) = found.only_record().filter(|record| record.label == label).cloned() else {
        return Ok(None);
    };
    // The state of a key that may not be used is compared with all of its objects.
    if record.status != Status::Enable || !has_no_namesake(keystore, &record)? {
        return Ok(None);
    }
    let needed = |entry: &VersionRecord| {
        entry.version == record.current().version
            || Some(entry.version) == selection.version
            || Some(&entry.id) == selection.id.as_ref()
            || entry.status == Status::Staged
    };
    let needed: Vec<_> = record.versions.iter().filter(|entry| needed(entry)).collect();
    for id in needed.iter().flat_map(|entry| entry.ids()) {
        if selection.id.as_ref() != Some(id) {
            found.add(keystore.session().objects(Search::Id(id))?);
        }
    }
    let keys = found.into_inventory(keystore.names()).keys;
    let Ok([mut key]) = <[Key; 1]>::try_from(keys) else { return Ok(None) };
    key.versions.retain(|version| needed.iter().any(|entry| entry.version == version.version));
    let is_whole = key.strays.is_empty() && key.versions.iter().all(|version| is_as_recorded(&key, version));
    Ok((is_whole && !key.is_settling).then_some(key))
}

/// Whether the private and secret objects with the label are those that the record names, by their number.
fn has_no_namesake(keystore: &Keystore, record: &Record) -> Result<bool> {
    let Some(kind) = record.algorithm.map(Algorithm::kind) else { return Ok(false) };
    let companions = record.versions.iter().filter(|entry| entry.companion.is_some()).count();
    let versions = record.versions.len();
    let (private, secret) = if kind.is_secret() { (0, versions + companions) } else { (versions, 0) };
    let finds =
        |class, count| keystore.session().finds_exactly(Search::LabelledKeys(class, &record.label), count);
    Ok(finds(Class::Private, private)? && finds(Class::Secret, secret)?)
}

/// Whether the objects of a version are the ones in the record and cannot be created without the PIN.
fn is_as_recorded(key: &Key, version: &KeyVersion) -> bool {
    let binding = key.binding(version.version);
    let has_companion = version.companion.is_some() == version.companion_key.is_some();
    let has_public = binding.spki_sha256.is_none_or(|expected| {
        let public = version.public.as_ref().and_then(|public| public.public_key()?.ok());
        public.is_some_and(|public| public.fingerprint() == expected)
    });
    let is_guarded = version.secret.as_ref().is_some_and(|secret| secret.is_guarded());
    is_guarded && has_companion && has_public && binding.is_known() && version.strangers.is_empty()
}
