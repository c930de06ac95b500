//! The parameter sets of ML-DSA (FIPS 204, section 4).

use cryptoki_sys as ck;
use cryptoki_sys::CK_ULONG;
use ossl::{pkey::EvpPkeyType, signature::SigAlg};
use pkcs8::ObjectIdentifier;

use super::by_name::by_name;

/// A parameter set of ML-DSA.
#[derive(Clone, Copy)]
pub struct MlDsa(pub(super) &'static Row);

pub(super) struct Row {
    /// The JOSE `alg`, which is OpenSSL's name too.
    pub(super) name: &'static str,
    pub(super) oid: ObjectIdentifier,
    /// `CKA_PARAMETER_SET`.
    pub(super) number: CK_ULONG,
    /// The length of a public key in bytes.
    pub(super) public: usize,
    /// The length of an expanded private key in bytes.
    pub(super) expanded: usize,
    /// The length of a signature in bytes.
    pub(super) signature: usize,
    pub(super) evp: EvpPkeyType,
    pub(super) verifies: SigAlg,
}

impl MlDsa {
    pub const ML_DSA_44: Self = Self(&Row {
        name: "ML-DSA-44",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
        number: ck::CKP_ML_DSA_44,
        public: 1312,
        expanded: 2560,
        signature: 2420,
        evp: EvpPkeyType::Mldsa44,
        verifies: SigAlg::Mldsa44,
    });
    pub const ML_DSA_65: Self = Self(&Row {
        name: "ML-DSA-65",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
        number: ck::CKP_ML_DSA_65,
        public: 1952,
        expanded: 4032,
        signature: 3309,
        evp: EvpPkeyType::Mldsa65,
        verifies: SigAlg::Mldsa65,
    });
    pub const ML_DSA_87: Self = Self(&Row {
        name: "ML-DSA-87",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
        number: ck::CKP_ML_DSA_87,
        public: 2592,
        expanded: 4896,
        signature: 4627,
        evp: EvpPkeyType::Mldsa87,
        verifies: SigAlg::Mldsa87,
    });

    pub(super) const ALL: [Self; 3] = [Self::ML_DSA_44, Self::ML_DSA_65, Self::ML_DSA_87];

    pub const fn name(self) -> &'static str {
        self.0.name
    }

    pub(super) const fn oid(self) -> ObjectIdentifier {
        self.0.oid
    }

    /// `CKA_PARAMETER_SET`.
    pub(super) const fn number(self) -> CK_ULONG {
        self.0.number
    }

    pub(super) fn of_number(number: CK_ULONG) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.0.number == number)
    }
}

by_name!(MlDsa);
