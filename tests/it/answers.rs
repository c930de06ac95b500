//! The answer `valid` covers exactly the data that was given, and says what was verified.

use std::fs::File;

use serde_json::json;

use crate::support::{TestEnv, field, jose::Judge, oracle, token};

token::on_both_tokens!(
    data_must_match_the_payload,
    the_answer_names_what_was_verified,
    a_wrong_salt_length_is_reported,
    a_file_without_a_signature_is_reported,
    a_digest_may_be_binary_hex_or_base64,
);

fn sha256(env: &TestEnv, file: &str) -> String {
    let output = oracle::tool(env, "sha256sum", &[file]);
    output.text().split(' ').next().expect("a digest").to_owned()
}

/// With `--in` and on standard input, for a JWT and a JWS. Longer, shorter and empty data does not match.
fn data_must_match_the_payload(env: &TestEnv) {
    env.create("ec", "ec-p256");
    let pem = env.public_key("ec");
    let jwt = env.run(["jwt", "sign", "--label", "ec", "--sub", "a", "--ttl", "5m"]).success();
    env.write("data", "some data");
    let jws = env.run(["sign", "--label", "ec", "--format", "jws", "--in", "data"]).success();
    let claims = env.run(["jwt", "verify", "--label", "ec", jwt.line()]).success();
    let claims = claims.line();
    env.write("t.jwt", jwt.line());
    for by in [["--label", "ec"], ["--public-key", pem.as_str()]] {
        for (signature, right) in [("t.jwt", claims), (jwt.line(), claims), (jws.line(), "some data")] {
            let args = [&["verify", "--signature", signature], &by[..]].concat();
            env.run_with_stdin(right, &args).success();
            // Without data there is nothing to compare: the answer is about the payload in the JWS.
            env.run(&args).success();
            for wrong in [
                "evil\n",
                "x",
                &format!("{right}\n"),
                &right[1..],
                &right[..right.len() - 1],
                &"a".repeat(1 << 20),
            ] {
                env.run_with_stdin(wrong, &args).fails(3).saying("it holds other data than standard input");
                env.write("wrong", wrong);
                let named = [&args[..], &["--in", "wrong"]].concat();
                env.run(&named).fails(3).saying("it holds other data than wrong");
            }
            // An empty file given with `--in` is data, too.
            env.write("empty", "");
            env.run([&args[..], &["--in", "empty"]].concat()).fails(3).saying("other data than empty");
            let mut from_null = env.command(crate::support::KMSCTL, &args);
            let null = File::open("/dev/null").expect("a device");
            assert!(from_null.stdin(null).output().expect("started").status.success());
        }
    }
    // `--format` names the form of the signature.
    let format = |format: &str, signature: &str| {
        env.run_with_stdin(
            "some data",
            ["verify", "--label", "ec", "--format", format, "--signature", signature],
        )
    };
    env.write("jws", jws.line());
    format("jws", "jws").success();
    format("auto", "jws").success();
    format("raw", "jws").fails(3).saying("jws holds no ");
    env.run(["sign", "--label", "ec", "--in", "data", "--out", "raw"]).success();
    format("raw", "raw").success();
    format("jws", "raw").fails(2).saying("1 part");
    // If the signature is read from standard input, there is no data to compare.
    env.run_with_stdin(jwt.line(), ["verify", "--label", "ec", "--signature", "-"]).success();
}

fn the_answer_names_what_was_verified(env: &TestEnv) {
    let key = env.create("rsa", "rsa-2048");
    let pem = env.public_key("rsa");
    env.write("data", "some data");
    let digest = sha256(env, "data");
    let detached = ["--format", "jws", "--detached"];
    for (algorithm, form) in
        [("RS256", &[][..]), ("RS512", &[]), ("RS384", &["--format", "jws"]), ("PS512", &detached)]
    {
        let sign = ["sign", "--label", "rsa", "--in", "data", "--algorithm", algorithm, "--out", "sig"];
        env.run([&sign[..], form].concat()).success();
        let verify = ["verify", "--signature", "sig", "--in", "data", "--algorithm", algorithm];
        let answer = env.run([&verify[..], &["--label", "rsa", "--json"]].concat()).success().json();
        assert_eq!(answer["valid"], true);
        assert_eq!((field(&answer, "algorithm"), field(&answer, "label")), (algorithm, "rsa"));
        assert_eq!((&answer["ckaId"], &answer["version"]), (&key["ckaId"], &json!(1)));
        assert_eq!(field(&answer, "fingerprint"), field(&key, "fingerprint"));
        assert_eq!(field(&answer, "sha256"), digest, "{algorithm} {form:?}");
        let answer = env.run([&verify[..], &["--public-key", &pem, "--json"]].concat()).success().json();
        assert_eq!((field(&answer, "publicKeyFile"), &answer["label"]), (pem.as_str(), &json!(null)));
        assert_eq!(field(&answer, "sha256"), digest);
        let text = env.run([&verify[..], &["--label", "rsa"]].concat()).success();
        assert!(text.text().starts_with("valid\n"), "{text}");
        for word in [algorithm, "\"rsa\"", field(&key, "fingerprint"), &digest] {
            assert!(text.text().contains(word), "{word}\n{text}");
        }
        let quiet = env.run([&verify[..], &["--label", "rsa", "-q"]].concat()).success().silent();
        assert_eq!(quiet.text(), "");
        let changed = env.write("other", "other data");
        let no = ["verify", "--signature", "sig", "--algorithm", algorithm, "--label", "rsa", "--in"];
        let no = || no.into_iter().chain([crate::support::path_text(&changed)]);
        env.run(no()).exits(3);
        env.run(no().chain(["-q"])).fails(3);
    }
}

