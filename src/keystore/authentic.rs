//! Whether a record was written by someone who knows the PIN.
//!
//! On a module a record is a private object, and that is enough. The files of the embedded store and of a records directory
//! can be written without the PIN, so a record there carries an HMAC-SHA-256 under a key of the token. That key is made with
//! the first record. Records of earlier releases have none until then: while they get theirs, the key has another label, so
//! that a run that is cut short goes on where it stopped.
//!
//! An older record that was authentic once is authentic still: what was rolled back as a whole cannot be told.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use data_encoding::HEXLOWER;
use subtle::ConstantTimeEq;

use super::{
    Keystore,
    error::Error,
    key::{Key, RecordPlace, StoredRecord},
    record::{Damage, Record},
};
use crate::token::{Class, Handle, KeyObject, Search};

/// The MAC of a record, over the text that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordMac {
    text: Box<str>,
    mac: Vec<u8>,
}

/// The last member of a record that has a MAC: everything before it, closed by a brace, is what the MAC is over.
const MAC_MEMBER: &str = ",\"mac\":\"";
/// Hexadecimal digits of a MAC.
const MAC_DIGITS: usize = 64;

/// Reads a stored record, with the MAC that it may end in.
pub(super) fn read_document(bytes: &[u8]) -> Result<(Record, Option<RecordMac>), Damage> {
    if bytes.len() > Record::LONGEST {
        return Err(Damage(format!("longer than {} bytes", Record::LONGEST)));
    }
    let mac = split_mac(bytes);
    let record = Record::from_bytes(mac.as_ref().map_or(bytes, |mac| mac.text.as_bytes()))?;
    Ok((record, mac))
}

/// `None` for a record without a MAC.
fn split_mac(bytes: &[u8]) -> Option<RecordMac> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix("\"}")?;
    let (text, digits) = text.split_at_checked(text.len().checked_sub(MAC_DIGITS)?)?;
    let mac = HEXLOWER.decode(digits.as_bytes()).ok()?;
    let text = format!("{}}}", text.strip_suffix(MAC_MEMBER)?);
    Some(RecordMac { text: text.into(), mac })
}

/// Appends the MAC to a record.
fn join_mac(record: &[u8], mac: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(record);
    let open = text.strip_suffix('}').unwrap_or(&text);
    format!("{open}{MAC_MEMBER}{}\"}}", HEXLOWER.encode(mac)).into_bytes()
}

/// The token's keys for MACs of records.
#[derive(Debug, Clone, Default)]
struct MacKeys {
    /// Two machines that make the first record at once make two.
    handles: Vec<Handle>,
    /// Records without a MAC are still to get theirs.
    is_pending: bool,
}

/// The keys for MACs, once they were looked for; the same for all sessions of a run.
#[derive(Debug, Default)]
pub(super) struct MacKeyCache(Mutex<Option<MacKeys>>);

