//! A change of a key: its objects and its record.
//!
//! Tokens have no transactions, so the order of the steps replaces them. Objects come first and the record last,
//! because the record is what other machines and later runs rely on:
//!
//! 1. *Prepare*: create the objects of a new version, or set labels and usage attributes to those of the new record.
//! 2. *Test*: read new objects back and use them once ([`super::make`], [`super::prove`]).
//! 3. *Record*: write the new record next to the old one ([`super::succession`]).
//! 4. *Decide*: destroy the old record. This succeeds only once, so of two machines that change a key at once only one
//!    succeeds.
//! 5. *Enforce*: stop older versions from signing. Best effort: the record already says so.
//!
//! If a step fails, the previous ones are rolled back: new objects are destroyed, and changed ones are restored from
//! their record. Objects that still exist afterwards are named in the error. Three cases are not rolled back: a record
//! that may have taken effect after all (its objects stay), a first record that conflicts with another one (its
//! writer found the new key unfinished, and finished it), and a new version that another machine adopted ([`super::adopt`]).
//!
//! What a crash leaves behind, and how it is repaired:
//!
//! | change | stopped | on the token | the key until then | repaired by |
//! |---|---|---|---|---|
//! | create, import, unwrap | during 1 | only a public half | none; `doctor`: `UNFINISHED` | the same command within a day: destroys it and creates a key |
//! | import, unwrap | during 1 | only a private half | none; `doctor`: `UNFINISHED` | the same command: adds the public half |
//! | unwrap of several versions | before 3 | versions without a record | each works alone; `doctor`: `UNFINISHED` | the same command within a day: destroys them and imports them again |
//! | create, import, unwrap | before 3 | a key without a record | works without settings; `doctor`: `UNFINISHED` | the same command: tests and records it |
//! | rotate | before 3 | the objects of a version that no record names | as before; `doctor`: `STRAY_OBJECT` | the same command, or `doctor --repair`: they are adopted, for with an old record that was put back, a version in use looks the same |
//! | state, settings, label | before 3 | attributes or labels of some objects are new, the record is old | as before; `doctor`: `UNUSABLE_THOUGH_ALLOWED`, `USABLE_THOUGH_FORBIDDEN`, `OTHER_LABEL` | the same command, or `doctor --repair`; by a record file, the command of the user that `doctor` names |
//! | any but the first | before 4 | both records | as the new record says (higher revision); `doctor`: `SUPERSEDED_RECORD` | `doctor --repair` |
//! | rotate, promote | before 5 | older versions that the token still allows to sign | as the new record says; `doctor`: `MORE_THAN_RECORDED` | `doctor --repair` |
//! | promote | before 3 | a staged version that the token already lets sign | as before; `doctor`: `MORE_THAN_RECORDED` | the same command, or `doctor --repair` |
//! | delete, purge | after 4 | a record that says that the key is being destroyed, and what is left of its objects | cannot be used or restored; `doctor`: `PURGE_DUE` | the same command, `key purge --due`, or `doctor --repair` |
//! | delete of a key without a record | after its private or secret object | its public half | cannot be used | the same command |
//! | delete, purge of a version | between the two records | a version whose destruction the record says has begun | the key works; the version is not used; `doctor`: `PURGE_DUE` | the same command, or `key purge --due` |
//!
//! Objects without a record are recognised by their CKA_ID ([`super::identity::Namespace`]).

use anyhow::Result;

use super::{
    brought_back, enforce,
    error::{Error, or_conflict},
    key::Key,
    record::{Record, VersionRecord},
    records,
    store::Keystore,
    stored_record::StoredRecord,
    succession,
};
use crate::{
    model::KeyId,
    token::{Claimed, Class, Handle, KeyObject, Search},
};

/// A change in progress. [`Self::run`] completes it or rolls it back.
pub(super) struct Transaction<'a> {
    keystore: &'a Keystore,
    label: &'a str,
    /// The record to replace.
    old: Option<&'a StoredRecord>,
    /// New objects, and their CKA_IDs, which are unique.
    made: Vec<Handle>,
    ids: Vec<KeyId>,
    /// Objects that another run made and this one takes over, and their CKA_ID before.
    renumbered: Vec<(Handle, KeyId)>,
    /// The key whose objects are changed.
    changed: Option<&'a Key>,
}

