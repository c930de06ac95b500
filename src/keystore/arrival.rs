//! What arrives at a token: keys of files and of other tokens.

use sha2::{Digest, Sha256};

use super::{binding::Binding, error::Error, identity::Identity, record::Record};
use crate::{
    encoding::{KeyMaterial, KeyTag},
    model::Version,
};

/// A key that comes from outside the token.
#[derive(Debug)]
pub struct Arrival {
    /// At least one, oldest first.
    pub versions: Vec<ArrivingVersion>,
    /// The record of a key that comes from another token, with an entry for each of these versions.
    pub record: Option<Record>,
}

/// One version of an [`Arrival`].
#[derive(Debug)]
pub struct ArrivingVersion {
    pub version: Version,
    pub material: KeyMaterial,
    /// The HMAC key of a version of a convergent key.
    pub companion: Option<KeyMaterial>,
}

impl Arrival {
    /// A key that does not come from a token: version 1 of a new key.
    pub fn of_material(material: KeyMaterial) -> Self {
        let version = ArrivingVersion { version: Version::FIRST, material, companion: None };
        Self { versions: vec![version], record: None }
    }

    /// The only object with a secret; `None` if there are several.
    pub(super) fn single(&self) -> Option<&KeyMaterial> {
        match self.versions.as_slice() {
            [ArrivingVersion { material, companion: None, .. }] => Some(material),
            _ => None,
        }
    }

    /// Whether the parts fit each other: each version is the one that the record binds, and an identity that names a
    /// public key is that of the first version. Nothing but the sender vouches for the rest of the record.
    pub fn is_sound(&self) -> bool {
        let Some(record) = &self.record else { return true };
        let is_bound = |arriving: &ArrivingVersion| {
            let entry = record.version(arriving.version);
            entry.is_some_and(|entry| entry.binding.agrees(&arriving.binding()))
                && record.algorithm == Some(arriving.material.algorithm())
                && record.convergent == arriving.companion.is_some()
        };
        let is_named = |arriving: &ArrivingVersion| {
            arriving.version != Version::FIRST || record.identity.fits(&arriving.material)
        };
        self.versions
            .iter()
            .map(|arriving| arriving.version)
            .eq(record.versions.iter().map(|entry| entry.version))
            && record.identity.carried().is_some()
            && self.versions.iter().all(|arriving| is_bound(arriving) && is_named(arriving))
    }

    /// `None` if nothing determines it.
    pub(super) fn identity(&self) -> Option<Identity> {
        let first = || KeyTag::of_material(&self.versions.first()?.material);
        match &self.record {
            Some(record) => Some(record.identity.clone()),
            None => first().map(|tag| Identity::of_tag(&tag)),
        }
    }
}

impl ArrivingVersion {
    pub(super) fn binding(&self) -> Binding {
        Binding::of_material(&self.material, self.companion.as_ref())
    }

    /// How its CKA_ID begins in each attempt, so that the next one recognises what the last one left. The rest is random:
    /// the objects of two machines that import the key at once can be told apart.
    pub(super) fn id_prefix(&self) -> Option<[u8; Identity::SALT_LEN / 2]> {
        let tag = KeyTag::of_material(&self.material)?;
        let version = self.version.number().to_be_bytes();
        let hash = Sha256::new().chain_update(b"kmsctl import\0").chain_update(version);
        hash.chain_update(tag.as_str()).finalize().first_chunk().copied()
    }
}

/// The error for objects on the token that are not what arrived.
pub(super) fn not_what_arrived(label: &str) -> Error {
    let deviations = vec!["it is not the key that was given".to_owned()];
    Error::NotAsRequested { label: label.to_owned(), deviations }
}
