//! `jwt sign`: tokens that two independent libraries accept, and everything that is refused.

use serde_json::{Value, json};

use crate::support::{TestEnv, jose, token};

token::on_both_tokens!(
    tokens_are_accepted_by_pyjwt_and_jose,
    header_and_claims_are_filled_in,
    claims_come_from_options_files_and_standard_input,
    claims_that_no_verifier_accepts_are_refused,
);

fn sign(env: &TestEnv, args: &[&str]) -> String {
    env.run([&["jwt", "sign"], args].concat()).success().line().to_owned()
}

fn decode(env: &TestEnv, token: &str) -> (Value, Value) {
    let both = env.run(["jwt", "decode", token, "--json"]).success().json();
    (both["header"].clone(), both["claims"].clone())
}

fn tokens_are_accepted_by_pyjwt_and_jose(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    for (label, algorithm) in jose::ALGORITHMS {
        let set = format!("{label}-{algorithm}.json");
        env.run(["key", "update", "--label", label, "--signature-algorithm", algorithm]).success();
        env.run(["jwks", "--label", label, "--out", &set]).success().silent();
        let args =
            ["--label", label, "--algorithm", algorithm, "--ttl", "1m", "--claim", "n=1", "--aud", "api"];
        let token = sign(env, &args);
        for judge in jose::JUDGES {
            let claims = judge.verify(env, &set, &token, algorithm).success().json();
            assert_eq!((&claims["n"], &claims["aud"]), (&json!(1), &json!("api")), "{algorithm}");
            let changed = jose::with_other_payload(&token);
            assert!(!judge.verify(env, &set, &changed, algorithm).status.success(), "{algorithm}");
        }
    }
}

