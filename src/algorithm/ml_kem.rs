//! ML-KEM keys (FIPS 203).

use cryptoki_sys as ck;
use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::{
    OsslSecret,
    asymcipher::{EncOp, OsslAsymcipher},
    pkey::{EvpPkey, MlkeyData, PkeyData},
};
use pkcs8::{
    ObjectIdentifier,
    der::{
        self, Decode, SliceReader, Tagged,
        asn1::{AnyRef, OctetStringRef},
    },
};
use zeroize::Zeroizing;

use super::{
    Error, KeyKind, MlKem, SignatureAlgorithm,
    openssl::CONTEXT,
    pair::{JwkMember, JwkMembers, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey, tagged},
};
use crate::secret::Secret;

/// d ‖ z (FIPS 203, section 7.1), in bytes.
const SEED_LEN: usize = 64;
/// `[0] IMPLICIT OCTET STRING`.
const SEED_TAG: u8 = 0x80;

impl MlKem {
    fn data(public: Option<&[u8]>, seed: Option<&[u8]>, expanded: Option<&[u8]>) -> PkeyData {
        PkeyData::Mlkey(MlkeyData {
            pubkey: public.map(<[u8]>::to_vec),
            prikey: expanded.map(OsslSecret::from_slice),
            seed: seed.map(OsslSecret::from_slice),
        })
    }

    fn public(self, key: &[u8]) -> Result<PublicKey, Error> {
        if key.len() != self.0.public_len {
            let why = format!("{} has {} bytes, not {}", self.0.name, self.0.public_len, key.len());
            return Err(Error::malformed(PUBLIC, why));
        }
        // OpenSSL does the check of the modulus (FIPS 203, section 7.2).
        EvpPkey::import(&CONTEXT, (self.0.evp)(), Self::data(Some(key), None, None))
            .map_err(|_| Error::malformed(PUBLIC, format!("it is not one of {}", self.0.name)))?;
        Ok(PublicKey::new(KeyKind::MlKem(self), key.to_vec()))
    }

    /// From the seed, the expanded key or both, which must then belong together.
    fn private(self, seed: Option<&[u8]>, expanded: Option<&[u8]>) -> Result<PrivateKey, Error> {
        for (part, expected) in [(seed, SEED_LEN), (expanded, self.0.private_len)] {
            if let Some(found) = part.map(<[u8]>::len).filter(|found| *found != expected) {
                let why = format!("{} has {expected} bytes, not {found}", self.0.name);
                return Err(Error::malformed(PRIVATE, why));
            }
        }
        let inconsistent = || Error::Inconsistent("its parts do not belong together");
        // OpenSSL compares both parts, and the expanded key with the hash in it (FIPS 203, section 7.3).
        let key = EvpPkey::import(&CONTEXT, (self.0.evp)(), Self::data(None, seed, expanded));
        let Ok(PkeyData::Mlkey(mut all)) = key.and_then(|key| key.export()) else {
            return Err(inconsistent());
        };
        let public = all.pubkey.take().ok_or_else(inconsistent)?;
        let whole = all.prikey.take().ok_or_else(inconsistent)?;
        if expanded.is_some_and(|expanded| *expanded != *whole) {
            return Err(inconsistent());
        }
        let secret = Zeroizing::new([seed.unwrap_or_default(), &whole].concat());
        Ok(PrivateKey::new(PublicKey::new(KeyKind::MlKem(self), public), Secret::new(secret.to_vec())))
    }

    /// The seed, if it is known, and the expanded key.
    fn parts(self, key: &PrivateKey) -> (Option<&[u8]>, &[u8]) {
        let (seed, expanded) = key.secret().expose().split_at(key.secret().len() - self.0.private_len);
        ((!seed.is_empty()).then_some(seed), expanded)
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
        ObjectIdentifier::new_unwrap(self.0.oid)
    }

    /// Absent (RFC 9935, section 3).
    fn parameters(&self, _: KeyKind) -> Vec<u8> {
        Vec::new()
    }

    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error> {
        require_none(parameters)?;
        self.public(key)
    }

    /// The three forms of RFC 9935, section 6: seed, expanded key, or both.
    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error> {
        require_none(parameters)?;
        let key = AnyRef::from_der(key).map_err(|error| Error::malformed(PRIVATE, error))?;
        match key.tag().octet() {
            SEED_TAG => self.private(Some(key.value()), None),
            0x04 => self.private(None, Some(key.value())),
            _ => {
                let (seed, expanded) = read_both(key).map_err(|error| Error::malformed(PRIVATE, error))?;
                self.private(Some(seed.as_bytes()), Some(expanded.as_bytes()))
            }
        }
    }

    /// The seed if it is known: the short form, and the one that RFC 9935 prefers.
    fn write_private(&self, key: &PrivateKey) -> Secret {
        Secret::new(match self.parts(key) {
            (Some(seed), _) => tagged(SEED_TAG, seed),
            (None, expanded) => tagged(0x04, expanded),
        })
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
        let secret = |bytes: &[u8]| Secret::new(bytes.to_vec());
        let (seed, expanded) = self.parts(key);
        let mut numbers = vec![
            (ck::CKA_PARAMETER_SET, Secret::new(self.0.number.to_ne_bytes().to_vec())),
            (ck::CKA_VALUE, secret(expanded)),
        ];
        numbers.extend(seed.map(|seed| (ck::CKA_SEED, secret(seed))));
        numbers
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

    fn read_ssh(&self, _: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>> {
        None
    }

    fn read_private_ssh(&self, _: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>> {
        None
    }

    fn to_ssh(&self, _: &PublicKey) -> Option<(String, Vec<Vec<u8>>)> {
        None
    }

    fn is_signature(&self, _: KeyKind, _: &[u8]) -> bool {
        false
    }

    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        EvpPkey::import(&CONTEXT, (self.0.evp)(), Self::data(Some(key.content()), None, None))
    }

    fn verify(&self, _: (&EvpPkey, KeyKind), _: SignatureAlgorithm, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

/// `SEQUENCE { seed OCTET STRING, expandedKey OCTET STRING }`.
fn read_both(key: AnyRef<'_>) -> der::Result<(OctetStringRef<'_>, OctetStringRef<'_>)> {
    key.sequence(|reader: &mut SliceReader<'_>| {
        Ok((OctetStringRef::decode(reader)?, OctetStringRef::decode(reader)?))
    })
}

fn require_none(parameters: Option<AnyRef<'_>>) -> Result<(), Error> {
    match parameters {
        None => Ok(()),
        Some(_) => Err(Error::malformed(PUBLIC, "its algorithm has parameters, and ML-KEM has none")),
    }
}