/// OpenSSL's default salt is the longest that fits.
fn a_wrong_salt_length_is_reported(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    oracle::tool(env, "openssl", &["genrsa", "-out", "private.pem", "2048"]);
    env.run(["key", "import", "--label", "imported", "--in", "private.pem"]).success();
    oracle::tool(env, "openssl", &["pkey", "-in", "private.pem", "-pubout", "-out", "public.pem"]);
    env.write("data", "some data");
    for (algorithm, hash, salt, message) in [
        ("PS256", "-sha256", "max", "its salt has 222 bytes, and that of PS256 has 32"),
        ("PS256", "-sha256", "0", "its salt has 0 bytes, and that of PS256 has 32"),
        ("PS384", "-sha384", "32", "its salt has 32 bytes, and that of PS384 has 48"),
        ("PS512", "-sha512", "max", "its salt has 190 bytes, and that of PS512 has 64"),
    ] {
        let salt = format!("rsa_pss_saltlen:{salt}");
        let options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt, "-out", "sig", "data"];
        oracle::tool(env, "openssl", &[&["dgst", hash, "-sign", "private.pem"], &options[..]].concat());
        for by in [["--public-key", "public.pem"], ["--label", "imported"]] {
            let verify = ["verify", "--signature", "sig", "--algorithm", algorithm];
            env.run([&verify[..], &by, &["--in", "data"]].concat()).fails(3).saying(message);
            // For other data the salt length is unknown.
            let other = env.run([&verify[..], &by, &["--in", "sig"]].concat()).fails(3);
            assert!(!other.stderr_text().contains("salt"), "{other}");
        }
    }
}

fn a_file_without_a_signature_is_reported(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("data", "some data");
    for (name, content) in [
        ("text", b"this is not a signature\n".as_slice()),
        ("empty", b""),
        ("long", &[7; 4096]),
        ("bom", b"\xef\xbb\xbfAAAA"),
    ] {
        env.write(name, content);
        for label in ["rsa", "ec"] {
            let args = ["verify", "--label", label, "--signature", name, "--in", "data"];
            env.run(args).fails(3).saying(&format!("{name} holds no "));
            let json = env.run([&args[..], &["--json"]].concat()).exits(3);
            assert_eq!(
                (&json.json()["valid"], field(&json.error(), "code")),
                (&json!(false), "SIGNATURE_INVALID")
            );
        }
    }
}

fn a_digest_may_be_binary_hex_or_base64(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.write("data", "some data");
    for (algorithm, hash) in [("RS256", "-sha256"), ("PS384", "-sha384"), ("RS512", "-sha512")] {
        let whole = ["sign", "--label", "rsa", "--in", "data", "--algorithm", algorithm, "--out", "sig"];
        env.run(whole).success();
        for form in [
            format!("openssl dgst {hash} -binary data > digest"),
            format!("openssl dgst {hash} -r data | cut -d' ' -f1 > digest"),
            format!("openssl dgst {hash} -binary data | base64 > digest"),
        ] {
            env.shell(&form).success();
            let digest = ["--in", "digest", "--digest", "--label", "rsa", "--algorithm", algorithm];
            env.run([&["verify", "--signature", "sig"], &digest[..]].concat()).success();
            env.run([&["sign", "--out", "made"], &digest[..]].concat()).success();
            let verify = ["verify", "--label", "rsa", "--signature", "made", "--in", "data", "--algorithm"];
            env.run([&verify[..], &[algorithm]].concat()).success();
        }
        for wrong in ["", "abc", "0123456789abcdef"] {
            env.write("digest", wrong);
            let digest = ["--in", "digest", "--digest", "--label", "rsa", "--algorithm", algorithm];
            env.run([&["sign"], &digest[..]].concat()).fails(2).saying("digest");
        }
    }
}

/// For a token signed by another library, too.
#[test]
fn the_answer_names_the_public_key_file() {
    let env = TestEnv::new();
    let key = |name: &str| format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    let token = Judge::PyJwt.sign(&env, "p256.pkcs8.pem", "ES256", "{\"sub\":\"a\"}");
    let public = key("p256.pub.pem");
    let answer = env.run(["jwt", "verify", "--public-key", &public, "--json", &token]).success().json();
    assert_eq!((field(&answer, "algorithm"), field(&answer, "publicKeyFile")), ("ES256", public.as_str()));
    assert_eq!(field(&answer, "fingerprint").len(), 64);
}
