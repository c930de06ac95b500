//! Finds secret keys that another program renumbered or reimported.

use anyhow::Result;

use super::{
    key::{Key, KeyVersion},
    store::Keystore,
};
use crate::{
    algorithm::{Algorithm, KeyKind},
    token::{CHECK_LEN, KeyObject},
};

/// Maximum number of keys that are tried.
const MAX_CANDIDATES: usize = 256;

/// Finds missing secret keys of recorded versions: unrecorded keys of the same kind are compared with the check value in the record,
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
            let wanted = (&*record.label, record.algorithm.map(Algorithm::kind));
            let Some(found) = secret_with_check(keystore, keys, wanted, expected)? else { continue };
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

/// The unrecorded key with this check value, of this kind if that is known.
fn secret_with_check(
    keystore: &Keystore,
    keys: &[Key],
    (label, kind): (&str, Option<KeyKind>),
    expected: [u8; CHECK_LEN],
) -> Result<Option<usize>> {
    let is_candidate = |secret: &KeyObject| {
        secret.kind.is_secret()
            && kind.is_none_or(|kind| secret.kind == kind)
            && (secret.usage.encrypt || secret.usage.sign)
    };
    let unrecorded = keys.iter().enumerate().filter(|(_, key)| key.record.is_none());
    let mut candidates: Vec<(bool, usize, &KeyObject)> = unrecorded
        .filter_map(|(at, key)| {
            let secret = key.current().secret.as_deref().filter(|secret| is_candidate(secret))?;
            Some((key.label != label, at, secret))
        })
        .collect();
    candidates.sort_unstable_by_key(|(is_other, at, _)| (*is_other, *at));
    for (_, at, secret) in candidates.into_iter().take(MAX_CANDIDATES) {
        match keystore.session().key_check(secret.kind, secret.handle) {
            Ok(found) if found == expected => return Ok(Some(at)),
            Err(error) if error.is_lost_connection() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(None)
}
