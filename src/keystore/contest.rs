//! A label that two machines give to a key at once. PKCS#11 has no unique labels, so whoever took one looks at the token
//! afterwards, and gives the label back if another key has it, too. At least the later of the two sees the other.

use anyhow::Result;

use super::{
    error::Error,
    inventory::candidates,
    key::Key,
    lifecycle::{Change, Update},
    records,
    request::{Created, Origin},
    selection::Selection,
    store::Keystore,
};
use crate::model::KeyId;

impl Keystore {
    /// Takes a new key back if another machine has made one with the label meanwhile: [`Error::LabelExists`].
    pub fn require_sole(&self, created: &Created) -> Result<()> {
        let key = &created.key;
        let Some(id) = rival(self, key)? else { return Ok(()) };
        match (&key.record, created.origin) {
            // It may have been used since the run that made it.
            (Some(_), Origin::Finished) => records::destroy(self, &self.reload(key)?.stored()?.place)?,
            _ => drop(self.destroy(&self.reload(key)?)?),
        }
        Err(Error::LabelExists { label: key.label.clone(), id }.into())
    }

    /// Gives a key its old label back if another machine has given the new one to a key meanwhile: [`Error::LabelTaken`].
    pub fn require_sole_label(&self, key: &Key, old: &str) -> Result<()> {
        let Some(id) = rival(self, key)? else { return Ok(()) };
        let key = &self.reload(key)?;
        self.change(key, &Change::Update(Update { label: Some(old.parse()?), ..Update::default() }))?;
        Err(Error::LabelTaken { label: key.label.clone(), id }.into())
    }
}

/// Another key with the label of this one. If this one has a record, only one with a record: without one, its creation is
/// still running and will find this key, or was interrupted. A key that is being destroyed is no rival.
fn rival(keystore: &Keystore, key: &Key) -> Result<Option<KeyId>> {
    let Some(own) = key.record() else {
        let selection = Selection { label: Some(key.label.clone()), ..Selection::default() };
        let is_other = |other: &Key| {
            other.label == key.label
                && other.is_guarded()
                && !other.ids().any(|id| key.ids().any(|own| own == id))
        };
        let found = candidates(keystore, &selection)?;
        return Ok(found.into_iter().find(is_other).map(|other| other.current().id.clone()));
    };
    for stored in records::labelled(keystore, &key.label)? {
        let record = &stored.record;
        if record.identity == own.identity {
            continue;
        }
        // A rename leaves the record with the former label until its last step.
        let revisions = records::of_tag(keystore, &keystore.names().key_tag(&record.identity))?;
        let newest = revisions.iter().map(|stored| &stored.record).max_by_key(|record| record.revision);
        if newest.is_none_or(|newest| newest.label == key.label && !newest.is_deleting) {
            return Ok(Some(record.newest().id.clone()));
        }
    }
    Ok(None)
}
