//! Keys whose record should be a file that is not there: whoever can write to the directory could remove what the record
//! forbids. The CKA_IDs that kmsctl gives say where the record is.

use anyhow::Result;

use super::{bind, error::Error, key::Key, store::Keystore};

impl Keystore {
    /// Refuses a key without a record that was made with one in the directory of this run.
    pub fn require_record(&self, key: &Key) -> Result<()> {
        if !self.lacks_record(key) {
            return Ok(());
        }
        require_readable(self, key)?;
        Err(Error::RecordMissing { label: key.label.clone() }.into())
    }

    pub(super) fn lacks_record(&self, key: &Key) -> bool {
        key.record.is_none() && key.versions.iter().any(|version| self.names().is_recorded_here(&version.id))
    }
}

/// Refuses a key whose record file is damaged. Which key a damaged file belongs to, its name alone shows: the tag, if kmsctl
/// made the key.
pub(super) fn require_readable(keystore: &Keystore, key: &Key) -> Result<()> {
    if let Some(files) = keystore.record_files()
        && let Some(tag) = bind::bind_new(keystore, key.current()).1
    {
        files.require_readable(&key.label, &tag)?;
    }
    Ok(())
}
