//! Keys on elliptic curves, and ECDSA.

use cryptoki_sys as ck;
use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::{
    pkey::{EccData, EvpPkey, PkeyData},
    signature::SigAlg,
};
use pkcs8::{
    ObjectIdentifier,
    der::{
        self, Decode, Encode, SliceReader, TagNumber, Tagged,
        asn1::{AnyRef, BitStringRef, ContextSpecific, OctetStringRef, UintRef},
    },
};
use zeroize::Zeroizing;

use super::{
    Curve, Error, KeyKind, SignatureAlgorithm,
    arithmetic::padded,
    openssl::{self, CONTEXT},
    pair::{JwkMember, JwkMembers, OTHER_HALF, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey, tagged},
};
use crate::secret::Secret;

#[derive(Debug)]
pub(super) struct Ec;

const POINT: &str = "the EC point";
const SIGNATURE: &str = "the signature";
/// How many leading bytes of a private key may be missing. A valid key has more zeros once in 2^64 keys; a shorter one was
/// probably cut short.
const MAX_MISSING: usize = 8;

impl Pair for Ec {
    fn oid(&self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap("1.2.840.10045.2.1")
    }

    fn parameters(&self, kind: KeyKind) -> Vec<u8> {
        curve_of(kind).map(Curve::parameters).unwrap_or_default()
    }

    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error> {
        public(named_curve(parameters)?, key)
    }

    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error> {
        read_sec1(key, Some(named_curve(parameters)?))
    }

    /// ECPrivateKey (RFC 5915, section 3) without the curve, which the PKCS#8 around it names.
    fn write_private(&self, key: &PrivateKey) -> Secret {
        let point = tagged(0x03, &[&[0x00], key.public_key().content()].concat());
        let value = Zeroizing::new(tagged(0x04, key.secret().expose()));
        let fields = [&tagged(0x02, &[1]), value.as_slice(), &tagged(0xa1, &point)].concat();
        Secret::new(tagged(0x30, &Zeroizing::new(fields)))
    }

    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2] {
        [ck::CKA_EC_PARAMS, ck::CKA_EC_POINT]
    }

    fn read_numbers(&self, [parameters, point]: [&[u8]; 2]) -> Result<PublicKey, Error> {
        PublicKey::from_ec(parameters, point)
    }

    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2] {
        [self.parameters(key.kind()), tagged(0x04, key.content())]
    }

    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        let parameters = self.parameters(key.public_key().kind());
        vec![(ck::CKA_EC_PARAMS, Secret::new(parameters)), (ck::CKA_VALUE, key.secret().clone())]
    }

    fn jwk_type(&self) -> Option<&'static str> {
        Some("EC")
    }

    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error> {
        let curve = jwk_curve(jwk)?;
        let (x, y) = (jwk.required("x")?, jwk.required("y")?);
        if x.len() != curve.width() || y.len() != curve.width() {
            let why = format!("a coordinate of {} has {} bytes", curve.jwk_name(), curve.width());
            return Err(Error::malformed("the JWK", why));
        }
        public(curve, &[&[0x04], x.expose(), y.expose()].concat())
    }

    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error> {
        let key = private(jwk_curve(jwk)?, jwk.required("d")?.expose(), None)?;
        if self.read_jwk(jwk)? == key.public_key() { Ok(key) } else { Err(OTHER_HALF) }
    }

    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)> {
        let name = curve_of(key.kind()).map(Curve::jwk_name).unwrap_or_default();
        let (x, y) = key.content()[1..].split_at(key.content().len() / 2);
        vec![
            ("crv", JwkMember::Text(name)),
            ("x", JwkMember::Bytes(x.to_vec())),
            ("y", JwkMember::Bytes(y.to_vec())),
        ]
    }

    fn read_ssh(&self, key: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>> {
        let key = key.ecdsa()?;
        Some(ssh_curve(key.curve()).and_then(|curve| public(curve, key.as_sec1_bytes())))
    }

    fn read_private_ssh(&self, key: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>> {
        let key = key.ecdsa()?;
        let (value, point) = (key.private_key_bytes(), key.public_key_bytes());
        Some(ssh_curve(key.curve()).and_then(|curve| private(curve, value, Some(point))))
    }

    fn to_ssh(&self, key: &PublicKey) -> Option<(String, Vec<Vec<u8>>)> {
        let name = curve_of(key.kind())?.ssh_name();
        Some((format!("ecdsa-sha2-{name}"), vec![name.as_bytes().to_vec(), key.content().to_vec()]))
    }

    fn is_signature(&self, kind: KeyKind, bytes: &[u8]) -> bool {
        curve_of(kind).is_some_and(|curve| !curve.readings(bytes).is_empty())
    }

    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        let curve = curve_of(key.kind()).ok_or(ossl::Error::new(ossl::ErrorKind::BadArg))?;
        let data = EccData { pubkey: Some(key.content().to_vec()), prikey: None };
        EvpPkey::import(&CONTEXT, curve.evp(), PkeyData::Ecc(data))
    }

    /// Accepts DER and r ‖ s.
    fn verify(
        &self,
        (key, kind): (&EvpPkey, KeyKind),
        _: SignatureAlgorithm,
        covered: &[u8],
        signature: &[u8],
    ) -> bool {
        let Some(curve) = curve_of(kind) else { return false };
        let readings = curve.readings(signature);
        readings.iter().any(|(r, s)| {
            to_der(r, s).is_some_and(|der| openssl::verifies(SigAlg::Ecdsa, key, covered, &der))
        })
    }

    fn possible_signers(&self, kind: KeyKind, digest: &[u8], signature: &[u8]) -> Vec<PublicKey> {
        let Some((curve, group)) = curve_of(kind).and_then(|curve| Some((curve, curve.group()?))) else {
            return Vec::new();
        };
        let readings = curve.readings(signature).into_iter();
        let points = readings.flat_map(|(r, s)| group.recover(digest, &r, &s));
        points.map(|point| PublicKey::new(kind, point)).collect()
    }
}

