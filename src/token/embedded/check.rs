//! Checks a store and repairs what can be repaired without touching a key.

use std::{
    fmt,
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{DRAFT, Store, StoreError, database::Access};

/// A deviation from how kmsctl creates a store.
#[derive(Debug)]
pub enum StoreFault {
    /// The mode grants more access than it should.
    Mode { path: PathBuf, mode: u32, wanted: u32 },
    /// Without the index, listing reads the whole table for each key.
    NoIndex,
    /// Writes use the slower rollback journal.
    NoLog,
    /// An interrupted `token init` left files behind.
    Leftovers(PathBuf),
    /// The database itself, or the PIN stretching parameters; cannot be repaired.
    Broken(StoreError),
}

impl StoreFault {
    /// Whether [`Store::repair`] fixes it.
    pub fn is_repairable(&self) -> bool {
        !matches!(self, Self::Broken(_))
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode { path, mode, wanted } => {
                write!(f, "{} has mode {mode:04o} instead of {wanted:04o}", path.display())
            }
            Self::NoIndex => f.write_str("the index that makes listing fast is missing"),
            Self::NoLog => f.write_str("the write-ahead log is switched off, which makes writes slow"),
            Self::Leftovers(path) => {
                write!(f, "{} was left behind by an interrupted initialisation", path.display())
            }
            Self::Broken(error) => error.fmt(f),
        }
    }
}

impl Store {
    /// Checks modes, tables, PIN stretching parameters and every page of the database. Changes nothing.
    pub fn check(&self) -> Result<Vec<StoreFault>, StoreError> {
        let mut faults = self.wrong_modes()?;
        let draft = self.directory.join(DRAFT);
        if draft.exists() {
            faults.push(StoreFault::Leftovers(draft));
        }
        let database = self.database()?;
        let broken = [database.check_integrity(), database.check_schema(), database.stretching().map(drop)];
        faults.extend(broken.into_iter().filter_map(Result::err).map(StoreFault::Broken));
        if !database.has_index()? {
            faults.push(StoreFault::NoIndex);
        }
        // A database opened as immutable never reports a log.
        if self.access == Access::Write && !database.has_log()? {
            faults.push(StoreFault::NoLog);
        }
        Ok(faults)
    }

    /// Fixes every fault that [`StoreFault::is_repairable`]. The caller holds the exclusive lock.
    pub fn repair(&self) -> Result<(), StoreError> {
        if let Some(error) = self.write_obstacle() {
            return Err(error);
        }
        for fault in self.wrong_modes()? {
            if let StoreFault::Mode { path, wanted, .. } = fault {
                fs::set_permissions(&path, Permissions::from_mode(wanted))
                    .map_err(StoreError::io("change the mode of", path))?;
            }
        }
        remove_directory(&self.directory.join(DRAFT))?;
        self.database()?.tune()
    }

    fn wrong_modes(&self) -> Result<Vec<StoreFault>, StoreError> {
        let mut faults = Vec::new();
        let mut look = |path: PathBuf, wanted: u32| {
            let mode = match fs::metadata(&path) {
                Ok(found) => found.permissions().mode() & 0o7777,
                // The log files exist only while a process uses the store.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(StoreError::io("look at", path)(error)),
            };
            // A narrower mode is a choice (a read-only store); a wider one is a fault.
            if mode & !wanted != 0 {
                faults.push(StoreFault::Mode { path, mode, wanted });
            }
            Ok(())
        };
        look(self.directory.clone(), self.sharing.directory_mode())?;
        for file in self.files() {
            look(file, self.sharing.file_mode())?;
        }
        Ok(faults)
    }
}

pub(super) fn remove_directory(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
}
