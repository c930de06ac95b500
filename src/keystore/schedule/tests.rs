//! Rotation in two steps, and what a rotation retires.

use super::*;
use crate::{
    keystore::lifecycle::{
        Change, Update,
        tests::{NOW, at, entry, ids, record, version},
    },
    model::Usage,
};

fn staged(change: impl Fn(&mut Record)) -> Record {
    let mut before = record(Status::Enable);
    change(&mut before);
    before.rotated(Rotation::Staged, ids(4), NOW).expect("allowed")
}

#[test]
fn a_staged_version_verifies_and_decrypts_until_it_is_promoted() {
    let staged =
        staged(|record| record.usage = Usage { sign: true, verify: true, encrypt: true, decrypt: true });
    let usage = |record: &Record, number| record.usage_of(version(number)).names().join(" ");
    assert_eq!(staged.current().version, version(3));
    assert_eq!(usage(&staged, 3), "sign verify encrypt decrypt");
    assert_eq!(usage(&staged, 4), "verify decrypt");
    for rotation in [Rotation::Now, Rotation::Staged] {
        let refused = staged.rotated(rotation, ids(5), NOW);
        assert_eq!(refused, Err(Refusal::Staged { version: version(4) }));
    }
    let promoted = staged.changed(&Change::Promote(Trigger::Hand), &at(NOW)).expect("staged");
    assert_eq!(usage(&promoted, 4), "sign verify encrypt decrypt");
    assert_eq!(usage(&promoted, 3), "verify encrypt decrypt");
    let again = promoted.changed(&Change::Promote(Trigger::Hand), &at(NOW));
    assert_eq!(again, Err(Refusal::NothingStaged));
}

/// A staged version that turns out to be bad can be given up, and is never put to use by another command.
#[test]
fn a_staged_version_can_be_given_up() {
    let mut record = staged(|_| {});
    let four = version(4);
    for (change, expected) in [
        (Change::Disable(Some(four)), Status::Disable),
        (Change::Enable(Some(four)), Status::Staged),
        (Change::Revoke { version: Some(four), after_days: None }, Status::Revoke),
        (Change::Restore(Some(four)), Status::Disable),
    ] {
        record = record.changed(&change, &at(NOW)).expect("allowed");
        assert_eq!(record.version(four).map(|entry| entry.status), Some(expected), "{change:?}");
        assert_eq!(record.current().version, version(3));
    }
    let next = record.rotated(Rotation::Staged, ids(5), NOW).expect("nothing is staged");
    assert_eq!(
        next.changed(&Change::Enable(Some(four)), &at(NOW)),
        Err(Refusal::Staged { version: version(5) })
    );
    let promoted = next.changed(&Change::Promote(Trigger::Hand), &at(NOW)).expect("staged");
    let enabled = promoted.changed(&Change::Enable(Some(four)), &at(NOW)).expect("an older version");
    assert_eq!(enabled.version(four).map(|entry| entry.status), Some(Status::Enable));
}

#[test]
fn a_schedule_stages_before_its_date_and_promotes_on_it() {
    let date = NOW.after_days(30);
    let mut key = record(Status::Enable);
    (key.stage_days, key.next_rotation) = (5, Some(date));
    let step = |record: &Record, now| record.step_due(now).map(|(step, _)| step);
    assert_eq!(step(&key, NOW.after_days(24)), None);
    assert_eq!(step(&key, NOW.after_days(25)), Some(Step::Stage));
    for (late, promoted) in [(25, 30), (28, 33), (60, 65)] {
        let staged = key.rotated(Rotation::Due, ids(4), NOW.after_days(late)).expect("due");
        assert_eq!(staged.next_rotation, Some(date), "the schedule advances with the promotion");
        assert_eq!(step(&staged, NOW.after_days(promoted - 1)), None, "{late}");
        assert_eq!(step(&staged, NOW.after_days(promoted)), Some(Step::Promote), "{late}");
        let early = staged.changed(&Change::Promote(Trigger::Schedule), &at(NOW.after_days(promoted - 1)));
        assert!(matches!(early, Err(Refusal::NotDue { .. })), "{early:?}");
        let done =
            staged.changed(&Change::Promote(Trigger::Schedule), &at(NOW.after_days(promoted))).expect("due");
        assert!(done.next_rotation > Some(NOW.after_days(promoted)), "{late}");
        assert_eq!(step(&done, NOW.after_days(promoted)), None, "{late}");
    }
}

