//! Rotation: manual, scheduled, interrupted and concurrent.

use std::thread;

use serde_json::Value;

use crate::support::{DAY, START, TestEnv, fault, field, oracle, output::Output, token};

token::on_both_tokens!(
    rotates_on_schedule,
    a_disabled_key_rotates_on_schedule_and_stays_disabled,
    an_overdue_key_warns_when_used,
    a_dry_run_changes_nothing,
    keys_that_kmsctl_cannot_create_get_no_schedule,
    rotates_many_keys_with_one_login,
    a_rotation_may_be_killed_at_any_call,
    concurrent_rotations_each_make_a_version,
    other_commands_run_between_two_rotations,
    a_key_restored_during_a_purge_is_kept,
);

#[track_caller]
fn newest(env: &TestEnv, label: &str) -> u64 {
    let key = env.run(["key", "show", "--label", label, "--json"]).success().json();
    key["version"].as_u64().expect("a number")
}

#[track_caller]
fn next_date(env: &TestEnv, label: &str) -> u64 {
    let key = env.run(["key", "show", "--label", label, "--json"]).success().json();
    (key["nextRotationDate"].as_u64().expect("a date") - START) / DAY
}

fn rotates_on_schedule(env: &TestEnv) {
    for algorithm in ["rsa-2048", "ec-p256", "aes-256", "hmac-256"] {
        let line = format!("key create --label k --algorithm {algorithm} --auto-rotate --rotation-period 10");
        env.on_day(0, &line).success();
        // A manual rotation does not change the schedule.
        env.on_day(3, "key rotate --label k").success();
        assert_eq!((newest(env, "k"), next_date(env, "k")), (2, 10));
        env.on_day(9, "key rotate --due").success();
        assert_eq!(newest(env, "k"), 2, "not due yet");
        env.on_day(10, "key rotate --due --check").exits(3);
        let rotated = env.on_day(10, "key rotate --due --json").success().json();
        assert_eq!((field(&rotated[0], "label"), &rotated[0]["version"]), ("k", &3.into()));
        assert_eq!(next_date(env, "k"), 20);
        env.on_day(10, "key rotate --due --check").success();
        // Missed dates make a single version, and the next date is in the future.
        env.on_day(55, "key rotate --due").success();
        assert_eq!((newest(env, "k"), next_date(env, "k")), (4, 60));
        env.on_day(55, "key rotate --due --check").success();
        env.run("key delete --label k --yes".split(' ')).success();
    }
}

fn a_disabled_key_rotates_on_schedule_and_stays_disabled(env: &TestEnv) {
    env.write("message", "m");
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 10").success();
    env.on_day(0, "key disable --label k").success();
    env.on_day(11, "key rotate --label k").fails(7);
    env.on_day(11, "key rotate --due").success();
    let key = env.run("key show --label k --json".split(' ')).success().json();
    assert_eq!((&key["version"], field(&key, "status")), (&2.into(), "DISABLE"));
    assert_eq!(key["isEnforcedByToken"], true, "the new version is enabled on the token");
    env.on_day(11, "sign --label k --in message").fails(7);
    env.on_day(11, "key enable --label k").success();
    env.on_day(11, "sign --label k --in message").success();
    env.on_day(11, "key revoke --label k").success();
    env.on_day(40, "key rotate --due --check").success();
}

fn an_overdue_key_warns_when_used(env: &TestEnv) {
    env.write("message", "m");
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 10").success();
    env.on_day(9, "sign --label k --in message").success().silent();
    let warned = env.on_day(10, "sign --label k --in message").success();
    assert_eq!(warned.stderr_text().matches("warning:").count(), 1, "{warned}");
    assert!(warned.stderr_text().contains("2027-01-25"), "{warned}");
}

