//! SubjectPublicKeyInfo and RSAPublicKey in DER.

use pkcs8::{
    EncodePublicKey, ObjectIdentifier,
    der::{Decode, Encode, asn1::AnyRef},
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};
use rsa::pkcs1;

use super::{Error, PublicKey, ec_point};

const WHAT: &str = "the public key";
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

pub(super) fn read(der: &[u8]) -> Result<PublicKey, Error> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|error| Error::malformed(WHAT, error))?;
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or_else(|| Error::malformed(WHAT, "its BIT STRING does not hold whole bytes"))?;
    read_key(&info.algorithm, key)
}

/// The content of a `subjectPublicKey`.
pub(super) fn read_key(algorithm: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<PublicKey, Error> {
    match KeyAlgorithm::of(algorithm)? {
        KeyAlgorithm::Rsa => read_pkcs1(key),
        KeyAlgorithm::P256 => ec_point::p256_point(key).map(PublicKey::Ec),
    }
}

pub(super) fn read_pkcs1(der: &[u8]) -> Result<PublicKey, Error> {
    let key = pkcs1::RsaPublicKey::from_der(der).map_err(|error| Error::malformed(WHAT, error))?;
    PublicKey::from_rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
}

/// What an AlgorithmIdentifier of a key, public or private, may say.
pub(super) enum KeyAlgorithm {
    Rsa,
    P256,
}

impl KeyAlgorithm {
    /// Parameters of rsaEncryption are NULL (RFC 3279, section 2.3.1); some writers leave them out, which is as clear.
    pub(super) fn of(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, Error> {
        match (algorithm.oid, algorithm.parameters) {
            (pkcs1::ALGORITHM_OID, None | Some(AnyRef::NULL)) => Ok(Self::Rsa),
            (pkcs1::ALGORITHM_OID, Some(_)) => Err(Error::malformed(WHAT, "its RSA parameters are not NULL")),
            (EC_PUBLIC_KEY, Some(params)) => {
                let params = params.to_der().map_err(|error| Error::malformed(WHAT, error))?;
                ec_point::require_p256(ec_point::curve_of(&params)).map(|()| Self::P256)
            }
            (EC_PUBLIC_KEY, None) => Err(Error::malformed(WHAT, "it names no curve")),
            (other, _) => {
                Err(Error::Unsupported(format!("a key of the algorithm {}", algorithm_name(other))))
            }
        }
    }
}

fn algorithm_name(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.7" => "RSAES-OAEP",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => return oid,
    };
    name.to_owned()
}

pub(super) fn write(key: &PublicKey) -> Vec<u8> {
    let document = match key {
        PublicKey::Rsa(key) => key.to_public_key_der(),
        PublicKey::Ec(key) => key.to_public_key_der(),
    };
    // Encoding fails only beyond DER lengths of 256 MiB; a modulus has at most 2 KiB.
    document.map(pkcs8::Document::into_vec).expect("a public key fits DER")
}
