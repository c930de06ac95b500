//! The embedded token: kryoptic on SQLite, linked into the program, with its files in one directory, the store.
//!
//! ```text
//! token.sql        the token; with -wal and -shm beside it while it is in use
//! lock             the advisory lock of all processes that use the store
//! tries            how many wrong PINs were tried since the last successful login, see `tries`
//! init.tmp/        a token being created or restored; renaming its token.sql completes the store
//! ```
//!
//! This module creates, finds, checks, copies and tunes the files and stretches PINs. kryoptic itself is called like any other
//! PKCS#11 module, see `raw`.

mod backup;
mod check;
mod create;
mod database;
mod error;
mod generated_pin;
#[cfg(test)]
mod kryoptic;
mod stretching;
#[cfg(test)]
mod tests;
mod tries;

use std::{
    ffi::CString,
    fs, io,
    path::{self, Path, PathBuf},
};

use crate::token::{Module, UserType};
use rustix::fs as unix;

pub use self::{
    backup::{Header as BackupHeader, Snapshot},
    check::StoreFault,
    create::Draft,
    error::StoreError,
    generated_pin::generate,
    tries::Tries,
};
use self::{
    database::{Access, Database},
    generated_pin::recognise,
};
use crate::{
    secret::Pin,
    trust::{self, Kind, Sharing},
};

/// Name of a store in errors about trust.
const STORE: &str = "the store";

/// `manufacturerID` of kryoptic.
pub(super) const MANUFACTURER: &str = "Kryoptic Project";
const TOKEN: &str = "token.sql";
const LOCK: &str = "lock";
const TRIES: &str = "tries";
const DRAFT: &str = "init.tmp";

/// In bytes. With less free space a change may fail half-way: a 4096-bit key pair with its record, in the log and then
/// in the file, and 32 KiB for the log's index.
const SPACE_FOR_A_WRITE: u64 = 256 * 1024;

/// In bytes. With less free space SQLite cannot create the log files, which it needs even for reading.
const SPACE_FOR_A_LOG: u64 = 64 * 1024;

/// A directory with a token in it.
#[derive(Debug, Clone)]
pub struct Store {
    directory: PathBuf,
    access: Access,
    sharing: Sharing,
}

impl Store {
    /// Opens the store in `directory`, which no other user may be able to write to. Changes nothing.
    pub fn open(directory: &Path, sharing: Sharing) -> Result<Self, StoreError> {
        let directory = path::absolute(directory).map_err(StoreError::io("find", directory))?;
        judge(&directory, sharing)?;
        let file = directory.join(TOKEN);
        match database::is_database(&file) {
            Ok(true) => {}
            Ok(false) => {
                return Err(StoreError::Damaged {
                    path: file,
                    reason: "it is not an SQLite database".into(),
                });
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(StoreError::NotInitialised { directory });
            }
            Err(error) => return Err(StoreError::io("read", file)(error)),
        }
        let access = access(&directory, &file)?;
        let store = Self { directory, access, sharing };
        let tries = store.tries();
        if tries.is_damaged() {
            let reason = "it does not hold the counts of wrong PINs".into();
            return Err(StoreError::Damaged { path: tries.file, reason });
        }
        Ok(store)
    }

