//! What a run notes for its later connections: keys to look at afresh, and that a change lost to another machine.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::key::Key;
use crate::{model::KeyId, token::Class};

/// A key whose record was replaced or destroyed while this run was setting attributes, and the objects that it set them of.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) key: Key,
    pub(super) touched: Vec<(Class, KeyId)>,
}

/// The keys to look at afresh, of all connections of one run.
#[derive(Debug, Clone, Default)]
pub struct Suspects {
    keys: Arc<Mutex<Vec<Suspect>>>,
    had_conflict: Arc<AtomicBool>,
}

impl Suspects {
    pub fn is_empty(&self) -> bool {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(super) fn add(&self, suspect: Suspect) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).push(suspect);
    }

    pub(super) fn take(&self) -> Vec<Suspect> {
        std::mem::take(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a change ended with a conflict: it may be tried again over a new connection.
    pub(super) fn note_conflict(&self) {
        self.had_conflict.store(true, Ordering::Relaxed);
    }

    pub(super) fn had_conflict(&self) -> bool {
        self.had_conflict.load(Ordering::Relaxed)
    }
}
