//! `kmsctl doctor` reports what crashes and other programs leave behind, and repairs it where that cannot lose a key.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    field, oracle, token,
};

token::on_both_tokens!(
    a_healthy_token_has_no_problems,
    an_interrupted_rotation_is_completed,
    an_interrupted_disable_is_undone,
    an_interrupted_rename_is_finished_by_the_recorded_name,
    a_superseded_record_is_removed,
    a_partial_deletion_is_reported_and_can_be_finished,
    a_stuck_random_generator_is_reported_and_does_no_harm,
    overdue_dates_and_a_clock_that_is_behind_are_reported,
    a_token_without_session_keys_is_not_a_problem,
);

/// The report of `doctor --json`, and its exit code.
#[track_caller]
fn diagnose(env: &TestEnv, args: &[&str]) -> (Value, i32) {
    let output = env.run([&["doctor", "--json"], args].concat());
    let code = output.status.code().unwrap_or_else(|| panic!("killed\n{output}"));
    assert!(code == 0 || code == 3, "{output}");
    (output.json(), code)
}

/// Level and code of each finding above `info`.
fn problems(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .map(|finding| (field(finding, "level").to_owned(), field(finding, "code").to_owned()))
        .filter(|(level, _)| level != "info")
        .collect()
}

#[track_caller]
fn finding<'report>(report: &'report Value, code: &str) -> &'report Value {
    let mut findings = report["findings"].as_array().expect("findings").iter();
    findings.find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("no {code} in {report:#}"))
}

#[track_caller]
fn is_healthy(env: &TestEnv) {
    let (report, code) = diagnose(env, &[]);
    assert_eq!((problems(&report), code), (Vec::new(), 0), "{report:#}");
}

/// Asserts that this is the only problem, with exit code 3.
#[track_caller]
fn has_only(env: &TestEnv, level: &str, code: &str) -> Value {
    let (report, exit) = diagnose(env, &[]);
    assert_eq!(problems(&report), [(level.to_owned(), code.to_owned())], "{report:#}");
    assert_eq!(exit, 3);
    report
}

/// Asserts that a repair makes `count` changes, and a second one none.
#[track_caller]
fn repair_does(env: &TestEnv, count: usize) {
    let done = |report: &Value| report["repaired"].as_array().expect("repaired").len();
    let (first, _) = diagnose(env, &["--repair"]);
    assert_eq!(done(&first), count, "{first:#}");
    let (second, _) = diagnose(env, &["--repair"]);
    assert_eq!(done(&second), 0, "{second:#}");
    assert_eq!(problems(&first), problems(&second));
}

#[track_caller]
fn killed(env: &TestEnv, fault: &str, args: &[&str]) {
    let output = watched(env).with("KMSCTL_FAULT", fault).run(args);
    assert_eq!(output.status.code(), None, "not killed\n{output}");
    take_calls(env);
}

#[track_caller]
fn signs(env: &TestEnv, label: &str) -> bool {
    env.write("message", "m");
    env.run(["sign", "--label", label, "--in", "message"]).status.success()
}

fn a_healthy_token_has_no_problems(env: &TestEnv) {
    for (label, algorithm) in [("a", "rsa-2048"), ("b", "ec-p256"), ("c", "aes-256")] {
        env.create(label, algorithm);
    }
    env.run(["key", "rotate", "--label", "b"]).success();
    env.run(["key", "disable", "--label", "a"]).success();
    let before = env.keys();
    is_healthy(env);
    let (report, _) = diagnose(env, &["--repair"]);
    assert_eq!(report["repaired"].as_array().map(Vec::len), Some(0), "{report:#}");
    assert_eq!(env.keys(), before);
    assert_eq!((report["keys"].as_u64(), report["records"].as_u64()), (Some(3), Some(3)));
    let mechanisms = report["mechanisms"].as_array().expect("mechanisms");
    assert!(mechanisms.len() > 10, "{mechanisms:?}");
    for tried in mechanisms {
        // SoftHSM 2.6 has neither ML-DSA nor ML-KEM.
        let is_missing = env.has("KMSCTL_MODULE") && field(tried, "use").starts_with("ML-");
        let expected: &[&str] = if is_missing { &["missing"] } else { &["works", "fallback"] };
        assert!(expected.contains(&field(tried, "result")), "{tried}");
    }
    assert!(env.run(["doctor"]).success().text().contains("no problems found"));
}

