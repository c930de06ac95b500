//! Resolves a selection to exactly one key. Never picks one of several.

use std::collections::HashSet;

use anyhow::Result;

use super::{
    assemble::assemble,
    error::{Candidate, Error},
    inventory::candidates,
    key::{Key, KeyVersion, Selected},
    narrow::candidates_of_version,
    record::Record,
    secrets,
    selection::{Selection, WHOLE_DIGITS},
    store::Keystore,
};
use crate::{
    model::{KeyId, KeyIdPrefix, ObjectType, Version, similar},
    retry::{Policy, Retry},
    token::{Class, KeyObject, Search},
};

impl Selection {
    fn fits(&self, key: &Key) -> bool {
        let is_labelled = self.label.as_ref().is_none_or(|label| {
            let has_object =
                || key.versions.iter().flat_map(KeyVersion::objects).any(|one| self.labels(one, label));
            // The label of a recorded key is the one in its record, whatever its objects are called.
            key.label == *label && (self.raw_label.is_none() || has_object()) || self.is_own_label(key, label)
        });
        // A prefix only matches objects on the token, not CKA_IDs that only a record has.
        let is_there = |version: &KeyVersion| self.id.is_some() || version.object().is_some();
        let has_id = self.id.is_none() && self.id_prefix.is_none()
            || key.versions.iter().any(|version| self.is_id(&version.id) && is_there(version));
        is_labelled && has_id && self.kind.is_none_or(|kind| self.has_object(key, kind))
    }

    /// Whether the version with the selected CKA_ID has this label (`LABEL-vN`).
    fn is_own_label(&self, key: &Key, label: &str) -> bool {
        let of_id = |record: &Record| {
            let mut versions = record.versions.iter().filter(|version| version.own_label);
            versions.any(|version| self.is_id(&version.id) && record.label_of(version.version) == label)
        };
        (self.id.is_some() || self.id_prefix.is_some()) && key.record().is_some_and(of_id)
    }

    /// Whether one object of this class has both the label and the CKA_ID of the selection.
    fn has_object(&self, key: &Key, kind: ObjectType) -> bool {
        let class = match kind {
            ObjectType::Private => Class::Private,
            ObjectType::Public => Class::Public,
            ObjectType::SecretKey => Class::Secret,
            // Objects of these classes are not keys.
            ObjectType::Certificate | ObjectType::Data => return false,
        };
        let is_labelled = |object: &KeyObject| {
            // During a rename, the record may have the new label before the objects do.
            let of_key = key.record.is_some().then_some(&key.label);
            self.label.as_ref().is_none_or(|label| self.labels(object, label) || of_key == Some(label))
        };
        key.versions
            .iter()
            .flat_map(KeyVersion::objects)
            .any(|object| object.class == class && is_labelled(object) && self.is_id(&object.id))
    }

    /// Whether a CKA_ID matches the selection: the complete one if given, else the prefix, else any.
    fn is_id(&self, id: &KeyId) -> bool {
        match (&self.id, &self.id_prefix) {
            (Some(whole), _) => whole == id,
            (None, Some(prefix)) => prefix.begins(id),
            (None, None) => true,
        }
    }

    fn labels(&self, object: &KeyObject, label: &str) -> bool {
        match &self.raw_label {
            Some(bytes) => object.label_bytes() == bytes,
            None => object.label_bytes() == label.as_bytes(),
        }
    }
}

impl Keystore {
    /// The one key that matches, with the requested version, else the one with the given CKA_ID, else the newest.
    pub fn select(&self, selection: &Selection) -> Result<Selected> {
        select_from(self, selection, candidates)
    }

    /// The same for one version, or the newest: of a key with many versions, the others may not be read
    /// ([`Key::is_partial`]).
    pub fn select_version(&self, selection: &Selection) -> Result<Selected> {
        select_from(self, selection, candidates_of_version)
    }

