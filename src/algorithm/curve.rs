//! Elliptic curves: one row for each supported curve, and the names of others.

use std::{ffi::c_int, sync::LazyLock};

use ossl::{
    bindings::{NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1},
    pkey::EvpPkeyType,
};
use pkcs8::{
    ObjectIdentifier,
    der::{Decode, Encode, Tag, Tagged, asn1::AnyRef},
};

use super::{Error, arithmetic::Group, by_name::by_name, explicit_curve};

/// A curve that kmsctl supports.
#[derive(Clone, Copy)]
pub struct Curve(&'static Row);

struct Row {
    /// The name in OpenSSL.
    name: &'static str,
    /// RFC 7518, section 6.2.1.1.
    jwk: &'static str,
    /// RFC 5656, section 10.1.
    ssh: &'static str,
    /// The name in SEC 2, which may differ from OpenSSL's.
    sec: &'static str,
    oid: ObjectIdentifier,
    bits: u32,
    nid: c_int,
    evp: EvpPkeyType,
}

impl Curve {
    pub const P256: Self = Self(&Row {
        name: "prime256v1",
        jwk: "P-256",
        ssh: "nistp256",
        sec: "secp256r1",
        oid: ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        bits: 256,
        nid: NID_X9_62_prime256v1,
        evp: EvpPkeyType::P256,
    });

    pub const P384: Self = Self(&Row {
        name: "secp384r1",
        jwk: "P-384",
        ssh: "nistp384",
        sec: "secp384r1",
        oid: ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        bits: 384,
        nid: NID_secp384r1,
        evp: EvpPkeyType::P384,
    });

    pub const P521: Self = Self(&Row {
        name: "secp521r1",
        jwk: "P-521",
        ssh: "nistp521",
        sec: "secp521r1",
        oid: ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        bits: 521,
        nid: NID_secp521r1,
        evp: EvpPkeyType::P521,
    });

    pub(super) const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    pub const fn name(self) -> &'static str {
        self.0.name
    }

    pub const fn jwk_name(self) -> &'static str {
        self.0.jwk
    }

    pub(super) const fn ssh_name(self) -> &'static str {
        self.0.ssh
    }

    pub const fn bits(self) -> u32 {
        self.0.bits
    }

    pub(super) fn evp(self) -> EvpPkeyType {
        self.0.evp.clone()
    }

    /// Length in bytes of a coordinate, of a private key, and of r and s.
    pub const fn width(self) -> usize {
        self.0.bits.div_ceil(8) as usize
    }

    /// The object identifier in DER (RFC 5480, section 2.1.1.1), for `CKA_EC_PARAMS` and an AlgorithmIdentifier.
    pub fn parameters(self) -> Vec<u8> {
        // Encoding fails only for lengths above 256 MiB.
        self.0.oid.to_der().unwrap_or_default()
    }

    pub(super) fn group(self) -> Option<Group> {
        Group::new(self.0.nid, self.width())
    }

    /// The order of the base point, big-endian. Asked of OpenSSL once: every signature is compared with it.
    pub(super) fn order(self) -> Option<&'static [u8]> {
        static ORDERS: LazyLock<Vec<(Curve, Vec<u8>)>> = LazyLock::new(|| {
            let of = |curve: Curve| Some((curve, curve.group()?.numbers()?.order));
            Curve::ALL.into_iter().filter_map(of).collect()
        });
        ORDERS.iter().find(|(curve, _)| *curve == self).map(|(_, order)| order.as_slice())
    }

    /// Finds a curve by any of its names. Ignores case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let is_named = |curve: &Self| {
            let Row { name: openssl, jwk, ssh, sec, .. } = curve.0;
            [openssl, jwk, ssh, sec].iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        Self::ALL.into_iter().find(is_named)
    }

    /// The curve in `CKA_EC_PARAMS`: by object identifier, by name in a PrintableString or UTF8String (PKCS#11 v3.1, section
    /// 6.3.3), or by explicit parameters.
    pub(super) fn of_parameters(parameters: &[u8]) -> Result<Self, UnknownCurve> {
        let unreadable = |_| UnknownCurve::named("with parameters that cannot be read");
        let any = AnyRef::from_der(parameters).map_err(unreadable)?;
        match any.tag() {
            Tag::ObjectIdentifier => {
                let oid = any.decode_as().map_err(unreadable)?;
                let found = Self::ALL.into_iter().find(|curve| curve.0.oid == oid);
                found.ok_or_else(|| UnknownCurve::of_oid(&oid))
            }
            Tag::PrintableString | Tag::Utf8String => {
                let name = String::from_utf8_lossy(any.value());
                Self::named(&name).ok_or_else(|| UnknownCurve::named(&name))
            }
            Tag::Sequence => {
                let found = Self::ALL
                    .into_iter()
                    .find(|curve| curve.group().is_some_and(|group| explicit_curve::is(any, &group)));
                found.ok_or_else(|| UnknownCurve::named("with explicit parameters"))
            }
            _ => Err(UnknownCurve::named("with parameters that cannot be read")),
        }
    }
}