impl PublicKey {
    /// From `CKA_EC_PARAMS` and `CKA_EC_POINT`, in any form that modules return.
    pub fn from_ec(parameters: &[u8], point: &[u8]) -> Result<Self, Error> {
        public(Curve::of_parameters(parameters)?, point)
    }
}

impl PrivateKey {
    /// ECPrivateKey (RFC 5915, section 3), which must name its curve.
    pub(crate) fn from_sec1(der: &[u8]) -> Result<Self, Error> {
        read_sec1(der, None)
    }
}

fn curve_of(kind: KeyKind) -> Option<Curve> {
    match kind {
        KeyKind::Ec(curve) => Some(curve),
        _ => None,
    }
}

fn named_curve(parameters: Option<AnyRef<'_>>) -> Result<Curve, Error> {
    let parameters = parameters.ok_or_else(|| Error::malformed(PUBLIC, "it names no curve"))?;
    let parameters = parameters.to_der().map_err(|error| Error::malformed(PUBLIC, error))?;
    Ok(Curve::of_parameters(&parameters)?)
}

fn jwk_curve(jwk: &dyn JwkMembers) -> Result<Curve, Error> {
    let name = jwk.text("crv")?.ok_or_else(|| Error::malformed("the JWK", "it has no member \"crv\""))?;
    let found = Curve::ALL.into_iter().find(|curve| curve.jwk_name() == name);
    found.ok_or_else(|| Error::Unsupported(format!("the elliptic curve {name:?}")))
}

fn ssh_curve(curve: ssh_key::EcdsaCurve) -> Result<Curve, Error> {
    let found = Curve::ALL.into_iter().find(|known| known.ssh_name() == curve.as_str());
    found.ok_or_else(|| Error::Unsupported(format!("the elliptic curve {curve}")))
}

/// Reads a point: in a DER OCTET STRING as PKCS#11 requires, or bare as some modules return it; compressed or not. The
/// lengths distinguish the forms.
fn public(curve: Curve, point: &[u8]) -> Result<PublicKey, Error> {
    let name = curve.jwk_name();
    let is_point = |point: &[u8]| match point.first() {
        Some(0x04) => point.len() == 1 + 2 * curve.width(),
        Some(0x02 | 0x03) => point.len() == 1 + curve.width(),
        _ => false,
    };
    let bare = match OctetStringRef::from_der(point) {
        Ok(wrapped) if is_point(wrapped.as_bytes()) => wrapped.as_bytes(),
        _ => point,
    };
    if !is_point(bare) {
        return Err(Error::malformed(POINT, format!("it is not a point of {name} in a form that is known")));
    }
    let group = curve.group().ok_or_else(|| lacking(curve))?;
    let point = group.uncompressed(bare);
    let point = point.ok_or_else(|| Error::malformed(POINT, format!("it is not on the curve {name}")))?;
    Ok(PublicKey::new(KeyKind::Ec(curve), point))
}

fn lacking(curve: Curve) -> Error {
    Error::Unsupported(format!("the elliptic curve {} in this build of OpenSSL", curve.name()))
}

/// Makes a key from the big-endian value, and checks the public point if the file has it.
///
/// The value should be as long as the order (RFC 5915, section 3). Some writers omit leading zeros; GnuTLS adds one to a
/// value with its high bit set, as in an INTEGER.
fn private(curve: Curve, value: &[u8], point: Option<&[u8]>) -> Result<PrivateKey, Error> {
    let width = curve.width();
    let significant = &value[value.iter().take_while(|byte| **byte == 0).count()..];
    if !significant.is_empty() && significant.len() + MAX_MISSING < width {
        let why = format!("its value has {} bytes, not {width}", significant.len());
        return Err(Error::malformed(PRIVATE, why));
    }
    let out_of_range = || {
        let why = format!("its value is not between 1 and the order of {} minus 1", curve.jwk_name());
        Error::malformed(PRIVATE, why)
    };
    let group = curve.group().ok_or_else(|| lacking(curve))?;
    let order = curve.order().ok_or_else(|| lacking(curve))?;
    let value = padded(significant, width).filter(|value| is_in_range(value, order));
    let value = value.ok_or_else(out_of_range)?;
    let key = PublicKey::new(KeyKind::Ec(curve), group.public(&value).ok_or_else(out_of_range)?);
    if let Some(point) = point
        && public(curve, point)? != key
    {
        return Err(OTHER_HALF);
    }
    Ok(PrivateKey::new(key, Secret::new(value.to_vec())))
}

