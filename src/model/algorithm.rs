//! What a key is made of: the four algorithms that kmsctl creates, and whatever else a token may hold.

use std::{fmt, str::FromStr};

use super::{Hash, Invalid, Padding, SignatureAlgorithm};

/// A key algorithm that kmsctl creates and imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Rsa2048,
    Rsa4096,
    EcP256,
    Aes256,
}

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::Rsa2048, Self::Rsa4096, Self::EcP256, Self::Aes256];

    /// The name on the command line: `rsa-2048`, `rsa-4096`, `ec-p256`, `aes-256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa-2048",
            Self::Rsa4096 => "rsa-4096",
            Self::EcP256 => "ec-p256",
            Self::Aes256 => "aes-256",
        }
    }

    /// The name in JSON and in the cloud's Create Key request: `RSA2048`, `RSA4096`, `ECDSA`, `AES256`.
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA2048",
            Self::Rsa4096 => "RSA4096",
            Self::EcP256 => "ECDSA",
            Self::Aes256 => "AES256",
        }
    }

    pub const fn kind(self) -> KeyKind {
        match self {
            Self::Rsa2048 => KeyKind::Rsa { bits: 2048 },
            Self::Rsa4096 => KeyKind::Rsa { bits: 4096 },
            Self::EcP256 => KeyKind::Ec(Curve::P256),
            Self::Aes256 => KeyKind::Aes { bits: 256 },
        }
    }

    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Aes256)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.to_ascii_lowercase().as_str() {
            "rsa-2048" | "rsa2048" => Ok(Self::Rsa2048),
            "rsa-4096" | "rsa4096" => Ok(Self::Rsa4096),
            "ec-p256" | "ecdsa" | "p-256" | "p256" | "prime256v1" => Ok(Self::EcP256),
            "aes-256" | "aes256" => Ok(Self::Aes256),
            _ => Err(Invalid::new(format!(
                "unknown algorithm {text:?}: use rsa-2048, rsa-4096, ec-p256 or aes-256"
            ))),
        }
    }
}

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
    /// The algorithm under which kmsctl would have made this key, if it is one of its four.
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

    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Aes { .. } | Self::GenericSecret)
    }

    /// What `sign` uses when nothing is asked for: RS256 for RSA, ES256 for P-256.
    pub const fn default_signature(self) -> Option<SignatureAlgorithm> {
        match self {
            Self::Rsa { .. } => Some(SignatureAlgorithm::rsa(Padding::Pkcs1, Hash::Sha256)),
            Self::Ec(Curve::P256) => Some(SignatureAlgorithm::ES256),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_spelling_parses_in_any_case() {
        for (text, expected) in [
            ("rsa-2048", Algorithm::Rsa2048),
            ("RSA2048", Algorithm::Rsa2048),
            ("Rsa4096", Algorithm::Rsa4096),
            ("ECDSA", Algorithm::EcP256),
            ("P-256", Algorithm::EcP256),
            ("PRIME256V1", Algorithm::EcP256),
            ("aes256", Algorithm::Aes256),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        assert!("rsa-1024".parse::<Algorithm>().is_err());
    }

    #[test]
    fn a_kind_leads_back_to_its_algorithm() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.kind().algorithm(), Some(algorithm));
        }
        assert_eq!(KeyKind::Rsa { bits: 3072 }.algorithm(), None);
    }
}
