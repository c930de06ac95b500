//! From what the user typed to exactly one key. Never "the first".

use std::collections::HashSet;

use anyhow::Result;

use super::{
    assemble::assemble,
    error::{Candidate, Error},
    identity::Identity,
    inventory::candidates,
    key::{Key, KeyVersion, Selected},
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
            (key.label == *label || is_relabelled(key, label)) && (self.raw_label.is_none() || has_object())
        });
        // The first digits name what is on the token, not what a record remembers.
        let is_there = |version: &KeyVersion| self.id.is_some() || version.object().is_some();
        let has_id = self.id.is_none() && self.id_prefix.is_none()
            || key.versions.iter().any(|version| self.is_id(&version.id) && is_there(version));
        is_labelled && has_id && self.kind.is_none_or(|kind| self.has_object(key, kind))
    }

    /// Whether one object of this class has both the label and the CKA_ID.
    fn has_object(&self, key: &Key, kind: ObjectType) -> bool {
        let class = match kind {
            ObjectType::Private => Class::Private,
            ObjectType::Public => Class::Public,
            ObjectType::SecretKey => Class::Secret,
            // Objects of these classes are not keys.
            ObjectType::Certificate | ObjectType::Data => return false,
        };
        let is_labelled = |object: &KeyObject| {
            // While a key is renamed, its record is ahead of its objects.
            let of_key = key.record.is_some().then_some(&key.label);
            self.label.as_ref().is_none_or(|label| self.labels(object, label) || of_key == Some(label))
        };
        key.versions
            .iter()
            .flat_map(KeyVersion::objects)
            .any(|object| object.class == class && is_labelled(object) && self.is_id(&object.id))
    }

    /// Whether a CKA_ID is the one that was named, if any was: the whole one first.
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

/// Whether a private object of a recorded key has the label: a renaming was cut short, or another program did one.
fn is_relabelled(key: &Key, label: &str) -> bool {
    key.record.is_some()
        && key
            .versions
            .iter()
            .filter_map(|version| version.secret.as_deref())
            .any(|secret| secret.is_guarded() && secret.label == label)
}

impl Keystore {
    /// The one key that fits, at the version asked for, else the one whose CKA_ID was given, else the newest.
    pub fn select(&self, selection: &Selection) -> Result<Selected> {
        require_token(self, selection)?;
        let (mut fitting, selection) = matching(self, selection)?;
        let selection = &selection;
        let key = match fitting.len() {
            1 => fitting.remove(0),
            0 => {
                let near =
                    selection.label.as_ref().map(|label| similar_labels(self, label)).unwrap_or_default();
                return Err(Error::NotFound { selection: selection.clone(), near }.into());
            }
            _ if !self.session().sees_private() => {
                let (selection, count) = (selection.clone(), fitting.len());
                return Err(Error::Unseen { selection, count }.into());
            }
            _ => {
                // Sorted, for tokens list objects in any order.
                fitting.sort_by(|one, other| one.current().id.cmp(&other.current().id));
                let candidates = fitting.iter().map(|key| named_candidate(key, selection)).collect();
                return Err(Error::Ambiguous { selection: selection.clone(), candidates }.into());
            }
        };
        self.authenticate(&key)?;
        let version = chosen_version(&key, selection)?;
        let mut selected = secrets::confirmed(self, Selected { key, version })?;
        selected.key.share_public_objects();
        Ok(selected)
    }

    /// The one key that fits by its public half alone. `None` where a login would tell more: several versions may share
    /// a label, and which of them are enabled stands in the record, which is private.
    pub fn select_public(&self, selection: &Selection) -> Result<Option<Selected>> {
        if selection.version.is_some() {
            return Ok(None);
        }
        require_token(self, selection)?;
        if selection.kind.is_some_and(|kind| kind != ObjectType::Public) {
            return Ok(None);
        }
        // The CKA_ID of an object that anyone can make may be the beginning of the one that is meant.
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
        // What hides its numbers before a login (wolfPKCS11, of an RSA key) may show them after it.
        let tells = |half: &KeyObject| half.class == Class::Public && half.has_public_key();
        let mut halves: Vec<_> = found.into_iter().filter(tells).map(Box::new).collect();
        if let Some(expected) = self.expected() {
            let is_it = |half: &KeyObject| {
                half.public_key().and_then(Result::ok).is_some_and(|key| key.fingerprint() == expected.0)
            };
            // Where none is it, the mismatch is named later.
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
            1 => fitting.pop().map(|key| Selected { version: key.current().version, key }),
            _ => None,
        })
    }
}

fn chosen_version(key: &Key, selection: &Selection) -> Result<Version, Error> {
    let newest = key.current().version;
    match selection.version {
        Some(version) if key.version(version).is_none() => {
            Err(Error::NoVersion { label: key.label.clone(), version, newest })
        }
        Some(version) => Ok(version),
        None => Ok(named_version(key, selection).version),
    }
}

