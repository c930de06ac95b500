//! The description of a ciphertext.

use super::{Document, fields};
use crate::{
    encoding::{KeyName, Wrapping},
    model::{Version, answer},
    shell::kmsctl,
};

/// Fields are `None` if only decryption could tell.
#[derive(Debug)]
pub struct CiphertextView {
    pub format: &'static str,
    pub key: KeyName,
    pub label: Option<String>,
    /// Whether the token has a key with this tag.
    pub is_on_token: Option<bool>,
    pub wrapping: Option<Wrapping>,
    pub has_context: Option<bool>,
    /// In bytes: the decoded payload of a text, or the whole file of an envelope.
    pub ciphertext_len: u64,
    pub plaintext_len: Option<u64>,
    /// Further keys of tokens that can open it.
    pub further: Vec<KeyName>,
    /// The types of recipients that can open it besides.
    pub recipients: Vec<String>,
    /// Whether an age file is in base64.
    pub is_armored: Option<bool>,
}

answer! {
    /// What a ciphertext says about itself.
    pub struct Inspected<'a> {
        /// text or age
        format: &'static str,
        /// Label of the key, if the token can be reached and shows it without a login, or the PIN is available
        label: Option<&'a str>,
        /// Whether a key of the token has this tag; null if the token does not show it
        on_token: Option<bool>,
        /// Tag of the key, the same for all its versions
        key_tag: &'a str,
        /// Whether the tag is the SHA-256 of a public key, as of every key pair
        is_public_key_tag: bool,
        /// Version of the key
        version: Version,
        /// AES-GCM, RSA-OAEP-SHA256 or ML-KEM; null if the ciphertext does not show it
        algorithm: Option<&'static str>,
        /// Whether a context was used; null if the ciphertext does not show it
        context: Option<bool>,
        /// Size of the ciphertext in bytes
        ciphertext_bytes: u64,
        /// Size of the plaintext in bytes; null if the ciphertext does not show it
        plaintext_bytes: Option<u64>,
        /// How many keys of tokens can open it; the first that this token has is described, or else the first
        token_keys: usize,
        /// Tags of the further ones
        further_key_tags: Vec<&'a str>,
        /// Types of the recipients that can open it with `age`, such as X25519 or ssh-ed25519
        recipients: &'a [String],
        /// Whether an age file is in base64; null for a text
        armored: Option<bool>,
        /// Always false: nothing was checked
        authenticated: bool,
    }
}

pub fn ciphertext(view: &CiphertextView) -> Document {
    let algorithm = view.wrapping.map(|wrapping| match wrapping {
        Wrapping::AesGcm => "AES-GCM",
        Wrapping::Encapsulated => "ML-KEM",
        Wrapping::RsaOaep | Wrapping::OldRsaOaep => "RSA-OAEP-SHA256",
    });
    let json = Inspected {
        format: view.format,
        label: view.label.as_deref(),
        on_token: view.is_on_token,
        key_tag: view.key.tag.as_str(),
        is_public_key_tag: view.key.tag.is_of_public_key(),
        version: view.key.version,
        algorithm,
        context: view.has_context,
        ciphertext_bytes: view.ciphertext_len,
        plaintext_bytes: view.plaintext_len,
        token_keys: 1 + view.further.len(),
        further_key_tags: view.further.iter().map(|name| name.tag.as_str()).collect(),
        recipients: &view.recipients,
        armored: view.is_armored,
        authenticated: false,
    };
    let format = match view.format {
        "age" if view.is_armored == Some(true) => "age file, armored",
        "age" => "age file",
        format => format,
    };
    let elsewhere = || {
        let decrypt = kmsctl("decrypt --label LABEL");
        format!("no key has this tag; `{decrypt}` tries one whatever its tag")
    };
    let tag = if view.key.tag.is_of_public_key() { "Public key tag" } else { "Key tag" };
    let context =
        view.has_context.map_or("unknown: this format does not say", |used| if used { "yes" } else { "no" });
    let mut lines = vec![
        ("Format", Some(format.to_owned())),
        ("Label", view.label.clone()),
        ("On this token", (view.is_on_token == Some(false)).then(elsewhere)),
        (tag, Some(view.key.tag.to_string())),
        ("Version", Some(view.key.version.to_string())),
        ("Algorithm", algorithm.map(str::to_owned)),
        ("Context", Some(context.to_owned())),
        ("Ciphertext", Some(format!("{} bytes", view.ciphertext_len))),
        ("Plaintext", view.plaintext_len.map(|length| format!("{length} bytes"))),
        ("Recipients", (!view.recipients.is_empty()).then(|| view.recipients.join(", "))),
    ];
    let further = |name: &KeyName| Some(format!("{}, version {}", name.tag, name.version));
    lines.extend(view.further.iter().map(|name| ("Further key", further(name))));
    lines.push(("Checked", Some("format only (`decrypt` also checks authenticity)".to_owned())));
    Document::of(&json, fields(&lines))
}
