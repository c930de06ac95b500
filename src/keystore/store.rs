//! The keystore: the keys on one token, through one session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;

use super::{
    clock::Clock,
    document::MacKeys,
    identity::Namespace,
    key::Key,
    record_files::{RecordFiles, RecordNotice, RecordsDirectory},
    stored_record::{RecordPlace, StoredRecord},
    suspects::Suspects,
};
use crate::{
    model::{Fingerprint, Timestamp},
    secret::Pin,
    token::{Handle, Session, TokenInfo},
};

/// Results of trials in this run, by private object and fingerprint of the public key.
type Trials = HashMap<(Handle, [u8; 32]), bool>;

/// The keys on one token, through one session.
#[derive(Debug)]
pub struct Keystore {
    session: Session,
    names: Namespace,
    record_files: Option<RecordFiles>,
    clock: Clock,
    trials: Arc<Mutex<Trials>>,
    mac_keys: Arc<Mutex<Option<MacKeys>>>,
    new_mac_key: Arc<Mutex<Option<Handle>>>,
    expected: Option<Fingerprint>,
    suspects: Suspects,
}

impl Keystore {
    /// `records` is the directory for record files, for a token that cannot store records, or not all. `clock` is a
    /// parameter so that tests can set it.
    pub fn new(session: Session, records: Option<RecordsDirectory>, clock: Clock) -> Self {
        let names = Namespace::new(session.token());
        let names = match &records {
            Some(directory) if !directory.is_last_resort => names.with_records(&directory.path),
            _ => names,
        };
        let record_files = records.map(|directory| RecordFiles::new(directory, names.clone()));
        Self {
            session,
            names,
            record_files,
            clock,
            trials: Arc::default(),
            mac_keys: Arc::default(),
            new_mac_key: Arc::default(),
            expected: None,
            suspects: Suspects::default(),
        }
    }

    /// The same keystore with another session of this login, for another thread.
    pub fn sibling(&self) -> crate::token::Result<Self> {
        let sibling = self.over(self.session.sibling()?);
        Ok(Self { trials: Arc::clone(&self.trials), mac_keys: Arc::clone(&self.mac_keys), ..sibling })
    }

    /// The same keystore with a new session, after the token lost this one.
    pub fn renewed(&self, pin: &Pin) -> Result<Self> {
        Ok(self.over(self.session.renewed(pin)?))
    }

    /// The same keystore with another session on the token. Drops everything cached by handle: handles change if the
    /// module was initialised again.
    #[must_use]
    pub fn over(&self, session: Session) -> Self {
        Self {
            session,
            names: self.names.clone(),
            record_files: self.record_files.clone(),
            clock: self.clock,
            trials: Arc::default(),
            mac_keys: Arc::default(),
            new_mac_key: Arc::default(),
            expected: self.expected,
            suspects: self.suspects.clone(),
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
        self.clock.now
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// From now on only the public key with this fingerprint is accepted.
    pub fn expect(&mut self, fingerprint: Fingerprint) {
        self.expected = Some(fingerprint);
    }

    /// The keys to look at afresh, of earlier connections too.
    #[must_use]
    pub fn suspecting(self, suspects: Suspects) -> Self {
        Self { suspects, ..self }
    }

    pub(super) const fn suspects(&self) -> &Suspects {
        &self.suspects
    }

    /// The fingerprint of the only public key that the caller accepts, if set.
    pub(super) fn expected(&self) -> Option<Fingerprint> {
        self.expected
    }

    /// The record files that are read.
    pub(super) fn record_files(&self) -> Option<&RecordFiles> {
        self.record_files.as_ref().filter(|files| files.is_there())
    }

    /// What the user must know about the record of a key that was changed.
    pub fn record_notice(&self, key: &Key) -> Option<RecordNotice> {
        let is_file = |stored: &&StoredRecord| matches!(stored.place, RecordPlace::File(_));
        key.record.as_ref().filter(is_file).and(self.record_files.as_ref())?.notice()
    }

    /// Record files for what the token has no room for.
    pub(super) fn overflow_files(&self) -> Option<&RecordFiles> {
        self.record_files.as_ref()
    }

    /// Trials of key pairs in this run, shared by all sessions.
    pub(super) fn trials(&self) -> MutexGuard<'_, Trials> {
        self.trials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key for record MACs that this run created.
    pub(super) fn new_mac_key(&self) -> MutexGuard<'_, Option<Handle>> {
        self.new_mac_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token's keys for record MACs, once read; shared by all sessions of a run.
    pub(super) fn mac_keys(&self) -> MutexGuard<'_, Option<MacKeys>> {
        self.mac_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
