//! One change of a key: its objects and its record.
//!
//! A token has no transactions, so the order of the steps takes their place. Objects come first and the record last, for a
//! record is what other programs and later runs believe:
//!
//! 1. *Prepare*: make the objects of a new version, or set labels and usage attributes to what the new record says.
//! 2. *Prove*: read new objects back and use them once ([`super::make`], [`super::prove`]).
//! 3. *Record*: write the new record beside the old one ([`super::succession`]).
//! 4. *Decide*: destroy the old record. This succeeds once, so of two machines that change a key at once only one does.
//! 5. *Enforce*: let older versions no longer sign. The record already says so; a failure here changes nothing.
//!
//! If a step fails, the steps before it are taken back: new objects are destroyed, those that were changed get back what
//! their record says. Then the token is asked what is still there, and the error names it. Two cases are not taken back: a
//! record that may count after all (its objects stay), and a first record that met another one (its writer took the new key
//! for one that was left behind, and finished it).
//!
//! What a crash leaves, and what mends it:
//!
//! | change | stopped | on the token | the key until then | mended by |
//! |---|---|---|---|---|
//! | create, import, unwrap | within 1 | a public half alone | none; `doctor`: `UNFINISHED` | the same command within a day: it is destroyed, a key is made |
//! | import, unwrap | within 1 | a private half alone | none; `doctor`: `UNFINISHED` | the same command: the public half is added |
//! | create, import, unwrap | before 3 | a key without a record | works, without settings; `doctor`: `UNFINISHED` | the same command: it is proven and recorded |
//! | rotate | before 3 | the objects of a version that no record names | as before; `doctor`: `STRAY_OBJECT` | `key delete --id` of these objects |
//! | state, settings, label | before 3 | attributes or labels of some objects are new, the record is old | as before; `doctor`: `UNUSABLE_THOUGH_ALLOWED`, `USABLE_THOUGH_FORBIDDEN`, `OTHER_LABEL` | the same command, or `doctor --repair` |
//! | any but the first | before 4 | both records | as the new record says, for it has the higher revision; `doctor`: `SUPERSEDED_RECORD` | `doctor --repair` |
//! | rotate | before 5 | older versions that the token still lets sign | as the new record says; `doctor`: `MORE_THAN_RECORDED` | `doctor --repair` |
//! | delete, purge | objects, then the record | a record that names what is gone | cannot be used; `doctor`: `MISSING_OBJECT`, `NOTHING_LEFT` | the same command |
//!
//! A CKA_ID tells what its object was made for ([`super::identity::Namespace`]): that is how the objects without a record are
//! known.

use anyhow::Result;

use super::{
    enforce,
    error::Error,
    key::{Key, StoredRecord},
    record::Record,
    store::Keystore,
    succession,
};
use crate::{
    model::KeyId,
    token::{Handle, KeyObject, Search},
};

/// A change on its way. [`Self::run`] ends it, one way or the other.
pub(super) struct Transaction<'a> {
    keystore: &'a Keystore,
    label: &'a str,
    /// The record that the new one succeeds.
    old: Option<&'a StoredRecord>,
    /// New objects, and their CKA_IDs, which nothing else has.
    made: Vec<Handle>,
    ids: Vec<KeyId>,
    /// The key whose objects are changed.
    changed: Option<&'a Key>,
}

impl<'a> Transaction<'a> {
    /// `label` is that of the key, `old` the record that it has.
    pub(super) const fn begin(keystore: &'a Keystore, label: &'a str, old: Option<&'a StoredRecord>) -> Self {
        Self { keystore, label, old, made: Vec::new(), ids: Vec::new(), changed: None }
    }

    /// Takes the steps, of which [`Self::write`] is the last that can fail. If one does, the others are taken back.
    pub(super) fn run<T>(mut self, steps: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = steps(&mut self);
        done.map_err(|error| self.take_back(error))
    }

    pub(super) const fn keystore(&self) -> &'a Keystore {
        self.keystore
    }

    /// Notes the CKA_ID of objects that are about to be made.
    pub(super) fn expect(&mut self, id: &KeyId) {
        self.ids.push(id.clone());
    }

    /// Notes objects that were made.
    pub(super) fn made(&mut self, handles: &[Handle]) {
        self.made.extend(handles);
    }

    /// Notes that objects of a recorded key are about to be changed.
    pub(super) const fn changes(&mut self, key: &'a Key) {
        self.changed = Some(key);
    }

    /// Writes the record, and has it decide.
    pub(super) fn write(&self, record: &Record) -> Result<StoredRecord> {
        succession::write(self.keystore, self.old, record)
    }

    /// Destroys what was made. Best effort: the error that led here is the one to report.
    pub(super) fn discard(&mut self) {
        for handle in self.made.drain(..) {
            let _ = self.keystore.session().destroy(handle);
        }
    }

    pub(super) fn take_back(mut self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref() {
            Some(Error::RecordUnsettled { .. }) => return error,
            Some(Error::Conflict { .. }) => {
                if self.old.is_some() {
                    self.discard();
                }
                // Labels and attributes are those of the change that was met.
                return error;
            }
            _ => self.discard(),
        }
        if let Some(key) = self.changed {
            enforce::restore(self.keystore, key);
        }
        self.left_behind(error)
    }

    /// The error, with the new objects that are still on the token.
    pub(super) fn left_behind(&self, error: anyhow::Error) -> anyhow::Error {
        let of_id = |id: &KeyId| self.keystore.session().keys(Search::Id(id)).unwrap_or_default();
        let is_it = |object: &KeyObject| object.is_labelled(self.label) && self.ids.contains(&object.id);
        let left: Vec<_> = self.ids.iter().flat_map(of_id).filter(is_it).collect();
        let Some(id) = left.first().map(|object| object.id.clone()) else { return error };
        let mut what: Vec<_> = left.iter().map(|object| object.class.name()).collect();
        what.dedup();
        Error::LeftBehind { label: self.label.to_owned(), id, what, reason: format!("{error:#}") }.into()
    }
}
