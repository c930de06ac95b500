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
