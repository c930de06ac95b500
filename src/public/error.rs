//! Why an operation with a public key cannot be done. A wrong signature is not an error but the answer "no".

use crate::algorithm::{Hash, KeyKind, MIN_RSA_BITS, SignatureAlgorithm};
use crate::model::{Code, Coded, Diagnosis};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The signature algorithm belongs to another kind of key.
    #[error("{algorithm} does not work with {kind} keys")]
    AlgorithmMismatch { algorithm: SignatureAlgorithm, kind: KeyKind },
    /// A digest of another length than the algorithm's.
    #[error("a digest for {algorithm} has {} bytes, not {length}", hash.len())]
    DigestLength { hash: Hash, algorithm: SignatureAlgorithm, length: usize },
    /// Not a key that encrypts, or not in the way that is asked for.
    #[error("{kind} keys do not encrypt by RSA-OAEP")]
    CannotEncrypt { kind: KeyKind },
    /// An RSA key that is too short to keep anything secret.
    #[error("an RSA key of {bits} bits is too short to encrypt: at least {MIN_RSA_BITS} are needed")]
    ShortKey { bits: u32 },
    /// More plaintext than fits one RSA block.
    #[error("{length} bytes are too long: this key encrypts at most {limit} bytes directly")]
    PlaintextTooLong { length: usize, limit: usize },
    /// OpenSSL cannot encapsulate to the key.
    #[error("encryption to the {kind} key failed in OpenSSL")]
    Encapsulation { kind: KeyKind },
    /// The OpenSSL that kmsctl was built with is too old for the algorithm.
    #[error("kmsctl was built with an OpenSSL that has no {kind}")]
    NotInOpenSsl { kind: KeyKind },
    /// The RSA operation itself failed.
    #[error("RSA encryption failed: {0}")]
    Rsa(String),
}

impl Coded for Error {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::ShortKey { .. } | Self::CannotEncrypt { .. } => Code::KeyUsage.into(),
            _ => Code::Usage.into(),
        }
    }
}
