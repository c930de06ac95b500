//! The text form of a ciphertext, and the names by which ciphertexts identify their keys.
//!
//! ```text
//! ciphertext = "kms:v" version ":" key-tag ":" payload
//! version    = 1 to 4294967295 in decimal, without leading zeros
//! key-tag    = 51 of a-z 2-7, then "b" or "r" (the SHA-256 of a public key), or "a" or "q" (any other key)
//! payload    = base64url (RFC 4648, section 5) without padding, of
//!              nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)    AES-GCM
//!              one block, as long as the modulus                 RSA-OAEP, SHA-256, MGF1-SHA-256, empty label
//!              encapsulation ‖ nonce ‖ ciphertext ‖ tag          ML-KEM, then AES-GCM ([`SealedForm::info`])
//! ```
//!
//! Each ciphertext has exactly one spelling. The associated data of AES-GCM is everything up to and including the last
//! colon, followed by the bytes of the context. The header ends with the first colon after the tag, whatever the context
//! contains, so no two pairs of header and context give the same bytes.

use std::{fmt, str::FromStr};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest, Sha256};

use super::{AES_BLOCK, Error, JOSE_BEGIN, KeyMaterial, is_jws, jws::is_jwe, mark::refuse_mark};
use crate::{
    algorithm::PublicKey,
    model::{EncryptionContext, Version},
};

const WHAT: &str = "the ciphertext";

/// 52 characters that name a key.
///
/// They carry 256 bits and four bits that say what these are: 1 for the SHA-256 of a SubjectPublicKeyInfo, which
/// `encrypt --public-key` computes too, 0 for anything else. A key is named by its first version, so its tag is the same
/// on every token. Keys of earlier releases have a hash of their token and CKA_ID, and keep it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyTag(String);

impl KeyTag {
    const LEN: usize = 52;

    pub fn of_public_key(key: &PublicKey) -> Self {
        let mut tag = BASE32_NOPAD.encode(&key.fingerprint()).to_ascii_lowercase();
        // The last character holds one bit of the hash and four unused bits.
        let last = if tag.pop() == Some('a') { 'b' } else { 'r' };
        tag.push(last);
        Self(tag)
    }

    /// The tag of a secret key, from a constant block encrypted under an AES key, or the first bytes of a constant's HMAC.
    /// Hashed, so that no output of the key's cipher is published.
    pub fn of_check(block: &[u8; AES_BLOCK]) -> Self {
        let hash = Sha256::new().chain_update(b"kmsctl key tag\0").chain_update(block).finalize();
        Self::of_hash(&hash.into())
    }

    /// The tag for 32 random bytes, or for a hash that is not of a public key.
    pub fn of_hash(hash: &[u8; 32]) -> Self {
        Self(BASE32_NOPAD.encode(hash).to_ascii_lowercase())
    }

    /// The tag of a key whose first version this is; `None` if it has neither a public key nor a check block.
    pub fn of_material(material: &KeyMaterial) -> Option<Self> {
        match material.public_key() {
            Some(public) => Some(Self::of_public_key(public)),
            None => material.check_block().map(|block| Self::of_check(&block)),
        }
    }

    pub fn is_of_public_key(&self) -> bool {
        self.0.ends_with(['b', 'r'])
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyTag {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let alphabet = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        if alphabet && text.len() == Self::LEN && text.ends_with(['a', 'b', 'q', 'r']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::malformed(WHAT, "its key tag is not 52 characters of lower-case base32"))
        }
    }
}

impl fmt::Display for KeyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key and the version that encrypted something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyName {
    pub tag: KeyTag,
    /// 1 for what was encrypted with nothing but a public key.
    pub version: Version,
}

/// What was encrypted. It is part of the associated data, so that one cannot be used as the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedForm {
    /// The data itself: `kms`.
    Text,
    /// The file key of an age file: `age`.
    Envelope,
}

