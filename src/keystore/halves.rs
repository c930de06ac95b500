//! Tries the private halves that do not show whose they are, and finds those that another program exchanged: on most tokens an
//! EC or Ed25519 private object has no public numbers, so that its CKA_ID alone says which version it is.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    key::{Key, KeyVersion},
    store::Keystore,
    vouch,
};
use crate::{
    algorithm::PublicKey,
    token::{Class, KeyObject},
};

/// Whether the private half of the current version belongs to the public key in its record, by a trial. `None` if other things
/// show it, or if it cannot be tried: it may not be used at present, or the record does not name a public key.
pub(super) fn is_own(keystore: &Keystore, key: &Key) -> Result<Option<bool>> {
    let current = key.current();
    let is_enabled = key.record().is_some_and(|record| record.permits(current.version));
    match (silent_half(current), recorded(key, current)) {
        (Some(private), Some(public)) if is_enabled => vouch::fits(keystore, private, &public),
        _ => Ok(None),
    }
}

/// Gives private halves of a key to the versions that they belong to. If that of the current version is its own, nothing else is
/// tried. Those that may not be used get the places that are left.
pub(super) fn relink(keystore: &Keystore, keys: &mut [Key]) -> Result<()> {
    for key in keys {
        let is_open = key.versions.len() > 1
            && key.record().is_some_and(|record| record.permits(key.current().version));
        if is_open && silent_half(key.current()).is_some() && is_own(keystore, key)? != Some(true) {
            let owners = owners(keystore, key)?;
            exchange(&mut key.versions, &owners);
        }
    }
    Ok(())
}

/// The private half of a version, if it does not show its public numbers.
fn silent_half(version: &KeyVersion) -> Option<&KeyObject> {
    let is_it =
        |half: &&KeyObject| half.class == Class::Private && half.is_guarded() && !half.has_public_key();
    version.secret.as_deref().filter(is_it)
}

/// The public key that the record names, of whichever public object of the key.
fn recorded(key: &Key, version: &KeyVersion) -> Option<PublicKey> {
    let binding = key.binding(version.version);
    let expected = binding.spki_sha256?;
    let objects = key.versions.iter().flat_map(KeyVersion::public_objects);
    let mut known = objects.filter_map(|object| object.public_key()?.ok()).chain(binding.public_key());
    known.find(|public| public.fingerprint() == expected)
}

/// For each version, the place of the version that its private half belongs to, where a trial shows it.
fn owners(keystore: &Keystore, key: &Key) -> Result<Vec<Option<usize>>> {
    let publics: Vec<_> = key.versions.iter().map(|version| recorded(key, version)).collect();
    let mut owners = Vec::new();
    for version in &key.versions {
        let mut owner = None;
        for (at, public) in publics.iter().enumerate().rev() {
            if let (Some(private), Some(public), None) = (silent_half(version), public, owner)
                && vouch::fits(keystore, private, public)? == Some(true)
            {
                owner = Some(at);
            }
        }
        owners.push(owner);
    }
    Ok(owners)
}

/// Moves the private halves to their owners. A half that has lost its place without a proof goes to the first one that is free.
fn exchange(versions: &mut [KeyVersion], owners: &[Option<usize>]) {
    let is_taken = |place: usize| owners.contains(&Some(place));
    let displaced: Vec<_> = (0..owners.len()).filter(|at| owners[*at].is_none() && is_taken(*at)).collect();
    let mut free =
        (0..owners.len()).filter(|at| owners[*at].is_some_and(|owner| owner != *at) && !is_taken(*at));
    let moves = (0..owners.len()).filter_map(|from| {
        let to = if displaced.contains(&from) { free.next() } else { owners[from] };
        to.filter(|to| *to != from).map(|to| (from, to))
    });
    let moves: Vec<(usize, usize)> = moves.collect();
    let [from, to]: [BTreeSet<_>; 2] =
        [|(from, _): &(_, _)| *from, |(_, to): &(_, _)| *to].map(|of| moves.iter().map(of).collect());
    if from != to {
        // A half is missing, or there are copies of one.
        return;
    }
    let halves: Vec<_> = moves.iter().map(|(from, to)| (*to, versions[*from].secret.take())).collect();
    for (to, half) in halves {
        let version = &mut versions[to];
        if let Some(half) = half {
            version.id = half.id.clone();
            version.secret = Some(half);
        }
        // It has the CKA_ID of another private half now.
        version.strangers.extend(version.public.take().map(|public| *public));
    }
}
