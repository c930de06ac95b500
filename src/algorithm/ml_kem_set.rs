//! The parameter sets of ML-KEM (FIPS 203, section 8).

use cryptoki_sys as ck;
use cryptoki_sys::CK_ULONG;
use ossl::pkey::EvpPkeyType;
use pkcs8::ObjectIdentifier;

use super::by_name::by_name;

/// A parameter set of ML-KEM.
#[derive(Clone, Copy)]
pub struct MlKem(pub(super) &'static Row);

pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) oid: ObjectIdentifier,
    pub(super) evp: EvpPkeyType,
    /// `CKA_PARAMETER_SET`.
    pub(super) number: CK_ULONG,
    pub(super) public_len: usize,
    /// Of the expanded private key (FIPS 203, section 7.1).
    pub(super) private_len: usize,
    pub(super) encapsulation_len: usize,
}

impl MlKem {
    pub const MLKEM_768: Self = Self(&Row {
        name: "ML-KEM-768",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2"),
        evp: EvpPkeyType::MlKem768,
        number: ck::CKP_ML_KEM_768,
        public_len: 1184,
        private_len: 2400,
        encapsulation_len: 1088,
    });
    pub const MLKEM_1024: Self = Self(&Row {
        name: "ML-KEM-1024",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3"),
        evp: EvpPkeyType::MlKem1024,
        number: ck::CKP_ML_KEM_1024,
        public_len: 1568,
        private_len: 3168,
        encapsulation_len: 1568,
    });
    pub(super) const ALL: [Self; 2] = [Self::MLKEM_768, Self::MLKEM_1024];

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

    /// The length of an encapsulated key in bytes.
    pub const fn encapsulation_len(self) -> usize {
        self.0.encapsulation_len
    }
}

by_name!(MlKem);
