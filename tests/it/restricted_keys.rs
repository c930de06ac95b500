//! Keys of other programs with restrictions (CKA_ALWAYS_AUTHENTICATE, allowed mechanisms) or usages that kmsctl never
//! sets: they work, and a new version is no weaker.

use crate::support::{
    TestEnv,
    fault::{Call, take_calls, watched},
    field, oracle,
    oracle::pkcs11_tool,
    terminal::Terminal,
    token,
};

token::on_both_tokens!(
    always_authenticate_keys_work_in_every_command,
    a_failed_context_login_ends_the_run,
    rotating_an_extractable_key_makes_a_non_extractable_version,
    rotation_keeps_restrictions,
    a_superseded_version_cannot_sign,
);

fn create_always_authenticate(env: &TestEnv, label: &str, kind: &str) {
    let args =
        ["--keypairgen", "--key-type", kind, "--label", label, "--id", "a9", "--usage-sign", "--always-auth"];
    pkcs11_tool(env, &args);
}

/// The number of context-specific logins: all logins except the first.
fn context_logins(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.function == "C_Login").count().saturating_sub(1)
}

fn always_authenticate_keys_work_in_every_command(env: &TestEnv) {
    env.write("message", "m");
    env.write("large", vec![7; 200_000]);
    for (kind, algorithm) in [("RSA:2048", "RS256"), ("EC:prime256v1", "ES256")] {
        create_always_authenticate(env, "ask", kind);
        for input in ["message", "large"] {
            watched(env).run(["sign", "--label", "ask", "--in", input, "--out", "signature"]).success();
            assert!(context_logins(&take_calls(env)) >= 1, "{kind}");
            env.run(["verify", "--label", "ask", "--in", input, "--signature", "signature"]).success();
        }
        let both = ["sign", "--label", "ask", "--in", "message", "--in", "large"];
        env.run(both).success().saying("2 signatures take 2 logins");
        env.run(["jwt", "sign", "--label", "ask", "--sub", "a", "--ttl", "5m"]).success();
        let line = format!(
            "{{\"op\":\"sign\",\"label\":\"ask\",\"algorithm\":\"{algorithm}\",\"data\":\"aGk=\"}}\n"
        );
        for jobs in ["1", "4"] {
            let answers = env.run_with_stdin(line.repeat(20), ["batch", "--jobs", jobs]).success();
            assert_eq!(answers.text().matches("\"signature\"").count(), 20, "{answers}");
        }
        env.write("requests", line.repeat(3));
        env.run(["batch", "--in", "requests"]).success().saying("at most 3 in this batch");
        let shown = env.run(["key", "show", "--label", "ask", "--json"]).success().json();
        assert_eq!(shown["isAlwaysAuthenticate"], true);
        let shown = env.run(["key", "show", "--label", "ask"]).success();
        assert!(shown.text().contains("asked for at each use"), "{shown}");
        env.run(["key", "delete", "--label", "ask", "--yes"]).success();
    }
    let args = [
        "--keypairgen",
        "--key-type",
        "RSA:2048",
        "--label",
        "open",
        "--id",
        "aa",
        "--usage-decrypt",
        "--always-auth",
    ];
    pkcs11_tool(env, &args);
    env.run(["encrypt", "--label", "open", "--in", "message", "--out", "sealed"]).success();
    env.run(["decrypt", "--in", "sealed", "--out", "opened"]).success();
    assert_eq!(env.read("opened"), b"m");
}

fn a_failed_context_login_ends_the_run(env: &TestEnv) {
    create_always_authenticate(env, "ask", "RSA:2048");
    env.write("message", "m");
    let line = "{\"op\":\"sign\",\"label\":\"ask\",\"data\":\"aGk=\"}\n".repeat(10);
    env.write("requests", line);
    for (args, code) in [
        (vec!["sign", "--label", "ask", "--in", "message"], vec![5]),
        (vec!["batch", "--in", "requests", "--jobs", "4"], vec![1, 5]),
        (vec!["sign", "--label", "ask", "--in", "message", "--in", "requests"], vec![1, 5]),
    ] {
        // The first C_Login is the user login.
        watched(env).with("KMSCTL_FAULT", "C_Login:2+ fail-before 0xa0").run(&args).exits_any(&code);
        let calls = take_calls(env);
        assert_eq!(context_logins(&calls), 1, "{args:?}: not exactly one try");
    }
}