impl SealedForm {
    /// The `info` of HKDF-SHA-256, which makes the AES-256 key of an encapsulated secret; the salt is the encapsulation.
    pub const fn info(self) -> &'static [u8] {
        match self {
            Self::Text => b"kmsctl ml-kem text",
            Self::Envelope => b"kmsctl ml-kem envelope",
        }
    }
}

impl KeyName {
    /// Parses `v<version>`. Only the canonical spelling is accepted.
    pub(super) fn version(text: &str) -> Result<Version, Error> {
        let digits = text.strip_prefix('v').filter(|digits| !digits.starts_with(['0', '+']));
        digits
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| Error::malformed(WHAT, "its version is not a whole number from 1"))
    }

    /// `kms:v1:<tag>:` or `age:v1:<tag>:`, followed by the context.
    pub fn associated_data(&self, form: SealedForm, context: Option<&EncryptionContext>) -> Vec<u8> {
        let scheme = match form {
            SealedForm::Text => "kms",
            SealedForm::Envelope => "age",
        };
        let mut data = format!("{scheme}:v{}:{}:", self.version, self.tag).into_bytes();
        data.extend(context.map(EncryptionContext::as_bytes).unwrap_or_default());
        data
    }
}

/// A ciphertext in its text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ciphertext {
    pub key: KeyName,
    pub payload: Vec<u8>,
}

impl Ciphertext {
    /// The first bytes of every text form.
    pub const MAGIC: &'static [u8] = b"kms:";
    /// Maximum length in bytes: 32 KiB of data with header, encapsulation, nonce and tag, in base64.
    pub const MAX_LEN: usize = 46_000;

    /// Parses one line; a line end after it is ignored. A bad header is [`Error::Malformed`]; a payload that was changed or
    /// cut short is [`Error::Damaged`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_LEN {
            return Err(Error::TooLarge { what: WHAT, limit: Self::MAX_LEN });
        }
        refuse_mark(bytes, WHAT)?;
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let malformed = || Error::malformed(WHAT, "it is not kms:v<version>:<key tag>:<base64url>");
        let other = || match line.trim_ascii() {
            jose if jose.starts_with(JOSE_BEGIN) && (is_jws(jose) || is_jwe(jose)) => {
                Error::Jose { encrypted: is_jwe(jose) }
            }
            _ => Error::malformed(WHAT, "it starts with neither `kms:` nor an age header"),
        };
        let body = line.strip_prefix(Self::MAGIC).ok_or_else(other)?;
        let mut parts = body.splitn(3, |byte| *byte == b':');
        let mut part = || parts.next().ok_or_else(malformed);
        let text = |part| std::str::from_utf8(part).map_err(|_| malformed());
        let version = KeyName::version(text(part()?)?)?;
        let tag = text(part()?)?.parse()?;
        let payload = part()?;
        if payload.contains(&b'\n') {
            return Err(Error::damaged(WHAT, "it has several lines, and a ciphertext is one"));
        }
        let payload = BASE64URL_NOPAD
            .decode(payload)
            .map_err(|error| Error::damaged(WHAT, format!("its last part is not base64url: {error}")))?;
        Ok(Self { key: KeyName { tag, version }, payload })
    }
}