impl<'a> Transaction<'a> {
    /// `label` and `old` are the key's current label and record.
    pub(super) const fn begin(keystore: &'a Keystore, label: &'a str, old: Option<&'a StoredRecord>) -> Self {
        Self {
            keystore,
            label,
            old,
            made: Vec::new(),
            ids: Vec::new(),
            renumbered: Vec::new(),
            changed: None,
        }
    }

    /// Runs the steps, of which [`Self::write`] is the last that can fail. Rolls back if one fails.
    pub(super) fn run<T>(mut self, steps: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = steps(&mut self);
        done.map_err(|error| self.take_back(error))
    }

    pub(super) const fn keystore(&self) -> &'a Keystore {
        self.keystore
    }

    /// Notes the CKA_ID of objects that are about to be created.
    pub(super) fn expect(&mut self, id: &KeyId) {
        self.ids.push(id.clone());
    }

    /// Notes objects that were created.
    pub(super) fn made(&mut self, handles: &[Handle]) {
        self.made.extend(handles);
    }

    /// Gives an object another CKA_ID until the transaction fails. Returns whether the token does.
    pub(super) fn renumber(&mut self, object: &mut KeyObject, new: &KeyId) -> bool {
        if self.keystore.session().set_id(object.handle, new).is_err() {
            return false;
        }
        self.renumbered.push((object.handle, std::mem::replace(&mut object.id, new.clone())));
        true
    }

    /// Puts a copy with another CKA_ID in place of an object. The destruction of the original decides against the run that made
    /// it, which destroys it, too, when it fails: [`Error::Conflict`] if it did. Returns false if the token makes no copies.
    pub(super) fn replace(&mut self, object: &mut KeyObject, new: &KeyId) -> Result<bool> {
        let session = self.keystore.session();
        let Some(copy) = session.copied(object, new)? else { return Ok(false) };
        match session.claim(object.handle) {
            Claimed::Unclear(error) if !session.is_gone(object.handle) => {
                session.destroy(copy.handle)?;
                return Err(error.into());
            }
            Claimed::AlreadyGone => {
                session.destroy(copy.handle)?;
                return Err(Error::Conflict { label: self.label.to_owned() }.into());
            }
            Claimed::Now | Claimed::Unclear(_) => {}
        }
        self.renumbered.push((copy.handle, std::mem::replace(object, copy).id));
        Ok(true)
    }

    /// Best effort: whatever CKA_ID they have, the objects are found as those of the next version.
    pub(super) fn restore_ids(&mut self) {
        for (handle, id) in self.renumbered.drain(..) {
            let _ = self.keystore.session().set_id(handle, &id);
        }
    }

    /// Notes that objects of a recorded key are about to be changed.
    pub(super) const fn changes(&mut self, key: &'a Key) {
        self.changed = Some(key);
    }

    /// Writes and commits the record.
    pub(super) fn write(&self, record: &Record) -> Result<StoredRecord> {
        let takes_away = succession::takes_away(self.old.map(|old| &old.record), record);
        let written = succession::write(self.keystore, self.old, (record, takes_away))?;
        if written.is_purged {
            // Setting attributes may have brought objects back.
            self.changed.inspect(|key| brought_back::suspect(self.keystore, key));
        }
        Ok(written.stored)
    }

    /// Destroys the objects that were created, and returns whether the token did: [`Self::left_behind`] reports the
    /// others.
    pub(super) fn discard(&mut self) -> bool {
        self.made.retain(|handle| self.keystore.session().destroy(*handle).is_err());
        self.made.is_empty()
    }

    pub(super) fn take_back(mut self, error: anyhow::Error) -> anyhow::Error {
        let error = or_conflict(self.label, error);
        if matches!(error.downcast_ref(), Some(Error::RecordUnsettled { .. })) {
            return error;
        }
        self.restore_ids();
        if self.is_taken_over() || !self.reclaim() {
            return Error::RotationTaken { label: self.label.to_owned() }.into();
        }
        match error.downcast_ref() {
            Some(Error::Conflict { .. }) => {
                if self.old.is_some() || !self.is_recorded() {
                    self.discard();
                } else {
                    self.discard_second_halves();
                }
                // Labels and attributes now belong to the concurrent change.
                self.changed.inspect(|key| brought_back::suspect(self.keystore, key));
                return error;
            }
            _ => {
                self.discard();
            }
        }
        if let Some(key) = self.changed {
            enforce::restore(self.keystore, key);
        }
        self.left_behind(error)
    }

    /// Whether another machine found the new objects unfinished and recorded them.
    fn is_recorded(&self) -> bool {
        // What cannot be known is kept.
        records::labelled(self.keystore, self.label)
            .map_or(true, |records| records.iter().any(|stored| self.is_named_in(&stored.record)))
    }

    fn is_named_in(&self, record: &Record) -> bool {
        record.versions.iter().flat_map(VersionRecord::ids).any(|id| self.ids.contains(id))
    }

    /// Whether another machine has adopted the objects of a new version ([`super::adopt`]): they have other CKA_IDs, or a
    /// record names them.
    fn is_taken_over(&self) -> bool {
        let Some(old) = self.old.filter(|_| !self.made.is_empty()).map(|old| &old.record) else {
            return false;
        };
        let names = self.keystore.names();
        let is_renumbered = |object: &KeyObject| {
            !self.ids.contains(&object.id) && names.is_version_id(old.first_id(), &object.id)
        };
        let found = self.made.iter().filter_map(|handle| self.keystore.session().key(*handle).ok().flatten());
        let revisions = || records::of_tag(self.keystore, &names.key_tag(&old.identity)).unwrap_or_default();
        found.into_iter().any(|object| is_renumbered(&object))
            || revisions().iter().any(|stored| self.is_named_in(&stored.record))
    }

    /// Destroys the private or secret object of a new version of a recorded key. Returns false if another machine was faster,
    /// which does so to adopt it ([`Self::replace`]).
    fn reclaim(&mut self) -> bool {
        let (Some(old), Some(secret)) = (self.old, self.made.first().copied()) else { return true };
        match self.keystore.session().claim(secret) {
            Claimed::Now => {
                self.made.remove(0);
                true
            }
            Claimed::Unclear(_) if !self.keystore.session().is_gone(secret) => true,
            Claimed::AlreadyGone | Claimed::Unclear(_) => {
                // Or the whole key was destroyed.
                let of_old = self.keystore.session().keys(Search::Id(&old.record.newest().id));
                of_old.is_ok_and(|found| found.is_empty())
            }
        }
    }

    /// Destroys a new public half if another machine has added one to the private half meanwhile.
    fn discard_second_halves(&mut self) {
        for id in &self.ids {
            let mut halves = self.keystore.session().keys(Search::Id(id)).unwrap_or_default();
            halves.retain(|object| object.class == Class::Public);
            if halves.len() > 1
                && let Some(own) = halves.iter().find(|half| self.made.contains(&half.handle))
            {
                // Best effort: the run fails anyway.
                let _ = self.keystore.session().destroy(own.handle);
            }
        }
    }

    /// Adds the new objects that are still on the token to the error.
    pub(super) fn left_behind(&self, error: anyhow::Error) -> anyhow::Error {
        let of_id = |id: &KeyId| self.keystore.session().keys(Search::Id(id)).unwrap_or_default();
        // The label of a later version may differ from that of the key; it begins with it (`version_label`).
        let is_it =
            |object: &KeyObject| object.label.starts_with(self.label) && self.ids.contains(&object.id);
        let mut left: Vec<_> = self.ids.iter().flat_map(of_id).filter(is_it).collect();
        // The token may have given them other names.
        let kept = self.made.iter().filter(|handle| left.iter().all(|object| object.handle != **handle));
        let kept: Vec<_> =
            kept.filter_map(|handle| self.keystore.session().key(*handle).ok().flatten()).collect();
        left.extend(kept);
        let Some(id) = left.first().map(|object| object.id.clone()) else { return error };
        let mut what: Vec<_> = left.iter().map(|object| object.class.name()).collect();
        what.dedup();
        Error::LeftBehind { label: self.label.to_owned(), id, what, reason: format!("{error:#}") }.into()
    }
}
