//! Keys that have been looked up, shared by all workers.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use anyhow::Result;

use crate::{
    encoding::KeyName,
    keystore::{Keystore, Selected, Selection},
    operation::{Signer, Verifiers, verifying_keys},
};

/// The most selections that are kept: a batch may name any number of keys.
const MAX_SELECTIONS: usize = 1024;

/// Handles of token objects are the same in all sessions (PKCS#11, section 5.6.5), and a key that is disabled or
/// destroyed meanwhile is refused by the token itself.
#[derive(Debug, Default)]
pub(super) struct KeyCache {
    by_selection: Table<Selection, Selected>,
    /// The same keys, made ready to sign.
    signers: Table<Selection, Signer>,
    /// The keys that judge signatures.
    verifiers: Table<Selection, Verifiers>,
    /// The keys that ciphertexts name.
    by_name: Table<KeyName, Selected>,
    /// The label of a key that asks for the PIN at each use, once there is one.
    asking: OnceLock<String>,
}

type Table<K, V> = Mutex<HashMap<K, Arc<V>>>;

impl KeyCache {
    pub(super) fn get(&self, keystore: &Keystore, wanted: &Selection) -> Result<Arc<Selected>> {
        look_up(&self.by_selection, wanted, || keystore.select(wanted).inspect(|found| self.note(found)))
    }

    pub(super) fn signer(&self, keystore: &Keystore, wanted: &Selection) -> Result<Arc<Signer>> {
        look_up(&self.signers, wanted, || Signer::new(keystore, &*self.get(keystore, wanted)?))
    }

    pub(super) fn verifiers(&self, keystore: &Keystore, wanted: &Selection) -> Result<Arc<Verifiers>> {
        look_up(&self.verifiers, wanted, || {
            let any_version = !wanted.names_version();
            verifying_keys(keystore, &*self.get(keystore, wanted)?, any_version)
        })
    }

    pub(super) fn named(&self, keystore: &Keystore, name: &KeyName) -> Result<Arc<Selected>> {
        look_up(&self.by_name, name, || keystore.select_named(name).inspect(|found| self.note(found)))
    }

    fn note(&self, selected: &Selected) {
        if selected.version().protection().always_authenticate == Some(true) {
            let _ = self.asking.set(selected.key.label.clone());
        }
    }

    pub(super) fn asking(&self) -> Option<String> {
        self.asking.get().cloned()
    }
}

fn look_up<K: Hash + Eq + Clone, V>(
    table: &Table<K, V>,
    wanted: &K,
    find: impl FnOnce() -> Result<V>,
) -> Result<Arc<V>> {
    let known = table.lock().unwrap_or_else(PoisonError::into_inner).get(wanted).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    // Not under the lock: the token may be slow, and other workers may already have their keys.
    let found = Arc::new(find()?);
    let mut keys = table.lock().unwrap_or_else(PoisonError::into_inner);
    if keys.len() >= MAX_SELECTIONS {
        keys.clear();
    }
    keys.insert(wanted.clone(), Arc::clone(&found));
    Ok(found)
}
