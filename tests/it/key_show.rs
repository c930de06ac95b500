//! `key show`: one key, and its public key in the formats of other programs.

use serde_json::{Value, json};

use crate::support::{TestEnv, field, oracle, token};

token::on_both_tokens!(
    pem_is_one_block_and_nothing_else,
    der_is_the_same_key,
    jwk_has_its_thumbprint_as_kid,
    ssh_keygen_reads_the_ssh_format,
    needs_no_pin,
    a_secret_key_has_no_public_key,
    refuses_two_formats_at_once,
    text_output_shows_the_main_fields,
    output_is_the_same_in_every_run,
);

fn both_keys(env: &TestEnv) -> [&'static str; 2] {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    ["rsa", "ec"]
}

fn pem_is_one_block_and_nothing_else(env: &TestEnv) {
    for label in both_keys(env) {
        let output = env.run(["key", "show", "--label", label, "--pem"]).success().silent();
        let lines: Vec<_> = output.text().lines().collect();
        assert_eq!(lines[0], "-----BEGIN PUBLIC KEY-----");
        assert_eq!(lines[lines.len() - 1], "-----END PUBLIC KEY-----");
        let body = &lines[1..lines.len() - 1];
        assert!(body.iter().rev().skip(1).all(|line| line.len() == 64), "{output}");
        assert!(output.text().ends_with('\n'), "{output}");
        env.write("shown.pem", output.text());
        let parsed = oracle::tool(env, "openssl", &["pkey", "-pubin", "-in", "shown.pem", "-pubout"]);
        assert_eq!(parsed.text(), output.text());
    }
}

fn der_is_the_same_key(env: &TestEnv) {
    for label in both_keys(env) {
        let pem = env.file(&env.public_key(label));
        assert_eq!(
            env.run(["key", "show", "--label", label, "--der"]).success().stdout,
            oracle::der_of(env, &pem)
        );
    }
}

fn jwk_has_its_thumbprint_as_kid(env: &TestEnv) {
    both_keys(env);
    let rsa = env.run(["key", "show", "--label", "rsa", "--jwk"]).success().json();
    assert_eq!((&rsa["kty"], &rsa["e"]), (&json!("RSA"), &json!("AQAB")));
    let modulus = data_encoding::BASE64URL_NOPAD.decode(field(&rsa, "n").as_bytes()).expect("base64url");
    assert_eq!(modulus.len(), 256);
    let described =
        oracle::tool(env, "openssl", &["rsa", "-pubin", "-in", &env.public_key("rsa"), "-modulus", "-noout"]);
    assert_eq!(described.line(), format!("Modulus={}", data_encoding::HEXUPPER.encode(&modulus)));
    let ec = env.run(["key", "show", "--label", "ec", "--jwk"]).success().json();
    assert_eq!((&ec["kty"], &ec["crv"]), (&json!("EC"), &json!("P-256")));
    assert_eq!((field(&ec, "x").len(), field(&ec, "y").len()), (43, 43));
    // RFC 7638: SHA-256 of the required members in lexicographic order without spaces.
    let required = [
        (&rsa, format!(r#"{{"e":{},"kty":{},"n":{}}}"#, rsa["e"], rsa["kty"], rsa["n"])),
        (&ec, format!(r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#, ec["crv"], ec["kty"], ec["x"], ec["y"])),
    ];
    for (jwk, text) in required {
        env.write("required", text);
        let hash = oracle::tool(env, "openssl", &["dgst", "-sha256", "-binary", "required"]).stdout;
        assert_eq!(jwk["kid"], data_encoding::BASE64URL_NOPAD.encode(&hash));
        assert!(
            !jwk.as_object()
                .expect("object")
                .keys()
                .any(|name| ["d", "p", "q", "k"].contains(&name.as_str()))
        );
    }
}

fn ssh_keygen_reads_the_ssh_format(env: &TestEnv) {
    for (label, kind) in both_keys(env).into_iter().zip(["ssh-rsa", "ecdsa-sha2-nistp256"]) {
        let line = env.run(["key", "show", "--label", label, "--ssh"]).success();
        assert!(line.line().starts_with(&format!("{kind} AAAA")), "{line}");
        env.write("key.pub", &line.stdout);
        let back = oracle::tool(env, "ssh-keygen", &["-e", "-m", "PKCS8", "-f", "key.pub"]);
        assert_eq!(back.stdout, env.read(&env.public_key(label)));
    }
}

fn needs_no_pin(env: &TestEnv) {
    for label in both_keys(env) {
        env.without("KMSCTL_PIN_FILE")
            .run(["key", "show", "--label", label, "--pem", "--no-input"])
            .success()
            .saying("nothing proves that the public key");
        env.run(["key", "show", "--label", label, "--pem"]).success().silent();
    }
}

fn a_secret_key_has_no_public_key(env: &TestEnv) {
    env.create("data", "aes-256");
    for form in ["--pem", "--der", "--jwk", "--ssh"] {
        let output = env.run(["key", "show", "--label", "data", form]);
        assert!(matches!(output.status.code(), Some(2 | 7)) && output.stdout.is_empty(), "{output}");
    }
    let key = env.run(["key", "show", "--label", "data", "--json"]).success().json();
    assert_eq!(key["publicKey"], Value::Null);
}

fn refuses_two_formats_at_once(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.run(["key", "show", "--label", "ec", "--pem", "--jwk"]).fails(2).saying("--jwk");
}

fn text_output_shows_the_main_fields(env: &TestEnv) {
    let key = env.create("ec", "ec-p256");
    let shown = env.run(["key", "show", "--label", "ec"]).success().silent();
    for part in ["ec", field(&key, "ckaId"), "enabled", "sign"] {
        assert!(shown.text().contains(part), "no {part}\n{shown}");
    }
}

fn output_is_the_same_in_every_run(env: &TestEnv) {
    both_keys(env);
    let show = ["key", "show", "--label", "rsa", "--json"];
    assert_eq!(env.run(show).success().json(), env.run(show).success().json());
}
