//! Signature algorithms by their JOSE names (RFC 7518, section 3.1).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Curve, Invalid, KeyKind};

/// A hash of the SHA-2 family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The length of a digest in bytes.
    #[allow(clippy::len_without_is_empty, reason = "no digest is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// How an RSA signature is padded (RFC 8017, sections 8.1 and 8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Padding {
    Pkcs1,
    /// The salt is as long as the digest, as RFC 7518, section 3.5, demands.
    Pss,
}

/// `RS256 RS384 RS512 PS256 PS384 PS512 ES256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SignatureAlgorithm {
    Rsa(Padding, Hash),
    /// ECDSA on P-256 over SHA-256.
    Ecdsa,
}

impl SignatureAlgorithm {
    pub const ES256: Self = Self::Ecdsa;
    pub const ALL: [Self; 7] = [
        Self::rsa(Padding::Pkcs1, Hash::Sha256),
        Self::rsa(Padding::Pkcs1, Hash::Sha384),
        Self::rsa(Padding::Pkcs1, Hash::Sha512),
        Self::rsa(Padding::Pss, Hash::Sha256),
        Self::rsa(Padding::Pss, Hash::Sha384),
        Self::rsa(Padding::Pss, Hash::Sha512),
        Self::ES256,
    ];

    pub const fn rsa(padding: Padding, hash: Hash) -> Self {
        Self::Rsa(padding, hash)
    }

    /// The JOSE `alg` value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa(Padding::Pkcs1, Hash::Sha256) => "RS256",
            Self::Rsa(Padding::Pkcs1, Hash::Sha384) => "RS384",
            Self::Rsa(Padding::Pkcs1, Hash::Sha512) => "RS512",
            Self::Rsa(Padding::Pss, Hash::Sha256) => "PS256",
            Self::Rsa(Padding::Pss, Hash::Sha384) => "PS384",
            Self::Rsa(Padding::Pss, Hash::Sha512) => "PS512",
            Self::Ecdsa => "ES256",
        }
    }

    pub const fn hash(self) -> Hash {
        match self {
            Self::Rsa(_, hash) => hash,
            Self::Ecdsa => Hash::Sha256,
        }
    }

    /// Whether a key of this kind can make such a signature.
    pub const fn fits(self, kind: KeyKind) -> bool {
        matches!((self, kind), (Self::Rsa(..), KeyKind::Rsa { .. }) | (Self::Ecdsa, KeyKind::Ec(Curve::P256)))
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<SignatureAlgorithm> for String {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        algorithm.name().to_owned()
    }
}

impl TryFrom<String> for SignatureAlgorithm {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        name.parse()
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            Invalid::new(format!(
                "unknown signature algorithm {text:?}: use RS256, RS384, RS512, PS256, PS384, PS512 or ES256"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(algorithm.name().to_lowercase().parse(), Ok(algorithm));
        }
        assert!("HS256".parse::<SignatureAlgorithm>().is_err());
        assert!("none".parse::<SignatureAlgorithm>().is_err());
    }
}
