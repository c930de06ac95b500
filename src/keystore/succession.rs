//! Replaces a record by its successor, while other machines may try the same at once.
//!
//! Some tokens cannot change a data object (SoftHSM 2.6), others only pretend to (tpm2-pkcs11 1.9). So a change creates
//! a new object with the next revision, then destroys the old one; readers use the highest revision. A crash in between
//! leaves both, which is harmless.
//!
//! Machines that share a token have no common lock. After writing, a writer checks for a concurrent revision and
//! withdraws its own if there is one; on a token with a consistent view, at least one of two concurrent writers sees
//! the other. SoftHSM has no such view: if a process writes, it does not see what others changed since its previous
//! call. So the destruction of the old revision decides. It succeeds exactly once, whatever each writer sees, and all
//! other writers withdraw their revisions: no change is lost and none is applied twice.
//!
//! The first record of a key has no predecessor. There, on SoftHSM, a change that another machine makes completely
//! between two calls of this process goes unnoticed.

use anyhow::{Context as _, Result};

use super::{
    document,
    error::Error,
    mac, missing,
    record::{Record, VersionRecord},
    record_files::RecordFiles,
    records,
    store::Keystore,
    stored_record::{RecordPlace, StoredRecord, damaged},
};
use crate::{
    model::Status,
    retry::{Policy, Retry},
    token::{self, Claimed, Fact, Handle, Search},
};

/// The standing of a record that was just written.
enum Standing {
    Undisputed,
    /// Another machine already based a change on this record: it took effect, and was replaced.
    Superseded,
    /// Another machine changed or destroyed the key concurrently.
    Disputed,
}

/// A record that took effect.
pub(super) struct Written {
    pub(super) stored: StoredRecord,
    /// Whether another machine has purged the key since, which only this record let it do.
    pub(super) is_purged: bool,
}

impl Written {
    const fn in_force(stored: StoredRecord) -> Self {
        Self { stored, is_purged: false }
    }
}

/// Replaces a record, or stores the first. [`Error::Conflict`] if another process changed or destroyed it in the
/// meantime; the record and the token are then as that process left them. [`Error::RecordUnsettled`] if it is unclear
/// whether the record took effect. `takes_away` as [`takes_away`] judges it, unless `record` only prepares a change.
pub(super) fn write(
    keystore: &Keystore,
    old: Option<&StoredRecord>,
    (record, takes_away): (&Record, bool),
) -> Result<Written> {
    if let Some(old) = old.filter(|old| old.record.schema > Record::SCHEMA) {
        let (label, schema) = (old.record.label.clone(), old.record.schema);
        return Err(Error::RecordNewer { label, schema }.into());
    }
    if let Some(files) = files_for(keystore, old) {
        return write_file(keystore, files, old.map(|old| &old.record), record).map(Written::in_force);
    }
    if keystore.session().knows(Fact::NoDataObjects) {
        return Err(Error::NoRecords { source: None }.into());
    }
    let document = mac::document(keystore, record, false)?;
    let created = match old {
        Some(_) => records::create_successor(keystore, record, &document),
        None => records::create_object(keystore, record, &document).map(|handle| (handle, false)),
    };
    let (handle, is_apart) = match created {
        Err(error) if error.is_full() || error.is_too_long() => {
            return overflow(keystore, old, (record, takes_away), &document, error).map(Written::in_force);
        }
        // A token with a record on it stores data objects.
        Err(source) if source.refuses_template() && old.is_none() => {
            keystore.session().note(Fact::NoDataObjects, true);
            return Err(Error::NoRecords { source: Some(source) }.into());
        }
        created => created?,
    };
    let mut stored = stored(record, handle, &document)?;
    let fate = match commit(keystore, old, record) {
        Ok(Standing::Undisputed | Standing::Superseded) => Fate::TookEffect,
        Ok(Standing::Disputed) => withdraw(keystore, handle, old, record)?,
        Err(error) => {
            return Err(match withdraw(keystore, handle, old, record) {
                Ok(Fate::Withdrawn) => error,
                Ok(_) | Err(_) => error.context(Error::RecordUnsettled { label: record.label.clone() }),
            });
        }
    };
    match fate {
        Fate::Withdrawn => return Err(Error::Conflict { label: record.label.clone() }.into()),
        Fate::Purged => return Ok(Written { stored, is_purged: true }),
        Fate::TookEffect => {}
    }
    if is_apart {
        stored.place = RecordPlace::Object(records::settle(keystore, record, &document, handle));
    }
    Ok(Written::in_force(stored))
}

