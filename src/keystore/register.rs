//! The first record of a key: of a new one, or of one of another program when a change requires a record.

use anyhow::Result;

use super::{
    arrival::{Arrival, ArrivingVersion, not_what_arrived},
    bind, enforce,
    error::Error,
    identity::Identity,
    key::{Key, KeyVersion},
    lifecycle::NewVersion,
    mac,
    make::{self, require_another},
    missing,
    read_back::excess_uses,
    record::{DEFAULT_ROTATION_PERIOD, ForeignUsage, Record, VersionRecord},
    records,
    reload::{by_record, retry},
    request::{CreateRequest, Created, Origin},
    store::Keystore,
    stored_record::StoredRecord,
    succession,
    transaction::Transaction,
};
use crate::{
    algorithm::KeyKind,
    encoding::KeyTag,
    model::{KeyId, Status, Version},
    token::{KeyObject, Search},
};

/// Length of a random CKA_ID for a key of another program that has none. With 128 bits, checking for a collision is
/// unnecessary.
const FOREIGN_ID_LEN: usize = 16;

/// Records the tested objects of a new key. If records cannot be stored, the key has none, unless the request or the
/// number of versions needs one.
pub(super) fn register(
    transaction: &Transaction<'_>,
    request: &CreateRequest,
    arrival: Option<&Arrival>,
    versions: Vec<KeyVersion>,
) -> Result<Created> {
    if request.auto_rotation {
        let newest = versions.last().map_or(Version::FIRST, |version| version.version);
        require_another(transaction.keystore(), request.label.as_str(), newest.next(), request.algorithm)?;
    }
    let excess = versions.last().map(|version| excess_uses(request.usage, version)).unwrap_or_default();
    let key = match record_first(transaction, request, arrival, versions.clone()) {
        Err(error) if is_without_records(&error) && !request.needs_record() && versions.len() == 1 => {
            Key::new(request.label.as_str().to_owned(), versions)
        }
        recorded => recorded?,
    };
    Ok(Created { key, origin: Origin::Made, excess, is_import: arrival.is_some() })
}

/// Records the objects of a new key, and makes their uses agree with the record.
pub(super) fn record_first(
    transaction: &Transaction<'_>,
    request: &CreateRequest,
    arrival: Option<&Arrival>,
    mut versions: Vec<KeyVersion>,
) -> Result<Key> {
    let (keystore, now) = (transaction.keystore(), transaction.keystore().now());
    let mut identity = request.identity.clone().or_else(|| arrival.and_then(Arrival::identity));
    let mut entries = Vec::new();
    for (at, version) in versions.iter().enumerate() {
        let arriving = arrival.and_then(|arrival| arrival.versions.get(at));
        // The caller has compared the key with what arrived, but not its companion.
        let (binding, tag) = match arriving.map(ArrivingVersion::binding) {
            Some(binding) if version.companion.is_none() && identity.is_some() => (binding, None),
            stated => {
                let (found, tag) = bind::bind_new(keystore, version);
                if stated.is_some_and(|stated| !stated.agrees(&found)) {
                    return Err(not_what_arrived(request.label.as_str()).into());
                }
                (found.or(stated), tag)
            }
        };
        identity = identity.or_else(|| Some(Identity::of_tag(&tag?)));
        let new = NewVersion {
            id: version.id.clone(),
            companion: version.companion.clone(),
            binding,
            own_label: make::has_own_label(version, version.version, request.label.as_str()),
        };
        entries.push(new.recorded_as(version.version, Status::Enable, now));
    }
    let identity = match identity {
        Some(identity) => identity,
        // The token can compute nothing with the key.
        None => Identity::of_tag(&random_tag(keystore)?),
    };
    let record = match arrival.and_then(|arrival| arrival.record.as_ref()) {
        Some(stated) => request.moved_record(stated, entries, now)?,
        None => request.first_record(identity, entries, now),
    };
    for version in &mut versions {
        version.created = record.version(version.version).and_then(|entry| entry.created);
        if arrival.is_some() {
            enforce::uses_of_version(keystore, version, &record)?;
        }
    }
    let stored = transaction.write(&record)?;
    Ok(Key::new(record.label, versions).with_record(stored))
}

impl Keystore {
    /// The record that goes along with a key to another token, with the identity that it keeps there.
    pub fn portable_record(&self, key: &Key) -> Result<Record> {
        let record = match &key.record {
            Some(_) => key.stored()?.record.clone(),
            None => foreign_record(self, key)?,
        };
        Ok(Record { identity: self.names().portable(&record.identity), ..record })
    }
}

fn random_tag(keystore: &Keystore) -> Result<KeyTag> {
    let mut hash = [0; 32];
    hash.copy_from_slice(&keystore.session().random(32)?);
    Ok(KeyTag::of_hash(&hash))
}

/// Whether the token does not support records, as opposed to a failure to store one.
pub(super) fn is_without_records(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::NoRecords { .. }))
}

/// The refusal that stays once records are kept in a directory, if there is one: a change for which the token stores no record
/// may be none that it takes. `can` tries that.
pub(super) fn or_final(error: anyhow::Error, can: impl FnOnce() -> Result<()>) -> anyhow::Error {
    if !is_without_records(&error) {
        return error;
    }
    can().err().unwrap_or(error)
}