/// The newest version whose CKA_ID is named; the newest of all where none is.
fn named_version<'key>(key: &'key Key, selection: &Selection) -> &'key KeyVersion {
    key.versions.iter().rev().find(|version| selection.is_id(&version.id)).unwrap_or_else(|| key.current())
}

fn named_candidate(key: &Key, selection: &Selection) -> Candidate {
    Candidate { id: named_version(key, selection).id.clone(), ..candidate(key) }
}

pub(super) fn candidate(key: &Key) -> Candidate {
    Candidate { label: key.label.clone(), id: key.current().id.clone(), kind: key.kind() }
}

/// Refuses a URI that speaks of another token, slot or module, or of what kmsctl does not know.
fn require_token(keystore: &Keystore, selection: &Selection) -> Result<()> {
    match &selection.uri {
        Some(uri) if !keystore.session().is_described_by(uri)? => {
            Err(Error::NotFound { selection: selection.clone(), near: Vec::new() }.into())
        }
        _ => Ok(()),
    }
}

/// The keys that fit, by the whole CKA_ID where a key has it, else by its beginning; and the selection that they fit. What
/// anyone can put on the token without a PIN is no reason to look no further: its CKA_ID may be the beginning of a key's.
fn matching(keystore: &Keystore, selection: &Selection) -> Result<(Vec<Key>, Selection)> {
    let by_whole = if selection.id.is_some() || selection.id_prefix.is_none() {
        fitting(keystore, selection)?
    } else {
        Vec::new()
    };
    let Some(prefix) = &selection.id_prefix else { return Ok((by_whole, selection.clone())) };
    let is_long = prefix.digit_count() >= WHOLE_DIGITS && !by_whole.is_empty();
    if is_long || by_whole.iter().any(Key::is_guarded) {
        return Ok((by_whole, selection.clone()));
    }
    let by_prefix = selection.by_prefix();
    let fitting = fitting(keystore, &by_prefix)?;
    let is_decided = keystore.session().sees_private() && !fitting.iter().any(Key::is_guarded);
    if is_decided && !by_whole.is_empty() {
        return Ok((by_whole, selection.clone()));
    }
    Ok((fitting, by_prefix))
}

/// The keys that fit. Another machine may be replacing a record at this very moment, and then they are looked at again:
/// while both the old and the new one are there, the new one may be taken back; and some tokens show neither (SoftHSM),
/// so that several keys without a record may be the versions of one.
fn fitting(keystore: &Keystore, selection: &Selection) -> Result<Vec<Key>> {
    let mut retry = Retry::new(Policy::SETTLING);
    loop {
        let mut keys = candidates(keystore, selection)?;
        if let Some(id) = &selection.id {
            let strays: Vec<_> = keys.iter().filter_map(|key| key.stray(id)).collect();
            keys.extend(strays);
        }
        let mut fitting: Vec<_> = keys.into_iter().filter(|key| selection.fits(key)).collect();
        // What anyone can make without a PIN neither replaces a key nor makes its name ambiguous.
        if fitting.iter().any(Key::is_guarded) {
            fitting.retain(Key::is_guarded);
        }
        // The label in a record goes before one that another program gave to an object.
        if let Some(label) = &selection.label
            && fitting.iter().any(|key| key.label == *label)
        {
            fitting.retain(|key| key.label == *label);
        }
        // A second object under the CKA_ID of a recorded key is not what the record names.
        let recorded: HashSet<KeyId> =
            fitting.iter().filter(|key| key.record.is_some()).flat_map(Key::ids).cloned().collect();
        fitting.retain(|key| key.record.is_some() || !recorded.contains(&key.current().id));
        let max_retries = if fitting.iter().any(|key| key.is_settling) {
            // A change that was cut short leaves both for good, so the wait is short: 300 ms.
            4
        } else if fitting.iter().all(|key| key.record.is_none()) && has_versions_of_one(keystore, &fitting) {
            5
        } else {
            return Ok(fitting);
        };
        if !retry.again(max_retries) {
            return Ok(fitting);
        }
    }
}

/// Whether one of the keys has a CKA_ID that only a later version of another would have.
fn has_versions_of_one(keystore: &Keystore, keys: &[Key]) -> bool {
    // Each pair costs a hash; labels that are shared by more were not given by kmsctl.
    const MAX_KEYS: usize = 100;
    let ids: Vec<_> = keys.iter().take(MAX_KEYS).map(|key| &key.current().id).collect();
    ids.iter().any(|first| {
        let identity = Identity::of_first(first, "");
        ids.iter().any(|id| keystore.names().is_version_id(&identity, id))
    })
}

/// Labels that a mistyped one may have meant.
fn similar_labels(keystore: &Keystore, label: &str) -> Vec<String> {
    // A hint is not worth an error.
    let keys = keystore.inventory().map(|inventory| inventory.keys).unwrap_or_default();
    let labels = keys.iter().map(|key| key.label.as_str()).filter(|known| !known.is_empty());
    similar(label, labels).into_iter().take(3).map(str::to_owned).collect()
}
