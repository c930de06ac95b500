//! `sign`: `openssl` accepts the signatures, whatever the size and speed of the input and the encoding of the output.

use std::process::Stdio;

use crate::support::{KMSCTL, TestEnv, oracle, path_text, process, token};

token::on_both_tokens!(
    openssl_accepts_every_algorithm,
    the_default_algorithm_depends_on_the_key,
    signs_large_and_empty_input,
    a_slow_pipe_is_read_to_its_end,
    signs_a_digest,
    a_digest_of_the_wrong_length_is_refused,
    every_encoding_holds_the_same_signature,
    ecdsa_signatures_in_der_and_p1363,
    an_algorithm_of_another_key_type_is_refused,
    a_key_without_the_usage_sign_is_refused,
    json_contains_the_signature,
    more_than_one_mebibyte_from_a_pipe,
);

fn sign_to(env: &TestEnv, label: &str, algorithm: &str, message: &str) -> bool {
    let out = format!("{label}.{algorithm}.sig");
    env.run([
        "sign",
        "--label",
        label,
        "--algorithm",
        algorithm,
        "--in",
        message,
        "--encoding",
        "binary",
        "--out",
        &out,
    ])
    .success();
    oracle::accepts(env, algorithm, &env.public_key(label), &out, message)
}

fn openssl_accepts_every_algorithm(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("message", "pay 10 EUR to Alice\n");
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert!(sign_to(env, "rsa", algorithm, "message"), "{algorithm}");
    }
    assert!(sign_to(env, "ec", "ES256", "message"));
    env.write("other", "pay 99 EUR to Alice\n");
    assert!(
        !oracle::accepts(env, "RS256", "rsa.pem", "rsa.RS256.sig", "other"),
        "openssl accepts any signature"
    );
}

fn the_default_algorithm_depends_on_the_key(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("message", "m");
    for (label, algorithm) in [("rsa", "RS256"), ("ec", "ES256")] {
        env.run(["sign", "--label", label, "--in", "message", "--encoding", "binary", "--out", "sig"])
            .success();
        assert!(oracle::accepts(env, algorithm, &env.public_key(label), "sig", "message"), "{label}");
    }
}

fn signs_large_and_empty_input(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("empty", "");
    env.write("large", vec![0x5a; 3_000_001]);
    for message in ["empty", "large"] {
        assert!(sign_to(env, "rsa", "PS256", message), "{message}");
        assert!(sign_to(env, "ec", "ES256", message), "{message}");
    }
}

fn more_than_one_mebibyte_from_a_pipe(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.write("message", vec![7; (1 << 20) + 1]);
    env.shell("cat message | kmsctl sign --label ec --encoding binary > sig").success();
    assert!(oracle::accepts(env, "ES256", &env.public_key("ec"), "sig", "message"));
}

/// Signing only what the first `read` returned would make a valid signature of half the message.
fn a_slow_pipe_is_read_to_its_end(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.write("message", "part1part2");
    env.shell("(printf part1; sleep 0.4; printf part2) | kmsctl sign --label rsa --encoding binary > sig")
        .success();
    assert!(oracle::accepts(env, "RS256", &env.public_key("rsa"), "sig", "message"));
}

fn signs_a_digest(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("message", "m");
    for (label, algorithm, hash) in
        [("rsa", "RS512", "sha512"), ("rsa", "PS384", "sha384"), ("ec", "ES256", "sha256")]
    {
        let line = format!(
            "openssl dgst -{hash} -binary message | \
             kmsctl sign --label {label} --algorithm {algorithm} --digest --encoding binary > sig"
        );
        env.shell(&line).success();
        assert!(oracle::accepts(env, algorithm, &env.public_key(label), "sig", "message"), "{algorithm}");
    }
}

fn a_digest_of_the_wrong_length_is_refused(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    for (label, algorithm, length) in [
        ("rsa", "RS256", 31),
        ("rsa", "RS256", 33),
        ("rsa", "PS512", 32),
        ("ec", "ES256", 64),
        ("ec", "ES256", 0),
    ] {
        env.run_with_stdin(vec![1; length], ["sign", "--label", label, "--algorithm", algorithm, "--digest"])
            .fails(2)
            .saying(&length.to_string());
    }
}