fn rotating_an_extractable_key_makes_a_non_extractable_version(env: &TestEnv) {
    for (label, kind, id) in [("ex", "RSA:2048", "e1"), ("ec", "EC:prime256v1", "e2")] {
        let args = [
            "--keypairgen",
            "--key-type",
            kind,
            "--extractable",
            "--label",
            label,
            "--id",
            id,
            "--usage-sign",
        ];
        pkcs11_tool(env, &args);
        env.run(["key", "rotate", "--label", label]).success();
        assert_protected(env, label);
        env.run(["key", "rotate", "--label", label]).success();
        assert_protected(env, label);
    }
    pkcs11_tool(
        env,
        &["--keygen", "--key-type", "AES:32", "--private", "--extractable", "--label", "aes", "--id", "e3"],
    );
    env.run(["key", "rotate", "--label", "aes"]).success();
    assert_protected(env, "aes");
}

#[track_caller]
fn assert_protected(env: &TestEnv, label: &str) {
    let shown = env.run(["key", "show", "--label", label]).success();
    let of = |name: &str| {
        let line = shown.text().lines().find(|line| line.trim_start().starts_with(name)).expect("a line");
        line.split_once(':').expect("a value").1.trim().to_owned()
    };
    assert_eq!(
        (of("Sensitive"), of("Extractable")),
        ("yes, always".to_owned(), "no, never".to_owned()),
        "{shown}"
    );
}

fn rotation_keeps_restrictions(env: &TestEnv) {
    create_always_authenticate(env, "ask", "RSA:2048");
    env.run(["key", "rotate", "--label", "ask"]).success();
    let shown = env.run(["key", "show", "--label", "ask", "--json"]).success().json();
    assert_eq!((&shown["version"], &shown["isAlwaysAuthenticate"]), (&2.into(), &true.into()));
    env.write("message", "m");
    watched(env).run(["sign", "--label", "ask", "--in", "message"]).success();
    assert!(context_logins(&take_calls(env)) >= 1);
    let args = [
        "--keypairgen",
        "--key-type",
        "EC:prime256v1",
        "--label",
        "dh",
        "--id",
        "d1",
        "--usage-sign",
        "--usage-derive",
        "--usage-decrypt",
    ];
    pkcs11_tool(env, &args);
    env.run(["key", "rotate", "--label", "dh"]).success();
    let shown = env.run(["key", "show", "--label", "dh", "--json"]).success().json();
    assert_eq!((&shown["version"], shown["otherUsage"][0].as_str()), (&2.into(), Some("derive")), "{shown}");
    // No EC key decrypts.
    assert_eq!(shown["usage"], serde_json::json!(["sign", "verify"]), "{shown}");
    for line in ["key disable", "key enable", "sign --in message"] {
        env.run(format!("{line} --label dh").split(' ')).success();
        assert!(!usage_of(env, field(&shown, "ckaId")).contains("decrypt"), "{line}");
    }
    let report = env.run(["doctor", "--json"]).json().to_string();
    assert!(!report.contains("MORE_THAN_RECORDED") && !report.contains("UNUSABLE"), "{report}");
    // A token that rejects the template (CKR_TEMPLATE_INCONSISTENT).
    let before = env.keys().len();
    let refused = watched(env).with("KMSCTL_FAULT", "C_GenerateKeyPair:1+ fail-before 0xd1");
    refused.run(["key", "rotate", "--label", "dh"]).fails(6).saying("CKA_DERIVE");
    assert_eq!(env.keys().len(), before);
}

/// The usage of a private key, as `pkcs11-tool` lists it.
fn usage_of(env: &TestEnv, id: &str) -> String {
    let listed = pkcs11_tool(env, &["--list-objects", "--type", "privkey"]);
    let mut lines = listed.text().lines().skip_while(|line| !line.contains(id));
    lines.find(|line| line.contains("Usage:")).expect("a usage").to_owned()
}

