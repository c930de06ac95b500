//! Why the lifecycle refuses a change.

use crate::{
    model::{Code, Counted, Diagnosis, Status, Timestamp, Version},
    shell::{kmsctl, shell_option},
};

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The key's state does not allow it.
    State {
        status: Status,
        operation: &'static str,
    },
    /// The key or version already has the requested state.
    Already {
        version: Option<Version>,
        status: Status,
    },
    /// The key already has the requested settings.
    SameSettings,
    /// The version signs and encrypts: only the key as a whole can be disabled, revoked or deleted.
    Newest {
        version: Version,
        operation: &'static str,
        staged: Option<Version>,
    },
    /// A version is staged, and has to be promoted first.
    Staged {
        version: Version,
    },
    NothingStaged,
    /// The deletion of the version was requested.
    VersionRevoked {
        version: Version,
    },
    VersionNotRevoked {
        version: Version,
    },
    /// The key or version is being destroyed.
    Deleting {
        version: Option<Version>,
    },
    NoVersion {
        version: Version,
        newest: Version,
    },
    /// It is not due yet, or has no date at all.
    NotDue {
        operation: &'static str,
        due: Option<Timestamp>,
    },
    /// A period was given for a key that has no rotation schedule.
    NoSchedule,
    /// The staging of a version must follow the rotation before it.
    StagedTooEarly {
        days: u32,
        rotation_period: u32,
    },
}

impl Refusal {
    /// Whether the key already is as requested.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Already { .. } | Self::SameSettings)
    }

    /// The error message, for the key with this label.
    pub fn describe(&self, label: &str) -> String {
        match self {
            Self::State { operation: "restore", .. } => {
                format!("key {label:?} is not revoked: nothing to restore")
            }
            Self::State { status, operation } => {
                format!("key {label:?} is {status}: cannot {operation} it")
            }
            Self::Already { version: None, status } => {
                format!("key {label:?} is already {status}")
            }
            Self::Already { version: Some(version), status } => {
                format!("version {version} of key {label:?} is already {status}")
            }
            Self::SameSettings => format!("key {label:?} already has these settings"),
            Self::Newest { version, operation, .. } => format!(
                "version {version} is the newest enabled version of key {label:?} and cannot be {operation}d alone"
            ),
            Self::Staged { version } => {
                format!("version {version} of key {label:?} is staged: promote it before the next rotation")
            }
            Self::NothingStaged => format!("key {label:?} has no staged version"),
            Self::VersionRevoked { version } => format!("version {version} of key {label:?} is revoked"),
            Self::VersionNotRevoked { version } => {
                format!("version {version} of key {label:?} is not revoked: nothing to restore")
            }
            Self::Deleting { version: None } => format!("key {label:?} is being destroyed"),
            Self::Deleting { version: Some(version) } => {
                format!("version {version} of key {label:?} is being destroyed")
            }
            Self::NoVersion { version, newest } => {
                format!("key {label:?} has no version {version}; the newest is {newest}")
            }
            Self::NotDue { operation, due: Some(due) } => {
                format!("key {label:?} is due to {operation} on {due}, not before")
            }
            Self::NotDue { operation, due: None } => format!("key {label:?} has no date to {operation} on"),
            Self::NoSchedule => format!("key {label:?} has no rotation schedule"),
            Self::StagedTooEarly { days, rotation_period } => format!(
                "key {label:?} is rotated every {}, so a version cannot be staged {} before the rotation",
                Counted(*rotation_period as usize, "day"),
                Counted(*days as usize, "day")
            ),
        }
    }

    /// The error code and hint, for the key with this label.
    pub(super) fn diagnosis(self, label: &str) -> Diagnosis {
        match self {
            Self::State { status: Status::Revoke, .. } => {
                Code::KeyRevoked.hint(format!("`{}` cancels its destruction", on_key("restore", label)))
            }
            Self::State { status, operation: "purge" } => {
                let code = if status == Status::Disable { Code::KeyDisabled } else { Code::KeyState };
                code.hint(format!(
                    "revoke it first, by `{}`, or destroy it at once by `{}`",
                    on_key("revoke", label),
                    on_key("delete", label)
                ))
            }
            Self::State { status: Status::Disable, .. } => {
                Code::KeyDisabled.hint(format!("`{}`", on_key("enable", label)))
            }
            Self::Newest { operation, staged, .. } => {
                let replace = match staged {
                    Some(staged) => lets_staged_version_sign(label, staged),
                    None => format!("`{}` makes a newer version", on_key("rotate", label)),
                };
                Code::KeyState
                    .hint(format!("{replace}; `{}` {operation}s the whole key", on_key(operation, label)))
            }
            Self::Staged { version } => Code::KeyState.hint(lets_staged_version_sign(label, version)),
            Self::NothingStaged => Code::KeyState
                .hint(format!("`{}` makes a version and stages it", on_key("rotate --stage", label))),
            Self::VersionRevoked { version } => Code::KeyRevoked.hint(restores_version(label, version)),
            Self::Deleting { version: None } => {
                Code::KeyRevoked.hint(format!("`{}` completes it", on_key("delete", label)))
            }
            Self::Deleting { version: Some(version) } => Code::KeyRevoked.hint(format!(
                "`{}` completes it",
                on_key(&format!("delete --key-version {version}"), label)
            )),
            Self::StagedTooEarly { .. } => {
                Code::Usage.hint("give `--stage-days` fewer days than the rotation period has")
            }
            Self::NoVersion { .. } => Code::VersionNotFound.hint(lists_versions(label)),
            Self::NoSchedule => Code::Usage.hint("`--auto-rotate on` gives the key a schedule"),
            // The key can be used, so there is nothing to fix.
            Self::State { .. }
            | Self::Already { .. }
            | Self::SameSettings
            | Self::VersionNotRevoked { .. }
            | Self::NotDue { .. } => Code::KeyState.into(),
        }
    }
}

pub(super) fn lets_staged_version_sign(label: &str, version: Version) -> String {
    format!("`{}` lets version {version} sign and encrypt", on_key("promote", label))
}

pub(super) fn restores_version(label: &str, version: Version) -> String {
    format!("`{}` cancels its destruction", on_key(&format!("restore --key-version {version}"), label))
}

pub(super) fn lists_versions(label: &str) -> String {
    format!("`{}` lists them", on_key("versions", label))
}

/// The option that selects a key by its label.
pub(super) fn by_label(label: &str) -> String {
    shell_option("--label", label)
}

/// `kmsctl key WHAT --label LABEL`.
pub(super) fn on_key(what: &str, label: &str) -> String {
    kmsctl(format!("key {what} {}", by_label(label)))
}
