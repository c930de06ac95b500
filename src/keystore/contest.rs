//! What two machines take at once: a label, a CKA_ID, or the same key. PKCS#11 keeps none of them unique, so each machine looks at
//! the token after it has written, and takes its own back if another one has it, too. At least the later of the two sees the other.

use anyhow::Result;

use super::{
    error::Error,
    inventory::candidates,
    key::Key,
    lifecycle::{Change, Update},
    records,
    reload::by_record,
    request::{CreateRequest, Created, Origin},
    selection::Selection,
    store::Keystore,
    stored_record::StoredRecord,
};
use crate::{
    model::KeyId,
    token::{Class, KeyObject, Search},
};

impl Keystore {
    /// Takes a new key back if another machine has taken its label, its CKA_ID or the key itself meanwhile:
    /// [`Error::LabelExists`], [`Error::IdExists`] or [`Error::KeyPresent`].
    pub fn require_sole(&self, request: &CreateRequest, created: &Created) -> Result<()> {
        let key = &created.key;
        let mut found = None;
        if !request.allow_duplicate_label || created.is_import {
            found = rival(self, key, !request.allow_duplicate_label, created.is_import)?;
        }
        let of_id = || request.id.as_ref().map_or(Ok(None), |id| rival_of_id(self, key, id));
        let Some(Rival { label, id, claim }) = found.map_or_else(of_id, |rival| Ok(Some(rival)))? else {
            return Ok(());
        };
        match (&key.record, claim) {
            (_, Claim::Twin) => take_back_twin(self, key)?,
            (_, Claim::Record) => {
                take_back_record(self, key)?;
                destroy_second_halves(self, key)?;
            }
            // It may have been used since the run that made it.
            (Some(_), _) if created.origin == Origin::Finished => take_back_record(self, key)?,
            (Some(_), _) => drop(self.destroy(&own(self, key)?)?),
            (None, _) => drop(self.destroy(&self.reload(key)?)?),
        }
        Err(match claim {
            Claim::Id => Error::IdExists { id, label },
            Claim::Twin if label != key.label => Error::KeyPresent { label, id },
            Claim::Label | Claim::Twin | Claim::Record => {
                Error::LabelExists { label, id, fits: claim != Claim::Label }
            }
        }
        .into())
    }

    /// Gives a key its old label back if another machine has given the new one to a key meanwhile: [`Error::LabelTaken`].
    pub fn require_sole_label(&self, key: &Key, old: &str) -> Result<()> {
        let Some(Rival { id, .. }) = rival(self, key, true, false)? else { return Ok(()) };
        let key = &self.reload(key)?;
        self.change(key, &Change::Update(Update { label: Some(old.parse()?), ..Update::default() }))?;
        Err(Error::LabelTaken { label: key.label.clone(), id }.into())
    }
}

/// What another machine has taken, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Label,
    Id,
    /// The same key, imported a second time.
    Twin,
    /// The same objects, which both machines have recorded.
    Record,
}

struct Rival {
    label: String,
    id: KeyId,
    claim: Claim,
}

/// The key as it is now, although another one may have its CKA_ID.
fn own(keystore: &Keystore, key: &Key) -> Result<Key> {
    let tag = keystore.names().key_tag(&key.identity());
    let found = by_record(keystore, records::of_tag(keystore, &tag)?)?;
    Ok(found.ok_or_else(|| Error::Conflict { label: key.label.clone() })?)
}

/// Destroys the record that this machine wrote, or an equal one.
fn take_back_record(keystore: &Keystore, key: &Key) -> Result<()> {
    let stored = records::labelled(keystore, &key.label)?;
    let own = stored.iter().find(|stored| Some(&stored.record) == key.record());
    own.map_or(Ok(()), |own| records::destroy(keystore, &own.place))
}

/// Each machine may have added the public half to the same private half.
fn destroy_second_halves(keystore: &Keystore, key: &Key) -> Result<()> {
    for id in key.ids().filter(|id| !id.is_empty()) {
        let mut halves = keystore.session().keys(Search::Id(id))?;
        halves.retain(|object| object.class == Class::Public);
        let Some(Some(Ok(first))) = halves.first().map(KeyObject::public_key) else { continue };
        for half in halves.iter().skip(1) {
            if half.public_key().and_then(Result::ok).as_ref() == Some(&first) {
                keystore.session().destroy(half.handle)?;
            }
        }
    }
    Ok(())
}

/// Destroys the record and the objects of a key, but nothing of its twin.
fn take_back_twin(keystore: &Keystore, key: &Key) -> Result<()> {
    take_back_record(keystore, key)?;
    for id in key.ids().filter(|id| !id.is_empty()) {
        for object in keystore.session().keys(Search::Id(id))? {
            keystore.session().destroy(object.handle)?;
        }
    }
    Ok(())
}

/// Another key with the label of this one (`of_label`), or the same key once more: under any label if it was imported
/// (`is_import`). If this one has a record, only one with a record: without one, its creation is still running and will find
/// this key, or was interrupted. A key that is being destroyed does not count.
fn rival(keystore: &Keystore, key: &Key, of_label: bool, is_import: bool) -> Result<Option<Rival>> {
    let Some(own) = key.record() else {
        let selection = Selection { label: Some(key.label.clone()), ..Selection::default() };
        let is_other = |other: &Key| {
            other.label == key.label
                && other.is_guarded()
                && !other.ids().any(|id| key.ids().any(|own| own == id))
        };
        let found = candidates(keystore, &selection)?;
        let found = found.into_iter().find(is_other);
        return Ok(found.map(|other| Rival {
            id: other.current().id.clone(),
            label: other.label,
            claim: Claim::Label,
        }));
    };
    let mut found = records::labelled(keystore, &key.label)?;
    if is_import {
        for stored in records::of_tag(keystore, &keystore.names().key_tag(&own.identity))? {
            if found.iter().all(|known| known.place != stored.place) {
                found.push(stored);
            }
        }
    }
    let mut of_same_objects = 0;
    for StoredRecord { record, .. } in found {
        let rival = |claim| Rival { label: record.label.clone(), id: record.newest().id.clone(), claim };
        if record.identity == own.identity {
            // A revision names an object of this key.
            if record.versions.iter().any(|version| key.ids().any(|own| version.id == *own)) {
                of_same_objects += u32::from(record.revision == own.revision);
                if of_same_objects > 1 {
                    return Ok(Some(rival(Claim::Record)));
                }
            } else if !record.is_deleting {
                return Ok(Some(rival(Claim::Twin)));
            }
            continue;
        }
        if !of_label {
            continue;
        }
        // A rename leaves the record with the former label until its last step.
        let revisions = records::of_tag(keystore, &keystore.names().key_tag(&record.identity))?;
        let newest = revisions.iter().map(|stored| &stored.record).max_by_key(|record| record.revision);
        if newest.is_none_or(|newest| newest.label == key.label && !newest.is_deleting) {
            return Ok(Some(rival(Claim::Label)));
        }
    }
    Ok(None)
}

/// Another key with the CKA_ID that was asked for.
fn rival_of_id(keystore: &Keystore, key: &Key, id: &KeyId) -> Result<Option<Rival>> {
    let mut found = keystore.session().keys(Search::Id(id))?;
    found.retain(|object| object.class != Class::Public);
    let label = found.iter().map(|object| &object.label).find(|label| **label != key.label);
    let label = label.unwrap_or(&key.label).clone();
    Ok((found.len() > 1).then(|| Rival { label, id: id.clone(), claim: Claim::Id }))
}
