//! The states of a key and of its versions: the terms of the cloud API in JSON, adjectives for people.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Invalid;

/// Only whole keys can be in the state `REVOKE`: deletion is requested and its date is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Enable,
    Disable,
    Revoke,
}

/// `enabled`, `disabled`, `revoked`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Enable => "enabled",
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
            "disable" | "disabled" => Ok(Self::Disable),
            "revoke" | "revoked" => Ok(Self::Revoke),
            _ => Err(Invalid::new(format!("unknown status {text:?}: use enabled, disabled or revoked"))),
        }
    }
}
