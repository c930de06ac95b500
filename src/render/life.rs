//! Versions, rotations and destructions as people and scripts see them.

use serde_json::{Value, json};

use super::{
    Document, Narrow,
    key::{dash, key_name},
    table,
};
use crate::{
    keystore::{Destroyed, Key},
    model::{Counted, Status, Timestamp, Usage, Version},
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

/// `key versions`, the newest first. A key's state covers all of its versions.
pub fn key_versions(key: &Key) -> Document {
    let of_key = key.status().unwrap_or(Status::Enable);
    let newest = key.current().version;
    let mut json = Vec::new();
    let mut rows = Vec::new();
    for version in key.versions.iter().rev() {
        let status = if of_key == Status::Enable { version.status } else { of_key };
        let is_current = version.version == newest;
        json.push(json!({
            "version": version.version,
            "ckaId": version.id.to_string(),
            "status": status,
            "ownStatus": version.status,
            "isCurrent": is_current,
            "registerDate": version.created,
            "usage": version.token_usage().names(),
        }));
        rows.push(vec![
            if is_current { format!("{newest} (current)") } else { version.version.to_string() },
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
    Document::new(
        Value::Array(json),
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
    Document::new(json.collect(), table.narrow(&[Narrow::Before("Due since", "T"), Narrow::Cut("Label", 12)]))
}

/// What `key rotate --due` did.
pub fn rotations(keys: &[Key]) -> Document {
    let json = keys.iter().map(|key| {
        let version = key.current();
        rotation(key, Some(version.id.to_string()), version.version, true)
    });
    Document::new(json.collect(), "")
}

fn rotation(key: &Key, id: Option<String>, version: Version, is_done: bool) -> Value {
    json!({
        "label": key.label,
        "version": version,
        "ckaId": id,
        "nextRotationDate": key.record().and_then(|record| record.next_rotation),
        "rotated": is_done,
    })
}

/// One line about a key that was rotated.
pub fn rotated(key: &Key) -> String {
    let version = key.current();
    format!("rotated key {} to version {}", key_name(key, version), version.version)
}

/// `key delete`, or `key purge` of one key: what was destroyed.
pub fn deleted(verb: &str, key: &Key, destroyed: &[Destroyed]) -> Document {
    Document::new(destroyed_json(&key.label, destroyed), "").saying(destroyed_line(verb, key, destroyed))
}

/// One line about a key that was destroyed: `deleted key "web" (ec-p256, id 78496c3f…): private key, public key, record`.
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
    Document::new(keys.iter().map(|(label, destroyed)| destroyed_json(label, destroyed)).collect(), "")
}

/// `key purge --due --dry-run`: what it would destroy.
pub fn planned_purges(keys: &[Key]) -> Document {
    let date = |key: &Key| key.record().and_then(|record| record.destroy_at);
    let json = keys.iter().map(|key| {
        json!({
            "label": key.label,
            "ckaId": key.current().id.to_string(),
            "versions": key.versions.len(),
            "deletionDate": date(key),
            "purged": false,
        })
    });
    let row = |key: &Key| {
        let due = date(key).map_or_else(dash, |date: Timestamp| date.to_string());
        vec![key.label.clone(), key.current().id.to_string(), key.versions.len().to_string(), due]
    };
    let table = table(&["Label", "CKA_ID", "Versions", "Due since"], keys.iter().map(row).collect());
    Document::new(json.collect(), table.narrow(&[Narrow::Before("Due since", "T"), Narrow::Cut("Label", 12)]))
}

fn destroyed_json(label: &str, destroyed: &[Destroyed]) -> Value {
    let objects = destroyed.iter().map(|object| {
        json!({"object": object.what, "version": object.version.map(Version::number),
               "ckaId": (!object.id.is_empty()).then(|| object.id.to_string())})
    });
    json!({"label": label, "destroyed": objects.collect::<Vec<_>>()})
}
