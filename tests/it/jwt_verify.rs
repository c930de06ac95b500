//! `jwt verify`: tokens of other libraries are accepted, and every invalid token is refused with the reason.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use crate::support::{
    TestEnv, field,
    jose::{self, Judge},
    oracle, token,
};

token::on_both_tokens!(
    claims_are_checked_with_every_key_source,
    a_changed_token_is_not_valid,
    kid_names_the_version,
    malicious_headers_are_refused
);

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn signed(env: &TestEnv, args: &[&str]) -> String {
    env.run([&["jwt", "sign", "--ttl", "1h"], args].concat()).success().line().to_owned()
}

#[test]
fn tokens_by_pyjwt_and_jose_are_accepted() {
    let env = TestEnv::new();
    for (label, algorithm) in jose::ALGORITHMS {
        let (private, public) = match label {
            "rsa" => ("rsa-2048.pkcs8.pem", "rsa-2048.pub.pem"),
            _ => ("p256.pkcs8.pem", "p256.pub.pem"),
        };
        let other = if label == "rsa" { "p256.pub.pem" } else { "rsa-2048.pub.pem" };
        for judge in jose::JUDGES {
            let token = judge.sign(&env, private, algorithm, "{\"sub\":\"alice\",\"exp\":99999999999}");
            let run = |key: &str, token: &str| {
                env.run(["jwt", "verify", "--public-key", &fixture(key), token, "--json"])
            };
            let answer = run(public, &token).success().json();
            assert_eq!(answer["valid"], true);
            assert_eq!(answer["header"]["alg"], algorithm);
            assert_eq!(answer["claims"], json!({"sub": "alice", "exp": 99_999_999_999_u64}));
            let error = run(other, &token).fails(3).error();
            assert_eq!(error["code"], "TOKEN_INVALID");
            run(public, &jose::with_other_payload(&token)).fails(3).saying("its signature is not by");
        }
    }
}

fn claims_are_checked_with_every_key_source(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.create("rsa", "rsa-2048");
    let token = signed(env, &["--label", "ec", "--aud", "api", "--iss", "me", "--sub", "a"]);
    env.write("token", format!("{token}\n"));
    env.public_key("ec");
    env.run(["jwks", "--out", "jwks.json"]).success();
    for by in [["--label", "ec"], ["--public-key", "ec.pem"], ["--jwks", "jwks.json"]] {
        let verify = |args: &[&str]| env.run([&["jwt", "verify"], &by[..], args].concat());
        verify(&["--in", "token", "--aud", "api"]).success().silent();
        verify(&["--any-audience", &token]).success();
        verify(&[&token]).fails(3).saying("for the audience \"api\", and no audience was expected");
        verify(&["--aud", "web", "--aud", "api", "--iss", "me", &token]).success();
        verify(&["--aud", "web", &token]).fails(3).saying("its audience is not \"web\"");
        verify(&["--iss", "you", "--any-audience", &token]).fails(3).saying("its issuer is not \"you\"");
        let at = |now: &str, args: &[&str]| {
            env.with("KMSCTL_TEST_NOW", now)
                .run([&["jwt", "verify", "--any-audience", &token], &by[..], args].concat())
        };
        at("4000000000000", &[]).fails(3).saying("it expired at");
        at("1000000000000", &[]).fails(3).saying("it is not valid before");
        at("1000000000000", &["--leeway", "100y"]).success();
    }
    let with_stdin =
        env.run_with_stdin(format!("  {token}\r\n"), ["jwt", "verify", "--label", "ec", "--aud", "api"]);
    with_stdin.success();
    env.run(["jwt", "verify", "--label", "rsa", &token]).fails(3).saying("does not work with rsa-2048 keys");
}

/// Changes single characters of a token. It is refused each time, without a crash.
fn a_changed_token_is_not_valid(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.public_key("ec");
    let token = signed(env, &["--label", "ec", "--sub", "a"]);
    for at in (0..token.len()).step_by(7) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        let output = env.run(["jwt", "verify", "--public-key", "ec.pem", &changed]);
        assert!(matches!(output.status.code(), Some(2 | 3)), "{output}");
    }
}

