//! Records as they were found: where, with which MAC, and damaged ones.

use super::{
    document::RecordMac,
    error::Error,
    record::{Damage, Record},
};
use crate::token::Handle;

/// A record and where it is stored.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub record: Record,
    pub place: RecordPlace,
    /// Present if the place can be written without the PIN.
    pub mac: Option<RecordMac>,
}

/// Where a record was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordPlace {
    Object(Handle),
    File(std::path::PathBuf),
}

/// A data object or file that should contain a record but cannot be parsed.
#[derive(Debug, Clone)]
pub struct DamagedRecord {
    pub label: String,
    pub place: RecordPlace,
    pub reason: String,
}

impl DamagedRecord {
    /// The error of a command that needs it.
    pub fn error(self) -> Error {
        match self.file() {
            Some(path) => Error::RecordDamaged {
                record: format!("record file {}", path.display()),
                reason: self.reason,
            },
            None => damaged(&self.label, Damage(self.reason)),
        }
    }

    /// The damaged file, if records are files. It does not show which key it belongs to.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.place {
            RecordPlace::File(path) => Some(path),
            RecordPlace::Object(_) => None,
        }
    }
}

/// The error for a key whose record cannot be parsed.
pub(super) fn damaged(label: &str, damage: Damage) -> Error {
    Error::RecordDamaged { record: format!("record of key {label:?}"), reason: damage.0 }
}
