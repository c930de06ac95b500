//! Objects and records that another program changed or exchanged, with the PIN or without it.

use crate::{
    planted::{clean, key_with_products, make_files, plant, remains},
    support::{TestEnv, fault::watched, field, oracle::pkcs11_tool, token},
};

token::on_both_tokens!(
    repair_does_not_touch_swapped_pairs,
    a_secret_key_replaced_without_the_pin_is_refused,
    a_key_with_a_changed_id_is_recognised,
    a_key_made_without_the_pin_is_not_adopted,
    a_forged_record_is_not_applied,
    swapped_secret_keys_are_recognised,
    exchanged_private_halves_of_versions_are_recognised,
    halves_exchanged_while_a_key_is_disabled_are_recognised,
    a_private_half_of_another_key_is_found,
    a_private_half_that_was_renumbered_alone_is_repaired_at_once,
    a_secret_key_replaced_with_the_pin_is_refused,
    a_label_selects_by_record_if_objects_have_other_labels,
);

/// Another program swapped the CKA_IDs of two pairs, one of which is disabled.
fn repair_does_not_touch_swapped_pairs(env: &TestEnv) {
    env.write("message", "m");
    let [one, two] = ["one", "two"].map(|label| field(&env.create(label, "ec-p256"), "ckaId").to_owned());
    env.run("key disable --label two".split(' ')).success();
    let swap = || {
        for kind in ["privkey", "pubkey"] {
            for (from, to) in [(one.as_str(), "aaaa"), (&two, one.as_str()), ("aaaa", two.as_str())] {
                pkcs11_tool(env, &["--set-id", to, "--type", kind, "--id", from]);
            }
        }
    };
    swap();
    let report = env.run("doctor --repair --json".split(' ')).exits(3).json();
    assert!(report.to_string().contains("PUBLIC_KEY_MISMATCH"), "{report:#}");
    assert_eq!(report["repaired"], serde_json::json!([]), "{report:#}");
    swap();
    env.run(["doctor"]).success();
    env.run("sign --label one --in message".split(' ')).success();
    env.run("sign --label two --in message".split(' ')).fails(7);
}

/// Anyone can replace another program's secret key that is not private. The key's record reveals it.
fn a_secret_key_replaced_without_the_pin_is_refused(env: &TestEnv) {
    make_files(env);
    env.write("theirs", [9; 32]);
    let write = ["--write-object", "theirs", "--type", "secrkey", "--key-type", "AES:32", "--label", "k"];
    pkcs11_tool(env, &[&write[..], &["--id", "0e", "--sensitive", "--private"]].concat());
    env.run(["key", "update", "--label", "k", "--memo", "known now"]).success();
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", "0e"]);
    plant(env, "theirs", "secrkey", "k", "0e");
    // The record proves that it is the same key.
    env.run(["encrypt", "--label", "k", "--in", "message", "--out", "sealed"]).success();
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", "0e"]);
    plant(env, "evil-aes", "secrkey", "k", "0e");
    for line in ["encrypt --label k --in message", "datakey --label k", "decrypt --in sealed"] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "KEY_REPLACED", "{line}");
    }
}

/// A key whose CKA_ID another program changed is recognised, and `doctor --repair` updates its record.
fn a_key_with_a_changed_id_is_recognised(env: &TestEnv) {
    make_files(env);
    for (algorithm, kinds) in [("aes-256", &["secrkey"][..]), ("ec-p256", &["privkey", "pubkey"])] {
        let key = key_with_products(env, algorithm);
        let first = field(&key, "ckaId").to_owned();
        env.run(["key", "rotate", "--label", "k"]).success();
        for kind in kinds {
            pkcs11_tool(env, &["--set-id", "a1a1", "--type", kind, "--id", &first]);
        }
        if algorithm == "aes-256" {
            assert_eq!(env.run(["decrypt", "--in", "ciphertext"]).success().text(), "m");
        } else {
            env.run(["verify", "--label", "k", "--in", "message", "--signature", "signature"]).success();
        }
        let report = env.run(["doctor", "--json"]).exits(3).json();
        assert!(report.to_string().contains("RENUMBERED"), "{report:#}");
        assert!(!report.to_string().contains("key delete"), "{report:#}");
        env.run(["doctor", "--repair"]).success();
        env.run(["doctor"]).success();
        let versions = env.run(["key", "versions", "--label", "k", "--json"]).success();
        assert!(versions.text().contains("a1a1"), "{versions}");
        if algorithm == "aes-256" {
            assert_eq!(env.run(["decrypt", "--in", "ciphertext"]).success().text(), "m");
        }
        env.run(["key", "delete", "--label", "k", "--yes"]).success();
        assert!(env.labels().is_empty());
        clean(env);
    }
}

