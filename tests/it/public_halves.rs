//! Public halves that are missing, not valid, or those of another key: the private half works without them, and `doctor`
//! restores them.

use std::{fs, path::Path};

use rusqlite::{Connection, params};

use crate::support::{
    TestEnv, fault, field,
    oracle::pkcs11_tool,
    token::{self, on_both_tokens},
};

on_both_tokens!(
    an_invalid_public_half_is_refused_and_restored,
    a_missing_public_half_of_rsa_is_restored,
    only_an_older_version_without_its_public_half_can_be_spared,
    without_a_login_what_only_the_records_say_is_unknown,
);

/// No point of P-256 has it as its y (but for one key in 2^255), nor has Ed25519 one.
const NO_COORDINATE: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    bytes
};

/// Replaces the last 32 bytes of the public object's key, as anyone can without the PIN.
fn spoil(env: &TestEnv, label: &str) {
    env.shell(&format!("openssl pkey -pubin -in {} -outform DER -out key.der", env.public_key(label)))
        .success();
    let der = env.read("key.der");
    let tail = &der[der.len() - NO_COORDINATE.len()..];
    if env.has("KMSCTL_MODULE") {
        assert!(spoil_files(&env.path("softhsm"), tail), "no public object");
    } else {
        change_public_object(env, label, |value| {
            let start = value.len() - NO_COORDINATE.len();
            assert_eq!(&value[start..], tail);
            value[start..].copy_from_slice(&NO_COORDINATE);
        });
    }
}

fn spoil_files(directory: &Path, tail: &[u8]) -> bool {
    let mut found = false;
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found |= spoil_files(&path, tail);
            continue;
        }
        let mut bytes = fs::read(&path).expect("a file");
        if let Some(at) = bytes.windows(tail.len()).position(|window| window == tail) {
            bytes[at..at + tail.len()].copy_from_slice(&NO_COORDINATE);
            fs::write(&path, bytes).expect("written");
            found = true;
        }
    }
    found
}

/// Changes `CKA_EC_POINT` or `CKA_VALUE` of a public object in the embedded token's database.
fn change_public_object(env: &TestEnv, label: &str, change: impl Fn(&mut Vec<u8>)) {
    let database = Connection::open(fault::database(env)).expect("the database");
    let find = "SELECT point.id, point.attr, point.val FROM objects AS point \
        JOIN objects AS class ON class.id = point.id AND class.attr = 0 AND class.val = 2 \
        JOIN objects AS label ON label.id = point.id AND label.attr = 3 AND label.val = ?1 \
        WHERE point.attr IN (17, 385)";
    let (id, kind, mut value): (i64, i64, Vec<u8>) = database
        .query_row(find, [label], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("one public object");
    change(&mut value);
    let update = "UPDATE objects SET val = ?1 WHERE id = ?2 AND attr = ?3";
    assert_eq!(database.execute(update, params![value, id, kind]).expect("changed"), 1);
}

/// Signs, is refused where the public half is shown, and repairs it.
fn is_refused_and_restored(env: &TestEnv, algorithm: &str) {
    for line in ["sign --label k --in message --out signature", "jwt sign --label k --sub a --ttl 5m"] {
        env.run(line.split(' ')).success();
    }
    env.run("verify --public-key k.pem --in message --signature signature".split(' ')).success();
    for line in [
        "key show --label k --pem",
        "key show --label k",
        "jwks",
        "jwks --label k",
        "verify --label k --in message --signature signature",
    ] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_MISMATCH", "{algorithm}, {line}");
        assert!(field(&refused.error(), "hint").contains("doctor --repair"), "{algorithm}, {line}");
    }
    is_found_and_restored(env, "PUBLIC_KEY_MISMATCH");
}

fn is_found_and_restored(env: &TestEnv, code: &str) {
    let pem = env.read("k.pem");
    let report = env.run(["doctor", "--json"]).exits(3);
    let findings = report.json()["findings"].as_array().expect("findings").clone();
    // SoftHSM 2.6 lacks some algorithms.
    let codes = findings.iter().filter(|finding| finding["level"] != "info").map(|one| field(one, "code"));
    assert_eq!(codes.collect::<Vec<_>>(), [code], "{report}");
    assert!(field(&findings[0], "remedy").contains("doctor --repair"), "{report}");
    let repaired = env.run(["doctor", "--repair"]).success();
    assert!(repaired.text().contains("restored the public key of version 1"), "{repaired}");
    env.run(["doctor"]).success();
    assert_eq!(env.run(["key", "show", "--label", "k", "--pem"]).success().stdout, pem);
    let listed = pkcs11_tool(env, &["--list-objects", "--type", "pubkey"]);
    assert_eq!(listed.text().matches("Public Key Object").count(), 1, "{listed}");
    env.run("verify --label k --in message --signature signature".split(' ')).success();
    env.run(["jwks"]).success();
    env.delete("k");
}

