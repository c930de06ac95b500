//! Claims that `jwt sign` refuses to sign, and that `jwt verify` refuses although the signature is valid.

use crate::support::{
    TestEnv,
    jose::{self, Judge},
    token,
};

token::on_both_tokens!(
    times_are_seconds,
    durations_need_a_unit,
    nbf_may_be_relative_to_now,
    an_audience_must_be_expected
);

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn times_are_seconds(env: &TestEnv) {
    env.create("ec", "ec-p256");
    for (name, value, message) in [
        ("exp", "1795875362000", "milliseconds? A JWT counts seconds: 1795875362 is 2026-11-28"),
        ("exp", "1795875362000000", "microseconds?"),
        ("exp", "1795875362000000000", "nanoseconds?"),
        ("exp", "1e300", "not a time in seconds"),
        ("exp", "-1", "not a time in seconds"),
        ("exp", "\"1999999999\"", "\"exp\" is not a number of seconds"),
        ("exp", "null", "\"exp\" is not a number of seconds"),
        ("exp", "[1999999999]", "\"exp\" is not a number of seconds"),
        ("exp", "true", "\"exp\" is not a number of seconds"),
        ("exp", "1e400", "out of range"),
        ("exp", "soon", "\"exp\" is not a number of seconds"),
        ("nbf", "1795875362000", "milliseconds?"),
        ("nbf", "-1", "not a time in seconds"),
        ("iat", "1795875362000", "milliseconds?"),
        ("iat", "99999999999999999999999", "not a time in seconds"),
        ("iat", "\"2026-11-28\"", "\"iat\" is not a number of seconds"),
    ] {
        let claim = format!("{name}={value}");
        // `--claim` takes what is not valid JSON as a string, which fails with another message.
        if value != "1e400" {
            env.run(["jwt", "sign", "--label", "ec", "--claim", &claim]).fails(2).saying(message);
        }
        if value == "soon" {
            continue;
        }
        env.write("claims.json", format!("{{\"{name}\":{value}}}"));
        env.run(["jwt", "sign", "--label", "ec", "--claims", "claims.json"]).fails(2).saying(message);
        env.run(["jwt", "sign", "--label", "ec", "--payload", "claims.json"]).fails(2).saying(message);
        let line = format!("{{\"op\":\"jwt-sign\",\"label\":\"ec\",\"claims\":{{\"{name}\":{value}}}}}\n");
        let answer = env.run_with_stdin(line, ["batch"]);
        assert!(answer.text().contains("\"error\"") && !answer.text().contains("\"token\""), "{answer}");
    }
    for good in ["exp=4102444800", "exp=4102444800.5", "nbf=0", "iat=1795875362"] {
        env.run(["jwt", "sign", "--label", "ec", "--claim", good]).success();
    }
    // `--payload` is signed unchanged, with the same warning.
    env.write("claims.json", "{\"sub\":\"a\"}");
    env.run(["jwt", "sign", "--label", "ec", "--payload", "claims.json"]).success().saying("never expires");
    env.write("claims.json", "{\"exp\":4102444800}");
    env.run(["jwt", "sign", "--label", "ec", "--payload", "claims.json"]).success().silent();
}

fn durations_need_a_unit(env: &TestEnv) {
    env.create("ec", "ec-p256");
    let sign = |args: &[&str]| env.run([&["jwt", "sign", "--label", "ec"], args].concat());
    for bad in ["15", "0", "1.5", " 15 "] {
        sign(&["--ttl", bad]).fails(2).saying("has no unit");
        let leeway = ["jwt", "verify", "--public-key", "none", "--leeway", bad, "a.b.c"];
        env.run(leeway).fails(2).saying("has no unit");
    }
    sign(&["--nbf", "-60"]).fails(2).saying("has no unit");
    for bad in ["", "m", "15 parsecs", "-15m", "1e3s"] {
        sign(&[&format!("--ttl={bad}")]).fails(2).saying("--ttl");
    }
    for good in ["15s", "15m", "1h 30m", "2days", "15 min"] {
        sign(&["--ttl", good]).success().silent();
    }
}

fn nbf_may_be_relative_to_now(env: &TestEnv) {
    env.create("ec", "ec-p256");
    let sign = |args: &[&str]| {
        let args = [&["jwt", "sign", "--label", "ec", "--ttl", "15m"], args].concat();
        env.with("KMSCTL_TEST_NOW", "1800000000500").run(args)
    };
    let claims = |args: &[&str]| {
        let token = sign(args).success();
        env.run(["jwt", "decode", token.line(), "--json"]).success().json()["claims"].clone()
    };
    for (offset, nbf) in
        [("-60s", 1_799_999_940_u64), ("-1h", 1_799_996_400), ("5m", 1_800_000_300), ("+5m", 1_800_000_300)]
    {
        for args in [&["--nbf", offset][..], &[&format!("--nbf={offset}")]] {
            let claims = claims(args);
            assert_eq!(
                (&claims["nbf"], &claims["iat"]),
                (&nbf.into(), &1_800_000_000_u64.into()),
                "{offset}"
            );
            assert_eq!(claims["exp"], 1_800_000_900_u64);
        }
    }
    sign(&["--nbf", "15m"]).fails(2).saying("never valid");
    sign(&["--nbf", "-60s", "--claim", "nbf=1"]).fails(2).saying("\"nbf\" is given twice");
    let token = sign(&["--nbf", "-60s"]).success();
    let verify = ["jwt", "verify", "--label", "ec", token.line()];
    env.with("KMSCTL_TEST_NOW", "1799999999000").run([&verify[..], &["--leeway", "5s"]].concat()).success();
    env.with("KMSCTL_TEST_NOW", "1799999900000").run(verify).fails(3).saying("not valid before");
}