/// Changes a key with a record, creating one if needed. Before that `check` may refuse the change, or says whether it only
/// takes uses away ([`succession::takes_away`]); if the change fails, the new record is taken back.
pub(super) fn recorded<T>(
    keystore: &Keystore,
    key: &Key,
    check: impl Fn(&Record) -> Result<bool>,
    change: impl FnOnce(&Key) -> Result<T>,
) -> Result<T> {
    let (key, is_new) = with_record(keystore, key, check)?;
    let changed = change(&key);
    if is_new && changed.as_ref().is_err_and(|error| !is_undecided(error)) {
        // Best effort: the change failed anyway, and the record says what the token does.
        let _ = key.stored().map(|stored| records::destroy(keystore, &stored.place));
        mac::take_back_key(keystore);
    }
    changed
}

/// Whether the record may be that of another machine by now, or may have been replaced.
fn is_undecided(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Conflict { .. } | Error::RecordUnsettled { .. }))
}

/// The key with a record, and whether this call created it.
fn with_record(
    keystore: &Keystore,
    key: &Key,
    check: impl Fn(&Record) -> Result<bool>,
) -> Result<(Key, bool)> {
    retry(keystore, key, |key| {
        let mut key = key.clone();
        if key.record.is_none() {
            key = under_another_label(keystore, &key)?.unwrap_or(key);
        }
        if key.record.is_some() {
            keystore.authenticate(&key)?;
            check(&key.stored()?.record)?;
            return Ok((key, false));
        }
        key.require_secret()?;
        let mut record = foreign_record(keystore, &key)?;
        let takes_away = check(&record)?;
        identify(keystore, &mut key)?;
        for version in &mut record.versions {
            version.id = key.current().id.clone();
        }
        let stored = Transaction::begin(keystore, &key.label, None)
            .run(|_| succession::write(keystore, None, (&record, takes_away)))?
            .stored;
        // No record of the key decided between this change and a deletion, whose last look may have come before the write.
        if key.current().object().is_some_and(|object| keystore.session().is_gone(object.handle)) {
            records::destroy(keystore, &stored.place)?;
            return Err(Error::Conflict { label: key.label }.into());
        }
        Ok((key.with_record(stored), true))
    })
}

/// The key with its record, if the record has another label than the objects: a rename was interrupted, or is running
/// elsewhere.
fn under_another_label(keystore: &Keystore, key: &Key) -> Result<Option<Key>> {
    // By the CKA_ID, as earlier releases, or by the objects, whatever CKA_ID was asked for.
    let find = |tag| by_record(keystore, records::of_tag_on_token(keystore, &tag));
    match find(keystore.names().key_tag(&key.identity()))? {
        None => bind::bind_new(keystore, key.current()).1.map_or(Ok(None), find),
        found => Ok(found),
    }
}

/// The first record for a key of another tool.
fn foreign_record(keystore: &Keystore, key: &Key) -> Result<Record> {
    refuse_recorded(keystore, key)?;
    let version = VersionRecord {
        version: key.current().version,
        id: key.current().id.clone(),
        companion: None,
        binding: bind::bind(keystore, &key.label, key.current()),
        status: Status::Enable,
        created: None,
        deletion: None,
        own_label: false,
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
        algorithm: key.kind().and_then(KeyKind::algorithm),
        usage: key.current().effective_usage(),
        foreign_usage,
        signature_algorithm: None,
        memo: String::new(),
        created: None,
        status: Status::Enable,
        status_since: keystore.now(),
        destroy_at: None,
        is_deleting: false,
        convergent: false,
        // Means requested from kmsctl, even if another program made the key extractable.
        exportable: false,
        auto_rotation: false,
        rotation_period: DEFAULT_ROTATION_PERIOD,
        next_rotation: None,
        stage_days: 0,
        keep: None,
        versions: vec![version],
    })
}

/// Checks again for a record: another machine may just have created one, and a new record would hide the content of a
/// damaged one.
fn refuse_recorded(keystore: &Keystore, key: &Key) -> Result<()> {
    let (records, damaged) = records::sort(keystore.session().records(Search::Label(&key.label))?);
    if let Some(damaged) = damaged.into_iter().next() {
        return Err(damaged.error().into());
    }
    keystore.require_record(key)?;
    missing::require_no_unread_record(keystore, key)?;
    missing::require_readable(keystore, key)?;
    let id = &key.current().id;
    let claims = |stored: &StoredRecord| stored.record.versions.iter().any(|version| version.id == *id);
    if !id.is_empty() && records.iter().any(claims) {
        return Err(Error::Conflict { label: key.label.clone() }.into());
    }
    Ok(())
}

/// A record names its objects by CKA_ID: assigns one to a key that has none, and refuses one that is not unique. A
/// CKA_ID that could not be read is never overwritten: other programs may use it to find the object.
fn identify(keystore: &Keystore, key: &mut Key) -> Result<()> {
    let id = key.current().id.clone();
    if id.is_empty() {
        for object in key.current().objects() {
            if !keystore.session().has_no_id(object)? {
                return Err(Error::IdUnread { label: key.label.clone() }.into());
            }
        }
        let id = KeyId::from_bytes(keystore.session().random(FOREIGN_ID_LEN)?.to_vec());
        let version = key.current_mut();
        for object in version.objects() {
            keystore.session().set_id(object.handle, &id)?;
        }
        version.set_id(&id);
        return Ok(());
    }
    let own = key.current().handles();
    let others = keystore.session().keys(Search::Id(&id))?;
    match others.iter().find(|other| !own.contains(&other.handle)) {
        Some(other) => {
            Err(Error::IdShared { label: key.label.clone(), id, other: other.label.clone() }.into())
        }
        None => Ok(()),
    }
}
