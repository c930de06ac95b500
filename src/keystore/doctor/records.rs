//! Checks records against each other and against the objects that they name.

use std::collections::BTreeSet;

use super::{Doctor, Finding};
use crate::{
    algorithm::KeyKind,
    keystore::{
        Keystore,
        adopt::{self, Stray},
        enforce::interrupted_rename,
        found::Inventory,
        key::{Key, KeyVersion},
        record::{Record, VersionRecord},
        rotate,
        stored_record::{DamagedRecord, StoredRecord},
    },
    model::KeyId,
    shell::{kmsctl, shell_option, shell_word},
    token::Class,
};

/// How a superseded record relates to the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leftover {
    /// It names nothing that the current one lacks: it can be removed.
    Covered,
    /// It names objects that the current one does not.
    Rival,
    /// One of the two has a newer schema.
    Foreign,
}

impl Doctor<'_> {
    pub(super) fn check_records(&self, inventory: &Inventory, superseded: &[StoredRecord]) -> Vec<Finding> {
        let mut findings: Vec<_> = inventory.damaged.iter().map(damaged).collect();
        findings.extend(superseded.iter().filter_map(|stored| {
            let newest = successor(&inventory.keys, stored)?;
            Some(superseded_record(&stored.record, newest))
        }));
        for key in &inventory.keys {
            findings.extend(self.check_key(key, &unrecorded(&inventory.keys, key)));
        }
        findings
    }

    fn check_key(&self, key: &Key, unrecorded: &[KeyId]) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(record) = key.record() {
            findings.extend(labels(key, record));
            if record.is_deleting {
                // Nothing of the key is needed any more.
            } else if key.versions.iter().all(|version| version.objects().next().is_none()) {
                findings.push(nothing_left(key, unrecorded));
            } else {
                let is_going = |version: &&KeyVersion| {
                    record.version(version.version).is_some_and(VersionRecord::is_being_destroyed)
                };
                let of_version = |version| self.missing(key, version, unrecorded);
                findings
                    .extend(key.versions.iter().filter(|version| !is_going(version)).flat_map(of_version));
            }
        } else {
            findings.extend(lone_half(key));
        }
        findings.extend(strays(self.keystore, key));
        findings.into_iter().map(|finding| finding.of_key(&key.label)).collect()
    }

    /// The objects of a recorded version that are missing.
    fn missing(&self, key: &Key, version: &KeyVersion, unrecorded: &[KeyId]) -> Vec<Finding> {
        let is_secret = key.kind().is_some_and(KeyKind::is_secret);
        let text = |what| format!("the {what} of version {} is not on the token", version.version);
        let needed = |what| {
            let remedy = match self.renumbered_by_others(&version.id, unrecorded, what == SECRET_KEY) {
                Some(remedy) => remedy,
                None => restore(key, version),
            };
            Finding::error(MISSING_OBJECT, text(what)).remedy(remedy)
        };
        let mut findings = Vec::new();
        if version.secret.is_none() {
            findings.push(needed(if is_secret { SECRET_KEY } else { "private half" }));
        }
        if !is_secret && version.public.is_none() && version.certificates.is_empty() {
            // Some private keys (RSA) have the public numbers too, so kmsctl still works; other programs may not.
            let is_proven = self.proven_public_key(key, version).is_some();
            findings.push(if is_proven && version.public_numbers().is_some() {
                Finding::warning(MISSING_OBJECT, text(PUBLIC_HALF)).repairable()
            } else if is_proven {
                Finding::error(MISSING_OBJECT, text(PUBLIC_HALF)).repairable()
            } else {
                needed(PUBLIC_HALF)
            });
        }
        if version.companion.is_some() && version.companion_key.is_none() {
            findings.push(needed("HMAC companion key"));
        }
        findings
    }

    /// Remedy if an unrecorded key may be the missing one, so that nothing destructive is suggested.
    fn renumbered_by_others(
        &self,
        recorded: &KeyId,
        unrecorded: &[KeyId],
        is_secret: bool,
    ) -> Option<String> {
        let text = may_be_it(recorded, unrecorded)?;
        let (Some(module), [id], true) = (self.module, unrecorded, is_secret) else { return Some(text) };
        Some(format!(
            "{text}: pkcs11-tool --module {} {} --login --set-id {recorded} --type secrkey --id {id}",
            shell_word(module),
            shell_option("--token-label", &self.keystore.token().label)
        ))
    }
}

