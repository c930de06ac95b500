//! Verifies that a secret key is the one in its record, and uses no other that anyone could have stored.

use anyhow::Result;

use super::{
    binding::Binding,
    error::Error,
    key::{Key, KeyVersion, Selected},
    record::{Record, VersionRecord},
    relink::relink_secrets,
    state::Operation,
    store::Keystore,
    vouch,
};
use crate::token::{CHECK_LEN, KeyObject};

impl Keystore {
    /// The private half or secret key for the operation. Fails for an object that anyone could have created without the
    /// PIN (PKCS#11, section 5.6.2: it is not CKA_PRIVATE), unless its record proves that it is the key, and for a secret key
    /// that is not the one in its record.
    pub fn secret_for<'a>(&self, selected: &'a Selected, operation: Operation) -> Result<&'a KeyObject> {
        let secret = selected.claimed_secret_for(operation)?;
        if !selected.is_confirmed() {
            require_own(self, &selected.key, [selected.version()])?;
        }
        if secret.is_guarded() || is_proven(self, selected, secret)? {
            return Ok(secret);
        }
        let (label, version) = (selected.key.label.clone(), selected.version().version);
        Err(Error::KeyUnproven { label, version }.into())
    }
}

/// Whether the record of the key proves that this is its secret key or private half. What cannot be tried is not proven.
fn is_proven(keystore: &Keystore, selected: &Selected, secret: &KeyObject) -> Result<bool> {
    let binding = selected.key.binding(selected.version().version);
    if secret.kind.is_secret() {
        let Some(expected) = binding.check_value else { return Ok(false) };
        return match keystore.session().key_check(secret.kind, secret.handle) {
            Err(error) if error.is_lost_connection() => Err(error.into()),
            found => Ok(found.is_ok_and(|found| found == expected)),
        };
    }
    if binding.spki_sha256.is_none() {
        return Ok(false);
    }
    let half = keystore.public_half(selected)?;
    Ok(vouch::fits(keystore, secret, &half.key)? == Some(true))
}

/// Verifies that the selected secret key is the one in its record. If another program renumbered that key, returns the
/// selection with the right one; a key that was replaced is refused. What is being destroyed may be gone, and cannot be used.
pub(super) fn confirmed(keystore: &Keystore, selected: Selected) -> Result<Selected> {
    let is_going = |record: &Record| {
        record.is_deleting || record.version(selected.version).is_some_and(VersionRecord::is_being_destroyed)
    };
    if selected.key.record().is_some_and(is_going)
        || is_recorded(keystore, &selected.key, selected.version())?
    {
        return Ok(selected.confirmed());
    }
    let mut keys = keystore.inventory()?.keys;
    detach_impostors(keystore, &mut keys)?;
    let identity = selected.key.identity();
    let is_it = |key: &Key| key.record.is_some() && key.identity() == identity;
    let right = keys.into_iter().find(is_it).map(|key| Selected::new(key, selected.version).confirmed());
    let is_whole = |right: &Selected| {
        let version = right.version();
        version.secret.is_some() && version.companion.is_some() == version.companion_key.is_some()
    };
    right.filter(is_whole).ok_or_else(|| {
        let (label, version) = (selected.key.label.clone(), selected.version);
        Error::OtherSecretKey { label, version }.into()
    })
}

/// Whether a version's secret key and companion match the bindings in the record. True if they cannot be checked.
fn is_recorded(keystore: &Keystore, key: &Key, version: &KeyVersion) -> Result<bool> {
    let (secret, companion) = are_recorded(keystore, key, version)?;
    Ok(secret && companion)
}

fn are_recorded(keystore: &Keystore, key: &Key, version: &KeyVersion) -> Result<(bool, bool)> {
    let Binding { check_value, companion_check, .. } = key.binding(version.version);
    let is_it = |found: crate::token::Result<[u8; CHECK_LEN]>, expected| match found {
        Ok(found) => Ok(found == expected),
        Err(error) if error.is_lost_connection() => Err(error),
        // The key may not encrypt at present, or the token lacks the mechanism.
        Err(_) => Ok(true),
    };
    let agrees = |object: Option<&KeyObject>, expected| match (object, expected) {
        (Some(object), Some(expected)) => {
            is_it(keystore.session().key_check(object.kind, object.handle), expected)
        }
        _ => Ok(true),
    };
    let companion = version.companion_key.as_deref();
    let is_guarded = companion_check.is_none() || companion.is_none_or(KeyObject::is_guarded);
    Ok((agrees(version.secret.as_deref(), check_value)?, is_guarded && agrees(companion, companion_check)?))
}

/// Refuses a key if the secret key of one of these versions is not the one in its record.
pub(super) fn require_own<'a>(
    keystore: &Keystore,
    key: &Key,
    versions: impl IntoIterator<Item = &'a KeyVersion>,
) -> Result<()> {
    for version in versions {
        if !is_recorded(keystore, key, version)? {
            let (label, version) = (key.label.clone(), version.version);
            return Err(Error::OtherSecretKey { label, version }.into());
        }
    }
    Ok(())
}

/// Detaches secret keys that do not match their record, and finds those that do.
pub(super) fn detach_impostors(keystore: &Keystore, keys: &mut Vec<Key>) -> Result<()> {
    let mut impostors = Vec::new();
    for key in keys.iter_mut().filter(|key| key.record.is_some()) {
        for number in 0..key.versions.len() {
            let (secret, companion) = are_recorded(keystore, key, &key.versions[number])?;
            let version = &mut key.versions[number];
            impostors.extend(version.secret.take_if(|_| !secret));
            impostors.extend(version.companion_key.take_if(|_| !companion));
        }
    }
    keys.extend(impostors.into_iter().map(|secret| Key::foreign(Some(secret), None)));
    relink_secrets(keystore, keys)
}
