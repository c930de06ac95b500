//! ML-DSA (FIPS 204; RFC 9881 for the encodings, RFC 9964 for JOSE): pure, with an empty context.

use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_ULONG};
use ossl::{
    OsslSecret,
    pkey::{EvpPkey, MlkeyData, PkeyData},
    signature::{OsslSignature, SigOp},
};
use pkcs8::{
    ObjectIdentifier,
    der::{
        Decode, SliceReader, Tag, Tagged,
        asn1::{AnyRef, OctetStringRef},
    },
};
use zeroize::Zeroizing;

use super::{
    Error, KeyKind, MlDsa, SignatureAlgorithm,
    openssl::CONTEXT,
    pair::{JwkMember, JwkMembers, OTHER_HALF, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey, tagged},
};
use crate::secret::Secret;

/// The length of a seed in bytes.
const SEED_LEN: usize = 32;
/// The tag of a seed in PKCS#8: \[0\] IMPLICIT OCTET STRING (RFC 9881, section 6).
const SEED_TAG: u8 = 0x80;

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
    fn private(self, seed: Option<&[u8]>, expanded: Option<&[u8]>) -> Result<PrivateKey, Error> {
        if let Some(seed) = seed {
            self.require_len(PRIVATE, "a seed", seed, SEED_LEN)?;
        }
        if let Some(expanded) = expanded {
            self.require_len(PRIVATE, "an expanded key", expanded, self.0.expanded)?;
        }
        let whole = self.complete(seed, expanded).ok_or_else(|| match seed {
            // OpenSSL takes any seed, so that only a build without ML-DSA refuses one alone.
            Some(_) if expanded.is_some() => Error::Inconsistent("its seed and its expanded key differ"),
            Some(_) => Error::Unsupported(format!("{} in this build of OpenSSL", self.0.name)),
            None => Error::Inconsistent("its expanded key contradicts itself"),
        })?;
        let public = self.public(whole.pubkey.as_deref().unwrap_or_default())?;
        let secret = match (seed, &whole.prikey) {
            (Some(seed), Some(expanded)) => {
                [&tagged(SEED_TAG, seed), &**Zeroizing::new(tagged(0x04, expanded))].concat()
            }
            (None, Some(expanded)) => tagged(0x04, expanded),
            (_, None) => return Err(Error::Inconsistent("OpenSSL does not expand it")),
        };
        Ok(PrivateKey::new(public, Secret::new(secret)))
    }

    /// Both halves, computed by OpenSSL, which compares what is given.
    fn complete(self, seed: Option<&[u8]>, expanded: Option<&[u8]>) -> Option<MlkeyData> {
        let secret = |bytes: Option<&[u8]>| bytes.map(OsslSecret::from_slice);
        let given = MlkeyData { pubkey: None, prikey: secret(expanded), seed: secret(seed) };
        let key = EvpPkey::import(&CONTEXT, self.0.evp.clone(), PkeyData::Mlkey(given)).ok()?;
        match key.export().ok()? {
            PkeyData::Mlkey(whole) => Some(whole),
            _ => None,
        }
    }
}

/// The seed, if it is known, and the expanded key, from [`PrivateKey::secret`]: the elements of PKCS#8 in a row.
fn parts(secret: &Secret) -> (Option<&[u8]>, &[u8]) {
    let bytes = secret.expose();
    match bytes.strip_prefix(&[SEED_TAG, 32]) {
        Some(rest) => (rest.get(..SEED_LEN), rest.get(SEED_LEN + 4..).unwrap_or_default()),
        None => (None, bytes.get(4..).unwrap_or_default()),
    }
}

impl Pair for MlDsa {
    fn oid(&self) -> ObjectIdentifier {
        self.0.oid
    }

    /// Absent (RFC 9881, section 2).
    fn parameters(&self, _: KeyKind) -> Vec<u8> {
        Vec::new()
    }

    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error> {
        require_none(parameters)?;
        self.public(key)
    }

