//! Reconnecting to a token that lost its sessions, for all workers of a batch.
//!
//! A new session and a new login are enough if the token only lost its sessions. If the module opens none, as after a token
//! was removed or a network HSM went away, the module is finalised and started again, while no worker is in a call.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
};

use anyhow::Result;

use super::{KeyCache, Worker};
use crate::{
    keystore::Keystore,
    secret::Pin,
    token::{Session, is_lost},
};

/// How often a batch reconnects.
const MAX_RECONNECTS: u32 = 3;

type ReadPin = dyn Fn() -> Result<Pin> + Send + Sync;
type Start = dyn Fn(&Pin) -> Result<Session> + Send + Sync;

/// How to reconnect.
pub struct Reconnect {
    /// Reads the PIN again.
    pub pin: Box<ReadPin>,
    /// Starts the module and logs in to the same token.
    pub start: Box<Start>,
}

impl fmt::Debug for Reconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnect").finish_non_exhaustive()
    }
}

/// The connection that all workers share. The first one that notices the loss logs in again; the others only open sessions.
#[derive(Debug)]
pub struct Link {
    reconnect: Option<Reconnect>,
    state: Mutex<State>,
    /// How often the module was restarted. Held for reading during each call into it; written only while `state` is locked.
    restarts: RwLock<u32>,
}

#[derive(Debug)]
struct State {
    generation: u32,
    /// Replaced at each login: handles do not outlive one.
    keys: Arc<KeyCache>,
    /// Opens sessions of the module since its last restart.
    source: Option<Keystore>,
}

impl Link {
    /// Without `reconnect` a lost token ends the batch.
    pub fn new(reconnect: Option<Reconnect>) -> Self {
        let state = State { generation: 0, keys: Arc::default(), source: None };
        Self { reconnect, state: Mutex::new(state), restarts: RwLock::default() }
    }

    pub(super) const fn can_reconnect(&self) -> bool {
        self.reconnect.is_some()
    }

    /// The label of a key in use that asks for the PIN at each use (`CKA_ALWAYS_AUTHENTICATE`), if there is one.
    pub fn asking_key(&self) -> Option<String> {
        self.keys().asking()
    }

    pub(super) fn keys(&self) -> Arc<KeyCache> {
        Arc::clone(&self.state.lock().unwrap_or_else(PoisonError::into_inner).keys)
    }

    /// Held during each call into the module.
    pub(super) fn restarts(&self) -> RwLockReadGuard<'_, u32> {
        self.restarts.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Gets a new session. Returns whether there is one.
    pub(super) fn renew(&mut self) -> bool {
        let link = Arc::clone(&self.link);
        // Held during the login: one attempt serves all workers.
        let mut state = link.state.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = if state.generation == self.generation {
            let Some(reconnect) = link.reconnect.as_ref().filter(|_| state.generation < MAX_RECONNECTS)
            else {
                return false;
            };
            // A failed attempt counts too: a refused PIN must not be tried again.
            state.generation += 1;
            state.keys = Arc::default();
            self.reconnect(reconnect, &mut state).inspect_err(|_| state.generation = MAX_RECONNECTS)
        } else {
            state.source.as_ref().unwrap_or(&self.keystore).sibling().map_err(Into::into)
        };
        let Ok(keystore) = renewed else { return false };
        self.keystore = keystore;
        self.keys = Arc::clone(&state.keys);
        self.generation = state.generation;
        self.restarts = *link.restarts();
        true
    }

    fn reconnect(&self, reconnect: &Reconnect, state: &mut State) -> Result<Keystore> {
        let pin = (reconnect.pin)()?;
        match self.keystore.renewed(&pin) {
            Err(error) if is_lost(&error) => {
                let mut restarts = self.link.restarts.write().unwrap_or_else(PoisonError::into_inner);
                *restarts += 1;
                self.keystore.session().end_module();
                let keystore = self.keystore.over((reconnect.start)(&pin)?);
                state.source = keystore.sibling().ok();
                Ok(keystore)
            }
            outcome => outcome,
        }
    }
}