    /// The one key whose public half matches, without a login. `None` if a login is needed to decide: several versions
    /// may share a label, and the record, which shows which are enabled, is private.
    pub fn select_public(&self, selection: &Selection) -> Result<Option<Selected>> {
        if selection.version.is_some() {
            return Ok(None);
        }
        require_token(self, selection)?;
        if selection.kind.is_some_and(|kind| kind != ObjectType::Public) {
            return Ok(None);
        }
        // Anyone can create an object whose CKA_ID is a prefix of the intended one.
        let may_be_short =
            |prefix: &KeyIdPrefix| selection.id.is_none() || prefix.digit_count() < WHOLE_DIGITS;
        let selection = &match &selection.id_prefix {
            Some(prefix) if may_be_short(prefix) => selection.by_prefix(),
            _ => selection.clone(),
        };
        let search = match selection.search() {
            Some(Search::Label(label)) => Search::PublicLabel(label),
            Some(search) => search,
            None if selection.id_prefix.is_some() => Search::Keys(Class::Public),
            None => return Ok(None),
        };
        let found = self.session().keys(search)?;
        // An object without numbers (wolfPKCS11, RSA) may show them after a login.
        let tells = |half: &KeyObject| half.class == Class::Public && half.has_public_key();
        let mut halves: Vec<_> = found.into_iter().filter(tells).map(Box::new).collect();
        if let Some(expected) = self.expected() {
            let is_it = |half: &KeyObject| {
                half.public_key().and_then(Result::ok).is_some_and(|key| key.fingerprint() == expected.0)
            };
            // If none matches, the mismatch is reported later.
            if halves.iter().any(|half| is_it(half)) {
                halves.retain(|half| is_it(half));
                halves.truncate(1);
            }
        }
        let mut fitting: Vec<_> = assemble(self.names(), halves, Vec::new(), Vec::new())
            .into_iter()
            .filter(|key| selection.fits(key))
            .collect();
        Ok(match fitting.len() {
            1 => fitting.pop().map(Selected::current),
            _ => None,
        })
    }
}

fn select_from(
    keystore: &Keystore,
    selection: &Selection,
    candidates: impl Fn(&Keystore, &Selection) -> Result<Vec<Key>>,
) -> Result<Selected> {
    require_token(keystore, selection)?;
    let (mut fitting, selection) = matching(keystore, selection, &candidates)?;
    let selection = &selection;
    let key = match fitting.len() {
        1 => fitting.remove(0),
        0 => {
            let near =
                selection.label.as_ref().map(|label| similar_labels(keystore, label)).unwrap_or_default();
            return Err(Error::NotFound { selection: selection.clone(), near }.into());
        }
        _ if !keystore.session().sees_private() => {
            let (selection, count) = (selection.clone(), fitting.len());
            return Err(Error::AmbiguousWithoutLogin { selection, count }.into());
        }
        _ => {
            // Sorted, since tokens list objects in no particular order.
            fitting.sort_by(|one, other| one.current().id.cmp(&other.current().id));
            let candidates = fitting.iter().map(|key| named_candidate(key, selection)).collect();
            return Err(Error::Ambiguous { selection: selection.clone(), candidates }.into());
        }
    };
    keystore.authenticate(&key)?;
    if selection.id.is_none() {
        keystore.require_record(&key)?;
    }
    let version = chosen_version(&key, selection)?;
    let mut selected = secrets::confirmed(keystore, Selected::new(key, version))?;
    selected.key.share_public_objects();
    Ok(selected)
}

fn chosen_version(key: &Key, selection: &Selection) -> Result<Version, Error> {
    match selection.version {
        Some(version) if key.version(version).is_none() => {
            Err(Error::NoVersion { label: key.label.clone(), version, newest: key.newest() })
        }
        Some(version) => Ok(version),
        None => Ok(named_version(key, selection).version),
    }
}

/// The version that signs if it has the selected CKA_ID or none is selected, else the newest one that has it.
fn named_version<'key>(key: &'key Key, selection: &Selection) -> &'key KeyVersion {
    let current = std::iter::once(key.current());
    current
        .chain(key.versions.iter().rev())
        .find(|version| selection.is_id(&version.id))
        .unwrap_or_else(|| key.current())
}

fn named_candidate(key: &Key, selection: &Selection) -> Candidate {
    Candidate { id: named_version(key, selection).id.clone(), ..candidate(key) }
}

pub(super) fn candidate(key: &Key) -> Candidate {
    Candidate { label: key.label.clone(), id: key.current().id.clone(), kind: key.kind() }
}