    fn tries(&self) -> Tries {
        Tries { file: self.directory.join(TRIES), mode: self.sharing.file_mode() }
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file for [`TokenLock::acquire`](crate::token::lock::TokenLock::acquire).
    pub fn lock_file(&self) -> PathBuf {
        self.directory.join(LOCK)
    }

    /// The `pReserved` argument of `C_Initialize` that makes kryoptic open this store.
    pub fn init_args(&self) -> CString {
        init_args(&self.file(), self.access)
    }

    /// The token in this store. Wrong PINs are counted if the store is writable.
    pub fn module(&self) -> Module {
        let can_count = self.access == Access::Write;
        Module::Embedded { arguments: self.init_args(), tries: can_count.then(|| self.tries()) }
    }

    /// The PIN that the token receives in place of this one, both to log in and to set it. A generated PIN is passed
    /// unchanged: 256 random bits need no stretching.
    pub fn stretch(&self, whose: UserType, pin: &Pin) -> Result<Pin, StoreError> {
        if recognise(pin.expose())? {
            return Ok(pin.clone());
        }
        self.database()?.stretching()?.stretch(whose, pin)
    }

    /// As [`Self::stretch`], for a new PIN. Fails if the PIN is too short.
    pub fn stretch_new(&self, whose: UserType, pin: &Pin) -> Result<Pin, StoreError> {
        refuse_short(whose, pin)?;
        self.stretch(whose, pin)
    }

    /// Restores the index and the log after a `C_InitToken` on this store. The caller holds the exclusive lock.
    pub fn tune(&self) -> Result<(), StoreError> {
        self.database()?.tune()
    }

    /// Why a write would fail or has failed because of the store. kryoptic returns `CKR_DEVICE_MEMORY` in all these
    /// cases.
    pub fn write_obstacle(&self) -> Option<StoreError> {
        let directory = self.directory.clone();
        // Only if writable: a read-only image has no free space either.
        if is_writable(&directory, &self.file()) && space(&directory) < SPACE_FOR_A_WRITE {
            return Some(StoreError::Full { directory });
        }
        (self.access != Access::Write).then_some(StoreError::ReadOnly { directory })
    }

    fn file(&self) -> PathBuf {
        self.directory.join(TOKEN)
    }

    /// Every file that a store may contain.
    fn files(&self) -> [PathBuf; 5] {
        files(&self.directory)
    }

    fn database(&self) -> Result<Database, StoreError> {
        Database::open(&self.file(), self.access)
    }
}

fn files(directory: &Path) -> [PathBuf; 5] {
    [TOKEN, "token.sql-wal", "token.sql-shm", LOCK, TRIES].map(|name| directory.join(name))
}

/// Refuses a store that another user could have created or changed.
fn judge(directory: &Path, sharing: Sharing) -> Result<(), StoreError> {
    let directories = [(directory.to_owned(), Kind::Directory)];
    let files = files(directory).map(|file| (file, Kind::File));
    for (path, kind) in directories.into_iter().chain(files) {
        match trust::check(&path, STORE, kind, sharing) {
            Err(trust::Error::Untrusted(refused)) => return Err(refused.into()),
            // Missing or unreadable files are reported when they are opened.
            Ok(()) | Err(trust::Error::Io(_)) => {}
        }
    }
    Ok(())
}

/// Minimum length of a new PIN. The token's own length check only sees the stretched PIN, which is always long enough.
pub const MIN_PIN_CHARACTERS: usize = 8;

fn refuse_short(whose: UserType, pin: &Pin) -> Result<(), StoreError> {
    if pin.expose_str().chars().count() < MIN_PIN_CHARACTERS {
        return Err(StoreError::ShortPin { whose, least: MIN_PIN_CHARACTERS });
    }
    Ok(())
}

fn init_args(file: &Path, access: Access) -> CString {
    // The URI is printable ASCII, so it contains no NUL.
    CString::new(database::uri(file, access)).unwrap_or_default()
}

fn is_writable(directory: &Path, file: &Path) -> bool {
    [directory, file].iter().all(|path| unix::access(*path, unix::Access::WRITE_OK).is_ok())
}

/// Free bytes for this user; `u64::MAX` if unknown.
fn space(directory: &Path) -> u64 {
    unix::statvfs(directory).map_or(u64::MAX, |found| found.f_bavail.saturating_mul(found.f_frsize))
}

/// How the token in a directory can be opened.
fn access(directory: &Path, file: &Path) -> Result<Access, StoreError> {
    let log = fs::metadata(directory.join("token.sql-wal"));
    let found = Conditions {
        can_write: is_writable(directory, file),
        has_space: space(directory) >= SPACE_FOR_A_LOG,
        has_log: log.is_ok_and(|found| found.len() > 0),
        has_log_index: directory.join("token.sql-shm").exists(),
    };
    found.access().ok_or_else(|| StoreError::Unrecovered { directory: directory.to_owned() })
}

/// The conditions that decide how SQLite can open the file.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is one fact")]
struct Conditions {
    can_write: bool,
    has_space: bool,
    has_log: bool,
    has_log_index: bool,
}

impl Conditions {
    /// SQLite cannot read a database with a write-ahead log if it cannot create the log files, unless it is opened as
    /// immutable. So keys can be used even on a full disk. `None` if there is a log without an index: it may hold the
    /// newest changes, which cannot be read without creating the index.
    fn access(self) -> Option<Access> {
        let is_open = self.has_log || self.has_log_index;
        match self {
            Self { can_write: true, has_space: true, .. } => Some(Access::Write),
            Self { can_write: true, has_space: false, .. } if is_open => Some(Access::Write),
            Self { has_log: false, .. } => Some(Access::Frozen),
            Self { has_log: true, has_log_index: true, .. } => Some(Access::Read),
            Self { has_log: true, has_log_index: false, .. } => None,
        }
    }
}
