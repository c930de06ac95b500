//! Keys by themselves: names, protection, states on the token, schedules.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use crate::{
    keystore::{
        change::wanted_uses,
        key::{Key, KeyVersion},
        lifecycle::Trigger,
        record::Record,
    },
    model::{KeyId, KeyKind, Timestamp, Usage},
    token::{KeyObject, Uses},
};

pub(super) fn check(keys: &[Key], now: Timestamp) -> Vec<Fault> {
    let mut faults = names(keys);
    for key in keys {
        faults.extend(key.versions.iter().flat_map(unreadable));
        // A stranger beside a key is a finding of its own; this would be taken for one about the key.
        if !is_stranger(keys, key) {
            faults.extend(key.versions.iter().flat_map(|version| protection(key, version)));
        }
        if let Some(record) = key.record().filter(|record| record.schema <= Record::SCHEMA) {
            faults.extend(key.versions.iter().filter_map(|version| state(record, version)));
            faults.extend(schedule(record, now));
        }
    }
    faults
}

/// Objects that are there and cannot be read.
fn unreadable(version: &KeyVersion) -> impl Iterator<Item = Fault> {
    version.objects().filter_map(|object| {
        let error = object.unread.object?;
        Some(Fault::Unreadable { class: object.class, error })
    })
}

fn names(keys: &[Key]) -> Vec<Fault> {
    let mut by_label: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    let mut by_id: BTreeMap<&KeyId, Vec<&Key>> = BTreeMap::new();
    for key in keys {
        by_label.entry(&key.label).or_default().push(key);
        for id in key.ids().collect::<BTreeSet<_>>() {
            by_id.entry(id).or_default().push(key);
        }
    }
    let nameless = by_id.remove(&KeyId::default()).unwrap_or_default();
    let states_no_id = |key: &&&Key| key.current().objects().all(KeyObject::states_no_id);
    let nameless = nameless.iter().filter(states_no_id).map(|key| Fault::NoId { label: key.label.clone() });
    // What anybody can put there makes no name ambiguous, and is a finding of its own.
    let by_label = by_label.into_iter().map(|(label, keys)| (label, without_strangers(keys)));
    let by_id = by_id.into_iter().map(|(id, keys)| (id, without_strangers(keys)));
    let labels = by_label.filter(|(label, keys)| !label.is_empty() && keys.len() > 1);
    let labels = labels.map(|(label, keys)| Fault::SharedLabel {
        label: label.to_owned(),
        ids: keys.iter().map(|key| key.current().id.clone()).collect(),
    });
    let ids = by_id.filter(|(_, keys)| keys.len() > 1).map(|(id, keys)| Fault::SharedId {
        id: id.clone(),
        labels: keys.iter().map(|key| key.label.clone()).collect(),
    });
    labels.chain(ids).chain(nameless).collect()
}

/// Whether anybody could have put the key there, and another one, behind the PIN, has its label.
fn is_stranger(keys: &[Key], key: &Key) -> bool {
    !key.is_guarded() && keys.iter().any(|other| other.is_guarded() && other.label == key.label)
}

fn without_strangers(keys: Vec<&Key>) -> Vec<&Key> {
    if keys.iter().any(|key| key.is_guarded()) {
        keys.into_iter().filter(|key| key.is_guarded()).collect()
    } else {
        keys
    }
}

fn protection(key: &Key, version: &KeyVersion) -> Vec<Fault> {
    let (label, number) = (|| key.label.clone(), version.version);
    let protection = version.protection();
    let any = |is: fn(&KeyObject) -> bool| version.objects().any(is);
    // EC keys neither wrap nor decrypt, whatever their attributes say: no mechanism does so.
    let may_wrap = !matches!(version.kind(), Some(KeyKind::Ec(_)));
    // Records of earlier releases say so of keys that other programs made, too.
    let is_wanted = key.record().is_some_and(|record| record.exportable && record.created.is_some());
    [
        (protection.sensitive == Some(false), Fault::Readable { label: label(), version: number }),
        (
            protection.extractable == Some(true),
            Fault::Extractable { label: label(), version: number, is_wanted },
        ),
        (
            may_wrap && any(|object| object.wraps) && any(|object| object.usage.decrypt),
            Fault::WrapsAndDecrypts { label: label(), version: number },
        ),
    ]
    .into_iter()
    .filter_map(|(holds, fault)| holds.then_some(fault))
    .collect()
}

/// Whether the token's usage attributes say what the record says.
fn state(record: &Record, version: &KeyVersion) -> Option<Fault> {
    let (label, number) = (record.label.clone(), version.version);
    let pairs: Vec<_> =
        version.objects().map(|object| (wanted_uses(record, number, object), object.uses())).collect();
    let permits = record.permits(number);
    if !permits {
        let is_usable = pairs.iter().any(|(_, stated)| *stated != Uses::default());
        return is_usable.then_some(Fault::UsableThoughForbidden { label, version: number });
    }
    if pairs.iter().any(|(wanted, stated)| !is_within(*wanted, *stated)) {
        return Some(Fault::UnusableThoughAllowed { label, version: number });
    }
    let has_more = pairs.iter().any(|(wanted, stated)| !is_within(*stated, *wanted));
    has_more.then_some(Fault::MoreThanRecorded { label, version: number })
}

fn is_within(inner: Uses, outer: Uses) -> bool {
    let usage = |one: Usage, other: Usage| one.is_within(other);
    usage(inner.usage, outer.usage)
        && (!inner.wrap || outer.wrap)
        && (!inner.unwrap || outer.unwrap)
        && (!inner.derive || outer.derive)
}

fn schedule(record: &Record, now: Timestamp) -> Option<Fault> {
    let label = record.label.clone();
    if record.is_rotation_due(now) {
        return record.next_rotation.map(|due| Fault::RotationOverdue { label, due });
    }
    let is_due = record.may_purge(Trigger::Schedule, now).is_ok();
    record.destroy_at.filter(|_| is_due).map(|due| Fault::PurgeDue { label, due })
}
