//! The answer of `verify`.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::{Document, fields};
use crate::{
    algorithm::SignatureAlgorithm,
    operation::{Evidence, KeySource},
};

/// Yes, and what about: `sha256` is that of the data, where the data was there.
pub fn verified(evidence: &Evidence, sha256: Option<&[u8]>) -> Document {
    let sha256 = sha256.map(|digest| HEXLOWER.encode(digest));
    let mut json = evidence_fields(evidence);
    json["sha256"] = json!(sha256);
    let key = match &evidence.source {
        KeySource::Token { label, id, version } => format!("{label:?} (CKA_ID {id}, version {version})"),
        KeySource::File { path } => path.clone(),
        source @ KeySource::Set { .. } => source.to_string(),
    };
    let text = fields(&[
        ("Algorithm", Some(evidence.algorithm.name().to_owned())),
        ("Key", Some(key)),
        ("Fingerprint", Some(HEXLOWER.encode(&evidence.fingerprint))),
        ("Data SHA-256", sha256),
    ]);
    Document::new(json, format!("valid\n{text}"))
}

/// No. The error says why.
pub fn not_verified(algorithm: SignatureAlgorithm) -> Document {
    Document::new(json!({"valid": false, "algorithm": algorithm.name()}), "")
}

/// The fields of a positive answer, the same wherever a signature is checked.
pub fn evidence_fields(evidence: &Evidence) -> Value {
    let mut json = json!({
        "valid": true,
        "algorithm": evidence.algorithm.name(),
        "label": null,
        "ckaId": null,
        "version": null,
        "proven": evidence.proven,
        "publicKeyFile": null,
        "kid": null,
        "fingerprint": HEXLOWER.encode(&evidence.fingerprint),
    });
    match &evidence.source {
        KeySource::Token { label, id, version } => {
            json["label"] = label.as_str().into();
            json["ckaId"] = id.to_string().into();
            json["version"] = version.number().into();
        }
        KeySource::File { path } => json["publicKeyFile"] = path.as_str().into(),
        KeySource::Set { key_id } => json["kid"] = json!(key_id),
    }
    json
}