fn a_superseded_version_cannot_sign(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("rsa", "rsa-2048");
    env.write("message", "m");
    for label in ["web", "rsa"] {
        env.run(["sign", "--label", label, "--in", "message", "--out", "old"]).success();
        let first =
            field(&env.run(["key", "show", "--label", label, "--json"]).success().json(), "ckaId").to_owned();
        env.run(["key", "rotate", "--label", label]).success();
        for select in [["--key-version", "1"], ["--id", &first]] {
            let args = [&["sign", "--label", label, "--in", "message"], &select[..]].concat();
            env.run(&args).fails(7).saying("version 2");
        }
        env.run(["verify", "--label", label, "--in", "message", "--signature", "old"]).success();
        env.run(["sign", "--label", label, "--in", "message"]).success();
        let usage = usage_of(env, &first);
        assert!(!usage.contains("sign"), "{label}: {usage}");
        // Disabling and enabling the key does not restore the usage.
        env.run(["key", "disable", "--label", label]).success();
        env.run(["key", "enable", "--label", label]).success();
        let usage = usage_of(env, &first);
        assert!(!usage.contains("sign"), "{label}: {usage}");
        env.run(["doctor"]).success();
    }
    env.run(["encrypt", "--label", "rsa", "--in", "message", "--out", "sealed"]).success();
    env.run(["key", "rotate", "--label", "rsa"]).success();
    env.run(["decrypt", "--in", "sealed", "--out", "opened"]).success();
}

/// `pkcs11-tool` sets CKA_ALLOWED_MECHANISMS, which SoftHSM enforces.
#[test]
fn keys_limited_to_hashing_mechanisms_sign_data_of_any_length() {
    let env = token::softhsm();
    for (label, mechanism, algorithm) in [
        ("pkcs", "SHA256-RSA-PKCS", "RS256"),
        ("pss", "SHA384-RSA-PKCS-PSS", "PS384"),
        ("raw", "RSA-PKCS", "RS512"),
    ] {
        let args = [
            "--keypairgen",
            "--key-type",
            "RSA:2048",
            "--label",
            label,
            "--usage-sign",
            "--allowed-mechanisms",
            mechanism,
        ];
        pkcs11_tool(
            &env,
            &[
                &args[..],
                &[
                    "--id",
                    if label == "pkcs" {
                        "b1"
                    } else if label == "pss" {
                        "b2"
                    } else {
                        "b3"
                    },
                ],
            ]
            .concat(),
        );
        let public = env.public_key(label);
        for length in [0, 1, 65_536, 65_537, 3_000_000] {
            env.write("message", vec![b'x'; length]);
            let sign = ["sign", "--label", label, "--algorithm", algorithm, "--in", "message"];
            env.run([&sign[..], &["--encoding", "binary", "--out", "signature"]].concat()).success();
            assert!(oracle::accepts(&env, algorithm, &public, "signature", "message"), "{label}: {length}");
        }
        let shown = env.run(["key", "show", "--label", label, "--json"]).success().json();
        assert!(field_text(&shown, "allowedMechanisms").starts_with("CKM_"), "{shown}");
        env.run(["key", "rotate", "--label", label]).success();
        let rotated = env.run(["key", "show", "--label", label, "--json"]).success().json();
        assert_eq!(rotated["allowedMechanisms"], shown["allowedMechanisms"]);
        assert_eq!(rotated["version"], 2);
    }
    env.write("message", vec![b'x'; 100_000]);
    env.run(["sign", "--label", "pkcs", "--algorithm", "PS256", "--in", "message"]).fails(6);
    env.run(["sign", "--label", "pkcs", "--format", "jws", "--detached", "--in", "message"]).success();
}

