//! `CKA_ID`: the bytes that distinguish keys with the same label.

use std::{fmt, str::FromStr};

use super::Invalid;

/// Printed and parsed as hexadecimal. Empty if another tool set none.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct KeyId(Vec<u8>);

impl KeyId {
    /// Maximum length in bytes. Some cloud HSMs put a resource name of 200 bytes there.
    pub const MAX_BYTES: usize = 512;

    /// Maximum length of the CKA_ID of a new key in bytes: not every token accepts longer ones.
    pub const MAX_NEW_BYTES: usize = 64;

    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Hexadecimal in either case; colons between bytes, as `pkcs11-tool` and `openssl` print them, are accepted.
impl FromStr for KeyId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = digits(text).filter(|digits| digits.len().is_multiple_of(2));
        let digits = digits
            .ok_or_else(|| Invalid::new(format!("a CKA_ID is hexadecimal, 1 to 512 bytes: {text:?}")))?;
        Ok(Self(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()))
    }
}

/// The hexadecimal digits of a CKA_ID or a prefix; `None` if there are none, too many, or other characters.
fn digits(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().filter(|c| *c != ':');
    let digits: Option<Vec<u8>> = digits.map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
    digits.filter(|digits| (1..=2 * KeyId::MAX_BYTES).contains(&digits.len()))
}

/// Selects a key by its whole CKA_ID or by a prefix of at least six digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyIdPrefix {
    digits: Vec<u8>,
}

impl KeyIdPrefix {
    /// 16 million values: few tokens have two keys that share so many digits by chance.
    pub const MIN_DIGITS: usize = 6;

    /// The CKA_ID with exactly these digits; `None` if their number is odd.
    pub fn whole(&self) -> Option<KeyId> {
        let pairs = self.digits.chunks_exact(2);
        let is_even = pairs.remainder().is_empty();
        is_even.then(|| KeyId(pairs.map(|pair| pair[0] << 4 | pair[1]).collect()))
    }

    /// Whether there are enough digits to be a prefix of a longer CKA_ID.
    pub const fn may_be_short(&self) -> bool {
        self.digits.len() >= Self::MIN_DIGITS
    }

    pub const fn digit_count(&self) -> usize {
        self.digits.len()
    }

    pub fn begins(&self, id: &KeyId) -> bool {
        let mut of_id = id.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        self.digits.iter().all(|digit| of_id.next() == Some(*digit))
    }
}

impl fmt::Display for KeyIdPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits.iter().try_for_each(|digit| write!(f, "{digit:x}"))
    }
}

impl FromStr for KeyIdPrefix {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong =
            |why| Invalid::new(format!("{text:?} is {why}: give a CKA_ID or at least its first 6 digits"));
        let prefix = Self { digits: digits(text).ok_or_else(|| wrong("not hexadecimal"))? };
        let is_valid = prefix.may_be_short() || prefix.whole().is_some();
        if is_valid { Ok(prefix) } else { Err(wrong("too short or too long")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_parsed_and_printed() {
        let id: KeyId = "5F:1c:00".parse().expect("valid");
        assert_eq!(id.as_bytes(), [0x5f, 0x1c, 0]);
        assert_eq!(id.to_string(), "5f1c00");
        for bad in ["", "5", "xy", "5f 1c", &"00".repeat(513)] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_prefix_matches() {
        let id: KeyId = "78496c3f00".parse().expect("valid");
        let prefix = |text: &str| text.parse::<KeyIdPrefix>();
        for begins in ["78496c", "78:49:6C", "78496c3", "78496c3f00", "78"] {
            assert!(prefix(begins).expect(begins).begins(&id), "{begins}");
        }
        for other in ["78496d", "78496c4", "78496c3f0000", "78496c3f000"] {
            assert!(!prefix(other).expect(other).begins(&id), "{other}");
        }
        for bad in ["", "7", "78496", "78496g", "78 496c", &"0".repeat(1025)] {
            assert!(prefix(bad).is_err(), "{bad:?}");
        }
        assert!(prefix("784").is_err() && !prefix("7849").expect("whole").may_be_short());
        assert_eq!(prefix("78496C3").expect("odd").whole(), None);
        assert_eq!(prefix("78:49:6C").expect("even").to_string(), "78496c");
    }
}
