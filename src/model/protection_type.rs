//! Where a key is stored, in the terms of the cloud API.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ProtectionType {
    /// The embedded token.
    #[serde(rename = "BASIC")]
    Basic,
    /// A PKCS#11 module.
    #[serde(rename = "COMMON_HSM")]
    CommonHsm,
}

impl ProtectionType {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "BASIC",
            Self::CommonHsm => "COMMON_HSM",
        }
    }
}
