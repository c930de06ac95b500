//! Keys that were looked up once, for all workers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;

use crate::keystore::{Keystore, Selected, Selection};

/// More selections than this are not kept: a batch may name any number of keys.
const MOST: usize = 1024;

/// By what was asked for. Handles of token objects are the same in all sessions (PKCS#11, section 5.6.5), and a key that
/// is disabled or destroyed meanwhile is refused by the token itself.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<HashMap<Selection, Arc<Selected>>>);

impl KeyCache {
    pub(super) fn get(&self, keystore: &Keystore, wanted: &Selection) -> Result<Arc<Selected>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(wanted).cloned();
        if let Some(selected) = known {
            return Ok(selected);
        }
        // Not under the lock: the token may be slow, and others know their keys.
        let selected = Arc::new(keystore.select(wanted)?);
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MOST {
            keys.clear();
        }
        keys.insert(wanted.clone(), Arc::clone(&selected));
        Ok(selected)
    }
}
