//! Why something could not be encrypted or decrypted.

use std::fmt;

use crate::{
    algorithm::KeyKind,
    encoding::KeyTag,
    model::{Code, Coded, Counted, Diagnosis, Version},
    shell::{kmsctl, kmsctl_without_pin},
};

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The answer is no. Which check failed is not reported: a forger could learn from it.
    #[error("the ciphertext is not authentic under key {label:?}, version {version}{context}")]
    NotAuthentic { label: String, version: Version, context: ContextUse },
    /// The body of an envelope was changed, truncated or reassembled.
    #[error("{}", if *truncated { "the ciphertext is truncated" } else { "the ciphertext is not authentic: it was changed after it was encrypted" })]
    Broken { truncated: bool },
    /// The armour of an age file is malformed.
    #[error("the armored age file is damaged: {why}")]
    Armor { why: String },
    /// An age file without a stanza of kmsctl.
    #[error("the age file is not encrypted for a key of a token")]
    NotForToken,
    /// The envelope names a key of another kind than the one that encrypted it.
    #[error("the envelope was encrypted for a key of another kind than {label:?} (tag {tag})")]
    OtherKind { label: String, tag: KeyTag },
    /// The caller named key `named`; the ciphertext names another one of this token.
    #[error("the ciphertext was encrypted with key {of:?}, not with {named:?}")]
    OtherKey { named: String, of: String },
    /// A stanza of the envelope names a key that does not open it.
    #[error(
        "a recipient of the envelope bears the name of key {label:?} (tag {tag}), which does not open it"
    )]
    Misnamed { label: String, tag: KeyTag },
    /// Some ciphertexts were made by older versions of their keys.
    #[error("{}", if *of == 1 { "the ciphertext was made by an older version of the key".to_owned() } else { format!("{old} of {of} ciphertexts were made by older versions of their keys") })]
    Outdated { old: usize, of: usize },
    /// Only AES, RSA and ML-KEM keys encrypt.
    #[error("key {label:?} cannot encrypt: {}", kind.map_or_else(|| "the token does not say what kind of key it is".to_owned(), |kind| format!("it is {kind}; AES, RSA and ML-KEM keys can")))]
    CannotEncrypt { label: String, kind: Option<KeyKind> },
    /// More data than the text form takes.
    #[error("{}", too_long(label, *limit, *convergent))]
    TooLong { label: String, limit: usize, convergent: bool },
    /// The RSA block of a text holds the file key of an envelope.
    #[error(
        "not a text: version {version} of key {label:?} decrypts it, but it holds the file key of an envelope"
    )]
    OtherForm { label: String, version: Version },
    /// Data that cannot be encrypted as a text under an RSA key: it has the form of an envelope's file key.
    #[error(
        "RSA key {label:?} cannot encrypt these bytes as a text: they have the form of an envelope's file key"
    )]
    LikeEnvelope { label: String },
    /// The token cannot decrypt what it has just encrypted.
    #[error(
        "the token cannot decrypt what version {version} of key {label:?} just encrypted; nothing was replaced"
    )]
    NotReopened { label: String, version: Version },
    /// The header does not hold the public keys of recipients of age, nor of keys that are not on this token.
    #[error(
        "a new file key needs the public keys of all recipients, and the file does not hold those of {} outside this token",
        Counted(*count, "recipient")
    )]
    UnknownRecipients { count: usize },
    /// An RSA block cannot be bound to a context.
    #[error("the text form of RSA key {label:?} cannot be bound to a context")]
    NoRoomForContext { label: String },
    /// There is no login, and the caller did not give the fingerprint of the public key.
    #[error("without a login, nothing proves whose public key is on the token")]
    Unproven { source: anyhow::Error },
    /// A convergent key encrypts with a context of 1 to 50 bytes.
    #[error("the convergent key {label:?} needs a context of 1 to 50 bytes")]
    ConvergentContext { label: String },
    /// The token replaced the nonce that it was given.
    #[error("key {label:?} cannot be convergent: the token chooses the nonces itself")]
    NonceReplaced { label: String },
    /// The token's HMAC is shorter than HMAC-SHA-256 is.
    #[error("the token made too short a MAC with the companion of key {label:?}")]
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

impl fmt::Display for ContextUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => ": it was encrypted with a context, and none is given",
            Self::Superfluous => ": it was encrypted without a context, and one is given",
            Self::Plausible => "",
        })
    }
}

fn too_long(label: &str, limit: usize, convergent: bool) -> String {
    if convergent {
        format!("the convergent key {label:?} encrypts to text only, at most {limit} bytes")
    } else {
        format!("the input is too long for the text form: at most {limit} bytes under key {label:?}")
    }
}

impl Coded for SealError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::NotAuthentic { context: ContextUse::Missing, .. } => {
                Code::NotAuthentic.hint("give it with `--context TEXT`")
            }
            Self::NotAuthentic { context: ContextUse::Superfluous, .. } => {
                Code::NotAuthentic.hint("leave out `--context`")
            }
            Self::NotAuthentic { .. } => Code::NotAuthentic
                .hint("it was changed, or `--context` is not the one that it was encrypted with"),
            Self::Broken { .. } | Self::Armor { .. } | Self::OtherKind { .. } | Self::OtherForm { .. } => {
                Code::NotAuthentic.into()
            }
            Self::Misnamed { .. } => Code::NotAuthentic.hint(
                "another key may open it; `reencrypt --drop-recipients --new-file-key` drops it",
            ),
            Self::OtherKey { .. } => Code::NotAuthentic.hint(
                "leave `--label` out, or what else names the key: the ciphertext says which one decrypts it",
            ),
            Self::LikeEnvelope { .. } => Code::Usage.hint("`--format age` encrypts any data"),
            Self::NotReopened { .. } => {
                Code::TokenBroken.hint(format!("`{}` checks the halves of the key", kmsctl("doctor")))
            }
            Self::NotForToken => Code::InvalidInput.hint(format!(
                "decrypt it with `age` or `rage`; if it is the backup of a token, `{}` restores it",
                kmsctl_without_pin("token restore --in FILE")
            )),
            Self::Outdated { .. } => Code::Outdated
                .hint("run it again without `--check`; for a single file add `--out FILE`, which may be the same file"),
            Self::UnknownRecipients { .. } => Code::Usage.hint(
                "name all that are to stay with `--recipient`, `--recipients-file` or `--public-key`, and drop the \
                 others with `--drop-recipients`",
            ),
            Self::Unproven { .. } => Code::PinMissing.hint(
                "give the PIN with `--pin-file FILE`, or name the public key with `--fingerprint HEX` or \
                 `--public-key FILE`",
            ),
            Self::CannotEncrypt { .. } => Code::KeyUsage.into(),
            Self::TooLong { convergent: false, .. } => Code::Usage
                .hint("leave out `--format`, or use `--format age`: an age file has no limit"),
            Self::NoRoomForContext { .. } => {
                Code::Usage.hint("use `--format age`: an age file is bound to its context")
            }
            Self::TooLong { .. } => Code::Usage.into(),
            Self::ConvergentContext { .. } => Code::Usage.hint("give one with `--context TEXT`"),
            Self::NonceReplaced { .. } => Code::TokenIncapable.into(),
            Self::ShortMac { .. } => Code::TokenBroken.into(),
        }
    }
}
