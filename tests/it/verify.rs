//! `verify`: exit 0 if the signature is valid, 3 if not, others for errors; with a key on a token or in a file.

use crate::support::{TestEnv, oracle, token};

token::on_both_tokens!(
    valid_and_invalid_signatures,
    signatures_by_openssl,
    every_encoding_of_a_signature,
    needs_no_pin,
    verifies_a_digest,
    the_algorithm_must_match,
);

fn signed(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("message", "m");
    env.write("other", "M");
    for label in ["rsa", "ec"] {
        let out = format!("{label}.sig");
        env.run(["sign", "--label", label, "--in", "message", "--encoding", "binary", "--out", &out])
            .success();
        env.public_key(label);
    }
}

fn valid_and_invalid_signatures(env: &TestEnv) {
    signed(env);
    for label in ["rsa", "ec"] {
        let (signature, key) = (format!("{label}.sig"), format!("{label}.pem"));
        for by in [["--label", label], ["--public-key", key.as_str()]] {
            let verify = |message: &str| {
                env.run(
                    ["verify", "--signature", &signature, "--in", message]
                        .iter()
                        .chain(&by)
                        .collect::<Vec<_>>(),
                )
            };
            verify("message").exits(0);
            verify("other").exits(3);
        }
    }
    env.run(["verify", "--label", "ec", "--signature", "rsa.sig", "--in", "message"]).exits(3);
    env.run(["verify", "--label", "rsa", "--signature", "ec.sig", "--in", "message"]).exits(3);
    let answer = env
        .run(["verify", "--label", "rsa", "--signature", "rsa.sig", "--in", "message", "--json"])
        .success();
    assert_eq!(answer.json()["valid"], true);
    let answer =
        env.run(["verify", "--label", "rsa", "--signature", "rsa.sig", "--in", "other", "--json"]).exits(3);
    assert!(answer.stdout.is_empty() || answer.json()["valid"] == false, "{answer}");
}

/// One changed bit anywhere makes the signature invalid.
#[test]
fn altered_signatures_are_invalid() {
    let env = token::embedded();
    signed(&env);
    for label in ["rsa", "ec"] {
        let good = env.read(&format!("{label}.sig"));
        let key = format!("{label}.pem");
        for at in [0, 1, 2, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            env.write("bad.sig", bad);
            env.run(["verify", "--public-key", &key, "--signature", "bad.sig", "--in", "message"]).exits(3);
        }
        for length in [0, 1, good.len() - 1] {
            env.write("short.sig", &good[..length]);
            let output =
                env.run(["verify", "--public-key", &key, "--signature", "short.sig", "--in", "message"]);
            assert!(matches!(output.status.code(), Some(2 | 3)), "{output}");
        }
        env.write("long.sig", [good.as_slice(), &[0]].concat());
        env.run(["verify", "--public-key", &key, "--signature", "long.sig", "--in", "message"]).exits(3);
    }
}

fn signatures_by_openssl(env: &TestEnv) {
    env.write("message", "m");
    let openssl = |args: &str| oracle::tool(env, "openssl", &args.split(' ').collect::<Vec<_>>());
    openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out rsa.key");
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key");
    for (key, options, algorithm) in [
        ("rsa", "-sha256", "RS256"),
        ("rsa", "-sha512", "RS512"),
        ("rsa", "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest", "PS384"),
        ("ec", "-sha256", "ES256"),
    ] {
        openssl(&format!("pkey -in {key}.key -pubout -out {key}.pem"));
        openssl(&format!("dgst {options} -sign {key}.key -out sig message"));
        let file = format!("{key}.pem");
        env.run([
            "verify",
            "--public-key",
            &file,
            "--signature",
            "sig",
            "--in",
            "message",
            "--algorithm",
            algorithm,
        ])
        .exits(0);
    }
}

fn every_encoding_of_a_signature(env: &TestEnv) {
    signed(env);
    for label in ["rsa", "ec"] {
        for encoding in ["base64", "base64url", "hex", "binary"] {
            for ecdsa in ["der", "p1363"] {
                let args = ["--label", label, "--in", "message", "--encoding", encoding];
                let mut sign = vec!["sign", "--out", "form.sig"];
                sign.extend(args);
                if label == "ec" {
                    sign.extend(["--ecdsa", ecdsa]);
                }
                env.run(&sign).success();
                let verify = ["verify", "--label", label, "--in", "message", "--signature"];
                env.run(verify.iter().chain(&["form.sig"])).exits(0);
                if encoding != "binary" {
                    let text = String::from_utf8(env.read("form.sig")).expect("text");
                    let option = format!("--signature={}", text.trim_end());
                    env.run(["verify", "--label", label, "--in", "message", &option]).exits(0);
                }
            }
        }
    }
}

fn needs_no_pin(env: &TestEnv) {
    signed(env);
    env.without("KMSCTL_PIN_FILE")
        .run(["verify", "--label", "rsa", "--signature", "rsa.sig", "--in", "message", "--no-input"])
        .exits(0);
}

fn verifies_a_digest(env: &TestEnv) {
    signed(env);
    env.shell("openssl dgst -sha256 -binary message > digest").success();
    env.run(["verify", "--label", "ec", "--signature", "ec.sig", "--in", "digest", "--digest"]).exits(0);
    env.run(["verify", "--label", "ec", "--signature", "ec.sig", "--in", "message", "--digest"]).fails(2);
}

fn the_algorithm_must_match(env: &TestEnv) {
    signed(env);
    let verify = |algorithm: &str| {
        env.run([
            "verify",
            "--label",
            "rsa",
            "--signature",
            "rsa.sig",
            "--in",
            "message",
            "--algorithm",
            algorithm,
        ])
    };
    verify("RS256").exits(0);
    verify("RS384").exits(3);
    verify("PS256").exits(3);
    verify("ES256").fails(2);
}

#[test]
fn a_public_key_needs_no_token() {
    let env = token::embedded();
    signed(&env);
    let bare = TestEnv::new();
    for name in ["rsa.pem", "rsa.sig", "message"] {
        bare.write(name, env.read(name));
    }
    bare.run(["verify", "--public-key", "rsa.pem", "--signature", "rsa.sig", "--in", "message"]).exits(0);
    assert!(!bare.path("home/data/kmsctl").exists(), "a command that needs no store made one");
}

#[test]
fn errors_have_other_exit_codes_than_answers() {
    let env = token::embedded();
    signed(&env);
    let verify = |key: &str, signature: &str| {
        env.run(["verify", "--public-key", key, "--signature", signature, "--in", "message"])
    };
    verify("nowhere.pem", "rsa.sig").fails(1).saying("nowhere.pem");
    verify("message", "rsa.sig").fails(2).saying("message");
    verify("rsa.pem", "!!! not a signature !!!").fails(2);
    env.run(["verify", "--label", "nobody", "--signature", "rsa.sig", "--in", "message"]).fails(4);
    env.run(["verify", "--label", "rsa", "--in", "message"]).fails(2).saying("--signature");
    env.run(["verify", "--signature", "rsa.sig", "--in", "message"]).fails(2);
}

#[test]
fn a_private_key_as_public_key_is_refused() {
    let env = token::embedded();
    signed(&env);
    oracle::tool(&env, "openssl", &["genpkey", "-algorithm", "RSA", "-out", "private.pem"]);
    let refused = env
        .run(["verify", "--public-key", "private.pem", "--signature", "rsa.sig", "--in", "message"])
        .fails(2);
    assert!(!refused.stderr_text().contains("MII"), "{refused}");
}
