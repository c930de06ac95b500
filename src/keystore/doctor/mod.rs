//! Examines a token: records against objects, names, protection, states, schedules, the clock.
//!
//! The checks change nothing. `repair` only makes changes that cannot lose a key.

mod finding;
mod keys;
mod proof;
mod records;
mod repair;
mod split;
mod store;
mod token;
mod unrecorded;

use std::{collections::HashSet, path::Path};

use anyhow::Result;

pub use finding::{FaultsFound, Finding, Level};
pub use repair::Repaired;

use super::{
    Keystore,
    found::Inventory,
    halves, inventory,
    key::{Key, KeyVersion},
    mac, rivals, secrets,
    stored_record::StoredRecord,
};
use crate::{model::Counted, token::Fact, token::LoginError};

/// Examines a token, and repairs it.
#[derive(Debug)]
pub struct Doctor<'a> {
    pub keystore: &'a Keystore,
    /// The file of the token's PKCS#11 module, for advice about other programs; the embedded token has none.
    pub module: Option<&'a Path>,
}

/// What was read from a token, and the findings.
#[derive(Debug)]
pub struct Examination {
    pub inventory: Inventory,
    /// Records superseded by a newer one of the same key.
    superseded: Vec<StoredRecord>,
    /// The labels of keys whose records are not authentic; these records are ignored.
    forged: HashSet<String>,
    /// Worst first.
    pub findings: Vec<Finding>,
}

impl Examination {
    pub fn record_count(&self) -> usize {
        self.inventory.keys.iter().filter(|key| key.record.is_some()).count()
    }
}

impl Doctor<'_> {
    /// Checks what the token reports without a login; `login` is why there is none, if the token refused it.
    pub fn examine_token(&self, login: Option<&LoginError>) -> Vec<Finding> {
        token::check(self.keystore.token(), login)
    }

    /// Reads and checks everything on the token. Changes nothing.
    pub fn examine(&self) -> Result<Examination> {
        let gathered = inventory::gather(self.keystore)?;
        let records = gathered.records().to_vec();
        let mut inventory = gathered.into_inventory(self.keystore.names());
        rivals::settle(self.keystore, &mut inventory.keys)?;
        secrets::detach_impostors(self.keystore, &mut inventory.keys)?;
        halves::relink(self.keystore, &mut inventory.keys)?;
        inventory.keys.iter_mut().for_each(Key::share_public_objects);
        let is_superseded = |stored: &StoredRecord| !inventory.keys.iter().any(|key| counts(key, stored));
        let superseded: Vec<_> = records.iter().filter(|stored| is_superseded(stored)).cloned().collect();
        let mut findings = self.examine_token(None);
        let clock = self.keystore.clock();
        findings.extend(token::check_clock(&inventory.keys, clock));
        findings.extend(self.check_records(&inventory, &superseded));
        let unrecorded = self.unrecorded(&inventory);
        findings.extend(keys::check(&inventory.keys, clock, &unrecorded.unfinished));
        if findings.iter().any(|finding| finding.code == token::CLOCK_BEHIND) {
            findings.retain(|finding| finding.code != keys::SCHEDULE_AHEAD);
        }
        findings.extend(unrecorded.findings);
        let unauthentic = self.unauthentic(&inventory.keys)?;
        let forged = proof::labels(&unauthentic);
        let is_forged = |label: &String| forged.contains(label);
        findings
            .retain(|finding| !(finding.relies_on_record && finding.subject.as_ref().is_some_and(is_forged)));
        findings.extend(self.unsealed(&records)?);
        findings.extend(self.unproven(&inventory, &records, &unauthentic)?);
        if findings.iter().any(Finding::is_excess_use) && self.has_fixed_uses(&inventory.keys) {
            findings = findings.into_iter().map(Finding::with_fixed_uses).collect();
        }
        if findings.iter().any(Finding::is_shared_label) && self.keystore.session().label_refusal().is_some()
        {
            findings = findings.into_iter().map(Finding::with_fixed_labels).collect();
        }
        let mut examination = Examination { inventory, superseded, forged, findings };
        split::report(&mut examination);
        examination.findings.sort_by_key(|finding| finding.level);
        Ok(examination)
    }
}

impl Doctor<'_> {
    /// Whether the token does not change the usage attributes of recorded keys.
    fn has_fixed_uses(&self, keys: &[Key]) -> bool {
        let session = self.keystore.session();
        let recorded = keys.iter().filter(|key| key.record.is_some()).flat_map(|key| &key.versions);
        let is_unknown = session.facts().get(Fact::FixedUses).is_none();
        if let Some(object) = recorded.flat_map(KeyVersion::objects).next().filter(|_| is_unknown) {
            session.learn_fixed_uses(object);
        }
        session.knows(Fact::FixedUses)
    }

    /// Records without a MAC where the token holds no key for one. It may hold none; or someone who can write the records has
    /// removed both.
    fn unsealed(&self, records: &[StoredRecord]) -> Result<Option<Finding>> {
        const CODE: &str = "RECORD_WITHOUT_MAC";
        let count = mac::unsealed(self.keystore, records)?;
        let records = Counted(count, "record");
        if count == 0 {
            return Ok(None);
        }
        if !mac::can_seal(self.keystore) {
            let text = format!(
                "the token holds no key for a MAC: only the owner and mode of the records directory protect {records}"
            );
            return Ok(Some(Finding::info(CODE, text)));
        }
        let text = format!(
            "no MAC authenticates {records}, and the key for it is not on the token: an earlier release wrote them, or both \
             were removed"
        );
        Ok(Some(Finding::warning(CODE, text).remedy(proof::accept_records()).repairable()))
    }
}

fn counts(key: &Key, stored: &StoredRecord) -> bool {
    key.record.as_ref().is_some_and(|record| record.place == stored.place)
}

/// The first labels of a list, for messages.
fn some_of(labels: &[String]) -> String {
    const MAX_SHOWN: usize = 5;
    let shown: Vec<_> = labels.iter().take(MAX_SHOWN).map(|label| format!("{label:?}")).collect();
    let more = if labels.len() > MAX_SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
