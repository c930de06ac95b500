//! What a positive answer refers to: the key, the algorithm, the data.

use std::fmt;

use crate::{
    algorithm::{PublicKey, SignatureAlgorithm},
    keystore::Selected,
    model::{KeyId, Version},
    public,
};

/// Where a public key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    Token {
        label: String,
        id: KeyId,
        version: Version,
    },
    File {
        path: String,
    },
    /// An entry of a JWK Set.
    Set {
        key_id: Option<String>,
    },
}

impl KeySource {
    pub fn of(selected: &Selected) -> Self {
        let (label, id) = (selected.key.label.clone(), selected.version().id.clone());
        Self::Token { label, id, version: selected.version }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token { label, version, .. } => write!(f, "key {label:?}, version {version}"),
            Self::File { path } => write!(f, "the public key {path}"),
            Self::Set { key_id: Some(key_id) } => write!(f, "the key {key_id:?} of the set"),
            Self::Set { key_id: None } => f.write_str("the key of the set"),
        }
    }
}

/// A public key that may have made a signature.
#[derive(Debug, Clone)]
pub struct Verifier {
    pub key: PublicKey,
    /// The only algorithm that the key is for, if that is stated.
    pub algorithm: Option<String>,
    pub source: KeySource,
    /// Whether anything vouches for a public key of the token; `None` for one that the caller gave.
    pub proven: Option<bool>,
}

/// A valid signature, and the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub algorithm: SignatureAlgorithm,
    pub source: KeySource,
    /// SHA-256 of the key's SubjectPublicKeyInfo.
    pub fingerprint: [u8; 32],
    /// Whether anything vouches for a public key of the token; `None` for one that the caller gave.
    pub proven: Option<bool>,
}

impl Evidence {
    pub fn new(algorithm: SignatureAlgorithm, source: KeySource, key: &PublicKey) -> Self {
        Self { algorithm, source, fingerprint: key.fingerprint(), proven: None }
    }

    /// By a key that was one of several.
    pub fn of(algorithm: SignatureAlgorithm, verifier: &Verifier) -> Self {
        let proven = verifier.proven;
        Self { proven, ..Self::new(algorithm, verifier.source.clone(), &verifier.key) }
    }
}

/// Why a PSS signature does not fit the algorithm: its salt is not as long as the digest (RFC 7518, section 3.5). In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherSalt {
    algorithm: SignatureAlgorithm,
    found: usize,
    due: usize,
}

/// The salt of a signature that is valid except for the salt's length.
pub fn salt_of(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> Option<OtherSalt> {
    let found = public::pss_salt_len(key, algorithm, digest, signature)?;
    let due = algorithm.mechanisms().pss?.len();
    (found != due).then_some(OtherSalt { algorithm, found, due })
}

impl fmt::Display for OtherSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, found, due } = self;
        write!(f, "its salt has {found} bytes, and that of {algorithm} has {due}")
    }
}
