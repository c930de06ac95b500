//! Finds the key and version that a ciphertext names.

use anyhow::Result;

use super::{
    error::Error,
    identity::Identity,
    inventory::candidates,
    key::{Key, KeyVersion, Selected},
    narrow::candidates_of_version,
    records, secrets,
    select::candidate,
    selection::Selection,
    store::Keystore,
};
use crate::{
    algorithm::KeyKind,
    encoding::{KeyName, KeyTag},
    model::Version,
};

impl Keystore {
    /// The name in ciphertexts of the selected version.
    pub fn name_of(&self, selected: &Selected) -> Result<KeyName> {
        let tag = self.names().key_tag(&selected.key.identity());
        Ok(KeyName { tag, version: selected.version })
    }

    /// The key and version that a ciphertext names.
    pub fn select_named(&self, name: &KeyName) -> Result<Selected> {
        let mut found = named(self, name)?;
        // A copy of the public key, which anyone can create, does not count as a second key.
        if found.iter().any(|selected| selected.key.is_guarded()) {
            found.retain(|selected| selected.key.is_guarded());
        }
        let version_exists = |selected: &Selected| selected.key.version(selected.version).is_some();
        match found.len() {
            1 if version_exists(&found[0]) => {
                self.authenticate(&found[0].key)?;
                self.require_record(&found[0].key)?;
                secrets::confirmed(self, found.remove(0))
            }
            1 => {
                let (key, version) = (&found[0].key, found[0].version);
                let newest = key.newest();
                Err(Error::NoVersion { label: key.label.clone(), version, newest }.into())
            }
            0 => Err(Error::TagNotFound { tag: name.tag.to_string() }.into()),
            _ => {
                let candidates = found.iter().map(|selected| candidate(&selected.key)).collect();
                Err(Error::TagAmbiguous { tag: name.tag.to_string(), candidates }.into())
            }
        }
    }

    /// Label and kind of the key with this name, from public objects. Needs no login.
    pub fn public_face(&self, name: &KeyName) -> Result<Option<(String, KeyKind)>> {
        let search = crate::token::Search::Keys(crate::token::Class::Public);
        let found = self.session().keys(search)?.into_iter().find(|object| {
            if name.tag.is_of_public_key() {
                object
                    .public_key()
                    .and_then(Result::ok)
                    .is_some_and(|key| KeyTag::of_public_key(&key) == name.tag)
            } else {
                has_tag(self, &Identity::of_first(&object.id, &object.label), &name.tag)
            }
        });
        Ok(found.map(|object| (object.label, object.kind)))
    }
}

fn has_public_key(version: &KeyVersion, tag: &KeyTag) -> bool {
    // Validating the points of all EC keys, which encrypt nothing, would be slow.
    if version.kind().and_then(KeyKind::encryption).is_none() {
        return false;
    }
    let public = || version.public_numbers().and_then(|object| object.public_key()?.ok());
    version.guarded_numbers().or_else(public).is_some_and(|key| KeyTag::of_public_key(&key) == *tag)
}

/// Whether a secret key is the first version of the key with this tag.
fn has_check(keystore: &Keystore, version: &KeyVersion, tag: &KeyTag) -> bool {
    let secret = version.secret.as_deref().filter(|secret| secret.kind.encryption().is_some());
    let secret = secret.filter(|secret| secret.kind.is_secret());
    let block = secret.map(|secret| keystore.session().key_check_block(secret.kind, secret.handle));
    block.and_then(Result::ok).is_some_and(|block| KeyTag::of_check(&block) == *tag)
}

fn named(keystore: &Keystore, name: &KeyName) -> Result<Vec<Selected>> {
    let recorded = by_record(keystore, name)?;
    if !recorded.is_empty() {
        return Ok(recorded);
    }
    // Without a record, all keys have to be searched.
    let keys = keystore.inventory()?.keys;
    Ok(keys.into_iter().filter_map(|key| known_as(keystore, key, name)).collect())
}

/// By the record with the tag: a few calls, however many keys there are.
fn by_record(keystore: &Keystore, name: &KeyName) -> Result<Vec<Selected>> {
    // A public key may be that of a later version, which no record is found by: the inventory has it.
    let mut found = if name.tag.is_of_public_key() {
        records::of_tag_on_token(keystore, &name.tag)
    } else {
        records::of_tag(keystore, &name.tag)?
    };
    let Some(stored) = found.pop() else { return Ok(Vec::new()) };
    let selection =
        Selection { label: Some(stored.record.label), version: Some(name.version), ..Selection::default() };
    // The public key of a later version names the key as well, so all of them are read.
    let is_of_key = has_tag(keystore, &stored.record.identity, &name.tag);
    let keys = if is_of_key { candidates_of_version } else { candidates }(keystore, &selection)?;
    Ok(keys.into_iter().filter_map(|key| known_as(keystore, key, name)).collect())
}

/// A key can be named by its own tag, by the public key of a version, and by the tag that an earlier release gave its
/// public half alone, in a session without a login. The last two name one version.
fn known_as(keystore: &Keystore, key: Key, name: &KeyName) -> Option<Selected> {
    let version = if has_tag(keystore, &key.identity(), &name.tag) {
        Some(name.version)
    } else if name.tag.is_of_public_key() {
        Some(key.versions.iter().find(|version| has_public_key(version, &name.tag))?.version)
    } else {
        version_of_public_half(keystore, &key, name).or_else(|| {
            // Its record was lost, or the token stores none.
            let is_lone = key.record.is_none() && has_check(keystore, key.current(), &name.tag);
            is_lone.then_some(name.version)
        })
    };
    version.map(|version| Selected::new(key, version))
}

fn version_of_public_half(keystore: &Keystore, key: &Key, name: &KeyName) -> Option<Version> {
    let alone =
        |version: &&KeyVersion| has_tag(keystore, &Identity::of_first(&version.id, &key.label), &name.tag);
    key.versions.iter().find(alone).filter(|_| name.version == Version::FIRST).map(|found| found.version)
}

fn has_tag(keystore: &Keystore, identity: &Identity, tag: &KeyTag) -> bool {
    keystore.names().key_tag(identity) == *tag
}
