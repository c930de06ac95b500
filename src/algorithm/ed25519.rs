//! Keys on the curve edwards25519, and Ed25519 (RFC 8032, RFC 8410, RFC 8037).

use cryptoki_sys as ck;
use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ed25519_dalek::{SigningKey, VerifyingKey};
use pkcs8::{
    ObjectIdentifier,
    der::{Decode, asn1::AnyRef, asn1::OctetStringRef},
};

use super::{
    Error, KeyKind, WholeMessage,
    edwards::{OID, curve_parameters, is_curve},
    pair::{
        JwkMember, JwkMembers, OTHER_HALF, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey,
        require_no_parameters, tagged,
    },
};
use crate::secret::Secret;

#[derive(Debug)]
pub(super) struct Ed25519;

/// The length of a public key and of a seed, in bytes.
const LEN: usize = 32;
const SIGNATURE_LEN: usize = 64;
const JWK_CURVE: &str = "Ed25519";
const SSH_TYPE: &str = "ssh-ed25519";

impl Pair for Ed25519 {
    fn oid(&self) -> ObjectIdentifier {
        OID
    }

    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error> {
        require_no_parameters(parameters)?;
        public(key)
    }

    /// CurvePrivateKey (RFC 8410, section 7).
    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error> {
        require_no_parameters(parameters)?;
        let seed = OctetStringRef::from_der(key).map_err(|error| Error::malformed(PRIVATE, error))?;
        private(seed.as_bytes(), None)
    }

    fn write_private(&self, key: &PrivateKey) -> Secret {
        Secret::new(tagged(0x04, key.secret().expose()))
    }

    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2] {
        [ck::CKA_EC_PARAMS, ck::CKA_EC_POINT]
    }

    /// The point is bare (PKCS#11 3.1), or in an OCTET STRING (PKCS#11 3.0; SoftHSM 2.6).
    fn read_numbers(&self, [parameters, point]: [&[u8]; 2]) -> Result<PublicKey, Error> {
        if !is_curve(parameters) {
            return Err(Error::Unsupported("an Edwards curve other than edwards25519".to_owned()));
        }
        let wrapped = OctetStringRef::from_der(point).map(|wrapped| wrapped.as_bytes());
        public(wrapped.ok().filter(|bare| bare.len() == LEN).unwrap_or(point))
    }

    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2] {
        [curve_parameters(), tagged(0x04, key.content())]
    }

    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        vec![(ck::CKA_EC_PARAMS, Secret::new(curve_parameters())), (ck::CKA_VALUE, key.secret().clone())]
    }

    fn jwk_type(&self) -> Option<&'static str> {
        Some("OKP")
    }

    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error> {
        require_jwk_curve(jwk)?;
        public(jwk.required("x")?.expose())
    }

    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error> {
        require_jwk_curve(jwk)?;
        private(jwk.required("d")?.expose(), Some(jwk.required("x")?.expose()))
    }

    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)> {
        vec![("crv", JwkMember::Text(JWK_CURVE)), ("x", JwkMember::Bytes(key.content().to_vec()))]
    }

    fn read_ssh(&self, key: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>> {
        Some(public(&key.ed25519()?.0))
    }

    fn read_private_ssh(&self, key: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>> {
        let pair = key.ed25519()?;
        Some(private(pair.private.as_ref(), Some(&pair.public.0)))
    }

    fn to_ssh(&self, key: &PublicKey) -> Option<(String, Vec<Vec<u8>>)> {
        Some((SSH_TYPE.to_owned(), vec![key.content().to_vec()]))
    }

    fn is_signature(&self, _: KeyKind, bytes: &[u8]) -> bool {
        bytes.len() == SIGNATURE_LEN
    }

    fn whole_message(&self, key: &PublicKey, signature: Option<&[u8]>) -> Option<WholeMessage> {
        signature.map(|signature| WholeMessage::ed25519(key.content(), signature))
    }
}

fn require_jwk_curve(jwk: &dyn JwkMembers) -> Result<(), Error> {
    match jwk.text("crv")? {
        Some(name) if name == JWK_CURVE => Ok(()),
        Some(name) => Err(Error::Unsupported(format!("the JWK key type \"OKP\" with the curve {name:?}"))),
        None => Err(Error::malformed("the JWK", "it has no member \"crv\"")),
    }
}

/// Refuses what verifiers disagree about: a y-coordinate that is not reduced, and points of small order, under which a
/// signature is valid for many messages.
pub(super) fn public(key: &[u8]) -> Result<PublicKey, Error> {
    let malformed = |why: String| Error::malformed(PUBLIC, why);
    let encoded = key
        .try_into()
        .map_err(|_| malformed(format!("an Ed25519 key has {LEN} bytes, not {}", key.len())))?;
    let point = VerifyingKey::from_bytes(encoded)
        .map_err(|_| malformed("it is not on the curve Ed25519".to_owned()))?;
    if point.to_edwards().compress().as_bytes() != encoded {
        return Err(malformed("its encoding is not canonical".to_owned()));
    }
    if point.is_weak() {
        return Err(malformed("its point is of small order".to_owned()));
    }
    Ok(PublicKey::new(KeyKind::Ed25519, key.to_vec()))
}

/// From a seed (RFC 8032, section 5.1.5). Checks the public key if the file has it.
fn private(seed: &[u8], stated: Option<&[u8]>) -> Result<PrivateKey, Error> {
    let key: &[u8; LEN] = seed.try_into().map_err(|_| {
        Error::malformed(PRIVATE, format!("an Ed25519 private key has {LEN} bytes, not {}", seed.len()))
    })?;
    let point = SigningKey::from_bytes(key).verifying_key();
    match stated {
        Some(stated) if stated != point.as_bytes() => Err(OTHER_HALF),
        _ => Ok(PrivateKey::new(public(point.as_bytes())?, Secret::new(seed.to_vec()))),
    }
}
