//! The key algorithms: one row for each, and one file for each family (RSA, elliptic curves, Ed25519, ML-DSA, ML-KEM). All
//! other code uses the rows.
//!
//! To add an algorithm of an existing family, add its constant to [`Algorithm`] and [`Algorithm::ALL`]; for a new curve,
//! also its row in `curve.rs` and its signature algorithm in `signature.rs`; for a new parameter set, its row in
//! `ml_dsa_set.rs` or `ml_kem_set.rs`.

mod arithmetic;
mod by_name;
mod curve;
mod ec;
mod ed25519;
mod edwards;
mod error;
mod explicit_curve;
mod hash;
mod key;
mod kind;
mod lattice;
mod ml_dsa;
mod ml_dsa_set;
mod ml_kem;
mod ml_kem_set;
mod openssl;
mod pair;
mod primes;
mod rsa;
#[cfg(test)]
pub(crate) mod sample;
mod signature;
mod whole;

use std::{fmt, str::FromStr};

pub use curve::{Curve, OtherCurve};
pub use error::Error;
pub use hash::{Hash, Hasher, digest_info};
pub use key::PublicNumbers;
pub use kind::{Attributes, Encryption, KeyKind, MIN_RSA_BITS};
pub use ml_dsa_set::MlDsa;
pub use ml_kem_set::MlKem;
pub(crate) use pair::{JwkMember, JwkMembers};
pub use pair::{PrivateKey, PublicKey};
pub use signature::{MAX_SIGNATURE_LEN, Mechanisms, Scheme, SignatureAlgorithm};
pub use whole::WholeMessage;

use by_name::by_name;

use crate::model::{Invalid, Usage};

/// A key algorithm that kmsctl creates and imports.
#[derive(Clone, Copy)]
pub struct Algorithm(&'static Row);

struct Row {
    /// The name on the command line, in records and in wrapped keys.
    name: &'static str,
    /// The name in JSON and in a cloud KMS's Create Key request.
    key_type: &'static str,
    /// Other names on the command line, in lower case.
    aliases: &'static [&'static str],
    kind: KeyKind,
    /// The usage of new keys without `--usage`.
    usage: Usage,
    /// Whether a Create Key request may ask for it.
    in_requests: bool,
}

const SIGNING: Usage = Usage { sign: true, verify: true, ..Usage::NONE };
const ENCRYPTION: Usage = Usage { encrypt: true, decrypt: true, ..Usage::NONE };
const ALL_USES: Usage = Usage { sign: true, verify: true, encrypt: true, decrypt: true };

impl Algorithm {
    pub const RSA_2048: Self = Self(&Row {
        name: "rsa-2048",
        key_type: "RSA2048",
        aliases: &[],
        kind: KeyKind::Rsa { bits: 2048 },
        usage: ALL_USES,
        in_requests: true,
    });
    pub const RSA_3072: Self = Self(&Row {
        name: "rsa-3072",
        key_type: "RSA3072",
        aliases: &[],
        kind: KeyKind::Rsa { bits: 3072 },
        usage: ALL_USES,
        in_requests: false,
    });
    pub const RSA_4096: Self = Self(&Row {
        name: "rsa-4096",
        key_type: "RSA4096",
        aliases: &[],
        kind: KeyKind::Rsa { bits: 4096 },
        usage: ALL_USES,
        in_requests: false,
    });
    pub const EC_P256: Self = Self(&Row {
        name: "ec-p256",
        key_type: "ECDSA",
        aliases: &["p-256", "p256", "prime256v1", "ecdsa256"],
        kind: KeyKind::Ec(Curve::P256),
        usage: SIGNING,
        in_requests: true,
    });
    pub const EC_P384: Self = Self(&Row {
        name: "ec-p384",
        key_type: "ECDSA384",
        aliases: &["p-384", "p384", "secp384r1"],
        kind: KeyKind::Ec(Curve::P384),
        usage: SIGNING,
        in_requests: false,
    });
    pub const EC_P521: Self = Self(&Row {
        name: "ec-p521",
        key_type: "ECDSA521",
        aliases: &["p-521", "p521", "secp521r1"],
        kind: KeyKind::Ec(Curve::P521),
        usage: SIGNING,
        in_requests: false,
    });
    pub const ED25519: Self = Self(&Row {
        name: "ed25519",
        key_type: "ED25519",
        aliases: &["eddsa"],
        kind: KeyKind::Ed25519,
        usage: SIGNING,
        in_requests: false,
    });
    pub const ML_DSA_44: Self = Self(&Row {
        name: "ml-dsa-44",
        key_type: "MLDSA44",
        aliases: &["mldsa-44"],
        kind: KeyKind::MlDsa(MlDsa::ML_DSA_44),
        usage: SIGNING,
        in_requests: false,
    });
    pub const ML_DSA_65: Self = Self(&Row {
        name: "ml-dsa-65",
        key_type: "MLDSA65",
        aliases: &["mldsa-65"],
        kind: KeyKind::MlDsa(MlDsa::ML_DSA_65),
        usage: SIGNING,
        in_requests: false,
    });
    pub const ML_DSA_87: Self = Self(&Row {
        name: "ml-dsa-87",
        key_type: "MLDSA87",
        aliases: &["mldsa-87"],
        kind: KeyKind::MlDsa(MlDsa::ML_DSA_87),
        usage: SIGNING,
        in_requests: false,
    });
    pub const AES_256: Self = Self(&Row {
        name: "aes-256",
        key_type: "AES256",
        aliases: &[],
        kind: KeyKind::Aes { bits: 256 },
        usage: ENCRYPTION,
        in_requests: true,
    });

