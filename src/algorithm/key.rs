//! Conversion of public and private keys between their forms, by means of their family.

use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CKA_PUBLIC_KEY_INFO};
use ossl::pkey::EvpPkey;
use pkcs8::{
    ObjectIdentifier, PrivateKeyInfo,
    der::{self, Decode, Encode, asn1::AnyRef},
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};
use sha2::{Digest, Sha256};

use super::{
    Attributes, Error, KeyKind, MlDsa, MlKem, SignatureAlgorithm, WholeMessage,
    ec::Ec,
    ed25519::Ed25519,
    pair::{JwkMember, JwkMembers, OTHER_HALF, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey, tagged},
    rsa::Rsa,
};
use crate::secret::Secret;

/// Of HMAC-SHA-256, in bytes.
const MAC_LEN: usize = 32;
const PAIRS: [&dyn Pair; 8] = [
    &Rsa,
    &Ec,
    &Ed25519,
    &MlDsa::ML_DSA_44,
    &MlDsa::ML_DSA_65,
    &MlDsa::ML_DSA_87,
    &MlKem::MLKEM_768,
    &MlKem::MLKEM_1024,
];

impl KeyKind {
    fn pair(self) -> Option<&'static dyn Pair> {
        match self {
            Self::Rsa { .. } => Some(&Rsa),
            Self::Ec(_) => Some(&Ec),
            Self::Ed25519 => Some(&Ed25519),
            Self::MlDsa(set) => with_oid(set.oid()),
            Self::MlKem(set) => with_oid(set.oid()),
            _ => None,
        }
    }

    /// Whether bytes have the form of a signature by a key of this kind.
    pub fn is_signature(self, bytes: &[u8]) -> bool {
        self.is_mac() && bytes.len() == MAC_LEN
            || self.pair().is_some_and(|pair| pair.is_signature(self, bytes))
    }

    /// Whether the signature is valid for a digest. Malformed signatures are not.
    pub(crate) fn verifies(
        self,
        key: &EvpPkey,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        self.pair().is_some_and(|pair| pair.verify((key, self), algorithm, digest, signature))
    }

    /// The keys of this kind that may have made a signature with the default algorithm. Empty if the algorithm does not
    /// allow recovering them.
    pub fn possible_signers(self, digest: &[u8], signature: &[u8]) -> Vec<PublicKey> {
        self.pair().map(|pair| pair.possible_signers(self, digest, signature)).unwrap_or_default()
    }
}

impl PublicKey {
    fn pair(&self) -> &'static dyn Pair {
        #[allow(clippy::expect_used, reason = "only implementations of Pair make this type")]
        self.kind.pair().expect("only implementations of Pair make this type")
    }

    /// SubjectPublicKeyInfo in DER (RFC 5280, section 4.1; RFC 3279; RFC 5480), points uncompressed.
    pub fn to_spki_der(&self) -> Vec<u8> {
        let algorithm =
            [tagged(0x06, self.pair().oid().as_bytes()), self.pair().parameters(self.kind)].concat();
        let key = [&[0x00], self.key.as_slice()].concat();
        tagged(0x30, &[tagged(0x30, &algorithm), tagged(0x03, &key)].concat())
    }

    /// SHA-256 of the SubjectPublicKeyInfo, the same wherever the key is.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.to_spki_der()).into()
    }

    /// The bytes of an Ed25519 key: neither its private object nor its signatures give them. `None` for other kinds.
    pub fn bare(&self) -> Option<[u8; 32]> {
        if self.kind == KeyKind::Ed25519 { self.key.as_slice().try_into().ok() } else { None }
    }

    /// The Ed25519 key of these bytes.
    pub fn of_bare(bytes: [u8; 32]) -> Result<Self, Error> {
        super::ed25519::public(&bytes)
    }

    /// Reads the content of a `subjectPublicKey` with its AlgorithmIdentifier.
    pub(crate) fn from_spki(algorithm: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<Self, Error> {
        pair_of(algorithm.oid)?.read_public(algorithm.parameters, key)
    }

    /// The attributes of a PKCS#11 object that hold the key.
    pub fn attributes(&self) -> Attributes {
        self.pair().numbers().into_iter().zip(self.pair().to_numbers(self)).collect()
    }

    pub(crate) fn from_jwk_members(kty: &str, jwk: &dyn JwkMembers) -> Result<Self, Error> {
        pair_of_jwk(kty, jwk)?.read_jwk(jwk)
    }

    /// `kty` of a JWK, and the other members that make up the key.
    /// `None` if such keys have no JWK.
    pub(crate) fn jwk_members(&self) -> Option<(&'static str, Vec<(&'static str, JwkMember)>)> {
        Some((self.pair().jwk_type()?, self.pair().to_jwk(self)))
    }

    pub(crate) fn from_ssh(key: &ssh_key::public::KeyData) -> Option<Result<Self, Error>> {
        PAIRS.iter().find_map(|pair| pair.read_ssh(key))
    }

    /// The OpenSSH key type, and the fields after it. `None` if OpenSSH has no such keys.
    pub(crate) fn ssh_fields(&self) -> Option<(String, Vec<Vec<u8>>)> {
        self.pair().to_ssh(self)
    }

    /// Starts to verify a message that is signed whole. `None` if such keys sign digests, or if the signature has to be known
    /// first.
    pub fn whole_message(&self, signature: Option<&[u8]>) -> Option<WholeMessage> {
        self.pair().whole_message(self, signature)
    }

    /// The key as an OpenSSL object, for what is done with OpenSSL.
    pub(crate) fn to_openssl(&self) -> Result<EvpPkey, ossl::Error> {
        self.pair().to_openssl(self)
    }
}