fn stored(record: &Record, handle: Handle, document: &[u8]) -> Result<StoredRecord, Error> {
    let (_, mac) = document::read(document).map_err(|damage| damaged(&record.label, damage))?;
    Ok(StoredRecord { record: record.clone(), place: RecordPlace::Object(handle), mac })
}

fn write_file(
    keystore: &Keystore,
    files: &RecordFiles,
    old: Option<&Record>,
    record: &Record,
) -> Result<StoredRecord> {
    missing::require_directory(keystore)?;
    // Before there is a key for MACs, by which another run would tell that the directory is another one.
    drop(files.lock()?);
    let document = mac::document(keystore, record, true)?;
    Ok(files.write(&keystore.names().key_tag(&record.identity), old, record, &document)?)
}

/// Stores a record for which the token has no room in a file, and only then destroys its predecessor, which decides as
/// always. In the last resort's directory no other user or machine would see it, so only a record that takes uses away goes
/// there, which must be possible on a full token; it returns to the token if its predecessor made room.
fn overflow(
    keystore: &Keystore,
    old: Option<&StoredRecord>,
    (record, takes_away): (&Record, bool),
    document: &[u8],
    source: token::Error,
) -> Result<StoredRecord> {
    let no_room = |source| Error::NoRoom { label: record.label.clone(), source };
    let Some(files) = keystore.overflow_files().filter(|files| takes_away || !files.is_last_resort()) else {
        return Err(no_room(source).into());
    };
    // What an interrupted run has left there.
    let is_earlier = |earlier: &Record| old.is_some_and(|old| earlier.revision <= old.record.revision);
    let tag = keystore.names().key_tag(&record.identity);
    let present = if files.is_there() { files.of_tag(&tag)? } else { None };
    let present = present.map(|stored| stored.record).filter(is_earlier);
    let in_file = match write_file(keystore, files, present.as_ref(), record) {
        Err(error) if files.is_last_resort() && is_unwritable(&error) => return Err(no_room(source).into()),
        written => written?,
    };
    let Some(RecordPlace::Object(handle)) = old.map(|old| &old.place) else { return Ok(in_file) };
    match keystore.session().claim(*handle) {
        Claimed::AlreadyGone => {
            records::destroy(keystore, &in_file.place)?;
            Err(Error::Conflict { label: record.label.clone() }.into())
        }
        Claimed::Now if files.is_last_resort() => {
            let Ok(handle) = records::create_object(keystore, record, document) else { return Ok(in_file) };
            // Both are the same record.
            let _ = records::destroy(keystore, &in_file.place);
            mac::take_back_key(keystore);
            Ok(stored(record, handle, document)?)
        }
        // A predecessor that remains is harmless, and `doctor` removes it.
        Claimed::Now | Claimed::Unclear(_) => Ok(in_file),
    }
}

fn is_unwritable(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::RecordFile { .. } | Error::RecordFileUntrusted(_)))
}

/// Whether a record only forbids what its predecessor allowed, or forgets a version that was destroyed.
pub(super) fn takes_away(old: Option<&Record>, record: &Record) -> bool {
    let is_new =
        |entry: &VersionRecord| old.and_then(|old| old.version(entry.version)).is_none_or(|old| old != entry);
    let is_withdrawn = |entry: &VersionRecord| !record.permits(entry.version) && is_new(entry);
    record.status != Status::Enable
        || old.is_some_and(|old| record.versions.len() < old.versions.len())
        || record.versions.iter().any(is_withdrawn)
}

/// A record stays where it is; new ones are stored in files if a directory is set.
pub(super) fn files_for<'a>(keystore: &'a Keystore, old: Option<&StoredRecord>) -> Option<&'a RecordFiles> {
    let files = keystore.record_files()?;
    let is_in_file = old.map_or(!files.is_last_resort(), |old| matches!(old.place, RecordPlace::File(_)));
    is_in_file.then_some(files)
}

/// Whether one of the records found is a later revision that names the newest version of this one. Older versions can be
/// destroyed alone.
fn is_superseded(record: &Record, found: &[StoredRecord]) -> bool {
    let newest = &record.newest().id;
    found.iter().map(|stored| &stored.record).any(|later| {
        later.revision > record.revision && later.versions.iter().any(|version| version.id == *newest)
    })
}