/// Prints the line without a line end.
impl fmt::Display for Ciphertext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kms:v{}:{}:{}", self.key.version, self.key.tag, BASE64URL_NOPAD.encode(&self.payload))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAG: &str = "qgctpanoph3e427ujjsvsxmmqxzq4mvzrf2si63cqhid7vvft32q";

    fn name(version: u32, tag: &str) -> KeyName {
        KeyName { tag: tag.parse().expect("a tag"), version: Version::new(version).expect("from 1") }
    }

    #[test]
    fn only_the_canonical_spelling_is_accepted() {
        let good = format!("kms:v1:{TAG}:AAEC");
        let parsed = Ciphertext::parse(good.as_bytes()).expect("valid");
        assert_eq!(parsed, Ciphertext { key: name(1, TAG), payload: vec![0, 1, 2] });
        assert_eq!(Ciphertext::parse(format!("{good}\r\n").as_bytes()), Ok(parsed));
        for (from, to) in [
            ("kms:", "KMS:"),
            ("kms:", " kms:"),
            ("v1", "v01"),
            ("v1", "v0"),
            ("v1", "v+1"),
            ("v1", "1"),
            ("v1", "v4294967296"),
            ("v1", "v"),
            ("ft32q", "ft32"),
            ("ft32q", "ft32qq"),
            ("ft32q", "ft32c"),
            ("qgct", "QGCT"),
            ("qgct", "qgc1"),
            (":AAEC", ""),
        ] {
            let bad = good.replacen(from, to, 1);
            let error = Ciphertext::parse(bad.as_bytes()).expect_err(&bad);
            assert!(matches!(error, Error::Malformed { .. }), "{bad}: {error:?}");
        }
        for payload in ["AAED=", "AA EC", "AAE+", "AB", "A", "AAEC\n\n", "AAEC:AAEC", "ä"] {
            let bad = format!("kms:v1:{TAG}:{payload}");
            let error = Ciphertext::parse(bad.as_bytes()).expect_err(&bad);
            assert!(matches!(error, Error::Damaged { .. }), "{bad}: {error:?}");
        }
        let error = Ciphertext::parse(format!("{good}\n{good}\n").as_bytes()).expect_err("two of them");
        assert!(error.to_string().contains("several lines"), "{error}");
        assert!(Ciphertext::parse(&vec![b'k'; Ciphertext::MAX_LEN + 1]).is_err());
    }

    #[test]
    fn the_longest_text_is_within_the_limit() {
        let key = name(u32::MAX, TAG);
        let longest =
            Ciphertext { key, payload: vec![0xff; 1568 + 12 + 32 * 1024 + 16] }.to_string() + "\r\n";
        assert!(Ciphertext::parse(longest.as_bytes()).is_ok());
    }

    #[test]
    fn the_tag_of_a_public_key_is_recognised() {
        let pem = include_bytes!("../../tests/fixtures/keys/rsa-2048.pub.pem");
        let tag = KeyTag::of_public_key(&PublicKey::read(pem).expect("a fixture"));
        assert!(tag.is_of_public_key());
        assert_eq!(tag.as_str().parse(), Ok(tag.clone()));
        assert!(!name(1, TAG).tag.is_of_public_key());
        let parsed = Ciphertext::parse(format!("kms:v2:{tag}:AAEC").as_bytes());
        assert_eq!(parsed.map(|parsed| parsed.key), Ok(name(2, tag.as_str())));
    }

    #[test]
    fn header_and_context_are_separated_by_a_colon() {
        let context = |text: &str| text.parse::<EncryptionContext>().expect("valid");
        let key = name(1, TAG);
        assert_eq!(key.associated_data(SealedForm::Text, None), format!("kms:v1:{TAG}:").into_bytes());
        let with = key.associated_data(SealedForm::Envelope, Some(&context("a:b")));
        assert_eq!(with, format!("age:v1:{TAG}:a:b").into_bytes());
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(version in 1..=u32::MAX, hash: [u8; 32], payload: Vec<u8>) {
            let tag = BASE32_NOPAD.encode(&hash).to_ascii_lowercase();
            let ciphertext = Ciphertext { key: name(version, &tag), payload };
            prop_assert_eq!(Ciphertext::parse(ciphertext.to_string().as_bytes()), Ok(ciphertext));
        }

        #[test]
        fn what_parses_prints_the_same(text in "kms:v[0-9]{1,3}:[a-z2-7]{51}[abqr]:[A-Za-z0-9_-]{0,9}") {
            if let Ok(ciphertext) = Ciphertext::parse(text.as_bytes()) {
                prop_assert_eq!(ciphertext.to_string(), text);
            }
        }

        #[test]
        fn parsing_never_panics(bytes: Vec<u8>) {
            let _ = Ciphertext::parse(&bytes);
        }
    }
}