/// `key create` completes an interrupted creation, but not with a key that is usable without the PIN.
fn a_key_made_without_the_pin_is_not_adopted(env: &TestEnv) {
    let made = env.create("k", "aes-256");
    let id = field(&made, "ckaId").to_owned();
    env.run(["key", "delete", "--label", "k", "--yes"]).success();
    // kmsctl gave this CKA_ID to a key with this label today.
    let args = ["--keygen", "--key-type", "AES:32", "--label", "k", "--id", &id, "--sensitive"];
    pkcs11_tool(env, &args);
    env.run(["key", "create", "--label", "k", "--algorithm", "aes-256"]).fails(8);
}

/// No command, including `doctor --repair`, applies a record that was edited without the PIN to the token.
fn a_forged_record_is_not_applied(env: &TestEnv) {
    env.write("message", "m");
    let run = |line: &str| env.with("KMSCTL_RECORDS", "records").run(line.split(' '));
    for (label, algorithm) in [("off", "ec-p256"), ("one", "aes-256"), ("two", "aes-256")] {
        run(&format!("key create --label {label} --algorithm {algorithm}")).success();
    }
    run("key disable --label off").success();
    run("encrypt --label one --in message --out sealed").success();
    env.shell(
        "sed -i 's/DISABLE/ENABLE/; s/\"label\":\"one\"/\"label\":\"new\"/; s/\"label\":\"two\"/\"label\":\"one\"/' \
         records/*.json",
    )
    .success();
    let report = run("doctor --repair --json").exits(3).json();
    assert_eq!(report["repaired"], serde_json::json!([]), "{report:#}");
    assert!(!report.to_string().contains("key delete"), "{report:#}");
    env.shell("rm records/*.json").success();
    run("sign --label off --in message").exits_any(&[6, 7]);
    run("key list --json").success();
    run("decrypt --in sealed").fails(6).saying("the record of key \"one\" is missing");
    let plain = env.run(["decrypt", "--in", "sealed"]).success();
    assert_eq!(plain.text(), "m", "decrypted with another key");
}

/// Another program swapped the CKA_IDs of two secret keys: each record still finds its own key.
fn swapped_secret_keys_are_recognised(env: &TestEnv) {
    make_files(env);
    let [one, two] = ["one", "two"].map(|label| field(&env.create(label, "aes-256"), "ckaId").to_owned());
    env.run(["encrypt", "--label", "one", "--in", "message", "--out", "ciphertext"]).success();
    for (from, to) in [(&one, "aaaa"), (&two, one.as_str()), (&"aaaa".to_owned(), two.as_str())] {
        pkcs11_tool(env, &["--set-id", to, "--type", "secrkey", "--id", from]);
    }
    assert_eq!(env.run(["decrypt", "--in", "ciphertext"]).success().text(), "m");
    env.run(["encrypt", "--label", "one", "--in", "message", "--out", "again"]).success();
    let report = env.run(["doctor", "--json"]).exits(3).json();
    assert!(report.to_string().contains("RENUMBERED"), "{report:#}");
    env.run(["doctor", "--repair"]).success();
    env.run(["doctor"]).success();
    for file in ["ciphertext", "again"] {
        assert_eq!(env.run(["decrypt", "--in", file]).success().text(), "m", "{file}");
    }
    env.run(["key", "delete", "--label", "two", "--yes"]).success();
    assert_eq!(env.run(["decrypt", "--in", "again"]).success().text(), "m", "the wrong key was deleted");
}

