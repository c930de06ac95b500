//! The record of a logical key: a small JSON document for what PKCS#11 has no attributes for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::identity::Identity;
pub use super::version_record::{Deletion, VersionRecord};
use crate::algorithm::{Algorithm, SignatureAlgorithm};
use crate::model::{Status, Timestamp, Usage, Version};

/// Uses that kmsctl never sets, but that a key of another tool may have. They are enabled and disabled with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ForeignUsage {
    pub wrap: bool,
    pub unwrap: bool,
    pub derive: bool,
}

impl ForeignUsage {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A logical key: its settings, its state and its versions, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate setting")]
pub struct Record {
    pub schema: u32,
    pub identity: Identity,
    /// Each change writes a successor with the next revision; the highest one is current.
    pub revision: u64,
    pub label: String,
    #[serde(with = "algorithm_name")]
    pub algorithm: Option<Algorithm>,
    pub usage: Usage,
    #[serde(default, skip_serializing_if = "ForeignUsage::is_empty")]
    pub foreign_usage: ForeignUsage,
    /// The algorithm of an RSA key for JWTs, if it is not the default (RFC 8725, section 3.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_algorithm: Option<SignatureAlgorithm>,
    #[serde(default)]
    pub memo: String,
    /// When the key was created; unknown for a key of another tool.
    #[serde(default)]
    pub created: Option<Timestamp>,
    pub status: Status,
    pub status_since: Timestamp,
    /// Only in `REVOKE`: the date from which `purge` destroys the key.
    #[serde(default)]
    pub destroy_at: Option<Timestamp>,
    /// Only in `REVOKE`: its objects are being destroyed, so it cannot be restored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_deleting: bool,
    #[serde(default)]
    pub convergent: bool,
    #[serde(default)]
    pub exportable: bool,
    #[serde(default)]
    pub auto_rotation: bool,
    /// In days.
    #[serde(default)]
    pub rotation_period: u32,
    #[serde(default)]
    pub next_rotation: Option<Timestamp>,
    /// Days between the staging of a version and its promotion by the schedule; 0 without staging.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stage_days: u32,
    /// How many versions a rotation leaves in use, the newest included; all by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
    pub versions: Vec<VersionRecord>,
}

/// The label of a version where each version must have another one.
pub fn version_label(label: &str, version: Version) -> String {
    format!("{label}-v{version}")
}

/// Default number of days between rotations.
pub const DEFAULT_ROTATION_PERIOD: u32 = 90;

impl Record {
    /// The schema that this version writes.
    pub const SCHEMA: u32 = 3;
    /// Size limit for reading a record, in bytes.
    pub const MAX_LEN: usize = 1 << 20;

    /// The label of the objects of a version.
    pub fn label_of(&self, version: Version) -> Cow<'_, str> {
        match self.version(version) {
            Some(VersionRecord { own_label: true, .. }) => version_label(&self.label, version).into(),
            _ => self.label.as_str().into(),
        }
    }

    /// The version with the highest number, which may be staged.
    pub fn newest(&self) -> &VersionRecord {
        // `from_bytes` refuses a record without versions, and sorts them.
        &self.versions[self.versions.len() - 1]
    }

    /// The version that signs and encrypts: the newest enabled one.
    pub fn current(&self) -> &VersionRecord {
        let enabled = self.versions.iter().rev().find(|entry| entry.status == Status::Enable);
        enabled.unwrap_or_else(|| self.newest())
    }

    /// The CKA_ID of the oldest version, which marks those of later ones.
    pub(super) fn first_id(&self) -> &crate::model::KeyId {
        &self.versions[0].id
    }

    pub fn version(&self, version: Version) -> Option<&VersionRecord> {
        self.versions.iter().find(|entry| entry.version == version)
    }

    /// A copy of this record with the next revision.
    #[must_use]
    pub fn revised(&self) -> Self {
        // An older kmsctl would drop fields that it does not know, so it must not change records of this one.
        let schema = self.schema.max(Self::SCHEMA);
        Self { schema, revision: self.revision.saturating_add(1), ..self.clone() }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        // Serialising strings and numbers cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Parses a stored document. A newer schema is read as far as it is known; check `schema`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        if bytes.len() > Self::MAX_LEN {
            return Err(Damage(format!("longer than {} bytes", Self::MAX_LEN)));
        }
        let mut record: Self = serde_json::from_slice(bytes).map_err(|error| Damage(error.to_string()))?;
        let mut seen = std::collections::HashSet::new();
        if record.versions.is_empty() || !record.versions.iter().all(|version| seen.insert(version.version)) {
            return Err(Damage("its versions are missing or duplicated".to_owned()));
        }
        record.versions.sort_by_key(|version| version.version);
        // The parser allocates space for four, and most keys have one version.
        record.versions.shrink_to_fit();
        Ok(record)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Why a stored document could not be parsed as a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage(pub String);

mod algorithm_name {
    //! An algorithm by its command-line name; `null` for a key that kmsctl could not have made.

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::algorithm::Algorithm;