fn kid_names_the_version(env: &TestEnv) {
    env.create("web", "ec-p256");
    let old = signed(env, &["--label", "web"]);
    let old_by_id = signed(env, &["--label", "web", "--kid", "ckaid"]);
    let own_kid = signed(env, &["--label", "web", "--kid", "anything"]);
    env.run(["key", "rotate", "--label", "web"]).success();
    let new = signed(env, &["--label", "web"]);
    env.run(["jwks", "--label", "web", "--out", "jwks.json"]).success();
    for token in [&old, &new] {
        env.run(["jwt", "verify", "--jwks", "jwks.json", token]).success();
    }
    for token in [&old, &old_by_id, &new, &own_kid] {
        env.run(["jwt", "verify", "--label", "web", token]).success();
    }
    env.run(["jwt", "verify", "--label", "web", "--key-version", "2", &old]).fails(3);
    env.run(["jwt", "verify", "--jwks", "jwks.json", &own_kid])
        .fails(3)
        .saying("the JWK Set has no key with kid");
    env.run(["key", "disable", "--label", "web", "--key-version", "1"]).success();
    env.run(["jwt", "verify", "--label", "web", &old]).fails(7);
    env.run(["jwt", "verify", "--label", "web", &own_kid]).fails(3);
    env.run(["jwt", "verify", "--label", "web", &new]).success();
}

/// The JWT is by version 1; version 2, which lost its public half, comes first.
#[test]
fn a_version_without_a_public_half_stops_no_other() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let by_kid = ["thumbprint", "ckaid", "other"].map(|kid| {
        env.write(kid, signed(&env, &["--label", "web", "--kid", kid]));
        kid
    });
    env.run("key rotate --label web".split(' ')).success();
    let second = env.run("key show --label web --json".split(' ')).success().json();
    env.run("key rotate --label web".split(' ')).success();
    oracle::pkcs11_tool(&env, &["--delete-object", "--type", "pubkey", "--id", field(&second, "ckaId")]);
    for kid in by_kid {
        env.run(["jwt", "verify", "--label", "web", "--in", kid]).success();
    }
}

fn malicious_headers_are_refused(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.public_key("rsa");
    let token = signed(env, &["--label", "rsa"]);
    let (_, rest) = token.split_once('.').expect("a dot");
    let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
    let (payload, _) = rest.split_once('.').expect("a dot");
    let with = |header: &str| format!("{}.{rest}", part(header));
    for (token, code, why) in [
        (with("{\"alg\":\"none\"}"), 3, "algorithm \"none\" is not accepted"),
        (format!("{}.{payload}.", part("{\"alg\":\"none\"}")), 3, "algorithm \"none\" is not accepted"),
        (with("{\"alg\":\"HS256\"}"), 3, "\"HS256\" does not work with rsa-2048 keys"),
        (with("{\"alg\":\"rs256\"}"), 3, "algorithm \"rs256\" is not accepted"),
        (with("{\"alg\":\"RS512\"}"), 3, "its signature is not by"),
        (with("{\"alg\":\"ES256\"}"), 3, "does not work with rsa-2048"),
        (
            with("{\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1}"),
            3,
            "critical header member \"x\" is not supported",
        ),
        (with("{\"alg\":\"RS256\",\"b64\":false,\"crit\":[\"b64\"]}"), 3, "not encoded"),
        (with("{\"alg\":\"RS256\",\"crit\":[]}"), 2, "\"crit\" is not a list"),
        (with("{\"alg\":\"RS256\",\"alg\":\"RS256\"}"), 2, "\"alg\" appears twice"),
        (with("[\"RS256\"]"), 2, "expected a JSON object"),
        (format!("{token}.x"), 2, "4 parts"),
        (format!("{token}.x.y"), 2, "5 parts"),
        ("nonsense".to_owned(), 2, "1 part"),
        (format!("{token}="), 2, "not base64url without padding"),
        (token.replace('_', "/").replace('-', "+"), 2, "not base64url without padding"),
        (token.replacen('.', ".\n", 1), 2, "not base64url"),
    ] {
        for by in [["--label", "rsa"], ["--public-key", "rsa.pem"]] {
            env.run([&["jwt", "verify", &token], &by[..]].concat()).fails(code).saying(why);
        }
    }
    env.write("not-utf8", b"\xc3.a.b");
    env.run(["jwt", "verify", "--label", "rsa", "--in", "not-utf8"]).fails(2).saying("not UTF-8");
    env.write("large", "a".repeat(1 << 20));
    env.run(["jwt", "verify", "--label", "rsa", "--in", "large"]).fails(2).saying("too large");
}

