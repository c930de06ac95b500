//! Machines whose clocks are wrong: what is destroyed or scheduled by the clock needs one that can be believed. The time that
//! tests pretend is confirmed by nothing.

use serde_json::Value;

use crate::support::{DAY, START, TestEnv, field, output::Output, token};

token::on_both_tokens!(
    a_clock_ahead_destroys_nothing,
    nightly_purges_of_an_idle_token_work,
    a_schedule_from_the_future_is_set_right,
    a_staged_version_from_the_future_is_set_right,
    a_deletion_of_a_version_from_the_future_is_set_right,
    a_clock_before_all_events_is_behind,
    a_clock_behind_the_events_of_other_keys_shortens_no_wait,
);

fn codes(output: &Output) -> Vec<String> {
    let report = output.json();
    let findings = report["findings"].as_array().expect("findings").iter();
    let worse = findings.filter(|finding| finding["level"] != "info");
    worse.map(|finding| field(finding, "code").to_owned()).collect()
}

fn labels(env: &TestEnv, day: u64) -> Vec<String> {
    let keys = env.on_day(day, "key list --json").success().json();
    keys.as_array().expect("a list").iter().map(|key| field(key, "label").to_owned()).collect()
}

fn a_clock_ahead_destroys_nothing(env: &TestEnv) {
    env.on_day(0, "key create --label old --algorithm ec-p256").success();
    env.on_day(0, "key create --label web --algorithm ec-p256 --auto-rotate").success();
    env.on_day(1, "key revoke --label old --after 30").success();
    let refused = env.on_day(401, "key purge --due --yes --json").fails(6);
    assert_eq!(field(&refused.error(), "code"), "CLOCK_DOUBTED");
    assert!(field(&refused.error(), "hint").contains("key purge --due --trust-clock"), "{refused}");
    env.on_day(401, "key purge --due --dry-run").exits(0).saying("would be refused");
    // A rotation by the same clock, which a nightly job runs before, proves nothing.
    env.on_day(401, "key rotate --due").exits(0).saying("may not be due");
    env.on_day(401, "key purge --due --yes").fails(6).saying("370 days ago").saying("\"old\"");
    assert_eq!(labels(env, 401), ["old", "web"]);
    // With a clock that is right, nothing is due, and later it is.
    env.on_day(2, "key purge --due --yes").success();
    assert_eq!(labels(env, 2), ["old", "web"]);
    env.on_day(32, "key purge --due --yes").success();
    assert_eq!(labels(env, 32), ["web"]);
}

fn a_clock_behind_the_events_of_other_keys_shortens_no_wait(env: &TestEnv) {
    env.on_day(0, "key create --label old --algorithm ec-p256").success();
    env.on_day(10, "key create --label new --algorithm ec-p256").success();
    env.on_day(6, "key revoke --label old").success();
    env.on_day(10, "key purge --due --yes").success().saying("no keys are due");
    env.on_day(13, "key purge --due --yes").success();
    assert_eq!(labels(env, 13), ["new"]);
}

/// Nothing happens on the token for the whole waiting period; then two nights are missed; then many.
fn nightly_purges_of_an_idle_token_work(env: &TestEnv) {
    for label in ["one", "two", "three"] {
        env.on_day(0, &format!("key create --label {label} --algorithm ec-p256")).success();
    }
    env.on_day(0, "key revoke --label one --after 30").success();
    env.on_day(29, "key purge --due --yes").success();
    assert_eq!(labels(env, 29).len(), 3);
    env.on_day(30, "key purge --due --yes").success();
    assert_eq!(labels(env, 30), ["three", "two"]);
    env.on_day(40, "key revoke --label two").success();
    env.on_day(45, "key purge --due --yes").success();
    assert_eq!(labels(env, 45), ["three"]);
    env.on_day(60, "key revoke --label three").success();
    env.on_day(90, "key purge --due --yes").fails(6);
    // What doctor advises works.
    let report = env.on_day(90, "doctor --json").exits(3);
    assert_eq!(codes(&report), ["PURGE_DUE"]);
    let remedy = field(&report.json()["findings"][0], "remedy").to_owned();
    assert!(remedy.contains("--trust-clock"), "{remedy}");
    env.on_day(90, "key purge --due --trust-clock --yes").success();
    assert!(labels(env, 90).is_empty());
    env.on_day(90, "key purge --label three --trust-clock").fails(2);
}