    pub const HMAC_256: Self = Self(&Row {
        name: "hmac-256",
        key_type: "HMAC256",
        aliases: &[],
        kind: KeyKind::Hmac { bits: 256 },
        usage: SIGNING,
        in_requests: false,
    });

    pub const MLKEM_768: Self = Self(&Row {
        name: "ml-kem-768",
        key_type: "MLKEM768",
        aliases: &["mlkem-768"],
        kind: KeyKind::MlKem(MlKem::MLKEM_768),
        usage: ENCRYPTION,
        in_requests: false,
    });
    pub const MLKEM_1024: Self = Self(&Row {
        name: "ml-kem-1024",
        key_type: "MLKEM1024",
        aliases: &["mlkem-1024"],
        kind: KeyKind::MlKem(MlKem::MLKEM_1024),
        usage: ENCRYPTION,
        in_requests: false,
    });

    /// The algorithm of a first key, in hints.
    pub const FIRST_CHOICE: Self = Self::EC_P256;

    /// Pairs of which almost every token makes at least one, the quickest first.
    pub const COMMON_PAIRS: [Self; 2] = [Self::EC_P256, Self::RSA_2048];

    /// What a secret key is of where nothing says so.
    pub const PLAIN_SECRET: Self = Self::AES_256;

    pub const ALL: [Self; 14] = [
        Self::RSA_2048,
        Self::RSA_3072,
        Self::RSA_4096,
        Self::EC_P256,
        Self::EC_P384,
        Self::EC_P521,
        Self::ED25519,
        Self::ML_DSA_44,
        Self::ML_DSA_65,
        Self::ML_DSA_87,
        Self::AES_256,
        Self::HMAC_256,
        Self::MLKEM_768,
        Self::MLKEM_1024,
    ];

    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The name in JSON and in a cloud KMS's Create Key request, such as `RSA2048`.
    pub const fn key_type(self) -> &'static str {
        self.0.key_type
    }

    pub const fn kind(self) -> KeyKind {
        self.0.kind
    }

    /// The usage of new keys without `--usage`.
    pub const fn usage(self) -> Usage {
        self.0.usage
    }

    pub const fn is_secret(self) -> bool {
        self.0.kind.is_secret()
    }

    /// By the `alg` of a JWK of type `oct` (RFC 7518, sections 3.1 and 5.1).
    pub fn of_secret_jwk(name: &str) -> Option<Self> {
        match name {
            "A256GCM" => Some(Self::AES_256),
            "HS256" => Some(Self::HMAC_256),
            _ => None,
        }
    }

    /// Whether such keys can encrypt convergently.
    pub fn may_be_convergent(self) -> bool {
        self.0.kind.encryption() == Some(Encryption::AesGcm)
    }

    /// The algorithms that a cloud KMS's Create Key request may name, by [`Self::key_type`].
    pub fn in_requests() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|algorithm| algorithm.0.in_requests)
    }
}

/// `a, b or c`.
pub fn either(names: impl IntoIterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

by_name!(Algorithm);

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name)
    }
}

/// Ignores case.
impl FromStr for Algorithm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_named = |algorithm: &Self| {
            let Row { name, key_type, aliases, .. } = algorithm.0;
            [name, key_type].into_iter().chain(*aliases).any(|known| known.eq_ignore_ascii_case(text))
        };
        Self::ALL.into_iter().find(is_named).ok_or_else(|| {
            let names = either(Self::ALL.map(Self::name));
            Invalid::new(format!("unknown algorithm {text:?}: use {names}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_spelling_parses_in_any_case() {
        for (text, expected) in [
            ("rsa-2048", Algorithm::RSA_2048),
            ("RSA2048", Algorithm::RSA_2048),
            ("Rsa4096", Algorithm::RSA_4096),
            ("ECDSA", Algorithm::EC_P256),
            ("P-256", Algorithm::EC_P256),
            ("PRIME256V1", Algorithm::EC_P256),
            ("EC-P384", Algorithm::EC_P384),
            ("secp384r1", Algorithm::EC_P384),
            ("rsa3072", Algorithm::RSA_3072),
            ("P521", Algorithm::EC_P521),
            ("aes256", Algorithm::AES_256),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        assert!("rsa-1024".parse::<Algorithm>().is_err());
    }

    #[test]
    fn spellings_are_unique() {
        let spellings = Algorithm::ALL.iter().flat_map(|one| {
            let own = [one.0.name, one.0.key_type].into_iter().chain(one.0.aliases.iter().copied());
            own.map(str::to_ascii_lowercase).collect::<std::collections::BTreeSet<_>>()
        });
        let mut all: Vec<_> = spellings.collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }

    #[test]
    fn a_kind_gives_its_algorithm() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.kind().algorithm(), Some(algorithm));
        }
        assert_eq!(KeyKind::Rsa { bits: 3000 }.algorithm(), None);
    }
}
