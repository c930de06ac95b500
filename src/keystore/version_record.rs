//! One version of a key in its record.

use serde::{Deserialize, Serialize};

use super::binding::Binding;
use crate::model::{KeyId, Status, Timestamp, Version};

/// One version of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionRecord {
    pub version: Version,
    #[serde(with = "hex_id")]
    pub id: KeyId,
    /// The CKA_ID of the HMAC companion of a convergent key.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hex_id::optional")]
    pub companion: Option<KeyId>,
    /// Identifies the version's key.
    #[serde(flatten)]
    pub binding: Binding,
    /// Takes effect while the key as a whole is enabled.
    #[serde(flatten, with = "version_status")]
    pub status: Status,
    /// Unknown for a key of another tool.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// Set while the version is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Its objects are labelled `LABEL-vN`, for a token where no two objects of a class have the same label:
    /// [`Record::label_of`](super::record::Record::label_of).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_label: bool,
}

impl VersionRecord {
    /// The CKA_ID of the version and that of its companion.
    pub(super) fn ids(&self) -> impl Iterator<Item = &KeyId> {
        std::iter::once(&self.id).chain(&self.companion)
    }

    /// Whether its objects are being destroyed, so that it cannot be restored.
    pub fn is_being_destroyed(&self) -> bool {
        self.deletion.is_some_and(|deletion| deletion.begun)
    }
}

/// The requested deletion of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub requested: Timestamp,
    /// The date from which `purge` destroys it.
    pub due: Timestamp,
    /// Its objects are being destroyed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begun: bool,
}

mod version_status {
    //! The status of a version as two members. Earlier releases know only the first, and only `ENABLE` and `DISABLE`
    //! there: to them a staged or revoked version is disabled.

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::model::Status;

    #[derive(Serialize, Deserialize)]
    struct Stored {
        status: Status,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<Status>,
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
        let (status, phase) = match status {
            Status::Enable | Status::Disable => (*status, None),
            Status::Retired => (Status::Enable, Some(*status)),
            Status::Staged | Status::Revoke => (Status::Disable, Some(*status)),
        };
        Stored { status, phase }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
        let Stored { status, phase } = Stored::deserialize(deserializer)?;
        Ok(phase.unwrap_or(status))
    }
}

mod hex_id {
    //! A CKA_ID as hexadecimal text.

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::model::KeyId;

    pub(super) fn serialize<S: Serializer>(id: &KeyId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyId, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A key of another tool may have no CKA_ID.
        if text.is_empty() { Ok(KeyId::default()) } else { text.parse().map_err(D::Error::custom) }
    }

    pub(super) mod optional {
        use super::{Deserialize, Deserializer, Error, KeyId, Serializer};

        #[allow(clippy::ref_option, reason = "the signature is serde's")]
        pub(in super::super) fn serialize<S: Serializer>(
            id: &Option<KeyId>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match id {
                Some(id) => serializer.collect_str(id),
                None => serializer.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<KeyId>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}
