//! P-256 written out in numbers (ECParameters of RFC 3279, section 2.3.5), as some tokens and Java programs give it.

use p256::{AffinePoint, PublicKey};
use pkcs8::{
    ObjectIdentifier,
    der::{Tag, Tagged, asn1::AnyRef},
};

use super::{ec_point::p256_point, form::elements};

const PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

/// The field's prime, the curve's coefficients and the order of its base point (SP 800-186, section 3.2.1.3).
const P: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];
const A: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
];
const B: [u8; 32] = [
    0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7, 0xb3, 0xeb, 0xbd, 0x55, 0x76, 0x98, 0x86, 0xbc, 0x65,
    0x1d, 0x06, 0xb0, 0xcc, 0x53, 0xb0, 0xf6, 0x3b, 0xce, 0x3c, 0x3e, 0x27, 0xd2, 0x60, 0x4b,
];
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Whether these are the numbers of P-256. Every one is compared: with a base point of his own choice for a public key
/// that is known, anybody could forge signatures (CVE-2020-0601).
pub(super) fn is_p256(params: AnyRef<'_>) -> bool {
    let Some(parts) = sequence(params) else { return false };
    let [_version, field, curve, base, order, cofactor @ ..] = parts.as_slice() else { return false };
    let (Some(field), Some(curve)) = (sequence(*field), sequence(*curve)) else { return false };
    // After a and b the curve may carry the seed that it was made from, which changes nothing.
    matches!(field.as_slice(), [kind, p] if is(*kind, Tag::ObjectIdentifier, PRIME_FIELD.as_bytes()) && is_integer(*p, &P))
        && matches!(curve.as_slice(), [a, b, ..] if is(*a, Tag::OctetString, &A) && is(*b, Tag::OctetString, &B))
        && base.tag() == Tag::OctetString
        && p256_point(base.value()).ok() == PublicKey::from_affine(AffinePoint::GENERATOR).ok()
        && is_integer(*order, &N)
        && (cofactor.is_empty() || cofactor.len() == 1 && is(cofactor[0], Tag::Integer, &[1]))
}

fn sequence(element: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    (element.tag() == Tag::Sequence).then(|| elements(element.value()).ok())?
}

fn is(element: AnyRef<'_>, tag: Tag, value: &[u8]) -> bool {
    element.tag() == tag && element.value() == value
}

/// All of these numbers have their high bit set, so a zero byte keeps them positive.
fn is_integer(element: AnyRef<'_>, number: &[u8; 32]) -> bool {
    element.tag() == Tag::Integer && element.value().strip_prefix(&[0]) == Some(number)
}

#[cfg(test)]
mod tests {
    use super::super::curve_of;
    use crate::algorithm::Curve;

    const EXPLICIT: &[u8] = include_bytes!("../../tests/fixtures/keys/p256.params-explicit.der");

    #[test]
    fn all_numbers_count_but_the_version_and_the_seed() {
        assert_eq!(curve_of(EXPLICIT), Curve::P256);
        let seed = 122..145;
        for at in 0..EXPLICIT.len() {
            let mut changed = EXPLICIT.to_vec();
            changed[at] ^= 1;
            if !(3..6).contains(&at) && !seed.contains(&at) {
                assert_eq!(curve_of(&changed), Curve::Other, "byte {at}");
            }
        }
    }
}
