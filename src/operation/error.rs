//! Why an operation has no result.

use std::fmt;

use super::OtherSalt;
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    encoding,
    model::{Fingerprint, Version},
};

/// What can be said of a signature that is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotValid {
    Salt(OtherSalt),
    /// It may be by one of these, which are disabled.
    Untried {
        versions: Vec<Version>,
    },
    /// The file does not hold anything that could be one.
    Form {
        name: String,
        kind: KeyKind,
    },
}

impl fmt::Display for NotValid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Salt(salt) => salt.fmt(f),
            Self::Untried { versions } => {
                let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
                write!(f, "disabled versions were not tried: {}", versions.join(", "))
            }
            Self::Form { name, kind } => {
                write!(
                    f,
                    "{name} does not hold a signature by a key of {kind} in binary, base64, base64url or hex"
                )
            }
        }
    }
}

#[derive(Debug)]
pub enum Error {
    /// The answer is no.
    SignatureInvalid { key: String, why: Option<NotValid> },
    /// The token made a signature that its own public key does not accept. It is not handed out.
    WrongSignature { label: String },
    /// The public key is not the one that was named.
    OtherFingerprint { source: String, expected: Fingerprint, found: Fingerprint },
    /// The signature algorithm does not go with the key. `valid` are those that do.
    Algorithm { asked: Option<SignatureAlgorithm>, kind: Option<KeyKind>, valid: Vec<SignatureAlgorithm> },
    /// A JWT by another algorithm than the one that the key has.
    OtherAlgorithm { label: String, asked: SignatureAlgorithm, fixed: SignatureAlgorithm },
    /// `--digest` with something that is no digest of this algorithm.
    DigestLength { algorithm: SignatureAlgorithm, length: usize },
    /// A public key was asked for where there is none by nature.
    SecretKey { label: String },
    /// A check value was asked for of a key that is no AES key.
    NoCheckValue { label: String, kind: Option<KeyKind> },
    /// The token states another check value than it computes.
    CheckValueDiffers { label: String },
    /// An RSA key that JOSE does not allow (RFC 7518, sections 3.3 and 3.5).
    ShortKey { label: String, bits: u32, least: u32 },
    /// A member of a JWS header that says how the signature is made, given as one of the user's own.
    HeaderMember { name: &'static str },
    /// The key was not made to leave the token.
    NotExportable { label: String },
    /// What the token wrapped is not the key.
    WrappedOther { label: String, reason: Option<encoding::Error> },
    /// No key on this token opens what was wrapped for another.
    NoRecipient { fingerprint: String },
    /// A wrapped key for this key that it does not open, or that is another key inside.
    WrappedDamaged { label: String },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignatureInvalid { key, why: None } => {
                write!(f, "the signature is not valid for this input under {key}")
            }
            Self::SignatureInvalid { key, why: Some(why) } => {
                write!(f, "the signature is not valid under {key}: {why}")
            }
            Self::WrongSignature { label } => {
                write!(f, "the token made a signature that the public key of {label:?} does not accept")
            }
            Self::OtherFingerprint { source, expected, found } => {
                write!(f, "the public key in {source} has the fingerprint {found}, not {expected}")
            }
            Self::Algorithm { asked, kind, valid } => {
                let kind = kind.map_or_else(|| "an unknown kind".to_owned(), |kind| kind.to_string());
                let names: Vec<_> = valid.iter().map(ToString::to_string).collect();
                match asked {
                    Some(asked) if !names.is_empty() => {
                        let (needs, names) = (asked.needed_key(), names.join(", "));
                        write!(f, "{asked} needs {needs}; this key is {kind}: use {names}")
                    }
                    _ => write!(f, "kmsctl cannot sign with keys of {kind}"),
                }
            }
            Self::OtherAlgorithm { label, asked, fixed } => {
                write!(f, "key {label:?} signs JWTs by {fixed} alone, not by {asked}")
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
            Self::NoCheckValue { label, kind } => {
                let kind = kind.map_or_else(|| "of unknown kind".to_owned(), |kind| kind.to_string());
                write!(f, "only AES keys have a check value; {label:?} is {kind}")
            }
            Self::CheckValueDiffers { label } => {
                write!(f, "the token states another check value of {label:?} than it computes")
            }
            Self::ShortKey { label, bits, least } => write!(
                f,
                "key {label:?} has {bits} bits; a JSON Web Signature takes an RSA key of at least {least}"
            ),
            Self::HeaderMember { name } => write!(f, "the header member {name:?} cannot be set"),
            Self::NotExportable { label } => write!(f, "key {label:?} was not made to leave the token"),
            Self::WrappedOther { label, .. } => {
                write!(f, "what the token wrapped is not key {label:?}; nothing was written")
            }
            Self::NoRecipient { fingerprint } => {
                write!(
                    f,
                    "no RSA key on this token has the fingerprint {fingerprint}, for which the key is wrapped"
                )
            }
            Self::WrappedDamaged { label } => {
                write!(f, "the wrapped key is damaged: {label:?}, for which it was made, does not open it")
            }
            Self::SecretKey { label } => write!(f, "{label:?} is a secret key: it has no public half"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::WrappedOther { reason: Some(reason), .. } => Some(reason),
            _ => None,
        }
    }
}
