//! Refuses keys whose record file is missing: a user who can write to the directory could otherwise remove what the record
//! forbids. The CKA_IDs that kmsctl assigns say where the record is.
//!
//! Refuses to begin a second directory for a token: each machine would destroy and rotate versions without those of the other.

use std::path::Path;

use anyhow::Result;

use super::{bind, error::Error, key::Key, mac, record_files::LOCK, store::Keystore};
use crate::shell::shell_word;

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

/// Refuses a key without a record that may have one in a file which this run does not read: a second record would split the key,
/// and its destruction would leave the file.
pub(super) fn require_no_unread_record(keystore: &Keystore, key: &Key) -> Result<()> {
    // The embedded token has the key for its own records.
    if key.record.is_some() || mac::is_writable_without_pin(keystore) {
        return Ok(());
    }
    match keystore.record_files() {
        Some(files) if !files.is_last_resort() => return require_directory(keystore),
        // The token has the key for these.
        Some(files) if !files.all()?.0.is_empty() => return Ok(()),
        _ => {}
    }
    if mac::has_key(keystore)? { Err(Error::RecordsUnread.into()) } else { Ok(()) }
}

/// Refuses a directory that no run has used, if the token has a key that authenticates record files: they are in another one,
/// or this one is not mounted.
pub(super) fn require_directory(keystore: &Keystore) -> Result<()> {
    let files = keystore.record_files().filter(|files| !files.is_last_resort() && !files.is_used());
    // The embedded token has such a key for its own records.
    let Some(files) = files.filter(|_| !mac::is_writable_without_pin(keystore)) else { return Ok(()) };
    if mac::has_key(keystore)? {
        return Err(Error::RecordsElsewhere { directory: files.directory().to_owned() }.into());
    }
    Ok(())
}

/// What to do if none is given.
pub(super) const NAME_DIRECTORY: &str =
    "give the directory that the other machines use: `--records DIR`, or `records` in the profile";

/// The command that makes a directory count as used.
pub(super) fn begin(directory: &Path) -> String {
    let (directory, lock) = (shell_word(directory), shell_word(directory.join(LOCK)));
    format!("mkdir -p -m 700 {directory} && touch {lock}")
}
