//! What a PKCS#11 call answered: which function, which `CKR_`.

use std::fmt;

use cryptoki_sys as ck;
use cryptoki_sys::CK_RV;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A call that did not return `CKR_OK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    function: &'static str,
    rv: CK_RV,
}

impl Error {
    pub(super) const fn new(function: &'static str, rv: CK_RV) -> Self {
        Self { function, rv }
    }

    /// A return value as such, of no call in particular.
    pub const fn of_value(rv: CK_RV) -> Self {
        Self::new("", rv)
    }

    /// What a session answers whose module was ended, without being asked.
    pub const fn of_ended_session() -> Self {
        Self::new("C_GetSessionInfo", ck::CKR_SESSION_HANDLE_INVALID)
    }

    /// The function by its standard name, such as `C_Login`.
    pub const fn function(&self) -> &'static str {
        self.function
    }

    pub const fn rv(&self) -> CK_RV {
        self.rv
    }

    pub fn is(&self, rv: CK_RV) -> bool {
        self.rv == rv
    }

    pub fn is_any(&self, values: &[CK_RV]) -> bool {
        values.contains(&self.rv)
    }

    /// The answer of a token that has no more sessions to give.
    pub fn is_session_limit(&self) -> bool {
        self.is_any(&[ck::CKR_SESSION_COUNT, ck::CKR_TOKEN_RESOURCE_EXCEEDED, ck::CKR_HOST_MEMORY])
    }

    /// The answer of a token that is gone, knows this session no more or finds it in the midst of something: with a new one
    /// it may work again.
    pub fn is_lost_connection(&self) -> bool {
        self.is_any(&[
            ck::CKR_SESSION_HANDLE_INVALID,
            ck::CKR_SESSION_CLOSED,
            ck::CKR_DEVICE_REMOVED,
            ck::CKR_DEVICE_ERROR,
            ck::CKR_TOKEN_NOT_PRESENT,
            ck::CKR_USER_NOT_LOGGED_IN,
            ck::CKR_OPERATION_ACTIVE,
            // A module that ended itself.
            ck::CKR_CRYPTOKI_NOT_INITIALIZED,
            // A dead remote (p11-kit).
            CK_RV::MAX,
        ])
    }

    /// The answer of a token that lacks a mechanism, or lacks it for this key or parameter.
    pub fn lacks_mechanism(&self) -> bool {
        self.is_any(&[
            ck::CKR_MECHANISM_INVALID,
            ck::CKR_MECHANISM_PARAM_INVALID,
            ck::CKR_FUNCTION_NOT_SUPPORTED,
            ck::CKR_RANDOM_NO_RNG,
        ])
    }

    /// The answer of a token that makes nothing in a session that only reads.
    pub fn is_read_only(&self) -> bool {
        self.is(ck::CKR_SESSION_READ_ONLY)
    }

    /// The answer of a token that does not know such objects, or not with such attributes.
    pub fn refuses_template(&self) -> bool {
        self.is_any(&[
            ck::CKR_ATTRIBUTE_TYPE_INVALID,
            ck::CKR_ATTRIBUTE_VALUE_INVALID,
            ck::CKR_ATTRIBUTE_READ_ONLY,
            ck::CKR_TEMPLATE_INCOMPLETE,
            ck::CKR_TEMPLATE_INCONSISTENT,
            ck::CKR_FUNCTION_NOT_SUPPORTED,
            ck::CKR_ACTION_PROHIBITED,
        ])
    }

    /// A value that no version of the standard gives a meaning.
    pub fn is_vendors(&self) -> bool {
        self.rv >= ck::CKR_VENDOR_DEFINED
    }

    /// The constant's name, `CKR_VENDOR_DEFINED+0x…` in the vendors' range, `CKR_0x…` where the standard has none.
    /// A dead remote answers `0xFFFFFFFFFFFFFFFF` to any call (p11-kit).
    pub fn name(&self) -> String {
        match name_of(self.rv) {
            Some(name) => name.to_owned(),
            None if self.is_vendors() => {
                format!("CKR_VENDOR_DEFINED+{:#x}", self.rv - ck::CKR_VENDOR_DEFINED)
            }
            None => format!("CKR_{:#x}", self.rv),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} returned {}", self.function, self.name())
    }
}

impl std::error::Error for Error {}

macro_rules! names {
    ($($name:ident)*) => {
        /// Every return value that the standard names (PKCS#11 3.2, header file).
        pub const NAMES: &[(CK_RV, &str)] = &[$((ck::$name, stringify!($name))),*];
    };
}

fn name_of(rv: CK_RV) -> Option<&'static str> {
    NAMES.iter().find(|(value, _)| *value == rv).map(|(_, name)| *name)
}

names! {
    CKR_OK CKR_CANCEL CKR_HOST_MEMORY CKR_SLOT_ID_INVALID CKR_GENERAL_ERROR CKR_FUNCTION_FAILED CKR_ARGUMENTS_BAD
    CKR_NO_EVENT CKR_NEED_TO_CREATE_THREADS CKR_CANT_LOCK CKR_ATTRIBUTE_READ_ONLY CKR_ATTRIBUTE_SENSITIVE
    CKR_ATTRIBUTE_TYPE_INVALID CKR_ATTRIBUTE_VALUE_INVALID CKR_ACTION_PROHIBITED CKR_DATA_INVALID CKR_DATA_LEN_RANGE
    CKR_DEVICE_ERROR CKR_DEVICE_MEMORY CKR_DEVICE_REMOVED CKR_ENCRYPTED_DATA_INVALID CKR_ENCRYPTED_DATA_LEN_RANGE
    CKR_AEAD_DECRYPT_FAILED CKR_FUNCTION_CANCELED CKR_FUNCTION_NOT_PARALLEL CKR_FUNCTION_NOT_SUPPORTED
    CKR_KEY_HANDLE_INVALID CKR_KEY_SIZE_RANGE CKR_KEY_TYPE_INCONSISTENT CKR_KEY_NOT_NEEDED CKR_KEY_CHANGED
    CKR_KEY_NEEDED CKR_KEY_INDIGESTIBLE CKR_KEY_FUNCTION_NOT_PERMITTED CKR_KEY_NOT_WRAPPABLE CKR_KEY_UNEXTRACTABLE
    CKR_MECHANISM_INVALID CKR_MECHANISM_PARAM_INVALID CKR_OBJECT_HANDLE_INVALID CKR_OPERATION_ACTIVE
    CKR_OPERATION_NOT_INITIALIZED CKR_PIN_INCORRECT CKR_PIN_INVALID CKR_PIN_LEN_RANGE CKR_PIN_EXPIRED CKR_PIN_LOCKED
    CKR_SESSION_CLOSED CKR_SESSION_COUNT CKR_SESSION_HANDLE_INVALID CKR_SESSION_PARALLEL_NOT_SUPPORTED
    CKR_SESSION_READ_ONLY CKR_SESSION_EXISTS CKR_SESSION_READ_ONLY_EXISTS CKR_SESSION_READ_WRITE_SO_EXISTS
    CKR_SIGNATURE_INVALID CKR_SIGNATURE_LEN_RANGE CKR_TEMPLATE_INCOMPLETE CKR_TEMPLATE_INCONSISTENT
    CKR_TOKEN_NOT_PRESENT CKR_TOKEN_NOT_RECOGNIZED CKR_TOKEN_WRITE_PROTECTED CKR_UNWRAPPING_KEY_HANDLE_INVALID
    CKR_UNWRAPPING_KEY_SIZE_RANGE CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT CKR_USER_ALREADY_LOGGED_IN
    CKR_USER_NOT_LOGGED_IN CKR_USER_PIN_NOT_INITIALIZED CKR_USER_TYPE_INVALID CKR_USER_ANOTHER_ALREADY_LOGGED_IN
    CKR_USER_TOO_MANY_TYPES CKR_WRAPPED_KEY_INVALID CKR_WRAPPED_KEY_LEN_RANGE CKR_WRAPPING_KEY_HANDLE_INVALID
    CKR_WRAPPING_KEY_SIZE_RANGE CKR_WRAPPING_KEY_TYPE_INCONSISTENT CKR_RANDOM_SEED_NOT_SUPPORTED CKR_RANDOM_NO_RNG
    CKR_DOMAIN_PARAMS_INVALID CKR_CURVE_NOT_SUPPORTED CKR_BUFFER_TOO_SMALL CKR_SAVED_STATE_INVALID
    CKR_INFORMATION_SENSITIVE CKR_STATE_UNSAVEABLE CKR_CRYPTOKI_NOT_INITIALIZED CKR_CRYPTOKI_ALREADY_INITIALIZED
    CKR_MUTEX_BAD CKR_MUTEX_NOT_LOCKED CKR_NEW_PIN_MODE CKR_NEXT_OTP CKR_EXCEEDED_MAX_ITERATIONS
    CKR_FIPS_SELF_TEST_FAILED CKR_LIBRARY_LOAD_FAILED CKR_PIN_TOO_WEAK CKR_PUBLIC_KEY_INVALID CKR_FUNCTION_REJECTED
    CKR_TOKEN_RESOURCE_EXCEEDED CKR_OPERATION_CANCEL_FAILED CKR_KEY_EXHAUSTED CKR_PENDING
    CKR_SESSION_ASYNC_NOT_SUPPORTED CKR_SEED_RANDOM_REQUIRED CKR_OPERATION_NOT_VALIDATED CKR_TOKEN_NOT_INITIALIZED
    CKR_PARAMETER_SET_NOT_SUPPORTED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_standards_own() {
        assert_eq!(
            Error::new("C_Login", ck::CKR_PIN_INCORRECT).to_string(),
            "C_Login returned CKR_PIN_INCORRECT"
        );
        assert_eq!(Error::new("C_Login", 0x8000_0001).name(), "CKR_VENDOR_DEFINED+0x1");
        assert_eq!(Error::new("C_Login", 0x7000).name(), "CKR_0x7000");
    }
}
