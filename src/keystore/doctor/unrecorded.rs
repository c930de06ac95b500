//! Keys without a record: interrupted creations, and keys of other programs.

use std::collections::{BTreeMap, HashSet};

use super::{Doctor, Finding, some_of};
use crate::{
    keystore::{
        create::require_records,
        error::Error,
        finish::Unfinished,
        found::Inventory,
        identity::{Fresh, Namespace},
        key::Key,
        missing,
    },
    model::Counted,
    shell::kmsctl,
};

/// Findings about keys without a record.
pub(super) struct Unrecorded {
    pub(super) findings: Vec<Finding>,
    /// Labels of keys whose creation can be finished, or whose record can be found: several objects may share them.
    pub(super) unfinished: HashSet<String>,
}

impl Doctor<'_> {
    /// Reports interrupted creations only where there can be records: else a key without one is complete.
    pub(super) fn unrecorded(&self, Inventory { keys, damaged, .. }: &Inventory) -> Unrecorded {
        // A damaged file is reported as such, and may be the one that is missing.
        let has_damaged = !damaged.is_empty();
        let mut by_label: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
        for key in keys {
            by_label.entry(&key.label).or_default().push(key);
        }
        let keeps_records =
            || keys.iter().any(|key| key.record.is_some()) || require_records(self.keystore).is_ok();
        let (mut findings, mut unfinished, mut labels) = (Vec::new(), HashSet::new(), Vec::new());
        for (label, keys) in by_label {
            let rest = Unfinished::among(&keys, self.keystore.names(), self.keystore.now());
            let is_damaged = |rest: &Unfinished<'_>| {
                has_damaged && self.keystore.names().is_recorded_here(&rest.version.id)
            };
            if let Some(rest) = rest.filter(|rest| keeps_records() && !is_damaged(rest)) {
                findings.push(interrupted(label, &rest, self.keystore.names()));
                unfinished.insert(label.to_owned());
            } else {
                let is_readable =
                    |key: &&&Key| key.current().objects().all(|object| object.unread.object.is_none());
                let (names, now) = (self.keystore.names(), self.keystore.now());
                let is_elsewhere = |key: &&&Key| {
                    names.fresh(label, now, &key.current().id) == Some(Fresh::RecordedElsewhere)
                };
                let unrecorded = keys.iter().filter(|key| key.record.is_none()).filter(is_readable);
                let (elsewhere, unrecorded): (Vec<&&Key>, Vec<&&Key>) = unrecorded.partition(is_elsewhere);
                findings.extend(elsewhere.first().map(|_| recorded_elsewhere(label)));
                let is_missing = |key: &&&Key| names.is_recorded_here(&key.current().id);
                let (missing, unrecorded): (Vec<&&Key>, Vec<&&Key>) =
                    unrecorded.into_iter().partition(is_missing);
                findings.extend(missing.first().filter(|_| !has_damaged).map(|_| missing_record(label)));
                if !(missing.is_empty() && elsewhere.is_empty()) {
                    // To rename the versions would take them from their record.
                    unfinished.insert(label.to_owned());
                }
                if !missing.is_empty() {
                    // Its later versions, whose CKA_IDs do not say it.
                    continue;
                }
                let unrecorded = unrecorded.into_iter();
                labels.extend(unrecorded.map(|key| key.label.clone()));
            }
        }
        if let Err(error) = missing::require_directory(self.keystore)
            && let Some(Error::RecordsElsewhere { directory }) = error.downcast_ref()
        {
            let remedy = format!(
                "name the directory that the other machines use, and see that it is mounted; if the records are lost: {}",
                missing::begin(directory)
            );
            findings.push(Finding::error("RECORDS_ELSEWHERE", error.to_string()).remedy(remedy));
        }
        // The answer is the same for each of them.
        let unrecorded = keys.iter().find(|key| key.record.is_none());
        let unread = unrecorded.and_then(|key| missing::require_no_unread_record(self.keystore, key).err());
        if let Some(Error::RecordsUnread) = unread.as_ref().and_then(anyhow::Error::downcast_ref) {
            let finding = Finding::error("RECORDS_ELSEWHERE", Error::RecordsUnread.to_string());
            findings.push(finding.remedy(missing::NAME_DIRECTORY));
        }
        if !labels.is_empty() {
            let verb = if labels.len() == 1 { "has" } else { "have" };
            let keys = Counted(labels.len(), "key");
            let text = format!("{keys} {verb} no record, as keys of other programs: {}", some_of(&labels));
            findings.push(Finding::info("NO_RECORD", text));
        }
        Unrecorded { findings, unfinished }
    }
}

fn recorded_elsewhere(label: &str) -> Finding {
    Finding::warning("NO_RECORD", "its record is in a directory that is not used here")
        .of_key(label)
        .remedy("give the directory in which it was created: `--records DIR`, or `records` in the profile")
}

fn missing_record(label: &str) -> Finding {
    let text =
        "its record is missing from the directory of records, or is that of another key: it is not used";
    Finding::error("RECORD_MISSING", text).of_key(label).remedy("put the newest record back from a backup")
}

fn interrupted(label: &str, rest: &Unfinished<'_>, names: &Namespace) -> Finding {
    let id = &rest.version.id;
    let what = if rest.is_lone_half() { "only its public half exists" } else { "it works but has no record" };
    let text = format!("{what} (CKA_ID {id}): its creation was interrupted, or is still running elsewhere");
    let remedy = if names.is_recorded_here(id) {
        "if it had a record, put that back from a backup; else run the command that was creating it again, which finishes it"
            .to_owned()
    } else {
        let delete = kmsctl(format!("key delete --id {id}"));
        format!(
            "run the command that was creating it again, which finishes it; or, if the key was never used: {delete}"
        )
    };
    Finding::warning("UNFINISHED", text).of_key(label).remedy(remedy)
}
