//! Every command in every state, and schedules.

use super::*;
use crate::{
    algorithm::Algorithm,
    keystore::{Rotation, identity::Identity, record::ForeignUsage},
};

pub(in crate::keystore) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A clock that nothing confirms.
pub(in crate::keystore) fn at(now: Timestamp) -> Clock {
    Clock { now, is_synchronised: false, of_token: None, newest: None }
}

pub(in crate::keystore) fn version(number: u32) -> Version {
    Version::new(number).expect("not 0")
}

pub(in crate::keystore) fn ids(byte: u8) -> NewVersion {
    NewVersion {
        id: KeyId::from_bytes([byte; 16]),
        companion: None,
        binding: Binding::default(),
        own_label: false,
    }
}

pub(in crate::keystore) fn entry(number: u32, status: Status) -> VersionRecord {
    let id = KeyId::from_bytes([u8::try_from(number).expect("small"); 16]);
    let binding = Binding::default();
    VersionRecord {
        version: version(number),
        id,
        companion: None,
        binding,
        status,
        created: Some(NOW),
        deletion: None,
        own_label: false,
    }
}

/// A key with three versions, the first disabled. Due for rotation and, if revoked, for destruction.
pub(in crate::keystore) fn record(status: Status) -> Record {
    Record {
        schema: Record::SCHEMA,
        identity: Identity::of_first(&KeyId::from_bytes([1; 16]), ""),
        revision: 7,
        label: "key".to_owned(),
        algorithm: Some(Algorithm::AES_256),
        usage: Algorithm::AES_256.usage(),
        foreign_usage: ForeignUsage::default(),
        signature_algorithm: None,
        memo: "memo".to_owned(),
        created: Some(NOW),
        status,
        status_since: NOW,
        destroy_at: (status == Status::Revoke).then_some(NOW),
        is_deleting: false,
        convergent: false,
        exportable: false,
        auto_rotation: true,
        rotation_period: 90,
        next_rotation: Some(NOW),
        stage_days: 0,
        keep: None,
        versions: vec![entry(1, Status::Disable), entry(2, Status::Enable), entry(3, Status::Enable)],
    }
}

/// The outcome of a command: the states of the key and its versions, or the refusal.
fn outcome(command: &str, status: Status) -> String {
    let record = record(status);
    let number = |text: &str| text.rsplit(' ').next().and_then(|text| text.parse().ok()).map(version);
    let changed = match command {
        "enable" => record.changed(&Change::Enable(None), &at(NOW)),
        "disable" => record.changed(&Change::Disable(None), &at(NOW)),
        "revoke" => record.changed(&Change::Revoke { version: None, after_days: None }, &at(NOW)),
        "restore" => record.changed(&Change::Restore(None), &at(NOW)),
        "promote" => record.changed(&Change::Promote(Trigger::Hand), &at(NOW)),
        "update" => record
            .changed(&Change::Update(Update { memo: Some("new".into()), ..Update::default() }), &at(NOW)),
        "rotate" => record.rotated(Rotation::Now, ids(4), NOW),
        "rotate --stage" => record.rotated(Rotation::Staged, ids(4), NOW),
        "rotate --due" => record.rotated(Rotation::Due, ids(4), NOW),
        "purge" => return record.may_purge(Trigger::Hand, NOW).map_or_else(in_brief, |()| "gone".into()),
        "purge --due" => {
            return record.may_purge(Trigger::Schedule, NOW).map_or_else(in_brief, |()| "gone".into());
        }
        command if command.starts_with("revoke") => {
            record.changed(&Change::Revoke { version: number(command), after_days: None }, &at(NOW))
        }
        command if command.starts_with("restore") => {
            record.changed(&Change::Restore(number(command)), &at(NOW))
        }
        command if command.starts_with("delete") => {
            record.deleting(number(command).expect("a version"), Trigger::Hand, NOW)
        }
        command if command.starts_with("enable") => {
            record.changed(&Change::Enable(number(command)), &at(NOW))
        }
        command => record.changed(&Change::Disable(number(command)), &at(NOW)),
    };
    changed.map_or_else(in_brief, |successor| {
        assert_eq!(successor.revision, 8, "{command}: each change is a new revision");
        assert_eq!(successor.identity, record.identity);
        // Restored and retired would both be R.
        let letter = |status: Status| match status {
            Status::Retired => "T".to_owned(),
            status => status.to_string()[..1].to_uppercase(),
        };
        let versions = successor.versions.iter().map(|version| letter(version.status));
        format!("{} {}", letter(successor.status), versions.collect::<String>())
    })
}