/// The objects of one key have the label of another, and so do the data objects that hold their records.
fn a_label_selects_by_record_if_objects_have_other_labels(env: &TestEnv) {
    let rename = ["key", "update", "--label", "one", "--rename", "two"];
    let one = env.create("one", "ec-p256");
    let renamed = watched(env).with("KMSCTL_FAULT", "C_CreateObject:1 kill-before").run(rename);
    assert_eq!(renamed.status.code(), None, "not killed\n{renamed}");
    let two = env.create("two", "ec-p256");
    for label in ["one", "two"] {
        pkcs11_tool(env, &["--read-object", "--type", "data", "--label", label, "--output-file", label]);
        pkcs11_tool(env, &["--delete-object", "--type", "data", "--label", label]);
    }
    for (file, label) in [("one", "two"), ("two", "one")] {
        let args = ["--write-object", file, "--type", "data", "--label", label, "--private"];
        pkcs11_tool(env, &[&args[..], &["--application-label", "kmsctl"]].concat());
    }
    for (label, key) in [("one", &one), ("two", &two)] {
        let shown = env.run(["key", "show", "--label", label, "--json"]).success().json();
        assert_eq!(shown["ckaId"], key["ckaId"], "{label}");
    }
    env.run(["key", "delete", "--label", "one", "--yes"]).success();
    assert_eq!(env.labels(), ["two"]);
}

/// A different key under the CKA_ID of a recorded one, stored by someone who knows the PIN.
fn a_secret_key_replaced_with_the_pin_is_refused(env: &TestEnv) {
    make_files(env);
    let id = field(&env.create("k", "aes-256"), "ckaId").to_owned();
    env.run(["encrypt", "--label", "k", "--in", "message", "--out", "ciphertext"]).success();
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", &id]);
    let args = [
        "--write-object",
        "evil-aes",
        "--type",
        "secrkey",
        "--key-type",
        "AES:32",
        "--label",
        "k",
        "--id",
        &id,
    ];
    pkcs11_tool(env, &[&args[..], &["--private", "--sensitive"]].concat());
    for line in [
        "encrypt --label k --in message",
        "datakey --label k",
        "decrypt --in ciphertext",
        "key delete --label k --yes",
    ] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "KEY_REPLACED", "{line}");
    }
}

/// Java and NSS store no public key object: the certificate holds the public key and the label.
#[test]
fn a_certificate_replaces_the_public_key_object() {
    let env = token::softhsm();
    make_files(&env);
    let script = "openssl ecparam -name prime256v1 -genkey -noout -out own.pem && \
        openssl pkey -in own.pem -outform DER -out own.der && \
        openssl req -x509 -key own.pem -subj /CN=own -days 9 -outform DER -out own-cert.der && \
        openssl pkey -in own.pem -pubout -out own-pub.pem";
    env.shell(script).success();
    let private = ["--write-object", "own.der", "--type", "privkey", "--id", "0f0f", "--usage-sign"];
    pkcs11_tool(&env, &private);
    plant(&env, "own-cert.der", "cert", "java", "0f0f");
    for select in [["--label", "java"], ["--id", "0f0f"]] {
        let run = |args: &[&str]| env.run([args, &select].concat());
        run(&["sign", "--in", "message", "--out", "signature"]).success();
        run(&["verify", "--in", "message", "--signature", "signature"]).success();
        run(&["jwks"]).success();
        assert_eq!(run(&["key", "show", "--pem"]).success().stdout, env.read("own-pub.pem"));
    }
    env.run(["verify", "--public-key", "own-cert.der", "--in", "message", "--signature", "signature"])
        .success();
    // A different certificate in its place is detected.
    pkcs11_tool(&env, &["--delete-object", "--type", "cert", "--id", "0f0f"]);
    plant(&env, "evil-cert.der", "cert", "java", "0f0f");
    for line in ["verify --label java --in message --signature signature", "jwks --label java"] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_MISMATCH", "{line}");
    }
    env.run(["key", "delete", "--label", "java", "--yes"]).success();
    assert!(!remains(&env, "cert"));
}

/// Exchanges the CKA_IDs of two private objects.
fn exchange_private_halves(env: &TestEnv, [one, two]: [&str; 2]) {
    for (from, to) in [(one, "aaaa"), (two, one), ("aaaa", two)] {
        pkcs11_tool(env, &["--set-id", to, "--type", "privkey", "--id", from]);
    }
}

/// The CKA_IDs of a key's versions, oldest first.
fn version_ids(env: &TestEnv, label: &str) -> Vec<String> {
    let versions = env.run(["key", "versions", "--label", label, "--json"]).success().json();
    let mut ids: Vec<_> = versions.as_array().expect("versions").iter().collect();
    ids.sort_by_key(|version| version["version"].as_u64());
    ids.into_iter().map(|version| field(version, "ckaId").to_owned()).collect()
}

