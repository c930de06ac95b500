//! `key create`: the keys it makes, their attributes, and the requests it refuses without leaving anything behind.

use serde_json::json;

use crate::support::{TestEnv, field, oracle, token};

token::on_both_tokens!(
    makes_each_algorithm,
    accepts_algorithm_aliases,
    refuses_other_algorithms,
    gives_each_key_its_own_id,
    accepts_an_id,
    refuses_an_id_in_use,
    refuses_a_label_in_use,
    allows_a_duplicate_label_when_asked_to,
    if_not_exists_changes_nothing,
    if_not_exists_refuses_another_algorithm,
    accepts_labels_of_any_language_and_length,
    refuses_bad_labels,
    narrows_usage,
    refuses_usage_the_algorithm_lacks,
    shows_all_fields,
);

fn makes_each_algorithm(env: &TestEnv) {
    for (algorithm, kind, key_type, bits, curve) in [
        ("rsa-2048", "PRIVATE", "RSA2048", 2048, json!(null)),
        ("rsa-4096", "PRIVATE", "RSA4096", 4096, json!(null)),
        ("ec-p256", "PRIVATE", "ECDSA", 256, json!("prime256v1")),
        ("aes-256", "SECRET", "AES256", 256, json!(null)),
        ("hmac-256", "SECRET", "HMAC256", 256, json!(null)),
    ] {
        let key = env.create(algorithm, algorithm);
        assert_eq!(key["label"], algorithm);
        assert_eq!(key["type"], kind, "{key}");
        assert_eq!(key["keyType"], key_type, "{key}");
        assert_eq!(key["bits"], bits, "{key}");
        assert_eq!(key["curve"], curve, "{key}");
        assert_eq!(key["status"], "ENABLE", "{key}");
    }
    let rsa = String::from_utf8(env.run(["key", "show", "--label", "rsa-4096", "--pem"]).success().stdout)
        .expect("PEM");
    let described = oracle::describe_public_key(env, &rsa);
    assert!(described.contains("Public-Key: (4096 bit)"), "{described}");
    assert!(described.contains("Exponent: 65537 (0x10001)"), "{described}");
    let ec = String::from_utf8(env.run(["key", "show", "--label", "ec-p256", "--pem"]).success().stdout)
        .expect("PEM");
    let described = oracle::describe_public_key(env, &ec);
    assert!(described.contains("ASN1 OID: prime256v1"), "{described}");
}

fn accepts_algorithm_aliases(env: &TestEnv) {
    for (name, key_type) in [
        ("RSA2048", "RSA2048"),
        ("RSA-2048", "RSA2048"),
        ("ECDSA", "ECDSA"),
        ("P-256", "ECDSA"),
        ("prime256v1", "ECDSA"),
        ("PRIME256V1", "ECDSA"),
        ("EC-P256", "ECDSA"),
        ("AES256", "AES256"),
        ("aes256", "AES256"),
        ("HMAC256", "HMAC256"),
    ] {
        assert_eq!(env.create(name, name)["keyType"], key_type, "{name}");
    }
}

fn refuses_other_algorithms(env: &TestEnv) {
    for name in ["rsa-1024", "RSA3000", "ec-p224", "aes-128", "des", ""] {
        env.run(["key", "create", "--label", "x", "--algorithm", name]).fails(2).saying("rsa-2048");
    }
    assert_eq!(env.labels(), [""; 0]);
}

fn gives_each_key_its_own_id(env: &TestEnv) {
    let mut ids: Vec<_> = ["a", "b", "c"]
        .map(|label| field(&env.create(label, "ec-p256"), "ckaId").to_owned())
        .into_iter()
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(
        ids.iter().all(|id| id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())),
        "{ids:?}"
    );
}

