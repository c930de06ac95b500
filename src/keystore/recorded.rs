//! Keys that other tools made have no record, until a change needs what only a record can hold.

use anyhow::Result;

use super::{
    bind,
    error::Error,
    key::{Key, StoredRecord},
    record::{DEFAULT_ROTATION_PERIOD, ForeignUsage, Record, VersionRecord},
    records,
    store::Keystore,
    succession,
};
use crate::{
    model::Status,
    token::{KeyObject, Search},
};

impl Keystore {
    /// The key with a record: it gets one if it has none, unless `check` refuses what it is for.
    pub(super) fn recorded(&self, key: &Key, check: impl Fn(&Record) -> Result<(), Error>) -> Result<Key> {
        self.settle(key, |key| {
            let mut key = key.clone();
            if key.record.is_none() {
                key = self.under_another_label(&key)?.unwrap_or(key);
            }
            if key.record.is_some() {
                self.authenticate(&key)?;
                check(&key.stored()?.record)?;
                return Ok(key);
            }
            let mut record = self.new_record(&key)?;
            check(&record)?;
            self.identify(&mut key)?;
            for version in &mut record.versions {
                version.id = key.current().id.clone();
            }
            let stored = succession::write(self, None, &record)?;
            Ok(key.with_record(stored))
        })
    }

    /// The key with its record, where the objects have another label than that: a renaming was cut short, or is going on.
    fn under_another_label(&self, key: &Key) -> Result<Option<Key>> {
        let records = records::of_tag_on_token(self, &self.names().key_tag(&key.identity()));
        self.found_by_record(key, records)
    }

    /// The record that a key of another tool would get.
    fn new_record(&self, key: &Key) -> Result<Record> {
        self.refuse_recorded(key)?;
        let version = VersionRecord {
            version: key.current().version,
            id: key.current().id.clone(),
            companion: None,
            binding: bind::bind(self, &key.label, key.current()),
            status: Status::Enable,
            created: None,
        };
        let uses = key.current().objects().map(KeyObject::uses);
        let foreign_usage = uses.fold(ForeignUsage::default(), |all, uses| ForeignUsage {
            wrap: all.wrap || uses.wrap,
            unwrap: all.unwrap || uses.unwrap,
            derive: all.derive || uses.derive,
        });
        Ok(Record {
            schema: Record::SCHEMA,
            identity: key.identity(),
            revision: 1,
            label: key.label.clone(),
            algorithm: key.kind().and_then(crate::algorithm::KeyKind::algorithm),
            usage: key.current().usage_of_others(),
            foreign_usage,
            signature_algorithm: None,
            memo: String::new(),
            created: None,
            status: Status::Enable,
            status_since: self.now(),
            destroy_at: None,
            convergent: false,
            // Nobody asked kmsctl for it.
            exportable: false,
            auto_rotation: false,
            rotation_period: DEFAULT_ROTATION_PERIOD,
            next_rotation: None,
            versions: vec![version],
        })
    }

    /// Looks again for a record: another machine may just have made one, and a new one beside a damaged one would hide
    /// what that still says.
    fn refuse_recorded(&self, key: &Key) -> Result<()> {
        let (records, damaged) = records::sort(self.session().records(Search::Label(&key.label))?);
        if let Some(damaged) = damaged.into_iter().next() {
            return Err(Error::RecordDamaged { label: damaged.label, reason: damaged.reason }.into());
        }
        let id = &key.current().id;
        let claims = |stored: &StoredRecord| stored.record.versions.iter().any(|version| version.id == *id);
        if !id.is_empty() && records.iter().any(claims) {
            return Err(Error::Conflict { label: key.label.clone() }.into());
        }
        Ok(())
    }

    /// A record names its objects by CKA_ID: a key without one gets one, and one that is not unique is refused. An object
    /// whose CKA_ID could not be read keeps it, whatever it is: other programs find the object by it.
    fn identify(&self, key: &mut Key) -> Result<()> {
        let id = key.current().id.clone();
        if id.is_empty() {
            for object in key.current().objects() {
                if !self.session().has_no_id(object)? {
                    return Err(Error::IdUnread { label: key.label.clone() }.into());
                }
            }
            let id = self.random_id()?;
            let version = key.current_mut();
            for object in version.objects() {
                self.session().set_id(object.handle, &id)?;
            }
            version.set_id(&id);
            return Ok(());
        }
        let own = key.current().handles();
        let others = self.session().keys(Search::Id(&id))?;
        match others.iter().find(|other| !own.contains(&other.handle)) {
            Some(other) => {
                Err(Error::IdShared { label: key.label.clone(), id, other: other.label.clone() }.into())
            }
            None => Ok(()),
        }
    }
}