fn in_brief(refusal: Refusal) -> String {
    match refusal {
        Refusal::State { .. } => "state",
        Refusal::Already { .. } | Refusal::SameSettings => "already",
        Refusal::Newest { .. } => "newest",
        Refusal::NoVersion { .. } => "no version",
        Refusal::NotDue { .. } => "not due",
        Refusal::NoSchedule => "no schedule",
        Refusal::Staged { .. } => "staged",
        Refusal::NothingStaged => "nothing staged",
        Refusal::VersionRevoked { .. } | Refusal::VersionNotRevoked { .. } => "version",
        Refusal::Deleting { .. } => "deleting",
        Refusal::StagedTooEarly { .. } => "too early",
    }
    .to_owned()
}

/// The rules of the cloud service, from its documentation: the first letter of the key's state, then those of its
/// versions. Only `revoke` in both states is kmsctl's own choice.
const RULES: &[(&str, &str, &str, &str)] = &[
    //  command     from ENABLE   from DISABLE  from REVOKE
    ("enable", "already", "E DEE", "state"),
    ("disable", "D DEE", "already", "state"),
    ("enable 1", "E EEE", "state", "state"),
    ("enable 2", "already", "state", "state"),
    ("enable 9", "no version", "no version", "no version"),
    ("disable 1", "already", "state", "state"),
    ("disable 2", "E DDE", "state", "state"),
    ("disable 3", "newest", "state", "state"),
    ("revoke 1", "E REE", "D REE", "state"),
    ("revoke 2", "E DRE", "D DRE", "state"),
    ("revoke 3", "newest", "newest", "state"),
    ("revoke 9", "no version", "no version", "no version"),
    ("restore 1", "already", "already", "state"),
    ("restore 2", "version", "version", "state"),
    ("delete 1", "E REE", "D REE", "R REE"),
    ("delete 3", "newest", "newest", "newest"),
    ("promote", "nothing staged", "state", "state"),
    ("rotate", "E DEEE", "state", "state"),
    ("rotate --stage", "E DEES", "state", "state"),
    ("rotate --due", "E DEEE", "D DEEE", "state"),
    ("revoke", "R DEE", "R DEE", "already"),
    ("restore", "state", "already", "D DEE"),
    ("update", "E DEE", "D DEE", "state"),
    ("purge", "state", "state", "gone"),
    ("purge --due", "state", "state", "gone"),
];

#[test]
fn every_command_in_every_state() {
    for (command, enabled, disabled, revoked) in RULES {
        let states = [(Status::Enable, enabled), (Status::Disable, disabled), (Status::Revoke, revoked)];
        for (status, expected) in states {
            assert_eq!(outcome(command, status), **expected, "{command} in {status}");
        }
    }
}

#[test]
fn a_reenabled_key_has_its_versions_as_before() {
    let mut record = record(Status::Enable);
    let before = record.versions.clone();
    for change in [
        Change::Disable(None),
        Change::Revoke { version: None, after_days: None },
        Change::Restore(None),
        Change::Enable(None),
    ] {
        record = record.changed(&change, &at(NOW)).expect("allowed");
    }
    assert_eq!(record.versions, before);
    assert_eq!(record.destroy_at, None);
    let permitted: Vec<_> = (1..=3).filter(|number| record.permits(version(*number))).collect();
    assert_eq!(permitted, [2, 3]);
}

#[test]
fn nothing_of_a_disabled_key_is_permitted() {
    for status in [Status::Disable, Status::Revoke] {
        assert!((1..=3).all(|number| !record(status).permits(version(number))));
    }
}

#[test]
fn a_manual_rotation_leaves_the_schedule_alone() {
    let rotated = record(Status::Enable).rotated(Rotation::Now, ids(4), NOW).expect("allowed");
    assert_eq!(rotated.next_rotation, Some(NOW));
    assert_eq!(rotated.newest().version, version(4));
}

#[test]
fn missed_dates_make_one_version_and_the_next_date_is_in_the_future() {
    for (late, next) in [(0, 90), (1, 90), (89, 90), (90, 180), (91, 180), (1000, 1080)] {
        let now = NOW.after_days(late);
        let rotated = record(Status::Enable).rotated(Rotation::Due, ids(4), now).expect("due");
        assert_eq!(rotated.versions.len(), 4, "{late} days late");
        assert_eq!(rotated.next_rotation, Some(NOW.after_days(next)), "{late} days late");
        assert!(rotated.step_due(now).is_none(), "{late} days late");
    }
}

#[test]
fn a_clock_that_goes_backwards_makes_no_date_due_twice() {
    let record = record(Status::Enable);
    let rotated = record.rotated(Rotation::Due, ids(4), NOW.after_days(1)).expect("due");
    for now in [Timestamp::from_millis(0), NOW, NOW.after_days(89)] {
        let refused = rotated.rotated(Rotation::Due, ids(5), now);
        assert!(matches!(refused, Err(Refusal::NotDue { .. })), "{now}");
    }
    assert!(rotated.step_due(NOW.after_days(90)).is_some());
}

