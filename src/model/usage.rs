//! The permitted uses of a key.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Invalid;

/// One flag for each PKCS#11 usage attribute that kmsctl sets; all others are always FALSE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[allow(clippy::struct_excessive_bools, reason = "the four flags are the PKCS#11 attributes themselves")]
pub struct Usage {
    pub sign: bool,
    pub verify: bool,
    pub encrypt: bool,
    pub decrypt: bool,
}

impl Usage {
    pub const NONE: Self = Self { sign: false, verify: false, encrypt: false, decrypt: false };

    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether everything in `self` is also in `other`.
    pub const fn is_within(self, other: Self) -> bool {
        (!self.sign || other.sign)
            && (!self.verify || other.verify)
            && (!self.encrypt || other.encrypt)
            && (!self.decrypt || other.decrypt)
    }

    /// The uses in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self {
            sign: self.sign && other.sign,
            verify: self.verify && other.verify,
            encrypt: self.encrypt && other.encrypt,
            decrypt: self.decrypt && other.decrypt,
        }
    }

    /// The names of the uses, in a fixed order.
    pub fn names(self) -> Vec<&'static str> {
        [(self.sign, "sign"), (self.verify, "verify"), (self.encrypt, "encrypt"), (self.decrypt, "decrypt")]
            .into_iter()
            .filter_map(|(set, name)| set.then_some(name))
            .collect()
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.names().join(","))
    }
}

/// A comma-separated list: `sign,verify`.
impl FromStr for Usage {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut usage = Self::NONE;
        for name in text.split(',') {
            let flag = match name.trim() {
                "sign" => &mut usage.sign,
                "verify" => &mut usage.verify,
                "encrypt" => &mut usage.encrypt,
                "decrypt" => &mut usage.decrypt,
                other => {
                    return Err(Invalid::new(format!(
                        "unknown usage {other:?}: use a list of sign, verify, encrypt, decrypt"
                    )));
                }
            };
            *flag = true;
        }
        Ok(usage)
    }
}

impl TryFrom<Vec<String>> for Usage {
    type Error = Invalid;

    fn try_from(names: Vec<String>) -> Result<Self, Invalid> {
        if names.is_empty() { Ok(Self::NONE) } else { names.join(",").parse() }
    }
}

impl From<Usage> for Vec<String> {
    fn from(usage: Usage) -> Self {
        usage.names().into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_parses_and_prints() {
        let usage: Usage = "decrypt, sign".parse().expect("valid");
        assert_eq!(usage.to_string(), "sign,decrypt");
        assert!(usage.is_within(usage));
        assert!(!usage.is_within(Usage { sign: true, verify: true, ..Usage::NONE }));
        assert!("derive".parse::<Usage>().is_err());
        assert!("".parse::<Usage>().is_err());
    }
}
