//! A failed PKCS#11 call: the function and its return value.

use cryptoki_sys as ck;
use cryptoki_sys::CK_RV;

use super::return_value::Named;
use crate::{
    model::{Code, Coded, Diagnosis},
    shell::{kmsctl, kmsctl_without_pin},
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A call that did not return `CKR_OK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{function} returned {}", self.name())]
pub struct Error {
    function: &'static str,
    rv: CK_RV,
}

impl Error {
    pub(super) const fn new(function: &'static str, rv: CK_RV) -> Self {
        Self { function, rv }
    }

    /// A return value without a call.
    pub const fn of_value(rv: CK_RV) -> Self {
        Self::new("", rv)
    }

    /// The error of a session whose module was finalised, without calling it.
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

    /// Whether the token has no more sessions or resources.
    pub fn is_session_limit(&self) -> bool {
        self.is_any(&[ck::CKR_SESSION_COUNT, ck::CKR_TOKEN_RESOURCE_EXCEEDED, ck::CKR_HOST_MEMORY])
    }

    /// Whether the object does not exist any more. tpm2-pkcs11 1.9 returns CKR_KEY_HANDLE_INVALID, whatever the function.
    pub fn is_gone(&self) -> bool {
        self.is_any(&[ck::CKR_OBJECT_HANDLE_INVALID, ck::CKR_KEY_HANDLE_INVALID])
    }

    /// Whether the token is gone, no longer knows this session, or considers an operation active: a new session may
    /// work.
    pub fn is_lost_connection(&self) -> bool {
        self.is_any(&[
            ck::CKR_SESSION_HANDLE_INVALID,
            ck::CKR_SESSION_CLOSED,
            ck::CKR_DEVICE_REMOVED,
            ck::CKR_DEVICE_ERROR,
            ck::CKR_TOKEN_NOT_PRESENT,
            ck::CKR_USER_NOT_LOGGED_IN,
            ck::CKR_OPERATION_ACTIVE,
            // The module finalised itself.
            ck::CKR_CRYPTOKI_NOT_INITIALIZED,
            // The remote side is gone (p11-kit).
            CK_RV::MAX,
        ])
    }

    /// Whether the token lacks a mechanism, or lacks it for this key or parameter.
    pub fn lacks_mechanism(&self) -> bool {
        self.is_any(&[
            ck::CKR_MECHANISM_INVALID,
            ck::CKR_MECHANISM_PARAM_INVALID,
            ck::CKR_FUNCTION_NOT_SUPPORTED,
            ck::CKR_RANDOM_NO_RNG,
        ])
    }

    /// Whether the token does not support this kind of session. Tokens without read-only sessions share no return value, so
    /// this excludes only values with another meaning.
    pub(super) fn refuses_session(&self) -> bool {
        !self.is_lost_connection()
            && !self.is_session_limit()
            && !self.is_any(&[ck::CKR_GENERAL_ERROR, ck::CKR_TOKEN_NOT_RECOGNIZED, ck::CKR_SLOT_ID_INVALID])
    }

    /// Whether the token has no room for another object.
    pub fn is_full(&self) -> bool {
        self.is_any(&[ck::CKR_DEVICE_MEMORY, ck::CKR_HOST_MEMORY, ck::CKR_TOKEN_RESOURCE_EXCEEDED])
    }

    /// Whether the value is too long for the token to store.
    pub fn is_too_long(&self) -> bool {
        self.is(ck::CKR_DATA_LEN_RANGE)
    }

    /// Whether users are not permitted to do this: on cards, only the vendor's program or the security officer is.
    pub fn refuses_user(&self) -> bool {
        self.function != "C_Login" && self.is_any(&[ck::CKR_USER_NOT_LOGGED_IN, ck::CKR_ACTION_PROHIBITED])
    }

    /// Whether the call failed because the session is read-only.
    pub fn is_read_only(&self) -> bool {
        self.is(ck::CKR_SESSION_READ_ONLY)
    }

    /// Whether data of this length is longer than the token takes in one call, or in one operation.
    pub fn is_data_too_long(&self, length: usize) -> bool {
        // Kryoptic 1.5, because OpenSSL 3.5 signs in one call only.
        let is_above_buffer = self.is(ck::CKR_DEVICE_ERROR) && length > 1024 * 1024;
        is_above_buffer
            || self.is_any(&[
                ck::CKR_DATA_LEN_RANGE,
                ck::CKR_HOST_MEMORY,
                ck::CKR_DEVICE_MEMORY,
                ck::CKR_TOKEN_RESOURCE_EXCEEDED,
            ])
    }

    /// Whether the token refused a first part because it takes the data in one call only.
    pub fn refuses_parts(&self) -> bool {
        // SoftHSM 2.6, for EdDSA.
        self.lacks_mechanism()
            || self.is_any(&[ck::CKR_OPERATION_NOT_INITIALIZED, ck::CKR_KEY_FUNCTION_NOT_PERMITTED])
    }

    /// Whether a token where no two objects of a class have the same label may have refused it for that.
    pub fn may_be_about_label(&self) -> bool {
        self.is_any(&[ck::CKR_ATTRIBUTE_VALUE_INVALID, ck::CKR_TEMPLATE_INCONSISTENT])
    }

    /// Whether the token does not support such objects, or not with these attributes.
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

    /// Whether the token refused what a template says of a new key, as opposed to making keys.
    pub fn refuses_new_key(&self) -> bool {
        ["C_GenerateKey", "C_GenerateKeyPair", "C_CreateObject", "C_UnwrapKey"].contains(&self.function)
            && self.is_any(&[
                ck::CKR_ATTRIBUTE_TYPE_INVALID,
                ck::CKR_ATTRIBUTE_VALUE_INVALID,
                ck::CKR_TEMPLATE_INCOMPLETE,
                ck::CKR_TEMPLATE_INCONSISTENT,
            ])
    }

    /// Whether the value is in the vendor-defined range.
    pub fn is_vendor_defined(&self) -> bool {
        self.rv >= ck::CKR_VENDOR_DEFINED
    }

    /// What to do where the token leaves to others what the function does.
    fn other_way(&self) -> Option<String> {
        if !self.is(ck::CKR_FUNCTION_NOT_SUPPORTED) && !self.refuses_user() {
            return None;
        }
        let hint = match self.function {
            "C_GenerateKey" | "C_GenerateKeyPair" => format!(
                "keys of this token are made by its own program or its administrator, see kmsctl-modules(7); `{}` shows \
                 the keys that can be used",
                kmsctl("key list")
            ),
            "C_CreateObject" | "C_UnwrapKey" => format!(
                "the token takes no keys from outside; if it makes keys, `{}` makes another one",
                kmsctl("key create --label NAME --algorithm ALGORITHM")
            ),
            "C_DestroyObject" => format!(
                "keys of this token are destroyed by its own program or its administrator; with `--records DIR`, `{}` \
                 stops kmsctl from using one",
                kmsctl("key disable --label NAME")
            ),
            "C_GenerateRandom" => {
                "the operating system has random bytes, too: `openssl rand -base64 32`".to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }

    /// The constant's name, `CKR_VENDOR_DEFINED+0x…` in the vendor range, or `CKR_0x…` if the standard has none. With
    /// p11-kit, every call to a dead remote returns `0xFFFFFFFFFFFFFFFF`.
    pub fn name(&self) -> String {
        match Named::of(self.rv) {
            Some(named) => named.name.to_owned(),
            None if self.is_vendor_defined() => {
                format!("CKR_VENDOR_DEFINED+{:#x}", self.rv - ck::CKR_VENDOR_DEFINED)
            }
            None => format!("CKR_{:#x}", self.rv),
        }
    }
}

impl Coded for Error {
    fn diagnosis(&self) -> Diagnosis {
        let code = Named::of(self.rv).map_or(Code::TokenError, |named| named.code);
        if let Some(hint) = self.other_way() {
            return code.hint(hint);
        }
        match code {
            Code::PinLocked | Code::PinNotSet => code.hint(unlock()),
            Code::PinInvalid => code.hint(format!(
                "`{}` shows the PIN lengths that the token accepts",
                kmsctl_without_pin("token show")
            )),
            Code::TokenGone => {
                code.hint(format!("`{}` shows whether it is back", kmsctl_without_pin("token list")))
            }
            Code::TokenFull => code.hint("destroy keys that are no longer needed, or free space on its disk"),
            Code::TokenReadOnly => {
                code.hint("nothing on this token can be created or changed; its keys can be used")
            }
            Code::TokenIncapable => code
                .hint(format!("`{}` lists the mechanisms of the token", kmsctl_without_pin("token show -v"))),
            Code::KeyUsage => {
                code.hint(format!("`{}` shows what each key is made for", kmsctl("key list --wide")))
            }
            _ => code.into(),
        }
    }
}

/// Hint for a user PIN that is locked or not set.
pub(super) fn unlock() -> String {
    format!("`{}` lets the SO set a new user PIN", kmsctl_without_pin("token unlock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standard() {
        assert_eq!(
            Error::new("C_Login", ck::CKR_PIN_INCORRECT).to_string(),
            "C_Login returned CKR_PIN_INCORRECT"
        );
        assert_eq!(Error::new("C_Login", 0x8000_0001).name(), "CKR_VENDOR_DEFINED+0x1");
        assert_eq!(Error::new("C_Login", 0x7000).name(), "CKR_0x7000");
    }
}
