//! Passphrases of encrypted private keys: read as PINs are, but any bytes can be one, even none.

use std::{
    error, fmt,
    fs::File,
    io::{self, ErrorKind, Read},
    os::fd::AsFd,
    path::PathBuf,
};

use super::{PinError, Prompt, Role, Secret, source::open_secret};
use crate::model::{Code, Coded, Diagnosis};
use crate::trust;

/// The longest passphrase, in bytes.
const MAX_LEN: usize = 64 * 1024;

/// Where a passphrase comes from.
#[derive(Debug, Clone)]
pub enum PassphraseSource {
    File(PathBuf),
    /// A file descriptor that the caller left open, read to its end.
    Fd(i32),
    Prompt,
}

impl PassphraseSource {
    /// Gets the passphrase; one line end after it is not part of it. `role` says whether it is a new one.
    pub fn read(&self, role: Role, prompt: &Prompt) -> Result<Secret, PassphraseError> {
        // The longest one may be followed by a line end of two bytes.
        let limited = |reader: &mut dyn Read| Secret::read(reader, MAX_LEN + 2);
        let read = match self {
            Self::Prompt => {
                return match prompt.ask(role) {
                    Ok(typed) => Ok(Secret::new(typed.expose().to_vec())),
                    Err(PinError::Empty(_)) => Ok(Secret::default()),
                    Err(error) => Err(PassphraseError(error)),
                };
            }
            Self::File(path) => {
                let opened = open_secret(path, "the passphrase file").map_err(PinError::Untrusted);
                opened.map_err(PassphraseError)?.and_then(|mut file| limited(&mut file))
            }
            // Past the library's buffer, which would keep a copy.
            Self::Fd(0) => {
                io::stdin().as_fd().try_clone_to_owned().and_then(|fd| limited(&mut File::from(fd)))
            }
            Self::Fd(fd) => File::open(format!("/dev/fd/{fd}")).and_then(|mut file| limited(&mut file)),
        };
        let origin = self.to_string();
        match read.map(without_line_end) {
            Ok(secret) if secret.len() <= MAX_LEN => Ok(secret),
            Err(source) if source.kind() != ErrorKind::FileTooLarge => {
                Err(PassphraseError(PinError::Unreadable { origin, source }))
            }
            _ => Err(PassphraseError(PinError::Malformed { origin, fault: "longer than 65536 bytes" })),
        }
    }

    /// Whether it takes standard input for itself.
    pub fn uses_stdin(&self) -> bool {
        match self {
            Self::Fd(fd) => *fd == 0,
            Self::File(path) => trust::is_stdin(path),
            Self::Prompt => false,
        }
    }
}

fn without_line_end(secret: Secret) -> Secret {
    let bytes = secret.expose();
    let line = bytes.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    line.map(|line| Secret::new(line.to_vec())).unwrap_or(secret)
}

impl fmt::Display for PassphraseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Fd(fd) => write!(f, "file descriptor {fd}"),
            Self::Prompt => f.write_str("the terminal"),
        }
    }
}

/// Why there is no passphrase.
#[derive(Debug)]
pub struct PassphraseError(pub PinError);

impl fmt::Display for PassphraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            PinError::Unreadable { origin, .. } => write!(f, "cannot read the passphrase from {origin}"),
            PinError::Empty(clause) => write!(f, "no passphrase given: {clause}"),
            PinError::Malformed { origin, fault } => write!(f, "the passphrase from {origin} is {fault}"),
            other => other.fmt(f),
        }
    }
}

impl error::Error for PassphraseError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        error::Error::source(&self.0)
    }
}

impl Coded for PassphraseError {
    fn diagnosis(&self) -> Diagnosis {
        match &self.0 {
            PinError::Interrupted => Code::Interrupted.into(),
            PinError::NoTerminal { role } | PinError::Missing { role } => {
                Code::InvalidInput.hint(role.options())
            }
            PinError::Untrusted(refused) => refused.diagnosis(),
            _ => Code::InvalidInput.into(),
        }
    }
}