const MISSING_OBJECT: &str = "MISSING_OBJECT";
const SECRET_KEY: &str = "secret key";
const PUBLIC_HALF: &str = "public half";

/// Remedy for a lost object. A new version replaces only the newest one.
fn restore(key: &Key, version: &KeyVersion) -> String {
    let rotate = || kmsctl(format!("key rotate {}", shell_option("--label", &key.label)));
    if version.version == key.current().version {
        format!("restore it from a backup, or make a new version: {}", rotate())
    } else if key.usage().decrypt {
        "restore it from a backup; what it encrypted cannot be decrypted without it".to_owned()
    } else {
        "restore it from a backup; the newer versions work without it".to_owned()
    }
}

fn may_be_it(recorded: &KeyId, unrecorded: &[KeyId]) -> Option<String> {
    let ids: Vec<_> = unrecorded.iter().map(ToString::to_string).collect();
    (!ids.is_empty()).then(|| {
        format!(
            "another program may have renumbered it: a key of the same kind without a record has CKA_ID {}; if that is \
             it, give it back the CKA_ID {recorded}",
            ids.join(" or ")
        )
    })
}

fn damaged(record: &DamagedRecord) -> Finding {
    let place = record.file().map(|path| format!("the record file {}", path.display()));
    let text = format!(
        "{} cannot be read ({}): the key's state, memo, schedule and older versions are unknown",
        place.as_deref().unwrap_or("its record"),
        record.reason
    );
    let finding = Finding::error("DAMAGED_RECORD", text);
    // The name of a record file does not contain the label.
    let finding = if record.file().is_some() { finding } else { finding.of_key(&record.label) };
    finding.remedy("restore it from a backup; until then the key can be used by its CKA_ID (`--id`)")
}

fn superseded_record(record: &Record, newest: &Record) -> Finding {
    let (old, new) = (record.revision, newest.revision);
    let finding = |text| Finding::warning("SUPERSEDED_RECORD", text).of_key(&newest.label).by_record();
    match leftover(record, newest) {
        Leftover::Covered => {
            finding(format!("revision {old} of its record is stale; revision {new} is current")).repairable()
        }
        Leftover::Rival => finding(format!(
            "revision {old} of its record names objects that the current revision {new} does not: two changes collided"
        )),
        Leftover::Foreign => finding(format!(
            "revision {old} of its record still exists next to the current revision {new}; a newer kmsctl wrote one of them \
             and can tell whether both are needed"
        ))
        .remedy(NEWEST_KMSCTL),
    }
}

const NEWEST_KMSCTL: &str = "use the newest kmsctl that works on this token";

/// Checks the schema of the record, and the labels of the objects.
fn labels(key: &Key, record: &Record) -> Option<Finding> {
    if record.schema > Record::SCHEMA {
        let text =
            format!("its record has schema {}, written by a newer kmsctl, and is not changed", record.schema);
        return Some(Finding::warning("NEWER_RECORD", text).remedy(NEWEST_KMSCTL));
    }
    let object = interrupted_rename(key, record)?;
    let text = format!("one of its objects has the label {:?}: a rename was interrupted", object.label);
    Some(Finding::warning("OTHER_LABEL", text).by_record().repairable())
}

/// A deletion was interrupted, or another program destroyed the objects.
fn nothing_left(key: &Key, unrecorded: &[KeyId]) -> Finding {
    let forget = kmsctl(format!("key delete {}", shell_option("--label", &key.label)));
    let remedy = may_be_it(&key.versions[0].id, unrecorded).unwrap_or_else(|| {
        format!("if another program destroyed the key, restore it from a backup; to forget it: {forget}")
    });
    Finding::error("NOTHING_LEFT", "it has a record, but none of its objects is on the token")
        .remedy(remedy)
        .by_record()
}

