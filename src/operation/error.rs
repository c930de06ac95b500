//! Why an operation has no result.

use std::fmt;

use crate::{
    encoding,
    model::{KeyKind, SignatureAlgorithm},
};

#[derive(Debug)]
pub enum Error {
    /// The answer is no.
    SignatureInvalid { key: String },
    /// The token made a signature that its own public key does not accept. It is not handed out.
    WrongSignature { label: String },
    /// The signature algorithm does not go with the key. `valid` are those that do.
    Algorithm { asked: Option<SignatureAlgorithm>, kind: Option<KeyKind>, valid: Vec<SignatureAlgorithm> },
    /// `--digest` with something that is no digest of this algorithm.
    DigestLength { algorithm: SignatureAlgorithm, length: usize },
    /// A public key was asked for where there is none by nature.
    SecretKey { label: String },
    /// The token shows no public numbers for the key.
    NoPublicKey { label: String, reason: Option<encoding::Error> },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignatureInvalid { key } => {
                write!(f, "the signature is not valid for {key} and this input")
            }
            Self::WrongSignature { label } => {
                write!(f, "the token made a signature that the public key of {label:?} does not accept")
            }
            Self::Algorithm { asked, kind, valid } => {
                let kind = kind.map_or_else(|| "unknown kind".to_owned(), |kind| kind.to_string());
                match asked {
                    Some(asked) => write!(f, "{asked} is not for a key of {kind}")?,
                    None => write!(f, "a key of {kind} does not sign")?,
                }
                let names: Vec<_> = valid.iter().map(ToString::to_string).collect();
                if names.is_empty() { Ok(()) } else { write!(f, "; valid are {}", names.join(", ")) }
            }
            Self::DigestLength { algorithm, length } => {
                let expected = algorithm.hash();
                write!(
                    f,
                    "a {} digest for {algorithm} has {} bytes, not {length}",
                    expected.name(),
                    expected.len()
                )
            }
            Self::SecretKey { label } => write!(f, "{label:?} is a secret key: it has no public half"),
            Self::NoPublicKey { label, .. } => {
                write!(f, "the token shows no usable public key for {label:?}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoPublicKey { reason: Some(reason), .. } => Some(reason),
            _ => None,
        }
    }
}
