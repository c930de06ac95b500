//! The kinds of keys on a token, made by kmsctl or not.

use std::fmt;

use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_KEY_TYPE, CK_MECHANISM_TYPE, CK_ULONG};

use super::{Algorithm, Curve, MlDsa, MlKem, OtherCurve, edwards};

/// Attributes of a PKCS#11 object by number, as raw bytes.
pub type Attributes = Vec<(CK_ATTRIBUTE_TYPE, Vec<u8>)>;

/// Minimum size of an RSA key for encryption and JOSE, in bits (NIST SP 800-131A; RFC 7518, sections 3.3 and 3.5).
pub const MIN_RSA_BITS: u32 = 2048;

/// How a key encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// In software, with the public half.
    RsaOaep,
    /// In the token.
    AesGcm,
    /// In software, by AES-GCM under a key that the public half encapsulates.
    Encapsulation,
}

impl Encryption {
    /// The length of the shortest encapsulation in bytes.
    pub const MIN_ENCAPSULATION_LEN: usize = MlKem::MLKEM_768.encapsulation_len();
}

/// The kind of a key on a token, made by kmsctl or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    Rsa {
        bits: u32,
    },
    Ec(Curve),
    /// On a curve that kmsctl does not support; its name, if known.
    OtherEc(Option<OtherCurve>),
    Ed25519,
    MlDsa(MlDsa),
    Aes {
        bits: u32,
    },
    /// A generic secret, whose use is HMAC-SHA-256: an HMAC key, or the companion of a convergent key.
    Hmac {
        bits: u32,
    },
    MlKem(MlKem),
    /// Another `CKK_` value, or a parameter set that kmsctl does not support.
    Other(u64),
    /// The object has no `CKA_KEY_TYPE`.
    Unknown,
}

