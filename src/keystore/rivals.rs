//! Other private or secret keys with the CKA_ID of a recorded version, which PKCS#11 does not keep unique. The object that
//! matches the record is the version's, in whatever order the token lists them; the others are keys of other programs.

use std::collections::HashMap;

use anyhow::Result;

use super::{
    assemble::note_others,
    error::Error,
    key::{Key, KeyVersion},
    store::Keystore,
    vouch,
};
use crate::{
    model::KeyId,
    token::{Class, Handle, KeyObject, Search},
};

/// The index of a key and that of one of its versions.
type Place = (usize, usize);

/// Gives each recorded version the object that matches its record. Costs calls only if a CKA_ID is not unique.
pub(super) fn settle(keystore: &Keystore, keys: &mut [Key]) -> Result<()> {
    let mut by_id: HashMap<&KeyId, Vec<Place>> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        for (number, version) in key.versions.iter().enumerate() {
            if version.secret.as_ref().is_some_and(|secret| secret.is_guarded()) && !version.id.is_empty() {
                by_id.entry(&version.id).or_default().push((at, number));
            }
        }
    }
    let mut shared: Vec<Vec<Place>> = by_id.into_values().filter(|places| places.len() > 1).collect();
    shared.sort_unstable();
    let is_shared = !shared.is_empty();
    for places in shared {
        for own in places.iter().filter(|(at, _)| keys[*at].record.is_some()).copied().collect::<Vec<_>>() {
            if let Some(other) = owner(keystore, keys, own, &places)? {
                exchange(keys, own, other);
            }
        }
    }
    if is_shared {
        note_others(keys);
    }
    Ok(())
}

/// Where the object of a version is, if it is not there already: the one that matches or, if its object does not, the only
/// one that cannot be tried.
fn owner(keystore: &Keystore, keys: &[Key], own: Place, places: &[Place]) -> Result<Option<Place>> {
    let (key, version) = (&keys[own.0], &keys[own.0].versions[own.1]);
    let matches = |(at, number): Place| match keys[at].versions[number].secret.as_deref() {
        Some(object) => matches(keystore, key, version, object),
        None => Ok(Some(false)),
    };
    let found = matches(own)?;
    if found == Some(true) {
        return Ok(None);
    }
    let mut untried = Vec::new();
    for other in places.iter().copied().filter(|other| *other != own) {
        match matches(other)? {
            Some(true) => return Ok(Some(other)),
            Some(false) => {}
            None => untried.push(other),
        }
    }
    Ok(match untried[..] {
        [only] if found == Some(false) => Some(only),
        _ => None,
    })
}

fn exchange(keys: &mut [Key], one: Place, other: Place) {
    let object = keys[one.0].versions[one.1].secret.take();
    let object = std::mem::replace(&mut keys[other.0].versions[other.1].secret, object);
    keys[one.0].versions[one.1].secret = object;
    let other = &mut keys[other.0];
    if other.record.is_none() {
        let version = other.current_mut();
        *other = Key::foreign(version.secret.take(), version.public.take());
    }
}

/// Whether an object is the private half, secret key or companion that the record of a version states. `None` if that cannot
/// be tried: the record has no binding, or the object may not be used.
pub(super) fn matches(
    keystore: &Keystore,
    key: &Key,
    version: &KeyVersion,
    object: &KeyObject,
) -> Result<Option<bool>> {
    let binding = key.binding(version.version);
    let is_companion = version.companion.as_ref() == Some(&object.id);
    let is_kind = match version.kind() {
        _ if is_companion => object.kind.is_mac(),
        kind => kind.or_else(|| key.kind()).is_none_or(|kind| kind == object.kind),
    };
    if !is_kind || !object.is_guarded() {
        return Ok(Some(false));
    }
    if object.kind.is_secret() {
        let expected = if is_companion { binding.companion_check } else { binding.check_value };
        let Some(expected) = expected else { return Ok(None) };
        return match keystore.session().key_check(object.kind, object.handle) {
            Err(error) if error.is_lost_connection() => Err(error.into()),
            found => Ok(found.ok().map(|found| found == expected)),
        };
    }
    let Some(expected) = binding.spki_sha256 else { return Ok(None) };
    if let Some(Ok(own)) = object.public_key() {
        return Ok(Some(own.fingerprint() == expected));
    }
    let publics = version.public_objects().filter_map(|public| public.public_key()?.ok());
    let known = publics.chain(binding.public_key()).find(|public| public.fingerprint() == expected);
    match known {
        Some(public) => vouch::fits(keystore, object, &public),
        None => {
            Ok(vouch::public_key_by_signatures(keystore, object).map(|key| key.fingerprint() == expected))
        }
    }
}

/// The private and secret objects that share a CKA_ID with one of these versions and are other keys. [`Error::IdShared`] if
/// it cannot be proven which is which, so that nothing may be destroyed.
pub(super) fn others<'a>(
    keystore: &Keystore,
    key: &Key,
    versions: impl IntoIterator<Item = &'a KeyVersion>,
) -> Result<Vec<Handle>> {
    let own =
        |handle| key.versions.iter().flat_map(KeyVersion::objects).any(|object| object.handle == handle);
    let mut others = Vec::new();
    for version in versions {
        for id in version.ids().filter(|id| !id.is_empty()) {
            let mut untried = None;
            for object in keystore.session().keys(Search::Id(id))? {
                if object.class == Class::Public || own(object.handle) {
                    continue;
                }
                match matches(keystore, key, version, &object)? {
                    // A copy of the key.
                    Some(true) => continue,
                    Some(false) => {}
                    None => untried = Some(object.label.clone()),
                }
                others.push(object.handle);
            }
            let stated = version.objects().find(|own| own.class != Class::Public && own.id == *id);
            if let (Some(stated), Some(other), true) = (stated, untried, key.record.is_some())
                && matches(keystore, key, version, stated)? != Some(true)
            {
                return Err(Error::IdShared { label: key.label.clone(), id: id.clone(), other }.into());
            }
        }
    }
    Ok(others)
}

/// Takes objects that are other keys out of a key whose destruction was interrupted: its own may be gone, and what has their
/// CKA_ID then looks like them.
pub(super) fn detach(keystore: &Keystore, key: &mut Key) -> Result<()> {
    let read = key.clone();
    for (version, as_read) in key.versions.iter_mut().zip(&read.versions) {
        for object in [&mut version.secret, &mut version.companion_key] {
            if let Some(found) = object
                && matches(keystore, &read, as_read, found)? == Some(false)
            {
                *object = None;
            }
        }
        let binding = read.binding(as_read.version);
        version.public.take_if(|public| binding.contradicts(public.public_key().and_then(Result::ok)));
    }
    Ok(())
}
