//! Why an operation with a public key cannot be done at all. A wrong signature is no error but the answer "no".

use std::fmt;

use crate::model::{KeyKind, SignatureAlgorithm};

/// RSA below this is broken or will be (NIST SP 800-131A): nothing is encrypted with it.
pub const MIN_RSA_BITS: u32 = 2048;

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The signature algorithm belongs to another kind of key.
    AlgorithmMismatch { algorithm: SignatureAlgorithm, kind: KeyKind },
    /// A digest of another length than the algorithm's.
    DigestLength { algorithm: SignatureAlgorithm, length: usize },
    /// Only RSA keys encrypt.
    CannotEncrypt { kind: KeyKind },
    /// An RSA key that is too short to keep anything secret.
    ShortKey { bits: u32 },
    /// More plaintext than fits one RSA block.
    PlaintextTooLong { length: usize, limit: usize },
    /// The RSA operation itself failed.
    Rsa(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmMismatch { algorithm, kind } => {
                write!(f, "{algorithm} is not for a key of {kind}")
            }
            Self::DigestLength { algorithm, length } => {
                let expected = algorithm.hash().len();
                write!(f, "a digest for {algorithm} has {expected} bytes, this one {length}")
            }
            Self::CannotEncrypt { kind } => write!(f, "a key of {kind} cannot encrypt"),
            Self::ShortKey { bits } => {
                write!(
                    f,
                    "an RSA key of {bits} bits is too short to encrypt: at least {MIN_RSA_BITS} are needed"
                )
            }
            Self::PlaintextTooLong { length, limit } => {
                write!(f, "this key encrypts at most {limit} bytes directly, these are {length}")
            }
            Self::Rsa(why) => write!(f, "RSA encryption failed: {why}"),
        }
    }
}

impl std::error::Error for Error {}
