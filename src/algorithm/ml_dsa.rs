//! ML-DSA (FIPS 204; RFC 9881 for the encodings, RFC 9964 for JOSE): pure, with an empty context.

use cryptoki_sys as ck;
use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::pkey::EvpPkey;
use pkcs8::{ObjectIdentifier, der::asn1::AnyRef};

use super::{
    Error, KeyKind, MlDsa, WholeMessage,
    lattice::{self, Parts},
    pair::{
        JwkMember, JwkMembers, OTHER_HALF, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey,
        require_no_parameters,
    },
};
use crate::secret::Secret;

/// The length of a seed in bytes.
const SEED_LEN: usize = 32;

impl MlDsa {
    /// The one that a JWK names by its `alg` (RFC 9964, section 3).
    fn of_jwk(jwk: &dyn JwkMembers) -> Result<Self, Error> {
        let name = jwk.text("alg")?.ok_or_else(|| Error::malformed("the JWK", "it has no member \"alg\""))?;
        let found = Self::ALL.into_iter().find(|set| set.0.name == name);
        found.ok_or_else(|| {
            Error::Unsupported(format!("the JWK key type \"AKP\" with the algorithm {name:?}"))
        })
    }

    fn public(self, key: &[u8]) -> Result<PublicKey, Error> {
        self.require_len(PUBLIC, "a public key", key, self.0.public)?;
        Ok(PublicKey::new(KeyKind::MlDsa(self), key.to_vec()))
    }

    fn require_len(self, whole: &'static str, what: &str, bytes: &[u8], length: usize) -> Result<(), Error> {
        if bytes.len() == length {
            return Ok(());
        }
        let why = format!("{what} of {} has {length} bytes, not {}", self.0.name, bytes.len());
        Err(Error::malformed(whole, why))
    }

    /// From a seed, or from an expanded key. If both are there, they must be of the same key.
    fn private(self, parts: Parts<'_>) -> Result<PrivateKey, Error> {
        let Parts { seed, expanded } = parts;
        if let Some(seed) = seed {
            self.require_len(PRIVATE, "a seed", seed, SEED_LEN)?;
        }
        if let Some(expanded) = expanded {
            self.require_len(PRIVATE, "an expanded key", expanded, self.0.expanded)?;
        }
        let (public, whole) = parts.complete(self.0.evp.clone()).ok_or_else(|| match seed {
            // OpenSSL takes any seed, so that only a build without ML-DSA refuses one alone.
            Some(_) if expanded.is_some() => Error::Inconsistent("its seed and its expanded key differ"),
            Some(_) => Error::Unsupported(format!("{} in this build of OpenSSL", self.0.name)),
            None => Error::Inconsistent("its expanded key contradicts itself"),
        })?;
        let public = self.public(&public)?;
        Ok(PrivateKey::new(public, lattice::secret(seed, &whole)))
    }
}

impl Pair for MlDsa {
    fn oid(&self) -> ObjectIdentifier {
        self.0.oid
    }

    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error> {
        require_no_parameters(parameters)?;
        self.public(key)
    }

    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error> {
        require_no_parameters(parameters)?;
        self.private(Parts::read(key)?)
    }

    fn write_private(&self, key: &PrivateKey) -> Secret {
        Parts::of(key, self.0.expanded).write()
    }

    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2] {
        [ck::CKA_PARAMETER_SET, ck::CKA_VALUE]
    }

    fn read_numbers(&self, [_, key]: [&[u8]; 2]) -> Result<PublicKey, Error> {
        self.public(key)
    }

    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2] {
        [self.0.number.to_ne_bytes().to_vec(), key.content().to_vec()]
    }

    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        Parts::of(key, self.0.expanded).attributes(self.0.number)
    }

    fn jwk_type(&self) -> Option<&'static str> {
        Some("AKP")
    }

    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error> {
        Self::of_jwk(jwk)?.public(jwk.required("pub")?.expose())
    }

    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error> {
        let set = Self::of_jwk(jwk)?;
        let seed = jwk.required("priv")?;
        let key = set.private(Parts { seed: Some(seed.expose()), expanded: None })?;
        if self.read_jwk(jwk)? == key.public_key() { Ok(key) } else { Err(OTHER_HALF) }
    }

    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)> {
        vec![("alg", JwkMember::Text(self.0.name)), ("pub", JwkMember::Bytes(key.content().to_vec()))]
    }

    fn is_signature(&self, _: KeyKind, bytes: &[u8]) -> bool {
        bytes.len() == self.0.signature
    }

    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        lattice::to_openssl(self.0.evp.clone(), key.content())
    }

    fn whole_message(&self, key: &PublicKey, _: Option<&[u8]>) -> Option<WholeMessage> {
        Some(WholeMessage::ml_dsa(*self, key.content()))
    }
}
