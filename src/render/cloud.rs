//! Answers in the form of a cloud KMS.

use serde_json::json;

use super::{Document, KeyView};

/// The response to a Create Key request: the envelope with its thirteen fields. What does not apply is `null`.
pub fn created_key(view: &KeyView) -> Document {
    let object = json!(view);
    let fields = [
        ("keyId", "keyId"),
        ("keyTag", "keyTag"),
        ("keyName", "label"),
        ("keyType", "keyType"),
        ("status", "status"),
        ("keystoreId", "keystoreId"),
        ("protectionType", "protectionType"),
        ("memo", "memo"),
        ("isConvergent", "isConvergent"),
        ("isAutoRotation", "isAutoRotation"),
        ("rotationPeriod", "rotationPeriod"),
        ("nextRotationDate", "nextRotationDate"),
        ("registerDate", "registerDate"),
    ];
    let data: serde_json::Map<_, _> =
        fields.into_iter().map(|(name, source)| (name.to_owned(), object[source].clone())).collect();
    let envelope = json!({"code": "SUCCESS", "data": data});
    let text = format!("{envelope:#}\n");
    Document::new(envelope, text)
}