fn every_encoding_holds_the_same_signature(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.write("message", "m");
    let sign = |encoding: &str| {
        env.run(["sign", "--label", "rsa", "--in", "message", "--encoding", encoding]).success().silent()
    };
    // RSASSA-PKCS1-v1_5 is deterministic: all encodings are of the same signature.
    let binary = sign("binary").stdout;
    assert_eq!(binary.len(), 256);
    let hex = data_encoding::HEXLOWER.encode(&binary);
    assert_eq!(sign("hex").line(), hex);
    assert_eq!(sign("base64").line(), data_encoding::BASE64.encode(&binary));
    assert_eq!(sign("base64url").line(), data_encoding::BASE64URL_NOPAD.encode(&binary));
    let default = env.run(["sign", "--label", "rsa", "--in", "message"]).success();
    assert_eq!(default.line(), data_encoding::BASE64.encode(&binary));
    env.run(["sign", "--label", "rsa", "--in", "message", "--encoding", "base32"])
        .fails(2)
        .saying("base64url");
}

fn ecdsa_signatures_in_der_and_p1363(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.write("message", "m");
    let sign =
        ["sign", "--label", "ec", "--in", "message", "--encoding", "binary", "--out", "sig", "--ecdsa"];
    env.run(sign.iter().chain(&["der"])).success();
    assert_eq!(env.read("sig")[0], 0x30);
    assert!(oracle::accepts(env, "ES256", &env.public_key("ec"), "sig", "message"));
    env.run(sign.iter().chain(&["p1363"])).success();
    assert_eq!(env.read("sig").len(), 64);
    env.run(["verify", "--public-key", "ec.pem", "--in", "message", "--signature", "sig"]).success();
}

fn an_algorithm_of_another_key_type_is_refused(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.run(["sign", "--label", "rsa", "--algorithm", "ES256"]).fails(2).saying("RS256");
    env.run(["sign", "--label", "ec", "--algorithm", "PS256"]).fails(2).saying("ES256");
    env.run(["sign", "--label", "ec", "--algorithm", "HS256"]).fails(2);
    env.run(["sign", "--label", "ec", "--algorithm", "none"]).fails(2);
}

fn a_key_without_the_usage_sign_is_refused(env: &TestEnv) {
    env.create("data", "aes-256");
    env.run(["key", "create", "--label", "cipher", "--algorithm", "rsa-2048", "--usage", "encrypt,decrypt"])
        .success();
    env.run(["sign", "--label", "data"]).fails(7).saying("data");
    env.run(["sign", "--label", "cipher"]).fails(7).saying("cipher");
}

fn json_contains_the_signature(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.write("message", "m");
    let signed = env.run(["sign", "--label", "ec", "--in", "message", "--json"]).success().silent().json();
    let signature = signed["signature"].as_str().expect("signature");
    assert_eq!(signed["algorithm"], "ES256");
    env.run(["verify", "--label", "ec", "--in", "message", "--signature", signature]).success();
}

#[test]
fn a_closed_output_pipe_is_an_error() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    let mut command = env.command(KMSCTL, ["sign", "--label", "ec"]);
    let (reader, writer) = std::io::pipe().expect("pipe");
    drop(reader);
    let child = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().expect("kmsctl");
    process::finish(child, process::shown(&command), env.root()).exits(1).saying("Broken pipe");
}

#[test]
fn a_full_standard_output_is_an_error() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    env.shell("kmsctl sign --label ec < /dev/null > /dev/full").exits(1).saying("No space left");
}

/// A system's openssl.cnf may load a PKCS#11 provider by default, or one that does not exist.
#[test]
fn the_systems_openssl_configuration_is_ignored() {
    let mut env = token::embedded();
    for (label, algorithm) in [("rsa", "rsa-2048"), ("ec", "ec-p256")] {
        env.create(label, algorithm);
    }
    env.write("message", "m");
    let configuration = env.write(
        "openssl.cnf",
        "openssl_conf = all\n\
         [all]\nproviders = providers\nalg_section = algorithms\n\
         [algorithms]\ndefault_properties = ?provider=pkcs11\n\
         [providers]\npkcs11 = pkcs11\n\
         [pkcs11]\nmodule = /nonexistent/pkcs11.so\nactivate = 1\n",
    );
    env.set("OPENSSL_CONF", path_text(&configuration));
    env.shell("openssl dgst -sha256 message").exits(1);
    for (label, algorithm) in [("rsa", "RS256"), ("rsa", "PS512"), ("ec", "ES256")] {
        env.run(["sign", "--label", label, "--algorithm", algorithm, "--in", "message", "--out", "sig"])
            .success();
        let verify = ["verify", "--label", label, "--algorithm", algorithm, "--in", "message"];
        env.run(verify.into_iter().chain(["--signature", "sig"])).success();
    }
}

#[test]
fn a_missing_input_is_named() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    env.run(["sign", "--label", "ec", "--in", "nowhere"]).fails(1).saying("nowhere");
    env.run(["sign", "--label", "ec", "--in", "."]).fails(2).saying("is a directory").saying("`tar -cf");
}
