//! Options that would be ignored beside others are refused, and no data takes a form that was not typed.

use std::fs;

use crate::support::{TestEnv, token};

token::on_both_tokens!(
    a_fingerprint_needs_a_pair,
    data_and_json_go_different_ways,
    a_fingerprint_that_was_mistyped,
    an_algorithm_that_fits_no_key_of_a_set,
    what_was_done_before_a_failure
);

fn text(env: &TestEnv, name: &str) -> String {
    String::from_utf8(env.read(name)).expect("UTF-8")
}

#[test]
fn options_without_effect_are_refused() {
    let env = TestEnv::new();
    env.write("in", "x");
    for (line, why) in [
        ("verify --public-key in --label-hex 61 --signature in", "cannot be used with"),
        (
            "encrypt --label a --context c --recipient age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
            "cannot be used with",
        ),
        ("encrypt --public-key in --key-version 2", "a public key file has no versions"),
        ("jwt verify --public-key in --label-hex 61 x.y.z", "cannot be used with"),
        ("jwt verify --public-key in --jwks in x.y.z", "cannot be used with"),
        ("sign --label a --in in --detached", "`--detached` is for a JWS"),
        ("sign --label a --in in --kid x", "`--kid` is for a JWS"),
        ("sign --label a --in in --header a=b --format raw", "`--header` is for a JWS"),
        ("sign --label a --in in --ecdsa p1363 --format jws", "a JWS has one form of signature"),
        ("key show --label a --kcv --copy", "cannot be used with"),
        ("reencrypt --in in --check --out new", "cannot be used with"),
        (
            "key create --label a --algorithm aes-256 --auto-rotate off --rotation-period 9",
            "no rotation period",
        ),
        ("key import --label a --in in --algorithm aes-256 --auto-rotate off --rotation-period 9", ""),
        ("key update --label a --auto-rotate off --rotation-period 9", "no rotation period"),
        ("decrypt --key-version 2 --in in", "which version"),
    ] {
        env.run(line.split(' ')).fails(2).saying(why);
    }
    env.run(["ephemeral", "kmsctl", "key", "list"]).fails(2).saying("kmsctl ephemeral -- kmsctl key list");
}

fn a_fingerprint_needs_a_pair(env: &TestEnv) {
    env.create("data", "aes-256");
    env.write("in", "x");
    let fingerprint = "ab".repeat(32);
    env.run(["encrypt", "--label", "data", "--in", "in", "--fingerprint", &fingerprint])
        .fails(2)
        .saying("it has no fingerprint");
}

/// The public key is proven: the typing error is to blame, not the token.
fn a_fingerprint_that_was_mistyped(env: &TestEnv) {
    env.create("web", "rsa-2048");
    env.write("in", "x");
    let encrypt = ["encrypt", "--label", "web", "--in", "in", "--fingerprint", &"ab".repeat(32)];
    let refused = env.run(encrypt).fails(6).saying("has the fingerprint").saying("mistyped");
    assert!(!refused.stderr_text().contains("belongs to another key"), "{refused}");
}

fn an_algorithm_that_fits_no_key_of_a_set(env: &TestEnv) {
    env.create("web", "ec-p256");
    for line in ["jwks --label web --algorithm HS256", "jwks --algorithm RS256"] {
        env.run(line.split(' ')).fails(2).prints_nothing().saying("this key is").saying("ES256");
    }
}

/// With `--out`, the file holds what other programs read; the JSON goes to standard output.
fn data_and_json_go_different_ways(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("in", "x");
    env.public_key("web");
    let sign = ["sign", "--label", "web", "--in", "in", "--json", "--out"];
    let answer = env.run([&sign[..], &["sig"]].concat()).success().json();
    assert_eq!(answer["signature"], text(env, "sig").trim_end());
    env.run(["verify", "--label", "web", "--in", "in", "--signature", "sig"]).success();
    let answer = env.run([&sign[..], &["jws", "--format", "jws"]].concat()).success().json();
    assert_eq!(answer["jws"], text(env, "jws").trim_end());
    let alone = env.run([&sign[..], &["-"]].concat()).success().json();
    assert!(alone["signature"].is_string());
    let jwt = ["jwt", "sign", "--label", "web", "--sub", "a", "--ttl", "5m", "--json", "--out", "jwt"];
    let answer = env.run(jwt).success().json();
    assert_eq!(answer["token"], text(env, "jwt").trim_end());
    let shown = env.run("key show --label web --pem --json --out shown".split(' ')).success().json();
    assert_eq!(shown["pem"], text(env, "shown").trim_end());
    assert_eq!(text(env, "shown"), text(env, "web.pem"));
    let random = env.run("random 8 --encoding hex --json --out random".split(' ')).success().json();
    assert_eq!(random, serde_json::json!({"bytes": 8}));
    assert_eq!(text(env, "random").trim_end().len(), 16);
    // The output of a profile is the form of reports, never of data.
    env.write("config.toml", "default-profile = \"p\"\n[profile.p]\noutput = \"json\"\n");
    let run = |line: &str| env.run(["--config", "config.toml"].into_iter().chain(line.split(' '))).success();
    assert!(run("key list").json().is_array());
    run("sign --label web --in in --out by-profile").silent();
    env.run(["verify", "--label", "web", "--in", "in", "--signature", "by-profile"]).success();
    assert!(run("sign --label web --in in").stdout.starts_with(b"ME"));
    assert!(run("sign --label web --in in --json").json()["signature"].is_string());
    // A public key is no set.
    let jwks = ["jwt", "verify", "--jwks", "web.pem", "--in", "jwt"];
    env.run(jwks).fails(2).saying("not a JWK Set").saying("--public-key web.pem");
}

/// A failure does not hide the results of the inputs before it.
fn what_was_done_before_a_failure(env: &TestEnv) {
    env.create("data", "aes-256");
    env.create("web", "ec-p256");
    env.write("in", "x");
    for command in ["encrypt --label data", "sign --label web"] {
        let rest = "--json --jobs 1 --in in --in missing --out made";
        let failed = env.run(command.split(' ').chain(rest.split(' '))).exits(1);
        let done = failed.json();
        let list = if command.starts_with("sign") { &done["signatures"] } else { &done["ciphertexts"] };
        assert_eq!(list.as_array().map(Vec::len), Some(1), "{done}");
        assert_eq!(list[0]["file"], "in");
    }
    let decrypt = "decrypt --json --jobs 1 --in made/in.kms --in made/missing.kms --out opened";
    let done = env.run(decrypt.split(' ')).exits(1).json();
    assert_eq!(done["plaintexts"][0]["out"], "opened/in");
    assert_eq!(fs::read(env.file("opened/in")).expect("written"), b"x");
}
