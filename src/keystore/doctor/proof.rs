//! Checks of authenticity: halves that do not match, strangers next to a key, records written without the PIN.

use std::collections::HashSet;

use anyhow::Result;

use super::{Doctor, Finding};
use crate::{
    algorithm::PublicKey,
    keystore::{
        bind,
        error::Error,
        found::Inventory,
        halves,
        key::{Key, KeyVersion},
        mac,
        stored_record::StoredRecord,
        vouch,
    },
    model::KeyId,
    shell::{kmsctl, shell_option},
    token::Class,
};

/// Code of the finding that the halves of a key do not belong together.
pub(super) const PUBLIC_KEY_MISMATCH: &str = "PUBLIC_KEY_MISMATCH";

impl Doctor<'_> {
    /// Tests every pair that is not proven otherwise, and reports the keys whose records are not authentic.
    pub(super) fn unproven(
        &self,
        inventory: &Inventory,
        records: &[StoredRecord],
        unauthentic: &[&Key],
    ) -> Result<Vec<Finding>> {
        let mut findings = strangers(&inventory.keys);
        findings.extend(inventory.planted.iter().map(|label| planted_record(label)));
        if mac::is_key_lost(self.keystore, records)? {
            findings.push(lost_record_key());
        } else {
            findings.extend(unauthentic.iter().map(|key| not_authentic(&key.label)));
        }
        for key in &inventory.keys {
            for version in &key.versions {
                // If two keys share a CKA_ID, each also finds the public half of the other.
                let is_alone =
                    inventory.keys.iter().filter(|other| other.ids().any(|id| *id == version.id)).count()
                        == 1;
                findings.extend(self.pair(key, version, is_alone)?);
                findings.extend(not_private(key, version));
            }
            findings.extend((halves::is_own(self.keystore, key)? == Some(false)).then(|| other_half(key)));
            findings.extend(self.incomplete(key).then(|| incomplete(&key.label)));
            findings.extend(renumbered(key));
        }
        Ok(findings)
    }

    /// The keys whose records are not authentic.
    pub(super) fn unauthentic<'k>(&self, keys: &'k [Key]) -> Result<Vec<&'k Key>> {
        let mut found = Vec::new();
        for key in keys {
            if let Some(stored) = &key.record
                && !mac::is_authentic(self.keystore, stored)?
            {
                found.push(key);
            }
        }
        Ok(found)
    }

    /// Whether the halves of a version belong together.
    fn pair(&self, key: &Key, version: &KeyVersion, is_alone: bool) -> Result<Vec<Finding>> {
        let is_private = version.secret.as_ref().is_some_and(|secret| secret.class == Class::Private);
        if !is_private || version.public_objects().next().is_none() && version.certificates.is_empty() {
            // A missing half is reported elsewhere.
            return Ok(Vec::new());
        }
        let error =
            match vouch::public_half_of(self.keystore, &key.label, version, &key.binding(version.version)) {
                Ok(half) if half.is_proven() && is_alone => return Ok(beside(key, version, &half.key)),
                Ok(_) => return Ok(Vec::new()),
                Err(error) => error,
            };
        match error.downcast_ref() {
            Some(wrong) if wrong.is_wrong_public_half() => {
                let is_repairable = self.proven_public_key(key, version).is_some();
                Ok(vec![mismatch(&key.label, &error.to_string(), is_repairable)])
            }
            Some(Error::BadPublicKey { .. } | Error::MissingObject { .. }) => Ok(Vec::new()),
            _ => Err(error),
        }
    }

    /// The public key of a version whose public object belongs to another key or has another CKA_ID, if the private object, the
    /// record or signatures prove it.
    pub(super) fn proven_public_key(&self, key: &Key, version: &KeyVersion) -> Option<PublicKey> {
        let binding = key.binding(version.version);
        let expected = binding.spki_sha256;
        let is_it = |key: &PublicKey| Some(key.fingerprint()) == expected;
        let held = version.public_objects().filter_map(|object| object.public_key()?.ok()).find(is_it);
        let known = held.or_else(|| vouch::recovered(self.keystore, version, &binding))?;
        (expected.is_none() || expected == Some(known.fingerprint())).then_some(known)
    }

    /// Whether bindings are missing from the record (earlier releases) and can be added.
    fn incomplete(&self, key: &Key) -> bool {
        key.versions.iter().any(|version| self.is_bindable(key, version))
    }

    pub(super) fn is_bindable(&self, key: &Key, version: &KeyVersion) -> bool {
        key.record().is_some_and(|record| record.schema <= crate::keystore::Record::SCHEMA)
            && !key.binding(version.version).is_known()
            && bind::bind(self.keystore, &key.label, version).is_known()
    }
}

/// Every label of these keys: the objects may have another one than a forged record.
pub(super) fn labels(keys: &[&Key]) -> HashSet<String> {
    let of_objects = keys.iter().flat_map(|key| key.versions.iter().flat_map(KeyVersion::objects));
    let labels = keys.iter().map(|key| &key.label).chain(of_objects.map(|object| &object.label));
    labels.cloned().collect()
}