/// Refuses a URI that names another token, slot or module, or has unknown attributes.
fn require_token(keystore: &Keystore, selection: &Selection) -> Result<()> {
    match &selection.uri {
        Some(uri) if !keystore.session().is_described_by(uri)? => {
            Err(Error::NotFound { selection: selection.clone(), near: Vec::new() }.into())
        }
        _ => Ok(()),
    }
}

/// The keys that match the complete CKA_ID or else its prefix, and the selection used. A complete match that anyone
/// could have created without the PIN does not end the search: its CKA_ID may be a prefix of a key's.
fn matching(
    keystore: &Keystore,
    selection: &Selection,
    candidates: &impl Fn(&Keystore, &Selection) -> Result<Vec<Key>>,
) -> Result<(Vec<Key>, Selection)> {
    let by_whole = if selection.id.is_some() || selection.id_prefix.is_none() {
        fitting(keystore, selection, candidates)?
    } else {
        Vec::new()
    };
    let Some(prefix) = &selection.id_prefix else { return Ok((by_whole, selection.clone())) };
    let is_long = prefix.digit_count() >= WHOLE_DIGITS && !by_whole.is_empty();
    if is_long || by_whole.iter().any(Key::is_guarded) {
        return Ok((by_whole, selection.clone()));
    }
    let by_prefix = selection.by_prefix();
    let fitting = fitting(keystore, &by_prefix, candidates)?;
    let is_decided = keystore.session().sees_private() && !fitting.iter().any(Key::is_guarded);
    if is_decided && !by_whole.is_empty() {
        return Ok((by_whole, selection.clone()));
    }
    Ok((fitting, by_prefix))
}

/// The keys that match. Retries while another machine seems to be replacing a record: while both the old and the new
/// record exist, the new one may be withdrawn; and some tokens show neither (SoftHSM), so that several keys without a
/// record may be versions of one.
fn fitting(
    keystore: &Keystore,
    selection: &Selection,
    candidates: impl Fn(&Keystore, &Selection) -> Result<Vec<Key>>,
) -> Result<Vec<Key>> {
    let mut retry = Retry::new(Policy::SETTLING);
    loop {
        let mut keys = candidates(keystore, selection)?;
        if let Some(id) = &selection.id {
            let strays: Vec<_> = keys.iter().filter_map(|key| key.stray(id)).collect();
            keys.extend(strays);
        }
        let any_settling = keys.iter().any(|key| key.is_settling);
        let mut fitting: Vec<_> = keys.into_iter().filter(|key| selection.fits(key)).collect();
        // Objects that anyone can create without the PIN neither replace a key nor make its name ambiguous.
        if fitting.iter().any(Key::is_guarded) {
            fitting.retain(Key::is_guarded);
        }
        // Another object with the CKA_ID of a recorded key is not the one that the record names.
        let recorded: HashSet<KeyId> =
            fitting.iter().filter(|key| key.record.is_some()).flat_map(Key::ids).cloned().collect();
        fitting.retain(|key| key.record.is_some() || !recorded.contains(&key.current().id));
        let max_retries = if fitting.iter().any(|key| key.is_settling) || fitting.is_empty() && any_settling {
            // After an interrupted change both remain, so wait only 300 ms.
            4
        } else if fitting.iter().all(|key| key.record.is_none())
            && may_be_versions_of_one_key(keystore, &fitting)
        {
            5
        } else {
            return Ok(fitting);
        };
        if !retry.again(max_retries) {
            return Ok(fitting);
        }
    }
}

/// Whether the CKA_ID of one key marks it as a later version of another.
fn may_be_versions_of_one_key(keystore: &Keystore, keys: &[Key]) -> bool {
    // Each pair costs a hash; kmsctl does not create more keys than this with one label.
    const MAX_KEYS: usize = 100;
    let ids: Vec<_> = keys.iter().take(MAX_KEYS).map(|key| &key.current().id).collect();
    ids.iter().any(|first| ids.iter().any(|id| keystore.names().is_version_id(first, id)))
}

/// Existing labels that are similar to a mistyped one.
fn similar_labels(keystore: &Keystore, label: &str) -> Vec<String> {
    // Best effort: only used for a hint.
    let keys = keystore.inventory().map(|inventory| inventory.keys).unwrap_or_default();
    let labels = keys.iter().map(|key| key.label.as_str()).filter(|known| !known.is_empty());
    similar(label, labels).into_iter().take(3).map(str::to_owned).collect()
}
