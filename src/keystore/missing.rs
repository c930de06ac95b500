//! Refuses keys whose record file is missing: a user who can write to the directory could otherwise remove what the record
//! forbids. The CKA_IDs that kmsctl assigns say where the record is.

use anyhow::Result;

use super::{bind, error::Error, key::Key, store::Keystore};

impl Keystore {
    /// Refuses a key without a record that was made with one in the directory of this run.
    pub fn require_record(&self, key: &Key) -> Result<()> {
        let names = self.names();
        if key.record.is_some() || !key.versions.iter().any(|version| names.is_recorded_here(&version.id)) {
            return Ok(());
        }
        require_readable(self, key)?;
        Err(Error::RecordMissing { label: key.label.clone() }.into())
    }
}

/// Refuses a key whose record file is damaged. Which key a damaged file belongs to, its name alone shows: the tag, if kmsctl
/// made the key.
pub(super) fn require_readable(keystore: &Keystore, key: &Key) -> Result<()> {
    if let Some(files) = keystore.record_files()
        && let Some(tag) = bind::bind_new(keystore, key.current()).1
    {
        files.require_readable(&tag)?;
    }
    Ok(())
}