by_name!(Curve);

/// A curve that kmsctl does not support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OtherCurve {
    /// The name in OpenSSL.
    pub name: &'static str,
    pub bits: u32,
}

/// Parameters of a curve that kmsctl does not support.
pub(super) struct UnknownCurve {
    pub(super) known: Option<OtherCurve>,
    /// The name, or a description instead.
    name: String,
}

impl UnknownCurve {
    fn named(name: &str) -> Self {
        let known = OTHERS.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(name));
        Self {
            known: known.map(|&(_, name, bits)| OtherCurve { name, bits }),
            name: name.chars().filter(|c| !c.is_control()).take(40).collect(),
        }
    }

    fn of_oid(oid: &ObjectIdentifier) -> Self {
        let oid = oid.to_string();
        let known = OTHERS.iter().find(|(known, ..)| *known == oid);
        Self::named(known.map_or(&oid, |(_, name, _)| name))
    }
}

impl From<UnknownCurve> for Error {
    fn from(curve: UnknownCurve) -> Self {
        Self::Unsupported(format!("the elliptic curve {}", curve.name))
    }
}

/// Object identifier, OpenSSL's name and bits of curves that kmsctl does not support.
const OTHERS: [(&str, &str, u32); 17] = [
    ("1.2.840.10045.3.1.1", "prime192v1", 192),
    ("1.3.132.0.33", "secp224r1", 224),
    ("1.3.132.0.10", "secp256k1", 256),
    ("1.3.132.0.1", "sect163k1", 163),
    ("1.3.132.0.15", "sect163r2", 163),
    ("1.3.132.0.26", "sect233k1", 233),
    ("1.3.132.0.27", "sect233r1", 233),
    ("1.3.132.0.16", "sect283k1", 283),
    ("1.3.132.0.17", "sect283r1", 283),
    ("1.3.132.0.36", "sect409k1", 409),
    ("1.3.132.0.37", "sect409r1", 409),
    ("1.3.132.0.38", "sect571k1", 571),
    ("1.3.132.0.39", "sect571r1", 571),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512),
    ("1.2.156.10197.1.301", "SM2", 256),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_each_curve_is_read_in_both_kinds_of_string() {
        for curve in Curve::ALL {
            let Row { name, jwk, ssh, sec, .. } = curve.0;
            assert_eq!(Curve::of_parameters(&curve.parameters()).ok(), Some(curve));
            for name in [name, jwk, ssh, sec] {
                let length = u8::try_from(name.len()).expect("short");
                for tag in [Tag::PrintableString, Tag::Utf8String] {
                    let text = [&[tag.octet(), length], name.as_bytes()].concat();
                    assert_eq!(Curve::of_parameters(&text).ok(), Some(curve), "{name}");
                }
            }
        }
    }
}