/// One night a machine rotates with a clock that is 400 days ahead.
fn a_schedule_from_the_future_is_set_right(env: &TestEnv) {
    env.on_day(0, "key create --label web --algorithm ec-p256 --auto-rotate --rotation-period 30").success();
    env.on_day(0, "key create --label old --algorithm ec-p256 --auto-rotate --rotation-period 30").success();
    env.on_day(430, "key rotate --due").success();
    env.on_day(430, "key revoke --label old --after 30").success();
    let date = |key: &Value, name: &str| (key[name].as_u64().expect("a date") - START) / DAY;
    // The clock is right again: doctor knows that it is not behind, and its advice helps.
    let report = env.on_day(31, "doctor --json").exits(3);
    assert_eq!(codes(&report), ["SCHEDULE_AHEAD", "SCHEDULE_AHEAD"]);
    for finding in report.json()["findings"].as_array().expect("findings") {
        if let Some(command) = finding["remedy"].as_str().and_then(|remedy| remedy.strip_prefix("kmsctl ")) {
            env.on_day(31, command).success();
        }
    }
    let report = env.on_day(31, "doctor --json").success();
    assert_eq!(codes(&report), [""; 0]);
    assert!(report.text().contains("EVENT_IN_FUTURE"), "{report}");
    let web = env.on_day(31, "key show --label web --json").success().json();
    assert_eq!(date(&web, "nextRotationDate"), 61);
    // The waiting period counts from the request.
    let old = env.on_day(31, "key show --label old --json").success().json();
    assert_eq!(date(&old, "deletionDate"), 61);
    env.on_day(33, "key restore --label old").success();
    let old = env.on_day(33, "key revoke --label old --after 3 --json").success().json();
    assert_eq!(date(&old, "deletionDate"), 36);
    env.on_day(61, "key rotate --due --check").exits(3);
    env.create("plain", "ec-p256");
    env.on_day(33, "key update --label plain --reset-schedule").fails(2).saying("no rotation schedule");
}

fn a_clock_before_all_events_is_behind(env: &TestEnv) {
    env.on_day(10, "key create --label web --algorithm ec-p256 --auto-rotate").success();
    let report = env.on_day(0, "doctor --json").exits(3);
    assert_eq!(codes(&report), ["CLOCK_BEHIND"]);
    // It must not shorten the waiting period.
    let web = env.on_day(0, "key revoke --label web --after 3 --json").success().json();
    assert_eq!(web["deletionDate"], START + 13 * DAY);
}

/// The commands that doctor advises about dates far ahead.
fn set_right(env: &TestEnv, day: u64, count: usize) {
    let report = env.on_day(day, "doctor --json").exits(3);
    assert_eq!(codes(&report), vec!["SCHEDULE_AHEAD"; count], "{report}");
    for finding in report.json()["findings"].as_array().expect("findings") {
        if let Some(command) = finding["remedy"].as_str().and_then(|remedy| remedy.strip_prefix("kmsctl ")) {
            env.on_day(day, command).success();
        }
    }
    assert_eq!(codes(&env.on_day(day, "doctor --json").success()), [""; 0]);
}

fn a_staged_version_from_the_future_is_set_right(env: &TestEnv) {
    let create = "--algorithm ec-p256 --auto-rotate --rotation-period 30";
    env.on_day(0, &format!("key create --label web {create}")).success();
    env.on_day(0, "key update --label web --stage-days 5").success();
    env.on_day(400, "key rotate --due").success();
    env.on_day(0, &format!("key create --label hand {create}")).success();
    env.on_day(400, "key rotate --label hand --stage").success();
    let version = |day, label: &str| {
        let line = format!("key show --label {label} --json");
        env.on_day(day, &line).success().json()["version"].as_u64().expect("a number")
    };
    set_right(env, 31, 2);
    env.on_day(35, "key rotate --due").success();
    assert_eq!([version(35, "web"), version(35, "hand")], [1, 1]);
    // Days between publication and use, or else a period.
    env.on_day(36, "key rotate --due").success();
    assert_eq!([version(36, "web"), version(36, "hand")], [2, 1]);
    env.on_day(61, "key rotate --due").success();
    assert_eq!([version(61, "web"), version(61, "hand")], [2, 2]);
}

fn a_deletion_of_a_version_from_the_future_is_set_right(env: &TestEnv) {
    env.on_day(0, "key create --label web --algorithm ec-p256").success();
    env.on_day(0, "key update --label web --keep 1").success();
    env.on_day(0, "key create --label box --algorithm aes-256").success();
    env.on_day(0, "key rotate --label box").success();
    env.on_day(400, "key revoke --label box --key-version 1").success();
    env.on_day(400, "key rotate --label web").success();
    let date = |day, label: &str, version: usize| {
        let versions = env.on_day(day, &format!("key versions --label {label} --json")).success().json();
        let mut versions = versions.as_array().expect("versions").iter();
        let version = versions.find(|one| one["version"] == version).expect("the version");
        (version["deletionDate"].as_u64().expect("a date") - START) / DAY
    };
    assert_eq!([date(31, "box", 1), date(31, "web", 1)], [403, 403]);
    set_right(env, 31, 2);
    assert_eq!([date(31, "box", 1), date(31, "web", 1)], [61, 61]);
    // An event in the far future does not put off what a rotation revokes.
    env.on_day(31, "key rotate --label web").success();
    assert_eq!(date(31, "web", 2), 34);
}
