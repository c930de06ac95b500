//! A creation that was interrupted between the key and its record: `doctor` reports it, the same command completes it, and
//! nothing destroys the key, which may have been used since.

use serde_json::Value;

use crate::support::{
    TestEnv,
    fault::{Call, take_calls, watched},
    field, oracle, token,
};

token::on_both_tokens!(
    the_same_command_completes_a_creation,
    another_command_does_not_complete_a_creation,
    a_convergent_key_is_completed_with_its_companion,
    a_leftover_public_key_is_replaced,
    the_only_key_of_a_token_is_reported_as_unfinished,
    the_same_key_completes_an_import,
    the_same_secret_key_completes_an_import,
);

const CREATE: [&str; 8] = ["key", "create", "--label", "web", "--algorithm", "ec-p256", "--memo", "mine"];

/// Kills the command just before it writes the record of its key.
#[track_caller]
fn interrupt(env: &TestEnv, args: &[&str]) {
    // On a token that may store no records, one is tried first.
    let call = if env.has("KMSCTL_MODULE") { 2 } else { 1 };
    interrupt_at(env, &format!("C_CreateObject:{call}"), args);
}

#[track_caller]
fn interrupt_at(env: &TestEnv, call: &str, args: &[&str]) {
    // `doctor` needs some record to see that this token stores records.
    env.create("other", "ec-p256");
    let output = watched(env).with("KMSCTL_FAULT", format!("{call} kill-before")).run(args);
    assert_eq!(output.status.code(), None, "not killed\n{output}");
    take_calls(env);
}

/// What is found about keys and records: not what the token lacks.
fn finding_codes(env: &TestEnv) -> Vec<String> {
    let report = env.run(["doctor", "--repair", "--json"]).exits_any(&[0, 3]).json();
    assert_eq!(report["repaired"].as_array().map(Vec::len), Some(0), "{report:#}");
    let findings = report["findings"].as_array().expect("findings").iter();
    let codes = findings.map(|finding| field(finding, "code").to_owned());
    codes.filter(|code| code != "NOT_OFFERED").collect()
}

fn shown(env: &TestEnv) -> Value {
    env.run(["key", "show", "--label", "web", "--json"]).success().json()
}

fn the_same_command_completes_a_creation(env: &TestEnv) {
    interrupt(env, &CREATE);
    assert_eq!(finding_codes(env), ["UNFINISHED"]);
    let left = shown(env);
    assert!(left["registerDate"].is_null(), "{left:#}");
    env.write("message", "m");
    env.run(["sign", "--label", "web", "--in", "message", "--out", "sig"]).success();
    env.run(CREATE).success().saying("interrupted");
    let key = shown(env);
    assert_eq!((&key["ckaId"], &key["publicKey"]), (&left["ckaId"], &left["publicKey"]));
    assert_eq!(field(&key, "memo"), "mine");
    assert!(key["registerDate"].is_u64(), "{key:#}");
    env.run(["verify", "--label", "web", "--in", "message", "--signature", "sig"]).success();
    assert!(finding_codes(env).is_empty());
    env.run(CREATE).fails(8);
}

fn the_only_key_of_a_token_is_reported_as_unfinished(env: &TestEnv) {
    let call = if env.has("KMSCTL_MODULE") { 2 } else { 1 };
    let killed = watched(env).with("KMSCTL_FAULT", format!("C_CreateObject:{call} kill-before")).run(CREATE);
    assert_eq!(killed.status.code(), None, "not killed\n{killed}");
    take_calls(env);
    assert_eq!(finding_codes(env), ["UNFINISHED"]);
    env.run(CREATE).success().saying("interrupted");
    assert!(finding_codes(env).is_empty());
}