impl KeyKind {
    /// The algorithm that kmsctl creates such keys with, if it does.
    pub fn algorithm(self) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.kind() == self)
    }

    /// The family, as in the JSON field `algorithm`.
    pub const fn family(self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec(_) | Self::OtherEc(_) => "ECDSA",
            Self::Ed25519 => "EDDSA",
            Self::MlDsa(_) => "ML-DSA",
            Self::Aes { .. } => "AES",
            Self::Hmac { .. } => "HMAC",
            Self::MlKem(_) => "ML-KEM",
            Self::Other(_) | Self::Unknown => "OTHER",
        }
    }

    pub const fn bits(self) -> Option<u32> {
        match self {
            Self::Rsa { bits } | Self::Aes { bits } | Self::Hmac { bits } => Some(bits),
            Self::Ec(curve) => Some(curve.bits()),
            Self::OtherEc(Some(curve)) => Some(curve.bits),
            Self::Ed25519 => Some(256),
            Self::OtherEc(None) | Self::MlDsa(_) | Self::MlKem(_) | Self::Other(_) | Self::Unknown => None,
        }
    }

    /// OpenSSL's name of the curve, if known.
    pub const fn curve(self) -> Option<&'static str> {
        match self {
            Self::Ec(curve) => Some(curve.name()),
            Self::OtherEc(Some(curve)) => Some(curve.name),
            Self::Ed25519 => Some(edwards::CURVE),
            _ => None,
        }
    }

    /// The kind of an object, by its attributes.
    pub fn of_object<'a>(get: impl Fn(CK_ATTRIBUTE_TYPE) -> Option<&'a [u8]>) -> Self {
        let number = |kind| get(kind).and_then(|value| Some(CK_ULONG::from_ne_bytes(value.try_into().ok()?)));
        let value_bits = || {
            let bytes = number(ck::CKA_VALUE_LEN).unwrap_or_default();
            u32::try_from(bytes.saturating_mul(8)).unwrap_or_default()
        };
        match number(ck::CKA_KEY_TYPE) {
            Some(ck::CKK_RSA) => {
                Self::Rsa { bits: significant_bits(get(ck::CKA_MODULUS).unwrap_or_default()) }
            }
            Some(ck::CKK_EC) => match get(ck::CKA_EC_PARAMS).map(Curve::of_parameters) {
                Some(Ok(curve)) => Self::Ec(curve),
                Some(Err(unknown)) => Self::OtherEc(unknown.known),
                None => Self::OtherEc(None),
            },
            Some(ck::CKK_EC_EDWARDS) if get(ck::CKA_EC_PARAMS).is_some_and(edwards::is_curve) => {
                Self::Ed25519
            }
            Some(key_type @ ck::CKK_ML_DSA) => number(ck::CKA_PARAMETER_SET)
                .and_then(MlDsa::of_number)
                .map_or(Self::Other(key_type), Self::MlDsa),
            Some(ck::CKK_AES) => Self::Aes { bits: value_bits() },
            // Some tokens give an HMAC key the type of its hash.
            Some(ck::CKK_GENERIC_SECRET | ck::CKK_SHA256_HMAC) => Self::Hmac { bits: value_bits() },
            Some(key_type @ ck::CKK_ML_KEM) => number(ck::CKA_PARAMETER_SET)
                .and_then(MlKem::of_number)
                .map_or(Self::Other(key_type), Self::MlKem),
            Some(other) => Self::Other(other),
            None => Self::Unknown,
        }
    }

    /// `CKA_KEY_TYPE`, if known.
    pub const fn key_type(self) -> Option<CK_KEY_TYPE> {
        match self {
            Self::Rsa { .. } => Some(ck::CKK_RSA),
            Self::Ec(_) | Self::OtherEc(_) => Some(ck::CKK_EC),
            Self::Ed25519 => Some(ck::CKK_EC_EDWARDS),
            Self::MlDsa(_) => Some(ck::CKK_ML_DSA),
            Self::Aes { .. } => Some(ck::CKK_AES),
            Self::Hmac { .. } => Some(ck::CKK_GENERIC_SECRET),
            Self::MlKem(_) => Some(ck::CKK_ML_KEM),
            Self::Other(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// The mechanism that generates such a key, and the attributes of its kind. `None` if kmsctl does not generate such
    /// keys.
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
            Self::Ec(curve) => Some((ck::CKM_EC_KEY_PAIR_GEN, vec![(ck::CKA_EC_PARAMS, curve.parameters())])),
            Self::Ed25519 => Some((
                ck::CKM_EC_EDWARDS_KEY_PAIR_GEN,
                vec![(ck::CKA_EC_PARAMS, edwards::curve_parameters())],
            )),
            Self::MlDsa(set) => Some((
                ck::CKM_ML_DSA_KEY_PAIR_GEN,
                vec![(ck::CKA_PARAMETER_SET, set.number().to_ne_bytes().to_vec())],
            )),
            Self::Aes { bits } => Some((ck::CKM_AES_KEY_GEN, vec![length(bits / 8)])),
            Self::Hmac { bits } => Some((ck::CKM_GENERIC_SECRET_KEY_GEN, vec![length(bits / 8)])),
            Self::MlKem(set) => Some((
                ck::CKM_ML_KEM_KEY_PAIR_GEN,
                vec![(ck::CKA_PARAMETER_SET, set.number().to_ne_bytes().to_vec())],
            )),
            Self::OtherEc(_) | Self::Other(_) | Self::Unknown => None,
        }
    }

    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Aes { .. } | Self::Hmac { .. })
    }

    /// Whether such a key computes MACs, which only it can verify.
    pub const fn is_mac(self) -> bool {
        matches!(self, Self::Hmac { .. })
    }

    /// The size in bits, if it is too short for encryption and new signatures.
    pub fn too_short(self) -> Option<u32> {
        match self {
            Self::Rsa { bits } if bits < MIN_RSA_BITS => Some(bits),
            _ => None,
        }
    }

    /// How such a key encrypts; `None` if it does not.
    pub const fn encryption(self) -> Option<Encryption> {
        match self {
            Self::Rsa { .. } => Some(Encryption::RsaOaep),
            Self::Aes { .. } => Some(Encryption::AesGcm),
            Self::MlKem(_) => Some(Encryption::Encapsulation),
            _ => None,
        }
    }

    /// The mechanisms by which kmsctl decrypts with such a key: any of them is enough.
    pub const fn decryption_mechanisms(self) -> &'static [CK_MECHANISM_TYPE] {
        match self.encryption() {
            Some(Encryption::RsaOaep) => &[ck::CKM_RSA_PKCS_OAEP, ck::CKM_RSA_X_509],
            Some(Encryption::AesGcm) => &[ck::CKM_AES_GCM],
            Some(Encryption::Encapsulation) => &[ck::CKM_ML_KEM],
            None => &[],
        }
    }

    /// Whether private key objects have the public numbers: most tokens do not store them in EC private keys.
    pub const fn states_public_numbers(self) -> bool {
        !matches!(self, Self::Ec(_) | Self::OtherEc(_) | Self::Ed25519 | Self::MlDsa(_) | Self::MlKem(_))
    }

    /// Whether any mechanism can wrap with such a key, regardless of its attributes.
    pub const fn may_wrap(self) -> bool {
        self.states_public_numbers()
    }

    /// The length in bytes of what is encapsulated to such a key, which has `CKA_ENCAPSULATE` and `CKA_DECAPSULATE` in place
    /// of `CKA_ENCRYPT` and `CKA_DECRYPT`. `None` for all other keys.
    pub const fn encapsulation_len(self) -> Option<usize> {
        match self {
            Self::MlKem(set) => Some(set.encapsulation_len()),
            _ => None,
        }
    }
}

/// The name of the algorithm on the command line (`rsa-4096`) if kmsctl creates such keys, else a description: `RSA 1024`,
/// `AES 128`.
impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(algorithm) = self.algorithm() {
            return algorithm.fmt(f);
        }
        let text = match self {
            Self::Rsa { bits } => format!("RSA {bits}"),
            Self::Ec(_) | Self::OtherEc(_) => format!("ECDSA {}", self.curve().unwrap_or("(other curve)")),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::MlDsa(set) => set.name().to_owned(),
            Self::Aes { bits } => format!("AES {bits}"),
            Self::Hmac { bits } => format!("HMAC {bits}"),
            Self::MlKem(set) => set.name().to_owned(),
            Self::Other(value) => format!("CKK {value:#x}"),
            Self::Unknown => "unknown".to_owned(),
        };
        f.pad(&text)
    }
}

fn significant_bits(number: &[u8]) -> u32 {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let significant = &number[start..];
    let bits = significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize);
    u32::try_from(bits).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_do_not_count() {
        assert_eq!(significant_bits(&[0, 0x80, 0]), 16);
        assert_eq!(significant_bits(&[0x01]), 1);
        assert_eq!(significant_bits(&[0, 0]), 0);
        assert_eq!(significant_bits(&[]), 0);
    }
}