#[test]
fn invalid_claims_are_refused() {
    let env = TestEnv::new();
    let key = fixture("p256.pub.pem");
    for (claims, why) in [
        ("{\"exp\":\"99999999999\"}", "\"exp\" is not a number"),
        ("{\"iat\":99999999999}", "issued in the future"),
        ("{\"iat\":99999999999}", "`--leeway 30s`"),
        ("{\"nbf\":99999999999}", "not valid before"),
        ("{\"aud\":[7]}", "\"aud\" is not a string or a list"),
    ] {
        let token = Judge::Jose.sign(&env, "p256.pkcs8.pem", "ES256", claims);
        env.run(["jwt", "verify", "--public-key", &key, &token]).fails(3).saying(why);
    }
}

#[test]
fn unsuitable_keys_of_a_set_are_skipped() {
    let env = TestEnv::new();
    let token = Judge::PyJwt.sign(&env, "p256.pkcs8.pem", "ES256", "{}");
    let jwk = |name: &str, more: &str| {
        let pem = std::fs::read(fixture(name)).expect("a fixture");
        let key = kmsctl::algorithm::PublicKey::read(&pem).expect("a public key");
        let mut jwk = key.to_jwk(kmsctl::encoding::JwkUse::Any).expect("a JWK");
        jwk.as_object_mut().expect("an object").remove("kid");
        let json = jwk.to_string();
        format!("{}{more}}}", json.strip_suffix('}').expect("an object"))
    };
    let (right, wrong, rsa) =
        (jwk("p256.pub.pem", ""), jwk("p256.other.pub.pem", ""), jwk("rsa-2048.pub.pem", ""));
    let other = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
    for (keys, code) in [
        (format!("{rsa},{other},{wrong},{right}"), 0),
        (format!("{rsa},{wrong}"), 3),
        (rsa.clone(), 3),
        (String::new(), 3),
        (jwk("p256.pub.pem", ",\"alg\":\"ES384\""), 3),
        (jwk("p256.pub.pem", ",\"use\":\"enc\""), 3),
        (jwk("p256.pub.pem", ",\"kid\":\"a\""), 0),
        ("1".to_owned(), 3),
        (format!("1,null,{{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":null}},{right}"), 0),
        (format!("{{\"kty\":1}},{{\"kid\":7}},{{\"kty\":\"EC\",\"kty\":\"EC\"}},{right}"), 0),
    ] {
        env.write("set.json", format!("{{\"keys\":[{keys}]}}"));
        env.run(["jwt", "verify", "--jwks", "set.json", &token]).exits(code);
    }
    env.write("set.json", "{\"keys\":[],\"keys\":[]}");
    env.run(["jwt", "verify", "--jwks", "set.json", &token]).fails(2).saying("appears twice");
}

#[test]
fn the_key_that_kid_names_must_be_for_signatures() {
    let env = token::embedded();
    env.create("named", "ec-p256");
    let token = env.run(["jwt", "sign", "--label", "named"]).success().line().to_owned();
    let mut set = env.run(["jwks", "--label", "named"]).success().json();
    set["keys"][0]["use"] = json!("enc");
    env.write("set.json", set.to_string());
    env.run(["jwt", "verify", "--jwks", "set.json", &token]).fails(3).saying("does not verify signatures");
}

