//! Objects that anyone can store on a token without the PIN: beside a key they change nothing, in place of its public key
//! they are refused. Every command gives the same answer.

use serde_json::Value;

use crate::support::{
    TestEnv, field, is_full,
    oracle::pkcs11_tool,
    output::Output,
    token::{self, on_both_tokens},
};

on_both_tokens!(
    planted_objects_beside_a_key_change_nothing,
    a_replaced_public_key_is_refused_and_restored,
    a_record_that_is_not_private_is_ignored,
    an_id_prefix_does_not_select_a_planted_object,
    a_public_key_alone_is_not_a_key,
    a_public_key_alone_gets_no_record,
    a_version_without_a_private_half_is_not_trusted,
    a_copied_public_key_does_not_make_decryption_ambiguous,
);

const ALGORITHMS: [&str; 3] = ["rsa-2048", "ec-p256", "aes-256"];

/// Writes an attacker's public keys, certificate and AES key to the working directory.
pub(crate) fn make_files(env: &TestEnv) {
    env.write("evil-rsa.pem", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    let script = "openssl rsa -in evil-rsa.pem -pubout -outform DER -out evil-rsa.der && \
        openssl ecparam -name prime256v1 -genkey -noout -out evil-ec.pem && \
        openssl ec -in evil-ec.pem -pubout -outform DER -out evil-ec.der && \
        openssl req -x509 -key evil-ec.pem -subj /CN=evil -days 9 -outform DER -out evil-cert.der && \
        head -c 32 /dev/zero | tr '\\0' 7 > evil-aes && printf '{}' > evil-data";
    env.shell(script).success();
    env.write("message", "m");
}

pub(crate) fn plant(env: &TestEnv, file: &str, kind: &str, label: &str, id: &str) {
    let mut args = vec!["--write-object", file, "--type", kind, "--label", label];
    match kind {
        "data" => args.extend(["--application-label", "kmsctl"]),
        "secrkey" => args.extend(["--id", id, "--key-type", "AES:32", "--sensitive"]),
        _ => args.extend(["--id", id]),
    }
    pkcs11_tool(env, &args);
}

fn code_of(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

/// Runs every command that selects a key, by label and by CKA_ID; returns each command with its exit code.
fn answers(env: &TestEnv, label: &str, id: &str) -> Vec<(String, i32)> {
    let mut answers = Vec::new();
    let by_label = format!("--label {label}");
    for select in [by_label, format!("--id {id}")] {
        for line in [
            "sign @ --in message",
            "verify @ --in message --signature signature",
            "encrypt @ --in message",
            "datakey @",
            "jwt sign @ --sub a --ttl 5m",
            "jwt verify @ --in token",
            "jwks @",
            "key show @",
            "key show @ --pem",
            "key versions @",
            "key update @ --memo x",
            "key rotate @ --check",
        ] {
            let line = line.replace('@', &select);
            let output = env.run(line.split(' '));
            answers.push((line, code_of(&output)));
        }
    }
    for line in [
        "decrypt --in ciphertext",
        "reencrypt --in ciphertext --check",
        "jwks",
        "key list",
        "batch --in requests",
    ] {
        answers.push((line.to_owned(), code_of(&env.run(line.split(' ')))));
    }
    answers
}

/// Creates the key `k` and makes a signature, a ciphertext and a JWT with it.
pub(crate) fn key_with_products(env: &TestEnv, algorithm: &str) -> Value {
    let key = env.create("k", algorithm);
    for line in [
        "sign --label k --in message --out signature",
        "encrypt --label k --in message --out ciphertext",
        "jwt sign --label k --sub a --ttl 5m --out token",
    ] {
        // Not every kind of key supports all three.
        env.run(line.split(' ')).exits_any(&[0, 2, 7]);
    }
    for name in ["signature", "ciphertext", "token"] {
        if !env.file(name).exists() {
            env.write(name, "none");
        }
    }
    let op = if algorithm == "aes-256" { "encrypt" } else { "sign" };
    env.write("requests", format!("{{\"op\":\"{op}\",\"label\":\"k\",\"data\":\"bQ==\"}}\n"));
    key
}

pub(crate) fn clean(env: &TestEnv) {
    for name in ["signature", "ciphertext", "token"] {
        drop(std::fs::remove_file(env.file(name)));
    }
}

fn planted_objects_beside_a_key_change_nothing(env: &TestEnv) {
    make_files(env);
    for algorithm in ALGORITHMS {
        let key = key_with_products(env, algorithm);
        let id = field(&key, "ckaId");
        let before = answers(env, "k", id);
        let shown = env.run(["key", "show", "--label", "k", "--json"]).success().json();
        for (file, kind) in [
            ("evil-rsa.der", "pubkey"),
            ("evil-ec.der", "pubkey"),
            ("evil-aes", "secrkey"),
            ("evil-data", "data"),
            ("evil-cert.der", "cert"),
        ] {
            // A secret key with the same CKA_ID as an AES key is tested by other tests below.
            let is_same_kind = algorithm == "aes-256" && kind == "secrkey";
            plant(env, file, kind, "k", "6666");
            if !is_same_kind {
                plant(env, file, kind, "other", id);
                plant(env, file, kind, "k", id);
            }
            // `./dev test full` checks after each object, other runs only after both public keys and at the end.
            if is_full() || ["evil-ec.der", "evil-cert.der"].contains(&file) {
                assert_eq!(answers(env, "k", id), before, "{algorithm}, {file}");
            }
        }
        let again = env.run(["key", "show", "--label", "k", "--json"]).success().json();
        for name in ["ckaId", "keyTag", "fingerprint", "keyType"] {
            assert_eq!(again[name], shown[name], "{algorithm}: {name}");
        }
        let report = env.run(["doctor", "--json"]).exits(3).json();
        assert!(report.to_string().contains("STRANGER"), "{report:#}");
        env.run(["key", "delete", "--id", id, "--yes"]).success();
        for kind in ["pubkey", "secrkey", "data", "cert"] {
            while remains(env, kind) {
                for label in ["k", "other"] {
                    try_delete(env, kind, label);
                }
            }
        }
        clean(env);
    }
}

/// Planted objects whose CKA_ID is a prefix of the key's, shares its prefix, or extends it.
fn an_id_prefix_does_not_select_a_planted_object(env: &TestEnv) {
    make_files(env);
    for algorithm in ["rsa-2048", "ec-p256"] {
        let key = key_with_products(env, algorithm);
        let (id, fingerprint) = (field(&key, "ckaId"), field(&key, "fingerprint"));
        let digits = &id[..8];
        let before = answers(env, "k", digits);
        for planted_id in [digits.to_owned(), format!("{digits}66"), id.to_owned() + "66"] {
            for file in ["evil-rsa.der", "evil-ec.der"] {
                plant(env, file, "pubkey", "other", &planted_id);
            }
            plant(env, "evil-aes", "secrkey", "other", &planted_id);
            assert_eq!(answers(env, "k", digits), before, "{algorithm}, {planted_id}");
            for select in [digits, id] {
                let shown = env.run(["key", "show", "--id", select, "--json"]).success().json();
                assert_eq!(shown["fingerprint"], fingerprint, "{algorithm}, {planted_id}");
            }
            // Without the PIN kmsctl cannot tell the two apart: an error, not the planted key.
            let alone = env.without("KMSCTL_PIN_FILE").run(["key", "show", "--pem", "--id", digits]);
            alone.fails(5);
        }
        env.run(["key", "delete", "--id", digits, "--yes"]).fails(2);
        env.run(["key", "delete", "--id", id, "--yes"]).success();
        for (kind, count) in [("pubkey", 6), ("secrkey", 3)] {
            for _ in 0..count {
                pkcs11_tool(env, &["--delete-object", "--type", kind, "--label", "other"]);
            }
        }
        clean(env);
    }
}

pub(crate) fn remains(env: &TestEnv, kind: &str) -> bool {
    let listed = pkcs11_tool(env, &["--list-objects", "--type", kind]);
    listed.text().lines().any(|line| {
        let label = line.trim().strip_prefix("label:").map(|label| label.trim().trim_matches('\''));
        matches!(label, Some("k" | "other"))
    })
}

fn try_delete(env: &TestEnv, kind: &str, label: &str) {
    let listed = pkcs11_tool(env, &["--list-objects", "--type", kind]);
    let has = listed.text().lines().any(|line| {
        line.trim().strip_prefix("label:").map(|found| found.trim().trim_matches('\'')) == Some(label)
    });
    if has {
        pkcs11_tool(env, &["--delete-object", "--type", kind, "--label", label]);
    }
}

fn a_replaced_public_key_is_refused_and_restored(env: &TestEnv) {
    make_files(env);
    for (algorithm, file) in [("rsa-2048", "evil-rsa.der"), ("ec-p256", "evil-ec.der")] {
        let key = key_with_products(env, algorithm);
        let id = field(&key, "ckaId");
        let fingerprint = field(&key, "fingerprint");
        pkcs11_tool(env, &["--delete-object", "--type", "pubkey", "--id", id]);
        plant(env, file, "pubkey", "k", id);
        for line in [
            "verify @ --in message --signature signature",
            "jwt verify @ --in token",
            "jwks @",
            "jwks",
            "key show @",
            "key show @ --pem",
            "key show @ --ssh",
            "key create @ --if-not-exists --algorithm ALGORITHM",
        ] {
            let line = line.replace('@', "--label k").replace("ALGORITHM", algorithm);
            let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
            assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_MISMATCH", "{line}");
            assert!(field(&refused.error(), "message").contains(fingerprint), "{line}: {refused}");
        }
        if algorithm == "rsa-2048" {
            env.run("encrypt --label k --in message".split(' ')).fails(6);
            env.run("decrypt --in ciphertext".split(' ')).success();
        }
        // Signing needs no public key object.
        env.run("sign --label k --in message".split(' ')).success();
        let report = env.run(["doctor", "--json"]).exits(3).json();
        assert!(report.to_string().contains("PUBLIC_KEY_MISMATCH"), "{report:#}");
        let repaired = env.run(["doctor", "--repair"]).success();
        assert!(repaired.text().contains("restored the public key of version 1"), "{repaired}");
        env.run(["verify", "--label", "k", "--in", "message", "--signature", "signature"]).success();
        let shown = env.run(["key", "show", "--label", "k", "--json"]).success().json();
        assert_eq!(field(&shown, "fingerprint"), fingerprint);
        env.run(["key", "delete", "--label", "k", "--yes"]).success();
        assert!(env.labels().is_empty(), "objects of the planted key are left");
        clean(env);
    }
}

/// A key pair of another program has no record: only a test signature shows whether the public key matches.
#[test]
fn the_public_key_of_a_foreign_pair_is_checked() {
    let env = token::softhsm();
    make_files(&env);
    for (kind, file) in [("EC:prime256v1", "evil-ec.der"), ("RSA:2048", "evil-rsa.der")] {
        pkcs11_tool(
            &env,
            &["--keypairgen", "--key-type", kind, "--label", "k", "--id", "0b", "--usage-sign"],
        );
        env.run("sign --label k --in message --out signature".split(' ')).success();
        env.run("verify --label k --in message --signature signature".split(' ')).success();
        env.run("jwks --label k".split(' ')).success();
        pkcs11_tool(&env, &["--delete-object", "--type", "pubkey", "--id", "0b"]);
        plant(&env, file, "pubkey", "k", "0b");
        for line in [
            "verify --label k --in message --signature signature",
            "jwks --label k",
            "key show --label k --pem",
        ] {
            let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
            assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_MISMATCH", "{line}");
        }
        let repaired = env.run(["doctor", "--repair"]);
        assert!(repaired.text().contains("restored the public key"), "{repaired}");
        env.run("verify --label k --in message --signature signature".split(' ')).success();
        env.run("key delete --label k --yes".split(' ')).success();
        std::fs::remove_file(env.file("signature")).expect("removed");
    }
}

/// Anyone can store a public data object with the content of a record without the PIN.
fn a_record_that_is_not_private_is_ignored(env: &TestEnv) {
    make_files(env);
    let key = env.create("k", "ec-p256");
    let record = format!(
        "{{\"schema\":2,\"identity\":\"id:{0}\",\"revision\":99,\"label\":\"k\",\"algorithm\":\"ec-p256\",\
         \"usage\":[\"sign\",\"verify\"],\"status\":\"REVOKE\",\"statusSince\":1,\"destroyAt\":1,\
         \"versions\":[{{\"version\":1,\"id\":\"{0}\",\"status\":\"ENABLE\"}}]}}",
        field(&key, "ckaId")
    );
    env.write("evil-record", record);
    plant(env, "evil-record", "data", "k", "");
    env.run(["key", "purge", "--due", "--yes"]).success();
    env.run(["sign", "--label", "k", "--in", "message"]).success();
    assert_eq!(field(&env.keys()[0], "status"), "ENABLE");
    let report = env.run(["doctor", "--json"]).exits(3).json();
    assert!(report.to_string().contains("PLANTED_RECORD"), "{report:#}");
}

fn a_public_key_alone_is_not_a_key(env: &TestEnv) {
    make_files(env);
    plant(env, "evil-rsa.der", "pubkey", "pub", "0c");
    let fingerprint = env.shell("sha256sum evil-rsa.der | cut -c1-64").success();
    for more in [&[][..], &["--if-not-exists"]] {
        let create = ["key", "create", "--label", "pub", "--algorithm", "rsa-2048"];
        env.run([&create[..], more].concat()).fails(8);
    }
    // The embedded token does not default CKA_ENCRYPT to true, so this public key cannot encrypt there.
    let encrypt = ["encrypt", "--label", "pub", "--in", "message"];
    let expected = [&encrypt[..], &["--fingerprint", fingerprint.line()]].concat();
    if env.has("KMSCTL_MODULE") {
        env.run(encrypt).fails(6).saying(fingerprint.line());
        env.run(&expected).success().silent();
        env.without("KMSCTL_PIN_FILE").run(&expected).success();
    } else {
        env.run(encrypt).fails(7);
    }
    env.run(["jwks", "--label", "pub"]).exits_any(&[6, 7]);
    env.run(["key", "show", "--label", "pub", "--pem"]).success().saying("nothing proves");
}

/// A record would vouch for it, and a rotation would keep it as an older version that still verifies.
fn a_public_key_alone_gets_no_record(env: &TestEnv) {
    make_files(env);
    plant(env, "evil-ec.der", "pubkey", "release", "0c");
    let objects = || env.run("key list --all --json".split(' ')).success().json();
    let before = objects();
    for line in [
        "key rotate --label release --dry-run",
        "key rotate --label release",
        "key update --label release --memo m",
        "key disable --label release",
        "key enable --label release",
        "key revoke --label release",
        "key rotate --id 0c",
    ] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(4);
        assert_eq!(field(&refused.error(), "code"), "KEY_INCOMPLETE", "{line}");
    }
    assert_eq!(objects(), before);
}

/// A record of an earlier release may name a public key that has no private half.
fn a_version_without_a_private_half_is_not_trusted(env: &TestEnv) {
    make_files(env);
    plant(env, "evil-ec.der", "pubkey", "release", "0c");
    let record = r#"{"schema":2,"identity":"id:0c","revision":1,"label":"release","algorithm":"ec-p256",
        "usage":["sign","verify"],"status":"ENABLE","statusSince":1,"versions":[{"version":1,"id":"0c","status":"ENABLE"}]}"#;
    env.write("record", record);
    let private = ["--private", "--application-label", "kmsctl"];
    let write = ["--write-object", "record", "--type", "data", "--label", "release"];
    pkcs11_tool(env, &[&write[..], &private].concat());
    let rotated = env.run("key rotate --label release --json".split(' ')).success().json();
    assert_eq!(rotated["version"], 2);
    env.shell("openssl dgst -sha256 -sign evil-ec.pem -out signature message").success();
    env.shell(
        r#"printf '{"op":"verify","label":"release","data":"%s","signature":"%s"}\n' "$(base64 -w0 message)" "$(base64 -w0 signature)" > requests"#,
    )
    .success();
    // The planted key would accept it; version 2 does not, and whether version 1 does cannot be known.
    let answer = env.run(["batch", "--in", "requests"]).exits(1).json();
    assert_eq!(answer["error"]["exit"], 6, "{answer}");
    let verify = "verify --label release --in message --signature signature";
    env.run(verify.split(' ')).fails(6).saying("nothing proves");
    env.run(verify.split(' ').chain(["--key-version", "1"])).fails(6).saying("nothing proves");
    env.run("sign --label release --in message --out own".split(' ')).success();
    let own = env.run("verify --label release --in message --signature own --json".split(' ')).success();
    assert_eq!(own.json()["proven"], true, "{own}");
    assert!(!own.stderr_text().contains("nothing proves"), "{own}");
}

fn a_copied_public_key_does_not_make_decryption_ambiguous(env: &TestEnv) {
    make_files(env);
    env.create("k", "rsa-2048");
    let pem = env.public_key("k");
    env.run(["encrypt", "--public-key", &pem, "--in", "message", "--out", "sealed"]).success();
    env.shell("openssl rsa -pubin -in k.pem -outform DER -out k.der").success();
    plant(env, "k.der", "pubkey", "copy", "0d");
    assert_eq!(env.run(["decrypt", "--in", "sealed"]).success().text(), "m");
    env.run(["key", "create", "--label", "out", "--algorithm", "aes-256", "--exportable"]).success();
    env.run(["key", "wrap", "--label", "out", "--wrapping-key", &pem, "--out", "wrapped"]).success();
    env.delete("out");
    env.run(["key", "unwrap", "--label", "in", "--in", "wrapped"]).success();
}
