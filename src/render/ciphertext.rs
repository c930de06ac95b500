//! What a ciphertext says of itself.

use serde_json::json;

use super::{Document, table::fields};
use crate::encoding::{KeyName, Wrapping};

/// `None` is what cannot be known without opening it.
#[derive(Debug)]
pub struct CiphertextView {
    pub format: &'static str,
    pub key: KeyName,
    pub label: Option<String>,
    pub wrapping: Option<Wrapping>,
    pub has_context: Option<bool>,
    /// In bytes: of what stands in base64 for a text, of the whole file for an envelope.
    pub ciphertext_len: u64,
    pub plaintext_len: Option<u64>,
}

pub fn ciphertext(view: &CiphertextView) -> Document {
    let algorithm = view.wrapping.map(|wrapping| match wrapping {
        Wrapping::AesGcm => "AES-GCM",
        Wrapping::RsaOaep => "RSA-OAEP-SHA256",
    });
    let json = json!({
        "format": view.format,
        "label": view.label,
        "keyTag": view.key.tag.as_str(),
        "isPublicKeyTag": view.key.tag.is_of_public_key(),
        "version": view.key.version,
        "algorithm": algorithm,
        "context": view.has_context,
        "ciphertextBytes": view.ciphertext_len,
        "plaintextBytes": view.plaintext_len,
    });
    let format = match view.format {
        "age" => "age file",
        format => format,
    };
    let tag = if view.key.tag.is_of_public_key() { "Public key tag" } else { "Key tag" };
    let context = view.has_context.map_or("not told by this format", |used| if used { "yes" } else { "no" });
    let text = fields(&[
        ("Format", Some(format.to_owned())),
        ("Label", view.label.clone()),
        (tag, Some(view.key.tag.to_string())),
        ("Version", Some(view.key.version.to_string())),
        ("Algorithm", algorithm.map(str::to_owned)),
        ("Context", Some(context.to_owned())),
        ("Ciphertext", Some(format!("{} bytes", view.ciphertext_len))),
        ("Plaintext", view.plaintext_len.map(|length| format!("{length} bytes"))),
    ]);
    Document::new(json, text)
}
