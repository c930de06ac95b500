//! Keys that were looked up once, for all workers.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;

use crate::{
    encoding::KeyName,
    keystore::{Keystore, Selected, Selection},
};

/// More selections than this are not kept: a batch may name any number of keys.
const MOST: usize = 1024;

/// Handles of token objects are the same in all sessions (PKCS#11, section 5.6.5), and a key that is disabled or
/// destroyed meanwhile is refused by the token itself.
#[derive(Debug, Default)]
pub struct KeyCache {
    by_selection: Table<Selection>,
    /// The keys that ciphertexts name.
    by_name: Table<KeyName>,
}

type Table<K> = Mutex<HashMap<K, Arc<Selected>>>;

impl KeyCache {
    pub(super) fn get(&self, keystore: &Keystore, wanted: &Selection) -> Result<Arc<Selected>> {
        look_up(&self.by_selection, wanted, || keystore.select(wanted))
    }

    pub(super) fn named(&self, keystore: &Keystore, name: &KeyName) -> Result<Arc<Selected>> {
        look_up(&self.by_name, name, || keystore.select_named(name))
    }
}

fn look_up<K: Hash + Eq + Clone>(
    table: &Table<K>,
    wanted: &K,
    find: impl FnOnce() -> Result<Selected>,
) -> Result<Arc<Selected>> {
    let known = table.lock().unwrap_or_else(PoisonError::into_inner).get(wanted).cloned();
    if let Some(selected) = known {
        return Ok(selected);
    }
    // Not under the lock: the token may be slow, and others know their keys.
    let selected = Arc::new(find()?);
    let mut keys = table.lock().unwrap_or_else(PoisonError::into_inner);
    if keys.len() >= MOST {
        keys.clear();
    }
    keys.insert(wanted.clone(), Arc::clone(&selected));
    Ok(selected)
}
