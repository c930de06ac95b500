//! Versions and destructions as text and JSON.

use super::{
    Document, Narrow,
    key::{dash, key_name},
    table,
};
use crate::{
    keystore::{Destroyed, Key, KeyVersion, Step},
    model::{Counted, Status, Timestamp, Usage, Version, answer},
    shell::{kmsctl, shell_option},
};

/// The suggested first command for a new key.
pub fn first_use(key: &Key) -> Option<String> {
    let usage = key.usage();
    let command = match usage {
        Usage { sign: true, .. } => "sign",
        Usage { encrypt: true, .. } => "encrypt",
        _ => return None,
    };
    let select = shell_option("--label", &key.label);
    Some(kmsctl(format!("{command} {select} --in FILE")))
}

answer! {
    /// A version of a key.
    pub struct VersionView {
        /// Number of the version
        version: Version,
        /// CKA_ID of its objects
        cka_id: String,
        /// ENABLE, STAGED, RETIRED, DISABLE or REVOKE: the state of the key, or of the version if the key is enabled
        status: Status,
        /// State of the version while the key is enabled
        own_status: Status,
        /// Whether it is the one that signs and encrypts; null without a login, which may hide newer ones
        is_current: Option<bool>,
        /// When it was created
        register_date: Option<Timestamp>,
        /// When the schedule promotes it; left out unless it is staged
        promotion_date if "Option::is_none": Option<Timestamp>,
        /// When `kmsctl key purge --due` destroys it; left out unless it is revoked
        deletion_date if "Option::is_none": Option<Timestamp>,
        /// What the token lets it do: sign, verify, encrypt, decrypt
        usage: Vec<&'static str>,
    }
}

answer! {
    /// An object of the token that was destroyed.
    pub struct DestroyedObject {
        /// What it was, such as private key
        object: &'static str,
        /// Version of the key that it belonged to
        version: Option<u32>,
        /// Its CKA_ID
        cka_id: Option<String>,
    }
}

answer! {
    /// A key or version that was destroyed.
    pub struct DestroyedKey<'a> {
        /// Label of the key
        label: &'a str,
        /// The only version that was destroyed; null for the whole key
        version: Option<Version>,
        /// The objects
        destroyed: Vec<DestroyedObject>,
        /// true: the command changed the token
        changed: bool,
    }
}

answer! {
    /// A key or version that `key purge --due` would destroy.
    pub struct PlannedPurge<'a> {
        /// Label of the key
        label: &'a str,
        /// The only version that would be destroyed; null for the whole key
        version: Option<Version>,
        /// CKA_ID of that version, or of the newest
        cka_id: String,
        /// How many versions would be destroyed
        versions: usize,
        /// Since when it may be destroyed
        deletion_date: Option<Timestamp>,
        /// false: nothing was destroyed
        purged: bool,
        /// false: nothing was changed
        changed: bool,
    }
}

/// `key versions`, the newest first. A key's state covers all of its versions.
pub fn key_versions(key: &Key) -> Document {
    // A public object alone does not show whether the key has newer versions.
    let current = (key.record().is_some() || key.current().secret.is_some()).then(|| key.current().version);
    let (json, rows) = key.versions.iter().rev().map(|version| key_version(key, version, current)).unzip();
    let (json, rows): (Vec<_>, Vec<_>) = (json, rows);
    let table = table(&["Version", "CKA_ID", "Created", "Status"], rows).states("Status");
    Document::of(
        &json,
        table.narrow(&[
            Narrow::Before("Created", "T"),
            Narrow::Before("Version", " ("),
            Narrow::Before("Status", " with"),
            Narrow::Before("Status", ","),
            Narrow::Drop("Created"),
        ]),
    )
}

fn key_version(key: &Key, version: &KeyVersion, current: Option<Version>) -> (VersionView, Vec<String>) {
    let status = key.status_of(version);
    let is_current = current.map(|current| current == version.version);
    let promotion_date = key
        .record()
        .and_then(|record| record.step_date(Step::Promote))
        .filter(|_| version.status == Status::Staged);
    let deletion_date = key.record().and_then(|record| record.deletion_date(version.version));
    let row = vec![
        format!("{}{}", version.version, if is_current == Some(true) { " (current)" } else { "" }),
        version.id.to_string(),
        version.created.map_or_else(dash, |date| date.to_string()),
        match (status, promotion_date, deletion_date) {
            // The status is only in the record.
            (None, ..) => dash(),
            (Some(status), ..) if status != version.status => format!("{status} with the key"),
            (Some(status), Some(date), _) => format!("{status}, to be promoted on {}", date.day()),
            (Some(status), _, Some(date)) => format!("{status}, to be destroyed from {}", date.day()),
            (Some(status), ..) => status.to_string(),
        },
    ];
    let view = VersionView {
        version: version.version,
        cka_id: version.id.to_string(),
        status: status.unwrap_or(version.status),
        own_status: version.status,
        is_current,
        register_date: version.created,
        promotion_date,
        deletion_date,
        usage: version.token_usage().names(),
    };
    (view, row)
}

