//! `key list`: every key once with its newest version, including keys made by other tools; filters and order.

use serde_json::Value;

use crate::support::{TestEnv, field, oracle, token};

token::on_both_tokens!(
    lists_an_empty_token,
    lists_every_key_once,
    filters_by_label_algorithm_and_status,
    sorts_by_label_and_algorithm,
    prints_a_table,
    no_match_is_an_empty_list,
    refuses_unknown_fields,
    a_partial_answer_says_so_in_json_too,
);

fn lists_an_empty_token(env: &TestEnv) {
    assert_eq!(env.keys(), Vec::<Value>::new());
    env.run(["key", "list"]).success();
}

fn a_partial_answer_says_so_in_json_too(env: &TestEnv) {
    env.create("k", "ec-p256");
    env.write("message", "m");
    let without_pin = |line: &str| env.without("KMSCTL_PIN_FILE").run(line.split(' '));
    let partial = "{\"warning\":\"not logged in: private and secret keys, records and states are not shown";
    for command in ["key list", "key versions --label k", "jwks"] {
        let line = format!("{command} --no-input --json");
        let output = without_pin(&line).success();
        assert!(
            output.stderr_text().starts_with(partial) && output.json().is_array() | output.json().is_object()
        );
        let quiet = without_pin(&format!("{line} --quiet")).success();
        // A set is published: that nothing proves its keys is said in any case.
        assert_eq!(quiet.stderr_text().starts_with(partial), command == "jwks", "{quiet}");
        env.run(line.split(' ')).success().silent();
    }
    let versions = without_pin("key versions --label k --no-input --json").success().json();
    assert_eq!(versions[0]["isCurrent"], Value::Null);
    let table = without_pin("key versions --label k --no-input").success();
    assert!(!table.text().contains("current"), "{table}");

    // The error is the last line, whatever was warned of before.
    env.run("sign --label k --in message --out signature".split(' ')).success();
    env.write("other", "o");
    let invalid = "verify --label k --signature signature --in other --no-input --json";
    let failed = without_pin(invalid).exits(3).saying("warning: nothing proves");
    assert_eq!(field(&failed.error(), "code"), "SIGNATURE_INVALID");
}

fn some_keys(env: &TestEnv) {
    for (label, algorithm) in [("web-a", "ec-p256"), ("data", "aes-256"), ("web-b", "rsa-2048")] {
        env.create(label, algorithm);
    }
}

fn lists_every_key_once(env: &TestEnv) {
    some_keys(env);
    assert_eq!(env.labels(), ["data", "web-a", "web-b"]);
    for key in env.keys() {
        let shown = env.run(["key", "show", "--id", field(&key, "ckaId"), "--json"]).success().json();
        let mut without = shown.as_object().expect("object").clone();
        without.remove("publicKey");
        without.remove("fingerprint");
        assert_eq!(Value::Object(without), key);
    }
}

fn labels_of(env: &TestEnv, args: &[&str]) -> Vec<String> {
    let listed = env.run([&["key", "list", "--json"], args].concat()).success().json();
    listed.as_array().expect("array").iter().map(|key| field(key, "label").to_owned()).collect()
}

fn filters_by_label_algorithm_and_status(env: &TestEnv) {
    some_keys(env);
    assert_eq!(labels_of(env, &["--label", "web-*", "--sort", "label"]), ["web-a", "web-b"]);
    assert_eq!(labels_of(env, &["--label", "web-?", "--algorithm", "rsa-2048"]), ["web-b"]);
    assert_eq!(labels_of(env, &["--label", "data"]), ["data"]);
    assert_eq!(labels_of(env, &["--algorithm", "AES256"]), ["data"]);
    assert_eq!(labels_of(env, &["--status", "ENABLE"]).len(), 3);
    assert_eq!(labels_of(env, &["--status", "disable"]).len(), 0);
}

fn sorts_by_label_and_algorithm(env: &TestEnv) {
    some_keys(env);
    assert_eq!(labels_of(env, &["--sort", "label"]), ["data", "web-a", "web-b"]);
    let by_algorithm = labels_of(env, &["--sort", "algorithm"]);
    assert_eq!(by_algorithm, ["data", "web-a", "web-b"]);
}

fn prints_a_table(env: &TestEnv) {
    some_keys(env);
    let table = env.run(["key", "list"]).success().silent();
    for label in ["web-a", "web-b", "data"] {
        assert_eq!(table.text().lines().filter(|line| line.contains(label)).count(), 1, "{table}");
    }
}