/// A single JWK is treated like one in a set.
#[test]
fn use_alg_and_key_ops_of_a_jwk_are_respected() {
    let env = TestEnv::new();
    let token = Judge::PyJwt.sign(&env, "p256.pkcs8.pem", "ES256", "{}");
    let pem = std::fs::read(fixture("p256.pub.pem")).expect("a fixture");
    let key = kmsctl::algorithm::PublicKey::read(&pem).expect("a public key");
    for (name, value, code, why) in [
        ("use", json!("sig"), 0, ""),
        ("alg", json!("ES256"), 0, ""),
        ("key_ops", json!(["verify"]), 0, ""),
        ("kid", json!("not the JWT's"), 0, ""),
        ("use", json!("enc"), 3, "does not verify signatures"),
        ("alg", json!("ES384"), 3, "the key is for \"ES384\" only"),
        ("key_ops", json!(["sign"]), 3, "does not verify signatures"),
        ("alg", json!(7), 2, "is not a string"),
        ("d", json!("AQAB"), 2, "found a private or secret JWK"),
    ] {
        let mut jwk = key.to_jwk(kmsctl::encoding::JwkUse::Any).expect("a JWK");
        jwk[name] = value;
        env.write("key.jwk", jwk.to_string());
        env.run(["jwt", "verify", "--public-key", "key.jwk", &token]).exits(code).saying(why);
        env.run(["verify", "--public-key", "key.jwk", "--signature", &token]).exits(code).saying(why);
    }
}

#[test]
fn a_key_that_may_be_meant_and_cannot_be_read_is_the_reason() {
    let env = token::embedded();
    env.create("web", "ec-p256");
    let token = env.run(["jwt", "sign", "--label", "web"]).success().line().to_owned();
    let set = env.run(["jwks", "--label", "web"]).success().text().to_owned();
    let twice = set.replacen("\"kid\":", "\"x\":\"\",\"kid\":", 1);
    assert_ne!(set, twice);
    env.write("twice.json", twice);
    env.run(["jwt", "verify", "--jwks", "twice.json", &token])
        .fails(3)
        .saying("key 1 was skipped: ")
        .saying("\"x\" appears twice");
    let mut other = env.run(["jwks", "--label", "web"]).success().json();
    other["keys"][0]["kid"] = json!("x");
    env.write("other.json", other.to_string());
    let other = env.run(["jwt", "verify", "--jwks", "other.json", &token]);
    let other = other.fails(3).saying("the JWT is not valid: the JWK Set has no key with kid ");
    assert!(!other.stderr_text().contains("skipped"), "{other}");
}

#[test]
fn several_jwts_encrypted_ones_and_names_of_files_are_recognised() {
    let env = TestEnv::new();
    let token = Judge::PyJwt.sign(&env, "p256.pkcs8.pem", "ES256", "{}");
    env.write("one.jwt", format!("{token}\n"));
    env.write("two.jwt", format!("{token}\n{token}\n"));
    let header = BASE64URL_NOPAD.encode(b"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}");
    env.write("jwe", format!("{header}..AAAA.AAAA.AAAA"));
    let key = fixture("p256.pub.pem");
    for command in [vec!["jwt", "verify", "--public-key", &key], vec!["jwt", "decode"]] {
        let run = |args: &[&str]| env.run([&command[..], args].concat());
        run(&["--in", "two.jwt"]).fails(2).saying("expected one JWT, found 2").saying("give one at a time");
        run(&["--in", "jwe"]).fails(2).saying("it is encrypted (JWE)");
        run(&["one.jwt"]).fails(2).saying("\"one.jwt\" is a file, not a JWT").saying("`--in one.jwt`");
        run(&["none.jwt"]).fails(2).saying("the JWT is malformed");
    }
}
