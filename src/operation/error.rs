//! Errors of operations with keys.

use super::OtherSalt;
use crate::{
    algorithm::{Hash, KeyKind, SignatureAlgorithm},
    encoding,
    model::{Code, Coded, Diagnosis, Fingerprint, Version},
    shell::{kmsctl, shell_option},
    token,
};

/// Details of an invalid signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotValid {
    #[error("{0}")]
    Salt(OtherSalt),
    /// It may be by one of these disabled versions.
    #[error("disabled versions were not tried: {}", versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Untried { versions: Vec<Version> },
    /// The file or text does not contain a well-formed signature.
    #[error("{name} holds no {kind} signature (binary, base64, base64url or hex)")]
    Form { name: String, kind: KeyKind },
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The signature is not valid.
    #[error("the signature is not valid {}", why_not(key, why.as_ref()))]
    SignatureInvalid { key: String, why: Option<NotValid> },
    /// The token made a signature that does not verify with the public key. It is not returned.
    #[error("the token made a signature that the public key of {label:?} does not accept")]
    WrongSignature { label: String },
    /// The public key does not have the expected fingerprint.
    #[error("the public key in {origin} has the fingerprint {found}, not {expected}")]
    OtherFingerprint { origin: String, expected: Fingerprint, found: Fingerprint },
    /// The signature algorithm does not fit the key. `valid` are those that do.
    #[error("{}", unfit_algorithm(*asked, *kind, valid))]
    Algorithm { asked: Option<SignatureAlgorithm>, kind: Option<KeyKind>, valid: Vec<SignatureAlgorithm> },
    /// A JWT with an algorithm other than the key's own.
    #[error("key {label:?} signs JWTs with {fixed} only, not with {asked}")]
    OtherAlgorithm { label: String, asked: SignatureAlgorithm, fixed: SignatureAlgorithm },
    /// The input of `--digest` does not have the length of a digest for this algorithm.
    #[error("a {} digest for {algorithm} has {} bytes, not {length}", hash.name(), hash.len())]
    DigestLength { hash: Hash, algorithm: SignatureAlgorithm, length: usize },
    /// A digest for an algorithm that takes the message itself.
    #[error("{algorithm} signs the data itself, not a digest")]
    NoDigest { algorithm: SignatureAlgorithm },
    /// A form of an ECDSA signature for another algorithm.
    #[error("{algorithm} signatures have one form; der and p1363 are forms of ECDSA signatures")]
    NoForms { algorithm: SignatureAlgorithm },
    /// The message is longer than kmsctl keeps in memory for a token that signs it in one call only.
    #[error("{algorithm} signs the data itself, and this token takes it in one call only: at most {} MiB", limit >> 20)]
    MessageTooLong { algorithm: SignatureAlgorithm, limit: usize },
    /// The message is longer than the token accepts, whole or in parts; at `length` bytes it gave up.
    #[error("the token does not sign {length} bytes or more with {algorithm}, which signs the data itself")]
    TokenMessageTooLong { algorithm: SignatureAlgorithm, length: usize },
    /// The public key of a secret key was requested.
    #[error("{label:?} is a secret key: it has no public half")]
    SecretKey { label: String },
    /// The check value of a key pair was requested.
    #[error("only secret keys have a check value; {label:?} is {}", kind.map_or_else(|| "of an unknown kind".to_owned(), |kind| kind.to_string()))]
    NoCheckValue { label: String, kind: Option<KeyKind> },
    /// The key's check value attribute differs from the value that the token computes.
    #[error("the check value that the token reports for {label:?} is not the one that it computes")]
    CheckValueDiffers { label: String },
    /// An RSA key too short for JOSE (RFC 7518, sections 3.3 and 3.5).
    #[error("key {label:?} has {bits} bits; a JSON Web Signature needs an RSA key of at least {least}")]
    ShortKey { label: String, bits: u32, least: u32 },
    /// A reserved JWS header member was given as an additional one.
    #[error("the header member {name:?} cannot be set")]
    HeaderMember { name: &'static str },
    /// The key was not made to leave the token.
    #[error("key {label:?} is not exportable")]
    NotExportable { label: String },
    /// A convergent key consists of two keys; an earlier release did not make the second one exportable.
    #[error("key {label:?} is convergent: its companion HMAC key cannot leave the token")]
    ConvergentWrap { label: String },
    /// The token does not wrap keys of this kind, whatever their attributes.
    #[error("this token cannot wrap keys of this kind: {label:?} is {kind}")]
    CannotWrap { label: String, kind: KeyKind, source: token::Error },
    /// The key in the wrapped file is not the one to wrap.
    #[error("what the token wrapped is not key {label:?}; nothing was written")]
    WrappedOther {
        label: String,
        #[source]
        reason: Option<encoding::Error>,
    },
    /// The key was wrapped for a key that is not on this token.
    #[error("the key is wrapped for fingerprint {fingerprint}, which no RSA key on this token has")]
    NoRecipient { fingerprint: String },
    /// The key that the file was wrapped for cannot unwrap it, or it contains a different key than stated.
    #[error("the wrapped key is damaged: key {label:?}, which it was encrypted for, cannot unwrap it")]
    WrappedDamaged { label: String },
}

