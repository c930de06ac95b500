//! Why a token or a JWS is refused.

use std::fmt;

use super::{
    super::{OtherSalt, Rejection},
    SHORTEST_RSA,
};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    encoding::JwkForbids,
};

/// Why a token or a JWS is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenInvalid {
    /// `none`, HMAC, or another algorithm that needs no private key or is unknown.
    Algorithm {
        name: String,
    },
    /// None of the candidate keys makes such signatures.
    Mismatch {
        name: String,
        kind: KeyKind,
    },
    /// A key of the set is for another algorithm by its `alg`.
    Pinned {
        name: String,
        pinned: String,
    },
    /// Another algorithm was asked for.
    NotAsked {
        name: String,
        asked: Vec<SignatureAlgorithm>,
    },
    /// RSA of less than 2048 bits (RFC 7518, sections 3.3 and 3.5).
    ShortKey {
        bits: u32,
    },
    Critical {
        name: String,
    },
    /// A JWT must encode its payload (RFC 7797, section 7).
    Unencoded,
    /// The payload is missing.
    Empty,
    /// The attached payload differs from the data given.
    OtherPayload {
        name: String,
    },
    NoKey {
        key_id: Option<String>,
    },
    /// The JWK of the key forbids this use.
    OtherUse {
        key_id: Option<String>,
        forbids: JwkForbids,
    },
    /// kmsctl cannot use the key.
    Unusable {
        key_id: Option<String>,
        why: String,
    },
    Signature {
        keys: String,
    },
    Salt(OtherSalt),
    Claims(Rejection),
}

impl fmt::Display for TokenInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is not valid: ")?;
        match self {
            Self::Algorithm { name } => {
                let accepted = SignatureAlgorithm::ALL.map(SignatureAlgorithm::name).join(", ");
                write!(f, "its algorithm {name:?} is not accepted; accepted are {accepted}")
            }
            Self::Mismatch { name, kind } => write!(f, "its algorithm {name:?} is not for a key of {kind}"),
            Self::Pinned { name, pinned } => {
                write!(f, "its algorithm is {name:?}, and the key is for {pinned:?} only")
            }
            Self::NotAsked { name, asked } => {
                let asked: Vec<_> = asked.iter().map(|asked| asked.name()).collect();
                write!(f, "its algorithm is {name:?}, and only {} is accepted", asked.join(" or "))
            }
            Self::ShortKey { bits } => {
                write!(f, "an RSA key of {bits} bits is too short for it; it takes {SHORTEST_RSA}")
            }
            Self::Critical { name } => write!(f, "its critical header member {name:?} is not known"),
            Self::Unencoded => f.write_str("its payload is not encoded (\"b64\": false), as a JWT's must be"),
            Self::Empty => f.write_str("it has no claims"),
            Self::OtherPayload { name } => write!(f, "it holds other data than {name}"),
            Self::NoKey { key_id: Some(key_id) } => write!(f, "no key has its \"kid\" {key_id:?}"),
            Self::NoKey { key_id: None } => f.write_str("there is no key to verify it with"),
            Self::OtherUse { key_id, forbids } => unusable(f, key_id.as_deref(), &forbids.to_string()),
            Self::Unusable { key_id, why } => unusable(f, key_id.as_deref(), why),
            Self::Signature { keys } => write!(f, "its signature is not by {keys}"),
            Self::Salt(salt) => salt.fmt(f),
            Self::Claims(rejection) => rejection.fmt(f),
        }
    }
}

fn unusable(f: &mut fmt::Formatter<'_>, key_id: Option<&str>, why: &str) -> fmt::Result {
    match key_id {
        Some(key_id) => write!(f, "the key with its \"kid\" {key_id:?} cannot be used: {why}"),
        None => write!(f, "the key cannot be used: {why}"),
    }
}

impl std::error::Error for TokenInvalid {}