fn accepts_an_id(env: &TestEnv) {
    env.run(["key", "create", "--label", "web", "--algorithm", "p-256", "--id", "00CafE"]).success();
    let key = env.run(["key", "show", "--id", "00cafe", "--json"]).success().json();
    assert_eq!(key["ckaId"], "00cafe");
    assert_eq!(key["label"], "web");
    for bad in ["", "0", "xyz", "00 01", &"00".repeat(65)] {
        env.run(["key", "create", "--label", "bad", "--algorithm", "p-256", "--id", bad]).fails(2);
    }
    assert_eq!(env.labels(), ["web"]);
}

fn refuses_an_id_in_use(env: &TestEnv) {
    env.run(["key", "create", "--label", "web", "--algorithm", "p-256", "--id", "01"]).success();
    env.run(["key", "create", "--label", "other", "--algorithm", "p-256", "--id", "01"])
        .fails(8)
        .saying("01");
    assert_eq!(env.labels(), ["web"]);
}

fn refuses_a_label_in_use(env: &TestEnv) {
    let first = env.create("web", "ec-p256");
    let refused = env.run(["key", "create", "--label", "web", "--algorithm", "aes-256"]).fails(8);
    assert!(refused.stderr_text().contains("--allow-duplicate-label"), "{refused}");
    assert_eq!(env.keys().len(), 1);
    assert_eq!(env.keys()[0]["ckaId"], first["ckaId"]);
}

fn allows_a_duplicate_label_when_asked_to(env: &TestEnv) {
    let first = env.create("web", "ec-p256");
    let second = env
        .run([
            "key",
            "create",
            "--label",
            "web",
            "--algorithm",
            "ec-p256",
            "--allow-duplicate-label",
            "--json",
        ])
        .success()
        .json();
    assert_ne!(first["ckaId"], second["ckaId"]);
    assert_eq!(env.labels(), ["web", "web"]);
}

fn if_not_exists_changes_nothing(env: &TestEnv) {
    let create = ["key", "create", "--label", "web", "--algorithm", "ec-p256", "--if-not-exists", "--json"];
    let first = env.run(create).success().json();
    let second = env.run(create).success().json();
    assert_eq!((&first["created"], &second["created"]), (&json!(true), &json!(false)));
    assert_eq!(first["ckaId"], second["ckaId"]);
    assert_eq!(env.keys().len(), 1);
}

fn if_not_exists_refuses_another_algorithm(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.run(["key", "create", "--label", "web", "--algorithm", "aes-256", "--if-not-exists"]).fails(8);
    assert_eq!(env.keys().len(), 1);
}

fn accepts_labels_of_any_language_and_length(env: &TestEnv) {
    let longest = "é".repeat(127) + "x";
    assert_eq!(longest.len(), 255);
    let labels =
        [longest.as_str(), "서명키", "Schlüssel für den Betrieb", "--looks-like-a-flag", "a'b\"c;d%e", "-"];
    for label in labels {
        let option = format!("--label={label}");
        let key = env.run(["key", "create", &option, "--algorithm", "ec-p256", "--json"]).success().json();
        assert_eq!(key["label"], label);
        let uri = field(&key, "uri");
        assert_eq!(
            env.run(["key", "show", "--uri", uri, "--json"]).success().json()["ckaId"],
            key["ckaId"],
            "{uri}"
        );
    }
    let mut expected = labels.map(str::to_owned);
    expected.sort();
    assert_eq!(env.labels(), expected);
}

fn refuses_bad_labels(env: &TestEnv) {
    let too_long = "x".repeat(256);
    for label in ["", "a\nb", "a\tb", "a\u{1b}[31mred", "a\u{7f}", "a\u{85}b", &too_long] {
        let refused = env.run(["key", "create", "--label", label, "--algorithm", "aes-256"]).fails(2);
        assert!(!refused.stderr.contains(&0x1b), "control characters reach the terminal\n{refused}");
    }
    assert_eq!(env.labels(), [""; 0]);
}