/// The current record of the key of a superseded one.
pub(super) fn successor<'a>(keys: &'a [Key], stored: &StoredRecord) -> Option<&'a Record> {
    keys.iter().filter_map(Key::record).find(|newest| newest.identity == stored.record.identity)
}

/// Classifies a superseded record against the current one.
pub(super) fn leftover(record: &Record, newest: &Record) -> Leftover {
    let names = |id: &KeyId| newest.versions.iter().flat_map(VersionRecord::ids).any(|known| known == id);
    let kept = record.versions.iter().filter(|entry| !entry.is_being_destroyed());
    if newest.schema > Record::SCHEMA || record.schema > Record::SCHEMA {
        Leftover::Foreign
    } else if is_older_or_same(record, newest) && kept.flat_map(VersionRecord::ids).all(names) {
        Leftover::Covered
    } else {
        Leftover::Rival
    }
}

/// Two machines that finish the same creation at once may both record it, since SoftHSM does not show either what the
/// other wrote. Then only the timestamps differ.
fn is_older_or_same(record: &Record, newest: &Record) -> bool {
    let same_times = Record {
        created: newest.created,
        status_since: newest.status_since,
        next_rotation: newest.next_rotation,
        versions: newest.versions.clone(),
        ..record.clone()
    };
    record.revision < newest.revision || same_times == *newest
}

/// The CKA_IDs of keys without a record that have the same kind as this key; empty if it is complete.
fn unrecorded(keys: &[Key], of: &Key) -> Vec<KeyId> {
    if of.record.is_none() || of.versions.iter().all(|version| version.secret.is_some()) {
        return Vec::new();
    }
    let kind =
        of.record().and_then(|record| record.algorithm).map(crate::algorithm::Algorithm::kind).or(of.kind());
    let may_be_it = |key: &&Key| key.record.is_none() && key.kind() == kind && key.current().secret.is_some();
    keys.iter().filter(may_be_it).map(|key| key.current().id.clone()).collect()
}

/// Objects of an interrupted rotation, or of one still running elsewhere. A version that can be in use looks the same with a
/// record that was restored from a backup, so nothing destroys it unasked.
fn strays(keystore: &Keystore, key: &Key) -> Vec<Finding> {
    let Some(record) = key.record() else { return Vec::new() };
    let strays = adopt::strays(keystore.names(), key);
    let is_interrupted = rotate::interrupted(keystore, key).is_some();
    let is_mended = |stray: &Stray<'_>| stray.is_void(record) || is_interrupted && stray.is_next(record);
    let with = |id: &KeyId, is: &dyn Fn(&Stray<'_>) -> bool| {
        strays.iter().any(|stray| is(stray) && stray.objects().any(|object| object.id == *id))
    };
    let finding = |id: &KeyId| {
        let of_id = key.strays.iter().filter(|object| object.id == *id);
        let objects: Vec<_> = of_id.map(|object| format!("a {}", object.class.name())).collect();
        let why = if with(id, &|stray| stray.is_destroyed(record)) {
            "its version was destroyed while another machine was changing it, which brought this back"
        } else {
            "a rotation was interrupted before it wrote its record, or is running elsewhere"
        };
        let text = format!("{} with CKA_ID {id}: {why}", objects.join(" and "));
        let finding = Finding::warning("STRAY_OBJECT", text).by_record();
        if record.schema <= Record::SCHEMA && with(id, &is_mended) {
            return finding.repairable();
        }
        let delete = kmsctl(format!("key delete --id {id}"));
        finding.remedy(format!(
            "if no rotation is running and no newer record of the key is in a backup: {delete}"
        ))
    };
    let ids: BTreeSet<_> = key.strays.iter().map(|object| &object.id).collect();
    ids.into_iter().map(finding).collect()
}

/// A private EC key of another program without its public half: its signatures cannot be verified.
fn lone_half(key: &Key) -> Option<Finding> {
    let version = key.current();
    let is_lone = version.public.is_none()
        && version.public_numbers().is_none()
        && version.certificates.is_empty()
        && version.secret.as_ref().is_some_and(|secret| secret.class == Class::Private);
    is_lone.then(|| Finding::error(MISSING_OBJECT, format!("its {PUBLIC_HALF} is not on the token")))
}
