//! `jwt decode` prints a token without verifying it, and escapes what could deceive a reader.

use data_encoding::BASE64URL_NOPAD;

use crate::support::TestEnv;

fn token(header: &str, claims: &str) -> String {
    let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
    format!("{}.{}.{}", part(header), part(claims), part("signature"))
}

#[test]
fn decode_needs_no_token_or_pin_and_does_not_verify() {
    let env = TestEnv::new();
    let text = token("{\"alg\":\"HS256\"}", "{\"n\": 12345678901234567890123, \"a\": []}");
    let output = env.run(["jwt", "decode", &text]).success().saying("not verified");
    assert_eq!(
        output.text(),
        "{\n  \"header\": {\n    \"alg\": \"HS256\"\n  },\n  \"claims\": {\n    \
         \"n\": 12345678901234567890123,\n    \"a\": []\n  }\n}\n"
    );
    let line = env.run_with_stdin(format!("{text}\n"), ["jwt", "decode", "--json"]).success().silent();
    assert_eq!(
        line.line(),
        "{\"header\":{\"alg\":\"HS256\"},\"claims\":{\"n\":12345678901234567890123,\"a\":[]}}"
    );
}

#[test]
fn control_characters_are_escaped() {
    let env = TestEnv::new();
    let output =
        env.run(["jwt", "decode", &token("{\"alg\":\"none\"}", "{\"a\":\"\u{9b}31m\u{202e}\"}")]).success();
    assert!(output.text().contains(r#""\u009b31m\u202e""#), "{output}");
}

#[test]
fn malformed_tokens_are_refused() {
    let env = TestEnv::new();
    for (text, why) in [
        ("a.b.c.d".to_owned(), "4 parts"),
        ("a.b.c.d.e".to_owned(), "it has 5 parts and should have 3"),
        (token("{\"alg\":\"ES256\"}", "[]"), "expected a JSON object"),
        (token("{\"alg\":\"ES256\"}", "{\"a\":1,\"a\":1}"), "appears twice"),
        (token("{}", "{}"), "no member \"alg\""),
        ("é.e30.e30".to_owned(), "base64url"),
    ] {
        env.run(["jwt", "decode", &text]).fails(2).saying(why);
    }
    env.run(["jwt", "decode", "--in", "missing"]).fails(1);
}
