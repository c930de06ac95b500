//! Errors in keys, signatures and ciphertexts that were read.

use std::fmt;

use super::{Foreign, Form};
use crate::algorithm::{self, Algorithm, KeyKind};
use crate::model::{Code, Coded, Diagnosis};
use crate::shell::kmsctl_without_pin;

/// What errors call a private key in a file.
pub(super) const PRIVATE_KEY: &str = "the private key";

/// What errors expect of `--public-key`.
pub(super) const PUBLIC_KEY: &str = "a public key";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Longer than any valid input.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge { what: &'static str, limit: usize },
    /// Not well-formed, with the rule that it breaks.
    #[error("{what} is malformed: {why}")]
    Malformed { what: &'static str, why: String },
    /// Well-formed, but not what was expected, and the file's name if known.
    #[error("expected {expected}, found {found}")]
    Unexpected { expected: &'static str, found: Form, file: Option<String> },
    /// A key file of another program, which a command can convert, and the file's name if known.
    #[error("{found}, which kmsctl does not read")]
    Foreign { found: Foreign, file: Option<String> },
    /// Several keys where one is expected.
    #[error("expected one key, found several: {first}, then {second}")]
    Several { first: Form, second: Form },
    /// A JWE, or a JWT or JWS, in place of a ciphertext.
    #[error("the ciphertext is {}, which kmsctl does not decrypt", if *encrypted { "a JWE" } else { "a JWT or JWS" })]
    Jose { encrypted: bool },
    /// Several JWTs or JWSs where one is expected.
    #[error("expected one {what}, found {count}")]
    SeveralJws { what: &'static str, count: usize },
    /// A key, curve or size that kmsctl does not support.
    #[error("{0} is not supported")]
    UnsupportedKey(String),
    /// A format, or a way of encryption, that kmsctl does not support.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// A valid key, but not of the algorithm that the caller named.
    #[error("the key is {found}, not {announced}")]
    OtherAlgorithm { announced: Algorithm, found: KeyKind },
    /// Nothing registers this form for keys of this kind.
    #[error("{kind} keys have no {form} form")]
    NoForm { form: &'static str, kind: KeyKind },
    /// Probably the bytes of a secret key, but nothing says of which algorithm.
    #[error("the file does not say what its key is for; its size is that of an AES-256 or HMAC key")]
    Unannounced,
    /// A private key whose numbers contradict each other.
    #[error("the private key is inconsistent: {0}")]
    Inconsistent(&'static str),
    /// The private key is encrypted and no passphrase was given.
    #[error("the private key is encrypted and needs a passphrase")]
    PassphraseNeeded,
    /// The passphrase does not decrypt the private key.
    #[error("the passphrase does not decrypt the private key")]
    WrongPassphrase,
    /// A ciphertext that is not for this key or was changed. Deliberately not more specific.
    #[error("the ciphertext is not for this key or was changed")]
    Decryption,
    /// Visibly changed or cut short, even without the key.
    #[error("{what} is damaged: {why}")]
    Damaged { what: &'static str, why: String },
}

impl From<algorithm::Error> for Error {
    fn from(error: algorithm::Error) -> Self {
        match error {
            algorithm::Error::Malformed { what, why } => Self::Malformed { what, why },
            algorithm::Error::Unsupported(what) => Self::UnsupportedKey(what),
            algorithm::Error::Inconsistent(why) => Self::Inconsistent(why),
        }
    }
}

impl Error {
    /// Adds the name of the file, for the hint with the command that converts it.
    #[must_use]
    pub fn in_file(self, name: &str) -> Self {
        match self {
            Self::Foreign { found, .. } => Self::Foreign { found, file: Some(name.to_owned()) },
            Self::Unexpected { expected, found, .. } => {
                Self::Unexpected { expected, found, file: Some(name.to_owned()) }
            }
            other => other,
        }
    }

    pub(super) const fn unexpected(expected: &'static str, found: Form) -> Self {
        Self::Unexpected { expected, found, file: None }
    }

    pub(super) fn malformed(what: &'static str, why: impl fmt::Display) -> Self {
        Self::Malformed { what, why: why.to_string() }
    }

    pub(super) fn damaged(what: &'static str, why: impl fmt::Display) -> Self {
        Self::Damaged { what, why: why.to_string() }
    }
}

impl Coded for Error {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Foreign { found, file } => match found.conversion(file.as_deref().unwrap_or("FILE")) {
                Some(command) => Code::InvalidInput.hint(format!("convert it first: `{command}`")),
                None => Code::InvalidInput.into(),
            },
            Self::Unexpected { expected, found, file } => {
                let is_public = *expected == PUBLIC_KEY;
                let hint = found.instead(is_public, file.as_deref().unwrap_or("FILE"));
                hint.map_or(Code::InvalidInput.into(), |hint| Code::InvalidInput.hint(hint))
            }
            Self::UnsupportedKey(_) => {
                let names = algorithm::either(Algorithm::ALL.map(Algorithm::name));
                Code::InvalidInput.hint(format!("kmsctl supports keys of {names}"))
            }
            Self::Unannounced => {
                Code::InvalidInput.hint("if it is one, add `--algorithm aes-256` or `--algorithm hmac-256`")
            }
            Self::Jose { encrypted: true } => Code::InvalidInput
                .hint("decrypt it with a program for JOSE, such as `step crypto jwe decrypt`"),
            Self::Jose { encrypted: false } => Code::InvalidInput.hint(format!(
                "it is signed, not encrypted: `{}` shows what a JWT says",
                kmsctl_without_pin("jwt decode --in FILE")
            )),
            Self::SeveralJws { .. } => Code::InvalidInput.hint("give one at a time"),
            Self::NoForm { .. } => Code::InvalidInput.hint("`--pem` and `--der` show them"),
            Self::Damaged { .. } | Self::Decryption => Code::NotAuthentic.into(),
            _ => Code::InvalidInput.into(),
        }
    }
}
