//! What a key file holds, never the key itself.

use data_encoding::HEXLOWER;
use serde_json::json;

use super::{Document, fields};
use crate::{encoding::KeyFile, model::Usage};

/// `key import --check`.
pub fn key_file(file: &KeyFile) -> Document {
    let algorithm = file.material.algorithm();
    let kind = algorithm.kind();
    let usage = file.limits.import(algorithm.usage(), None).unwrap_or(Usage::NONE);
    let public = file.material.public_key().map(|public| HEXLOWER.encode(&public.fingerprint()));
    let check_value = file.material.check_value().map(|value| HEXLOWER.encode(&value));
    let json = json!({
        "type": if algorithm.is_secret() { "SECRET" } else { "PRIVATE" },
        "algorithm": kind.family(),
        "keyType": algorithm.key_type(),
        "bits": kind.bits(),
        "curve": kind.curve(),
        "fingerprint": public,
        "kcv": check_value,
        "name": file.name,
        "usage": usage.names(),
        "skipped": file.skipped,
    });
    let text = fields(&[
        ("Type", Some(kind.to_string())),
        ("Bits", kind.bits().map(|bits| bits.to_string())),
        ("Fingerprint", public),
        ("Check value", check_value),
        ("Name", file.name.clone()),
        ("Usage", Some(usage.to_string())),
    ]);
    Document::new(json, text)
}
