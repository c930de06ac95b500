//! The examination of a token: records against objects, names, protection, states, schedules, the clock.
//!
//! The checks are pure functions over what was read. Nothing is changed here; `repair` changes what cannot lose a key.

mod fault;
mod keys;
mod proof;
mod records;
mod repair;
mod token;
mod unrecorded;

use anyhow::Result;

pub use fault::{Fault, FaultsFound, Leftover, Level, Unproven};
pub use repair::Repaired;

use super::{
    Keystore,
    key::{Key, StoredRecord},
    list::Inventory,
};

/// What was read of a token, and what is wrong with it.
#[derive(Debug)]
pub struct Examination {
    pub inventory: Inventory,
    /// Records that a newer one of the same key makes void.
    superseded: Vec<StoredRecord>,
    /// The worst first.
    pub faults: Vec<Fault>,
}

impl Examination {
    pub fn record_count(&self) -> usize {
        self.inventory.keys.iter().filter(|key| key.record.is_some()).count()
    }
}

impl Keystore {
    /// What is wrong with the token by its own words, for which nobody must log in.
    pub fn examine_token(&self) -> Vec<Fault> {
        token::check(self.token())
    }

    /// Reads everything that is on the token and judges it. Changes nothing.
    pub fn examine(&self) -> Result<Examination> {
        let gathered = self.gather()?;
        let records = gathered.records().to_vec();
        let mut inventory = gathered.into_inventory(&self.names);
        self.detach_impostors(&mut inventory.keys)?;
        inventory.keys.iter_mut().for_each(Key::share_public_objects);
        let is_superseded = |stored: &StoredRecord| !inventory.keys.iter().any(|key| counts(key, stored));
        let superseded: Vec<_> = records.iter().filter(|stored| is_superseded(stored)).cloned().collect();
        let mut faults = self.examine_token();
        faults.extend(token::check_clock(&inventory.keys, self.now));
        faults.extend(records::check(&inventory, &superseded));
        let unrecorded = self.unrecorded(&inventory.keys);
        // Of an unfinished convergent key, both halves have one label until the record ties them together.
        let is_unfinished = |label: &str| {
            let of_it =
                |fault: &Fault| matches!(fault, Fault::Unfinished { .. }) && fault.label() == Some(label);
            unrecorded.iter().any(of_it)
        };
        let is_told =
            |fault: &Fault| !matches!(fault, Fault::SharedLabel { label, .. } if is_unfinished(label));
        faults.extend(keys::check(&inventory.keys, self.now).into_iter().filter(is_told));
        faults.extend(unrecorded);
        let forged = self.forged_labels(&inventory.keys)?;
        faults.retain(|fault| {
            !(fault.follows_the_record() && fault.label().is_some_and(|label| forged.contains(label)))
        });
        faults.extend(self.unproven(&inventory, &records)?);
        faults.sort_by_key(Fault::level);
        Ok(Examination { inventory, superseded, faults })
    }
}

fn counts(key: &Key, stored: &StoredRecord) -> bool {
    key.record.as_ref().is_some_and(|record| record.place == stored.place)
}
