//! Finds secret keys that another program renumbered or reimported.

use anyhow::Result;

use super::{
    key::{Key, KeyVersion},
    store::Keystore,
};
use crate::{
    algorithm::{Algorithm, KeyKind},
    token::{CHECK_LEN, Handle, KeyObject},
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
            let Some(found) = secret_with_check(keystore, keys, (at, wanted), expected)? else { continue };
            let secret = take(keys, at, found);
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

/// Takes an object out of the keys, or out of the strays of the key at this place: an adopted version looks like one with a
/// record that does not know it.
fn take(keys: &mut [Key], at: usize, found: Handle) -> Option<Box<KeyObject>> {
    let strays = &mut keys[at].strays;
    if let Some(stray) = strays.iter().position(|stray| stray.handle == found) {
        return Some(Box::new(strays.remove(stray)));
    }
    let is_it = |secret: &mut Box<KeyObject>| secret.handle == found;
    keys.iter_mut().filter(|key| key.record.is_none()).find_map(|key| key.current_mut().secret.take_if(is_it))
}

/// The unrecorded key or the stray of this key with this check value, of this kind if that is known.
fn secret_with_check(
    keystore: &Keystore,
    keys: &[Key],
    (at, (label, kind)): (usize, (&str, Option<KeyKind>)),
    expected: [u8; CHECK_LEN],
) -> Result<Option<Handle>> {
    let is_candidate = |secret: &KeyObject| {
        secret.kind.is_secret()
            && kind.is_none_or(|kind| secret.kind == kind)
            && (secret.usage.encrypt || secret.usage.sign)
    };
    let unrecorded = keys.iter().filter(|key| key.record.is_none());
    let unrecorded =
        unrecorded.filter_map(|key| Some((key.label != label, key.current().secret.as_deref()?)));
    let strays = keys[at].strays.iter().map(|stray| (false, stray));
    let mut candidates: Vec<_> =
        strays.chain(unrecorded).filter(|(_, secret)| is_candidate(secret)).collect();
    candidates.sort_by_key(|(is_other, _)| *is_other);
    for (_, secret) in candidates.into_iter().take(MAX_CANDIDATES) {
        match keystore.session().key_check(secret.kind, secret.handle) {
            Ok(found) if found == expected => return Ok(Some(secret.handle)),
            Err(error) if error.is_lost_connection() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(None)
}