fn an_interrupted_rotation_is_completed(env: &TestEnv) {
    env.create("web", "ec-p256");
    killed(env, "C_CreateObject:1 kill-before", &["key", "rotate", "--label", "web"]);
    let report = has_only(env, "warning", "STRAY_OBJECT");
    assert_eq!(finding(&report, "STRAY_OBJECT")["repairable"], true);
    repair_does(env, 1);
    is_healthy(env);
    assert!(signs(env, "web"));
    assert_eq!(env.run(["key", "show", "--label", "web", "--json"]).success().json()["version"], 2);
}

fn an_interrupted_disable_is_undone(env: &TestEnv) {
    env.create("web", "ec-p256");
    killed(env, "C_CreateObject:1 kill-before", &["key", "disable", "--label", "web"]);
    assert!(!signs(env, "web"));
    let report = has_only(env, "error", "UNUSABLE_THOUGH_ALLOWED");
    assert_eq!(finding(&report, "UNUSABLE_THOUGH_ALLOWED")["repairable"], true);
    repair_does(env, 1);
    is_healthy(env);
    assert!(signs(env, "web"));
    // The reverse: enabled on the token, not yet in the record.
    env.run(["key", "disable", "--label", "web"]).success();
    killed(env, "C_CreateObject:1 kill-before", &["key", "enable", "--label", "web"]);
    has_only(env, "error", "USABLE_THOUGH_FORBIDDEN");
    repair_does(env, 1);
    is_healthy(env);
    assert!(!signs(env, "web"));
}

fn a_superseded_record_is_removed(env: &TestEnv) {
    env.create("web", "ec-p256");
    killed(env, "C_DestroyObject:1 kill-before", &["key", "update", "--label", "web", "--memo", "newest"]);
    has_only(env, "warning", "SUPERSEDED_RECORD");
    repair_does(env, 1);
    is_healthy(env);
    assert_eq!(field(&env.keys()[0], "memo"), "newest");
}

fn a_partial_deletion_is_reported_and_can_be_finished(env: &TestEnv) {
    let delete = ["key", "delete", "--label", "web", "--yes"];
    for call in 2..=4 {
        env.create("web", "ec-p256");
        killed(env, &format!("C_DestroyObject:{call} kill-before"), &delete);
        has_only(env, "warning", "PURGE_DUE");
        env.run(delete).success();
        is_healthy(env);
        assert!(env.labels().is_empty());
    }
    // Another program destroyed the objects.
    env.create("web", "ec-p256");
    for kind in ["privkey", "pubkey"] {
        oracle::pkcs11_tool(env, &["--delete-object", "--type", kind, "--label", "web"]);
    }
    let report = has_only(env, "error", "NOTHING_LEFT");
    let remedy = field(finding(&report, "NOTHING_LEFT"), "remedy");
    assert!(remedy.ends_with("kmsctl key delete --label web"), "{remedy}");
    env.run(delete).success();
    is_healthy(env);
    assert!(env.labels().is_empty());
}

#[test]
fn a_missing_public_half_is_restored() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    env.write("message", "m");
    env.run("sign --label web --in message --out signature".split(' ')).success();
    oracle::pkcs11_tool(&env, &["--delete-object", "--type", "pubkey", "--label", "web"]);
    let verify = "verify --label web --in message --signature signature";
    // Signatures of the private half give the public key that the record names.
    env.run(verify.split(' ')).success();
    let report = has_only(&env, "error", "MISSING_OBJECT");
    let missing = finding(&report, "MISSING_OBJECT");
    assert_eq!((&missing["repairable"], field(missing, "remedy")), (&true.into(), "kmsctl doctor --repair"));
    repair_does(&env, 1);
    is_healthy(&env);
    env.run(verify.split(' ')).success();
}

/// A rotation does not replace an older version.
#[test]
fn the_lost_private_half_of_an_older_version_needs_a_backup() {
    let env = token::softhsm();
    let id = field(&env.create("box", "rsa-2048"), "ckaId").to_owned();
    env.run("key rotate --label box".split(' ')).success();
    oracle::pkcs11_tool(&env, &["--delete-object", "--type", "privkey", "--id", &id]);
    let report = has_only(&env, "error", "MISSING_OBJECT");
    let remedy = field(finding(&report, "MISSING_OBJECT"), "remedy");
    assert_eq!(remedy, "restore it from a backup; what it encrypted cannot be decrypted without it");
}

