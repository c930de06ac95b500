//! Errors in the settings.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    model::{Code, Coded, Diagnosis, Invalid},
    trust::{self, UnknownGroup, Untrusted},
};

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read configuration {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// Not TOML, or a value of the wrong type.
    #[error("configuration {}{}: {message}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Malformed { path: PathBuf, line: Option<usize>, message: String },
    #[error("configuration {}: unknown key {key:?}{}", path.display(), similar(nearest.as_deref()))]
    UnknownKey { path: PathBuf, key: String, nearest: Option<String> },
    #[error("no profile {name:?} in configuration {}{}", path.display(), similar(nearest.as_deref()))]
    NoProfile { path: PathBuf, name: String, nearest: Option<String>, profiles: Vec<String> },
    #[error("configuration {}: default-profile names {name:?}, and there is no such profile{}", path.display(), similar(nearest.as_deref()))]
    NoDefaultProfile { path: PathBuf, name: String, nearest: Option<String> },
    #[error("configuration {} already has a profile {name:?}", path.display())]
    ProfileExists { path: PathBuf, name: String },
    /// Another user could have changed the file, or the module that it names.
    #[error("{0}")]
    Untrusted(#[source] Untrusted),
    #[error("shared-group: {0}")]
    UnknownGroup(UnknownGroup),
    /// Two settings from the same source that exclude each other.
    #[error("{first} and {second} exclude each other")]
    Conflict { first: &'static str, second: &'static str },
    /// An invalid value of a setting.
    #[error("{setting}: {reason}")]
    Invalid { setting: &'static str, reason: Invalid },
    /// No home directory, and no setting names the file or directory.
    #[error("no home directory: HOME is not set to an absolute path")]
    NoHome,
}

fn similar(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean {nearest:?}?)")).unwrap_or_default()
}

impl ConfigError {
    pub(super) fn of_trust(path: &Path, error: trust::Error) -> Self {
        match error {
            trust::Error::Untrusted(refused) => Self::Untrusted(refused),
            trust::Error::Io(source) => Self::Unreadable { path: path.to_owned(), source },
        }
    }

    /// The error for a profile that the file names itself.
    pub(super) fn of_default(self) -> Self {
        match self {
            Self::NoProfile { path, name, nearest, .. } => Self::NoDefaultProfile { path, name, nearest },
            other => other,
        }
    }

    /// Whether the file does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl Coded for ConfigError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::ProfileExists { .. } => {
                Code::ProfileExists.hint("use another name, or `--replace` to overwrite it")
            }
            Self::NoDefaultProfile { .. } => {
                Code::Usage.hint("name another profile in `default-profile`, or delete that line")
            }
            Self::NoProfile { nearest: None, profiles, .. } if !profiles.is_empty() => {
                Code::Usage.hint(format!("the profiles there are {}", profiles.join(", ")))
            }
            Self::NoProfile { profiles, .. } if profiles.is_empty() => {
                Code::Usage.hint("it has no profiles yet; `config add-profile` writes one")
            }
            Self::Untrusted(refused) => refused.diagnosis(),
            Self::NoHome => Code::Usage.hint(
                "name the embedded token with `--store DIR` or KMSCTL_STORE, a configuration with `--config FILE`",
            ),
            _ => Code::Usage.into(),
        }
    }
}
