//! What a key on a token is, whoever made it.

use std::fmt;

use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_KEY_TYPE, CK_MECHANISM_TYPE, CK_ULONG};

use super::{Algorithm, SignatureAlgorithm};

/// Attributes of a PKCS#11 object by number, as raw bytes.
pub type Attributes = Vec<(CK_ATTRIBUTE_TYPE, Vec<u8>)>;

/// An elliptic curve as `CKA_EC_PARAMS` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    P256,
    P384,
    P521,
    /// Another curve by OpenSSL's name: listed, but not usable by kmsctl.
    Named(&'static str),
    /// A curve without a name here.
    Other,
}

impl Curve {
    /// OpenSSL's name of the curve, where kmsctl knows it.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::P256 => Some("prime256v1"),
            Self::P384 => Some("secp384r1"),
            Self::P521 => Some("secp521r1"),
            Self::Named(name) => Some(name),
            Self::Other => None,
        }
    }

    /// What a JWK calls it (RFC 7518, section 6.2.1.1).
    pub const fn jwk_name(self) -> Option<&'static str> {
        match self {
            Self::P256 => Some("P-256"),
            _ => None,
        }
    }

    /// `CKA_EC_PARAMS`: the object identifier in DER (RFC 5480, section 2.1.1.1).
    pub const fn parameters(self) -> Option<&'static [u8]> {
        match self {
            Self::P256 => Some(&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
            _ => None,
        }
    }

    /// Bytes of a coordinate, and of r and s.
    pub const fn width(self) -> Option<usize> {
        match self {
            Self::P256 => Some(32),
            _ => None,
        }
    }

    const fn bits(self) -> Option<u32> {
        match self {
            Self::P256 => Some(256),
            Self::P384 => Some(384),
            Self::P521 => Some(521),
            Self::Named(_) | Self::Other => None,
        }
    }
}

/// What a key on a token is, whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    Rsa {
        bits: u32,
    },
    Ec(Curve),
    Aes {
        bits: u32,
    },
    /// A generic secret, such as the HMAC companion of a convergent key.
    GenericSecret,
    /// A `CKK_` value that kmsctl has no use for.
    Other(u64),
    /// The token does not tell.
    Unknown,
}

impl KeyKind {
    /// The algorithm under which kmsctl would have made this key, if there is one.
    pub fn algorithm(self) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.kind() == self)
    }

    /// The family, as JSON's `algorithm` field gives it.
    pub const fn family(self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec(_) => "ECDSA",
            Self::Aes { .. } => "AES",
            Self::GenericSecret => "GENERIC",
            Self::Other(_) | Self::Unknown => "OTHER",
        }
    }

    pub const fn bits(self) -> Option<u32> {
        match self {
            Self::Rsa { bits } | Self::Aes { bits } => Some(bits),
            Self::Ec(curve) => curve.bits(),
            Self::GenericSecret | Self::Other(_) | Self::Unknown => None,
        }
    }

    pub const fn curve(self) -> Option<Curve> {
        match self {
            Self::Ec(curve) => Some(curve),
            _ => None,
        }
    }

    /// `CKA_KEY_TYPE`, where kmsctl knows the family.
    pub const fn key_type(self) -> Option<CK_KEY_TYPE> {
        match self {
            Self::Rsa { .. } => Some(ck::CKK_RSA),
            Self::Ec(_) => Some(ck::CKK_EC),
            Self::Aes { .. } => Some(ck::CKK_AES),
            Self::GenericSecret => Some(ck::CKK_GENERIC_SECRET),
            Self::Other(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// The mechanism that makes such a key, and what its template says of the kind. `None` where kmsctl makes none.
    pub fn generation(self) -> Option<(CK_MECHANISM_TYPE, Attributes)> {
        let length = |bytes: u32| (ck::CKA_VALUE_LEN, CK_ULONG::from(bytes).to_ne_bytes().to_vec());
        match self {
            Self::Rsa { bits } => Some((
                ck::CKM_RSA_PKCS_KEY_PAIR_GEN,
                vec![
                    (ck::CKA_MODULUS_BITS, CK_ULONG::from(bits).to_ne_bytes().to_vec()),
                    (ck::CKA_PUBLIC_EXPONENT, vec![0x01, 0x00, 0x01]),
                ],
            )),
            Self::Ec(curve) => {
                Some((ck::CKM_EC_KEY_PAIR_GEN, vec![(ck::CKA_EC_PARAMS, curve.parameters()?.to_vec())]))
            }
            Self::Aes { bits } => Some((ck::CKM_AES_KEY_GEN, vec![length(bits / 8)])),
            Self::GenericSecret => Some((ck::CKM_GENERIC_SECRET_KEY_GEN, vec![length(32)])),
            Self::Other(_) | Self::Unknown => None,
        }
    }

    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Aes { .. } | Self::GenericSecret)
    }

    /// The algorithms by which such a key signs; the first is the default.
    pub fn signature_algorithms(self) -> impl Iterator<Item = SignatureAlgorithm> {
        SignatureAlgorithm::ALL.into_iter().filter(move |algorithm| algorithm.fits(self))
    }

    /// What `sign` uses when nothing is asked for.
    pub fn default_signature(self) -> Option<SignatureAlgorithm> {
        self.signature_algorithms().next()
    }
}

/// For people: `RSA 4096`, `ECDSA prime256v1`, `AES 256`.
impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Rsa { bits } => format!("RSA {bits}"),
            Self::Ec(curve) => format!("ECDSA {}", curve.name().unwrap_or("(other curve)")),
            Self::Aes { bits } => format!("AES {bits}"),
            Self::GenericSecret => "generic secret".to_owned(),
            Self::Other(value) => format!("CKK {value:#x}"),
            Self::Unknown => "unknown".to_owned(),
        };
        f.pad(&text)
    }
}