/// The objects have the new label, the record has the old one. The record decides:
/// the label that only the objects have selects nothing, and nothing leads to a second record.
fn an_interrupted_rename_is_finished_by_the_recorded_name(env: &TestEnv) {
    for name in ["--label web", "--id @"] {
        let id = field(&env.create("web", "ec-p256"), "ckaId").to_owned();
        killed(env, "C_CreateObject:1 kill-before", &["key", "update", "--label", "web", "--rename", "new"]);
        has_only(env, "warning", "OTHER_LABEL");
        for command in ["key show", "key delete --yes", "key disable", "sign"] {
            env.run(command.split(' ').chain(["--label", "new"])).fails(4);
        }
        assert_eq!(env.labels(), ["web"]);
        let again = format!("key update {name} --rename new").replace('@', &id);
        env.run(again.split(' ')).success();
        is_healthy(env);
        assert_eq!(env.labels(), ["new"], "{name}");
        env.run(["key", "delete", "--label", "new", "--yes"]).success();
    }
}

/// tpm2-pkcs11 cannot generate keys in a read-only session, but signs correctly.
fn a_token_without_session_keys_is_not_a_problem(env: &TestEnv) {
    let refused = watched(env).with("KMSCTL_FAULT", "C_GenerateKeyPair:1+ fail-before 0xb5");
    let report = refused.run(["doctor", "--json"]).success().json();
    let finding = finding(&report, "NOT_TRIED");
    assert_eq!(field(finding, "level"), "info");
    assert!(field(finding, "message").contains("CKR_SESSION_READ_ONLY"), "{report:#}");
    assert!(
        report["mechanisms"].as_array().expect("mechanisms").iter().any(|tried| tried["result"] == "untried")
    );
}

/// The generator returns the same bytes at each call.
fn a_stuck_random_generator_is_reported_and_does_no_harm(env: &TestEnv) {
    let stuck = |args: &[&str]| {
        let lie = format!("C_GenerateRandom={}", "5a".repeat(32));
        let output = watched(env).with("KMSCTL_FAULT_LIES", lie).run(args);
        take_calls(env);
        output
    };
    stuck(&["key", "create", "--label", "data", "--algorithm", "aes-256"]).success();
    let report = stuck(&["doctor", "--json"]).exits(3).json();
    assert!(field(finding(&report, "WRONG_RESULT"), "message").contains("C_GenerateRandom"), "{report:#}");
    env.write("message", "m");
    let sealed = || stuck(&["encrypt", "--label", "data", "--in", "message"]).success().text().to_owned();
    let (one, other) = (sealed(), sealed());
    assert_ne!(one, other, "a nonce was used twice");
    for _ in 0..2 {
        stuck(&["key", "rotate", "--label", "data"]).success();
    }
    let key = |args: &[&str]| stuck(args).success().text().to_owned();
    assert_ne!(
        key(&["datakey", "--label", "data", "--plaintext"]),
        key(&["datakey", "--label", "data", "--plaintext"])
    );
    for text in [one, other] {
        assert_eq!(env.run_with_stdin(text, ["decrypt"]).success().text(), "m");
    }
    is_healthy(env);
}

/// The time this many days from now, in milliseconds for `KMSCTL_TEST_NOW`.
fn in_days(days: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let day = i64::try_from(Duration::from_secs(86_400).as_millis()).expect("small");
    (i64::try_from(now.as_millis()).expect("small") + days * day).to_string()
}

fn overdue_dates_and_a_clock_that_is_behind_are_reported(env: &TestEnv) {
    env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256", "--auto-rotate"]).success();
    env.create("old", "ec-p256");
    env.run(["key", "revoke", "--label", "old"]).success();
    let found = |days| {
        let output = env.with("KMSCTL_TEST_NOW", in_days(days)).run(["doctor", "--json"]);
        let code = output.status.code().expect("an exit code");
        (code, problems(&output.json()).into_iter().map(|(_, code)| code).collect::<Vec<_>>())
    };
    assert_eq!(found(0), (0, vec![]));
    assert_eq!(found(4), (3, vec!["PURGE_DUE".to_owned()]));
    assert_eq!(found(91), (3, vec!["PURGE_DUE".to_owned(), "ROTATION_OVERDUE".to_owned()]));
    assert_eq!(found(-1), (3, vec!["CLOCK_BEHIND".to_owned()]));
}

/// The codes of all findings about a label, sorted.
fn codes_of(report: &Value, label: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let mut codes: Vec<_> = findings
        .filter(|finding| finding["subject"] == label)
        .map(|finding| field(finding, "code").to_owned())
        .collect();
    codes.sort();
    codes
}

