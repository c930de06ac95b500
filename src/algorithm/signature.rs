//! Signature algorithms by their JOSE names (RFC 7518, section 3.1).

use std::{borrow::Cow, fmt, str::FromStr};

use cryptoki_sys as ck;
use cryptoki_sys::CK_MECHANISM_TYPE;
use serde::{Deserialize, Serialize};

use super::{Curve, Error, Hash, Hasher, KeyKind, MlDsa, by_name::by_name, digest_info, either};
use crate::model::Invalid;

/// In bytes: more than any signature has, of a 16384-bit RSA key or by ML-DSA-87.
pub const MAX_SIGNATURE_LEN: usize = 8192;

/// A signature algorithm that kmsctl supports.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SignatureAlgorithm(&'static Row);

struct Row {
    name: &'static str,
    /// Another JOSE name that is accepted.
    alias: Option<&'static str>,
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
    /// RFC 8032, section 5.1.
    Ed25519,
    /// FIPS 204, hedged.
    MlDsa(MlDsa),
    /// A MAC (RFC 7518, section 3.2), which only the key that made it can verify.
    Hmac,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1 => f.write_str("RSA signatures, PKCS #1"),
            Self::RsaPss => f.write_str("RSA signatures, PSS"),
            Self::Ecdsa(curve) => write!(f, "ECDSA signatures, {}", curve.jwk_name()),
            Self::Ed25519 => f.write_str("Ed25519 signatures"),
            Self::MlDsa(set) => write!(f, "{} signatures", set.name()),
            Self::Hmac => f.write_str("HMAC"),
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
    ($($constant:ident $name:literal $(or $alias:literal)?: $scheme:expr, $direct:ident $(, $hash:ident $hashing:ident)?;)*) => {
        impl SignatureAlgorithm {
            $(pub const $constant: Self = Self(&Row {
                name: $name,
                alias: [$(Some($alias),)? None][0],
                scheme: $scheme,
                hash: [$(Some(Hash::$hash),)? None][0],
                direct: (ck::$direct, stringify!($direct)),
                hashing: [$(Some((ck::$hashing, stringify!($hashing))),)? None][0],
            });)*

            /// The first algorithm that fits a key is its default.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$constant),*];
        }
    };
}

rows! {
    RS256 "RS256": Scheme::RsaPkcs1, CKM_RSA_PKCS, Sha256 CKM_SHA256_RSA_PKCS;
    RS384 "RS384": Scheme::RsaPkcs1, CKM_RSA_PKCS, Sha384 CKM_SHA384_RSA_PKCS;
    RS512 "RS512": Scheme::RsaPkcs1, CKM_RSA_PKCS, Sha512 CKM_SHA512_RSA_PKCS;
    PS256 "PS256": Scheme::RsaPss, CKM_RSA_PKCS_PSS, Sha256 CKM_SHA256_RSA_PKCS_PSS;
    PS384 "PS384": Scheme::RsaPss, CKM_RSA_PKCS_PSS, Sha384 CKM_SHA384_RSA_PKCS_PSS;
    PS512 "PS512": Scheme::RsaPss, CKM_RSA_PKCS_PSS, Sha512 CKM_SHA512_RSA_PKCS_PSS;
    ES256 "ES256": Scheme::Ecdsa(Curve::P256), CKM_ECDSA, Sha256 CKM_ECDSA_SHA256;
    ES384 "ES384": Scheme::Ecdsa(Curve::P384), CKM_ECDSA, Sha384 CKM_ECDSA_SHA384;
    ES512 "ES512": Scheme::Ecdsa(Curve::P521), CKM_ECDSA, Sha512 CKM_ECDSA_SHA512;
    // RFC 8037, and the name of RFC 9864. Most libraries know the former only.
    ED25519 "EdDSA" or "Ed25519": Scheme::Ed25519, CKM_EDDSA;
    ML_DSA_44 "ML-DSA-44": Scheme::MlDsa(MlDsa::ML_DSA_44), CKM_ML_DSA;
    ML_DSA_65 "ML-DSA-65": Scheme::MlDsa(MlDsa::ML_DSA_65), CKM_ML_DSA;
    ML_DSA_87 "ML-DSA-87": Scheme::MlDsa(MlDsa::ML_DSA_87), CKM_ML_DSA;
    HS256 "HS256": Scheme::Hmac, CKM_SHA256_HMAC;
}

impl SignatureAlgorithm {
    /// The JOSE `alg` value.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether this JOSE `alg` value means it. Names are case-sensitive (RFC 7515, section 4.1.1).
    pub fn is_named(self, name: &str) -> bool {
        self.0.name == name || self.0.alias == Some(name)
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
            Scheme::Ed25519 => kind == KeyKind::Ed25519,
            Scheme::MlDsa(set) => kind == KeyKind::MlDsa(set),
            // A key at least as long as the MAC (RFC 7518, section 3.2).
            Scheme::Hmac => matches!(kind, KeyKind::Hmac { bits: 256.. }),
        }
    }

    /// Describes the key that makes such signatures.
    pub fn needed_key(self) -> String {
        match self.0.scheme {
            Scheme::RsaPkcs1 | Scheme::RsaPss => "an RSA key".to_owned(),
            Scheme::Ecdsa(curve) => format!("a {} key", curve.jwk_name()),
            Scheme::Ed25519 => "an Ed25519 key".to_owned(),
            Scheme::MlDsa(set) => format!("an {} key", set.name()),
            Scheme::Hmac => "an HMAC key".to_owned(),
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

    /// The length in bytes of r ‖ s in a JWS (RFC 7518, section 3.4). `None` for algorithms whose signatures
    /// have one form.
    pub fn p1363_len(self) -> Option<usize> {
        match self.0.scheme {
            Scheme::Ecdsa(curve) => Some(2 * curve.width()),
            Scheme::RsaPkcs1 | Scheme::RsaPss | Scheme::Ed25519 | Scheme::MlDsa(_) | Scheme::Hmac => None,
        }
    }

    /// Converts r ‖ s from a token to DER. `None` for algorithms whose signatures have one form.
    pub fn to_der(self, raw: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.0.scheme {
            Scheme::Ecdsa(curve) => curve.to_der(raw).map(Some),
            Scheme::RsaPkcs1 | Scheme::RsaPss | Scheme::Ed25519 | Scheme::MlDsa(_) | Scheme::Hmac => Ok(None),
        }
    }
}

by_name!(SignatureAlgorithm);

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
        let is_named = |algorithm: &Self| {
            let Row { name, alias, .. } = *algorithm.0;
            [Some(name), alias].into_iter().flatten().any(|known| known.eq_ignore_ascii_case(text))
        };
        Self::ALL.into_iter().find(is_named).ok_or_else(|| {
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

    /// The mechanisms by which kmsctl signs with such a key: any of them is enough.
    pub fn signature_mechanisms(self) -> impl Iterator<Item = CK_MECHANISM_TYPE> {
        self.signature_algorithms()
            .map(SignatureAlgorithm::mechanisms)
            .flat_map(|Mechanisms { direct, hashing, .. }| std::iter::once(direct).chain(hashing))
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
        assert!("none".parse::<SignatureAlgorithm>().is_err());
    }
}
