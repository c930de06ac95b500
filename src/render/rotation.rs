//! Rotations as text and JSON.

use super::{
    Document, Narrow,
    key::{dash, key_name},
    table,
};
use crate::{
    keystore::{Key, KeyVersion, Step, VersionRecord},
    model::{Status, Timestamp, Version, answer},
    shell::{kmsctl, shell_option},
};

answer! {
    /// A step of a rotation.
    pub struct RotationView<'a> {
        /// Label of the key
        label: &'a str,
        /// rotate, stage or promote: a new version that signs at once, one that is only published, or the staged one signs
        step: &'static str,
        /// Number of the version that was made or promoted
        version: Version,
        /// CKA_ID of the version; null if it was not made
        cka_id: Option<String>,
        /// When the next rotation is due; if nothing was rotated, when this one was
        next_rotation_date: Option<Timestamp>,
        /// Whether the step was taken; false with `--check` and `--dry-run`
        rotated: bool,
        /// Whether the command changed the key: the same as rotated
        changed: bool,
    }
}

/// A key and the completed or planned step of its rotation.
#[derive(Debug)]
pub struct Rotated {
    pub key: Key,
    pub step: Step,
}

impl Rotated {
    pub fn of((key, step): (Key, Step)) -> Self {
        Self { key, step }
    }

    /// The created or promoted version.
    pub fn version(&self) -> &KeyVersion {
        let newest = self.key.versions.last().filter(|_| self.step == Step::Stage);
        newest.unwrap_or_else(|| self.key.current())
    }

    /// The line that reports the completed step.
    pub fn line(&self) -> String {
        let version = self.version();
        let (name, number) = (key_name(&self.key, version), version.version);
        match self.step {
            Step::Rotate => format!("rotated key {name} to version {number}"),
            Step::Stage => format!("staged version {number} of key {name}"),
            Step::Promote => format!("promoted version {number} of key {name}"),
        }
    }

    /// The version that the planned step creates or promotes.
    fn planned_version(&self) -> Version {
        let newest = self.key.versions.last().map_or(Version::FIRST, |version| version.version);
        let staged = self.key.record().and_then(|record| record.staged());
        match (self.step, staged) {
            (Step::Promote, Some(staged)) => staged.version,
            _ => newest.next(),
        }
    }

    fn view(&self, version: Version, id: Option<String>, done: bool) -> RotationView<'_> {
        RotationView {
            label: &self.key.label,
            step: self.step.name(),
            version,
            cka_id: id,
            next_rotation_date: self.key.record().and_then(|record| record.next_rotation),
            rotated: done,
            changed: done,
        }
    }
}

/// What `key update --keep` did to older versions in a rotation or promotion, a line for each. By the records: of a key with many
/// versions, not all are read.
pub fn taken_out_of_use(before: &Key, after: &Key) -> Vec<String> {
    let (Some(old), Some(new)) = (before.record(), after.record()) else { return Vec::new() };
    let keep = new.keep.unwrap_or_default();
    let has_changed = |entry: &&VersionRecord| {
        old.version(entry.version).is_some_and(|before| before.status != entry.status)
    };
    let line = |entry: &VersionRecord| {
        let number = entry.version;
        match entry.status {
            Status::Revoke => {
                let label = shell_option("--label", &after.label);
                Some(format!(
                    "version {number} is revoked (`--keep {keep}`): `{}` destroys it from {} on, and until then `{}` brings it \
                     back",
                    kmsctl("key purge --due"),
                    entry.deletion?.due,
                    kmsctl(format!("key restore {label} --key-version {number}"))
                ))
            }
            Status::Retired => {
                Some(format!("version {number} is retired (`--keep {keep}`): it only verifies and decrypts"))
            }
            _ => None,
        }
    };
    new.versions.iter().filter(has_changed).filter_map(line).collect()
}

/// `key rotate --dry-run` and `--check`: what would be done.
pub fn planned_rotations(planned: &[Rotated]) -> Document {
    let json = planned.iter().map(|one| one.view(one.planned_version(), None, false));
    let row = |one: &Rotated| {
        let due = one.key.record().and_then(crate::keystore::Record::next_step).map(|(_, date)| date);
        vec![
            one.key.label.clone(),
            one.step.name().to_owned(),
            one.planned_version().to_string(),
            due.map_or_else(dash, |date| date.to_string()),
        ]
    };
    let table = table(&["Label", "Step", "Version", "Due since"], planned.iter().map(row).collect());
    Document::of(
        &json.collect::<Vec<_>>(),
        table.narrow(&[Narrow::Before("Due since", "T"), Narrow::Cut("Label", 12)]),
    )
}

/// What `key rotate --due` did.
pub fn rotations(rotated: &[Rotated]) -> Document {
    let json = rotated.iter().map(|one| {
        let version = one.version();
        one.view(version.version, Some(version.id.to_string()), true)
    });
    Document::of(&json.collect::<Vec<_>>(), "")
}
