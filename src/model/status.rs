//! The states of a key and of its versions: the terms of the cloud API in JSON, adjectives for people.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Invalid;

/// `STAGED` and `RETIRED` are states of versions alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Enable,
    /// Published: verifies and decrypts, and will sign and encrypt once it is promoted.
    Staged,
    /// Replaced long ago: verifies and decrypts, is not published, and does not encrypt.
    Retired,
    Disable,
    /// Deletion is requested and its date is set.
    Revoke,
}

/// `enabled`, `staged`, `retired`, `disabled`, `revoked`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Enable => "enabled",
            Self::Staged => "staged",
            Self::Retired => "retired",
            Self::Disable => "disabled",
            Self::Revoke => "revoked",
        })
    }
}

impl FromStr for Status {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.to_ascii_lowercase().as_str() {
            "enable" | "enabled" => Ok(Self::Enable),
            "staged" => Ok(Self::Staged),
            "retired" => Ok(Self::Retired),
            "disable" | "disabled" => Ok(Self::Disable),
            "revoke" | "revoked" => Ok(Self::Revoke),
            _ => Err(Invalid::new(format!(
                "unknown status {text:?}: use enabled, staged, retired, disabled or revoked"
            ))),
        }
    }
}
