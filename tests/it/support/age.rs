//! Builds age files (<https://age-encryption.org/v1>) part by part, including ones that no age program would write.

use std::{fmt::Write, fs};

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use age_core::primitives::hkdf;
use chacha20poly1305::ChaCha20Poly1305;
use data_encoding::{BASE64, BASE64_NOPAD};
use hmac::{Hmac, Mac};
use kmsctl::{algorithm::PublicKey, public::encrypt_oaep};
use rsa::{
    Oaep, RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePublicKey},
};
use sha2::Sha256;

use super::TestEnv;

pub(crate) const FIRST_LINE: &str = "age-encryption.org/v1\n";
pub(crate) const FILE_KEY: [u8; 16] = *b"YELLOW SUBMARINE";
pub(crate) const CHUNK: usize = 64 * 1024;
/// The payload nonce of every file built here.
pub(crate) const NONCE: [u8; 16] = [9; 16];

/// The bytes of the AES key that [`import`] imports.
fn aes_key() -> Vec<u8> {
    (0..32).collect()
}

/// Imports an AES key `aes` and an RSA key `rsa`, both known to the test, and returns their tags.
pub(crate) fn import(env: &TestEnv) -> [String; 2] {
    env.write("aes.key", aes_key());
    env.write("rsa.key", rsa_pem());
    let tag = |label: &str, more: &[&str]| {
        let file = format!("{label}.key");
        let import = ["key", "import", "--label", label, "--in", &file, "--json"];
        let key = env.run([&import[..], more].concat()).success().json();
        super::field(&key, "keyTag").to_owned()
    };
    [tag("aes", &["--algorithm", "aes-256"]), tag("rsa", &[])]
}

fn rsa_pem() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys/rsa-2048.pkcs8.pem");
    fs::read_to_string(path).expect("a fixture")
}

/// Decrypts an RSA-OAEP block with the key `rsa`.
pub(crate) fn open_block(block: &[u8]) -> Vec<u8> {
    let key = RsaPrivateKey::from_pkcs8_pem(&rsa_pem()).expect("a fixture");
    key.decrypt(Oaep::new::<Sha256>(), block).expect("a block of this key")
}

/// Encrypts an RSA-OAEP block with the key `rsa`.
pub(crate) fn seal_block(plaintext: &[u8]) -> Vec<u8> {
    let key = RsaPrivateKey::from_pkcs8_pem(&rsa_pem()).expect("a fixture");
    encrypt_oaep(
        &PublicKey::read(key.to_public_key().to_public_key_der().expect("DER").as_bytes()).expect("a key"),
        plaintext,
    )
    .expect("short enough")
}

/// The body of a stanza for the key `aes`: nonce, wrapped file key, tag.
pub(crate) fn wrap(tag: &str, version: u32, context: &str, file_key: &[u8]) -> Vec<u8> {
    let nonce = [3; 12];
    let aad = format!("age:v{version}:{tag}:{context}");
    let payload = Payload { msg: file_key, aad: aad.as_bytes() };
    let sealed = Aes256Gcm::new_from_slice(&aes_key()).expect("32 bytes").encrypt(&nonce.into(), payload);
    [&nonce[..], &sealed.expect("sealed")].concat()
}

/// A stanza in its canonical encoding.
pub(crate) fn stanza(words: &str, body: &[u8]) -> String {
    let text = BASE64_NOPAD.encode(body);
    let mut lines = format!("-> {words}\n");
    for line in text.as_bytes().chunks(64) {
        writeln!(lines, "{}", String::from_utf8_lossy(line)).expect("memory");
    }
    if text.len().is_multiple_of(64) {
        lines.push('\n');
    }
    lines
}

/// The stanza for the key `aes` that wraps [`FILE_KEY`].
pub(crate) fn token_stanza(tag: &str) -> String {
    stanza(&format!("kmsctl v1 {tag} aes-gcm"), &wrap(tag, 1, "", &FILE_KEY))
}

/// The MAC of a header up to and including its three dashes, in base64.
pub(crate) fn mac(covered: &[u8], file_key: &[u8]) -> String {
    let key = hkdf(&[], b"header", file_key);
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).expect("any length");
    mac.update(covered);
    BASE64_NOPAD.encode(&mac.finalize().into_bytes())
}

/// A header with these stanzas, and its MAC.
pub(crate) fn header(stanzas: &str) -> Vec<u8> {
    let covered = format!("{FIRST_LINE}{stanzas}---");
    let mac = mac(covered.as_bytes(), &FILE_KEY);
    format!("{covered} {mac}\n").into_bytes()
}

/// A payload of these chunks; the flag marks the last chunk.
pub(crate) fn body(chunks: &[(&[u8], bool)]) -> Vec<u8> {
    let key = hkdf(&NONCE, b"payload", &FILE_KEY);
    let cipher = ChaCha20Poly1305::new_from_slice(&key).expect("32 bytes");
    let mut bytes = NONCE.to_vec();
    for (number, (chunk, is_last)) in (0_u64..).zip(chunks) {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = (*is_last).into();
        bytes.extend(cipher.encrypt(&nonce.into(), *chunk).expect("sealed"));
    }
    bytes
}

/// A complete file whose plaintext fits in one chunk.
pub(crate) fn file(stanzas: &str, plaintext: &[u8]) -> Vec<u8> {
    [header(stanzas), body(&[(plaintext, true)])].concat()
}

/// The file in age's armor, with these line ends.
pub(crate) fn armored(file: &[u8], line_end: &str) -> String {
    let text = BASE64.encode(file);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let lines = lines.join(line_end);
    format!(
        "-----BEGIN AGE ENCRYPTED FILE-----{line_end}{lines}{line_end}-----END AGE ENCRYPTED FILE-----{line_end}"
    )
}
