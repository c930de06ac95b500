//! `CKA_LABEL`: the name of a key.

use std::{fmt, fmt::Write as _, str::FromStr};

use super::Invalid;

/// 1 to 255 bytes of UTF-8 without control characters: safe on a terminal and in a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    pub const MAX_BYTES: usize = 255;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("a label cannot be empty"));
        }
        if text.len() > Self::MAX_BYTES {
            return Err(Invalid::new(format!(
                "a label has at most 255 bytes of UTF-8, this one {}",
                text.len()
            )));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new(format!("a label cannot hold control characters: {text:?}")));
        }
        if RecordKeyLabel::of(text).is_some() {
            return Err(Invalid::new(format!("{text:?} is the label of the key that authenticates records")));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The labels of the key that authenticates records, which no other key may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKeyLabel {
    Final,
    /// While records are given a MAC.
    Pending,
}

impl RecordKeyLabel {
    /// In the order of preference: the second for a token that takes letters, digits, `-` and `_` alone.
    pub const fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Final => ["kmsctl record authentication", "kmsctl-record-authentication"],
            Self::Pending => {
                ["kmsctl record authentication (pending)", "kmsctl-record-authentication-pending"]
            }
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        [Self::Final, Self::Pending].into_iter().find(|label| label.texts().contains(&text))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A label of another program as text: UTF-8 unchanged, other bytes as `\\xff`.
pub fn text_of_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_exact() {
        assert!("a".repeat(255).parse::<Label>().is_ok());
        assert!("a".repeat(256).parse::<Label>().is_err());
        assert!("ü".repeat(128).parse::<Label>().is_err(), "the limit counts bytes");
        assert!("".parse::<Label>().is_err());
        for control in ["a\nb", "\u{1b}[31m", "a\0", "\u{9b}"] {
            assert!(control.parse::<Label>().is_err(), "{control:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_escaped() {
        assert_eq!(text_of_bytes("schlüssel".as_bytes()), "schlüssel");
        assert_eq!(text_of_bytes(b"schl\xfcssel"), "schl\\xfcssel");
        assert_eq!(text_of_bytes(b"web\0"), "web\0");
        assert_eq!(text_of_bytes(b""), "");
    }
}