fn why_not(key: &str, why: Option<&NotValid>) -> String {
    match why {
        None => format!("for this input under {key}"),
        Some(why) => format!("under {key}: {why}"),
    }
}

fn unfit_algorithm(
    asked: Option<SignatureAlgorithm>,
    kind: Option<KeyKind>,
    valid: &[SignatureAlgorithm],
) -> String {
    let names: Vec<_> = valid.iter().map(ToString::to_string).collect();
    match (asked, kind) {
        (Some(asked), Some(kind)) if !names.is_empty() => {
            format!("{asked} needs {}; this key is {kind}: use {}", asked.needed_key(), names.join(", "))
        }
        (_, Some(kind)) if kind.encryption().is_some() => {
            format!("{kind} keys cannot sign: they encrypt and decrypt")
        }
        (_, Some(kind)) => format!("kmsctl cannot sign with {kind} keys"),
        (_, None) => "kmsctl cannot sign with keys of an unknown kind".to_owned(),
    }
}

impl Coded for Error {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::SignatureInvalid { .. } => Code::SignatureInvalid.into(),
            Self::WrongSignature { .. } => Code::TokenBroken.hint(
                "nothing was printed; the token signed with another key, or its answer was damaged on the way",
            ),
            Self::SecretKey { label } => Code::KeyUsage.hint(format!(
                "`{}` prints what it is made for",
                kmsctl(format!("key show {}", shell_option("--label", label)))
            )),
            Self::OtherFingerprint { .. } => Code::PublicKeyMismatch.into(),
            Self::NoCheckValue { label, .. } => Code::KeyUsage.hint(format!(
                "`{}` prints the fingerprint of a key pair",
                kmsctl(format!("key show {}", shell_option("--label", label)))
            )),
            Self::CheckValueDiffers { .. } | Self::WrappedOther { .. } => Code::TokenBroken.into(),
            Self::ShortKey { .. } => Code::KeyUsage.into(),
            Self::NotExportable { .. } => Code::KeyUsage
                .hint("only a key that was created or imported with `--exportable` can be wrapped"),
            Self::ConvergentWrap { .. } => Code::KeyUsage
                .hint("an earlier release made it; the next version has a companion that can be wrapped: rotate the key"),
            Self::CannotWrap { .. } => Code::TokenIncapable.hint(
                "this key cannot leave the token; to have the key on two tokens, import it on both, or restore a backup",
            ),
            Self::NoRecipient { .. } => {
                Code::KeyNotFound.hint("unwrap it on the token that holds the private key with this fingerprint")
            }
            Self::WrappedDamaged { .. } => Code::NotAuthentic.into(),
            Self::Algorithm { valid, .. } if valid.is_empty() => Code::KeyUsage.into(),
            Self::OtherAlgorithm { label, asked, .. } => {
                let by_label = shell_option("--label", label);
                let update = kmsctl(format!("key update {by_label} --signature-algorithm {asked}"));
                Code::KeyUsage.hint(format!("`{update}` changes it"))
            }
            Self::NoDigest { .. } => Code::Usage.hint("leave `--digest` out and give the data"),
            Self::NoForms { .. } => Code::Usage.hint("leave the form (`ecdsa`) out"),
            Self::MessageTooLong { .. } | Self::TokenMessageTooLong { .. } => {
                Code::Usage.hint("sign a list of checksums of the data, such as `sha256sum` prints")
            }
            Self::Algorithm { .. } | Self::DigestLength { .. } | Self::HeaderMember { .. } => {
                Code::Usage.into()
            }
        }
    }
}
