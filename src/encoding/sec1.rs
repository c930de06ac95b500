//! ECPrivateKey (RFC 5915, section 3).

use pkcs8::der::{
    self, Decode, Encode, SliceReader, TagNumber, Tagged,
    asn1::{AnyRef, BitStringRef, ContextSpecific, OctetStringRef},
};

use super::{Error, P256_PARAMS, PrivateKey, PublicKey, curve_of, ec_point, private_key::WHAT};

struct EcPrivateKey<'a> {
    value: &'a [u8],
    params: Option<AnyRef<'a>>,
    point: Option<BitStringRef<'a>>,
}

/// `outer` is the curve that a PKCS#8 envelope has named already; then naming it again is optional.
pub(super) fn read(bytes: &[u8], outer: Option<&[u8]>) -> Result<PrivateKey, Error> {
    let key = parse(bytes).map_err(|error| Error::malformed(WHAT, error))?;
    let inner = key
        .params
        .map(|params| params.to_der())
        .transpose()
        .map_err(|error| Error::malformed(WHAT, error))?;
    let params = inner.as_deref().or(outer).ok_or_else(|| Error::malformed(WHAT, "it names no curve"))?;
    ec_point::require_p256(curve_of(params))?;
    // Some writers drop leading zeros of the value; the parser puts up to eight back.
    let secret = p256::SecretKey::from_slice(key.value).map_err(|_| {
        Error::malformed(WHAT, "its value is not a number from 1 to the order of P-256 less 1")
    })?;
    if let Some(point) = key.point {
        let point = point.as_bytes().ok_or_else(|| Error::malformed(WHAT, "its point is not whole bytes"))?;
        if PublicKey::from_ec(P256_PARAMS, point)? != PublicKey::Ec(secret.public_key()) {
            return Err(Error::Inconsistent("its public half is that of another key"));
        }
    }
    Ok(PrivateKey::Ec(secret))
}

/// With parameters of any form: the parser of the `sec1` crate knows named curves only.
fn parse(bytes: &[u8]) -> der::Result<EcPrivateKey<'_>> {
    let outer = AnyRef::from_der(bytes)?;
    outer.sequence(|reader: &mut SliceReader<'_>| {
        if u8::decode(reader)? != 1 {
            return Err(outer.tag().value_error());
        }
        Ok(EcPrivateKey {
            value: OctetStringRef::decode(reader)?.as_bytes(),
            params: ContextSpecific::decode_explicit(reader, TagNumber::N0)?.map(|field| field.value),
            point: ContextSpecific::decode_explicit(reader, TagNumber::N1)?.map(|field| field.value),
        })
    })
}
