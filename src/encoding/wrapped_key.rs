//! A key in transit between tokens: a PEM block whose headers have its recipient, algorithm and usage.
//!
//! The body is in the format of CKM_RSA_AES_KEY_WRAP: an AES-256 key under RSA-OAEP (SHA-256, MGF1-SHA-256, no label), then
//! the key under that AES key (RFC 5649): PKCS#8 for a private key, the bytes of a secret key. Cloud services import the same
//! format. A second block has the key's record and all versions that were wrapped, also under the AES key, so that the carrier
//! of the file can neither read nor change them. A file with that block says `Format: 2`, so that one that lost it is damaged.
//! Files of earlier releases have neither, and their headers are not authenticated: a file without both is treated as one of
//! those, and its label and usage must be given again. Anyone who has the public key could make such a file.

use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};

use super::{Error, KeyCheck, pem};
use crate::algorithm::Algorithm;
use crate::model::{Label, Usage};

const LABEL: &str = "KMSCTL WRAPPED KEY";
const SCHEME: &str = "RSA-OAEP-SHA256 AES-256-KWP";
const HEADERS: [&str; 6] = ["Scheme", "Recipient", "Algorithm", "Usage", "Key-Check", "Label"];
/// Before the others in a file that has details.
const FORMAT: (&str, &str) = ("Format", "2");
const WHAT: &str = "the wrapped key";
const DETAILS: &str = "KMSCTL KEY DETAILS";
const COLUMNS: usize = 64;

/// Maximum length of a wrapped key file in bytes: 200 versions of an RSA-4096 key.
pub const MAX_WRAPPED_KEY_FILE: usize = 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// SHA-256 of the recipient's SubjectPublicKeyInfo.
    pub recipient: [u8; 32],
    pub algorithm: Algorithm,
    pub usage: Usage,
    pub key_check: KeyCheck,
    /// The label on the token it came from.
    pub label: Label,
    /// The RSA block, then the wrapped key.
    pub body: Vec<u8>,
    /// The record and all versions, wrapped by [`super::kwp_wrap`] with the AES key; `None` in files of earlier releases.
    pub details: Option<Vec<u8>>,
}

impl WrappedKey {
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let malformed = |why: &str| Error::malformed(WHAT, why);
        if bytes.len() > MAX_WRAPPED_KEY_FILE {
            return Err(Error::TooLarge { what: WHAT, limit: MAX_WRAPPED_KEY_FILE });
        }
        if !pem::is_pem(bytes) {
            return Err(malformed("it is not PEM"));
        }
        let is_ours = bytes.starts_with(format!("-----BEGIN {LABEL}-----").as_bytes());
        let broken = |error| if is_ours { Error::damaged(WHAT, error) } else { error };
        let blocks = pem::blocks(bytes).map_err(broken)?;
        let (block, details) = match blocks.as_slice() {
            [block] => (block, None),
            [block, details] if details.label == DETAILS => {
                (block, Some(details.decode().map_err(broken)?.to_vec()))
            }
            _ => return Err(malformed("it has several PEM blocks")),
        };
        if block.label != LABEL {
            return Err(malformed(&format!("it is a PEM block {:?}", block.label)));
        }
        let (headers, body) = block.with_headers().ok_or_else(|| malformed("its headers cannot be read"))?;
        let headers = match headers.split_first() {
            Some(((name, format), rest)) if *name == FORMAT.0 => {
                if *format != FORMAT.1 {
                    return Err(Error::Unsupported(format!("format {format:?} of wrapped keys")));
                }
                if details.is_none() {
                    return Err(Error::damaged(
                        WHAT,
                        format!("it is truncated: its block {DETAILS:?} is missing"),
                    ));
                }
                rest
            }
            _ => &headers,
        };
        if !headers.iter().map(|(name, _)| *name).eq(HEADERS) {
            return Err(malformed(&format!("its headers are not {}", HEADERS.join(", "))));
        }
        let [scheme, recipient, algorithm, usage, key_check, label] = std::array::from_fn(|at| headers[at].1);
        if scheme != SCHEME {
            return Err(Error::Unsupported(format!("the wrapping scheme {scheme:?}")));
        }
        let recipient = HEXLOWER.decode(recipient.as_bytes()).ok();
        Ok(Self {
            recipient: recipient
                .and_then(|recipient| recipient.try_into().ok())
                .ok_or_else(|| malformed("its recipient is not a fingerprint"))?,
            algorithm: header(algorithm)?,
            usage: if usage == "none" { Usage::NONE } else { header(usage)? },
            key_check: key_check.parse().map_err(|()| malformed("its check value is not valid"))?,
            label: header(label)?,
            body: body.decode().map_err(broken)?.to_vec(),
            details,
        })
    }

    pub fn to_text(&self) -> String {
        let usage = if self.usage.is_empty() { "none".to_owned() } else { self.usage.to_string() };
        let values = [
            SCHEME.to_owned(),
            HEXLOWER.encode(&self.recipient),
            self.algorithm.name().to_owned(),
            usage,
            self.key_check.to_string(),
            self.label.to_string(),
        ];
        let format = self.details.is_some().then(|| (FORMAT.0, FORMAT.1.to_owned()));
        let headers = format.into_iter().chain(HEADERS.into_iter().zip(values));
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value}")).collect();
        let key = block(LABEL, &format!("{}\n\n", headers.join("\n")), &self.body);
        let details = self.details.as_deref().map(|details| block(DETAILS, "", details));
        key + &details.unwrap_or_default()
    }
}