#[test]
fn a_clock_that_is_behind_does_not_shorten_the_wait_for_destruction() {
    let revoked = record(Status::Enable)
        .changed(&Change::Revoke { version: None, after_days: Some(3) }, &at(Timestamp::from_millis(0)))
        .expect("allowed");
    assert_eq!(revoked.destroy_at, Some(NOW.after_days(3)));
    for (now, gone) in [(NOW, false), (NOW.after_days(2), false), (NOW.after_days(3), true)] {
        assert_eq!(revoked.may_purge(Trigger::Schedule, now).is_ok(), gone, "{now}");
    }
    assert!(revoked.may_purge(Trigger::Hand, NOW).is_ok());
}

#[test]
fn the_wait_counts_from_the_request_where_the_clock_is_not_behind() {
    let mut record = record(Status::Enable);
    let destroyed = |record: &Record, clock: &Clock| {
        let change = Change::Revoke { version: None, after_days: Some(3) };
        record.changed(&change, clock).expect("allowed").destroy_at
    };
    record.versions[2].created = Some(NOW.after_days(20));
    assert_eq!(destroyed(&record, &at(NOW)), Some(NOW.after_days(23)), "the clock may be 20 days behind");
    let confirmed = Clock { is_synchronised: true, ..at(NOW) };
    assert_eq!(destroyed(&record, &confirmed), Some(NOW.after_days(3)));
    record.versions[2].created = Some(NOW.after_days(400));
    assert_eq!(destroyed(&record, &at(NOW)), Some(NOW.after_days(3)), "the other clock was ahead");
    for (days, wait) in [(10, 13), (400, 3)] {
        let clock = Clock { newest: Some(NOW.after_days(days)), ..at(NOW) };
        assert_eq!(destroyed(&record, &clock), Some(NOW.after_days(wait)), "by another key");
    }
}

#[test]
fn a_key_that_is_revoked_again_keeps_its_date_unless_another_is_asked_for() {
    let revoke = |record: &Record, after_days, now| {
        record.changed(&Change::Revoke { version: None, after_days }, &at(now))
    };
    let revoked = revoke(&record(Status::Enable), Some(10), NOW).expect("allowed");
    let already = Err(Refusal::Already { version: None, status: Status::Revoke });
    for same in [None, Some(10)] {
        assert_eq!(revoke(&revoked, same, NOW.after_days(1)), already);
    }
    let moved = revoke(&revoked, Some(3), NOW.after_days(1)).expect("another date");
    assert_eq!(moved.destroy_at, Some(NOW.after_days(4)));
    assert_eq!(revoke(&moved, Some(3), NOW.after_days(2)), already);
}

#[test]
fn a_rotation_is_due_only_by_schedule() {
    let due = |change: fn(&mut Record)| {
        let mut record = record(Status::Enable);
        change(&mut record);
        record.step_due(NOW).is_some()
    };
    assert!(due(|_| {}));
    assert!(due(|record| record.status = Status::Disable));
    assert!(!due(|record| record.status = Status::Revoke));
    assert!(!due(|record| record.auto_rotation = false));
    assert!(!due(|record| record.next_rotation = None));
    assert!(!due(|record| record.next_rotation = Some(NOW.after_days(1))));
}

#[test]
fn a_new_schedule_starts_now() {
    let later = NOW.after_days(5);
    let update = |auto_rotation, rotation_period| {
        let update = Update { auto_rotation, rotation_period, ..Update::default() };
        record(Status::Enable).changed(&Change::Update(update), &at(later)).map(|record| record.next_rotation)
    };
    assert_eq!(update(None, None), Err(Refusal::SameSettings));
    assert_eq!(update(Some(true), None), Err(Refusal::SameSettings), "on already");
    assert_eq!(update(Some(true), Some(90)), Err(Refusal::SameSettings), "the same period");
    assert_eq!(update(None, Some(10)), Ok(Some(later.after_days(10))));
    assert_eq!(update(Some(false), None), Ok(None));
    assert_eq!(update(Some(false), Some(10)), Err(Refusal::NoSchedule));
}

#[test]
fn refusals_name_the_key() {
    let refusals = [
        Refusal::State { status: Status::Disable, operation: "rotate" },
        Refusal::Already { version: None, status: Status::Enable },
        Refusal::Already { version: Some(version(2)), status: Status::Disable },
        Refusal::SameSettings,
        Refusal::Newest { version: version(3), operation: "disable", staged: None },
        Refusal::Staged { version: version(3) },
        Refusal::NothingStaged,
        Refusal::VersionRevoked { version: version(1) },
        Refusal::VersionNotRevoked { version: version(1) },
        Refusal::Deleting { version: None },
        Refusal::Deleting { version: Some(version(1)) },
        Refusal::StagedTooEarly { days: 9, rotation_period: 9 },
        Refusal::NoVersion { version: version(9), newest: version(3) },
        Refusal::NotDue { operation: "rotate", due: Some(NOW) },
        Refusal::NotDue { operation: "rotate", due: None },
        Refusal::NoSchedule,
    ];
    assert!(refusals.iter().all(|refusal| refusal.describe("web").contains("key \"web\"")));
}