/// kmsctl cannot create RSA keys of this size: it neither rotates nor schedules such a key, and `--dry-run` says so.
fn keys_that_kmsctl_cannot_create_get_no_schedule(env: &TestEnv) {
    let make = ["--keypairgen", "--key-type", "rsa:2304", "--label", "foreign", "--id", "0a"];
    oracle::pkcs11_tool(env, &make);
    for line in [
        "key rotate --label foreign",
        "key rotate --label foreign --dry-run",
        "key update --label foreign --auto-rotate on --rotation-period 1",
    ] {
        env.on_day(0, line).fails(7).saying("kmsctl cannot create");
    }
    assert_eq!(env.keys()[0]["isAutoRotation"], Value::Null, "a refused command made a record");
    env.on_day(0, "key update --label foreign --memo m").success();
    env.on_day(0, "key rotate --label foreign --dry-run").fails(7);
    env.on_day(0, "key update --label foreign --auto-rotate on").fails(7);
}

fn a_dry_run_changes_nothing(env: &TestEnv) {
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 10").success();
    let before = env.keys();
    for line in ["key rotate --label k --dry-run", "key rotate --due --dry-run", "key rotate --due --check"] {
        let output = env.on_day(10, line);
        assert!(output.text().contains('k') && output.text().contains('2'), "{output}");
    }
    env.on_day(9, "key rotate --label k --check").success();
    env.on_day(10, "key rotate --label k --check").exits(3);
    env.on_day(10, "key rotate --due --check --dry-run").fails(2);
    env.on_day(10, "key rotate --label k --due").fails(2);
    assert_eq!(env.keys(), before);
}

fn rotates_many_keys_with_one_login(env: &TestEnv) {
    const KEYS: usize = 20;
    for index in 0..KEYS {
        let line =
            format!("key create --label k{index} --algorithm ec-p256 --auto-rotate --rotation-period 1");
        env.on_day(0, &line).success();
    }
    let run = fault::watched(env).with("KMSCTL_TEST_NOW", (START + DAY).to_string());
    let rotated = run.run("key rotate --due --json".split(' ')).success().json();
    assert_eq!(rotated.as_array().expect("an array").len(), KEYS);
    let calls = fault::take_calls(env);
    assert_eq!(calls.iter().filter(|call| call.function == "C_Login").count(), 1);
    let of_each = (calls.len() - 40) / KEYS;
    assert!(of_each <= 40, "{of_each} calls for each key");
    assert!((0..KEYS).all(|index| newest(env, &format!("k{index}")) == 2));
}

/// Whichever call is the last, there is one complete key, and the next rotation works.
fn a_rotation_may_be_killed_at_any_call(env: &TestEnv) {
    env.write("message", "m");
    env.create("k", "ec-p256");
    env.run("sign --label k --in message --out first.sig".split(' ')).success();
    fault::watched(env).run("key rotate --label k".split(' ')).success();
    let calls = fault::take_calls(env);
    let start = calls.iter().position(|call| call.function == "C_GenerateKeyPair").expect("a new pair");
    let mut cut = 0;
    for (call, last) in calls.iter().enumerate().skip(start) {
        let before = newest(env, "k");
        let fault = format!("{} kill-after", call + 1);
        let output = fault::watched(env).with("KMSCTL_FAULT", &fault).run("key rotate --label k".split(' '));
        cut += usize::from(output.status.code().is_none());
        fault::take_calls(env);
        assert_eq!(env.keys().len(), 1, "killed after {}: {:?}", last.function, env.keys());
        let after = newest(env, "k");
        assert!(after == before || after == before + 1, "killed after {}", last.function);
        env.run("sign --label k --in message".split(' ')).success();
        env.run("verify --label k --signature first.sig --in message".split(' ')).success();
    }
    assert!(cut > 10, "only {cut} runs were killed");
    env.run("key rotate --label k".split(' ')).success();
    env.run("key delete --label k --yes".split(' ')).success();
    assert!(
        env.run("key list --all --json".split(' ')).success().json().as_array().expect("a list").is_empty()
    );
}

fn concurrent_rotations_each_make_a_version(env: &TestEnv) {
    env.create("k", "ec-p256");
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| drop(env.run("key rotate --label k".split(' ')).success()));
        }
    });
    assert_eq!(newest(env, "k"), 7);
    assert_eq!(env.keys().len(), 1);
}

