//! SubjectPublicKeyInfo, alone or in a certificate.

use pkcs8::{
    der::{Decode, Encode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef},
    spki::SubjectPublicKeyInfoRef,
};

use super::{Error, content::elements};
use crate::algorithm::PublicKey;

const WHAT: &str = "the public key";

pub(super) fn read(der: &[u8]) -> Result<PublicKey, Error> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|error| Error::malformed(WHAT, error))?;
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or_else(|| Error::malformed(WHAT, "its BIT STRING does not hold whole bytes"))?;
    Ok(PublicKey::from_spki(&info.algorithm, key)?)
}

/// The key of a certificate (RFC 5280, section 4.1). Nothing else in it is checked: the caller trusts the file.
pub(super) fn read_certificate(der: &[u8]) -> Result<PublicKey, Error> {
    const WHAT: &str = "the certificate";
    let malformed = |error| Error::malformed(WHAT, error);
    // A "trusted" certificate of OpenSSL has more data after the certificate.
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