#[test]
fn objects_of_other_programs_are_checked() {
    let env = token::softhsm();
    let pair = |label, id| {
        let args = ["--keypairgen", "--key-type", "EC:prime256v1", "--label", label, "--id", id];
        oracle::pkcs11_tool(&env, &args);
    };
    pair("twin", "01");
    pair("twin", "02");
    pair("same", "02");
    let secret = ["--keygen", "--key-type", "AES:32", "--label", "loose", "--id", "03", "--extractable"];
    oracle::pkcs11_tool(&env, &[&secret[..], &["--usage-wrap", "--usage-decrypt"]].concat());
    env.create("web", "ec-p256");
    env.write("garbage", "{}");
    let data = ["--write-object", "garbage", "--type", "data", "--label", "web", "--private"];
    oracle::pkcs11_tool(&env, &[&data[..], &["--application-label", "kmsctl"]].concat());
    let (report, code) = diagnose(&env, &[]);
    assert_eq!(code, 3);
    assert_eq!(codes_of(&report, "twin"), ["SHARED_LABEL"]);
    assert!(field(finding(&report, "SHARED_ID"), "message").contains("2 keys share CKA_ID 02"));
    let loose = codes_of(&report, "loose");
    assert!(loose.contains(&"EXTRACTABLE".to_owned()), "{report:#}");
    assert!(loose.contains(&"WRAPS_AND_DECRYPTS".to_owned()), "{report:#}");
    assert!(loose.contains(&"NOT_PRIVATE".to_owned()), "{report:#}");
    // It gets no record, so that it cannot be rotated.
    assert!(!report.to_string().contains("key rotate --label loose"), "{report:#}");
    assert!(report.to_string().contains("kmsctl key delete --id 03"), "{report:#}");
    assert_eq!(codes_of(&report, "web"), ["DAMAGED_RECORD"]);
    assert_eq!(field(finding(&report, "NO_RECORD"), "level"), "info");
    // None of this is repaired, because a repair could lose a key.
    repair_does(&env, 0);
    assert!(signs(&env, "web"));
}

#[test]
fn a_wrong_pin_since_the_last_login_is_reported_once() {
    let env = token::softhsm();
    let wrong = env.write("wrong", "not-the-pin");
    env.with("KMSCTL_PIN_FILE", wrong).run(["key", "list"]).fails(5);
    has_only(&env, "warning", "PIN_STATE");
    is_healthy(&env);
}

#[test]
fn modes_of_store_files_are_repaired() {
    let env = token::embedded();
    env.create("web", "ec-p256");
    let file = env.path("home/data/kmsctl/token.sql");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("mode");
    has_only(&env, "error", "STORE_MODE");
    repair_does(&env, 1);
    is_healthy(&env);
    assert_eq!(fs::metadata(&file).expect("the token").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_pin_file_that_others_can_read_is_reported() {
    let env = token::embedded();
    fs::set_permissions(env.variable("KMSCTL_PIN_FILE"), fs::Permissions::from_mode(0o644)).expect("mode");
    has_only(&env, "error", "PIN_FILE_MODE");
}

/// With a wrong or missing PIN the checks that need no login still run, and the failed login is a finding.
#[test]
fn without_a_login_the_rest_is_checked() {
    for env in [token::softhsm(), token::embedded()] {
        env.create("web", "ec-p256");
        let wrong = env.write("wrong", "not-the-pin");
        let output = env.with("KMSCTL_PIN_FILE", &wrong).run(["doctor", "--json"]).exits(3);
        let report = output.json();
        assert!(field(finding(&report, "NO_LOGIN"), "message").contains("wrong user PIN"), "{report:#}");
        assert_eq!((field(&report["token"], "label"), &report["keys"]), (token::LABEL, &Value::Null));
        assert!(report["mechanisms"].as_array().is_some_and(Vec::is_empty), "{report:#}");
        let output = env.without("KMSCTL_PIN_FILE").run(["doctor", "--no-input"]).exits(3);
        assert!(output.text().contains("no user PIN given"), "{output}");
    }
}

#[test]
fn a_locked_pin_does_not_hide_other_findings() {
    let env = token::embedded();
    let wrong = env.write("wrong", "not-the-pin");
    for _ in 0..10 {
        env.with("KMSCTL_PIN_FILE", &wrong).run(["key", "list", "--use-final-try"]).fails(5);
    }
    fs::set_permissions(env.path("home/data/kmsctl/token.sql"), fs::Permissions::from_mode(0o644))
        .expect("mode");
    let report = env.run(["doctor", "--json"]).exits(3).json();
    assert!(field(finding(&report, "NO_LOGIN"), "remedy").contains("kmsctl token unlock"), "{report:#}");
    finding(&report, "STORE_MODE");
}

#[test]
fn a_slot_that_is_listed_three_times_is_checked_once() {
    let env = token::embedded();
    watched(&env).with("KMSCTL_FAULT_LIES", "C_GetSlotList#3").run(["doctor"]).success();
    take_calls(&env);
}
