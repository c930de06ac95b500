//! Objects that anyone can put on a token without the PIN: beside a key they change nothing, in the place of its public half
//! they are refused. Every command gives the same answer.

use serde_json::Value;

use crate::support::{
    TestEnv, field, is_full,
    oracle::pkcs11_tool,
    output::Output,
    token::{self, on_both_tokens},
};

on_both_tokens!(
    another_public_key_beside_a_key_changes_nothing,
    a_replaced_public_half_is_refused_and_restored,
    a_record_that_is_not_private_is_ignored,
    a_stranger_does_not_answer_to_the_first_digits_of_an_id,
    a_public_key_alone_is_not_a_key,
    a_copy_of_the_public_key_makes_no_ciphertext_ambiguous,
    a_secret_key_that_was_replaced_is_refused,
    a_renumbered_key_is_the_same_key,
    an_adopted_key_was_made_behind_the_pin,
    a_forged_record_is_not_carried_out,
    exchanged_secret_keys_are_told_apart,
    a_secret_key_in_the_place_of_another_is_refused,
);

const ALGORITHMS: [&str; 3] = ["rsa-2048", "ec-p256", "aes-256"];

/// Public keys, certificates and an AES key of an attacker, in the working directory.
fn make_files(env: &TestEnv) {
    env.write("evil-rsa.pem", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    let script = "openssl rsa -in evil-rsa.pem -pubout -outform DER -out evil-rsa.der && \
        openssl ecparam -name prime256v1 -genkey -noout -out evil-ec.pem && \
        openssl ec -in evil-ec.pem -pubout -outform DER -out evil-ec.der && \
        openssl req -x509 -key evil-ec.pem -subj /CN=evil -days 9 -outform DER -out evil-cert.der && \
        head -c 32 /dev/zero | tr '\\0' 7 > evil-aes && printf '{}' > evil-data";
    env.shell(script).success();
    env.write("message", "m");
}

fn plant(env: &TestEnv, file: &str, kind: &str, label: &str, id: &str) {
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

/// Runs every command that names a key, by label and by CKA_ID: the command and how it ended.
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

/// A key, and one of each thing that was made with it.
fn key_with_products(env: &TestEnv, algorithm: &str) -> Value {
    let key = env.create("k", algorithm);
    for line in [
        "sign --label k --in message --out signature",
        "encrypt --label k --in message --out ciphertext",
        "jwt sign --label k --sub a --ttl 5m --out token",
    ] {
        // Not every kind of key does each.
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

fn clean(env: &TestEnv) {
    for name in ["signature", "ciphertext", "token"] {
        drop(std::fs::remove_file(env.file(name)));
    }
}

fn another_public_key_beside_a_key_changes_nothing(env: &TestEnv) {
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
            // Of the same kind as the key, the same CKA_ID is another arrangement.
            let is_same_kind = algorithm == "aes-256" && kind == "secrkey";
            plant(env, file, kind, "k", "6666");
            if !is_same_kind {
                plant(env, file, kind, "other", id);
                plant(env, file, kind, "k", id);
            }
            // After each only in `./dev test full`: without it after both public keys, and after all.
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

/// CKA_IDs that are the beginning of a key's, or begin as it does.
fn a_stranger_does_not_answer_to_the_first_digits_of_an_id(env: &TestEnv) {
    make_files(env);
    for algorithm in ["rsa-2048", "ec-p256"] {
        let key = key_with_products(env, algorithm);
        let (id, fingerprint) = (field(&key, "ckaId"), field(&key, "fingerprint"));
        let digits = &id[..8];
        let before = answers(env, "k", digits);
        for stranger in [digits.to_owned(), format!("{digits}66"), id.to_owned() + "66"] {
            for file in ["evil-rsa.der", "evil-ec.der"] {
                plant(env, file, "pubkey", "other", &stranger);
            }
            plant(env, "evil-aes", "secrkey", "other", &stranger);
            assert_eq!(answers(env, "k", digits), before, "{algorithm}, {stranger}");
            for select in [digits, id] {
                let shown = env.run(["key", "show", "--id", select, "--json"]).success().json();
                assert_eq!(shown["fingerprint"], fingerprint, "{algorithm}, {stranger}");
            }
            // Without the PIN nothing tells the two apart: no answer, rather than the stranger's.
            let alone = env.without("KMSCTL_PIN_FILE").run(["key", "show", "--pem", "--id", digits]);
            alone.fails(5);
        }
        env.run(["key", "delete", "--id", digits, "--yes"]).success();
        for (kind, count) in [("pubkey", 6), ("secrkey", 3)] {
            for _ in 0..count {
                pkcs11_tool(env, &["--delete-object", "--type", kind, "--label", "other"]);
            }
        }
        clean(env);
    }
}

fn remains(env: &TestEnv, kind: &str) -> bool {
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

fn a_replaced_public_half_is_refused_and_restored(env: &TestEnv) {
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
        ] {
            let line = line.replace('@', "--label k");
            let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
            assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_MISMATCH", "{line}");
            assert!(field(&refused.error(), "message").contains(fingerprint), "{line}: {refused}");
        }
        if algorithm == "rsa-2048" {
            env.run("encrypt --label k --in message".split(' ')).fails(6);
            env.run("decrypt --in ciphertext".split(' ')).success();
        }
        // The private half needs no public object.
        env.run("sign --label k --in message".split(' ')).success();
        let report = env.run(["doctor", "--json"]).exits(3).json();
        assert!(report.to_string().contains("PUBLIC_KEY_MISMATCH"), "{report:#}");
        let repaired = env.run(["doctor", "--repair"]).success();
        assert!(repaired.text().contains("restored the public key of version 1"), "{repaired}");
        env.run(["verify", "--label", "k", "--in", "message", "--signature", "signature"]).success();
        let shown = env.run(["key", "show", "--label", "k", "--json"]).success().json();
        assert_eq!(field(&shown, "fingerprint"), fingerprint);
        env.run(["key", "delete", "--label", "k", "--yes"]).success();
        assert!(env.labels().is_empty(), "nothing of the other key is left");
        clean(env);
    }
}

/// Another program's pair without a record: only its own private key can tell.
#[test]
fn a_foreign_pair_is_tried() {
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

/// Without a PIN, anyone can store a data object with the content of a record.
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
    // The embedded token gives a public key that says nothing of encryption no right to it.
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

fn a_copy_of_the_public_key_makes_no_ciphertext_ambiguous(env: &TestEnv) {
    make_files(env);
    env.create("k", "rsa-2048");
    let pem = env.public_key("k");
    env.run(["encrypt", "--public-key", &pem, "--in", "message", "--out", "sealed"]).success();
    env.shell("openssl rsa -pubin -in k.pem -outform DER -out k.der").success();
    plant(env, "k.der", "pubkey", "copy", "0d");
    assert_eq!(env.run(["decrypt", "--in", "sealed"]).success().text(), "m");
    env.run(["key", "create", "--label", "out", "--algorithm", "aes-256", "--exportable"]).success();
    env.run(["key", "wrap", "--label", "out", "--wrapping-key", &pem, "--out", "wrapped"]).success();
    env.run(["key", "unwrap", "--label", "in", "--in", "wrapped"]).success();
}

/// A secret key of another program that is not private can be replaced by anyone. Its record tells.
fn a_secret_key_that_was_replaced_is_refused(env: &TestEnv) {
    make_files(env);
    env.write("theirs", [9; 32]);
    plant(env, "theirs", "secrkey", "k", "0e");
    env.run(["key", "update", "--label", "k", "--memo", "known now"]).success();
    env.run(["encrypt", "--label", "k", "--in", "message", "--out", "sealed"]).success();
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", "0e"]);
    plant(env, "evil-aes", "secrkey", "k", "0e");
    for line in ["encrypt --label k --in message", "datakey --label k", "decrypt --in sealed"] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "KEY_REPLACED", "{line}");
    }
}

/// Renumbered, relabelled or both by another program: found again, and the record follows.
fn a_renumbered_key_is_the_same_key(env: &TestEnv) {
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

/// What looks like a creation that was cut short, but that anyone can use without the PIN, is not finished.
fn an_adopted_key_was_made_behind_the_pin(env: &TestEnv) {
    let made = env.create("k", "aes-256");
    let id = field(&made, "ckaId").to_owned();
    env.run(["key", "delete", "--label", "k", "--yes"]).success();
    // The CKA_ID of a key that kmsctl made under this label today.
    let args = ["--keygen", "--key-type", "AES:32", "--label", "k", "--id", &id, "--sensitive"];
    pkcs11_tool(env, &args);
    env.run(["key", "create", "--label", "k", "--algorithm", "aes-256"]).fails(8);
}

/// A record that was edited without the PIN reaches the token by no command, `doctor --repair` included.
fn a_forged_record_is_not_carried_out(env: &TestEnv) {
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
    assert_eq!(run("decrypt --in sealed").success().text(), "m", "the label is still that of the key");
}

/// Two secret keys whose CKA_IDs and labels another program exchanged: each record finds its own.
fn exchanged_secret_keys_are_told_apart(env: &TestEnv) {
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
    assert_eq!(env.run(["decrypt", "--in", "again"]).success().text(), "m", "the other one is gone");
}

/// Another key under the CKA_ID of a recorded one, by someone who knows the PIN.
fn a_secret_key_in_the_place_of_another_is_refused(env: &TestEnv) {
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

/// Java and NSS store no public key object: the certificate holds it, and the name.
#[test]
fn a_certificate_alone_names_and_proves_its_key() {
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
    // Another certificate in its place is found out.
    pkcs11_tool(&env, &["--delete-object", "--type", "cert", "--id", "0f0f"]);
    plant(&env, "evil-cert.der", "cert", "java", "0f0f");
    for line in ["verify --label java --in message --signature signature", "jwks --label java"] {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_MISMATCH", "{line}");
    }
    env.run(["key", "delete", "--label", "java", "--yes"]).success();
    assert!(!remains(&env, "cert"));
}
