//! The examples of RFC 7515 and RFC 7520, and Project Wycheproof's vectors for JSON Web Signatures and Keys.

use kmsctl::{
    encoding::{CompactJws, MAX_JWS_PAYLOAD, read_jwk_set},
    operation::{check_header, digest_stream, verifiers_from_set, verify_signature},
};
use serde_json::{Value, json};

use crate::support::{TestEnv, field};

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a fixture")).expect("JSON")
}

/// The public part: the vectors hold private keys, too, which kmsctl refuses in a set.
fn public(key: &Value) -> Value {
    let mut key = key.clone();
    let members = key.as_object_mut().expect("an object");
    members.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    key
}

/// Whether kmsctl accepts a token under the keys of a set, and its payload.
fn accepted(token: &str, keys: &[Value]) -> Option<Vec<u8>> {
    let set = read_jwk_set(json!({ "keys": keys }).to_string().as_bytes()).ok()?;
    let jws = CompactJws::parse(token.as_bytes(), MAX_JWS_PAYLOAD).ok()?;
    check_header(jws.header()).ok()?;
    let verifiers = verifiers_from_set(jws.header(), &set).ok()?;
    let digest = |algorithm| digest_stream(algorithm, jws.signing_input());
    verify_signature(jws.header(), digest, jws.signature(), &verifiers).ok()?;
    Some(jws.payload().to_vec())
}

/// Calls `judge` for each test with the keys of its group; it answers whether the test is as it should be.
fn each(file: &str, judge: impl Fn(&Value, &[Value]) -> bool) {
    let vectors = fixture(&format!("wycheproof/{file}_test.json"));
    let mut count = 0;
    for group in vectors["testGroups"].as_array().expect("groups") {
        let key = group.get("public").or_else(|| group.get("private")).expect("a key");
        let keys: Vec<_> = match key["keys"].as_array() {
            Some(keys) => keys.iter().map(public).collect(),
            None => vec![public(key)],
        };
        for test in group["tests"].as_array().expect("tests") {
            assert!(judge(test, &keys), "{file} {}: {}", test["tcId"], test["comment"]);
            count += 1;
        }
    }
    assert_eq!(vectors["numberOfTests"], count);
}

/// Only what a key pair of kmsctl can have signed is ever accepted: a shared secret (HS256) and P-521 never are.
fn should_be_accepted(test: &Value, keys: &[Value]) -> bool {
    let ours = |key: &Value| key["kty"] == "RSA" || key["kty"] == "EC" && key["crv"] == "P-256";
    test["result"] == "valid" && keys.iter().all(ours)
}

#[test]
fn signatures_by_wycheproof() {
    /// RFC 7520's example of PS384, under a key whose `alg` says PS256: kmsctl believes the key.
    const PINNED_OTHERWISE: [u64; 2] = [346, 350];
    each("json_web_signature", |test, keys| {
        let pinned = test["tcId"].as_u64().is_some_and(|id| PINNED_OTHERWISE.contains(&id));
        accepted(field(test, "jws"), keys).is_some() == (should_be_accepted(test, keys) && !pinned)
    });
}

#[test]
fn keys_by_wycheproof() {
    /// An RSA key with the weakness of ROCA (CVE-2017-15361). Whether a public key is weak is not kmsctl's to judge.
    const ROCA: u64 = 7;
    each("json_web_key", |test, keys| {
        test["tcId"] == ROCA || accepted(field(test, "jws"), keys).is_some() == should_be_accepted(test, keys)
    });
}

#[test]
fn examples_of_rfc_7520() {
    for (name, supported) in
        [("4_1.rsa_v15_signature", true), ("4_2.rsa-pss_signature", true), ("4_3.ecdsa_signature", false)]
    {
        let example = fixture(&format!("rfc7520/{name}.json"));
        let token = field(&example["output"], "compact");
        let payload = accepted(token, &[public(&example["input"]["key"])]);
        let expected = supported.then(|| field(&example["input"], "payload").as_bytes().to_vec());
        assert_eq!(payload, expected, "{name}");
    }
}

/// By the program itself, as JWS and as JWT.
#[test]
fn examples_of_rfc_7515() {
    let env = TestEnv::new();
    for example in fixture("rfc7515.json").as_array().expect("a list") {
        env.write("key.jwk", example["key"].to_string());
        let (token, code) = (field(example, "token"), if example["valid"] == true { 0 } else { 3 });
        env.run(["verify", "--public-key", "key.jwk", "--signature", token]).exits(code);
        // Of all the examples the claims are the same; they expired at 1300819380.
        let jwt = |now: &str| {
            env.with("KMSCTL_TEST_NOW", now).run(["jwt", "verify", "--public-key", "key.jwk", token])
        };
        let output = jwt("1300819379000").exits(code);
        assert_eq!(output.text().contains("\"iss\":\"joe\""), code == 0, "{}", example["appendix"]);
        jwt("1300819380000").fails(3);
    }
}