/// Public objects with the same CKA_ID that belong to another key. They are never used.
fn beside(key: &Key, version: &KeyVersion, own: &PublicKey) -> Vec<Finding> {
    let is_other = |public: &PublicKey| public != own;
    let objects = version.public_objects().filter_map(|object| object.public_key()?.ok());
    let certificates = version.certificates.iter().filter_map(|one| PublicKey::read(&one.value).ok());
    let others: HashSet<_> =
        objects.chain(certificates).filter(is_other).map(|public| public.fingerprint()).collect();
    let text = |hash: [u8; 32]| {
        let fingerprint = crate::model::Fingerprint(hash);
        format!("another key's public key has its CKA_ID {}: fingerprint {fingerprint}", version.id)
    };
    others.into_iter().map(|hash| stranger(&key.label, text(hash))).collect()
}

/// Keys that may have been created without the PIN and have the label or CKA_ID of a key protected by the PIN.
fn strangers(keys: &[Key]) -> Vec<Finding> {
    let guarded: Vec<_> = keys.iter().filter(|key| key.is_guarded()).collect();
    let labels: HashSet<&str> = guarded.iter().map(|key| key.label.as_str()).collect();
    let ids: HashSet<&KeyId> = guarded.iter().flat_map(|key| key.ids()).filter(|id| !id.is_empty()).collect();
    let is_stranger = |key: &&Key| {
        !key.is_guarded()
            && (!key.label.is_empty() && labels.contains(key.label.as_str())
                || key.ids().any(|id| ids.contains(id)))
    };
    let text = |key: &Key| {
        let kind = key.kind().map(|kind| kind.to_string()).unwrap_or_default();
        let what = if key.current().secret.is_some() { "key" } else { "public key" };
        format!(
            "another {what} on the token has its label or CKA_ID ({kind}, CKA_ID {}); it was put there without proof of \
             the PIN and is never used in place of this key",
            key.current().id
        )
    };
    keys.iter().filter(is_stranger).map(|key| stranger(&key.label, text(key))).collect()
}

fn stranger(label: &str, text: String) -> Finding {
    Finding::warning("STRANGER", text)
        .of_key(label)
        .remedy("find out who put it there; other programs may use it in place of the key")
}

fn mismatch(label: &str, text: &str, is_repairable: bool) -> Finding {
    let finding = Finding::error(PUBLIC_KEY_MISMATCH, text).of_key(label);
    if is_repairable {
        finding.repairable()
    } else {
        finding.remedy("store the right public key under the CKA_ID of the private key, from a backup")
    }
}

/// The private half of the current version is another one, and its own is not on the token.
fn other_half(key: &Key) -> Finding {
    let current = key.current();
    let text = format!(
        "the private half of version {} (CKA_ID {}) does not belong to the public key in its record: what it signs does not verify",
        current.version, current.id
    );
    let rotate = kmsctl(format!("key rotate {}", shell_option("--label", &key.label)));
    Finding::error(PUBLIC_KEY_MISMATCH, text)
        .of_key(&key.label)
        .by_record()
        .remedy(format!("restore it from a backup, or make a new version: {rotate}"))
}

fn planted_record(label: &str) -> Finding {
    let text = "a data object that looks like its record is not private, so anyone could have made it; it is ignored";
    Finding::warning("PLANTED_RECORD", text).of_key(label).remedy("find out who put it there")
}

fn not_authentic(label: &str) -> Finding {
    let text =
        "its record was changed without the token's PIN; the key is refused until the record is restored";
    Finding::error("RECORD_NOT_AUTHENTIC", text)
        .of_key(label)
        .remedy("restore the record from a backup, and check who can write the files")
}

pub(super) fn accept_records() -> String {
    format!(
        "compare state and versions of each key with what you know, and accept the records as they are: {}",
        kmsctl("doctor --repair")
    )
}

fn lost_record_key() -> Finding {
    let text = "the key that authenticates the records is missing, so no record can be checked";
    let remedy = format!("restore the token from a backup; or {}", accept_records());
    Finding::error("RECORD_KEY_LOST", text).remedy(remedy).repairable()
}

fn incomplete(label: &str) -> Finding {
    let text = "its record, written by an earlier release, does not say which key it belongs to";
    Finding::info("RECORD_INCOMPLETE", text).of_key(label).repairable()
}

/// Another program changed the CKA_ID of a version.
fn renumbered(key: &Key) -> Option<Finding> {
    let (version, recorded) = moved(key).next()?;
    let text = format!(
        "version {} has CKA_ID {}, but {recorded} in its record: another program renumbered it",
        version.version, version.id
    );
    Some(Finding::warning("RENUMBERED", text).of_key(&key.label).repairable())
}

/// The versions whose CKA_ID differs from the record, with the recorded CKA_ID.
pub(super) fn moved(key: &Key) -> impl Iterator<Item = (&KeyVersion, &KeyId)> {
    key.versions.iter().filter_map(|version| {
        let recorded = &key.record()?.version(version.version)?.id;
        (version.secret.is_some() && *recorded != version.id).then_some((version, recorded))
    })
}

/// A private or secret key for which `CKA_PRIVATE` is FALSE.
fn not_private(key: &Key, version: &KeyVersion) -> Option<Finding> {
    version.secret.as_ref().filter(|secret| !secret.is_guarded())?;
    let text = format!(
        "version {} (CKA_ID {}) is not CKA_PRIVATE: anyone who reaches the token can use and replace it",
        version.version, version.id
    );
    Some(
        Finding::warning("NOT_PRIVATE", text)
            .of_key(&key.label)
            .remedy("create a key with kmsctl and move to it"),
    )
}
