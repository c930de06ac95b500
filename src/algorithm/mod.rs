//! The key algorithms: one row for each, and one file for each family (RSA, elliptic curves, Ed25519, ML-DSA, ML-KEM). All
//! other code uses the rows.
//!
//! To add an algorithm of an existing family, add its row below; for a new curve, also its row in `curve.rs` and its
//! signature algorithm in `signature.rs`; for a new parameter set, its row in `ml_dsa_set.rs` or `ml_kem_set.rs`.

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
pub use openssl::start_openssl;
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
    in_requests: bool,
}

const SIGNING: Usage = Usage { sign: true, verify: true, ..Usage::NONE };
const ENCRYPTION: Usage = Usage { encrypt: true, decrypt: true, ..Usage::NONE };
const ALL_USES: Usage = Usage { sign: true, verify: true, encrypt: true, decrypt: true };

/// Whether a Create Key request may ask for it.
const IN_REQUESTS: bool = true;

macro_rules! rows {
    ($($constant:ident $name:literal = $key_type:literal $(or $alias:literal)*: $kind:expr, $usage:ident $(, $in_requests:ident)?;)*) => {
        impl Algorithm {
            $(pub const $constant: Self = Self(&Row {
                name: $name,
                key_type: $key_type,
                aliases: &[$($alias),*],
                kind: $kind,
                usage: $usage,
                in_requests: [$($in_requests,)? false][0],
            });)*

            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$constant),*];
        }
    };
}

// The first of those that sign alike is the one that `doctor` tries.
rows! {
    RSA_2048 "rsa-2048" = "RSA2048": KeyKind::Rsa { bits: 2048 }, ALL_USES, IN_REQUESTS;
    RSA_3072 "rsa-3072" = "RSA3072": KeyKind::Rsa { bits: 3072 }, ALL_USES;
    RSA_4096 "rsa-4096" = "RSA4096": KeyKind::Rsa { bits: 4096 }, ALL_USES;
    EC_P256 "ec-p256" = "ECDSA" or "p-256" or "p256" or "prime256v1" or "ecdsa256": KeyKind::Ec(Curve::P256), SIGNING, IN_REQUESTS;
    EC_P384 "ec-p384" = "ECDSA384" or "p-384" or "p384" or "secp384r1": KeyKind::Ec(Curve::P384), SIGNING;
    EC_P521 "ec-p521" = "ECDSA521" or "p-521" or "p521" or "secp521r1": KeyKind::Ec(Curve::P521), SIGNING;
    ED25519 "ed25519" = "ED25519" or "eddsa": KeyKind::Ed25519, SIGNING;
    ML_DSA_44 "ml-dsa-44" = "MLDSA44" or "mldsa-44": KeyKind::MlDsa(MlDsa::ML_DSA_44), SIGNING;
    ML_DSA_65 "ml-dsa-65" = "MLDSA65" or "mldsa-65": KeyKind::MlDsa(MlDsa::ML_DSA_65), SIGNING;
    ML_DSA_87 "ml-dsa-87" = "MLDSA87" or "mldsa-87": KeyKind::MlDsa(MlDsa::ML_DSA_87), SIGNING;
    AES_256 "aes-256" = "AES256": KeyKind::Aes { bits: 256 }, ENCRYPTION, IN_REQUESTS;
    HMAC_256 "hmac-256" = "HMAC256": KeyKind::Hmac { bits: 256 }, SIGNING;
    MLKEM_768 "ml-kem-768" = "MLKEM768" or "mlkem-768": KeyKind::MlKem(MlKem::MLKEM_768), ENCRYPTION;
    MLKEM_1024 "ml-kem-1024" = "MLKEM1024" or "mlkem-1024": KeyKind::MlKem(MlKem::MLKEM_1024), ENCRYPTION;
}

impl Algorithm {
    /// The algorithm of a first key, in hints.
    pub const FIRST_CHOICE: Self = Self::EC_P256;

    /// Pairs of which almost every token makes at least one, the quickest first.
    pub const COMMON_PAIRS: [Self; 2] = [Self::EC_P256, Self::RSA_2048];

    /// What a secret key is of where nothing says so.
    pub const PLAIN_SECRET: Self = Self::AES_256;

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
