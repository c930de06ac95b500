//! Records that other programs wrote to the token.

use serde_json::{Value, json};

use crate::{
    odd_records::WRITES,
    support::{field, oracle, token},
};

/// Neither by a change nor by a repair.
#[test]
fn a_newer_record_on_the_token_is_not_overwritten() {
    let env = token::softhsm();
    env.write("message", "m");
    let key = env.create("k", "ec-p256");
    env.run(["key", "update", "--label", "k", "--memo", "note"]).success();
    let read = ["--read-object", "--type", "data", "--label", "k", "-o", "record"];
    oracle::pkcs11_tool(&env, &read);
    let mut record: Value = serde_json::from_slice(&env.read("record")).expect("JSON");
    record["schema"] = json!(7);
    record["revision"] = json!(50);
    env.write("newer", record.to_string());
    let write = ["--write-object", "newer", "--type", "data", "--label", "k", "--private"];
    oracle::pkcs11_tool(&env, &[&write[..], &["--application-label", "kmsctl"]].concat());
    env.run("sign --label k --in message".split(' ')).success();
    for line in WRITES {
        env.run(line.replace('@', field(&key, "ckaId")).split(' ')).fails(6).saying("schema 7");
    }
    let report = env.run(["doctor", "--json", "--repair"]).exits(3).json();
    let found = |code: &str| {
        let mut findings = report["findings"].as_array().expect("findings").iter();
        findings.find(|finding| finding["code"] == code).map(|finding| field(finding, "message"))
    };
    assert!(found("NEWER_RECORD").is_some(), "{report:#}");
    let beside = found("SUPERSEDED_RECORD").expect("the older one");
    assert!(beside.contains("a newer kmsctl wrote one") && !beside.contains("two changes"), "{beside}");
}

/// A record that another program restored from a copy lacks the CKA_OBJECT_ID that speeds up kmsctl's search.
#[test]
fn a_record_restored_by_another_program_is_used() {
    let env = token::softhsm();
    env.run("key create --label k --algorithm aes-256 --memo note".split(' ')).success();
    env.write("message", "m");
    env.run("encrypt --label k --in message --out sealed".split(' ')).success();
    let of_data = ["--type", "data", "--label", "k"];
    oracle::pkcs11_tool(&env, &[&["--read-object", "-o", "copy"], &of_data[..]].concat());
    oracle::pkcs11_tool(&env, &[&["--delete-object"], &of_data[..]].concat());
    assert_eq!(env.keys()[0]["memo"], Value::Null);
    let private = ["--private", "--application-label", "kmsctl"];
    oracle::pkcs11_tool(&env, &[&["--write-object", "copy"], &of_data[..], &private].concat());
    assert_eq!(env.keys()[0]["memo"], "note");
    assert_eq!(env.run("decrypt --in sealed".split(' ')).success().text(), "m");
    for line in ["key update --label k --memo new", "key rotate --label k", "key disable --label k"] {
        env.run(line.split(' ')).success();
    }
    env.run("key enable --label k".split(' ')).success();
    assert_eq!(env.run("decrypt --in sealed".split(' ')).success().text(), "m");
    env.run(["doctor"]).success();
}
