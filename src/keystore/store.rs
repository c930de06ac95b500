//! The keys on the token of one session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;

use super::{
    document::MacKeys,
    identity::Namespace,
    record_files::{RecordFiles, RecordsDirectory},
};
use crate::{
    model::{Fingerprint, Timestamp},
    secret::Pin,
    token::{Handle, Session, TokenInfo},
};

/// Trials of this run by private object and fingerprint of the public key: one each is enough.
type Trials = HashMap<(Handle, [u8; 32]), bool>;

/// Keys on the token of one session.
#[derive(Debug)]
pub struct Keystore {
    session: Session,
    names: Namespace,
    record_files: Option<RecordFiles>,
    now: Timestamp,
    trials: Arc<Mutex<Trials>>,
    mac_keys: Arc<Mutex<Option<MacKeys>>>,
    expected: Option<Fingerprint>,
}

impl Keystore {
    /// `records` is the directory for records, for a token that stores none itself. `now` is the time of this run: it comes
    /// from outside, so that a test can move it.
    pub fn new(session: Session, records: Option<RecordsDirectory>, now: Timestamp) -> Self {
        let names = Namespace::new(session.token());
        let record_files = records.map(|directory| RecordFiles::new(directory, names.keystore_number()));
        Self {
            session,
            names,
            record_files,
            now,
            trials: Arc::default(),
            mac_keys: Arc::default(),
            expected: None,
        }
    }

    /// The same keystore over another session of this login, for another thread.
    pub fn sibling(&self) -> crate::token::Result<Self> {
        let sibling = self.over(self.session.sibling()?);
        Ok(Self { trials: Arc::clone(&self.trials), mac_keys: Arc::clone(&self.mac_keys), ..sibling })
    }

    /// The same keystore over a new session, after the token lost this one.
    pub fn renewed(&self, pin: &Pin) -> Result<Self> {
        Ok(self.over(self.session.renewed(pin)?))
    }

    /// The same keystore over another session on the token. Handles may have changed, if the module was started again, so
    /// nothing that was learned by handle is kept.
    #[must_use]
    pub fn over(&self, session: Session) -> Self {
        Self {
            session,
            names: self.names.clone(),
            record_files: self.record_files.clone(),
            now: self.now,
            trials: Arc::default(),
            mac_keys: Arc::default(),
            expected: self.expected,
        }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn token(&self) -> &TokenInfo {
        self.session.token()
    }

    pub fn names(&self) -> &Namespace {
        &self.names
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// From now on no public key is accepted but the one with this fingerprint.
    pub fn expect(&mut self, fingerprint: Fingerprint) {
        self.expected = Some(fingerprint);
    }

    /// The fingerprint of the only public key that the caller accepts.
    pub(super) fn expected(&self) -> Option<Fingerprint> {
        self.expected
    }

    /// Where new records go instead of the token.
    pub(super) fn record_files(&self) -> Option<&RecordFiles> {
        self.record_files.as_ref()
    }

    /// Whether the token's files can be written without the PIN: records there carry a MAC.
    pub(super) fn is_writable_without_pin(&self) -> bool {
        self.session.token().is_embedded()
    }

    /// What was tried of key pairs in this run, in all its sessions.
    pub(super) fn trials(&self) -> MutexGuard<'_, Trials> {
        self.trials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token's keys for MACs of records, once they were looked for; the same for all sessions of a run.
    pub(super) fn mac_keys(&self) -> MutexGuard<'_, Option<MacKeys>> {
        self.mac_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
