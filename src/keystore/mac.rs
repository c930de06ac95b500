//! Authenticates records: a MAC proves that the writer knew the PIN.
//!
//! On a module's token a record is a private object, which is sufficient. The files of the embedded store and of a
//! records directory can be written without the PIN, so a record there carries an HMAC-SHA-256 under a key on the
//! token. That key is created with the first record. Records of earlier releases have no MAC: while they are given one,
//! the key has a different label, so that an interrupted run is continued by the next.
//!
//! A MAC does not prevent rollback: an older record that was once authentic still is.

use anyhow::Result;
use subtle::ConstantTimeEq;

use super::{
    document::{self, MacKeys, RecordMac},
    error::Error,
    key::Key,
    record::Record,
    records,
    store::Keystore,
    stored_record::{RecordPlace, StoredRecord},
};
use crate::{
    model::RecordKeyLabel,
    token::{self, Class, Handle, KeyObject, Search},
};

/// Domain separation: prefix of everything that the key authenticates.
const DOMAIN: &[u8] = b"kmsctl record\0";

impl Keystore {
    /// Refuses a key whose record was written without the PIN. Called before a record is used.
    pub fn authenticate(&self, key: &Key) -> Result<()> {
        match &key.record {
            Some(stored) if self.session().sees_private() && !is_authentic(self, stored)? => {
                let label = stored.record.label.clone();
                Err(if mac_keys(self)?.handles.is_empty() {
                    Error::RecordKeyLost.into()
                } else {
                    Error::RecordNotAuthentic { label }.into()
                })
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn is_authentic(keystore: &Keystore, stored: &StoredRecord) -> Result<bool> {
    if !needs_mac(keystore, &stored.place) {
        return Ok(true);
    }
    let keys = mac_keys(keystore)?;
    let Some(RecordMac { text, mac }) = &stored.mac else {
        return Ok(keys.handles.is_empty() || keys.is_pending);
    };
    let is_by = |key| Ok::<_, anyhow::Error>(mac_of(keystore, key, text.as_bytes())?.ct_eq(mac).into());
    for key in keys.handles {
        if is_by(key)? {
            return Ok(true);
        }
    }
    pending_by_label(keystore)?.into_iter().try_fold(false, |found, key| Ok(found || is_by(key)?))
}

/// Whether a key authenticates records, and is no key of the user's.
pub(super) fn is_record_key(object: &KeyObject) -> bool {
    // Anyone could have created a public one.
    object.class == Class::Secret && object.is_guarded() && RecordKeyLabel::of(&object.label).is_some()
}

/// Whether the token's files can be written without the PIN, so that records there need a MAC.
pub(super) fn is_writable_without_pin(keystore: &Keystore) -> bool {
    keystore.token().is_embedded()
}

fn needs_mac(keystore: &Keystore, place: &RecordPlace) -> bool {
    is_writable_without_pin(keystore) || matches!(place, RecordPlace::File(_))
}

fn mac_of(keystore: &Keystore, key: Handle, text: &[u8]) -> Result<Vec<u8>> {
    Ok(keystore.session().hmac_sha256(key, &[DOMAIN, text].concat())?)
}

/// The stored form of a record, with a MAC if its place needs one and the token can compute it.
pub(super) fn document(keystore: &Keystore, record: &Record, in_file: bool) -> Result<Vec<u8>> {
    let bytes = record.to_bytes();
    if !in_file && !is_writable_without_pin(keystore) {
        return Ok(bytes);
    }
    match key_for_writing(keystore)? {
        Some(key) => with_mac(keystore, key, &bytes),
        None => Ok(bytes),
    }
}

fn with_mac(keystore: &Keystore, key: Handle, record: &[u8]) -> Result<Vec<u8>> {
    Ok(document::join_mac(record, &mac_of(keystore, key, record)?))
}

fn mac_keys(keystore: &Keystore) -> Result<MacKeys> {
    if let Some(keys) = keystore.mac_keys().clone() {
        return Ok(keys);
    }
    let id = keystore.names().record_key_id();
    let mut found = keystore.session().keys(Search::Id(&id))?;
    if found.is_empty() && !is_writable_without_pin(keystore) {
        found = labelled(keystore, RecordKeyLabel::Final)?;
    }
    found.retain(|key| key.class == Class::Secret && key.is_guarded());
    let is_pending = |key: &KeyObject| RecordKeyLabel::of(&key.label) == Some(RecordKeyLabel::Pending);
    let is_pending = !found.is_empty() && found.iter().all(is_pending);
    let keys = MacKeys { handles: found.iter().map(|key| key.handle).collect(), is_pending };
    *keystore.mac_keys() = Some(keys.clone());
    Ok(keys)
}

/// Whether the token has a key that authenticates records.
pub(super) fn has_key(keystore: &Keystore) -> Result<bool> {
    Ok(!mac_keys(keystore)?.handles.is_empty())
}

/// A token that chooses CKA_IDs keeps the label.
fn labelled(keystore: &Keystore, label: RecordKeyLabel) -> Result<Vec<KeyObject>> {
    for text in label.texts() {
        let mut found = keystore.session().keys(Search::Label(text))?;
        found.retain(is_record_key);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The keys of an interrupted run on such a token. Looked for only where no other key fits: each search is three calls.
fn pending_by_label(keystore: &Keystore) -> Result<Vec<Handle>> {
    if is_writable_without_pin(keystore) {
        return Ok(Vec::new());
    }
    Ok(labelled(keystore, RecordKeyLabel::Pending)?.iter().map(|key| key.handle).collect())
}

/// The key for the MAC of a record that is about to be written. Creates it if there is none, and gives all records
/// without a MAC one first: afterwards a record without one is not accepted. `None` if the token has no HMAC. Refuses to make a
/// second key beside records of one that is gone: `doctor` replaces it.
fn key_for_writing(keystore: &Keystore) -> Result<Option<Handle>> {
    let keys = mac_keys(keystore)?;
    match (keys.handles.first(), keys.is_pending) {
        (Some(key), false) => return Ok(Some(*key)),
        (Some(key), true) => {
            seal_all(keystore, *key)?;
            return Ok(Some(*key));
        }
        (None, _) => {}
    }
    let needed = ["CKM_GENERIC_SECRET_KEY_GEN", "CKM_SHA256_HMAC"];
    if keystore.session().first_missing(&needed).is_some() {
        return Ok(None);
    }
    let all = records::all(keystore)?;
    let mut sealable = all.iter().filter(|stored| needs_mac(keystore, &stored.place));
    let is_sealed = sealable.clone().any(|stored| stored.mac.is_some());
    if is_sealed {
        // Another machine may have written the first record since the key was looked up.
        *keystore.mac_keys() = None;
        if let Some(key) = mac_keys(keystore)?.handles.first() {
            return Ok(Some(*key));
        }
    }
    let is_first = sealable.next().is_none();
    if !is_first && let Some(key) = pending_by_label(keystore)?.first() {
        seal_all(keystore, *key)?;
        return Ok(Some(*key));
    }
    if is_sealed {
        return Err(Error::RecordKeyLost.into());
    }
    let label = if is_first { RecordKeyLabel::Final } else { RecordKeyLabel::Pending };
    let key = match make_key(keystore, label) {
        Err(error) if error.downcast_ref().is_some_and(cannot_hold_key) => return Ok(None),
        made => made?,
    };
    // Another machine may have created a key at the same moment, and records with it.
    mac_keys(keystore)?;
    if !is_first {
        seal_all(keystore, key)?;
    }
    Ok(Some(key))
}

/// Whether the token holds no key for MACs. Its record files are then as safe as their directory is.
fn cannot_hold_key(error: &token::Error) -> bool {
    error.refuses_template() || error.lacks_mechanism() || error.refuses_user() || error.is_full()
}

fn make_key(keystore: &Keystore, label: RecordKeyLabel) -> Result<Handle> {
    let generate = |label| keystore.session().generate_mac_key(label, &keystore.names().record_key_id());
    let [text, plain] = label.texts();
    let key = match generate(text) {
        Err(error) if error.refuses_template() => generate(plain),
        made => made,
    }?
    .secret();
    *keystore.mac_keys() = None;
    *keystore.new_mac_key() = Some(key);
    Ok(key)
}

/// Destroys the key for MACs if this run created it and no record needs it: the change that did so was taken back. Best
/// effort: the next record would use it.
pub(super) fn take_back_key(keystore: &Keystore) {
    let Some(key) = keystore.new_mac_key().take() else { return };
    if records::all(keystore).is_ok_and(|all| all.iter().all(|stored| stored.mac.is_none())) {
        let _ = keystore.session().destroy(key);
        *keystore.mac_keys() = None;
    }
}

/// Gives every record a MAC that needs one and has none. Then the key is no longer pending.
fn seal_all(keystore: &Keystore, key: Handle) -> Result<()> {
    let is_bare = |stored: &StoredRecord| stored.mac.is_none() && needs_mac(keystore, &stored.place);
    for stored in records::all(keystore)?.into_iter().filter(is_bare) {
        seal(keystore, key, &stored)?;
    }
    let [text, plain] = RecordKeyLabel::Final.texts();
    let renamed =
        keystore.session().set_label(key, text).or_else(|_| keystore.session().set_label(key, plain));
    *keystore.mac_keys() = None;
    match renamed {
        // Keys of this token cannot be renamed: the records need another one, and both keys authenticate until they have it.
        Err(error) if error.refuses_template() => {
            let last = make_key(keystore, RecordKeyLabel::Final)?;
            for stored in records::all(keystore)?.iter().filter(|stored| needs_mac(keystore, &stored.place)) {
                seal(keystore, last, stored)?;
            }
            Ok(keystore.session().destroy(key)?)
        }
        renamed => Ok(renamed?),
    }
}

/// Replaces a stored record by the same one with a MAC.
fn seal(keystore: &Keystore, key: Handle, stored: &StoredRecord) -> Result<()> {
    let document = with_mac(keystore, key, &stored.record.to_bytes())?;
    match &stored.place {
        RecordPlace::Object(handle) => {
            records::create_object(keystore, &stored.record, &document)?;
            keystore.session().destroy(*handle)?;
        }
        RecordPlace::File(_) => {
            if let Some(files) = keystore.record_files() {
                let tag = keystore.names().key_tag(&stored.record.identity);
                files.write(&tag, Some(&stored.record), &stored.record, &document)?;
            }
        }
    }
    Ok(())
}

/// The number of records without a MAC where the token holds no key for one.
pub(super) fn unsealed(keystore: &Keystore, records: &[StoredRecord]) -> Result<usize> {
    let is_bare = |stored: &&StoredRecord| stored.mac.is_none() && needs_mac(keystore, &stored.place);
    let count = records.iter().filter(is_bare).count();
    Ok(if count > 0 && mac_keys(keystore)?.handles.is_empty() { count } else { 0 })
}

/// Whether the token could hold that key, tried with a session key.
pub(super) fn can_seal(keystore: &Keystore) -> bool {
    let session = keystore.session();
    let made = session
        .generate_session_hmac_key(RecordKeyLabel::Final.texts()[0], &keystore.names().record_key_id());
    made.is_ok_and(|made| session.destroy(made.secret()).is_ok())
}

/// Whether records have MACs but the key is missing: another program destroyed it.
pub(super) fn is_key_lost(keystore: &Keystore, records: &[StoredRecord]) -> Result<bool> {
    let mut sealed =
        records.iter().filter(|stored| stored.mac.is_some() && needs_mac(keystore, &stored.place));
    Ok(sealed.next().is_some()
        && mac_keys(keystore)?.handles.is_empty()
        && pending_by_label(keystore)?.is_empty())
}

/// Gives every record a MAC under a new key, after the old key was lost.
pub(super) fn replace_key(keystore: &Keystore) -> Result<()> {
    let key = make_key(keystore, RecordKeyLabel::Pending)?;
    for stored in records::all(keystore)?.iter().filter(|stored| needs_mac(keystore, &stored.place)) {
        seal(keystore, key, stored)?;
    }
    seal_all(keystore, key)
}
