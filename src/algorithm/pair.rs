//! The interface of a family of key pairs, and the key types.

use std::fmt;

use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::pkey::EvpPkey;
use pkcs8::{ObjectIdentifier, der::asn1::AnyRef};

use super::{Error, KeyKind, SignatureAlgorithm, WholeMessage};
use crate::secret::Secret;

pub(super) const PRIVATE: &str = "the private key";
pub(super) const PUBLIC: &str = "the public key";
pub(super) const OTHER_HALF: Error = Error::Inconsistent("its public half is that of another key");

/// A family of key pairs: everything that differs between families.
pub(super) trait Pair: fmt::Debug + Sync {
    /// The object identifier in the AlgorithmIdentifier.
    fn oid(&self) -> ObjectIdentifier;
    /// The parameters in the AlgorithmIdentifier, in DER. Empty if there are none.
    fn parameters(&self, _kind: KeyKind) -> Vec<u8> {
        Vec::new()
    }
    /// Reads the content of a `subjectPublicKey`.
    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error>;
    /// Reads the content of a `privateKey` in PKCS#8.
    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error>;
    fn write_private(&self, key: &PrivateKey) -> Secret;

    /// The attributes that hold a public key.
    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2];
    fn read_numbers(&self, numbers: [&[u8]; 2]) -> Result<PublicKey, Error>;
    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2];
    /// The numbers of a private key, for a template.
    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)>;

    /// `kty` of a JWK; `None` if the family has no JWK.
    fn jwk_type(&self) -> Option<&'static str>;
    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error>;
    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error>;
    /// The members other than `kty`.
    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)>;

    /// Reads an OpenSSH key; `None` if it is of another family, or OpenSSH has no such keys.
    fn read_ssh(&self, _key: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>> {
        None
    }
    fn read_private_ssh(&self, _key: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>> {
        None
    }
    /// The OpenSSH key type, and the fields after it; `None` if OpenSSH has no such keys.
    fn to_ssh(&self, _key: &PublicKey) -> Option<(String, Vec<Vec<u8>>)> {
        None
    }

    /// Whether bytes have the form of a signature.
    fn is_signature(&self, kind: KeyKind, bytes: &[u8]) -> bool;
    /// The key as an OpenSSL object. Fails for a family that does not need it.
    fn to_openssl(&self, _key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        Err(ossl::Error::new(ossl::ErrorKind::BadArg))
    }
    /// Whether the signature is valid for a digest. False for a family that signs messages whole.
    fn verify(
        &self,
        _key: (&EvpPkey, KeyKind),
        _algorithm: SignatureAlgorithm,
        _digest: &[u8],
        _signature: &[u8],
    ) -> bool {
        false
    }
    /// Starts to verify a message that is signed whole. `None` if the family signs digests, or needs the signature for that.
    fn whole_message(&self, _key: &PublicKey, _signature: Option<&[u8]>) -> Option<WholeMessage> {
        None
    }
    /// The keys that may have made a signature, if they can be recovered.
    fn possible_signers(&self, _kind: KeyKind, _digest: &[u8], _signature: &[u8]) -> Vec<PublicKey> {
        Vec::new()
    }
}

/// The members of a JWK.
pub(crate) trait JwkMembers {
    fn text(&self, name: &str) -> Result<Option<String>, Error>;
    /// Decodes base64url.
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
    pub(super) kind: KeyKind,
    /// The content of `subjectPublicKey` in canonical form: equal keys have equal bytes.
    pub(super) key: Vec<u8>,
}

/// A private key for import, checked for consistency. Wiped when dropped; `Debug` shows only its kind.
#[derive(Clone)]
pub struct PrivateKey {
    pub(super) public: PublicKey,
    /// The form depends on the family: RSAPrivateKey, the scalar of an EC key, a seed …
    secret: Secret,
}

impl PublicKey {
    pub(super) const fn new(kind: KeyKind, key: Vec<u8>) -> Self {
        Self { kind, key }
    }

    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The content of `subjectPublicKey`.
    pub(super) fn content(&self) -> &[u8] {
        &self.key
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
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, …)", self.public.kind)
    }
}

/// For families whose AlgorithmIdentifier has no parameters.
pub(super) fn require_no_parameters(parameters: Option<AnyRef<'_>>) -> Result<(), Error> {
    parameters.map_or(Ok(()), |_| Err(Error::malformed(PUBLIC, "its algorithm has parameters")))
}

/// One DER element with a content of less than 2^16 bytes.
pub(super) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let length: &[u8] = match (high, low) {
        (0, 0..0x80) => &[low],
        (0, _) => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, content].concat()
}