fn another_command_does_not_complete_a_creation(env: &TestEnv) {
    interrupt(env, &CREATE);
    let left = shown(env);
    let create =
        |rest: &[&str]| env.run([&["key", "create", "--label", "web", "--algorithm"], rest].concat());
    create(&["aes-256"]).fails(8);
    create(&["ec-p256", "--usage", "sign"]).fails(8);
    create(&["ec-p256", "--exportable"]).fails(8);
    create(&["ec-p256", "--id", "0102"]).fails(8);
    // After a day it is treated like any other key without a record.
    let late = |args: &[&str]| env.with("KMSCTL_TEST_NOW", in_days(2)).run(args);
    late(&CREATE).fails(8);
    let report = late(&["doctor", "--json"]).success().json();
    let findings = report["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|finding| finding["code"] == "NO_RECORD"), "{report:#}");
    assert!(findings.iter().all(|finding| finding["code"] != "UNFINISHED"), "{report:#}");
    assert_eq!(shown(env), left);
    let id = field(&left, "ckaId");
    env.run(["key", "delete", "--id", id, "--yes"]).success();
    env.run(CREATE).success();
}

fn in_days(days: u64) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    (u64::try_from(now.as_millis()).expect("small") + days * crate::support::DAY).to_string()
}

fn a_convergent_key_is_completed_with_its_companion(env: &TestEnv) {
    let create = ["key", "create", "--label", "web", "--algorithm", "aes-256", "--convergent"];
    interrupt(env, &create);
    assert_eq!(finding_codes(env), ["UNFINISHED"]);
    env.run(create).success().saying("interrupted");
    assert!(finding_codes(env).is_empty());
    let sealed = || {
        env.run_with_stdin("text", ["encrypt", "--label", "web", "--context", "c"])
            .success()
            .text()
            .to_owned()
    };
    assert_eq!(sealed(), sealed());
    env.run(["key", "delete", "--label", "web", "--yes"]).success();
    // Interrupted before the companion is made.
    let killed = watched(env).with("KMSCTL_FAULT", "C_GenerateKey:2 kill-before").run(create);
    assert_eq!(killed.status.code(), None, "not killed\n{killed}");
    env.run(create).success().saying("interrupted");
    assert!(finding_codes(env).is_empty());
    assert_eq!(sealed(), sealed());
}

/// A token that stops while it generates a pair leaves the public key, which it stores first.
fn a_leftover_public_key_is_replaced(env: &TestEnv) {
    interrupt(env, &CREATE);
    let id = field(&shown(env), "ckaId").to_owned();
    // `delete` destroys the private key first.
    let delete = ["key", "delete", "--id", &id, "--yes"];
    let killed = watched(env).with("KMSCTL_FAULT", "C_DestroyObject:2 kill-before").run(delete);
    assert_eq!(killed.status.code(), None, "not killed\n{killed}");
    take_calls(env);
    assert_eq!(shown(env)["usage"], serde_json::json!(["verify"]));
    assert!(finding_codes(env).contains(&"UNFINISHED".to_owned()));
    env.run(CREATE).success();
    assert_ne!(field(&shown(env), "ckaId"), id);
    assert!(finding_codes(env).is_empty());
}

fn the_same_key_completes_an_import(env: &TestEnv) {
    for name in ["in.key", "another.key"] {
        let generate = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name];
        oracle::tool(env, "openssl", &generate);
    }
    let import = |file| ["key", "import", "--label", "web", "--in", file];
    // Before the public key and before the record. The first object is a temporary wrapping key.
    for call in ["C_CreateObject:2", "C_CreateObject:3"] {
        interrupt_at(env, call, &import("in.key"));
        env.run(import("another.key")).fails(8);
        env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256"]).fails(8);
        let private = env.run(["key", "list", "--json"]).success().json();
        assert_eq!(private.as_array().map(Vec::len), Some(2), "{private:#}");
        env.run(import("in.key")).success().saying("interrupted");
        assert!(finding_codes(env).is_empty());
        assert!(openssl_shows_the_same_key(env));
        env.run(["key", "delete", "--label", "web", "--yes"]).success();
        env.run(["key", "delete", "--label", "other", "--yes"]).success();
    }
}

fn openssl_shows_the_same_key(env: &TestEnv) -> bool {
    let expected = oracle::tool(env, "openssl", &["pkey", "-in", "in.key", "-pubout"]);
    env.run(["key", "show", "--label", "web", "--pem"]).success().text() == expected.text()
}

fn the_same_secret_key_completes_an_import(env: &TestEnv) {
    env.write("in.key", [7; 32]);
    env.write("another.key", [8; 32]);
    for algorithm in ["aes-256", "hmac-256"] {
        a_secret_key_is_completed(env, algorithm);
        env.run(["key", "delete", "--label", "web", "--yes"]).success();
        env.run(["key", "delete", "--label", "other", "--yes"]).success();
    }
}

fn a_secret_key_is_completed(env: &TestEnv, algorithm: &str) {
    let import = |file| ["key", "import", "--label", "web", "--in", file, "--algorithm", algorithm];
    // The number of objects depends on the token's way to import; the record is the last.
    watched(env).run(import("in.key")).success();
    let is_made = |call: &&Call| call.function == "C_CreateObject";
    let count = take_calls(env).iter().filter(is_made).count();
    env.run(["key", "delete", "--label", "web", "--yes"]).success();
    interrupt_at(env, &format!("C_CreateObject:{count}"), &import("in.key"));
    assert_eq!(finding_codes(env), ["UNFINISHED"]);
    env.run(import("another.key")).fails(8);
    env.run(["key", "create", "--label", "web", "--algorithm", algorithm]).fails(8);
    env.run(import("in.key")).success().saying("interrupted");
    assert!(finding_codes(env).is_empty());
}
