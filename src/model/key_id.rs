//! `CKA_ID`: the bytes that tell keys with one label apart.

use std::{fmt, str::FromStr};

use super::Invalid;

/// Shown and read as hexadecimal. Empty where another tool set none.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct KeyId(Vec<u8>);

impl KeyId {
    /// The longest CKA_ID that is read and taken, in bytes. Some cloud HSMs put a resource name of 200 bytes there.
    pub const MAX_BYTES: usize = 512;

    /// The longest CKA_ID of a new key: not every token takes longer ones.
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
        let invalid = || Invalid::new(format!("a CKA_ID is hexadecimal, 1 to 512 bytes: {text:?}"));
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        if digits.is_empty() || !digits.len().is_multiple_of(2) || digits.len() > 2 * Self::MAX_BYTES {
            return Err(invalid());
        }
        digits
            .chunks_exact(2)
            .map(|pair| {
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
                Some(digit(pair[0])? << 4 | digit(pair[1])?)
            })
            .collect::<Option<Vec<u8>>>()
            .map(Self)
            .ok_or_else(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_both_ways() {
        let id: KeyId = "5F:1c:00".parse().expect("valid");
        assert_eq!(id.as_bytes(), [0x5f, 0x1c, 0]);
        assert_eq!(id.to_string(), "5f1c00");
        for bad in ["", "5", "xy", "5f 1c", &"00".repeat(513)] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad:?}");
        }
    }
}