fn an_audience_must_be_expected(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.public_key("ec");
    env.run(["jwks", "--label", "ec", "--out", "set.json"]).success();
    let sign = |args: &[&str]| {
        env.run([&["jwt", "sign", "--label", "ec", "--ttl", "1h"], args].concat()).success().line().to_owned()
    };
    let (one, two) = (sign(&["--aud", "api"]), sign(&["--aud", "api", "--aud", "web"]));
    let (empty, none) = (sign(&["--claim", "aud=[]"]), sign(&[]));
    for by in [["--label", "ec"], ["--public-key", "ec.pem"], ["--jwks", "set.json"]] {
        let verify =
            |token: &str, args: &[&str]| env.run([&["jwt", "verify", token], &by[..], args].concat());
        for token in [&one, &two, &empty] {
            verify(token, &[]).fails(3).saying("no audience was expected").saying("--any-audience");
            verify(token, &["--any-audience"]).success();
        }
        verify(&one, &["--aud", "api"]).success();
        verify(&two, &["--aud", "web"]).success();
        verify(&empty, &["--aud", "api"]).fails(3);
        verify(&one, &["--aud", "API"]).fails(3).saying("its audience is not");
        verify(&none, &[]).success();
        verify(&none, &["--aud", "api"]).fails(3).saying("the JWT has none");
        verify(&one, &["--aud", "api", "--any-audience"]).fails(2);
    }
}

/// Options that require more than a valid signature.
#[test]
fn a_verifier_can_require_more() {
    let env = TestEnv::new();
    let public = fixture("rsa-2048.pub.pem");
    let verify = |token: &str, args: &[&str]| {
        env.run([&["jwt", "verify", "--public-key", &public, token], args].concat())
    };
    let token = Judge::PyJwt.sign(&env, "rsa-2048.pkcs8.pem", "RS256", "{}");
    verify(&token, &["--require-exp"]).fails(3).saying("it never expires");
    verify(&token, &["--algorithm", "RS256"]).success();
    verify(&token, &["--algorithm", "PS256", "--algorithm", "RS256"]).success();
    verify(&token, &["--algorithm", "PS256"]).fails(3).saying("only PS256 is accepted");
    verify(&token, &["--algorithm", "HS256"]).fails(3).saying("only HS256 is accepted");
    verify(&token, &["--algorithm", "none"]).fails(2);
    verify(&token, &["--typ", "JWT"]).success();
    verify(&token, &["--typ", "application/jwt"]).success();
    verify(&token, &["--typ", "at+jwt"])
        .fails(3)
        .saying("its type (\"typ\") is not \"at+jwt\": it is \"JWT\"");
    let lasting = Judge::PyJwt.sign(&env, "rsa-2048.pkcs8.pem", "RS256", "{\"exp\":4102444800}");
    verify(&lasting, &["--require-exp"]).success();
    let changed = jose::with_other_payload(&lasting);
    verify(&changed, &["--any-audience"]).fails(3).saying("its signature is not by");
    let untyped = Judge::Jose.sign(&env, "rsa-2048.pkcs8.pem", "RS256", "{}");
    verify(&untyped, &["--typ", "JWT"]).fails(3).saying("the JWT has none");
}

/// Members that parsers would resolve differently, and text that is not UTF-8 JSON.
#[test]
fn duplicate_members_and_byte_order_marks_are_refused() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    for (content, why) in [
        (b"{\"sub\":\"a\",\"sub\":\"b\"}".as_slice(), "\"sub\" appears twice"),
        (b"{\"sub\":\"a\",\"s\\u0075b\":\"b\"}", "\"sub\" appears twice"),
        (b"{\"a\":{\"b\":1,\"\\u0062\":1}}", "\"b\" appears twice"),
        (b"\xef\xbb\xbf{\"sub\":\"a\"}", "byte order mark"),
        (b"\xff\xfe{\0}\0", "UTF-16"),
        (b"\xfe\xff\0{\0}", "UTF-16"),
    ] {
        env.write("claims.json", content);
        for option in ["--claims", "--payload"] {
            env.run(["jwt", "sign", "--label", "ec", option, "claims.json"]).fails(2).saying(why);
        }
    }
    let token = env.run(["jwt", "sign", "--label", "ec", "--ttl", "1h"]).success();
    for (mark, why) in [(b"\xef\xbb\xbf".as_slice(), "byte order mark"), (b"\xff\xfe", "UTF-16")] {
        env.write("token", [mark, token.line().as_bytes()].concat());
        for command in [["jwt", "verify", "--label", "ec"], ["jwt", "decode", "--in", "token"]] {
            env.run(command.iter().copied().chain(["--in", "token"]).take(if command[1] == "decode" {
                4
            } else {
                6
            }))
            .fails(2)
            .saying(why);
        }
    }
}
