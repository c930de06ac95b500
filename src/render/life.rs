//! Versions, rotations and destructions as people and scripts see them.

use serde_json::{Value, json};

use super::{Document, key::dash, table::table};
use crate::{
    keystore::{Destroyed, Key},
    model::{Status, Timestamp, Version},
};

/// `key versions`, the newest first. A key's own state covers all of its versions; what a version is while the key is
/// enabled is shown beside it.
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
            version.version.to_string(),
            version.id.to_string(),
            version.created.map_or_else(dash, |date| date.to_string()),
            if status == version.status {
                status.to_string()
            } else {
                format!("{status} (own: {})", version.status)
            },
            if is_current { "current".to_owned() } else { String::new() },
        ]);
    }
    let table = table(&["Version", "CKA_ID", "Created Date", "Status", ""], rows);
    Document::new(Value::Array(json), table.dropping(&["Created Date", "CKA_ID", ""]).states("Status"))
}

/// One key that was rotated, or would be.
#[derive(Debug, Clone)]
pub struct Rotation {
    label: String,
    id: Option<String>,
    version: Version,
    due: Option<Timestamp>,
    is_done: bool,
}

impl Rotation {
    /// What a rotation would do.
    pub fn planned(key: &Key) -> Self {
        let due = key.record().and_then(|record| record.next_rotation);
        Self {
            label: key.label.clone(),
            id: None,
            version: key.current().version.next(),
            due,
            is_done: false,
        }
    }

    /// What a rotation did. The date is that of the next one.
    pub fn done(key: &Key) -> Self {
        let version = key.current();
        let due = key.record().and_then(|record| record.next_rotation);
        let id = Some(version.id.to_string());
        Self { label: key.label.clone(), id, version: version.version, due, is_done: true }
    }
}

/// `key rotate --due`, and what it would do.
pub fn rotations(rotations: &[Rotation]) -> Document {
    let json = rotations.iter().map(|rotation| {
        json!({
            "label": rotation.label,
            "version": rotation.version,
            "ckaId": rotation.id,
            "nextRotationDate": rotation.due,
            "rotated": rotation.is_done,
        })
    });
    let row = |rotation: &Rotation| {
        vec![
            rotation.label.clone(),
            rotation.version.to_string(),
            rotation.id.clone().unwrap_or_else(dash),
            rotation.due.map_or_else(dash, |date| date.to_string()),
        ]
    };
    let headings = ["Label", "New version", "CKA_ID", "Scheduled"];
    let table = table(&headings, rotations.iter().map(row).collect());
    Document::new(json.collect(), table.dropping(&["Scheduled", "CKA_ID"]))
}

fn destroyed_json(label: &str, destroyed: &[Destroyed]) -> Value {
    let objects = destroyed.iter().map(|object| {
        json!({"object": object.what, "version": object.version.map(Version::number),
               "ckaId": (!object.id.is_empty()).then(|| object.id.to_string())})
    });
    json!({"label": label, "destroyed": objects.collect::<Vec<_>>()})
}

fn destroyed_row(object: &Destroyed) -> Vec<String> {
    vec![
        object.what.to_owned(),
        object.version.map_or_else(dash, |version| version.to_string()),
        if object.id.is_empty() { dash() } else { object.id.to_string() },
    ]
}

/// What `key delete` destroyed.
pub fn deleted(label: &str, destroyed: &[Destroyed]) -> Document {
    let text = table(&["Destroyed", "Version", "CKA_ID"], destroyed.iter().map(destroyed_row).collect());
    Document::new(destroyed_json(label, destroyed), text)
}

/// What `key purge` destroyed, key by key.
pub fn purged(keys: &[(String, Vec<Destroyed>)]) -> Document {
    let json = keys.iter().map(|(label, destroyed)| destroyed_json(label, destroyed)).collect();
    let rows = keys.iter().flat_map(|(label, destroyed)| {
        destroyed.iter().map(|object| [vec![label.clone()], destroyed_row(object)].concat())
    });
    Document::new(
        json,
        table(&["Label", "Destroyed", "Version", "CKA_ID"], rows.collect()).dropping(&["CKA_ID"]),
    )
}
