//! Keys to look at afresh at the end of a run.

use std::sync::{Arc, Mutex, PoisonError};

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
pub struct Suspects(Arc<Mutex<Vec<Suspect>>>);

impl Suspects {
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(super) fn add(&self, suspect: Suspect) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(suspect);
    }

    pub(super) fn take(&self) -> Vec<Suspect> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
