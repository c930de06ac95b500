//! The request for a new key, and the result.

use super::{
    error::Error,
    identity::Identity,
    key::Key,
    record::{ForeignUsage, Record, VersionRecord},
};
use crate::{
    algorithm::{Algorithm, SignatureAlgorithm},
    model::{KeyId, Label, Status, Timestamp, Usage},
    token::{Carried, KeyTemplate},
};

/// The request for a new logical key.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate choice")]
pub struct CreateRequest {
    pub label: Label,
    pub algorithm: Algorithm,
    /// `None` for a generated one.
    pub id: Option<KeyId>,
    /// `None` for the one that follows from the key.
    pub identity: Option<Identity>,
    pub usage: Usage,
    /// `None` for the default of the algorithm.
    pub signature_algorithm: Option<SignatureAlgorithm>,
    pub memo: String,
    pub convergent: bool,
    pub exportable: bool,
    pub auto_rotation: bool,
    /// In days.
    pub rotation_period: u32,
    pub allow_duplicate_label: bool,
    pub if_not_exists: bool,
}

impl CreateRequest {
    /// The template for the token.
    pub(super) fn template<'a>(&'a self, id: &'a KeyId) -> KeyTemplate<'a> {
        KeyTemplate {
            kind: self.algorithm.kind(),
            label: self.label.as_str(),
            id,
            usage: self.usage,
            is_id_free: self.id.is_none(),
            extractable: self.exportable,
            carried: Carried::default(),
        }
    }

    /// Whether the request includes something that only a record can store.
    pub(super) fn needs_record(&self) -> bool {
        let is_chosen = self.signature_algorithm != self.algorithm.kind().default_signature();
        self.convergent
            || self.identity.is_some()
            || self.auto_rotation
            || !self.memo.is_empty()
            || self.signature_algorithm.is_some() && is_chosen
    }

    /// The record of a key that comes from another token: states and dates are its own, settings those of the request.
    pub(super) fn moved_record(
        &self,
        stated: &Record,
        found: Vec<VersionRecord>,
        now: Timestamp,
    ) -> Result<Record, Error> {
        let mut versions = Vec::new();
        for found in found {
            let stated = stated.version(found.version).ok_or_else(|| self.not_stated())?;
            if !found.binding.agrees(&stated.binding) {
                return Err(self.not_stated());
            }
            let binding = found.binding.or(Some(stated.binding));
            versions.push(VersionRecord {
                id: found.id,
                companion: found.companion,
                binding,
                own_label: found.own_label,
                ..stated.clone()
            });
        }
        let next_rotation = stated.next_rotation.unwrap_or_else(|| now.after_days(self.rotation_period));
        Ok(Record {
            schema: Record::SCHEMA,
            revision: 1,
            label: self.label.as_str().to_owned(),
            usage: self.usage,
            foreign_usage: ForeignUsage::default(),
            signature_algorithm: self.signature_algorithm,
            memo: self.memo.clone(),
            convergent: self.convergent,
            exportable: self.exportable,
            auto_rotation: self.auto_rotation,
            rotation_period: self.rotation_period,
            next_rotation: self.auto_rotation.then_some(next_rotation),
            versions,
            ..stated.clone()
        })
    }

    fn not_stated(&self) -> Error {
        let deviations = vec!["it is not the key that was given".to_owned()];
        Error::NotAsRequested { label: self.label.as_str().to_owned(), deviations }
    }

    /// The record of a new key.
    pub(super) fn first_record(
        &self,
        identity: Identity,
        versions: Vec<VersionRecord>,
        now: Timestamp,
    ) -> Record {
        Record {
            schema: Record::SCHEMA,
            identity,
            revision: 1,
            label: self.label.as_str().to_owned(),
            algorithm: Some(self.algorithm),
            usage: self.usage,
            foreign_usage: ForeignUsage::default(),
            signature_algorithm: self.signature_algorithm,
            memo: self.memo.clone(),
            created: Some(now),
            status: Status::Enable,
            status_since: now,
            destroy_at: None,
            is_deleting: false,
            convergent: self.convergent,
            exportable: self.exportable,
            auto_rotation: self.auto_rotation,
            rotation_period: self.rotation_period,
            next_rotation: self.auto_rotation.then(|| now.after_days(self.rotation_period)),
            stage_days: 0,
            keep: None,
            versions,
        }
    }
}

/// The result of [`super::Keystore::create`].
#[derive(Debug)]
pub struct Created {
    pub key: Key,
    pub origin: Origin,
    /// Whether the key came from outside the token, so that another machine can import it, too.
    pub is_import: bool,
    /// Usage attributes that the token set although they were not requested; a TPM decides these itself.
    pub excess: Vec<String>,
}

/// Where the returned key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Made,
    /// An earlier run created it but was interrupted before writing its record; this run wrote it.
    Finished,
    /// It existed, and `if_not_exists` was set.
    Found,
}