fn no_match_is_an_empty_list(env: &TestEnv) {
    some_keys(env);
    assert_eq!(labels_of(env, &["--label", "nothing*"]).len(), 0);
}

fn refuses_unknown_fields(env: &TestEnv) {
    env.run(["key", "list", "--sort", "colour"]).fails(2).saying("label");
    env.run(["key", "list", "--status", "asleep"]).fails(2);
    env.run(["key", "list", "--algorithm", "des"]).fails(2);
}

#[test]
fn keys_of_other_tools_are_listed_and_used() {
    let env = token::softhsm();
    let generate = |label: &str, kind: &str, id: &str| {
        oracle::pkcs11_tool(&env, &["--keypairgen", "--key-type", kind, "--label", label, "--id", id])
    };
    generate("their-rsa", "rsa:2048", "01");
    generate("their-ec", "EC:prime256v1", "02");
    oracle::pkcs11_tool(&env, &["--keygen", "--key-type", "AES:32", "--label", "their-aes", "--id", "03"]);
    env.create("ours", "ec-p256");
    assert_eq!(env.labels(), ["ours", "their-aes", "their-ec", "their-rsa"]);
    let key = env.run(["key", "show", "--label", "their-rsa", "--json"]).success().json();
    assert_eq!(key["keyType"], "RSA2048");
    for unknown in ["memo", "registerDate", "isAutoRotation", "rotationPeriod", "nextRotationDate"] {
        assert!(key[unknown].is_null(), "{unknown}: {key}");
    }
    env.write("message", "m");
    for (label, algorithm) in [("their-rsa", "PS256"), ("their-ec", "ES256")] {
        let sign = ["sign", "--label", label, "--algorithm", algorithm, "--in", "message"];
        env.run(sign.iter().chain(&["--encoding", "binary", "--out", "sig"])).success();
        assert!(oracle::accepts(&env, algorithm, &env.public_key(label), "sig", "message"), "{label}");
    }
}

/// Tools for smart cards store the public key in a certificate, or not at all.
#[test]
fn a_private_key_works_without_a_public_key_object() {
    let env = token::softhsm();
    for (label, kind, id) in [("lone-rsa", "rsa:2048", "01"), ("lone-ec", "EC:prime256v1", "02")] {
        oracle::pkcs11_tool(&env, &["--keypairgen", "--key-type", kind, "--label", label, "--id", id]);
        oracle::pkcs11_tool(&env, &["--delete-object", "--type", "pubkey", "--id", id]);
    }
    env.write("message", "m");
    let sign = ["sign", "--in", "message", "--out", "sig", "--label"];
    let verify = ["verify", "--in", "message", "--signature", "sig", "--label", "lone-rsa"];
    for _ in 0..2 {
        env.run(sign.iter().chain(&["lone-rsa"])).success();
        env.run(verify).success();
        env.run(["encrypt", "--label", "lone-rsa", "--in", "message", "--out", "sealed"]).success();
        assert_eq!(env.run(["decrypt", "--in", "sealed"]).success().text(), "m");
        // The second round runs with a record.
        env.run(["key", "update", "--label", "lone-rsa", "--memo", "alone"]).success();
    }
    // SoftHSM's EC private key object does not hold the public key; its signatures give it.
    for _ in 0..2 {
        env.run(sign.iter().chain(&["lone-ec"])).success();
        let (pem, verify) = (env.public_key("lone-ec"), ["verify", "--in", "message", "--signature", "sig"]);
        env.run(verify.iter().chain(&["--public-key", &pem])).success();
        env.run(["key", "update", "--label", "lone-ec", "--memo", "alone"]).success();
    }
}

/// Objects without a label or CKA_ID, and objects that are not keys, must not break the list.
#[test]
fn unnamed_objects_and_data_objects_are_tolerated() {
    let env = token::softhsm();
    oracle::pkcs11_tool(&env, &["--keypairgen", "--key-type", "rsa:2048"]);
    env.write("note", "some data");
    oracle::pkcs11_tool(&env, &["--write-object", "note", "--type", "data", "--label", "note"]);
    let _ =
        oracle::pkcs11_tool(&env, &["--keygen", "--key-type", "GENERIC:20", "--label", "hmac", "--id", "07"]);
    env.create("ours", "ec-p256");
    let labels = env.labels();
    assert!(labels.contains(&"ours".to_owned()) && !labels.contains(&"note".to_owned()), "{labels:?}");
    env.run(["sign", "--label", "ours"]).success();
}
