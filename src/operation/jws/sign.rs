//! JWS headers and signatures.

use std::io::Read;

use anyhow::Result;
use serde_json::{Value, json};

use super::super::{
    Error, fixed_algorithm, sign, sign::signing_key, sign_stream, signable, signing_algorithm,
};
use crate::{
    algorithm::{KeyKind, MIN_RSA_BITS, PublicKey, SignatureAlgorithm},
    encoding::{JwsHeader, Object, jws_part},
    keystore::{Keystore, Selected},
};

/// The `kid` of a header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KeyName {
    /// RFC 7638, as `jwks` has it.
    #[default]
    Thumbprint,
    CkaId,
    Text(String),
}

impl KeyName {
    /// `thumbprint`, `ckaid`, or the name itself.
    pub fn named(text: &str) -> Self {
        match text {
            "thumbprint" => Self::Thumbprint,
            "ckaid" => Self::CkaId,
            text => Self::Text(text.to_owned()),
        }
    }

    /// Without a public key, the CKA_ID in place of a thumbprint: that of a secret key would let others try guesses of the
    /// key (RFC 7638, section 7).
    pub fn of(&self, selected: &Selected, public: Option<&PublicKey>) -> String {
        match (self, public) {
            (Self::Thumbprint, Some(public)) => public.thumbprint(),
            (Self::Thumbprint | Self::CkaId, _) => selected.version().id.to_string(),
            (Self::Text(text), _) => text.clone(),
        }
    }
}

/// Members that say how and by which key the signature is made. If users could set them, a token could claim another
/// algorithm (`"alg": "none"`) than it was signed with.
pub const RESERVED_MEMBERS: [&str; 4] = ["alg", "kid", "crit", "b64"];

/// The header's members beside `alg`.
#[derive(Debug, Clone, Default)]
pub struct HeaderRequest {
    /// `typ` is JWT unless given, and the algorithm is the key's.
    pub is_jwt: bool,
    pub key_name: KeyName,
    /// The user's members, none of [`RESERVED_MEMBERS`]. A `typ` among them replaces JWT.
    pub extra: Object,
    /// The payload is signed as it is (`b64`: false, RFC 7797).
    pub unencoded: bool,
}

/// The header for a signature by this key.
pub fn header(
    keystore: &Keystore,
    selected: &Selected,
    asked: Option<SignatureAlgorithm>,
    request: &HeaderRequest,
) -> Result<(SignatureAlgorithm, JwsHeader)> {
    // Of a secret key that does not sign, the missing public half is not the error to report.
    algorithm(selected, asked, request)?;
    let is_mac = selected.version().kind().is_some_and(KeyKind::is_mac);
    let half = if is_mac { None } else { Some(signing_key(keystore, selected)?) };
    header_for(selected, half.as_ref().map(|half| &half.key), asked, request)
}

/// The same with a known public key.
pub(in crate::operation) fn header_for(
    selected: &Selected,
    public: Option<&PublicKey>,
    asked: Option<SignatureAlgorithm>,
    request: &HeaderRequest,
) -> Result<(SignatureAlgorithm, JwsHeader)> {
    let algorithm = algorithm(selected, asked, request)?;
    if let Some(bits) = public.and_then(|public| public.kind().too_short()) {
        return Err(Error::ShortKey { label: selected.key.label.clone(), bits, least: MIN_RSA_BITS }.into());
    }
    if let Some(name) = RESERVED_MEMBERS.into_iter().find(|name| request.extra.contains(name)) {
        return Err(Error::HeaderMember { name }.into());
    }
    let mut members = Object::default();
    let mut add = |name: &str, value: Value| {
        let _ = members.insert(name, &value);
    };
    add("alg", algorithm.name().into());
    // The user's `typ` follows with the other members.
    if request.is_jwt && !request.extra.contains("typ") {
        add("typ", "JWT".into());
    }
    add("kid", request.key_name.of(selected, public).into());
    if request.unencoded {
        add("b64", false.into());
        add("crit", json!(["b64"]));
    }
    members.extend(&request.extra);
    Ok((algorithm, JwsHeader::from_object(members)?))
}

fn algorithm(
    selected: &Selected,
    asked: Option<SignatureAlgorithm>,
    request: &HeaderRequest,
) -> Result<SignatureAlgorithm, Error> {
    if request.is_jwt {
        fixed_algorithm(&selected.key, asked)
    } else {
        signing_algorithm(&selected.key, asked)
    }
}

/// A JWS in compact form with its payload inside.
pub fn sign_attached(
    keystore: &Keystore,
    selected: &Selected,
    (algorithm, header): &(SignatureAlgorithm, JwsHeader),
    payload: &[u8],
) -> Result<String> {
    let signed = header.signing_prefix() + &jws_part(payload);
    let signature = sign(keystore, selected, *algorithm, signable(*algorithm, signed.clone().into_bytes()))?;
    Ok(attached(&signed, &signature))
}

/// What was signed, and its signature.
pub(in crate::operation) fn attached(signed: &str, signature: &[u8]) -> String {
    format!("{signed}.{}", jws_part(signature))
}

/// A JWS whose payload is elsewhere and signed as it is, whatever its size.
pub fn sign_detached(
    keystore: &Keystore,
    selected: &Selected,
    (algorithm, header): &(SignatureAlgorithm, JwsHeader),
    payload: impl Read,
) -> Result<String> {
    let prefix = header.signing_prefix();
    let signature = sign_stream(keystore, selected, *algorithm, prefix.as_bytes().chain(payload))?;
    Ok(format!("{prefix}.{}", jws_part(&signature)))
}
