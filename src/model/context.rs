//! The encryption context: text that is authenticated with a ciphertext but not stored in it.

use std::str::FromStr;

use super::Invalid;

/// 1 to 4096 bytes. Decryption needs the same context. It is not secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionContext(String);

impl EncryptionContext {
    /// Tokens limit the length of associated data, some to 16 KB.
    pub const MAX_BYTES: usize = 4096;

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Empty text is refused rather than treated as no context: it is usually an unset variable.
impl FromStr for EncryptionContext {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.len() {
            0 => Err(Invalid::new("a context cannot be empty")),
            1..=Self::MAX_BYTES => Ok(Self(text.to_owned())),
            length => Err(Invalid::new(format!("a context has at most 4096 bytes, this one {length}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_exact() {
        assert!("".parse::<EncryptionContext>().is_err());
        assert!("c".repeat(4096).parse::<EncryptionContext>().is_ok());
        assert!("c".repeat(4097).parse::<EncryptionContext>().is_err());
    }
}
