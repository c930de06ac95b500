//! Keys with two records: a run without the directory of record files gave versions of a key a record on the token, too.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::{Doctor, Examination, Finding, Repaired, keys::SHARED_ID};
use crate::{
    keystore::{
        key::Key,
        record::{Record, VersionRecord},
        records,
        stored_record::{RecordPlace, StoredRecord},
    },
    model::KeyId,
};

/// Each key of a record file that is authentic with the one whose record on the token names the same versions. Only the file
/// says which versions belong together.
fn splits(examination: &Examination) -> Vec<(&Key, &Key)> {
    let keys = &examination.inventory.keys;
    let is_file =
        |key: &&Key| key.record.as_ref().is_some_and(|stored| matches!(stored.place, RecordPlace::File(_)));
    let is_authentic = |key: &&Key| !examination.forged.contains(&key.label);
    let of_file = |key| ids(key).map(move |id| (id, key));
    let by_id: HashMap<&KeyId, &Key> =
        keys.iter().filter(is_file).filter(is_authentic).flat_map(of_file).collect();
    let others = keys.iter().filter(|key| !is_file(key) && !key.is_being_destroyed());
    others.filter_map(|other| Some((*ids(other).find_map(|id| by_id.get(id))?, other))).collect()
}

fn ids(key: &Key) -> impl Iterator<Item = &KeyId> {
    let versions = key.record().into_iter().flat_map(|record| &record.versions);
    versions.map(|entry| &entry.id).filter(|id| !id.is_empty())
}

fn finding((key, other): (&Key, &Key)) -> Finding {
    let mut shared = key.record().into_iter().flat_map(|record| &record.versions);
    let version = shared.find(|entry| ids(other).any(|id| *id == entry.id)).map(|entry| entry.version);
    let what = version.map(|version| format!("its version {version}")).unwrap_or_default();
    let text = format!(
        "a second record, on the token, names {what}: a command changed it without the directory of records"
    );
    Finding::error("SECOND_RECORD", text).of_key(&key.label).by_record().repairable()
}

/// What else is found of such keys follows from the two records.
pub(super) fn report(examination: &mut Examination) {
    let splits = splits(examination);
    let labels: HashSet<String> =
        splits.iter().flat_map(|(key, other)| [&key.label, &other.label]).cloned().collect();
    let found: Vec<_> = splits.into_iter().map(finding).collect();
    if !found.is_empty() {
        let is_other = |finding: &Finding| {
            finding.code != SHARED_ID && finding.subject.as_ref().is_none_or(|label| !labels.contains(label))
        };
        examination.findings.retain(is_other);
        examination.findings.extend(found);
    }
}

impl Doctor<'_> {
    /// Takes the versions of a record file from the record on the token, which is destroyed if it names no others.
    pub(super) fn unite(&self, examination: &Examination) -> Result<Vec<Repaired>> {
        let mut repaired = Vec::new();
        for (key, other) in splits(examination) {
            let Some(stored) = other.record.as_ref().filter(|one| one.record.schema <= Record::SCHEMA) else {
                continue;
            };
            let mut rest = stored.record.revised();
            rest.versions.retain(|entry: &VersionRecord| ids(key).all(|id| *id != entry.id));
            if rest.versions.is_empty() {
                self.forget(stored)?;
            } else {
                self.write(stored, &rest)?;
            }
            repaired.push(Repaired::SecondRecordRemoved { label: key.label.clone() });
        }
        Ok(repaired)
    }

    /// Destroys all revisions of a record, but no key.
    fn forget(&self, stored: &StoredRecord) -> Result<()> {
        let tag = self.keystore.names().key_tag(&stored.record.identity);
        let all = records::of_tag(self.keystore, &tag)?;
        all.iter().try_for_each(|revision| records::destroy(self.keystore, &revision.place))
    }
}