fn narrows_usage(env: &TestEnv) {
    let create =
        ["key", "create", "--label", "signer", "--algorithm", "rsa-2048", "--usage", "sign,verify", "--json"];
    assert_eq!(env.run(create).success().json()["usage"], json!(["sign", "verify"]));
    assert_eq!(env.create("all", "rsa-2048")["usage"], json!(["sign", "verify", "encrypt", "decrypt"]));
    assert_eq!(env.create("ec", "ec-p256")["usage"], json!(["sign", "verify"]));
    assert_eq!(env.create("aes", "aes-256")["usage"], json!(["encrypt", "decrypt"]));
    assert_eq!(env.create("hmac", "hmac-256")["usage"], json!(["sign", "verify"]));
}

fn refuses_usage_the_algorithm_lacks(env: &TestEnv) {
    for (algorithm, usage) in [
        ("aes-256", "sign"),
        ("hmac-256", "encrypt"),
        ("ec-p256", "decrypt"),
        ("rsa-2048", "wrap"),
        ("rsa-2048", ""),
    ] {
        env.run(["key", "create", "--label", "x", "--algorithm", algorithm, "--usage", usage]).fails(2);
    }
    assert_eq!(env.labels(), [""; 0]);
}

fn shows_all_fields(env: &TestEnv) {
    let key = env.create("RSA_2048", "rsa-2048");
    let names: Vec<_> = key.as_object().expect("object").keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "label",
            "ckaId",
            "keyTag",
            "keyId",
            "type",
            "algorithm",
            "keyType",
            "bits",
            "curve",
            "status",
            "version",
            "protectionType",
            "keystoreId",
            "memo",
            "isConvergent",
            "isAutoRotation",
            "rotationPeriod",
            "nextRotationDate",
            "registerDate",
            "usage",
            "publicKey",
            "fingerprint",
            "uri",
            "changed",
            "created"
        ]
    );
    let tag = field(&key, "keyTag");
    assert!(tag.len() == 52 && tag.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')), "{tag}");
    let id = key["keyId"].as_u64().expect("keyId is a positive integer");
    assert!((1..1 << 53).contains(&id), "{id}");
    assert!(field(&key, "publicKey").starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let mut shown = key.clone();
    for of_the_change in ["changed", "created"] {
        shown.as_object_mut().expect("object").shift_remove(of_the_change);
    }
    assert_eq!(env.run(["key", "show", "--label", "RSA_2048", "--json"]).success().json(), shown);
}

#[test]
fn private_keys_are_never_extractable_for_other_programs() {
    let env = token::softhsm();
    for algorithm in ["rsa-2048", "ec-p256", "aes-256", "hmac-256"] {
        env.run(["key", "create", "--label", algorithm, "--algorithm", algorithm]).success();
    }
    let objects = oracle::pkcs11_tool(&env, &["--list-objects"]);
    let objects = objects.text();
    let access: Vec<_> = objects.lines().filter(|line| line.contains("Access:")).map(str::trim).collect();
    let private = access.iter().filter(|line| line.contains("never extractable")).count();
    assert_eq!(private, 4, "{objects}");
    assert!(
        !access.iter().any(|line| line.contains("sensitive") && !line.contains("always sensitive")),
        "{objects}"
    );
    assert!(
        !objects.contains("derive") && !objects.contains("wrap") && !objects.contains("signRecover"),
        "{objects}"
    );
}

#[test]
fn narrowed_usage_applies_to_other_programs() {
    let env = token::softhsm();
    env.run(["key", "create", "--label", "signer", "--algorithm", "rsa-2048", "--usage", "sign,verify"])
        .success();
    let objects = oracle::pkcs11_tool(&env, &["--list-objects", "--type", "privkey"]);
    assert!(objects.text().contains("Usage:      sign\n"), "{objects}");
    let objects = oracle::pkcs11_tool(&env, &["--list-objects", "--type", "pubkey"]);
    assert!(objects.text().contains("Usage:      verify\n"), "{objects}");
}
