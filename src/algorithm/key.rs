//! A key pair's two halves, of any family.

use std::fmt;

use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::pkey::EvpPkey;
use pkcs8::{
    ObjectIdentifier, PrivateKeyInfo,
    der::{
        self, Decode, Encode,
        asn1::{AnyRef, BitStringRef},
    },
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};
use sha2::{Digest, Sha256};

use super::{Attributes, Error, KeyKind, SignatureAlgorithm, ec::Ec, rsa::Rsa};
use crate::secret::Secret;

/// A family of key pairs: all that differs from one to the other.
pub(super) trait Pair: fmt::Debug + Sync {
    /// Of its AlgorithmIdentifier.
    fn oid(&self) -> ObjectIdentifier;
    /// Of its AlgorithmIdentifier, in DER.
    fn parameters(&self, kind: KeyKind) -> Vec<u8>;
    /// The content of a `subjectPublicKey`.
    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error>;
    /// The content of a `privateKey` of PKCS#8.
    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error>;
    fn write_private(&self, key: &PrivateKey) -> Secret;

    /// The attributes that hold a public key.
    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2];
    fn from_numbers(&self, numbers: [&[u8]; 2]) -> Result<PublicKey, Error>;
    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2];
    /// The numbers of a private key, as a template takes them.
    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)>;

    /// `kty` of a JWK.
    fn jwk_type(&self) -> &'static str;
    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error>;
    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error>;
    /// The members beside `kty`: texts, or bytes to be encoded.
    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)>;

    /// A key of OpenSSH's; `None` if it is of another family.
    fn read_ssh(&self, key: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>>;
    fn read_private_ssh(&self, key: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>>;
    /// The type of key, and the fields after it.
    fn to_ssh(&self, key: &PublicKey) -> (String, Vec<Vec<u8>>);

    /// Whether bytes have the form of a signature.
    fn is_signature(&self, kind: KeyKind, bytes: &[u8]) -> bool;
    /// The key as OpenSSL has it.
    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error>;
    fn verify(
        &self,
        key: (&EvpPkey, KeyKind),
        algorithm: SignatureAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> bool;
    /// The keys that may have made a signature, where it tells.
    fn possible_signers(&self, _kind: KeyKind, _digest: &[u8], _signature: &[u8]) -> Vec<PublicKey> {
        Vec::new()
    }
}

const PAIRS: [&dyn Pair; 2] = [&Rsa, &Ec];

/// The members of a JWK.
pub(crate) trait JwkMembers {
    fn text(&self, name: &str) -> Result<Option<String>, Error>;
    /// Out of base64url.
    fn bytes(&self, name: &str) -> Result<Option<Secret>, Error>;
    fn has(&self, name: &str) -> bool;

    fn required(&self, name: &str) -> Result<Secret, Error> {
        self.bytes(name)?.ok_or_else(|| Error::malformed("the JWK", format!("it has no member {name:?}")))
    }
}

/// The value of a member of a JWK.
pub(crate) enum JwkMember {
    Text(&'static str),
    Bytes(Vec<u8>),
}

/// A public key that kmsctl can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    /// The content of `subjectPublicKey`, in its only form: the same key has the same bytes.
    key: Vec<u8>,
}

/// A private key that is to be imported, checked against itself. Wiped when dropped; `Debug` shows its kind only.
#[derive(Clone)]
pub struct PrivateKey {
    public: PublicKey,
    /// What the family keeps: RSAPrivateKey, or the scalar of a curve.
    secret: Secret,
}

impl KeyKind {
    fn pair(self) -> Option<&'static dyn Pair> {
        match self {
            Self::Rsa { .. } => Some(&Rsa),
            Self::Ec(_) => Some(&Ec),
            _ => None,
        }
    }

    /// Whether bytes have the form of a signature by such a key.
    pub fn is_signature(self, bytes: &[u8]) -> bool {
        self.pair().is_some_and(|pair| pair.is_signature(self, bytes))
    }

    /// Whether a good signature was made by the key. What is no good signature is `false`.
    pub(crate) fn verifies(
        self,
        key: &EvpPkey,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        self.pair().is_some_and(|pair| pair.verify((key, self), algorithm, digest, signature))
    }

    /// The keys of this kind that may have made a signature, by its default algorithm. None where a signature does not tell.
    pub fn possible_signers(self, digest: &[u8], signature: &[u8]) -> Vec<PublicKey> {
        self.pair().map(|pair| pair.possible_signers(self, digest, signature)).unwrap_or_default()
    }
}

impl PublicKey {
    pub(super) const fn new(kind: KeyKind, key: Vec<u8>) -> Self {
        Self { kind, key }
    }

    fn pair(&self) -> &'static dyn Pair {
        #[allow(clippy::expect_used, reason = "only families of pairs make this type")]
        self.kind.pair().expect("a pair")
    }

    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The content of `subjectPublicKey`.
    pub(super) fn content(&self) -> &[u8] {
        &self.key
    }

    /// SubjectPublicKeyInfo in DER (RFC 5280, section 4.1; RFC 3279; RFC 5480), points uncompressed.
    pub fn to_spki_der(&self) -> Vec<u8> {
        let parameters = self.pair().parameters(self.kind);
        let write = || -> der::Result<_> {
            let parameters = Some(AnyRef::from_der(&parameters)?);
            let algorithm = AlgorithmIdentifierRef { oid: self.pair().oid(), parameters };
            let subject_public_key = BitStringRef::from_bytes(&self.key)?;
            SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der()
        };
        #[allow(clippy::expect_used, reason = "DER fails beyond 256 MiB only; a modulus has at most 2 KiB")]
        write().expect("a public key fits DER")
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the same for one key wherever it is.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.to_spki_der()).into()
    }

    /// The content of a `subjectPublicKey` under its AlgorithmIdentifier.
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
    pub(crate) fn jwk_members(&self) -> (&'static str, Vec<(&'static str, JwkMember)>) {
        (self.pair().jwk_type(), self.pair().to_jwk(self))
    }

    pub(crate) fn from_ssh(key: &ssh_key::public::KeyData) -> Option<Result<Self, Error>> {
        PAIRS.iter().find_map(|pair| pair.read_ssh(key))
    }

    /// OpenSSH's type of key, and the fields after it.
    pub(crate) fn ssh_fields(&self) -> (String, Vec<Vec<u8>>) {
        self.pair().to_ssh(self)
    }

    /// The key as OpenSSL has it.
    pub(crate) fn to_openssl(&self) -> Result<EvpPkey, ossl::Error> {
        self.pair().to_openssl(self)
    }
}

