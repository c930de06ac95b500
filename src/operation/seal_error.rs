//! Why something could not be encrypted or decrypted.

use std::fmt;

use crate::{algorithm::KeyKind, encoding::KeyTag, model::Version};

#[derive(Debug)]
pub enum SealError {
    /// The answer is no. Which check failed is not reported: a forger could learn from it.
    NotAuthentic { label: String, version: Version, context: ContextUse },
    /// The body of an envelope was changed, truncated or reassembled.
    Broken { truncated: bool },
    /// The armour of an age file is malformed.
    Armor { why: String },
    /// An age file without a stanza of kmsctl.
    NotForToken,
    /// The envelope names a key of another kind than the one that encrypted it.
    OtherKind { label: String, tag: KeyTag },
    /// Some ciphertexts were made by older versions of their keys.
    Outdated { old: usize, of: usize },
    /// Only AES and RSA keys encrypt.
    CannotEncrypt { label: String, kind: Option<KeyKind> },
    /// More data than the text form takes.
    TooLong { label: String, limit: usize, convergent: bool },
    /// The RSA block of a text holds the file key of an envelope.
    OtherForm { label: String, version: Version },
    /// Data that cannot be encrypted as a text under an RSA key: it has the form of an envelope's file key.
    LikeEnvelope { label: String },
    /// The token cannot decrypt what it has just encrypted.
    NotReopened { label: String, version: Version },
    /// An RSA block cannot be bound to a context.
    NoRoomForContext { label: String },
    /// There is no login, and the caller did not give the fingerprint of the public key.
    Unproven { source: anyhow::Error },
    /// A convergent key encrypts with a context of 1 to 50 bytes.
    ConvergentContext { label: String },
    /// The token replaced the nonce that it was given.
    NonceReplaced { label: String },
    /// The token's HMAC is shorter than HMAC-SHA-256 is.
    ShortMac { label: String },
}

/// Whether a context was given, and whether the ciphertext says that one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextUse {
    /// The envelope has a context, and none was given.
    Missing,
    /// A context was given that the envelope was sealed without, or that an RSA block cannot have.
    Superfluous,
    /// The context may be right.
    Plausible,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAuthentic { label, version, context } => {
                write!(f, "the ciphertext is not authentic under key {label:?}, version {version}")?;
                match context {
                    ContextUse::Missing => {
                        f.write_str(": it was encrypted with a context, and none is given")
                    }
                    ContextUse::Superfluous => {
                        f.write_str(": it was encrypted without a context, and one is given")
                    }
                    ContextUse::Plausible => Ok(()),
                }
            }
            Self::Broken { truncated: true } => f.write_str("the ciphertext is truncated"),
            Self::Broken { truncated: false } => {
                f.write_str("the ciphertext is not authentic: it was changed after it was encrypted")
            }
            Self::Armor { why } => write!(f, "the armored age file is damaged: {why}"),
            Self::NotForToken => f.write_str("the age file is not encrypted for a key of a token"),
            Self::OtherKind { label, tag } => {
                write!(f, "the envelope names key {label:?} (tag {tag}), but that is a key of another kind")
            }
            Self::Outdated { old: 1, of: 1 } => {
                f.write_str("an older version of the key sealed this ciphertext")
            }
            Self::Outdated { old, of } => {
                write!(f, "older versions of their keys sealed {old} of {of} ciphertexts")
            }
            Self::CannotEncrypt { label, kind: Some(kind) } => {
                write!(f, "key {label:?} cannot encrypt: it is a key of {kind}; AES and RSA keys can")
            }
            Self::CannotEncrypt { label, kind: None } => {
                write!(f, "key {label:?} cannot encrypt: of what kind it is, the token does not say")
            }
            Self::TooLong { label, limit, convergent: false } => {
                write!(
                    f,
                    "the input is too long for the text form: at most {limit} bytes under key {label:?}"
                )
            }
            Self::TooLong { label, limit, convergent: true } => {
                write!(f, "the convergent key {label:?} encrypts to text only, at most {limit} bytes")
            }
            Self::OtherForm { label, version } => write!(
                f,
                "this is not a text: version {version} of key {label:?} opens it, but it is the wrapped file key of an envelope"
            ),
            Self::LikeEnvelope { label } => write!(
                f,
                "RSA key {label:?} cannot encrypt these bytes as a text: they have the form of an envelope's file key"
            ),
            Self::NotReopened { label, version } => write!(
                f,
                "the token does not decrypt what version {version} of key {label:?} just encrypted; nothing was replaced"
            ),
            Self::NoRoomForContext { label } => {
                write!(f, "the text form of RSA key {label:?} cannot be bound to a context")
            }
            Self::Unproven { .. } => {
                f.write_str("without a login nothing proves whose public key is on the token")
            }
            Self::ConvergentContext { label } => {
                write!(f, "the convergent key {label:?} needs a context of 1 to 50 bytes")
            }
            Self::NonceReplaced { label } => {
                write!(f, "the token chooses the nonces itself: {label:?} cannot be convergent here")
            }
            Self::ShortMac { label } => {
                write!(f, "the token made a MAC that is too short with the companion of key {label:?}")
            }
        }
    }
}

impl std::error::Error for SealError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unproven { source } => Some(source.as_ref()),
            _ => None,
        }
    }
}
