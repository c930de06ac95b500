//! What can be put right without the least danger to a key: usage attributes as the record says, and records that a newer
//! one made void. Objects that hold keys are never destroyed here.

use std::{fmt, thread, time::Duration};

use anyhow::Result;

use super::{
    Examination,
    fault::Fault,
    records::{is_covered, successor},
};
use crate::{
    keystore::{
        Keystore,
        key::{Key, KeyVersion, StoredRecord},
    },
    token::KeyObject,
};

/// Another machine may be between writing a record and destroying the one before it. What is still there after this was
/// left behind.
const PATIENCE: Duration = Duration::from_secs(1);

/// One thing that was put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repaired {
    RecordRemoved { label: String, revision: u64 },
    UsesRestored { label: String },
}

impl Repaired {
    pub fn label(&self) -> &str {
        match self {
            Self::RecordRemoved { label, .. } | Self::UsesRestored { label } => label,
        }
    }
}

impl fmt::Display for Repaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordRemoved { revision, .. } => {
                write!(f, "revision {revision} of its record, which a newer one made void, was removed")
            }
            Self::UsesRestored { .. } => {
                f.write_str("the token's usage attributes were set to what its record says")
            }
        }
    }
}

impl Keystore {
    /// Mends what [`Fault::is_repairable`] says can be. The caller holds the token's exclusive lock.
    pub fn repair(&self, examination: &Examination) -> Result<Vec<Repaired>> {
        let mut repaired = Vec::new();
        for key in examination.inventory.keys.iter().filter(|key| needs_uses(key, &examination.faults)) {
            if self.restore_uses(key)? {
                repaired.push(Repaired::UsesRestored { label: key.label.clone() });
            }
        }
        let is_void = |examination: &Examination, stored: &StoredRecord| {
            successor(&examination.inventory.keys, stored)
                .is_some_and(|newest| is_covered(&stored.record, newest))
        };
        if examination.superseded.iter().any(|stored| is_void(examination, stored)) {
            thread::sleep(PATIENCE);
            let now = self.examine()?;
            let was_there = |stored: &&StoredRecord| {
                examination.superseded.iter().any(|earlier| earlier.place == stored.place)
            };
            for stored in now.superseded.iter().filter(was_there).filter(|stored| is_void(&now, stored)) {
                self.destroy_record(&stored.place)?;
                let (label, revision) = (stored.record.label.clone(), stored.record.revision);
                repaired.push(Repaired::RecordRemoved { label, revision });
            }
        }
        Ok(repaired)
    }

    /// Whether the token took at least one change. One that keeps its attributes is found the same again.
    fn restore_uses(&self, key: &Key) -> Result<bool> {
        let Some(record) = key.record() else { return Ok(false) };
        let uses = |key: &Key| -> Vec<_> {
            key.versions.iter().flat_map(KeyVersion::objects).map(KeyObject::uses).collect()
        };
        let mut changed = key.clone();
        self.enforce(&mut changed, record)?;
        Ok(uses(key) != uses(&changed))
    }
}

fn needs_uses(key: &Key, faults: &[Fault]) -> bool {
    let Some(record) = key.record() else { return false };
    faults.iter().any(|fault| {
        matches!(
            fault,
            Fault::UsableThoughForbidden { label, .. }
                | Fault::UnusableThoughAllowed { label, .. }
                | Fault::MoreThanRecorded { label, .. } if *label == record.label
        )
    })
}
