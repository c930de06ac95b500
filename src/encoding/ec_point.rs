//! `CKA_EC_PARAMS` and `CKA_EC_POINT` as tokens give them: named curves, explicit curves, points wrapped or bare.

use pkcs8::{
    ObjectIdentifier,
    der::{Decode, Tag, Tagged, asn1::AnyRef},
};

use super::{Error, explicit_curve};
use crate::algorithm::Curve;

pub(super) const P256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// `CKA_EC_PARAMS` of P-256: its object identifier in DER.
pub const P256_PARAMS: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// The curve that `CKA_EC_PARAMS` gives: by object identifier, by name in a PrintableString or UTF8String (PKCS#11 v3.1,
/// section 6.3.3), or P-256 by all its numbers. What cannot be read is a curve that kmsctl does not know.
pub fn curve_of(params: &[u8]) -> Curve {
    let Ok(any) = AnyRef::from_der(params) else { return Curve::Other };
    match any.tag() {
        Tag::ObjectIdentifier => any.decode_as().map_or(Curve::Other, curve_of_oid),
        Tag::PrintableString | Tag::Utf8String => curve_of_name(any.value()),
        Tag::Sequence if explicit_curve::is_p256(any) => Curve::P256,
        _ => Curve::Other,
    }
}

pub(super) fn curve_of_oid(oid: ObjectIdentifier) -> Curve {
    match oid {
        P256_OID => Curve::P256,
        P384_OID => Curve::P384,
        P521_OID => Curve::P521,
        other => {
            let other = other.to_string();
            let known = NAMES.iter().find(|(oid, _)| *oid == other);
            known.map_or(Curve::Other, |(_, name)| Curve::Named(name))
        }
    }
}

fn curve_of_name(name: &[u8]) -> Curve {
    match name.to_ascii_lowercase().as_slice() {
        b"prime256v1" | b"secp256r1" | b"p-256" | b"nistp256" => Curve::P256,
        b"secp384r1" | b"p-384" | b"nistp384" => Curve::P384,
        b"secp521r1" | b"p-521" | b"nistp521" => Curve::P521,
        _ => Curve::Other,
    }
}

/// A P-256 point from `CKA_EC_POINT`: a DER OCTET STRING as PKCS#11 asks, or the point itself as some modules give it;
/// compressed or not. The lengths leave no room for doubt: 67 or 35 bytes wrapped, 65 or 33 bare.
pub(super) fn p256_point(point: &[u8]) -> Result<p256::PublicKey, Error> {
    let bare = match point {
        [0x04, length, rest @ ..] if matches!(length, 33 | 65) && rest.len() == usize::from(*length) => rest,
        other => other,
    };
    match (bare.first(), bare.len()) {
        (Some(0x04), 65) | (Some(0x02 | 0x03), 33) => p256::PublicKey::from_sec1_bytes(bare)
            .map_err(|_| Error::malformed("the EC point", "it is not on the curve P-256")),
        _ => Err(Error::malformed("the EC point", "it is not a point of P-256 in a form that is known")),
    }
}

/// kmsctl uses P-256 only. The refusal names the curve, at least by its object identifier.
pub(super) fn require_p256(params: &[u8]) -> Result<(), Error> {
    let curve = curve_of(params);
    if curve == Curve::P256 {
        return Ok(());
    }
    if let Some(name) = curve.name() {
        return Err(Error::Unsupported(format!("the elliptic curve {name}")));
    }
    let any = AnyRef::from_der(params).ok();
    let name = match any.map(|any| any.tag()) {
        Some(Tag::ObjectIdentifier) => {
            any.and_then(|any| any.decode_as::<ObjectIdentifier>().ok()).map(|oid| oid.to_string())
        }
        Some(Tag::PrintableString | Tag::Utf8String) => {
            let name = any.map(|any| String::from_utf8_lossy(any.value()).into_owned());
            name.map(|name| name.chars().filter(|c| !c.is_control()).take(40).collect())
        }
        Some(Tag::Sequence) => Some("with parameters of its own".to_owned()),
        _ => None,
    };
    let name = name.unwrap_or_else(|| "with parameters that cannot be read".to_owned());
    Err(Error::Unsupported(format!("the elliptic curve {name}")))
}

/// What OpenSSL calls the curves that other programs make keys on.
const NAMES: [(&str, &str); 17] = [
    ("1.2.840.10045.3.1.1", "prime192v1"),
    ("1.3.132.0.33", "secp224r1"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.1", "sect163k1"),
    ("1.3.132.0.15", "sect163r2"),
    ("1.3.132.0.26", "sect233k1"),
    ("1.3.132.0.27", "sect233r1"),
    ("1.3.132.0.16", "sect283k1"),
    ("1.3.132.0.17", "sect283r1"),
    ("1.3.132.0.36", "sect409k1"),
    ("1.3.132.0.37", "sect409r1"),
    ("1.3.132.0.38", "sect571k1"),
    ("1.3.132.0.39", "sect571r1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
];