/// A key, or one version of it, in a confirmation or an error.
pub fn part_name(key: &Key, version: Option<Version>) -> String {
    format!("{}key {:?} (CKA_ID {})", version_of(version), key.label, shown_version(key, version).id)
}

/// `version 1 of `; empty for the whole key.
fn version_of(version: Option<Version>) -> String {
    version.map(|version| format!("version {version} of ")).unwrap_or_default()
}

/// The version that identifies a key or one version of it in a text: the current one for the whole key.
fn shown_version(key: &Key, version: Option<Version>) -> &KeyVersion {
    version.and_then(|version| key.version(version)).unwrap_or_else(|| key.current())
}

/// `key delete`, or `key purge` of one key: what was destroyed.
pub fn deleted(verb: &str, key: &Key, version: Option<Version>, destroyed: &[Destroyed]) -> Document {
    let line = destroyed_line(verb, key, version, destroyed);
    Document::of(&destroyed_key(&key.label, version, destroyed), "").saying(line)
}

/// One line about what was destroyed: `deleted key "web" (aes-256, id 78496c3f…): private key, public key, record`.
pub fn destroyed_line(verb: &str, key: &Key, version: Option<Version>, destroyed: &[Destroyed]) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for object in destroyed {
        match kinds.iter_mut().find(|(what, _)| *what == object.what) {
            Some((_, number)) => *number += 1,
            None => kinds.push((object.what, 1)),
        }
    }
    let kind = |(what, number): &(&str, usize)| {
        if *number == 1 { (*what).to_owned() } else { Counted(*number, what).to_string() }
    };
    let kinds: Vec<_> = kinds.iter().map(kind).collect();
    let line = format!("{verb} {}key {}", version_of(version), key_name(key, shown_version(key, version)));
    if kinds.is_empty() { line } else { format!("{line}: {}", kinds.join(", ")) }
}

/// What `key purge --due` destroyed: the label of each key, its version unless it is the whole key, and the objects.
pub fn purged(purged: &[(String, Option<Version>, Vec<Destroyed>)]) -> Document {
    let json = purged.iter().map(|(label, version, destroyed)| destroyed_key(label, *version, destroyed));
    Document::of(&json.collect::<Vec<_>>(), "")
}

/// `key purge --dry-run`: what it would destroy. A key selected by name may be purged before it is due.
pub fn planned_purges(keys: &[Key], now: Timestamp) -> Document {
    let planned: Vec<_> = keys.iter().flat_map(|key| planned_parts(key, now)).collect();
    let row = |plan: &PlannedPurge<'_>| {
        let version = plan.version.map_or_else(|| "all".to_owned(), |version| version.to_string());
        let due = plan.deletion_date.map_or_else(dash, |date: Timestamp| date.to_string());
        vec![plan.label.to_owned(), plan.cka_id.clone(), version, due]
    };
    let table = table(&["Label", "CKA_ID", "Version", "Due"], planned.iter().map(row).collect());
    Document::of(&planned, table.narrow(&[Narrow::Before("Due", "T"), Narrow::Cut("Label", 12)]))
}

fn planned_parts(key: &Key, now: Timestamp) -> Vec<PlannedPurge<'_>> {
    let mut due = key.record().map(|record| record.purges_due(now)).unwrap_or_default();
    if due.is_empty() {
        due.push((None, key.record().and_then(|record| record.destroy_at)));
    }
    let plan = |(version, deletion_date): (Option<Version>, Option<Timestamp>)| PlannedPurge {
        label: &key.label,
        version,
        cka_id: shown_version(key, version).id.to_string(),
        versions: if version.is_some() { 1 } else { key.versions.len() },
        deletion_date,
        purged: false,
        changed: false,
    };
    due.into_iter().map(plan).collect()
}

fn destroyed_key<'a>(label: &'a str, version: Option<Version>, destroyed: &[Destroyed]) -> DestroyedKey<'a> {
    let objects = destroyed.iter().map(|object| DestroyedObject {
        object: object.what,
        version: object.version.map(Version::number),
        cka_id: (!object.id.is_empty()).then(|| object.id.to_string()),
    });
    DestroyedKey { label, version, destroyed: objects.collect(), changed: true }
}