/// Else the schedule would stage the next version at once.
#[test]
fn an_early_promotion_takes_the_place_of_the_scheduled_one() {
    let mut key = record(Status::Enable);
    (key.stage_days, key.next_rotation) = (5, Some(NOW.after_days(30)));
    let staged = key.rotated(Rotation::Due, ids(4), NOW.after_days(26)).expect("due");
    let promoted = staged.changed(&Change::Promote(Trigger::Hand), &at(NOW.after_days(27))).expect("staged");
    assert_eq!(promoted.next_rotation, Some(NOW.after_days(120)));
    assert_eq!(promoted.step_due(NOW.after_days(27)), None);
    // Before the window, a rotation in two steps leaves the schedule alone like any other by command.
    let by_hand = key.rotated(Rotation::Staged, ids(4), NOW).expect("allowed");
    let promoted = by_hand.changed(&Change::Promote(Trigger::Hand), &at(NOW.after_days(1))).expect("staged");
    assert_eq!(promoted.next_rotation, key.next_rotation);
}

#[test]
fn a_schedule_promotes_what_was_staged_by_hand() {
    let staged = staged(|record| record.next_rotation = Some(NOW.after_days(10)));
    assert_eq!(staged.step_due(NOW.after_days(9)), None);
    assert_eq!(staged.step_due(NOW.after_days(10)), Some((Step::Promote, NOW.after_days(10))));
}

#[test]
fn staging_fits_into_the_period_and_ends_with_the_schedule() {
    let update = |stage_days, rotation_period, auto_rotation| {
        let update = Update { auto_rotation, rotation_period, stage_days, ..Update::default() };
        record(Status::Enable).changed(&Change::Update(update), &at(NOW))
    };
    assert_eq!(update(Some(89), None, None).map(|record| record.stage_days), Ok(89));
    let refused = Err(Refusal::StagedTooEarly { days: 90, rotation_period: 90 });
    assert_eq!(update(Some(90), None, None), refused);
    assert_eq!(update(Some(5), None, Some(false)), Err(Refusal::NoSchedule));
    let staging = update(Some(5), None, None).expect("allowed");
    assert_eq!(staging.next_rotation, record(Status::Enable).next_rotation, "the same schedule");
    let off = Update { auto_rotation: Some(false), ..Update::default() };
    assert_eq!(staging.changed(&Change::Update(off), &at(NOW)).map(|record| record.stage_days), Ok(0));
}

/// The states after each of five rotations that keep two versions.
fn kept(usage: Usage) -> String {
    let mut key = Record { keep: Some(2), usage, auto_rotation: false, ..record(Status::Enable) };
    key.versions = vec![entry(1, Status::Enable)];
    for number in 2..=4 {
        key = key.rotated(Rotation::Now, ids(number), NOW).expect("allowed");
    }
    let letters = key.versions.iter().map(|entry| match entry.status {
        Status::Retired => 'T',
        Status::Revoke => 'R',
        _ => 'E',
    });
    letters.collect()
}

#[test]
fn retention_destroys_only_what_only_signs() {
    let sign = Usage { sign: true, verify: true, ..Usage::NONE };
    assert_eq!(kept(sign), "RREE");
    assert_eq!(kept(Usage { encrypt: true, decrypt: true, ..Usage::NONE }), "TTEE");
    assert_eq!(kept(Usage { encrypt: true, decrypt: true, ..sign }), "TTEE");
    let mut key = Record { keep: Some(1), usage: sign, ..record(Status::Enable) };
    key.foreign_usage.unwrap = true;
    let rotated = key.rotated(Rotation::Now, ids(4), NOW).expect("allowed");
    assert!(rotated.versions.iter().all(|entry| entry.status != Status::Revoke), "it may unwrap keys");
}

#[test]
fn a_retired_signing_version_is_destroyed_after_the_wait() {
    let sign = Usage { sign: true, verify: true, ..Usage::NONE };
    let mut key = Record { keep: Some(2), usage: sign, ..record(Status::Enable) };
    key = key.rotated(Rotation::Staged, ids(4), NOW).expect("allowed");
    assert!(key.purges_due(NOW.after_days(99)).is_empty(), "a staged version replaces none");
    key = key.changed(&Change::Promote(Trigger::Hand), &at(NOW)).expect("staged");
    let due = |days| {
        key.purges_due(NOW.after_days(days)).into_iter().map(|(version, _)| version).collect::<Vec<_>>()
    };
    assert_eq!(due(2), []);
    assert_eq!(due(3), [Some(version(1)), Some(version(2))]);
    assert!(key.deleting(version(1), Trigger::Schedule, NOW.after_days(2)).is_err());
    let begun = key.deleting(version(1), Trigger::Schedule, NOW.after_days(3)).expect("due");
    let restored = begun.changed(&Change::Restore(Some(version(1))), &at(NOW));
    assert_eq!(restored, Err(Refusal::Deleting { version: Some(version(1)) }));
    let gone = begun.without(version(1));
    assert_eq!((gone.versions.len(), gone.newest().version), (3, version(4)));
}
