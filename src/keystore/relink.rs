//! Finds secret keys that another program renumbered or reimported.

use anyhow::Result;

use super::{
    key::{Key, KeyVersion},
    store::Keystore,
};
use crate::{
    algorithm::Encryption,
    token::{CHECK_LEN, Handle},
};

/// Maximum number of keys that are tried.
const MAX_CANDIDATES: usize = 256;

/// Finds missing secret keys of recorded versions: unrecorded AES keys are compared with the check value in the record,
/// those with the key's label first.
pub(super) fn relink_secrets(keystore: &Keystore, keys: &mut Vec<Key>) -> Result<()> {
    for at in 0..keys.len() {
        let Some(record) = keys[at].record().cloned() else { continue };
        for entry in &record.versions {
            let Some(expected) = entry.binding.check_value else { continue };
            let is_there = |version: &KeyVersion| version.secret.is_some();
            if keys[at].version(entry.version).is_some_and(is_there) {
                continue;
            }
            let Some(found) = secret_with_check(keystore, keys, &record.label, expected)? else { continue };
            let secret = keys[found].current_mut().secret.take();
            let version = keys[at].versions.iter_mut().find(|version| version.version == entry.version);
            if let (Some(version), Some(secret)) = (version, secret) {
                version.id = secret.id.clone();
                version.secret = Some(secret);
            }
        }
    }
    keys.retain(|key| key.record.is_some() || key.versions.iter().any(|version| version.object().is_some()));
    Ok(())
}

/// The unrecorded key with this check value.
fn secret_with_check(
    keystore: &Keystore,
    keys: &[Key],
    label: &str,
    expected: [u8; CHECK_LEN],
) -> Result<Option<usize>> {
    let secret = |key: &Key| {
        key.current().secret.clone().filter(|secret| key.record.is_none() && secret.usage.encrypt)
    };
    let mut candidates: Vec<(bool, usize, Handle)> = keys
        .iter()
        .enumerate()
        .filter_map(|(at, key)| {
            let secret = secret(key).filter(|secret| secret.kind.encryption() == Some(Encryption::AesGcm))?;
            Some((key.label != label, at, secret.handle))
        })
        .collect();
    candidates.sort_unstable();
    for (_, at, handle) in candidates.into_iter().take(MAX_CANDIDATES) {
        match keystore.session().key_check(handle) {
            Ok(found) if found == expected => return Ok(Some(at)),
            Err(error) if error.is_lost_connection() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(None)
}
