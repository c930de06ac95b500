//! Passphrases of encrypted private keys: read as PINs are, but no PINs.

use std::{error, fmt};

use super::PinError;

/// Why there is no passphrase.
#[derive(Debug)]
pub struct PassphraseError(pub PinError);

impl fmt::Display for PassphraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            PinError::Unreadable { origin, .. } => write!(f, "cannot read the passphrase from {origin}"),
            PinError::Empty(clause) => write!(f, "no passphrase given: {clause}"),
            PinError::Malformed { origin, fault } => write!(f, "the passphrase is {fault}: {origin}"),
            other => other.fmt(f),
        }
    }
}

impl error::Error for PassphraseError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        error::Error::source(&self.0)
    }
}
