//! Logical keys over a token: naming, records, versions, lifecycle.

mod change;
mod convergence;
mod create;
mod delete;
mod error;
mod identity;
mod import;
mod key;
mod lifecycle;
mod list;
mod make;
mod prove;
mod record;
mod records;
mod rotate;
mod select;
mod state;
mod tag;

use anyhow::Result;

pub use change::Changed;
pub use create::{CreateRequest, Created};
pub use delete::Destroyed;
pub use error::{Candidate, Error};
pub use identity::{Identity, Namespace};
pub use import::Imported;
pub use key::{Key, KeyVersion, RecordPlace, StoredRecord};
pub use lifecycle::{Change, Refusal, Trigger, Update};
pub use list::Inventory;
pub use record::{DEFAULT_ROTATION_PERIOD, Record, VersionRecord};
pub use records::DamagedRecord;
pub use select::{Selected, Selection};
pub use state::Operation;

use crate::{
    model::Timestamp,
    token::{Search, Session, TokenInfo},
};

/// Keys on the token of one session.
#[derive(Debug)]
pub struct Keystore {
    session: Session,
    names: Namespace,
    /// The time of this run. Comes from outside, so that a test can move it.
    now: Timestamp,
}

impl Keystore {
    pub fn new(session: Session, now: Timestamp) -> Self {
        let names = Namespace::new(session.token());
        Self { session, names, now }
    }

    /// The same keystore over a session of its own, for another thread.
    pub fn sibling(&self) -> crate::token::Result<Self> {
        Ok(Self { session: self.session.sibling()?, names: self.names.clone(), now: self.now })
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

    /// The keys that a selection may mean, with all their versions: what carries the label or the CKA_ID, and the records
    /// that tie them together.
    fn candidates(&self, selection: &Selection) -> Result<Vec<Key>> {
        let objects = match (&selection.label, &selection.id) {
            (Some(label), _) => self.session.objects(Search::Label(label))?,
            (None, Some(id)) => self.session.objects(Search::Id(id))?,
            (None, None) => return Ok(self.inventory()?.keys),
        };
        let mut gathered = list::Gathered::new(objects);
        if selection.label.is_none() {
            // A CKA_ID leads to the label, and that to the record and the other versions.
            let labels: std::collections::BTreeSet<_> = gathered.labels();
            for label in labels {
                gathered.add(self.session.objects(Search::Label(&label))?);
            }
        }
        self.complete(&mut gathered)?;
        Ok(gathered.into_inventory(&self.names).keys)
    }

    /// Fetches what a record or a private EC half refers to and the search did not find: objects under another label.
    fn complete(&self, gathered: &mut list::Gathered) -> Result<()> {
        for id in gathered.missing_ids() {
            gathered.add(self.session.objects(Search::Id(&id))?);
        }
        Ok(())
    }
}
