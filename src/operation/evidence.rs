//! What a positive answer refers to: the key, the algorithm, the data.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use subtle::ConstantTimeEq;

use crate::{
    algorithm::{KeyKind, PublicKey, SignatureAlgorithm},
    keystore::{Keystore, Operation, Selected},
    model::{KeyId, Version},
    public,
    token::{Handle, Message, Session},
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

/// What decides whether a signature is valid.
#[derive(Debug, Clone)]
pub enum Judge {
    Public(PublicKey),
    Mac(MacKey),
}

/// An HMAC key of the token, with a session for the comparison of MACs, which threads take turns to use.
#[derive(Debug, Clone)]
pub struct MacKey {
    pub(super) session: Arc<Mutex<Session>>,
    pub(super) key: Handle,
    pub(super) kind: KeyKind,
}

impl MacKey {
    /// The key of the selected version, which is a secret one.
    pub(super) fn new(keystore: &Keystore, selected: &Selected) -> Result<Self> {
        let key = keystore.secret_for(selected, Operation::Verify)?;
        let session = Arc::new(Mutex::new(keystore.session().sibling()?));
        Ok(Self { session, key: key.handle, kind: key.kind })
    }
}

impl Judge {
    pub const fn kind(&self) -> KeyKind {
        match self {
            Self::Public(key) => key.kind(),
            Self::Mac(key) => key.kind,
        }
    }

    /// `None` for a MAC.
    pub const fn public_key(&self) -> Option<&PublicKey> {
        match self {
            Self::Public(key) => Some(key),
            Self::Mac(_) => None,
        }
    }

    /// Whether the signature is valid. `covered` is what the algorithm signs. A MAC is computed by the token and compared in
    /// constant time.
    pub(super) fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        covered: &[u8],
        signature: &[u8],
    ) -> Result<bool> {
        match self {
            Self::Public(key) => Ok(public::verify(key, algorithm, covered, signature)?),
            Self::Mac(MacKey { session, key, kind }) if algorithm.fits(*kind) => {
                let session = session.lock().unwrap_or_else(PoisonError::into_inner);
                let message = Message { covered, data: None };
                Ok(session.sign(*key, algorithm, &message)?.ct_eq(signature).into())
            }
            Self::Mac(_) => Ok(false),
        }
    }

    /// Whether both are the same key of one keystore.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Public(one), Self::Public(other)) => one == other,
            (Self::Mac(one), Self::Mac(other)) => one.key == other.key,
            _ => false,
        }
    }
}

/// A key that may have made a signature.
#[derive(Debug, Clone)]
pub struct Verifier {
    pub judge: Judge,
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
    /// SHA-256 of the key's SubjectPublicKeyInfo; `None` for a MAC.
    pub fingerprint: Option<[u8; 32]>,
    /// Whether anything vouches for a public key of the token; `None` for one that the caller gave.
    pub proven: Option<bool>,
}

impl Evidence {
    pub fn new(algorithm: SignatureAlgorithm, source: KeySource, judge: &Judge) -> Self {
        let fingerprint = judge.public_key().map(PublicKey::fingerprint);
        Self { algorithm, source, fingerprint, proven: None }
    }

    /// By a key that was one of several.
    pub fn of(algorithm: SignatureAlgorithm, verifier: &Verifier) -> Self {
        let proven = verifier.proven;
        Self { proven, ..Self::new(algorithm, verifier.source.clone(), &verifier.judge) }
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
    judge: &Judge,
    algorithm: SignatureAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> Option<OtherSalt> {
    let found = public::pss_salt_len(judge.public_key()?, algorithm, digest, signature)?;
    let due = algorithm.mechanisms().pss?.len();
    (found != due).then_some(OtherSalt { algorithm, found, due })
}

impl fmt::Display for OtherSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, found, due } = self;
        write!(f, "its salt has {found} bytes, and that of {algorithm} has {due}")
    }
}
