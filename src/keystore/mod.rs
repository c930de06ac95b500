//! Logical keys over a token: naming, records, versions, lifecycle.

mod assemble;
mod authentic;
mod binding;
mod change;
mod convergence;
mod create;
mod delete;
pub mod doctor;
mod error;
mod finish;
mod identity;
mod import;
mod key;
mod leftovers;
mod lifecycle;
mod list;
mod make;
mod prove;
mod record;
mod record_files;
mod recorded;
mod records;
mod rotate;
mod select;
mod state;
mod succession;
mod tag;
mod vouch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

pub use authentic::RecordMac;
pub use binding::Binding;
pub use change::Changed;
pub use create::{CreateRequest, Created, Origin};
pub use delete::Destroyed;
pub use error::{Candidate, Error, is_conflict};
pub use identity::{Identity, Namespace};
pub use import::Imported;
pub use key::{Key, KeyVersion, RecordPlace, StoredRecord};
pub use lifecycle::{Change, Refusal, Trigger, Update};
pub use list::Inventory;
pub use record::{DEFAULT_ROTATION_PERIOD, Record, VersionRecord};
pub use records::DamagedRecord;
pub use select::{Selected, Selection};
pub use state::Operation;
pub use vouch::{PUBLIC_HALF, PublicHalf, Voucher};

pub use record_files::RecordsDirectory;

use record_files::RecordFiles;

use crate::{
    model::{Fingerprint, Timestamp},
    secret::Pin,
    token::{Search, Session, TokenInfo},
};

/// Keys on the token of one session.
#[derive(Debug)]
pub struct Keystore {
    session: Session,
    names: Namespace,
    /// Where new records go instead of the token.
    record_files: Option<RecordFiles>,
    /// The time of this run. Comes from outside, so that a test can move it.
    now: Timestamp,
    /// What was tried of key pairs in this run, in all its sessions.
    trials: Arc<Mutex<vouch::Trials>>,
    /// The token's files can be written by who does not know the PIN: then records there carry a MAC.
    store_is_writable_without_pin: bool,
    mac_keys: Arc<authentic::MacKeyCache>,
    /// The fingerprint of the only public key that the caller accepts.
    expected: Option<Fingerprint>,
}

impl Keystore {
    /// `records` is the directory for records, of a token that stores none itself.
    pub fn new(session: Session, records: Option<RecordsDirectory>, now: Timestamp) -> Self {
        let names = Namespace::new(session.token());
        let record_files = records.map(|directory| RecordFiles::new(directory, names.keystore_number()));
        let store_is_writable_without_pin = session.token().is_embedded();
        Self {
            session,
            names,
            record_files,
            now,
            trials: Arc::default(),
            store_is_writable_without_pin,
            mac_keys: Arc::default(),
            expected: None,
        }
    }

    /// The same keystore over a session of its own, for another thread.
    pub fn sibling(&self) -> crate::token::Result<Self> {
        let sibling = self.over(self.session.sibling()?);
        Ok(Self { trials: Arc::clone(&self.trials), mac_keys: Arc::clone(&self.mac_keys), ..sibling })
    }

    /// The same keystore over a new session, after the token lost this one.
    pub fn renewed(&self, pin: &Pin) -> Result<Self> {
        Ok(self.over(self.session.renewed(pin)?))
    }

    /// The same keystore over another session on the token, perhaps of a module that was started again: what was known by
    /// handles is forgotten.
    #[must_use]
    pub fn over(&self, session: Session) -> Self {
        Self {
            session,
            names: self.names.clone(),
            record_files: self.record_files.clone(),
            now: self.now,
            trials: Arc::default(),
            store_is_writable_without_pin: self.store_is_writable_without_pin,
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

    fn trials(&self) -> MutexGuard<'_, vouch::Trials> {
        self.trials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys that a selection may mean, with all their versions: what carries the label or the CKA_ID, and the records
    /// that tie them together.
    fn candidates(&self, selection: &Selection) -> Result<Vec<Key>> {
        let Some(search) = selection.search() else { return Ok(self.inventory()?.keys) };
        let mut gathered = list::Gathered::new(self.session.objects(search)?);
        if let (Some(_), Some(label)) = (&selection.raw_label, &selection.label) {
            // A record has the label as text.
            gathered.add(self.session.objects(Search::Label(label))?);
        }
        if selection.label.is_none() {
            // A CKA_ID leads to the label, and that to the record and the other versions.
            let labels: std::collections::BTreeSet<_> = gathered.labels();
            for label in labels {
                gathered.add(self.session.objects(Search::Label(&label))?);
            }
        }
        self.add_record_files(selection, &mut gathered)?;
        self.complete(&mut gathered)?;
        self.add_claiming_records(&mut gathered)?;
        if gathered.lacks_recorded_objects() {
            // Another program may have given them another label and another CKA_ID.
            gathered = self.gather()?;
        }
        let mut keys = gathered.into_inventory(&self.names).keys;
        self.relink_secrets(&mut keys)?;
        Ok(keys)
    }

    /// Adds the records that name objects which were found without one: another program may have given these another label.
    /// The first version of a key leads to its record; for a later one all records are read, and only for a CKA_ID of the
    /// form that kmsctl gives.
    fn add_claiming_records(&self, gathered: &mut list::Gathered) -> Result<()> {
        if !self.session.sees_private() {
            return Ok(());
        }
        for id in gathered.unrecorded_ids() {
            let tag = self.names.key_tag(&Identity::of_first(&id, ""));
            let mut records = self.records_by_object_id(&tag);
            if records.is_empty() {
                records = self.all_records()?;
                records.retain(|stored| stored.record.versions.iter().any(|version| version.id == id));
            }
            if !records.is_empty() {
                gathered.add_records(records, Vec::new());
                self.complete(gathered)?;
            }
        }
        Ok(())
    }

    /// Adds the records in files that belong to what was selected or found.
    fn add_record_files(&self, selection: &Selection, gathered: &mut list::Gathered) -> Result<()> {
        let Some(files) = &self.record_files else { return Ok(()) };
        let (records, damaged) = files.all()?;
        let known = gathered.ids();
        let belongs = |record: &Record| {
            selection.label.as_ref() == Some(&record.label)
                || record
                    .versions
                    .iter()
                    .any(|version| known.contains(&version.id) || selection.id.as_ref() == Some(&version.id))
        };
        let records = records.into_iter().filter(|stored| belongs(&stored.record)).collect();
        gathered.add_records(records, damaged);
        Ok(())
    }

    /// Fetches what a record or a private EC half refers to and the search did not find: objects under another label.
    fn complete(&self, gathered: &mut list::Gathered) -> Result<()> {
        for id in gathered.missing_ids() {
            gathered.add(self.session.objects(Search::Id(&id))?);
        }
        Ok(())
    }
}
