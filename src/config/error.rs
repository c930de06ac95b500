//! What can be wrong with the settings.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

use crate::{
    model::Invalid,
    trust::{self, UnknownGroup, Untrusted},
};

#[derive(Debug)]
pub enum ConfigError {
    Unreadable {
        path: PathBuf,
        source: io::Error,
    },
    /// Not TOML, or a value of the wrong type.
    Malformed {
        path: PathBuf,
        line: Option<usize>,
        message: String,
    },
    UnknownKey {
        path: PathBuf,
        key: String,
        nearest: Option<String>,
    },
    NoProfile {
        path: PathBuf,
        name: String,
        nearest: Option<String>,
    },
    ProfileExists {
        path: PathBuf,
        name: String,
    },
    /// Another user could have changed the file, or the module that it names.
    Untrusted(Untrusted),
    UnknownGroup(UnknownGroup),
    /// Two settings of equal rank that exclude each other.
    Conflict {
        first: &'static str,
        second: &'static str,
    },
    /// A value that is not what the setting takes.
    Invalid {
        setting: &'static str,
        reason: Invalid,
    },
    /// Neither a home directory nor anything else says where the files are.
    NoHome,
}

impl ConfigError {
    pub(super) fn of_trust(path: &Path, error: trust::Error) -> Self {
        match error {
            trust::Error::Untrusted(refused) => Self::Untrusted(refused),
            trust::Error::Io(source) => Self::Unreadable { path: path.to_owned(), source },
        }
    }

    /// Whether there is no file at all.
    pub fn is_not_there(&self) -> bool {
        matches!(self, Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let similar = |f: &mut fmt::Formatter<'_>, nearest: &Option<String>| {
            nearest.as_ref().map_or(Ok(()), |nearest| write!(f, " (did you mean {nearest:?}?)"))
        };
        match self {
            Self::Unreadable { path, .. } => write!(f, "cannot read the configuration {}", path.display()),
            Self::Malformed { path, line, message } => {
                write!(f, "configuration {}", path.display())?;
                line.map_or(Ok(()), |line| write!(f, ", line {line}"))?;
                write!(f, ": {message}")
            }
            Self::UnknownKey { path, key, nearest } => {
                write!(f, "configuration {}: unknown key {key:?}", path.display())?;
                similar(f, nearest)
            }
            Self::NoProfile { path, name, nearest } => {
                write!(f, "no profile {name:?} in the configuration {}", path.display())?;
                similar(f, nearest)
            }
            Self::ProfileExists { path, name } => {
                write!(f, "the configuration {} has a profile {name:?} already", path.display())
            }
            Self::Untrusted(refused) => refused.fmt(f),
            Self::UnknownGroup(unknown) => write!(f, "shared-group: {unknown}"),
            Self::Conflict { first, second } => write!(f, "{first} and {second} exclude each other"),
            Self::Invalid { setting, reason } => write!(f, "{setting}: {reason}"),
            Self::NoHome => f.write_str("there is no home directory: HOME is not set to an absolute path"),
        }
    }
}

impl error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::Untrusted(refused) => Some(refused),
            Self::UnknownGroup(unknown) => unknown.source(),
            _ => None,
        }
    }
}
