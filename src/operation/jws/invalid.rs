//! Why a JWT or a JWS is refused.

use super::super::{OtherSalt, Rejection};
use crate::{
    algorithm::{KeyKind, MIN_RSA_BITS, SignatureAlgorithm},
    encoding::JwkForbids,
    model::{Code, Coded, Diagnosis},
};

/// A JWT or a JWS that is refused, by the name that its command gives it.
#[derive(Debug, thiserror::Error)]
#[error("{what} is not valid: {why}")]
pub struct JwsInvalid {
    what: &'static str,
    why: TokenInvalid,
}

impl JwsInvalid {
    /// Names what an error refuses: "the JWT". Other errors stay as they are.
    pub fn of(what: &'static str) -> impl Fn(anyhow::Error) -> anyhow::Error {
        move |error| match error.downcast() {
            Ok(why) => Self { what, why }.into(),
            Err(other) => other,
        }
    }
}

impl Coded for JwsInvalid {
    fn diagnosis(&self) -> Diagnosis {
        self.why.diagnosis()
    }
}

/// Why a JWT or a JWS is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.why())]
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
    /// `skipped` is a key of the set that may be it and cannot be read: its number and why.
    NoKey {
        key_id: Option<String>,
        skipped: Option<(usize, String)>,
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

impl TokenInvalid {
    fn why(&self) -> String {
        match self {
            Self::Algorithm { name } => {
                let accepted = SignatureAlgorithm::ALL.map(SignatureAlgorithm::name).join(", ");
                format!("its algorithm {name:?} is not accepted; accepted are {accepted}")
            }
            Self::Mismatch { name, kind } => {
                format!("its algorithm {name:?} does not work with {kind} keys")
            }
            Self::Pinned { name, pinned } => {
                format!("its algorithm is {name:?}, but the key is for {pinned:?} only")
            }
            Self::NotAsked { name, asked } => {
                let asked: Vec<_> = asked.iter().map(|asked| asked.name()).collect();
                format!("its algorithm is {name:?}, and only {} is accepted", asked.join(" or "))
            }
            Self::ShortKey { bits } => {
                format!("its RSA key has {bits} bits; at least {MIN_RSA_BITS} are required")
            }
            Self::Critical { name } => format!("its critical header member {name:?} is not supported"),
            Self::Unencoded => "its payload is not encoded (\"b64\": false), as a JWT's must be".to_owned(),
            Self::Empty => "it has no claims".to_owned(),
            Self::OtherPayload { name } => format!("it holds other data than {name}"),
            Self::NoKey { key_id: Some(key_id), skipped: None } => {
                format!("the JWK Set has no key with kid {key_id:?}")
            }
            Self::NoKey { key_id: Some(key_id), skipped: Some((number, why)) } => format!(
                "the JWK Set has no key with kid {key_id:?} that can be read; key {number} was skipped: {why}"
            ),
            Self::NoKey { key_id: None, .. } => "there is no key to verify it with".to_owned(),
            Self::OtherUse { key_id, forbids } => unusable(key_id.as_deref(), &forbids.to_string()),
            Self::Unusable { key_id, why } => unusable(key_id.as_deref(), why),
            Self::Signature { keys } => format!("its signature is not by {keys}"),
            Self::Salt(salt) => salt.to_string(),
            Self::Claims(rejection) => rejection.to_string(),
        }
    }
}

fn unusable(key_id: Option<&str>, why: &str) -> String {
    match key_id {
        Some(key_id) => format!("the key with its \"kid\" {key_id:?} cannot be used: {why}"),
        None => format!("the key cannot be used: {why}"),
    }
}

impl Coded for TokenInvalid {
    fn diagnosis(&self) -> Diagnosis {
        use Rejection as R;
        match self {
            Self::Claims(R::Expired { .. } | R::NotYetValid { .. } | R::IssuedInFuture { .. }) => {
                Code::TokenInvalid.hint("`--leeway 30s` allows for clocks that differ")
            }
            Self::Claims(R::AudienceNotExpected { .. }) => Code::TokenInvalid
                .hint("name yourself with `--aud TEXT`; `--any-audience` accepts a token for anyone"),
            _ => Code::TokenInvalid.into(),
        }
    }
}
