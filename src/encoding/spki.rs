//! SubjectPublicKeyInfo, alone or in a certificate, and RSAPublicKey in DER.

use pkcs8::{
    EncodePublicKey, ObjectIdentifier,
    der::{Decode, Encode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef},
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};
use rsa::pkcs1;

use super::{Error, PublicKey, ec_point, form::elements};

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

/// The key of a certificate (RFC 5280, section 4.1), of which nothing else is looked at: whoever names the file trusts it.
pub(super) fn read_certificate(der: &[u8]) -> Result<PublicKey, Error> {
    const WHAT: &str = "the certificate";
    let malformed = |error| Error::malformed(WHAT, error);
    // OpenSSL's "trusted" certificate has its own data after the certificate.
    let mut reader = SliceReader::new(der).map_err(malformed)?;
    let outer: AnyRef<'_> = reader.decode().map_err(malformed)?;
    let body = elements(outer.value()).map_err(malformed)?;
    let body = body.first().filter(|body| body.tag() == Tag::Sequence);
    let parts = body.map(|body| elements(body.value())).transpose().map_err(malformed)?.unwrap_or_default();
    // [version,] serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
    let before = if parts.first().is_some_and(|first| first.tag().is_context_specific()) { 6 } else { 5 };
    let key = parts.get(before).ok_or_else(|| Error::malformed(WHAT, "it has no public key"))?;
    read(&key.to_der().map_err(malformed)?)
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
                ec_point::require_p256(&params).map(|()| Self::P256)
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

pub(super) fn write(key: &PublicKey) -> Vec<u8> {
    let document = match key {
        PublicKey::Rsa(key) => key.to_public_key_der(),
        PublicKey::Ec(key) => key.to_public_key_der(),
    };
    // Encoding fails only beyond DER lengths of 256 MiB; a modulus has at most 2 KiB.
    document.map(pkcs8::Document::into_vec).expect("a public key fits DER")
}
