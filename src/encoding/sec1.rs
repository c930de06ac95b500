//! ECPrivateKey (RFC 5915, section 3).

use pkcs8::der::{
    self, Decode, Encode, SliceReader, TagNumber, Tagged,
    asn1::{AnyRef, BitStringRef, ContextSpecific, OctetStringRef},
};
use zeroize::Zeroizing;

use super::{Error, P256_PARAMS, PrivateKey, PublicKey, ec_point, private_key::WHAT};

/// Bytes of a value on P-256.
const LEN: usize = 32;
/// A value of a good key has fewer bytes once in 2^64 keys; a file that was cut short always has.
const LEAST: usize = 24;

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
    ec_point::require_p256(params)?;
    let point = key
        .point
        .map(|point| point.as_bytes().ok_or_else(|| Error::malformed(WHAT, "its point is not whole bytes")));
    from_value(key.value, point.transpose()?)
}

/// From the value, big-endian, and the point of the public half where the file has it.
///
/// The value should have 32 bytes (RFC 5915, section 3). Some writers leave out leading zeros; GnuTLS puts one before a value
/// with its high bit set, as in an INTEGER.
pub(super) fn from_value(value: &[u8], point: Option<&[u8]>) -> Result<PrivateKey, Error> {
    let significant = &value[value.iter().take_while(|byte| **byte == 0).count()..];
    if !significant.is_empty() && significant.len() < LEAST {
        let why = format!("its value has {} bytes, not {LEN}", significant.len());
        return Err(Error::malformed(WHAT, why));
    }
    let out_of_range =
        || Error::malformed(WHAT, "its value is not a number from 1 to the order of P-256 less 1");
    let mut padded = Zeroizing::new([0; LEN]);
    let start = LEN.checked_sub(significant.len()).ok_or_else(out_of_range)?;
    padded[start..].copy_from_slice(significant);
    let secret = p256::SecretKey::from_slice(&*padded).map_err(|_| out_of_range())?;
    if let Some(point) = point
        && PublicKey::from_ec(P256_PARAMS, point)? != PublicKey::Ec(secret.public_key())
    {
        return Err(Error::Inconsistent("its public half is that of another key"));
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
