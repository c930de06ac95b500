//! The examples of RFC 7515 and RFC 7520, and invalid variants of a valid token. The variants cover each kind in Project
//! Wycheproof's JOSE vectors (which no registry carries), and are built from the examples of RFC 7515.

use data_encoding::BASE64URL_NOPAD;
use kmsctl::{
    encoding::{CompactJws, MAX_JWS_PAYLOAD, read_jwk_set},
    operation::{check_header, read_signed, verifiers_from_set, verify_signature},
};
use serde_json::{Value, json};

use crate::support::{TestEnv, field};

fn fixture(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a fixture")).expect("a list")
}

/// The payload of a token, if kmsctl accepts it with the keys of a set.
fn accepted(token: &str, keys: &[Value]) -> Option<Vec<u8>> {
    let set = read_jwk_set(json!({ "keys": keys }).to_string().as_bytes()).ok()?;
    let jws = CompactJws::parse("the JWS", token.as_bytes(), MAX_JWS_PAYLOAD).ok()?;
    check_header(jws.header()).ok()?;
    let verifiers = verifiers_from_set(jws.header(), &set).ok()?;
    let digest =
        |algorithm, judges| read_signed(algorithm, jws.signing_input(), jws.signature(), || Ok(judges));
    verify_signature(jws.header(), digest, jws.signature(), &verifiers).ok()?;
    Some(jws.payload().to_vec())
}

#[test]
fn examples_of_rfc_7520() {
    for example in fixture("rfc7520.json") {
        let payload = accepted(field(&example, "token"), &[example["key"].clone()]);
        let expected = Some(field(&example, "payload").as_bytes().to_vec());
        assert_eq!(payload, expected, "section {}", example["section"]);
    }
}

/// With the kmsctl binary, as JWS and as JWT.
#[test]
fn examples_of_rfc_7515() {
    let env = TestEnv::new();
    for example in fixture("rfc7515.json") {
        env.write("key.jwk", example["key"].to_string());
        let (token, code) = (field(&example, "token"), if example["valid"] == true { 0 } else { 3 });
        env.run(["verify", "--public-key", "key.jwk", "--signature", token]).exits(code);
        // All examples have the same claims, which expired at 1300819380.
        let jwt = |now: &str| {
            env.with("KMSCTL_TEST_NOW", now).run(["jwt", "verify", "--public-key", "key.jwk", token])
        };
        let output = jwt("1300819379000").exits(code);
        assert_eq!(output.text().contains("\"iss\":\"joe\""), code == 0, "{}", example["appendix"]);
        jwt("1300819380000").fails(3);
    }
}

/// A valid token of RFC 7515, and its key.
fn valid_token(algorithm: &str) -> (String, Value) {
    let example = fixture("rfc7515.json").into_iter().find(|example| {
        let kind = if algorithm == "ES256" { "EC" } else { "RSA" };
        example["valid"] == true && example["key"]["kty"] == kind && example["key"]["crv"] != "P-521"
    });
    let example = example.expect("an example");
    assert!(accepted(field(&example, "token"), &[example["key"].clone()]).is_some());
    (field(&example, "token").to_owned(), example["key"].clone())
}