/// What the token would never decrypt is not encrypted: the private half may not decrypt, or by no mechanism of kmsctl.
#[test]
fn nothing_is_sealed_to_a_key_that_cannot_decrypt() {
    let env = token::softhsm();
    env.write("message", "m");
    let lists = [("am", "SHA256-RSA-PKCS"), ("raw", "RSA-PKCS,RSA-X-509"), ("odd", "RSA-9796")];
    for (label, mechanisms) in lists {
        let id = data_encoding::HEXLOWER.encode(label.as_bytes());
        let pair = ["--keypairgen", "--key-type", "RSA:2048", "--label", label, "--id", &id];
        pkcs11_tool(&env, &[&pair[..], &["--allowed-mechanisms", mechanisms]].concat());
    }
    let seals: [&[&str]; 3] = [
        &["encrypt", "--in", "message", "--out", "sealed", "--label"],
        &["encrypt", "--in", "message", "--out", "sealed", "--format", "age", "--label"],
        &["datakey", "--label"],
    ];
    let each = |label: &str| {
        seals.map(|seal| env.run([seal, &[label]].concat()).status.code().expect("an exit code"))
    };
    let usage =
        |label: &str| env.run(["key", "show", "--json", "--label", label]).success().json()["usage"].clone();
    let report = env.run(["doctor", "--json"]).json();
    let findings = report["findings"].as_array().expect("findings");
    let is_named =
        |label: &str| findings.iter().any(|one| one["code"] == "RESTRICTED" && one["subject"] == label);
    for rotated in [false, true] {
        assert_eq!((each("am"), each("raw"), each("odd")), ([7; 3], [0; 3], [7; 3]), "{rotated}");
        let all = serde_json::json!(["sign", "verify", "encrypt", "decrypt"]);
        assert_eq!((usage("raw"), usage("am")), (all, serde_json::json!(["sign", "verify"])), "{rotated}");
        assert_eq!(usage("odd"), serde_json::json!(["verify"]), "{rotated}");
        assert_eq!(["am", "raw", "odd"].map(is_named), [true, false, true], "{report:#}");
        for label in ["am", "raw"] {
            env.run(["sign", "--label", label, "--in", "message"]).success();
            env.run(["key", "rotate", "--label", label]).success();
        }
    }
    env.run(["sign", "--label", "odd", "--in", "message"]).fails(7);
}

/// The public half of another program's key says CKA_ENCRYPT, the private one does not say CKA_DECRYPT.
#[test]
fn nothing_is_sealed_to_a_key_without_cka_decrypt() {
    let env = token::softhsm();
    env.write("message", "m");
    let create = [
        "key",
        "create",
        "--label",
        "one",
        "--algorithm",
        "rsa-2048",
        "--usage",
        "sign,verify",
        "--id",
        "a1",
    ];
    env.run(create).success();
    pkcs11_tool(&env, &["--delete-object", "--type", "data", "--label", "one"]);
    pkcs11_tool(&env, &["--read-object", "--type", "pubkey", "--id", "a1", "--output-file", "half"]);
    pkcs11_tool(&env, &["--delete-object", "--type", "pubkey", "--id", "a1"]);
    let write = ["--write-object", "half", "--type", "pubkey", "--label", "one", "--id", "a1"];
    pkcs11_tool(&env, &[&write[..], &["--usage-sign", "--usage-decrypt"]].concat());
    assert!(env.run(["key", "show", "--label", "one", "--json"]).success().json()["registerDate"].is_null());
    env.run(["encrypt", "--label", "one", "--in", "message"]).fails(7).saying("may not encrypt");
    env.run(["sign", "--label", "one", "--in", "message"]).success();
}

fn field_text(value: &serde_json::Value, name: &str) -> String {
    value[name][0].as_str().unwrap_or_default().to_owned()
}

/// The PIN is asked for once, however many context-specific logins need it.
#[test]
fn the_pin_is_typed_once() {
    let env = token::softhsm();
    create_always_authenticate(&env, "ask", "RSA:2048");
    env.write("one", "1");
    env.write("two", "2");
    let mut command = env
        .without("KMSCTL_PIN_FILE")
        .command(crate::support::KMSCTL, ["sign", "--label", "ask", "--in", "one", "--in", "two"]);
    command.env_remove("KMSCTL_PIN_FILE");
    let mut terminal = Terminal::start(command);
    terminal.sees("User PIN for ");
    terminal.types(token::PIN);
    let (rest, code) = terminal.ends();
    assert_eq!(code, 0, "{rest}");
    assert!(!rest.contains("User PIN for "), "{rest}");
}
