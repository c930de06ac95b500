//! Key components: one key split among custodians, each of whom holds a text file.
//!
//! A component is a PEM block whose headers say which set it belongs to. The key is split in the encoding of
//! [`KeyMaterial`]: PKCS#8, or the bytes of a secret key. The plain components of payment HSMs are read too: the XOR parts of
//! an AES-256 key as 64 hexadecimal digits.
//!
//! [`KeyMaterial`]: super::KeyMaterial

mod armour;
mod error;
mod sharing;

use std::{fmt, str::FromStr};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

pub use error::ComponentError;
pub use sharing::{join, split};

use super::{CHECK_VALUE_LEN, CheckMethod, KeyMaterial, SECRET_KEY_LEN, pem};
use crate::{algorithm::Algorithm, secret::Secret};

/// How a key is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// All components are needed: exclusive or.
    Xor,
    /// Any `threshold` of them are enough: Shamir's scheme, each byte over GF(2^8) with the polynomial of AES.
    Shamir,
}

impl Scheme {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xor => "xor",
            Self::Shamir => "shamir",
        }
    }
}

/// What the headers say about the key as a whole: the same in all components of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub scheme: Scheme,
    /// Number of components in the set.
    pub count: u8,
    /// Number of components needed to join the key.
    pub threshold: u8,
    /// Random; a new one each time a key is split.
    pub identity: String,
    pub algorithm: Algorithm,
    pub key_check: KeyCheck,
}

/// What the joined key is compared with. Not secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    /// SHA-256 of the SubjectPublicKeyInfo of a key pair.
    Fingerprint([u8; 32]),
    /// The check value of a secret key: of AES, that by ECB.
    CheckValue([u8; CHECK_VALUE_LEN]),
}

impl KeyCheck {
    /// `None` does not occur: a pair has a fingerprint, a secret key a check value.
    pub fn of(material: &KeyMaterial) -> Option<Self> {
        material
            .public_key()
            .map(|public| Self::Fingerprint(public.fingerprint()))
            .or_else(|| material.check_value().map(Self::CheckValue))
    }
}

/// In lower-case hexadecimal.
impl fmt::Display for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: &[u8] = match self {
            Self::Fingerprint(bytes) => bytes,
            Self::CheckValue(bytes) => bytes,
        };
        f.write_str(&HEXLOWER.encode(bytes))
    }
}

impl FromStr for KeyCheck {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| ())?;
        if let Ok(bytes) = bytes.as_slice().try_into() {
            return Ok(Self::Fingerprint(bytes));
        }
        bytes.as_slice().try_into().map(Self::CheckValue).map_err(|_| ())
    }
}

/// One component. Its share is wiped when dropped.
#[derive(Debug, Clone)]
pub struct Component {
    /// `None` for a plain component, which has no headers.
    pub set: Option<Set>,
    /// 1 to the count; 0 for a plain component.
    pub index: u8,
    share: Secret,
}

/// Maximum length of a component file in bytes; one of an RSA-4096 key has 3600.
pub const MAX_COMPONENT_FILE: usize = 16 * 1024;

impl Component {
    /// Reads a component file: PEM, or the 64 hexadecimal digits of a plain component, with or without white space.
    pub fn read(bytes: &[u8]) -> Result<Self, ComponentError> {
        if bytes.len() > MAX_COMPONENT_FILE {
            return Err(ComponentError::malformed("it is larger than 16384 bytes"));
        }
        if pem::is_pem(bytes) {
            return armour::read(bytes);
        }
        let digits: Zeroizing<Vec<u8>> =
            Zeroizing::new(bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect());
        match HEXLOWER_PERMISSIVE.decode(&digits).map(Secret::new) {
            Ok(share) if share.len() == SECRET_KEY_LEN => Ok(Self { set: None, index: 0, share }),
            _ => Err(ComponentError::malformed(
                "neither PEM nor the 64 hexadecimal digits of an AES-256 component",
            )),
        }
    }

    /// The text of the component file.
    pub fn to_text(&self) -> Secret {
        armour::write(self)
    }

    /// The check values of this component: one over its whole content if it belongs to a set, the values of each
    /// [`CheckMethod`] if it is plain.
    pub fn check_values(&self) -> Vec<String> {
        match &self.set {
            Some(set) => vec![HEXLOWER.encode(&armour::checksum(set, self.index, &self.share))],
            None => check_values(Algorithm::PLAIN_SECRET, &self.share),
        }
    }
}

impl KeyMaterial {
    /// Fails if the check value of a secret key is not `given`, and for key pairs, which have none.
    pub fn require_check_value(&self, given: &str) -> Result<(), ComponentError> {
        match self.public_key() {
            None => require_value("the key", given, &check_values(self.algorithm(), self.encoded())),
            Some(public) => Err(ComponentError::NoCheckValue { kind: public.kind() }),
        }
    }
}

/// The check values of a secret key, by each method.
fn check_values(algorithm: Algorithm, key: &Secret) -> Vec<String> {
    let values = CheckMethod::of(algorithm).iter().filter_map(|method| method.compute(key));
    values.map(|value| HEXLOWER.encode(&value)).collect()
}

/// Fails unless the check value that was given is one of those found. Ignores case.
fn require_value(what: &str, given: &str, found: &[String]) -> Result<(), ComponentError> {
    if found.iter().any(|found| found.eq_ignore_ascii_case(given)) {
        return Ok(());
    }
    Err(ComponentError::CheckValue { what: what.to_owned(), given: given.to_owned(), found: found.to_vec() })
}

#[cfg(test)]
mod tests;