    /// A seed, an expanded key, or both (RFC 9881, section 6).
    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error> {
        require_none(parameters)?;
        let malformed = |error| Error::malformed(PRIVATE, error);
        let element = AnyRef::from_der(key).map_err(malformed)?;
        match element.tag() {
            Tag::ContextSpecific { constructed: false, number } if number.value() == 0 => {
                self.private(Some(element.value()), None)
            }
            Tag::OctetString => self.private(None, Some(element.value())),
            Tag::Sequence => {
                let both = element.sequence(|reader: &mut SliceReader<'_>| {
                    Ok([OctetStringRef::decode(reader)?, OctetStringRef::decode(reader)?])
                });
                let [seed, expanded] = both.map_err(malformed)?;
                self.private(Some(seed.as_bytes()), Some(expanded.as_bytes()))
            }
            tag => Err(Error::malformed(PRIVATE, format!("its content is of the type {tag}"))),
        }
    }

    /// The seed alone if it is known, as RFC 9881, section 6 recommends.
    fn write_private(&self, key: &PrivateKey) -> Secret {
        let (seed, expanded) = parts(key.secret());
        Secret::new(seed.map_or_else(|| tagged(0x04, expanded), |seed| tagged(SEED_TAG, seed)))
    }

    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2] {
        [ck::CKA_PARAMETER_SET, ck::CKA_VALUE]
    }

    fn read_numbers(&self, [set, key]: [&[u8]; 2]) -> Result<PublicKey, Error> {
        let number = set.try_into().ok().map(CK_ULONG::from_ne_bytes);
        let set = number.and_then(Self::of_number);
        set.ok_or_else(|| Error::Unsupported("the parameter set of an ML-DSA key".to_owned()))?.public(key)
    }

    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2] {
        [self.0.number.to_ne_bytes().to_vec(), key.content().to_vec()]
    }

    /// The expanded key, and the seed if it is known: a token without `CKA_SEED` needs the former.
    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        let (seed, expanded) = parts(key.secret());
        let set = (ck::CKA_PARAMETER_SET, Secret::new(self.0.number.to_ne_bytes().to_vec()));
        let expanded = (ck::CKA_VALUE, Secret::new(expanded.to_vec()));
        let seed = seed.map(|seed| (ck::CKA_SEED, Secret::new(seed.to_vec())));
        [set, expanded].into_iter().chain(seed).collect()
    }

    fn jwk_type(&self) -> Option<&'static str> {
        Some("AKP")
    }

    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error> {
        Self::of_jwk(jwk)?.public(jwk.required("pub")?.expose())
    }

    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error> {
        let key = Self::of_jwk(jwk)?.private(Some(jwk.required("priv")?.expose()), None)?;
        if self.read_jwk(jwk)? == key.public_key() { Ok(key) } else { Err(OTHER_HALF) }
    }

    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)> {
        vec![("alg", JwkMember::Text(self.0.name)), ("pub", JwkMember::Bytes(key.content().to_vec()))]
    }

    /// OpenSSH has no ML-DSA.
    fn read_ssh(&self, _: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>> {
        None
    }

    fn read_private_ssh(&self, _: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>> {
        None
    }

    fn to_ssh(&self, _: &PublicKey) -> Option<(String, Vec<Vec<u8>>)> {
        None
    }

    fn is_signature(&self, _: KeyKind, bytes: &[u8]) -> bool {
        bytes.len() == self.0.signature
    }

    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        let data = MlkeyData { pubkey: Some(key.content().to_vec()), prikey: None, seed: None };
        EvpPkey::import(&CONTEXT, self.0.evp.clone(), PkeyData::Mlkey(data))
    }

    fn verify(
        &self,
        (key, kind): (&EvpPkey, KeyKind),
        _: SignatureAlgorithm,
        covered: &[u8],
        signature: &[u8],
    ) -> bool {
        let verify = || {
            OsslSignature::new(&CONTEXT, SigOp::Verify, self.0.verifies, key, None)?
                .verify(covered, Some(signature))
        };
        self.is_signature(kind, signature) && verify().is_ok()
    }
}

fn require_none(parameters: Option<AnyRef<'_>>) -> Result<(), Error> {
    parameters.map_or(Ok(()), |_| Err(Error::malformed(PUBLIC, "its algorithm has parameters")))
}