fn an_invalid_public_half_is_refused_and_restored(env: &TestEnv) {
    env.write("message", "m");
    for algorithm in ["ec-p256", "ed25519"] {
        env.create("k", algorithm);
        spoil(env, "k");
        is_refused_and_restored(env, algorithm);
    }
}

fn a_missing_public_half_of_rsa_is_restored(env: &TestEnv) {
    env.write("message", "m");
    let id = field(&env.create("k", "rsa-2048"), "ckaId").to_owned();
    env.public_key("k");
    pkcs11_tool(env, &["--delete-object", "--type", "pubkey", "--id", &id]);
    env.run("sign --label k --in message --out signature".split(' ')).success();
    is_found_and_restored(env, "MISSING_OBJECT");
}

fn only_an_older_version_without_its_public_half_can_be_spared(env: &TestEnv) {
    let id = field(&env.create("k", "ec-p256"), "ckaId").to_owned();
    pkcs11_tool(env, &["--delete-object", "--type", "pubkey", "--id", &id]);
    // So that no signature gives the public key.
    env.run("key disable --label k".split(' ')).success();
    let refused = env.run("key show --label k --pem --json".split(' ')).fails(4);
    let hint = field(&refused.error(), "hint").to_owned();
    assert!(hint.contains("doctor --repair") && !hint.contains("key disable"), "{hint}");
    env.run("key enable --label k".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    env.run("key disable --label k".split(' ')).success();
    let refused = env.run("key show --label k --pem --key-version 1 --json".split(' ')).fails(4);
    let hint = field(&refused.error(), "hint").to_owned();
    assert!(hint.contains("key disable --key-version 1 --label k"), "{hint}");
}

fn without_a_login_what_only_the_records_say_is_unknown(env: &TestEnv) {
    let id = field(&env.create("k", "ed25519"), "ckaId").to_owned();
    env.run("key rotate --label k".split(' ')).success();
    let alone = |line: &str| env.without("KMSCTL_PIN_FILE").run(line.split(' '));
    let listed = alone("key list --json").success().json();
    let versions = listed.as_array().expect("an array");
    assert_eq!(versions.len(), 2, "{listed:#}");
    for version in versions {
        for name in ["version", "keyTag", "keyId", "status", "registerDate"] {
            assert_eq!(version.get(name), Some(&serde_json::Value::Null), "{name}: {listed:#}");
        }
    }
    alone("key list --wide").success();
    env.delete("k");
    let id_of_one = field(&env.create("k", "ed25519"), "ckaId").to_owned();
    assert_ne!(id_of_one, id);
    pkcs11_tool(env, &["--delete-object", "--type", "pubkey", "--id", &id_of_one]);
    for line in ["jwks --label k", "key show --label k --pem"] {
        alone(line).fails(5);
    }
    env.create("secret", "aes-256");
    let shown = env.run("key show --label secret --json".split(' ')).success().json();
    assert_eq!(shown.get("fingerprint"), Some(&serde_json::Value::Null), "{shown:#}");
}

/// The private object has CKA_PUBLIC_KEY_INFO, whether the token made the key or was given it.
#[test]
fn ml_dsa_signs_without_its_public_half() {
    let env = token::embedded();
    env.write("message", "m");
    for (algorithm, last) in [("ml-dsa-44", 0x11), ("ml-dsa-65", 0x12), ("ml-dsa-87", 0x13)] {
        for is_imported in [false, true] {
            if is_imported {
                // RFC 9881, section 6: PKCS#8 with the seed.
                let head = b"\x30\x34\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03";
                env.write("private.der", [&head[..], &[last], b"\x04\x22\x80\x20", &[7; 32]].concat());
                env.run(["key", "import", "--label", "k", "--in", "private.der"]).success();
            } else {
                env.create("k", algorithm);
            }
            env.public_key("k");
            change_public_object(&env, "k", |value| value[40] ^= 1);
            is_refused_and_restored(&env, algorithm);
        }
    }
}
