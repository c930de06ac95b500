//! Signature algorithms by their JOSE names (RFC 7518, section 3.1).

use std::{borrow::Cow, fmt, str::FromStr};

use cryptoki_sys as ck;
use cryptoki_sys::CK_MECHANISM_TYPE;
use serde::{Deserialize, Serialize};

use super::{Curve, Error, Hash, Hasher, KeyKind, digest_info, either};
use crate::model::Invalid;

/// A signature algorithm that kmsctl supports.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SignatureAlgorithm(&'static Row);

struct Row {
    name: &'static str,
    scheme: Scheme,
    /// `None` if the message itself is signed.
    hash: Option<Hash>,
    /// The PKCS#11 mechanism for the digest, or for the message that is signed whole, and its name.
    direct: (CK_MECHANISM_TYPE, &'static str),
    /// The mechanism that hashes the message, and its name.
    hashing: Option<(CK_MECHANISM_TYPE, &'static str)>,
}

/// How a digest or a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RFC 8017, section 8.2.
    RsaPkcs1,
    /// RFC 8017, section 8.1; the salt is as long as the digest (RFC 7518, section 3.5).
    RsaPss,
    /// On this curve.
    Ecdsa(Curve),
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1 => f.write_str("RSA signatures, PKCS #1"),
            Self::RsaPss => f.write_str("RSA signatures, PSS"),
            Self::Ecdsa(curve) => write!(f, "ECDSA signatures, {}", curve.jwk_name()),
        }
    }
}

/// The mechanisms of PKCS#11 for one signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mechanisms {
    /// Its input is [`SignatureAlgorithm::direct_input`].
    pub direct: CK_MECHANISM_TYPE,
    /// Its input is the message, which it hashes. `None` if the message is signed whole.
    pub hashing: Option<CK_MECHANISM_TYPE>,
    /// If set, both need the parameters of RSASSA-PSS with this hash.
    pub pss: Option<Hash>,
}

macro_rules! rows {
    ($($name:ident: $scheme:expr, $hash:ident, $direct:ident, $hashing:ident;)*) => {
        impl SignatureAlgorithm {
            $(pub const $name: Self = Self(&Row {
                name: stringify!($name),
                scheme: $scheme,
                hash: Some(Hash::$hash),
                direct: (ck::$direct, stringify!($direct)),
                hashing: Some((ck::$hashing, stringify!($hashing))),
            });)*

            /// The first algorithm that fits a key is its default.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];
        }
    };
}

rows! {
    RS256: Scheme::RsaPkcs1, Sha256, CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS;
    RS384: Scheme::RsaPkcs1, Sha384, CKM_RSA_PKCS, CKM_SHA384_RSA_PKCS;
    RS512: Scheme::RsaPkcs1, Sha512, CKM_RSA_PKCS, CKM_SHA512_RSA_PKCS;
    PS256: Scheme::RsaPss, Sha256, CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS;
    PS384: Scheme::RsaPss, Sha384, CKM_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS;
    PS512: Scheme::RsaPss, Sha512, CKM_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS;
    ES256: Scheme::Ecdsa(Curve::P256), Sha256, CKM_ECDSA, CKM_ECDSA_SHA256;
    ES384: Scheme::Ecdsa(Curve::P384), Sha384, CKM_ECDSA, CKM_ECDSA_SHA384;
    ES512: Scheme::Ecdsa(Curve::P521), Sha512, CKM_ECDSA, CKM_ECDSA_SHA512;
}

impl SignatureAlgorithm {
    /// The JOSE `alg` value.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    pub const fn scheme(self) -> Scheme {
        self.0.scheme
    }

    /// The hash of the message; `None` if the message itself is signed.
    pub const fn hash(self) -> Option<Hash> {
        self.0.hash
    }

    /// Whether a key of this kind can make such a signature.
    pub fn fits(self, kind: KeyKind) -> bool {
        match self.0.scheme {
            Scheme::RsaPkcs1 | Scheme::RsaPss => matches!(kind, KeyKind::Rsa { .. }),
            Scheme::Ecdsa(curve) => kind == KeyKind::Ec(curve),
        }
    }

    /// Describes the key that makes such signatures.
    pub fn needed_key(self) -> String {
        match self.0.scheme {
            Scheme::RsaPkcs1 | Scheme::RsaPss => "an RSA key".to_owned(),
            Scheme::Ecdsa(curve) => format!("a {} key", curve.jwk_name()),
        }
    }

    pub fn mechanisms(self) -> Mechanisms {
        let Row { scheme, hash, direct, hashing, .. } = *self.0;
        Mechanisms {
            direct: direct.0,
            hashing: hashing.map(|(mechanism, _)| mechanism),
            pss: hash.filter(|_| scheme == Scheme::RsaPss),
        }
    }

    /// The names of [`Mechanisms::direct`] and [`Mechanisms::hashing`].
    pub fn mechanism_names(self) -> (&'static str, Option<&'static str>) {
        (self.0.direct.1, self.0.hashing.map(|(_, name)| name))
    }

    /// What is signed of a message in memory: its digest, or the message itself.
    pub fn covered(self, message: &[u8]) -> Cow<'_, [u8]> {
        self.0.hash.map_or(Cow::Borrowed(message), |hash| Hasher::digest(hash, message).into())
    }

    /// The input of [`Mechanisms::direct`]: the digest, DigestInfo, or the message that is signed whole.
    pub fn direct_input(self, covered: &[u8]) -> Cow<'_, [u8]> {
        match (self.0.scheme, self.0.hash) {
            (Scheme::RsaPkcs1, Some(hash)) => digest_info(hash, covered).into(),
            _ => covered.into(),
        }
    }

    /// The length in bytes of r ‖ s in a JWS (RFC 7518, section 3.4). `None` for RSA, where it depends on the key.
    pub fn p1363_len(self) -> Option<usize> {
        match self.0.scheme {
            Scheme::Ecdsa(curve) => Some(2 * curve.width()),
            Scheme::RsaPkcs1 | Scheme::RsaPss => None,
        }
    }

    /// Converts r ‖ s from a token to DER. `None` for algorithms whose signatures have one form.
    pub fn to_der(self, raw: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.0.scheme {
            Scheme::Ecdsa(curve) => curve.to_der(raw).map(Some),
            Scheme::RsaPkcs1 | Scheme::RsaPss => Ok(None),
        }
    }
}

impl PartialEq for SignatureAlgorithm {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for SignatureAlgorithm {}

impl fmt::Debug for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name)
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

/// Ignores case.
impl FromStr for SignatureAlgorithm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let names = either(Self::ALL.map(Self::name));
            Invalid::new(format!("unknown signature algorithm {text:?}: use {names}"))
        })
    }
}

impl KeyKind {
    /// The algorithms that fit such a key; the first is the default.
    pub fn signature_algorithms(self) -> impl Iterator<Item = SignatureAlgorithm> {
        SignatureAlgorithm::ALL.into_iter().filter(move |algorithm| algorithm.fits(self))
    }

    /// The default algorithm of each scheme that fits such a key.
    pub fn signature_schemes(self) -> Vec<SignatureAlgorithm> {
        let mut found: Vec<SignatureAlgorithm> = Vec::new();
        for algorithm in self.signature_algorithms() {
            if !found.iter().any(|known| known.scheme() == algorithm.scheme()) {
                found.push(algorithm);
            }
        }
        found
    }

    /// The algorithm that `sign` uses by default.
    pub fn default_signature(self) -> Option<SignatureAlgorithm> {
        self.signature_algorithms().next()
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
