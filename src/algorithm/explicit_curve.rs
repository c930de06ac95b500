//! Explicit curve parameters (ECParameters of RFC 3279, section 2.3.5), as some tokens and Java programs write them.

use pkcs8::{
    ObjectIdentifier,
    der::{Tag, Tagged, asn1::AnyRef},
};

use super::arithmetic::Group;

const PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

/// Whether these are the parameters of the curve. All of them are compared: an attacker who chooses the base point can forge
/// signatures for a known public key (CVE-2020-0601).
pub(super) fn is(params: AnyRef<'_>, group: &Group) -> bool {
    let (Some(numbers), Some(parts)) = (group.numbers(), elements(params)) else { return false };
    let [_version, field, coefficients, base, order, cofactor @ ..] = parts.as_slice() else { return false };
    let (Some(field), Some(coefficients)) = (elements(*field), elements(*coefficients)) else { return false };
    // After a and b there may be the seed that the curve was generated from, which does not matter.
    matches!(field.as_slice(), [kind, p]
        if is_of(*kind, Tag::ObjectIdentifier, PRIME_FIELD.as_bytes()) && is_integer(*p, &numbers.p))
        && matches!(coefficients.as_slice(), [a, b, ..]
            if is_element(*a, &numbers.a) && is_element(*b, &numbers.b))
        && base.tag() == Tag::OctetString
        && group.uncompressed(base.value()) == Some(numbers.base)
        && is_integer(*order, &numbers.order)
        && (cofactor.is_empty() || cofactor.len() == 1 && is_of(cofactor[0], Tag::Integer, &[1]))
}

/// The elements of a SEQUENCE.
fn elements(sequence: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    sequence.decode_as().ok()
}

fn is_of(element: AnyRef<'_>, tag: Tag, value: &[u8]) -> bool {
    element.tag() == tag && element.value() == value
}

/// Neither the prime nor the order of a supported curve begins with a zero byte; its INTEGER does if its high bit is set.
fn is_integer(element: AnyRef<'_>, number: &[u8]) -> bool {
    let sign: &[u8] = if number[0] & 0x80 == 0 { &[] } else { &[0] };
    element.tag() == Tag::Integer && element.value().strip_prefix(sign) == Some(number)
}

/// An element of the field. OpenSSL before 3.0 leaves out the leading zero of P-521's b.
fn is_element(element: AnyRef<'_>, number: &[u8]) -> bool {
    let trimmed = number.strip_prefix(&[0]).unwrap_or(number);
    element.tag() == Tag::OctetString && [number, trimmed].contains(&element.value())
}

#[cfg(test)]
mod tests {
    use crate::algorithm::Curve;

    fn curve_of(parameters: &[u8]) -> Option<Curve> {
        Curve::of_parameters(parameters).ok()
    }

    const EXPLICIT: &[u8] = include_bytes!("../../tests/fixtures/keys/p256.params-explicit.der");

    #[test]
    fn every_number_except_version_and_seed_is_compared() {
        assert_eq!(curve_of(EXPLICIT), Some(Curve::P256));
        let seed = 122..145;
        for at in 0..EXPLICIT.len() {
            let mut changed = EXPLICIT.to_vec();
            changed[at] ^= 1;
            if !(3..6).contains(&at) && !seed.contains(&at) {
                assert_eq!(curve_of(&changed), None, "byte {at}");
            }
        }
    }
}