    #[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(
        algorithm: &Option<Algorithm>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match algorithm {
            Some(algorithm) => serializer.collect_str(algorithm),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Algorithm>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::{keystore::Binding, model::KeyId};

    fn key_id() -> impl Strategy<Value = KeyId> {
        vec(any::<u8>(), 0..24).prop_map(KeyId::from_bytes)
    }

    fn time() -> impl Strategy<Value = Timestamp> {
        any::<u64>().prop_map(Timestamp::from_millis)
    }

    fn status() -> impl Strategy<Value = Status> {
        prop_oneof![
            Just(Status::Enable),
            Just(Status::Staged),
            Just(Status::Retired),
            Just(Status::Disable),
            Just(Status::Revoke)
        ]
    }

    fn version() -> impl Strategy<Value = VersionRecord> {
        let companion = option::of(vec(any::<u8>(), 1..24).prop_map(KeyId::from_bytes));
        let binding = any::<(Option<[u8; 32]>, Option<[u8; 32]>, Option<[u8; 8]>, Option<[u8; 8]>)>()
            .prop_map(|(spki_sha256, public_key, check_value, companion_check)| Binding {
                spki_sha256,
                public_key,
                check_value,
                companion_check,
            });
        let deletion =
            option::of((time(), time(), any::<bool>()).prop_map(|(requested, due, begun)| Deletion {
                requested,
                due,
                begun,
            }));
        (1u32.., key_id(), companion, binding, status(), option::of(time()), (deletion, any::<bool>()))
            .prop_map(|(version, id, companion, binding, status, created, (deletion, own_label))| {
                VersionRecord {
                    version: Version::new(version).expect("not 0"),
                    id,
                    companion,
                    binding,
                    status,
                    created,
                    deletion,
                    own_label,
                }
            })
    }

    fn versions() -> impl Strategy<Value = Vec<VersionRecord>> {
        vec(version(), 1..6).prop_map(|mut versions| {
            versions.sort_by_key(|version| version.version);
            versions.dedup_by_key(|version| version.version);
            versions
        })
    }

    fn usage() -> impl Strategy<Value = (Usage, ForeignUsage)> {
        any::<[bool; 7]>().prop_map(|[sign, verify, encrypt, decrypt, wrap, unwrap, derive]| {
            (Usage { sign, verify, encrypt, decrypt }, ForeignUsage { wrap, unwrap, derive })
        })
    }

    prop_compose! {
        fn record()(
            label in any::<String>(),
            memo in any::<String>(),
            versions in versions(),
            (usage, foreign_usage) in usage(),
            (created, destroy_at, next_rotation) in (option::of(time()), option::of(time()), option::of(time())),
            (status, status_since) in (status(), time()),
            algorithm in option::of(proptest::sample::select(&Algorithm::ALL[..])),
            signature_algorithm in option::of(proptest::sample::select(&SignatureAlgorithm::ALL[..])),
            [is_deleting, convergent, exportable, auto_rotation] in any::<[bool; 4]>(),
            (schema, revision, rotation_period) in any::<(u32, u64, u32)>(),
            (stage_days, keep) in any::<(u32, Option<u32>)>(),
        ) -> Record {
            let identity = Identity::of_first(&versions[0].id, &label);
            Record {
                schema, identity, revision, label, algorithm, usage, foreign_usage, signature_algorithm, memo, created, status, status_since,
                destroy_at, is_deleting, convergent, exportable, auto_rotation, rotation_period, next_rotation, stage_days, keep,
                versions,
            }
        }
    }

    /// The invariants that readers of a record rely on.
    fn is_sound(record: &Record) -> bool {
        let ordered = record.versions.windows(2).all(|pair| pair[0].version < pair[1].version);
        ordered
            && !record.versions.is_empty()
            && Record::from_bytes(&record.to_bytes()).as_ref() == Ok(record)
    }

    proptest! {
        #[test]
        fn writing_and_reading_are_inverse(record in record()) {
            prop_assert!(is_sound(&record));
        }

        #[test]
        fn any_bytes_are_a_sound_record_or_an_error(bytes in vec(any::<u8>(), 0..400)) {
            if let Ok(record) = Record::from_bytes(&bytes) {
                prop_assert!(is_sound(&record));
            }
        }

        #[test]
        fn a_truncated_record_is_an_error(record in record(), cut in any::<proptest::sample::Index>()) {
            let bytes = record.to_bytes();
            prop_assert!(Record::from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
        }

        /// There is no checksum, so for example the memo may change, but the record must be sound.
        #[test]
        fn a_flipped_bit_gives_a_sound_record_or_an_error(
            record in record(), at in any::<proptest::sample::Index>(), bit in 0..8u32,
        ) {
            let mut bytes = record.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            if let Ok(record) = Record::from_bytes(&bytes) {
                prop_assert!(is_sound(&record));
            }
        }
    }
}