/// Creates the keys `k00` to `k19`.
fn create_twenty(env: &TestEnv, options: &str) -> Vec<String> {
    let labels: Vec<_> = (0..20).map(|index| format!("k{index:02}")).collect();
    for label in &labels {
        let line = format!("key create --label {label} --algorithm ec-p256 {options}");
        env.on_day(0, line.trim_end()).success();
    }
    labels
}

/// Runs a command with the clock on day 1. All use the fault module, and so the same lock; `slow` delays each call.
fn on_day_one(env: &TestEnv, slow: bool, line: &str) -> Output {
    let run = fault::watched(env).with("KMSCTL_TEST_NOW", (START + DAY).to_string());
    let run = if slow { run.with("KMSCTL_FAULT_DELAY_US", "8000") } else { run };
    run.run(line.split(' '))
}

fn other_commands_run_between_two_rotations(env: &TestEnv) {
    env.write("message", "m");
    let labels = create_twenty(env, "--auto-rotate --rotation-period 1");
    thread::scope(|scope| {
        let all = scope.spawn(|| on_day_one(env, true, "key rotate --due --json"));
        // Wait until the first key is rotated; the others are still due.
        let due = || {
            let due = on_day_one(env, false, "key rotate --due --dry-run --json").success().json();
            due.as_array().expect("an array").len()
        };
        while due() == labels.len() {
            assert!(!all.is_finished(), "no other command ran in between");
        }
        let other = |line: &str| drop(on_day_one(env, false, line).success());
        // In the order of the rotation.
        other("key revoke --label k16");
        other("key delete --label k17 --yes");
        other("key update --label k18 --rename moved");
        other("key rotate --label k19");
        other("key create --label another --algorithm ec-p256");
        other("sign --label k15 --in message");
        assert!(due() > 0, "the other commands ran after the last rotation");
        let rotated = all.join().expect("no panic").success();
        assert_eq!(rotated.json().as_array().map(Vec::len), Some(18), "{rotated}");
    });
    for label in &labels[..16] {
        assert_eq!(newest(env, label), 2, "{label}");
    }
    assert_eq!((newest(env, "k16"), newest(env, "moved"), newest(env, "k19")), (1, 2, 3));
    assert_eq!(env.keys().len(), 20, "{:?}", env.labels());
    assert_eq!(
        env.run("key list --all --json".split(' ')).success().json().as_array().map(Vec::len),
        Some(39)
    );
}

fn a_key_restored_during_a_purge_is_kept(env: &TestEnv) {
    let labels = create_twenty(env, "");
    for label in &labels {
        env.on_day(0, &format!("key revoke --label {label} --after 1")).success();
    }
    thread::scope(|scope| {
        let all = scope.spawn(|| on_day_one(env, true, "key purge --due --yes --json"));
        while on_day_one(env, false, "key show --label k00").status.success() {
            assert!(!all.is_finished(), "no other command ran in between");
        }
        on_day_one(env, false, "key restore --label k19").success();
        let purged = all.join().expect("no panic").success().json();
        assert_eq!(purged.as_array().map(Vec::len), Some(19), "{purged:#}");
    });
    assert_eq!(env.labels(), ["k19"]);
}

/// The units have the settings for systemd, and the crontab line rotates due keys.
#[test]
fn the_timer_rotates_due_keys() {
    let env = token::embedded();
    let json = env.run("key timer --json --purge".split(' ')).success().json();
    let service = env.write("kmsctl-rotate.service", field(&json, "service"));
    assert!(field(&json, "service").contains("LoadCredential=kmsctl-pin:"));
    assert!(field(&json, "timer").contains("OnCalendar=daily"));
    assert!(service.exists());
    // Runs the command of the crontab line in a shell, as cron does.
    let line = field(&json, "crontab").trim().strip_prefix("@daily ").expect("a time").replace("\\%", "%");
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 1").success();
    let run = env.with("KMSCTL_TEST_NOW", (START + DAY).to_string());
    let output = crate::support::process::run(run.command("sh", ["-c", &line]), b"", env.root());
    output.success();
    assert_eq!(newest(&env, "k"), 2);
}
