//! A label that two machines give to a key at once. PKCS#11 has no unique labels, so each machine looks at the token after
//! it has written the label, and takes it back if another key has it, too. At least the later of the two sees the other.

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
use crate::{model::KeyId, token::Search};

impl Keystore {
    /// Takes a new key back if another machine has made one with the label meanwhile: [`Error::LabelExists`].
    pub fn require_sole(&self, created: &Created) -> Result<()> {
        let key = &created.key;
        let Some(Rival { id, is_twin }) = rival(self, key)? else { return Ok(()) };
        match (&key.record, created.origin) {
            _ if is_twin => take_back_twin(self, key)?,
            // It may have been used since the run that made it.
            (Some(_), Origin::Finished) => records::destroy(self, &self.reload(key)?.stored()?.place)?,
            _ => drop(self.destroy(&self.reload(key)?)?),
        }
        Err(Error::LabelExists { label: key.label.clone(), id }.into())
    }

    /// Gives a key its old label back if another machine has given the new one to a key meanwhile: [`Error::LabelTaken`].
    pub fn require_sole_label(&self, key: &Key, old: &str) -> Result<()> {
        let Some(Rival { id, .. }) = rival(self, key)? else { return Ok(()) };
        let key = &self.reload(key)?;
        self.change(key, &Change::Update(Update { label: Some(old.parse()?), ..Update::default() }))?;
        Err(Error::LabelTaken { label: key.label.clone(), id }.into())
    }
}

/// Another key with the label.
struct Rival {
    id: KeyId,
    /// The same key, which another machine has imported at the same time.
    is_twin: bool,
}

/// Destroys the record and the objects of a key, but nothing of its twin.
fn take_back_twin(keystore: &Keystore, key: &Key) -> Result<()> {
    for stored in records::labelled(keystore, &key.label)? {
        if Some(&stored.record) == key.record() {
            records::destroy(keystore, &stored.place)?;
        }
    }
    for id in key.ids().filter(|id| !id.is_empty()) {
        for object in keystore.session().keys(Search::Id(id))? {
            keystore.session().destroy(object.handle)?;
        }
    }
    Ok(())
}

/// Another key with the label of this one. If this one has a record, only one with a record: without one, its creation is
/// still running and will find this key, or was interrupted. A key that is being destroyed does not count.
fn rival(keystore: &Keystore, key: &Key) -> Result<Option<Rival>> {
    let Some(own) = key.record() else {
        let selection = Selection { label: Some(key.label.clone()), ..Selection::default() };
        let is_other = |other: &Key| {
            other.label == key.label
                && other.is_guarded()
                && !other.ids().any(|id| key.ids().any(|own| own == id))
        };
        let found = candidates(keystore, &selection)?;
        let found = found.into_iter().find(is_other);
        return Ok(found.map(|other| Rival { id: other.current().id.clone(), is_twin: false }));
    };
    for stored in records::labelled(keystore, &key.label)? {
        let record = &stored.record;
        let id = record.newest().id.clone();
        if record.identity == own.identity {
            // A revision names an object of this key.
            let is_revision = record.versions.iter().any(|version| key.ids().any(|own| version.id == *own));
            if is_revision || record.is_deleting {
                continue;
            }
            return Ok(Some(Rival { id, is_twin: true }));
        }
        // A rename leaves the record with the former label until its last step.
        let revisions = records::of_tag(keystore, &keystore.names().key_tag(&record.identity))?;
        let newest = revisions.iter().map(|stored| &stored.record).max_by_key(|record| record.revision);
        if newest.is_none_or(|newest| newest.label == key.label && !newest.is_deleting) {
            return Ok(Some(Rival { id, is_twin: false }));
        }
    }
    Ok(None)
}