fn base64url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[test]
fn a_token_with_a_part_changed_is_refused() {
    for algorithm in ["RS256", "ES256"] {
        let (token, key) = valid_token(algorithm);
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("three parts")
        };
        let flipped = |text: &str| {
            let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            base64url(&bytes)
        };
        let with_header = |json: Value| base64url(json.to_string().as_bytes());
        let bad = [
            format!("{header}.{payload}.{}", flipped(signature)),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}.{}.{signature}", flipped(payload)),
            format!("{header}..{signature}"),
            format!("{header}.{signature}"),
            format!("{}.{payload}.{signature}", with_header(json!({"alg": algorithm, "x": 1}))),
            format!(".{payload}.{signature}"),
            format!("{payload}.{signature}"),
            format!(".{payload}."),
            payload.to_owned(),
            String::new(),
            format!("{token}."),
            format!("{token}.{signature}"),
            format!("{}.{payload}.", with_header(json!({"alg": "none"}))),
            format!("{}.{payload}.{signature}", with_header(json!({"alg": "none"}))),
            format!("{}.{payload}.{signature}", with_header(json!({"alg": "HS256"}))),
            format!("{}.{payload}.{signature}", with_header(json!({"alg": "PS256"}))),
            format!("{}.{payload}.{signature}", with_header(json!({"alg": algorithm, "jwk": key.clone()}))),
            format!("{}.{payload}.{signature}", with_header(json!({"alg": algorithm, "crit": ["exp"]}))),
            format!("{header}.{payload}.{signature}="),
            format!("{header}=.{payload}.{signature}"),
            format!("{header}.{payload} .{signature}"),
            format!("{header}. {payload}.{signature}"),
            format!("{header}.{payload}.{}", signature.replacen(['-', '_'], "+", 1)),
            format!("{header}.{payload}.AA{signature}"),
            format!("{header}.{payload}.{signature}AAAA"),
            format!("{header}.{payload}.{}", with_unused_bits(signature)),
            json!({"payload": payload, "protected": header, "signature": signature}).to_string(),
        ];
        for token in bad {
            assert_eq!(accepted(&token, std::slice::from_ref(&key)), None, "{algorithm}: {token}");
        }
    }
}

/// The same base64url text with the unused bits of its last character set.
fn with_unused_bits(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = text.chars().last().and_then(|last| ALPHABET.find(last)).expect("a character");
    format!("{}{}", &text[..text.len() - 1], ALPHABET.chars().nth(last | 1).expect("a character"))
}

/// r and s of an ECDSA signature range from 1 to the order minus 1 and have 32 bytes each (RFC 7518, section 3.4).
#[test]
fn numbers_out_of_range_are_not_a_signature() {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (token, key) = valid_token("ES256");
    let (input, signature) = token.rsplit_once('.').expect("three parts");
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).expect("base64url");
    let (r, s) = signature.split_at(32);
    let mut one = [0; 32];
    one[31] = 1;
    let mut less = ORDER;
    less[31] -= 1;
    let numbers = [[0; 32], one, less, ORDER, [0xff; 32]];
    let mut bad: Vec<Vec<u8>> = numbers.iter().map(|r| [&r[..], s].concat()).collect();
    bad.extend(numbers.iter().map(|s| [r, &s[..]].concat()));
    bad.extend(numbers.iter().flat_map(|r| numbers.iter().map(move |s| [&r[..], &s[..]].concat())));
    bad.push(kmsctl::algorithm::Curve::P256.to_der(&signature).expect("DER"));
    bad.push([&[0], r, &[0], s].concat());
    bad.push([s, r].concat());
    for signature in bad {
        assert_eq!(accepted(&format!("{input}.{}", base64url(&signature)), std::slice::from_ref(&key)), None);
    }
}

#[test]
fn a_jwk_for_another_purpose_does_not_verify() {
    for algorithm in ["RS256", "ES256"] {
        let (token, key) = valid_token(algorithm);
        let with = |name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        for fine in
            [with("use", json!("sig")), with("alg", json!(algorithm)), with("key_ops", json!(["verify"]))]
        {
            assert!(accepted(&token, &[fine]).is_some());
        }
        let other = if algorithm == "ES256" { "RSA" } else { "EC" };
        for bad in [
            with("use", json!("enc")),
            with("use", json!(null)),
            with("key_ops", json!(["sign"])),
            with("key_ops", json!([])),
            with("key_ops", json!("verify")),
            with("alg", json!("ES512")),
            with("alg", json!("RSA1_5")),
            with("alg", json!("HS256")),
            with("kty", json!(other)),
            with("kty", json!("oct")),
            with("kty", json!(null)),
            with("kid", json!(7)),
            with("k", json!("AAAA")),
            with("d", json!(null)),
            with(if algorithm == "ES256" { "y" } else { "n" }, json!("AQAB")),
            with(if algorithm == "ES256" { "crv" } else { "e" }, json!("P-384")),
            with(if algorithm == "ES256" { "x" } else { "e" }, json!("AQ")),
        ] {
            assert_eq!(accepted(&token, std::slice::from_ref(&bad)), None, "{bad}");
            // In a set with the right key, it is skipped.
            assert!(accepted(&token, &[bad, key.clone()]).is_some());
        }
    }
}
