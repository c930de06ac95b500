//! What can be wrong with a store.

use std::{error, ffi::OsString, fmt, io, path::PathBuf};

use crate::{
    token::{UserType, lock::LockError},
    trust::Untrusted,
};

#[derive(Debug)]
pub enum StoreError {
    /// No token in this directory, or no such directory.
    NotInitialised {
        directory: PathBuf,
    },
    /// A token is there already.
    Exists {
        directory: PathBuf,
    },
    /// A new token was asked for in a directory that holds something else.
    NotEmpty {
        directory: PathBuf,
        found: OsString,
    },
    /// The files are there and are not what they should be.
    Damaged {
        path: PathBuf,
        reason: String,
    },
    /// A process was killed while it wrote, and what it left can be taken in only where the store can be written.
    Unrecovered {
        directory: PathBuf,
    },
    /// A change was asked for and the store cannot be written: its file system, its modes or its owner forbid it.
    ReadOnly {
        directory: PathBuf,
    },
    /// The file system has no space left.
    Full {
        directory: PathBuf,
    },
    /// A PIN that begins like a generated one and is none: mistyped or cut off. No login was tried.
    MangledPin,
    /// A new PIN that is too easy to guess for somebody with a copy of the store.
    ShortPin {
        whose: UserType,
        least: usize,
    },
    /// The system refused; `action` completes "cannot".
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// SQLite refused.
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },
    Lock(LockError),
    /// Another user could have made or changed it.
    Untrusted(Untrusted),
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

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInitialised { directory } => write!(f, "no token in {}", directory.display()),
            Self::Exists { directory } => write!(f, "{} holds a token already", directory.display()),
            Self::NotEmpty { directory, found } => {
                write!(f, "{} is not empty: it holds {}", directory.display(), found.display())
            }
            Self::Damaged { path, reason } => write!(f, "{} is damaged: {reason}", path.display()),
            Self::Unrecovered { directory } => {
                write!(
                    f,
                    "an interrupted write to {} waits to be completed, and it is read-only",
                    directory.display()
                )
            }
            Self::ReadOnly { directory } => write!(f, "{} cannot be written", directory.display()),
            Self::Full { directory } => write!(f, "no space left for {}", directory.display()),
            Self::MangledPin => {
                f.write_str("the PIN begins like a generated one, but it is mistyped or cut off")
            }
            Self::ShortPin { whose, least } => {
                write!(f, "the new {whose} has fewer than {least} characters")
            }
            Self::Io { action, path, .. } => write!(f, "cannot {action} {}", path.display()),
            Self::Database { path, .. } => write!(f, "SQLite refused {}", path.display()),
            Self::Lock(error) => error.fmt(f),
            Self::Untrusted(error) => error.fmt(f),
        }
    }
}

impl error::Error for StoreError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Database { source, .. } => Some(source),
            Self::Lock(error) => error.source(),
            _ => None,
        }
    }
}

impl From<Untrusted> for StoreError {
    fn from(error: Untrusted) -> Self {
        Self::Untrusted(error)
    }
}

impl From<LockError> for StoreError {
    fn from(error: LockError) -> Self {
        Self::Lock(error)
    }
}
