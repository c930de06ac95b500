//! The result of `verify`.

use data_encoding::HEXLOWER;

use super::{Document, Text, fields};
use crate::{
    algorithm::SignatureAlgorithm,
    model::answer,
    operation::{Evidence, KeySource},
};

answer! {
    /// A signature that is valid, and by what.
    pub struct EvidenceView<'a> {
        /// true
        valid: bool,
        /// Signature algorithm
        algorithm: &'static str,
        /// Label of the key; null without a key of the token
        label: Option<&'a str>,
        /// CKA_ID of the key; null without a key of the token
        cka_id: Option<String>,
        /// Version of the key; null without a key of the token
        version: Option<u32>,
        /// Whether the public key is proven to be that of the key on the token; null without a key of the token
        proven: Option<bool>,
        /// File of the public key; null without `--public-key`
        public_key_file: Option<&'a str>,
        /// kid of the key in a JWK Set; null without `--jwks`
        kid: Option<&'a str>,
        /// SHA-256 of the public key (SubjectPublicKeyInfo); null for an HMAC key
        fingerprint: Option<String>,
    }
}

answer! {
    /// The answer of `verify` that a signature is valid.
    pub struct Verified<'a> {
        ..evidence: EvidenceView<'a>,
        /// SHA-256 of the data; null if only a digest by another hash was given
        sha256: Option<String>,
    }
}

answer! {
    /// The answer of `verify` that a signature is not valid.
    pub struct NotVerified {
        /// false
        valid: bool,
        /// Signature algorithm
        algorithm: &'static str,
    }
}

/// The result for a valid signature. `sha256` is the digest of the data; `None` if only a digest by another hash was given.
pub fn verified(evidence: &Evidence, sha256: Option<&[u8]>) -> Document {
    let sha256 = sha256.map(|digest| HEXLOWER.encode(digest));
    let json = Verified { evidence: evidence_view(evidence), sha256: sha256.clone() };
    let key = match &evidence.source {
        KeySource::Token { label, id, version } => format!("{label:?} (CKA_ID {id}, version {version})"),
        KeySource::File { path } => path.clone(),
        source @ KeySource::Set { .. } => source.to_string(),
    };
    let text = fields(&[
        ("Algorithm", Some(evidence.algorithm.name().to_owned())),
        ("Key", Some(key)),
        ("Fingerprint", evidence.fingerprint.map(|bytes| HEXLOWER.encode(&bytes))),
        ("Data SHA-256", sha256),
    ]);
    Document::of(&json, Text::from("valid\n").and(text))
}

/// The result for an invalid signature; the error gives the reason.
pub fn not_verified(algorithm: SignatureAlgorithm) -> Document {
    Document::of(&NotVerified { valid: false, algorithm: algorithm.name() }, "")
}

/// The fields for a valid signature, shared by all commands that verify.
pub fn evidence_view(evidence: &Evidence) -> EvidenceView<'_> {
    let mut view = EvidenceView {
        valid: true,
        algorithm: evidence.algorithm.name(),
        label: None,
        cka_id: None,
        version: None,
        proven: evidence.proven,
        public_key_file: None,
        kid: None,
        fingerprint: evidence.fingerprint.map(|bytes| HEXLOWER.encode(&bytes)),
    };
    match &evidence.source {
        KeySource::Token { label, id, version } => {
            view.label = Some(label);
            view.cka_id = Some(id.to_string());
            view.version = Some(version.number());
        }
        KeySource::File { path } => view.public_key_file = Some(path),
        KeySource::Set { key_id } => view.kid = key_id.as_deref(),
    }
    view
}
