//! The fingerprint of a public key.

use std::{fmt, str::FromStr};

use super::Invalid;

/// SHA-256 of the SubjectPublicKeyInfo in DER. Printed as 64 hexadecimal digits; colons and capitals, as other programs
/// print them, are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits: Vec<u32> = text
            .chars()
            .filter(|character| *character != ':')
            .map_while(|digit| digit.to_digit(16))
            .collect();
        let is_whole = digits.len() == text.chars().filter(|character| *character != ':').count();
        let mut bytes = [0; 32];
        if !is_whole || digits.len() != 2 * bytes.len() {
            return Err(Invalid::new(format!(
                "not a fingerprint: {text:?} (64 hexadecimal digits, as `kmsctl key show` prints them)"
            )));
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(pair[0] << 4 | pair[1]).unwrap_or_default();
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn print_then_parse_is_identity() {
        let fingerprint = Fingerprint(std::array::from_fn(|at| u8::try_from(at * 8 % 251).expect("small")));
        let text = fingerprint.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse(), Ok(fingerprint));
        let pairs: Vec<_> = text.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair)).collect();
        assert_eq!(pairs.join(":").to_uppercase().parse(), Ok(fingerprint));
    }

    #[test]
    fn other_text_is_refused() {
        for text in
            ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &format!("{} ", "0".repeat(64))]
        {
            assert!(text.parse::<Fingerprint>().is_err(), "{text:?}");
        }
    }
}