/// A key with this many versions, and the signature of each in a file: `1`, `2` …
fn key_with_versions(env: &TestEnv, algorithm: &str, count: usize) -> Vec<String> {
    env.write("message", "m");
    env.create("k", algorithm);
    for version in 1..=count {
        if version > 1 {
            env.run(["key", "rotate", "--label", "k"]).success();
        }
        env.run(["sign", "--label", "k", "--in", "message", "--out", &version.to_string()]).success();
    }
    version_ids(env, "k")
}

/// `doctor --repair` mends the key in one run, and every version is what it was.
#[track_caller]
fn is_mended(env: &TestEnv, count: usize, context: &str) {
    let report = env.run(["doctor", "--json"]).exits(3).json();
    assert!(report.to_string().contains("RENUMBERED"), "{context}: {report:#}");
    env.run(["doctor", "--repair"]).success();
    env.run(["doctor"]).success();
    env.run(["sign", "--label", "k", "--in", "message", "--out", "new"]).success();
    for file in (1..=count).map(|version| version.to_string()).chain(["new".to_owned()]) {
        env.run(["verify", "--label", "k", "--in", "message", "--signature", &file]).success();
    }
    env.run(["key", "rotate", "--label", "k"]).success();
    env.run(["sign", "--label", "k", "--in", "message"]).success();
    env.run(["doctor"]).success();
    env.delete("k");
    assert!(env.labels().is_empty(), "{context}");
}

/// The private objects of some kinds do not say whose they are: only a trial shows it.
fn exchanged_private_halves_of_versions_are_recognised(env: &TestEnv) {
    for (algorithm, count, [one, two]) in
        [("ec-p256", 2, [0, 1]), ("ed25519", 3, [0, 2]), ("rsa-2048", 2, [0, 1])]
    {
        let ids = key_with_versions(env, algorithm, count);
        exchange_private_halves(env, [&ids[one], &ids[two]]);
        is_mended(env, count, algorithm);
    }
}

/// `key enable` lets the wrong half sign: the one with the CKA_ID of the current version.
fn halves_exchanged_while_a_key_is_disabled_are_recognised(env: &TestEnv) {
    for (algorithm, count) in [("ec-p256", 2), ("ed25519", 2)] {
        let ids = key_with_versions(env, algorithm, count);
        env.run(["key", "disable", "--label", "k"]).success();
        exchange_private_halves(env, [&ids[0], &ids[1]]);
        env.run(["key", "enable", "--label", "k"]).success();
        env.run(["sign", "--label", "k", "--in", "message"]).fails(6);
        is_mended(env, count, algorithm);
    }
}

/// The private halves of two keys, each of which fails to sign until they are exchanged again.
fn a_private_half_of_another_key_is_found(env: &TestEnv) {
    env.write("message", "m");
    let ids = ["one", "two"].map(|label| field(&env.create(label, "ec-p256"), "ckaId").to_owned());
    exchange_private_halves(env, [&ids[0], &ids[1]]);
    let report = env.run("doctor --repair --json".split(' ')).exits(3).json();
    for label in ["one", "two"] {
        let findings = report["findings"].as_array().expect("findings");
        let is_it =
            |one: &&serde_json::Value| one["subject"] == label && one["code"] == "PUBLIC_KEY_MISMATCH";
        assert!(findings.iter().any(|one| is_it(&one)), "{report:#}");
        env.run(["sign", "--label", label, "--in", "message"]).fails(6);
    }
    assert_eq!(report["repaired"], serde_json::json!([]), "{report:#}");
    exchange_private_halves(env, [&ids[0], &ids[1]]);
    env.run(["doctor"]).success();
    env.run("sign --label one --in message".split(' ')).success();
}

/// The public half follows.
fn a_private_half_that_was_renumbered_alone_is_repaired_at_once(env: &TestEnv) {
    for asked in [&["--id", "0a01"][..], &[]] {
        env.write("message", "m");
        let create = ["key", "create", "--label", "k", "--algorithm", "rsa-2048"];
        env.run([&create[..], asked].concat()).success();
        for version in ["1", "2"] {
            env.run(["sign", "--label", "k", "--in", "message", "--out", version]).success();
            if version == "1" {
                env.run(["key", "rotate", "--label", "k"]).success();
            }
        }
        let ids = version_ids(env, "k");
        pkcs11_tool(env, &["--set-id", "abab", "--type", "privkey", "--id", &ids[0]]);
        is_mended(env, 2, &format!("{asked:?}"));
    }
}
