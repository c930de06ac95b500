//! The way back to a token that lost its sessions, shared by all workers of a batch.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;

use super::{KeyCache, Worker};
use crate::secret::Pin;

/// Reads the PIN once more.
pub type NewPin = Box<dyn Fn() -> Result<Pin> + Send + Sync>;

/// How often a batch finds its way back.
const MOST: u32 = 3;

/// What all workers know. The first that meets the loss logs in again; the others only open sessions.
pub struct Link {
    pin: Option<NewPin>,
    state: Mutex<State>,
}

struct State {
    generation: u32,
    /// Is void with each new login: it holds handles.
    keys: Arc<KeyCache>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Link {
    /// Without a way to the PIN there is no way back.
    pub fn new(pin: Option<NewPin>) -> Self {
        Self { pin, state: Mutex::new(State { generation: 0, keys: Arc::default() }) }
    }

    pub(super) const fn leads_back(&self) -> bool {
        self.pin.is_some()
    }

    pub(super) fn keys(&self) -> Arc<KeyCache> {
        Arc::clone(&self.state.lock().unwrap_or_else(PoisonError::into_inner).keys)
    }
}

impl Worker {
    /// Whether there is a new session to work with.
    pub(super) fn renew(&mut self) -> bool {
        let link = Arc::clone(&self.link);
        // Held during the login: one attempt is enough for all.
        let mut state = link.state.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = if state.generation == self.generation {
            let Some(pin) = link.pin.as_ref().filter(|_| state.generation < MOST) else { return false };
            // A failed attempt counts as well: a PIN that is refused now must not be tried again.
            state.generation += 1;
            state.keys = Arc::default();
            pin().and_then(|pin| self.keystore.renewed(&pin)).inspect_err(|_| state.generation = MOST)
        } else {
            self.keystore.sibling().map_err(Into::into)
        };
        let Ok(keystore) = renewed else { return false };
        self.keystore = keystore;
        self.keys = Arc::clone(&state.keys);
        self.generation = state.generation;
        true
    }
}
