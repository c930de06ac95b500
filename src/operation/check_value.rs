//! The check value of a secret key, computed in the token.

use anyhow::Result;

use super::Error;
use crate::{
    encoding::CHECK_VALUE_LEN,
    keystore::{self, Keystore, Operation, Selected},
};

/// Three bytes that identify a secret key ([`crate::token::Session::check_value`]). For an AES key that must not encrypt,
/// the value that the token states, if any.
pub fn check_value(keystore: &Keystore, selected: &Selected) -> Result<[u8; CHECK_VALUE_LEN]> {
    let version = selected.version();
    let label = selected.key.label.clone();
    let Some(kind) = version.kind().filter(|kind| kind.is_secret()) else {
        return Err(Error::NoCheckValue { label, kind: version.kind() }.into());
    };
    let key = version.secret.as_ref().ok_or(keystore::Error::MissingObject {
        label,
        version: version.version,
        what: "secret key",
    })?;
    // What a token states for a generic secret is of SHA-1 (PKCS#11, section 6.10).
    let stated = if kind.is_mac() { None } else { keystore.session().stated_check_value(key.handle)? };
    match (keystore.session().check_value(kind, key.handle), stated) {
        (Ok(computed), Some(stated)) if computed != stated => {
            Err(Error::CheckValueDiffers { label: selected.key.label.clone() }.into())
        }
        (Ok(value), _) | (Err(_), Some(value)) => Ok(value),
        (Err(error), None) => {
            // The token's refusal has its reason in the key's state, if that forbids it.
            selected.allow(if kind.is_mac() { Operation::Sign } else { Operation::Encrypt })?;
            Err(error.into())
        }
    }
}
