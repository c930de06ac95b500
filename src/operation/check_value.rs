//! The check value of an AES key, computed in the token.

use anyhow::Result;

use super::Error;
use crate::{
    algorithm::{Encryption, KeyKind},
    encoding::CHECK_VALUE_LEN,
    keystore::{self, Keystore, Operation, Selected},
};

/// Three bytes that identify an AES key (ECB of a zero block). For a key that must not encrypt, the value that the token
/// states, if any.
pub fn check_value(keystore: &Keystore, selected: &Selected) -> Result<[u8; CHECK_VALUE_LEN]> {
    let version = selected.version();
    let label = selected.key.label.clone();
    if version.kind().and_then(KeyKind::encryption) != Some(Encryption::AesGcm) {
        return Err(Error::NoCheckValue { label, kind: version.kind() }.into());
    }
    let key = version.secret.as_ref().ok_or(keystore::Error::MissingObject {
        label,
        version: version.version,
        what: "secret key",
    })?;
    let stated = keystore.session().stated_check_value(key.handle)?;
    match (keystore.session().check_value(key.handle), stated) {
        (Ok(computed), Some(stated)) if computed != stated => {
            Err(Error::CheckValueDiffers { label: selected.key.label.clone() }.into())
        }
        (Ok(value), _) | (Err(_), Some(value)) => Ok(value),
        (Err(error), None) => {
            // The token's refusal has its reason in the key's state, if that forbids it.
            selected.allow(Operation::Encrypt)?;
            Err(error.into())
        }
    }
}