impl MacKeyCache {
    fn get(&self) -> Option<MacKeys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, keys: Option<MacKeys>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

const LABEL: &str = "kmsctl record authentication";
const PENDING_LABEL: &str = "kmsctl record authentication (pending)";
/// What is signed begins with this, so that the key signs nothing else.
const DOMAIN: &[u8] = b"kmsctl record\0";

impl Keystore {
    /// Refuses a key whose record was written without the PIN. Called before a record is acted upon.
    pub fn authenticate(&self, key: &Key) -> Result<()> {
        match &key.record {
            Some(stored) if self.session.sees_private() && !self.is_authentic(stored)? => {
                Err(Error::RecordNotAuthentic { label: stored.record.label.clone() }.into())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_authentic(&self, stored: &StoredRecord) -> Result<bool> {
        if !self.needs_mac(&stored.place) {
            return Ok(true);
        }
        let keys = self.mac_keys()?;
        let Some(RecordMac { text, mac }) = &stored.mac else {
            return Ok(keys.handles.is_empty() || keys.is_pending);
        };
        for key in keys.handles {
            if bool::from(self.record_mac(key, text.as_bytes())?.ct_eq(mac)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn needs_mac(&self, place: &RecordPlace) -> bool {
        self.store_is_writable_without_pin || matches!(place, RecordPlace::File(_))
    }

    fn record_mac(&self, key: Handle, text: &[u8]) -> Result<Vec<u8>> {
        Ok(self.session.hmac_sha256(key, &[DOMAIN, text].concat())?)
    }

    /// A record as it is stored, with a MAC where its place needs one and the token can make it.
    pub(super) fn document(&self, record: &Record, in_file: bool) -> Result<Vec<u8>> {
        let bytes = record.to_bytes();
        if !in_file && !self.store_is_writable_without_pin {
            return Ok(bytes);
        }
        match self.mac_key_for_writing()? {
            Some(key) => self.with_mac(key, &bytes),
            None => Ok(bytes),
        }
    }

    fn with_mac(&self, key: Handle, record: &[u8]) -> Result<Vec<u8>> {
        Ok(join_mac(record, &self.record_mac(key, record)?))
    }

    fn mac_keys(&self) -> Result<MacKeys> {
        if let Some(keys) = self.mac_keys.get() {
            return Ok(keys);
        }
        let id = self.names.record_key_id();
        let found = self.session.keys(Search::Id(&id))?;
        // Anyone could have made one that is not private.
        let is_it = |key: &&KeyObject| key.class == Class::Secret && key.is_guarded();
        let found: Vec<_> = found.iter().filter(is_it).collect();
        let is_pending = !found.is_empty() && found.iter().all(|key| key.label == PENDING_LABEL);
        let keys = MacKeys { handles: found.iter().map(|key| key.handle).collect(), is_pending };
        self.mac_keys.set(Some(keys.clone()));
        Ok(keys)
    }

    /// The key for the MAC of a record that is about to be written. It is made where there is none, and then all records
    /// that have no MAC get one first: afterwards a record without is not believed. `None` where the token has no HMAC.
    fn mac_key_for_writing(&self) -> Result<Option<Handle>> {
        let keys = self.mac_keys()?;
        match (keys.handles.first(), keys.is_pending) {
            (Some(key), false) => return Ok(Some(*key)),
            (Some(key), true) => {
                self.seal_all(*key)?;
                return Ok(Some(*key));
            }
            (None, _) => {}
        }
        if self.session.first_missing(&["CKM_GENERIC_SECRET_KEY_GEN", "CKM_SHA256_HMAC"]).is_some() {
            return Ok(None);
        }
        let is_first = self.all_records()?.is_empty();
        let label = if is_first { LABEL } else { PENDING_LABEL };
        let key = self.session.generate_mac_key(label, &self.names.record_key_id())?.secret();
        // Another machine may have made one at the same moment, and records with it.
        self.mac_keys.set(None);
        self.mac_keys()?;
        if !is_first {
            self.seal_all(key)?;
        }
        Ok(Some(key))
    }

    /// Gives a MAC to every record that has none and needs one. Then the key is no longer pending.
    fn seal_all(&self, key: Handle) -> Result<()> {
        let bare = |stored: &StoredRecord| stored.mac.is_none() && self.needs_mac(&stored.place);
        for stored in self.all_records()?.into_iter().filter(bare) {
            self.seal(key, &stored)?;
        }
        self.session.set_label(key, LABEL)?;
        self.mac_keys.set(None);
        Ok(())
    }

    /// Puts the same record, with a MAC, in the place of a stored one.
    fn seal(&self, key: Handle, stored: &StoredRecord) -> Result<()> {
        let document = self.with_mac(key, &stored.record.to_bytes())?;
        let tag = self.names.key_tag(&stored.record.identity);
        match &stored.place {
            RecordPlace::Object(handle) => {
                let object_id = self.names.record_object_id(&tag);
                self.session.create_data(&stored.record.label, &object_id, &document)?;
                self.session.destroy(*handle)?;
            }
            RecordPlace::File(_) => {
                if let Some(files) = &self.record_files {
                    files.write(&tag, Some(&stored.record), &stored.record, &document)?;
                }
            }
        }
        Ok(())
    }

    /// Whether records have MACs that no key of the token made: another program destroyed the key.
    pub(super) fn has_lost_mac_key(&self, records: &[StoredRecord]) -> Result<bool> {
        let mut sealed =
            records.iter().filter(|stored| stored.mac.is_some() && self.needs_mac(&stored.place));
        Ok(sealed.next().is_some() && self.mac_keys()?.handles.is_empty())
    }

    /// Gives every record a MAC by a new key, after the old key was lost.
    pub(super) fn replace_mac_key(&self) -> Result<()> {
        let key = self.session.generate_mac_key(PENDING_LABEL, &self.names.record_key_id())?.secret();
        self.mac_keys.set(None);
        for stored in self.all_records()?.iter().filter(|stored| self.needs_mac(&stored.place)) {
            self.seal(key, stored)?;
        }
        self.seal_all(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &[u8] = br#"{"schema":2,"memo":"\",\"mac\":\""}"#;

    #[test]
    fn a_mac_is_split_from_what_it_is_over() {
        let joined = join_mac(RECORD, &[0xab; 32]);
        let split = split_mac(&joined).expect("a MAC");
        assert_eq!((split.text.as_bytes(), split.mac.as_slice()), (RECORD, &[0xab; 32][..]));
        assert!(serde_json::from_slice::<serde_json::Value>(&joined).is_ok(), "one document");
    }

    #[test]
    fn what_does_not_end_in_a_mac_has_none() {
        let joined = join_mac(RECORD, &[0xab; 32]);
        let [mut upper, mut longer] = [joined.clone(), joined.clone()];
        upper.make_ascii_uppercase();
        longer.push(b' ');
        for bytes in [RECORD, &joined[1..40], &upper, &longer, b"", b"\"}"] {
            assert_eq!(split_mac(bytes), None);
        }
    }
}
