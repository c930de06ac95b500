//! What can be put right without the least danger to a key: labels and usage attributes as the record says, and records
//! that a newer one made void. Objects that hold keys are never destroyed here.

use std::{fmt, thread, time::Duration};

use anyhow::Result;

use super::{
    Examination,
    fault::{Fault, Leftover},
    records::{leftover, successor},
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
    LabelsRestored { label: String },
    UsesRestored { label: String },
}

impl Repaired {
    pub fn label(&self) -> &str {
        match self {
            Self::RecordRemoved { label, .. }
            | Self::LabelsRestored { label }
            | Self::UsesRestored { label } => label,
        }
    }
}

impl fmt::Display for Repaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordRemoved { revision, .. } => {
                write!(f, "revision {revision} of its record, which a newer one made void, was removed")
            }
            Self::LabelsRestored { .. } => {
                f.write_str("its objects were given the label that its record has")
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
        let renamed = |key: &&Key| {
            has_fault(&examination.faults, key, |fault| matches!(fault, Fault::OtherLabel { .. }))
        };
        for key in examination.inventory.keys.iter().filter(renamed) {
            if let Some(record) = key.record()
                && self.restore_labels(key, record)?
            {
                repaired.push(Repaired::LabelsRestored { label: key.label.clone() });
            }
        }
        for key in
            examination.inventory.keys.iter().filter(|key| has_fault(&examination.faults, key, is_about_uses))
        {
            if self.restore_uses(key)? {
                repaired.push(Repaired::UsesRestored { label: key.label.clone() });
            }
        }
        let is_void = |examination: &Examination, stored: &StoredRecord| {
            successor(&examination.inventory.keys, stored)
                .is_some_and(|newest| leftover(&stored.record, newest) == Leftover::Covered)
        };
        if examination.superseded.iter().any(|stored| is_void(examination, stored)) {
            thread::sleep(PATIENCE);
            let now = self.examine()?;
            let was_there = |stored: &&StoredRecord| {
                examination.superseded.iter().any(|earlier| earlier.place == stored.place)
            };
            for stored in now.superseded.iter().filter(was_there).filter(|stored| is_void(&now, stored)) {
                self.outdate(&now, stored)?;
                self.destroy_record(&stored.place)?;
                let (label, revision) = (stored.record.label.clone(), stored.record.revision);
                repaired.push(Repaired::RecordRemoved { label, revision });
            }
        }
        Ok(repaired)
    }

    /// The writer of the record that counts may still be about to destroy the one before, and would take its own back if
    /// somebody else did. With a successor, it no longer is its own.
    fn outdate(&self, examination: &Examination, stored: &StoredRecord) -> Result<()> {
        let newest = examination.inventory.keys.iter().filter_map(|key| key.record.as_ref()).find(|newest| {
            newest.record.identity == stored.record.identity
                && newest.record.revision == stored.record.revision.saturating_add(1)
        });
        newest.map_or(Ok(()), |newest| self.write_record(Some(newest), &newest.record.revised()).map(drop))
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

fn has_fault(faults: &[Fault], key: &Key, is_it: impl Fn(&Fault) -> bool) -> bool {
    key.record().is_some_and(|record| {
        faults.iter().any(|fault| is_it(fault) && fault.label() == Some(record.label.as_str()))
    })
}

fn is_about_uses(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::UsableThoughForbidden { .. }
            | Fault::UnusableThoughAllowed { .. }
            | Fault::MoreThanRecorded { .. }
    )
}