fn block(label: &str, headers: &str, body: &[u8]) -> String {
    let base64 = BASE64.encode(body);
    let lines: Vec<_> = base64.as_bytes().chunks(COLUMNS).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{headers}{}\n-----END {label}-----\n", lines.join("\n"))
}

fn header<T: FromStr<Err = crate::model::Invalid>>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|error| Error::malformed(WHAT, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::sample;

    fn wrapped() -> WrappedKey {
        WrappedKey {
            recipient: [7; 32],
            algorithm: sample::EC,
            usage: sample::EC.usage(),
            key_check: KeyCheck::Fingerprint([9; 32]),
            label: "a label: with a colon".parse().expect("a label"),
            body: (0..=255).collect(),
            details: None,
        }
    }

    #[test]
    fn write_then_read_is_identity() {
        for (usage, details) in [(Usage::NONE, None), (sample::EC.usage(), Some(vec![7; 100]))] {
            let key = WrappedKey { usage, details, ..wrapped() };
            assert_eq!(WrappedKey::read(key.to_text().as_bytes()), Ok(key));
        }
    }

    #[test]
    fn other_content_is_refused_with_the_reason() {
        let text = wrapped().to_text();
        for (changed, why) in [
            (text.replace("KMSCTL WRAPPED KEY", "PRIVATE KEY"), "a PEM block \"PRIVATE KEY\""),
            (text.replace("AES-256-KWP", "AES-256-CBC"), "AES-256-CBC"),
            (text.replace("Usage: ", "Uses: "), "headers are not"),
            (text.replace(sample::EC.name(), "ec-p512"), "unknown algorithm"),
            (text.replace("0707", "07"), "not a fingerprint"),
            (text.repeat(2), "several PEM blocks"),
            ("{}".to_owned(), "not PEM"),
        ] {
            let error = WrappedKey::read(changed.as_bytes()).expect_err("refused").to_string();
            assert!(error.contains(why), "{why}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(0u8.., 0..300)) {
            let text = [b"-----BEGIN KMSCTL WRAPPED KEY-----\n", bytes.as_slice(), b"\n-----END KMSCTL WRAPPED KEY-----\n"];
            let _ = WrappedKey::read(&text.concat());
        }
    }
}
