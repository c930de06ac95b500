//! `sign --format jws`: data of any kind, in the signature or beside it, accepted by two independent libraries; and theirs
//! by `verify`.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

use crate::support::{TestEnv, field, jose, token};

token::on_both_tokens!(
    data_in_a_jws_is_accepted_by_others,
    data_beside_a_jws_is_accepted_by_others,
    a_jws_is_verified_by_kmsctl,
    the_header_is_the_users_but_for_four_members,
    what_cannot_be_a_jws_is_refused,
);

/// Not text, and with the bytes that look different in base64url.
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

fn data_in_a_jws_is_accepted_by_others(env: &TestEnv) {
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

fn data_beside_a_jws_is_accepted_by_others(env: &TestEnv) {
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
    let inside = sign(env, &["--label", "rsa", "--algorithm", "PS256"]);
    let beside = sign(env, &["--label", "ec", "--detached"]);
    env.write("inside.jws", format!("{inside}\n"));
    let pem = env.public_key("ec");
    let verify = |args: &[&str]| env.run([&["verify"], args].concat());
    verify(&["--label", "rsa", "--signature", "inside.jws"]).success();
    verify(&["--label", "rsa", "--signature", &inside, "--in", "data"]).success();
    verify(&["--label", "rsa", "--signature", &inside, "--in", "other"]).fails(3);
    verify(&["--label", "rsa", "--signature", &inside, "--algorithm", "RS256"]).fails(3);
    verify(&["--label", "ec", "--signature", &inside]).fails(3);
    verify(&["--public-key", &pem, "--signature", &beside, "--in", "data"]).success();
    verify(&["--public-key", &pem, "--signature", &beside, "--in", "other"]).fails(3);
    // The header says how the payload was signed, so that a changed one is another signature.
    let unsigned = beside.replacen(beside.split('.').next().expect("a header"), &encoded("ES256"), 1);
    verify(&["--public-key", &pem, "--signature", &unsigned, "--in", "data"]).fails(3);
    // Neither is a token: signed data must not pass for claims.
    env.run(["jwt", "verify", "--label", "rsa", &inside]).fails(2).saying("the claim set is malformed");
    env.run(["jwt", "verify", "--label", "ec", &beside]).fails(3).saying("not encoded");
}

fn encoded(algorithm: &str) -> String {
    BASE64URL_NOPAD.encode(json!({ "alg": algorithm }).to_string().as_bytes())
}

fn the_header_is_the_users_but_for_four_members(env: &TestEnv) {
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

fn what_cannot_be_a_jws_is_refused(env: &TestEnv) {
    keys(env);
    let sign = |args: &[&str]| env.run([&["sign", "--label", "ec", "--format", "jws"], args].concat());
    sign(&["--in", "data", "--digest"]).fails(2);
    sign(&["--in", "data", "--encoding", "hex"]).fails(2);
    sign(&["--in", "data", "--in", "other"]).fails(2);
    // One byte more than a JWS holds; beside it there is no limit.
    env.write("large", vec![b'a'; (16 << 20) + 1]);
    sign(&["--in", "large"]).fails(2).saying("16777216");
    let jws = sign(&["--in", "large", "--detached"]).success();
    let args = ["verify", "--label", "ec", "--signature", jws.line(), "--in", "large"];
    env.run(args).success();
}
