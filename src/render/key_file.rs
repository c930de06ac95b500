//! The description of a key file, without the key itself.

use data_encoding::HEXLOWER;

use super::{Document, fields};
use crate::{algorithm::SignatureAlgorithm, encoding::KeyFile, keystore::CreateRequest, model::answer};

answer! {
    /// What a key file holds.
    pub struct KeyFileView<'a> {
        /// PRIVATE or SECRET
        kind = "type": &'static str,
        /// Family of the algorithm, such as RSA
        algorithm: &'static str,
        /// Type of the key, such as RSA4096; ECDSA is P-256, as in a Create Key request, and ECDSA384 P-384
        key_type: &'static str,
        /// Bits of the key; null where they are not known
        bits: Option<u32>,
        /// Curve of an elliptic-curve key
        curve: Option<&'static str>,
        /// SHA-256 of the public half (SubjectPublicKeyInfo); null for a secret key
        fingerprint: Option<String>,
        /// Check value of a secret key; null for a key pair
        kcv: Option<String>,
        /// Name that the file gives the key
        name: Option<&'a str>,
        /// What an imported key would be for: sign, verify, encrypt, decrypt
        usage: Vec<&'static str>,
        /// What an RSA key would sign JWTs by, where the file or an option says so
        signature_algorithm: Option<&'static str>,
        /// What else the file holds, and was skipped
        skipped: &'a [String],
    }
}

/// `key import --check`.
pub fn key_file(file: &KeyFile, request: &CreateRequest) -> Document {
    let algorithm = file.material.algorithm();
    let kind = algorithm.kind();
    let public = file.material.public_key().map(|public| HEXLOWER.encode(&public.fingerprint()));
    let check_value = file.material.check_value().map(|value| HEXLOWER.encode(&value));
    let signature_algorithm = request.signature_algorithm.map(SignatureAlgorithm::name);
    let json = KeyFileView {
        kind: if algorithm.is_secret() { "SECRET" } else { "PRIVATE" },
        algorithm: kind.family(),
        key_type: algorithm.key_type(),
        bits: kind.bits(),
        curve: kind.curve(),
        fingerprint: public.clone(),
        kcv: check_value.clone(),
        name: file.name.as_deref(),
        usage: request.usage.names(),
        signature_algorithm,
        skipped: &file.skipped,
    };
    let text = fields(&[
        ("Type", Some(kind.to_string())),
        ("Bits", kind.bits().map(|bits| bits.to_string())),
        ("Fingerprint", public),
        ("Check value", check_value),
        ("Name", file.name.clone()),
        ("Signature algorithm", signature_algorithm.map(str::to_owned)),
        ("Usage", Some(request.usage.to_string())),
    ]);
    Document::of(&json, text)
}
