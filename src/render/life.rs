//! Versions, rotations and destructions as people and scripts see them.

use super::{
    Document, Narrow,
    key::{dash, key_name},
    table,
};
use crate::{
    keystore::{Destroyed, Key},
    model::{Counted, Status, Timestamp, Usage, Version, answer},
    shell::{kmsctl, shell_option},
};

/// The command that a new key is for.
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
        /// ENABLE, DISABLE or REVOKE: the state of the key, or of the version if the key is enabled
        status: Status,
        /// State of the version while the key is enabled
        own_status: Status,
        /// Whether it is the newest; null without a login, which may hide newer ones
        is_current: Option<bool>,
        /// When it was created
        register_date: Option<Timestamp>,
        /// What the token lets it do: sign, verify, encrypt, decrypt
        usage: Vec<&'static str>,
    }
}

answer! {
    /// A rotation.
    pub struct RotationView<'a> {
        /// Label of the key
        label: &'a str,
        /// Number of the new version
        version: Version,
        /// CKA_ID of the new version; null if it was not made
        cka_id: Option<String>,
        /// When the next rotation is due; if nothing was rotated, when this one was
        next_rotation_date: Option<Timestamp>,
        /// Whether the key was rotated; false with `--check` and `--dry-run`
        rotated: bool,
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
    /// A key that was destroyed.
    pub struct DestroyedKey<'a> {
        /// Label of the key
        label: &'a str,
        /// Its objects
        destroyed: Vec<DestroyedObject>,
    }
}

answer! {
    /// A key that `key purge --due` would destroy.
    pub struct PlannedPurge<'a> {
        /// Label of the key
        label: &'a str,
        /// CKA_ID of its newest version
        cka_id: String,
        /// How many versions it has
        versions: usize,
        /// Since when it may be destroyed
        deletion_date: Option<Timestamp>,
        /// false: nothing was destroyed
        purged: bool,
    }
}

/// `key versions`, the newest first. A key's state covers all of its versions.
pub fn key_versions(key: &Key) -> Document {
    let of_key = key.status().unwrap_or(Status::Enable);
    // A public object alone does not tell whether the key has newer versions.
    let newest = (key.record().is_some() || key.current().secret.is_some()).then(|| key.current().version);
    let mut json = Vec::new();
    let mut rows = Vec::new();
    for version in key.versions.iter().rev() {
        let status = if of_key == Status::Enable { version.status } else { of_key };
        let is_current = newest.map(|newest| newest == version.version);
        json.push(VersionView {
            version: version.version,
            cka_id: version.id.to_string(),
            status,
            own_status: version.status,
            is_current,
            register_date: version.created,
            usage: version.token_usage().names(),
        });
        rows.push(vec![
            format!("{}{}", version.version, if is_current == Some(true) { " (current)" } else { "" }),
            version.id.to_string(),
            version.created.map_or_else(dash, |date| date.to_string()),
            match key.status() {
                // Only the record knows.
                None => dash(),
                Some(_) if status == version.status => status.to_string(),
                Some(_) => format!("{status} with the key"),
            },
        ]);
    }
    let table = table(&["Version", "CKA_ID", "Created", "Status"], rows).states("Status");
    Document::of(
        &json,
        table.narrow(&[
            Narrow::Before("Created", "T"),
            Narrow::Before("Version", " ("),
            Narrow::Before("Status", " with"),
            Narrow::Drop("Created"),
        ]),
    )
}

/// `key rotate --due --dry-run`: what it would do.
pub fn planned_rotations(keys: &[Key]) -> Document {
    let next = |key: &Key| key.record().and_then(|record| record.next_rotation);
    let json = keys.iter().map(|key| rotation(key, None, key.current().version.next(), false));
    let row = |key: &Key| {
        let version = key.current().version.next().to_string();
        vec![key.label.clone(), version, next(key).map_or_else(dash, |date| date.to_string())]
    };
    let table = table(&["Label", "New version", "Due since"], keys.iter().map(row).collect());
    Document::of(
        &json.collect::<Vec<_>>(),
        table.narrow(&[Narrow::Before("Due since", "T"), Narrow::Cut("Label", 12)]),
    )
}

/// What `key rotate --due` did.
pub fn rotations(keys: &[Key]) -> Document {
    let json = keys.iter().map(|key| {
        let version = key.current();
        rotation(key, Some(version.id.to_string()), version.version, true)
    });
    Document::of(&json.collect::<Vec<_>>(), "")
}

fn rotation(key: &Key, id: Option<String>, version: Version, is_done: bool) -> RotationView<'_> {
    RotationView {
        label: &key.label,
        version,
        cka_id: id,
        next_rotation_date: key.record().and_then(|record| record.next_rotation),
        rotated: is_done,
    }
}

/// One line about a key that was rotated.
pub fn rotated(key: &Key) -> String {
    let version = key.current();
    format!("rotated key {} to version {}", key_name(key, version), version.version)
}

/// `key delete`, or `key purge` of one key: what was destroyed.
pub fn deleted(verb: &str, key: &Key, destroyed: &[Destroyed]) -> Document {
    Document::of(&destroyed_key(&key.label, destroyed), "").saying(destroyed_line(verb, key, destroyed))
}

/// One line about a key that was destroyed: `deleted key "web" (aes-256, id 78496c3f…): private key, public key, record`.
pub fn destroyed_line(verb: &str, key: &Key, destroyed: &[Destroyed]) -> String {
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
    format!("{verb} key {}: {}", key_name(key, key.current()), kinds.join(", "))
}

/// What `key purge --due` destroyed, key by key.
pub fn purged(keys: &[(String, Vec<Destroyed>)]) -> Document {
    let json = keys.iter().map(|(label, destroyed)| destroyed_key(label, destroyed));
    Document::of(&json.collect::<Vec<_>>(), "")
}

/// `key purge --due --dry-run`: what it would destroy.
pub fn planned_purges(keys: &[Key]) -> Document {
    let date = |key: &Key| key.record().and_then(|record| record.destroy_at);
    let json = keys.iter().map(|key| PlannedPurge {
        label: &key.label,
        cka_id: key.current().id.to_string(),
        versions: key.versions.len(),
        deletion_date: date(key),
        purged: false,
    });
    let row = |key: &Key| {
        let due = date(key).map_or_else(dash, |date: Timestamp| date.to_string());
        vec![key.label.clone(), key.current().id.to_string(), key.versions.len().to_string(), due]
    };
    // A key that is named may be purged before it is due.
    let table = table(&["Label", "CKA_ID", "Versions", "Due"], keys.iter().map(row).collect());
    Document::of(
        &json.collect::<Vec<_>>(),
        table.narrow(&[Narrow::Before("Due", "T"), Narrow::Cut("Label", 12)]),
    )
}

fn destroyed_key<'a>(label: &'a str, destroyed: &[Destroyed]) -> DestroyedKey<'a> {
    let objects = destroyed.iter().map(|object| DestroyedObject {
        object: object.what,
        version: object.version.map(Version::number),
        cka_id: (!object.id.is_empty()).then(|| object.id.to_string()),
    });
    DestroyedKey { label, destroyed: objects.collect() }
}