impl PrivateKey {
    pub(super) const fn new(public: PublicKey, secret: Secret) -> Self {
        Self { public, secret }
    }

    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// From PKCS#8 without encryption (RFC 5958), in DER.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, Error> {
        let info = PrivateKeyInfo::from_der(der).map_err(|error| Error::malformed(PRIVATE, error))?;
        let key = pair_of(info.algorithm.oid)?.read_private(info.algorithm.parameters, info.private_key)?;
        // OneAsymmetricKey may carry the public half as well.
        let agrees = info
            .public_key
            .is_none_or(|public| PublicKey::from_spki(&info.algorithm, public).as_ref() == Ok(&key.public));
        if agrees { Ok(key) } else { Err(OTHER_HALF) }
    }

    /// PKCS#8 without encryption, as `C_UnwrapKey` and key components carry it.
    pub fn to_pkcs8_der(&self) -> Result<Secret, Error> {
        let parameters = self.public.pair().parameters(self.public.kind);
        let key = self.public.pair().write_private(self);
        let write = || -> der::Result<_> {
            let parameters = Some(AnyRef::from_der(&parameters)?);
            let algorithm = AlgorithmIdentifierRef { oid: self.public.pair().oid(), parameters };
            PrivateKeyInfo::new(algorithm, key.expose()).to_der()
        };
        write().map(Secret::new).map_err(|error| Error::malformed(PRIVATE, error))
    }

    /// The key's numbers as a PKCS#11 template takes them.
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

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, …)", self.public.kind)
    }
}

pub(super) const PRIVATE: &str = "the private key";
pub(super) const PUBLIC: &str = "the public key";
pub(super) const OTHER_HALF: Error = Error::Inconsistent("its public half is that of another key");

/// The numbers of a public key as an object states them, not yet checked: that costs arithmetic, which a list of ten thousand
/// keys cannot afford.
#[derive(Debug, Clone)]
pub struct PublicNumbers {
    pair: &'static dyn Pair,
    values: [Vec<u8>; 2],
}

impl PublicNumbers {
    /// The attributes that an object may state.
    pub fn find<'a>(get: impl Fn(CK_ATTRIBUTE_TYPE) -> Option<&'a [u8]>) -> Option<Self> {
        let value = |kind| get(kind).filter(|value| !value.is_empty()).map(<[u8]>::to_vec);
        PAIRS.into_iter().find_map(|pair| {
            let [first, second] = pair.numbers();
            Some(Self { pair, values: [value(first)?, value(second)?] })
        })
    }

    /// The key, checked: a modulus is plausible, a point is on its curve.
    pub fn key(&self) -> Result<PublicKey, Error> {
        let [first, second] = &self.values;
        self.pair.from_numbers([first, second])
    }
}

fn pair_of(oid: ObjectIdentifier) -> Result<&'static dyn Pair, Error> {
    let found = PAIRS.into_iter().find(|pair| pair.oid() == oid);
    found.ok_or_else(|| Error::Unsupported(format!("a key of the algorithm {}", algorithm_name(oid))))
}

fn pair_of_jwk(kty: &str, jwk: &dyn JwkMembers) -> Result<&'static dyn Pair, Error> {
    PAIRS.into_iter().find(|pair| pair.jwk_type() == kty).ok_or_else(|| {
        let curve = jwk.text("crv").ok().flatten().map(|curve| format!(" with the curve {curve:?}"));
        Error::Unsupported(format!("the JWK key type {kty:?}{}", curve.unwrap_or_default()))
    })
}

/// What other programs' keys are, where the object identifier has a name.
fn algorithm_name(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.7" => "RSAES-OAEP",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.10046.2.1" | "1.2.840.113549.1.3.1" => "Diffie-Hellman",
        "1.2.643.7.1.1.1.1" | "1.2.643.7.1.1.1.2" | "1.2.643.2.2.19" => "GOST R 34.10",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        "2.16.840.1.101.3.4.4.1" => "ML-KEM-512",
        "2.16.840.1.101.3.4.4.2" => "ML-KEM-768",
        "2.16.840.1.101.3.4.4.3" => "ML-KEM-1024",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => return oid,
    };
    name.to_owned()
}
