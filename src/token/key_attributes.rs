//! Attributes of new keys that a module requires beyond the standard: a cloud service takes the algorithm in one that its
//! vendor defined. They come from the profile.

use std::str::FromStr;

use cryptoki::object::Attribute;
use cryptoki_sys as ck;

use super::attribute;
use crate::{
    algorithm::{Algorithm, KeyKind},
    model::Invalid,
};

/// Attribute and value, by algorithm. As text: `rsa-2048:0x8001e101=5, aes-256:0x8001e101=19`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyAttributes(Vec<(Algorithm, ck::CK_ATTRIBUTE_TYPE, ck::CK_ULONG)>);

impl KeyAttributes {
    /// Those of a private or secret key of this kind.
    pub(super) fn of(&self, kind: KeyKind) -> Vec<Attribute> {
        let of_kind = self.0.iter().filter(|(algorithm, ..)| algorithm.kind() == kind);
        attribute::raw(of_kind.map(|(_, name, value)| (*name, value.to_ne_bytes().to_vec())).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, kind: KeyKind) -> bool {
        self.0.iter().any(|(algorithm, ..)| algorithm.kind() == kind)
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

impl FromStr for KeyAttributes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = |entry: &str| {
            let form = || {
                Invalid::new(format!(
                    "{:?} is not of the form ALGORITHM:ATTRIBUTE=NUMBER, such as {}:0x8001e101=12",
                    entry.trim(),
                    Algorithm::FIRST_CHOICE
                ))
            };
            let (algorithm, rest) = entry.trim().split_once(':').ok_or_else(form)?;
            let (name, value) = rest.split_once('=').ok_or_else(form)?;
            let name = number(name.trim()).ok_or_else(form)?;
            if name < ck::CKA_VENDOR_DEFINED {
                return Err(Invalid::new(format!(
                    "attribute {name:#x} is a standard one, which kmsctl sets itself: those of vendors begin at {:#x}",
                    ck::CKA_VENDOR_DEFINED
                )));
            }
            Ok((algorithm.trim().parse()?, name, number(value.trim()).ok_or_else(form)?))
        };
        text.split(',').map(read).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_given_by_algorithm() {
        let text = "hmac-256:0x8001e101=12, rsa-2048:0x8001e101 = 5";
        let attributes: KeyAttributes = text.parse().expect(text);
        assert_eq!(attributes.of(Algorithm::RSA_2048.kind()).len(), 1);
        assert!(attributes.has(Algorithm::HMAC_256.kind()) && !attributes.has(Algorithm::AES_256.kind()));
        for bad in ["", "aes-256", "aes-256:1=2", "aes-256:0x8001e101=x", "rsa:0x8001e101=5", "aes-256:=5,"] {
            assert!(bad.parse::<KeyAttributes>().is_err(), "{bad}");
        }
    }
}