/// From 1 to the order minus 1. Both have the same length.
fn is_in_range(number: &[u8], order: &[u8]) -> bool {
    number.iter().any(|byte| *byte != 0) && number < order
}

struct EcPrivateKey<'a> {
    value: &'a [u8],
    params: Option<AnyRef<'a>>,
    point: Option<BitStringRef<'a>>,
}

/// `outer` is the curve that PKCS#8 names, if any. Otherwise the key itself must name its curve.
fn read_sec1(bytes: &[u8], outer: Option<Curve>) -> Result<PrivateKey, Error> {
    let key = parse_sec1(bytes).map_err(|error| Error::malformed(PRIVATE, error))?;
    let inner = key.params.map(|params| named_curve(Some(params))).transpose()?;
    let curve = inner.or(outer).ok_or_else(|| Error::malformed(PRIVATE, "it names no curve"))?;
    if outer.is_some_and(|outer| outer != curve) {
        return Err(Error::Inconsistent("it names two curves"));
    }
    let point = key.point.map(|point| {
        point.as_bytes().ok_or_else(|| Error::malformed(PRIVATE, "its point is not whole bytes"))
    });
    private(curve, key.value, point.transpose()?)
}

/// Accepts any form of parameters; the parser of the `sec1` crate only knows named curves.
fn parse_sec1(bytes: &[u8]) -> der::Result<EcPrivateKey<'_>> {
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

/// r and s.
type Pairing = (Vec<u8>, Vec<u8>);

impl Curve {
    /// r ‖ s → DER. Both numbers must be from 1 to the order minus 1.
    pub fn to_der(self, p1363: &[u8]) -> Result<Vec<u8>, Error> {
        let der = self.parse_p1363(p1363).and_then(|(r, s)| to_der(&r, &s));
        der.ok_or_else(|| malformed(&format!("r ‖ s of {} in {} bytes", self.jwk_name(), 2 * self.width())))
    }

    /// DER → r ‖ s. Only strict DER is accepted, so that each signature has one encoding.
    pub fn to_p1363(self, der: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.parse_der(der).map(|(r, s)| [r, s].concat());
        signature.ok_or_else(|| malformed(&format!("r and s of {} in strict DER", self.jwk_name())))
    }

    /// r and s from either form. Bytes as long as r ‖ s could also be DER, so there may be two results.
    fn readings(self, bytes: &[u8]) -> Vec<Pairing> {
        [self.parse_p1363(bytes), self.parse_der(bytes)].into_iter().flatten().collect()
    }

    fn parse_p1363(self, bytes: &[u8]) -> Option<Pairing> {
        let (r, s) = bytes.split_at_checked(self.width()).filter(|(r, s)| r.len() == s.len())?;
        self.in_range(r, s)
    }

    fn parse_der(self, bytes: &[u8]) -> Option<Pairing> {
        let read = |reader: &mut SliceReader<'_>| {
            let (r, s) = (UintRef::decode(reader)?, UintRef::decode(reader)?);
            Ok((r.as_bytes().to_vec(), s.as_bytes().to_vec()))
        };
        let (r, s) = AnyRef::from_der(bytes).and_then(|outer| outer.sequence(read)).ok()?;
        self.in_range(&padded(&r, self.width())?, &padded(&s, self.width())?)
    }

    fn in_range(self, r: &[u8], s: &[u8]) -> Option<Pairing> {
        let order = self.order()?;
        (is_in_range(r, order) && is_in_range(s, order)).then(|| (r.to_vec(), s.to_vec()))
    }
}

fn malformed(what: &str) -> Error {
    Error::malformed(SIGNATURE, format!("it is not {what}, each in range"))
}

fn to_der(r: &[u8], s: &[u8]) -> Option<Vec<u8>> {
    vec![UintRef::new(r).ok()?, UintRef::new(s).ok()?].to_der().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some writers add a zero before a value with its high bit set, others omit leading zeros.
    #[test]
    fn the_private_value_may_be_padded_or_shortened() {
        let value = [&[0x80][..], &[7; 31]].concat();
        let key = private(Curve::P256, &value, None).expect("32 bytes").public_key();
        for zeros in [1, 2, 40] {
            let longer = [&vec![0; zeros][..], &value].concat();
            assert_eq!(private(Curve::P256, &longer, None).expect("zeros").public_key(), key);
        }
        let small = [&[0; 3][..], &[7; 29]].concat();
        assert_eq!(
            private(Curve::P256, &small[3..], None).expect("29 bytes").public_key(),
            private(Curve::P256, &small, None).expect("32 bytes").public_key()
        );
        for bad in [&[][..], &[0; 32], &[7; 23], &[7; 33], &[0xff; 32]] {
            assert!(private(Curve::P256, bad, None).is_err(), "{bad:02x?}");
        }
    }
}
