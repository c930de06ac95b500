//! The way back to a token that lost its sessions, shared by all workers of a batch.
//!
//! A new session and a new login are enough for a token that forgot its sessions. Where the module gives none, as after a
//! token was taken out or a network HSM went away, the module is ended and started again, while no worker is in a call.

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

/// How often a batch finds its way back.
const MOST: u32 = 3;

type ReadPin = dyn Fn() -> Result<Pin> + Send + Sync;
type Start = dyn Fn(&Pin) -> Result<Session> + Send + Sync;

/// What is needed to come back.
pub struct WayBack {
    /// Reads the PIN once more.
    pub pin: Box<ReadPin>,
    /// Starts the module and logs in to the same token.
    pub start: Box<Start>,
}

impl fmt::Debug for WayBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WayBack").finish_non_exhaustive()
    }
}

/// What all workers know. The first that meets the loss logs in again; the others only open sessions.
#[derive(Debug)]
pub struct Link {
    way: Option<WayBack>,
    state: Mutex<State>,
    /// How often the module was started again. Whoever calls it holds this for reading; changed under `state` only.
    restarts: RwLock<u32>,
}

#[derive(Debug)]
struct State {
    generation: u32,
    /// Is void with each new login: it holds handles.
    keys: Arc<KeyCache>,
    /// Gives sessions of the module as it was started last.
    source: Option<Keystore>,
}

impl Link {
    /// Without a way to the PIN there is no way back.
    pub fn new(way: Option<WayBack>) -> Self {
        let state = State { generation: 0, keys: Arc::default(), source: None };
        Self { way, state: Mutex::new(state), restarts: RwLock::default() }
    }

    pub(super) const fn leads_back(&self) -> bool {
        self.way.is_some()
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
    /// Whether there is a new session to work with.
    pub(super) fn renew(&mut self) -> bool {
        let link = Arc::clone(&self.link);
        // Held during the login: one attempt is enough for all.
        let mut state = link.state.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = if state.generation == self.generation {
            let Some(way) = link.way.as_ref().filter(|_| state.generation < MOST) else { return false };
            // A failed attempt counts as well: a PIN that is refused now must not be tried again.
            state.generation += 1;
            state.keys = Arc::default();
            self.come_back(way, &mut state).inspect_err(|_| state.generation = MOST)
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

    fn come_back(&self, way: &WayBack, state: &mut State) -> Result<Keystore> {
        let pin = (way.pin)()?;
        match self.keystore.renewed(&pin) {
            Err(error) if is_lost(&error) => {
                let mut restarts = self.link.restarts.write().unwrap_or_else(PoisonError::into_inner);
                *restarts += 1;
                self.keystore.session().end_module();
                let keystore = self.keystore.over((way.start)(&pin)?);
                state.source = keystore.sibling().ok();
                Ok(keystore)
            }
            outcome => outcome,
        }
    }
}
