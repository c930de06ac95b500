//! ML-KEM keys (FIPS 203).

use cryptoki_sys as ck;
use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::{
    asymcipher::{EncOp, OsslAsymcipher},
    pkey::EvpPkey,
};
use pkcs8::{ObjectIdentifier, der::asn1::AnyRef};

use super::{
    Error, KeyKind, MlKem,
    lattice::{self, Parts},
    openssl::CONTEXT,
    pair::{JwkMember, JwkMembers, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey, require_no_parameters},
};
use crate::secret::Secret;

/// d ‖ z (FIPS 203, section 7.1), in bytes.
const SEED_LEN: usize = 64;

impl MlKem {
    fn public(self, key: &[u8]) -> Result<PublicKey, Error> {
        if key.len() != self.0.public_len {
            let why =
                format!("a public key of {} has {} bytes, not {}", self.0.name, self.0.public_len, key.len());
            return Err(Error::malformed(PUBLIC, why));
        }
        // OpenSSL does the check of the modulus (FIPS 203, section 7.2).
        let is_key = |key: &[u8]| lattice::to_openssl(self.0.evp.clone(), key).is_ok();
        if !is_key(key) {
            return Err(if is_key(&vec![0; key.len()]) {
                Error::malformed(PUBLIC, format!("it is not one of {}", self.0.name))
            } else {
                Error::Unsupported(format!("{} in this build of OpenSSL", self.0.name))
            });
        }
        Ok(PublicKey::new(KeyKind::MlKem(self), key.to_vec()))
    }

    /// From the seed, the expanded key or both, which must then belong together.
    fn private(self, parts: Parts<'_>) -> Result<PrivateKey, Error> {
        let Parts { seed, expanded } = parts;
        for (what, part, expected) in
            [("a seed", seed, SEED_LEN), ("an expanded key", expanded, self.0.private_len)]
        {
            if let Some(found) = part.map(<[u8]>::len).filter(|found| *found != expected) {
                let why = format!("{what} of {} has {expected} bytes, not {found}", self.0.name);
                return Err(Error::malformed(PRIVATE, why));
            }
        }
        let inconsistent = || Error::Inconsistent("its parts do not belong together");
        // OpenSSL compares both parts, and the expanded key with the hash in it (FIPS 203, section 7.3).
        let (public, whole) = parts.complete(self.0.evp.clone()).ok_or_else(inconsistent)?;
        if expanded.is_some_and(|expanded| *expanded != *whole) {
            return Err(inconsistent());
        }
        let public = PublicKey::new(KeyKind::MlKem(self), public);
        Ok(PrivateKey::new(public, lattice::secret(seed, &whole)))
    }
}

impl PublicKey {
    /// A new shared secret of 32 bytes, and its encapsulation. `None` for other keys than ML-KEM.
    pub(crate) fn encapsulate(&self) -> Option<Result<(Vec<u8>, Secret), ossl::Error>> {
        let KeyKind::MlKem(set) = self.kind() else { return None };
        let run = || {
            let mut key = self.to_openssl()?;
            let mut encapsulation = vec![0; set.encapsulation_len()];
            let (shared, _) = OsslAsymcipher::new(&CONTEXT, EncOp::Encapsulate, &mut key, None)?
                .encapsulate(&mut encapsulation)?;
            Ok((encapsulation, Secret::new(shared)))
        };
        Some(run())
    }
}

impl Pair for MlKem {
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
        Parts::of(key, self.0.private_len).write()
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
        Parts::of(key, self.0.private_len).attributes(self.0.number)
    }

    /// None is registered.
    fn jwk_type(&self) -> Option<&'static str> {
        None
    }

    fn read_jwk(&self, _: &dyn JwkMembers) -> Result<PublicKey, Error> {
        Err(Error::Unsupported(format!("a JWK of {}", self.0.name)))
    }

    fn read_private_jwk(&self, _: &dyn JwkMembers) -> Result<PrivateKey, Error> {
        Err(Error::Unsupported(format!("a JWK of {}", self.0.name)))
    }

    fn to_jwk(&self, _: &PublicKey) -> Vec<(&'static str, JwkMember)> {
        Vec::new()
    }

    fn is_signature(&self, _: KeyKind, _: &[u8]) -> bool {
        false
    }

    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        lattice::to_openssl(self.0.evp.clone(), key.content())
    }
}
