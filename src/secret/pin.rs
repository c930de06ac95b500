//! A PIN, and why there may be none.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use super::{Fault, Role, Secret, keep_in_memory};
use crate::{
    model::{Code, Coded, Diagnosis},
    shell::{kmsctl, shell_word},
    trust::Untrusted,
};

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
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// No source was given and none can be asked.
    #[error("no {role} given")]
    Missing { role: Role },
    #[error("cannot read the PIN from {origin}")]
    Unreadable { origin: String, source: io::Error },
    /// A clause that says what is empty.
    #[error("no PIN given: {0}")]
    Empty(String),
    #[error("the PIN from {origin} is {fault}")]
    Malformed { origin: String, fault: &'static str },
    /// A PIN with something beside it that is probably not part of it. `file` is the one to mend, if the source is one.
    #[error("the PIN from {origin} {fault}")]
    Faulty { origin: String, fault: Fault, file: Option<PathBuf> },
    /// Another user could have changed the PIN file.
    #[error(transparent)]
    Untrusted(Untrusted),
    #[error("the PIN command failed: {status}")]
    CommandFailed { status: ExitStatus },
    /// A prompt is needed, but there is no terminal or prompts are switched off.
    #[error("no {role} given, and no terminal to ask on")]
    NoTerminal { role: Role },
    #[error("the two entries of the {role} differ")]
    Mismatch { role: Role },
    #[error("the {role} has fewer than {least} characters")]
    TooShort { role: Role, least: usize },
    /// The file for a generated PIN exists and may hold another PIN.
    #[error("{} is not empty and may hold a PIN; it is not overwritten", path.display())]
    FileExists { path: PathBuf, left: LeftPin },
    /// Ctrl-C at the prompt; the terminal is as it was.
    #[error("interrupted")]
    Interrupted,
}

impl Coded for PinError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Missing { role } | Self::NoTerminal { role } => Code::PinMissing.hint(role.options()),
            Self::Untrusted(refused) => refused.diagnosis(),
            Self::Faulty { fault, file, .. } => Code::PinInvalid.hint(mended(*fault, file.as_deref())),
            Self::FileExists { path, left } => Code::PinFileExists.hint(resumed(path, left)),
            Self::Interrupted => Code::Interrupted.into(),
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => Code::PinInvalid
                .hint(format!("`{}` says where this name comes from", kmsctl("config show"))),
            Self::Unreadable { .. }
            | Self::Empty(_)
            | Self::Malformed { .. }
            | Self::CommandFailed { .. }
            | Self::Mismatch { .. } => Code::PinInvalid.into(),
            Self::TooShort { .. } => Code::PinInvalid.hint(
                "anyone with a copy of the store can guess a short PIN; `--generate-pin FILE` makes a strong one",
            ),
        }
    }
}

/// No login was tried, so that mending the source costs no try.
fn mended(fault: Fault, file: Option<&Path>) -> String {
    match (file, fault.remedy()) {
        (None, _) => "no login was tried; the PIN must be alone on one line".to_owned(),
        (Some(path), Some(command)) => {
            let words: Vec<_> = command.iter().map(shell_word).chain([shell_word(path)]).collect();
            format!("no login was tried; this removes it: `{}`", words.join(" "))
        }
        (Some(_), None) => "no login was tried; write the PIN alone, on one line of UTF-8".to_owned(),
    }
}

/// How an interrupted run goes on with the PIN that it saved. Removing the file may lose the only copy.
fn resumed(path: &Path, left: &LeftPin) -> String {
    let path = shell_word(path);
    let options = match left {
        LeftPin::OfUser { so_pin: Some(so_pin) } => {
            format!("`--pin-file {path} --so-pin-file {}` instead of `--generate-pin`", shell_word(so_pin))
        }
        LeftPin::OfUser { so_pin: None } => format!("`--pin-file {path}` instead of `--generate-pin`"),
        LeftPin::OfSecurityOfficer => format!("`--so-pin-file {path}` beside `--generate-pin`"),
        LeftPin::Successor => format!("`--new-pin-file {path}` instead of `--generate-pin`"),
    };
    format!(
        "if an interrupted run saved its PIN there, finish it with {options}; otherwise name another file"
    )
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
