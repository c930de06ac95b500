//! Keys without a record: those that a creation left which was cut short, and all others.

use std::collections::BTreeMap;

use super::fault::Fault;
use crate::keystore::{Keystore, finish::Unfinished, key::Key};

impl Keystore {
    /// A token that stores no records tells nothing by their absence: there a new key without one is whole.
    pub(super) fn unrecorded(&self, keys: &[Key]) -> Vec<Fault> {
        let mut by_label: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
        for key in keys {
            by_label.entry(&key.label).or_default().push(key);
        }
        let keeps_records = keys.iter().any(|key| key.record.is_some());
        let (mut faults, mut labels) = (Vec::new(), Vec::new());
        for (label, keys) in by_label {
            let unfinished = Unfinished::among(&keys, self.names(), self.now()).filter(|_| keeps_records);
            if let Some(unfinished) = unfinished {
                faults.push(Fault::Unfinished {
                    label: label.to_owned(),
                    id: unfinished.version.id.clone(),
                    is_lone_half: unfinished.is_lone_half(),
                });
            } else {
                let is_readable =
                    |key: &&&Key| key.current().objects().all(|object| object.unread.object.is_none());
                let unrecorded = keys.iter().filter(|key| key.record.is_none()).filter(is_readable);
                labels.extend(unrecorded.map(|key| key.label.clone()));
            }
        }
        faults.extend((!labels.is_empty()).then_some(Fault::Unrecorded { labels }));
        faults
    }
}