/// Commits a record that was just written by destroying its predecessor. Of several successors, the one takes effect
/// whose writer destroyed the predecessor, which only one can.
fn commit(keystore: &Keystore, old: Option<&StoredRecord>, record: &Record) -> Result<Standing> {
    let standing = standing(keystore, old, record)?;
    let Some((old, RecordPlace::Object(handle))) = old.map(|old| (old, &old.place)) else {
        return Ok(standing);
    };
    match standing {
        Standing::Disputed => Ok(Standing::Disputed),
        Standing::Superseded => {
            // Best effort: the writer of the superseding record left destroying the old one to this run.
            let _ = keystore.session().destroy(*handle);
            Ok(Standing::Superseded)
        }
        Standing::Undisputed => match keystore.session().claim(*handle) {
            Claimed::Now => Ok(Standing::Undisputed),
            Claimed::AlreadyGone => Ok(Standing::Disputed),
            Claimed::Unclear(_) => recheck_standing(keystore, old, record),
        },
    }
}

/// The standing of a record if it is unclear whether its predecessor was destroyed, and by which process. A predecessor
/// that remains is harmless, and `doctor` removes it.
fn recheck_standing(keystore: &Keystore, old: &StoredRecord, record: &Record) -> Result<Standing> {
    // SoftHSM shows changes of other processes with a delay.
    const MAX_LOOKS: u32 = 4;
    let mut retry = Retry::new(Policy::SETTLING);
    while retry.again(MAX_LOOKS) {
        let found = records::revisions(keystore, Some(old), record)?;
        let find = |wanted: &Record| found.iter().find(|stored| stored.record == *wanted);
        let still_there = find(&old.record);
        // If the old record is gone, it may have been withdrawn, and its predecessor is current again.
        let least = match still_there {
            Some(_) => record.revision,
            None => old.record.revision.saturating_sub(1),
        };
        let is_other = |other: &Record| *other != *record && *other != old.record;
        let is_rival = |other: &Record| is_other(other) && other.revision >= least;
        if find(record).is_none() || found.iter().any(|stored| is_rival(&stored.record)) {
            return Ok(Standing::Disputed);
        }
        if let Some(RecordPlace::Object(handle)) = still_there.map(|stored| &stored.place)
            && matches!(keystore.session().claim(*handle), Claimed::Now)
        {
            return Ok(Standing::Undisputed);
        }
    }
    // Older versions can be destroyed alone.
    let newest = old.record.versions.last().map(|version| &version.id);
    let is_destroyed = match newest {
        Some(id) if !id.is_empty() => keystore.session().keys(Search::Id(id))?.is_empty(),
        _ => false,
    };
    Ok(if is_destroyed { Standing::Disputed } else { Standing::Undisputed })
}

/// The standing of a record that was just written.
fn standing(keystore: &Keystore, old: Option<&StoredRecord>, record: &Record) -> Result<Standing> {
    let found = records::revisions(keystore, old, record)?;
    let count = |wanted: &Record| found.iter().filter(|stored| stored.record == *wanted).count();
    let is_after_old = old.is_none_or(|old| count(&old.record) > 0);
    let is_rival = |other: &Record| match old {
        Some(_) => other.revision == record.revision,
        None => true,
    };
    match count(record) {
        0 if is_superseded(record, &found) => Ok(Standing::Superseded),
        0 if is_after_old => Err(Error::RecordLost { label: record.label.clone() }.into()),
        // If the predecessor is gone, another writer was faster, or the key was destroyed.
        1 if is_after_old
            && !found.iter().any(|other| other.record != *record && is_rival(&other.record)) =>
        {
            Ok(Standing::Undisputed)
        }
        _ => Ok(Standing::Disputed),
    }
}

/// What became of a record in the end.
enum Fate {
    Withdrawn,
    /// Also if another change is based on it by now.
    TookEffect,
    /// It took effect, and the key was destroyed.
    Purged,
}

/// Withdraws a record that did not take effect.
fn withdraw(
    keystore: &Keystore,
    handle: Handle,
    old: Option<&StoredRecord>,
    record: &Record,
) -> Result<Fate> {
    if matches!(keystore.session().claim(handle), Claimed::Now) {
        return Ok(Fate::Withdrawn);
    }
    let look_again = || {
        let found = records::revisions(keystore, old, record)?;
        match found.iter().find(|stored| stored.record == *record) {
            Some(still_there) => records::destroy(keystore, &still_there.place).map(|()| Fate::Withdrawn),
            None if is_superseded(record, &found) => Ok(Fate::TookEffect),
            None if found.is_empty() && lets_purge(old, record) => Ok(Fate::Purged),
            None => Ok(Fate::Withdrawn),
        }
    };
    look_again().context(Error::RecordUnsettled { label: record.label.clone() })
}

/// Whether the key may be purged by a record, but not by its predecessor. A key of which no record is left was then destroyed
/// after this record, or by `key delete`, for which the order makes no difference.
fn lets_purge(old: Option<&StoredRecord>, record: &Record) -> bool {
    record.status == Status::Revoke && old.is_some_and(|old| old.record.status != Status::Revoke)
}