fn header_and_claims_are_filled_in(env: &TestEnv) {
    let key = env.create("ec", "ec-p256");
    let at = |args: &[&str]| {
        let output = env
            .with("KMSCTL_TEST_NOW", "1800000000500")
            .run([&["jwt", "sign", "--label", "ec"], args].concat());
        decode(env, output.success().line())
    };
    let (header, claims) = at(&["--ttl", "15m", "--jti"]);
    let thumbprint = env.run(["jwks", "--label", "ec"]).success().json()["keys"][0]["kid"].clone();
    assert_eq!(header, json!({"alg": "ES256", "typ": "JWT", "kid": thumbprint}));
    let id = claims["jti"].as_str().expect("a jti").to_owned();
    assert_eq!(claims, json!({"iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_000_900, "jti": id}));
    assert_eq!(id.len(), 22, "128 random bits");
    assert_ne!(at(&["--jti"]).1["jti"], id, "two tokens have the same jti");
    let (header, claims) = at(&[
        "--kid",
        "ckaid",
        "--header",
        "typ=at+jwt",
        "--header",
        "n=1",
        "--jti",
        "7",
        "--claim",
        "iat=5",
    ]);
    assert_eq!(header, json!({"alg": "ES256", "kid": key["ckaId"], "typ": "at+jwt", "n": 1}));
    assert_eq!(claims, json!({"iat": 5, "nbf": 1_800_000_000, "jti": "7"}));
    assert_eq!(at(&["--kid", "my key"]).0["kid"], "my key");
}

fn claims_come_from_options_files_and_standard_input(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.write("claims.json", "{ \"big\": 12345678901234567890123,\n \"nested\": {\"a\": [1.0, null]} }");
    let args = [
        "--label",
        "ec",
        "--claims",
        "claims.json",
        "--claim",
        "n=1",
        "--claim",
        "yes=true",
        "--claim",
        "name=Alice",
        "--claim",
        "list=[\"a\"]",
        "--claim-string",
        "zip=01",
        "--claim-string",
        "no=false",
        "--aud",
        "a",
        "--aud",
        "b",
        "--iss",
        "me",
        "--sub",
        "you",
        "--claim",
        "version=1.2.3",
        "--ttl",
        "60s",
    ];
    let token = sign(env, &args);
    let raw = env.run(["jwt", "verify", "--label", "ec", "--aud", "b", "--iss", "me", &token]).success();
    let begin = "{\"big\":12345678901234567890123,\"nested\":{\"a\":[1.0,null]},";
    assert!(raw.text().starts_with(begin), "numbers and order must not change: {raw}");
    let claims = raw.json();
    for (name, value) in [
        ("n", json!(1)),
        ("yes", json!(true)),
        ("name", json!("Alice")),
        ("list", json!(["a"])),
        ("zip", json!("01")),
        ("no", json!("false")),
        ("aud", json!(["a", "b"])),
        ("iss", json!("me")),
        ("sub", json!("you")),
        ("version", json!("1.2.3")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    // Standard input, and a payload whose bytes must not change.
    let payload = b"{\"iss\":\"joe\",\r\n \"exp\":99999999999}\n";
    let token = env.run_with_stdin(payload, ["jwt", "sign", "--label", "ec", "--payload", "-"]).success();
    let part = token.line().split('.').nth(1).expect("a payload").to_owned();
    assert_eq!(data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url"), payload);
    env.run_with_stdin("{\"sub\":\"x\"}", ["jwt", "sign", "--label", "ec", "--claims", "-"]).success();
    // To a file, and from it.
    env.run(["jwt", "sign", "--label", "ec", "--ttl", "60s", "--out", "token.jwt"]).success();
    env.run(["jwt", "verify", "--label", "ec", "--in", "token.jwt"]).success();
    env.run(["jwt", "decode", "--in", "token.jwt"]).success();
}

fn claims_that_no_verifier_accepts_are_refused(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.create("aes", "aes-256");
    env.write("twice.json", "{\"a\":{\"b\":1,\"b\":2}}");
    env.write("list.json", "[1]");
    env.write("broken.json", "{\"a\":");
    env.write("latin1.json", b"{\"a\":\"\xe9\"}");
    env.write("exp.json", "{\"exp\":99999999999}");
    env.write("large.json", format!("{{\"a\":\"{}\"}}", "a".repeat(1 << 20)));
    for (args, code, why) in [
        (&["--claims", "twice.json"][..], 2, "\"b\" appears twice"),
        (&["--claims", "list.json"], 2, "expected a JSON object"),
        (&["--claims", "broken.json"], 2, "EOF"),
        (&["--claims", "latin1.json"], 2, "not UTF-8"),
        (&["--claims", "large.json"], 2, "262144 bytes"),
        (&["--claims", "no-such-file"], 1, "cannot read"),
        (&["--claims", "exp.json", "--ttl", "60s"], 2, "\"exp\" is given twice"),
        (&["--payload", "list.json"], 2, "expected a JSON object"),
        (&["--payload", "exp.json", "--ttl", "60s"], 2, "cannot be used with"),
        (&["--sub", "a", "--claim", "sub=b"], 2, "\"sub\" is given twice"),
        (&["--claim", "a=1", "--claim-string", "a=1"], 2, "\"a\" is given twice"),
        (&["--claim", "exp=1"], 2, "not after now"),
        (&["--claim", "exp=soon"], 2, "\"exp\" is not a number"),
        (&["--ttl", "0s"], 2, "not after now"),
        (&["--claim", "a={\"b\":"], 2, "EOF"),
        (&["--claim", "a"], 2, "NAME=VALUE"),
        (&["--header", "alg=none"], 2, "\"alg\" cannot be set"),
        (&["--header", "crit=[\"x\"]"], 2, "\"crit\" cannot be set"),
        (&["--header", "x=1", "--header", "x=2"], 2, "\"x\" is given twice"),
        (&["--algorithm", "RS256"], 2, "RS256 needs an RSA key; this key is ec-p256: use ES256"),
        (&["--algorithm", "HS256"], 2, "HS256 needs an HMAC key"),
        (&["--algorithm", "none"], 2, "unknown signature algorithm"),
    ] {
        env.run([&["jwt", "sign", "--label", "ec"], args].concat()).fails(code).saying(why);
    }
    let refused = env.run(["jwt", "sign", "--label", "aes"]).fails(7);
    let stderr = refused.stderr_text();
    assert!(stderr.contains("aes-256 keys cannot sign") && !stderr.contains("warning"), "{refused}");
    env.run(["jwt", "sign", "--label", "rsa", "--algorithm", "ES256"]).fails(2);
    env.run(["jwt", "sign", "--label", "nobody", "--ttl", "60s"]).fails(4);
}

#[test]
fn a_token_that_never_expires_is_warned_about() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    env.run(["jwt", "sign", "--label", "ec", "--sub", "a"]).success().saying("never expires");
    env.run(["jwt", "sign", "--label", "ec", "--sub", "a", "--ttl", "1h"]).success().silent();
}
