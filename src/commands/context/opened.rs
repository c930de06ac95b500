//! The token as a command works with it.

use anyhow::Result;

use crate::{
    cli,
    keystore::{Keystore, Selection},
    model::{ProtectionType, Version},
    token::lock::TokenLock,
};

/// An open keystore and the lock that protects it.
#[derive(Debug)]
pub struct Opened {
    pub keystore: Keystore,
    pub protection: ProtectionType,
    pub(super) lock: Option<TokenLock>,
}

impl Opened {
    /// Releases the lock while `meanwhile` runs, such as a prompt. Anything read before may be stale afterwards.
    pub fn unlocked<T>(&mut self, meanwhile: impl FnOnce() -> T) -> Result<T> {
        match &mut self.lock {
            Some(lock) => Ok(lock.suspend(meanwhile)?),
            None => Ok(meanwhile()),
        }
    }

    /// Releases the lock, for work that neither reads nor changes stored objects.
    pub fn without_lock(self) -> Keystore {
        self.keystore
    }

    /// Yields the lock to a waiting process, between two keys of a long run. Returns whether one took it; if so, anything
    /// read before may be stale.
    pub fn give_way(&mut self) -> Result<bool> {
        Ok(self.lock.as_mut().map_or(Ok(false), TokenLock::give_way)?)
    }
}

/// Converts the selection options for the keystore.
pub(in crate::commands) fn selection(key: &cli::Selection, version: Option<Version>) -> Selection {
    let selection = match &key.uri {
        Some(uri) => Selection::of_uri(uri),
        None => Selection { label: key.label.clone(), ..Selection::default() },
    };
    let selection = match &key.id {
        Some(id) => selection.with_id(id),
        None => selection,
    };
    let selection = Selection { version, ..selection };
    match &key.label_hex {
        Some(cli::LabelBytes(label)) => selection.labelled(label.clone()),
        None => selection,
    }
}
