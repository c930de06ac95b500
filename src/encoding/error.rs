//! Why bytes are not what they were taken for.

use std::fmt;

use super::{Foreign, Form};
use crate::model::{Algorithm, KeyKind};

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than any such thing has.
    TooLarge { what: &'static str, limit: usize },
    /// Not well-formed, with the rule that is broken.
    Malformed { what: &'static str, why: String },
    /// Well-formed, but something else than was asked for.
    Unexpected { expected: &'static str, found: Form },
    /// A key file of another program, which a command can convert, and its name where it is known.
    Foreign { found: Foreign, file: Option<String> },
    /// Several keys where one is expected.
    Several { first: Form, second: Form },
    /// A key, curve or size that kmsctl does not use.
    Unsupported(String),
    /// A key that is sound, but not of the algorithm that was announced.
    OtherAlgorithm { announced: Algorithm, found: KeyKind },
    /// What looks like the bytes of an AES-256 key, where nothing says that it is one.
    Unannounced,
    /// A private key whose numbers contradict each other.
    Inconsistent(&'static str),
    /// The private key is encrypted and no passphrase was given.
    PassphraseNeeded,
    /// The passphrase does not decrypt the private key.
    WrongPassphrase,
    /// A ciphertext that is not for this key or was changed. Says no more on purpose.
    Decryption,
    /// A ciphertext that was changed or cut short, so plainly that no key is needed to see it.
    Damaged(String),
}

impl Error {
    /// The same of a file with a name, for the command that converts it.
    #[must_use]
    pub fn in_file(self, name: &str) -> Self {
        match self {
            Self::Foreign { found, .. } => Self::Foreign { found, file: Some(name.to_owned()) },
            other => other,
        }
    }

    pub(super) fn malformed(what: &'static str, why: impl fmt::Display) -> Self {
        Self::Malformed { what, why: why.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { what, limit } => write!(f, "{what} is larger than {limit} bytes"),
            Self::Malformed { what, why } => write!(f, "{what} is malformed: {why}"),
            Self::Unexpected { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Several { first, second } => {
                write!(f, "expected one key, found several: {first}, then {second}")
            }
            Self::Foreign { found, .. } => write!(f, "{found}, which kmsctl does not read"),
            Self::Unsupported(what) => write!(f, "{what} is not supported"),
            Self::OtherAlgorithm { announced, found } => write!(f, "the key is {found}, not {announced}"),
            Self::Unannounced => f.write_str(
                "the key file is malformed: neither PEM nor DER, but it may be an AES-256 key, whose bytes do not tell",
            ),
            Self::Inconsistent(why) => write!(f, "the private key contradicts itself: {why}"),
            Self::PassphraseNeeded => f.write_str("the private key is encrypted and needs a passphrase"),
            Self::WrongPassphrase => f.write_str("the passphrase does not decrypt the private key"),
            Self::Decryption => f.write_str("the ciphertext is not for this key or was changed"),
            Self::Damaged(why) => write!(f, "the ciphertext is damaged: {why}"),
        }
    }
}

impl std::error::Error for Error {}
