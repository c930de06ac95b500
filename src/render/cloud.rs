//! Answers in the form of a cloud KMS.

use super::{Document, KeyView};
use crate::model::{ProtectionType, Status, Timestamp, answer};

answer! {
    /// The key of a response.
    #[allow(clippy::struct_field_names, reason = "the fields are the contract's")]
    pub struct CreatedKey<'a> {
        /// Number made of the key tag, below 2^53
        key_id: Option<u64>,
        /// Name of the key in ciphertexts: 52 characters of base32
        key_tag: Option<&'a str>,
        /// Label of the key
        key_name: &'a str,
        /// Type of the key, such as AES256
        key_type: Option<&'static str>,
        /// ENABLE, DISABLE or REVOKE
        status: Option<Status>,
        /// Number made of the token's identity
        keystore_id: u32,
        /// BASIC for the embedded token, COMMON_HSM for a module
        protection_type: ProtectionType,
        /// Note
        memo: Option<&'a str>,
        /// Whether equal plaintexts have equal ciphertexts
        is_convergent: Option<bool>,
        /// Whether the key is rotated on a schedule
        is_auto_rotation: Option<bool>,
        /// Days between scheduled rotations; null without a schedule
        rotation_period: Option<u32>,
        /// When the next scheduled rotation is due; null without a schedule
        next_rotation_date: Option<Timestamp>,
        /// When the key was created
        register_date: Option<Timestamp>,
    }
}

answer! {
    /// The envelope of a cloud KMS.
    pub struct CloudResponse<'a> {
        /// SUCCESS
        code: &'static str,
        /// The key
        data: CreatedKey<'a>,
    }
}

/// The response to a Create Key request: the envelope with its thirteen fields, `null` where one does not apply.
pub fn created_key(view: &KeyView) -> Document {
    let data = CreatedKey {
        key_id: view.key_id,
        key_tag: view.key_tag.as_deref(),
        key_name: &view.label,
        key_type: view.key_type,
        status: view.status,
        keystore_id: view.keystore_id,
        protection_type: view.protection_type,
        memo: view.memo.as_deref(),
        is_convergent: view.is_convergent,
        is_auto_rotation: view.is_auto_rotation,
        rotation_period: view.rotation_period,
        next_rotation_date: view.next_rotation_date,
        register_date: view.register_date,
    };
    let response = CloudResponse { code: "SUCCESS", data };
    let text = serde_json::to_string_pretty(&response).unwrap_or_default() + "\n";
    Document::of(&response, text)
}
