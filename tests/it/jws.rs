//! `sign --format jws`: attached and detached data of any kind, accepted by two independent libraries, and their signatures
//! accepted by `verify`.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

use crate::support::{TestEnv, field, jose, token};

token::on_both_tokens!(
    an_attached_jws_is_accepted_by_others,
    a_detached_jws_is_accepted_by_others,
    a_jws_is_verified_by_kmsctl,
    all_header_members_but_four_can_be_set,
    unsuitable_options_and_sizes_are_refused,
);

/// Not text, and with bytes that differ between base64 and base64url.
const DATA: &[u8] = b"\x00\xff\xfe any \xfb\xef\xbe data\r\n";

fn keys(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.write("data", DATA);
    env.write("other", "other data");
}

fn sign(env: &TestEnv, args: &[&str]) -> String {
    env.run([&["sign", "--format", "jws", "--in", "data"], args].concat()).success().line().to_owned()
}

fn header(jws: &str) -> Value {
    let part = jws.split('.').next().expect("a header");
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url")).expect("JSON")
}

fn an_attached_jws_is_accepted_by_others(env: &TestEnv) {
    keys(env);
    for (label, algorithm) in jose::ALGORITHMS {
        env.run(["jwks", "--label", label, "--algorithm", algorithm, "--out", "set.json"]).success();
        let jws = sign(env, &["--label", label, "--algorithm", algorithm]);
        for judge in jose::JUDGES {
            let payload = judge.run(env, &["jws", "set.json", &jws]).success();
            assert_eq!(payload.line(), BASE64.encode(DATA), "{algorithm}");
            let changed = jose::with_other_payload(&jws);
            assert!(!judge.run(env, &["jws", "set.json", &changed]).status.success(), "{algorithm}");
        }
    }
}

fn a_detached_jws_is_accepted_by_others(env: &TestEnv) {
    keys(env);
    for (label, algorithm) in [("rsa", "RS256"), ("rsa", "PS512"), ("ec", "ES256")] {
        env.run(["jwks", "--label", label, "--algorithm", algorithm, "--out", "set.json"]).success();
        let jws = sign(env, &["--label", label, "--algorithm", algorithm, "--detached"]);
        assert!(jws.contains(".."), "{jws}");
        assert_eq!((&header(&jws)["b64"], &header(&jws)["crit"]), (&json!(false), &json!(["b64"])));
        for judge in jose::JUDGES {
            assert_eq!(judge.run(env, &["detached", "set.json", &jws, "data"]).success().line(), "valid");
            assert!(!judge.run(env, &["detached", "set.json", &jws, "other"]).status.success());
        }
    }
}

fn a_jws_is_verified_by_kmsctl(env: &TestEnv) {
    keys(env);
    let key = |name: &str| format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    let public = key("p256.pub.pem");
    for judge in jose::JUDGES {
        let made = judge.run(env, &["sign-detached", &key("p256.pkcs8.pem"), "ES256", "data"]).success();
        let verify = |data: &str| {
            env.run(["verify", "--public-key", &public, "--signature", made.line(), "--in", data])
        };
        assert!(verify("data").success().text().starts_with("valid\n"), "{judge:?}");
        verify("other").fails(3);
    }
    let attached = sign(env, &["--label", "rsa", "--algorithm", "PS256"]);
    let detached = sign(env, &["--label", "ec", "--detached"]);
    env.write("attached.jws", format!("{attached}\n"));
    let pem = env.public_key("ec");
    let verify = |args: &[&str]| env.run([&["verify"], args].concat());
    verify(&["--label", "rsa", "--signature", "attached.jws"]).success();
    verify(&["--label", "rsa", "--signature", &attached, "--in", "data"]).success();
    verify(&["--label", "rsa", "--signature", &attached, "--in", "other"]).fails(3);
    verify(&["--label", "rsa", "--signature", &attached, "--algorithm", "RS256"]).fails(3);
    verify(&["--label", "ec", "--signature", &attached]).fails(3);
    verify(&["--public-key", &pem, "--signature", &detached, "--in", "data"]).success();
    verify(&["--public-key", &pem, "--signature", &detached, "--in", "other"]).fails(3);
    verify(&["--public-key", &pem, "--signature", &detached]).fails(2).saying("the JWS is detached");
    // The header says how the payload was signed, so a signature with a changed header is invalid.
    let unsigned = detached.replacen(detached.split('.').next().expect("a header"), &encoded("ES256"), 1);
    verify(&["--public-key", &pem, "--signature", &unsigned, "--in", "data"]).fails(3);
    // Neither is a JWT: signed data must not be accepted as claims.
    env.run(["jwt", "verify", "--label", "rsa", &attached]).fails(2).saying("the claim set is malformed");
    env.run(["jwt", "verify", "--label", "ec", &detached]).fails(3).saying("not encoded");
}

fn encoded(algorithm: &str) -> String {
    BASE64URL_NOPAD.encode(json!({ "alg": algorithm }).to_string().as_bytes())
}

fn all_header_members_but_four_can_be_set(env: &TestEnv) {
    keys(env);
    let with = |args: &[&str]| header(&sign(env, &[&["--label", "ec"], args].concat()));
    let thumbprint = env.run(["jwks", "--label", "ec"]).success().json()["keys"][0]["kid"].clone();
    assert_eq!(with(&[]), json!({"alg": "ES256", "kid": thumbprint}));
    let made = with(&["--kid", "7", "--header", "cty=text/plain", "--header", "n={\"a\":[1]}"]);
    assert_eq!(made, json!({"alg": "ES256", "kid": "7", "cty": "text/plain", "n": {"a": [1]}}));
    for name in ["alg", "kid", "crit", "b64"] {
        env.run([
            "sign",
            "--label",
            "ec",
            "--format",
            "jws",
            "--in",
            "data",
            "--header",
            &format!("{name}=x"),
        ])
        .fails(2)
        .saying(name);
    }
    let about =
        env.run(["sign", "--label", "ec", "--format", "jws", "--in", "data", "--json"]).success().json();
    assert_eq!((field(&about, "algorithm"), &about["kid"]), ("ES256", &thumbprint));
    assert_eq!(field(&about, "jws").split('.').count(), 3);
}

fn unsuitable_options_and_sizes_are_refused(env: &TestEnv) {
    keys(env);
    let sign = |args: &[&str]| env.run([&["sign", "--label", "ec", "--format", "jws"], args].concat());
    sign(&["--in", "data", "--digest"]).fails(2);
    sign(&["--in", "data", "--encoding", "hex"]).fails(2);
    sign(&["--in", "data", "--in", "other"]).fails(2);
    // One byte over the limit for attached data. Detached data has no limit.
    env.write("large", vec![b'a'; (16 << 20) + 1]);
    sign(&["--in", "large"]).fails(2).saying("16777216");
    let jws = sign(&["--in", "large", "--detached"]).success();
    let args = ["verify", "--label", "ec", "--signature", jws.line(), "--in", "large"];
    env.run(args).success();
}