impl PrivateKey {
    /// From PKCS#8 without encryption (RFC 5958), in DER.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, Error> {
        let info = PrivateKeyInfo::from_der(der).map_err(|error| Error::malformed(PRIVATE, error))?;
        let key = pair_of(info.algorithm.oid)?.read_private(info.algorithm.parameters, info.private_key)?;
        // OneAsymmetricKey may contain the public half too.
        let agrees = info
            .public_key
            .is_none_or(|public| PublicKey::from_spki(&info.algorithm, public).as_ref() == Ok(&key.public));
        if agrees { Ok(key) } else { Err(OTHER_HALF) }
    }

    /// PKCS#8 without encryption, for `C_UnwrapKey` and key components.
    pub fn to_pkcs8_der(&self) -> Result<Secret, Error> {
        let parameters = self.public.pair().parameters(self.public.kind);
        let key = self.public.pair().write_private(self);
        let write = || -> der::Result<_> {
            let parameters = (!parameters.is_empty()).then(|| AnyRef::from_der(&parameters)).transpose()?;
            let algorithm = AlgorithmIdentifierRef { oid: self.public.pair().oid(), parameters };
            PrivateKeyInfo::new(algorithm, key.expose()).to_der()
        };
        write().map(Secret::new).map_err(|error| Error::malformed(PRIVATE, error))
    }

    /// The numbers of the key, for a PKCS#11 template.
    pub fn attributes(&self) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        self.public.pair().private_numbers(self)
    }

    pub(crate) fn from_jwk_members(kty: &str, jwk: &dyn JwkMembers) -> Result<Self, Error> {
        pair_of_jwk(kty, jwk)?.read_private_jwk(jwk)
    }

    pub(crate) fn from_ssh(key: &ssh_key::private::KeypairData) -> Option<Result<Self, Error>> {
        PAIRS.iter().find_map(|pair| pair.read_private_ssh(key))
    }
}

/// The numbers of a public key from an object, not checked yet: the check is too slow for a list of ten thousand keys.
#[derive(Debug, Clone)]
pub struct PublicNumbers(Numbers);

#[derive(Debug, Clone)]
enum Numbers {
    /// The attributes of the family.
    Values { pair: &'static dyn Pair, values: [Vec<u8>; 2] },
    /// The SubjectPublicKeyInfo in a private object (PKCS#11, section 4.9).
    Info(Vec<u8>),
}

impl PublicNumbers {
    /// Reads the attributes of an object. `None` if some are missing.
    pub fn find<'a>(get: impl Fn(CK_ATTRIBUTE_TYPE) -> Option<&'a [u8]>) -> Option<Self> {
        let value = |kind| get(kind).filter(|value| !value.is_empty()).map(<[u8]>::to_vec);
        if let Some(info) = value(CKA_PUBLIC_KEY_INFO) {
            return Some(Self(Numbers::Info(info)));
        }
        // Of an elliptic curve that is not supported, the error says which one it is.
        let pair = KeyKind::of_object(&get).pair();
        pair.into_iter().chain([&Ec as &dyn Pair]).find_map(|pair| {
            let [first, second] = pair.numbers();
            Some(Self(Numbers::Values { pair, values: [value(first)?, value(second)?] }))
        })
    }

    /// Checks the numbers (the modulus is plausible, the point is on its curve) and returns the key.
    pub fn key(&self) -> Result<PublicKey, Error> {
        match &self.0 {
            Numbers::Values { pair, values: [first, second] } => pair.read_numbers([first, second]),
            Numbers::Info(info) => {
                let info = SubjectPublicKeyInfoRef::from_der(info)
                    .map_err(|error| Error::malformed(PUBLIC, error))?;
                PublicKey::from_spki(&info.algorithm, info.subject_public_key.raw_bytes())
            }
        }
    }
}

fn with_oid(oid: ObjectIdentifier) -> Option<&'static dyn Pair> {
    PAIRS.into_iter().find(|pair| pair.oid() == oid)
}

fn pair_of(oid: ObjectIdentifier) -> Result<&'static dyn Pair, Error> {
    with_oid(oid).ok_or_else(|| Error::Unsupported(format!("a key of the algorithm {}", algorithm_name(oid))))
}

fn pair_of_jwk(kty: &str, jwk: &dyn JwkMembers) -> Result<&'static dyn Pair, Error> {
    PAIRS.into_iter().find(|pair| pair.jwk_type() == Some(kty)).ok_or_else(|| {
        let curve = jwk.text("crv").ok().flatten().map(|curve| format!(" with the curve {curve:?}"));
        Error::Unsupported(format!("the JWK key type {kty:?}{}", curve.unwrap_or_default()))
    })
}

/// The name of an algorithm that kmsctl does not support, or its object identifier.
fn algorithm_name(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.7" => "RSAES-OAEP",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.10046.2.1" | "1.2.840.113549.1.3.1" => "Diffie-Hellman",
        "1.2.643.7.1.1.1.1" | "1.2.643.7.1.1.1.2" | "1.2.643.2.2.19" => "GOST R 34.10",
        "2.16.840.1.101.3.4.4.1" => "ML-KEM-512",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.113" => "Ed448",
        _ => return oid,
    };
    name.to_owned()
}
