//! Errors of a store.

use std::{ffi::OsString, io, path::PathBuf};

use crate::{
    model::{Code, Coded, Diagnosis},
    shell::kmsctl_without_pin,
    token::{UserType, lock::LockError},
    trust::Untrusted,
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No token in this directory, or no such directory.
    #[error("no token in {}", directory.display())]
    NotInitialised { directory: PathBuf },
    #[error("{} already holds a token", directory.display())]
    Exists { directory: PathBuf },
    /// A new token was requested in a directory that contains something else.
    #[error("{} is not empty: it contains {}", directory.display(), found.display())]
    NotEmpty { directory: PathBuf, found: OsString },
    /// The files exist but their content is invalid.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    /// A process was killed during a write; completing it requires write access.
    #[error("{} has an interrupted write to complete, but is read-only", directory.display())]
    Unrecovered { directory: PathBuf },
    /// A change was requested but the store is not writable, because of its file system, modes or owner.
    #[error("cannot write to {}", directory.display())]
    ReadOnly { directory: PathBuf },
    /// The file system has no space left.
    #[error("no space left for {}", directory.display())]
    Full { directory: PathBuf },
    /// The PIN has the prefix of a generated one but is mistyped or cut off. No login was attempted.
    #[error("the PIN looks like a generated one, but is mistyped or cut off")]
    MangledPin,
    /// The new PIN is too easy to guess for someone with a copy of the store.
    #[error("the new {whose} has fewer than {least} characters")]
    ShortPin { whose: UserType, least: usize },
    /// An I/O error; `action` follows "cannot".
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("SQLite failed on {}", path.display())]
    Database { path: PathBuf, source: rusqlite::Error },
    /// Another program kept the database locked.
    #[error("another program is writing to {} all the time", path.display())]
    Busy { path: PathBuf },
    /// A backup or restore of a token that is not in a store.
    #[error("only the embedded token can be backed up and restored as a whole, not the token of a module")]
    NotEmbedded,
    /// A backup whose content is not what it should be.
    #[error("the backup is damaged: {reason}")]
    BadBackup { reason: String },
    /// What was decrypted is something else.
    #[error("it is not a backup of a token")]
    NotBackup,
    #[error("the backup has format {format}; this kmsctl reads formats up to {known}")]
    NewerBackup { format: u32, known: u32 },
    /// The source of a backup failed, or it is not authentic.
    #[error("cannot read the backup")]
    Unreadable(#[source] io::Error),
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Another user could have created or changed it.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { directory: path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { directory: path },
            _ => Self::Io { action, path, source },
        }
    }
}

impl Coded for StoreError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::NotInitialised { .. } => Code::TokenNotInitialized.hint(format!(
                "`{}` makes one; `--store` or KMSCTL_STORE names another place",
                kmsctl_without_pin("token init --label NAME")
            )),
            Self::Exists { .. } => {
                Code::TokenExists.hint("name another place for a token with `--store` or KMSCTL_STORE")
            }
            Self::NotEmpty { .. } => Code::TokenExists.hint("name an empty or a new directory"),
            Self::Damaged { .. } => Code::StoreDamaged.into(),
            Self::Unrecovered { .. } => Code::TokenReadOnly
                .hint("run any command once where the store can be written; it completes the write"),
            Self::ReadOnly { .. } => Code::TokenReadOnly.hint(
                "its file system, permissions or owner forbid changes; the keys on the token can be used",
            ),
            Self::Full { .. } => Code::TokenFull
                .hint("nothing was changed; free some space on the disk and run the command again"),
            Self::MangledPin => Code::PinInvalid.hint("no login was tried; check the PIN file"),
            Self::ShortPin { .. } => Code::PinInvalid.hint(
                "anyone with a copy of the store can guess a short PIN; `--generate-pin FILE` makes a strong one",
            ),
            Self::NotEmbedded => Code::TokenIncapable.hint(
                "back it up with the vendor's tool, or move exportable keys by `key wrap`; see kmsctl-backup(7)",
            ),
            Self::BadBackup { .. } => Code::BackupDamaged.into(),
            Self::NotBackup => Code::BackupDamaged.hint("`age` decrypts files that are not backups"),
            Self::NewerBackup { .. } => Code::InvalidInput.hint("restore it with the newest kmsctl"),
            Self::Unreadable(_) => Code::Io.into(),
            Self::Busy { .. } | Self::Io { .. } | Self::Database { .. } => Code::TokenError.into(),
            Self::Lock(error) => error.diagnosis(),
            Self::Untrusted(error) => error.diagnosis(),
        }
    }
}
