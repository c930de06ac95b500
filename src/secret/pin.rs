//! A PIN, and why there may be none.

use std::{error, fmt, io, path::PathBuf, process::ExitStatus};

use super::{Fault, Role, Secret, keep_in_memory};
use crate::trust::Untrusted;

/// A PIN as PKCS#11 takes it: 1 to 1024 bytes of UTF-8 without NUL (some modules stop reading at one).
#[derive(Clone)]
pub struct Pin(Secret);

impl Pin {
    pub const MAX_BYTES: usize = 1024;

    pub fn new(bytes: Vec<u8>) -> Result<Self, PinError> {
        Self::from_secret(Secret::new(bytes), "the PIN")
    }

    /// `origin` names the source in the error.
    pub(super) fn from_secret(secret: Secret, origin: &str) -> Result<Self, PinError> {
        let malformed = |fault| PinError::Malformed { origin: origin.to_owned(), fault };
        match secret.expose() {
            [] => Err(PinError::Empty(format!("{origin} is empty"))),
            bytes if bytes.len() > Self::MAX_BYTES => Err(malformed("longer than 1024 bytes")),
            bytes if bytes.contains(&0) => Err(malformed("not text: it holds a NUL byte")),
            bytes if std::str::from_utf8(bytes).is_err() => Err(malformed("not UTF-8")),
            bytes => {
                keep_in_memory(bytes);
                Ok(Self(secret))
            }
        }
    }

    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// The same as text; a PIN is always UTF-8.
    pub fn expose_str(&self) -> &str {
        std::str::from_utf8(self.expose()).unwrap_or_default()
    }

    /// Whether both are the same, compared in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.matches(&other.0)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// What an existing file may hold: the PIN of an earlier run that was interrupted after writing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftPin {
    /// The PIN of a token that is being made, and the file of its SO PIN if that was generated too.
    OfUser {
        so_pin: Option<PathBuf>,
    },
    OfSecurityOfficer,
    /// The new PIN of an existing token.
    Successor,
}

/// Why there is no PIN. Never holds one.
#[derive(Debug)]
pub enum PinError {
    /// No source was given and none can be asked.
    Missing {
        role: Role,
    },
    Unreadable {
        origin: String,
        source: io::Error,
    },
    /// A clause that says what is empty.
    Empty(String),
    Malformed {
        origin: String,
        fault: &'static str,
    },
    /// A PIN with something beside it that is probably not part of it.
    Faulty {
        origin: String,
        fault: Fault,
        /// The file to mend, if the source is one.
        file: Option<PathBuf>,
    },
    /// Another user could have changed the PIN file.
    Untrusted(Untrusted),
    CommandFailed {
        status: ExitStatus,
    },
    /// A prompt is needed, but there is no terminal or prompts are switched off.
    NoTerminal {
        role: Role,
    },
    /// The two entries of a new PIN differ.
    Mismatch {
        role: Role,
    },
    /// The file for a generated PIN exists and may hold another PIN.
    FileExists {
        path: PathBuf,
        left: LeftPin,
    },
    /// Ctrl-C at the prompt; the terminal is as it was.
    Interrupted,
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { role } => write!(f, "no {role} was given"),
            Self::Unreadable { origin, .. } => write!(f, "cannot read the PIN from {origin}"),
            Self::Empty(clause) => write!(f, "no PIN given: {clause}"),
            Self::Malformed { origin, fault } => write!(f, "the PIN is {fault}: {origin}"),
            Self::Faulty { origin, fault, .. } => write!(f, "the PIN {fault}: {origin}"),
            Self::Untrusted(refused) => refused.fmt(f),
            Self::CommandFailed { status } => write!(f, "the PIN command failed: {status}"),
            Self::NoTerminal { role } => write!(f, "no {role} was given, and there is no terminal to ask on"),
            Self::Mismatch { role } => write!(f, "the two entries of the {role} differ"),
            Self::FileExists { path, .. } => {
                write!(f, "{} is not empty; a PIN that it may hold is not overwritten", path.display())
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl error::Error for PinError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_exact() {
        assert!(Pin::new(vec![b'1'; 1024]).is_ok());
        assert!(matches!(Pin::new(vec![b'1'; 1025]), Err(PinError::Malformed { .. })));
        assert!(matches!(Pin::new(Vec::new()), Err(PinError::Empty(_))));
        assert!(matches!(Pin::new(b"12\x0034".to_vec()), Err(PinError::Malformed { .. })));
        assert!(matches!(Pin::new(vec![0xff; 4]), Err(PinError::Malformed { .. })));
    }

    #[test]
    fn neither_debug_nor_errors_show_it() {
        let pin = Pin::new(b"hunter2".to_vec()).expect("valid");
        assert_eq!(format!("{pin:?}"), "Pin(…)");
        let error = Pin::new(b"hunter2\0".to_vec()).expect_err("NUL");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
