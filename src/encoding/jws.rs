//! JWS in compact serialisation (RFC 7515, section 7.1), including detached and unencoded payloads (RFC 7797).

use std::collections::HashSet;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::{Error, json::Object, mark::refuse_mark};
use crate::algorithm::MAX_SIGNATURE_LEN;

/// Maximum length of a header in bytes of JSON.
pub const MAX_JWS_HEADER: usize = 16 * 1024;
/// Maximum length of an attached payload in bytes.
pub const MAX_JWS_PAYLOAD: usize = 16 * 1024 * 1024;

/// How a JWE, JWS or JWT begins: `{"` in base64url.
pub const JOSE_BEGIN: &[u8] = b"eyJ";

const HEADER: &str = "the JOSE header";

/// Names that RFC 7515, 7516 and 7518 define; `crit` must not list them (RFC 7515, section 4.1.11).
const REGISTERED: &[&str] = &[
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk",
    "apu", "apv", "iv", "tag", "p2s", "p2c",
];

/// A JOSE header whose members have the right types.
#[derive(Debug, Clone)]
pub struct JwsHeader {
    members: Object,
    algorithm: String,
    key_id: Option<String>,
    critical: Vec<String>,
    encoded_payload: bool,
}

impl JwsHeader {
    pub fn from_object(members: Object) -> Result<Self, Error> {
        let algorithm = text_member(&members, "alg")?
            .ok_or_else(|| Error::malformed(HEADER, "it has no member \"alg\""))?;
        let key_id = text_member(&members, "kid")?;
        text_member(&members, "typ")?;
        let critical = critical(&members)?;
        let encoded_payload = match members.get("b64") {
            None => true,
            Some(Value::Bool(encoded)) => encoded,
            Some(_) => return Err(Error::malformed(HEADER, "its \"b64\" is neither true nor false")),
        };
        // RFC 7797, section 6: otherwise a reader without support for `b64` would verify another payload.
        if !encoded_payload && !critical.iter().any(|name| name == "b64") {
            return Err(Error::malformed(HEADER, "its \"b64\" is not listed in \"crit\""));
        }
        Ok(Self { members, algorithm, key_id, critical, encoded_payload })
    }

    fn from_part(what: &'static str, part: &str) -> Result<Self, Error> {
        let json = decode(what, part, "header", MAX_JWS_HEADER)?;
        Self::from_object(Object::read(&json, HEADER, MAX_JWS_HEADER)?)
    }

    pub fn members(&self) -> &Object {
        &self.members
    }

    /// `alg`, which may be any string.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `typ`.
    pub fn typ(&self) -> Option<String> {
        self.members.get("typ").and_then(|typ| typ.as_str().map(str::to_owned))
    }

    /// The first member of `crit` that kmsctl does not support; such a JWS must be refused.
    pub fn unknown_critical(&self) -> Option<&str> {
        self.critical.iter().map(String::as_str).find(|name| *name != "b64")
    }

    /// Whether the payload is signed as base64url: `b64` of RFC 7797.
    pub fn encodes_payload(&self) -> bool {
        self.encoded_payload
    }

    /// The signed bytes before the payload: the encoded header and a dot.
    pub fn signing_prefix(&self) -> String {
        BASE64URL_NOPAD.encode(self.members.to_string().as_bytes()) + "."
    }
}

fn text_member(members: &Object, name: &'static str) -> Result<Option<String>, Error> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::malformed(HEADER, format!("its {name:?} is not a string"))),
    }
}

/// Checks `crit` by the rules of RFC 7515, section 4.1.11.
fn critical(members: &Object) -> Result<Vec<String>, Error> {
    let malformed = |why: &str| Err(Error::malformed(HEADER, format!("its \"crit\" {why}")));
    let names = match members.get("crit") {
        None => return Ok(Vec::new()),
        Some(Value::Array(names)) if !names.is_empty() => names,
        Some(_) => return malformed("is not a list of names"),
    };
    let names: Option<Vec<String>> = names.into_iter().map(|name| name.as_str().map(str::to_owned)).collect();
    let Some(names) = names else { return malformed("is not a list of names") };
    if names.iter().collect::<HashSet<_>>().len() != names.len() {
        return malformed("lists a name twice");
    }
    if names.iter().any(|name| REGISTERED.contains(&name.as_str())) {
        return malformed("lists a name that every reader knows");
    }
    if !names.iter().all(|name| members.contains(name)) {
        return malformed("lists a name that the header does not have");
    }
    Ok(names)
}

/// A parsed JWS. Nothing in it has been verified.
#[derive(Debug, Clone)]
pub struct CompactJws {
    header: JwsHeader,
    /// The first two parts and the dot between them.
    signed: String,
    header_len: usize,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl CompactJws {
    /// Parses three parts in base64url without padding. The payload may be empty (detached), and so may the signature
    /// (unsecured, which no verifier accepts). `what` names it in errors: "the JWT"; `limit` is the maximum length of the
    /// payload in bytes.
    pub fn parse(what: &'static str, text: &[u8], limit: usize) -> Result<Self, Error> {
        // Checked before anything is copied. Base64 has four characters for three bytes.
        if text.len() > (MAX_JWS_HEADER + limit + MAX_SIGNATURE_LEN).div_ceil(3) * 4 + 2 {
            return Err(Error::TooLarge { what: "the payload", limit });
        }
        refuse_mark(text, what)?;
        let text = std::str::from_utf8(text).map_err(|_| Error::malformed(what, "it is not UTF-8"))?;
        let parts: Vec<&str> = text.splitn(7, '.').collect();
        let &[header_part, payload_part, signature_part] = &parts[..] else {
            return Err(wrong_parts(what, text, &parts));
        };
        let header = JwsHeader::from_part(what, header_part)?;
        let payload = if header.encodes_payload() {
            decode(what, payload_part, "payload", limit)?
        } else {
            payload_part.as_bytes().to_vec()
        };
        let signature = decode(what, signature_part, "signature", MAX_SIGNATURE_LEN)?;
        let signed = text[..header_part.len() + 1 + payload_part.len()].to_owned();
        Ok(Self { header, signed, header_len: header_part.len(), payload, signature })
    }

    pub fn header(&self) -> &JwsHeader {
        &self.header
    }

    /// Empty if it is detached.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether the payload is detached (RFC 7515, appendix F). An empty payload looks the same.
    pub fn is_detached(&self) -> bool {
        self.signed.len() == self.header_len + 1
    }

    /// The signed bytes; only their beginning if the payload is detached.
    pub fn signing_input(&self) -> &[u8] {
        self.signed.as_bytes()
    }
}

fn wrong_parts(what: &'static str, text: &str, parts: &[&str]) -> Error {
    let count = text.split_ascii_whitespace().count();
    if count > 1 && text.split_ascii_whitespace().all(|word| is_jws(word.as_bytes())) {
        return Error::SeveralJws { what: what.trim_start_matches("the "), count };
    }
    let why = match parts.len() {
        1 if text.trim_start().starts_with('{') => {
            "it is JSON; only the compact form with its dots is read".to_owned()
        }
        5 if is_jwe(text.as_bytes()) => {
            "it is encrypted (JWE), and only its recipient can read it".to_owned()
        }
        7 => "it has more than 6 parts and should have 3".to_owned(),
        1 => "it has 1 part and should have 3, separated by dots".to_owned(),
        count => format!("it has {count} parts and should have 3"),
    };
    Error::malformed(what, why)
}

/// Whether this has the form of a JWS in compact serialisation: no other signature contains dots, except a binary one.
pub fn is_jws(text: &[u8]) -> bool {
    has_parts(text, 3)
}

/// Whether this is a JWE in compact serialisation (RFC 7516, section 7.1): its header has `enc`.
pub(super) fn is_jwe(text: &[u8]) -> bool {
    let header = text.split(|byte| *byte == b'.').next().and_then(|part| BASE64URL_NOPAD.decode(part).ok());
    let members = header.and_then(|json| Object::read(&json, HEADER, MAX_JWS_HEADER).ok());
    has_parts(text, 5) && members.is_some_and(|members| members.contains("enc"))
}

/// Whether this is base64url with dots between so many parts.
fn has_parts(text: &[u8], count: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    text.split(|byte| *byte == b'.').count() == count && text.iter().all(is_part)
}

fn decode(what: &'static str, part: &str, name: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
    let too_large = || {
        let what = match name {
            "payload" => "the payload",
            "header" => HEADER,
            _ => "the signature",
        };
        Error::TooLarge { what, limit }
    };
    if part.len() > limit.div_ceil(3) * 4 {
        return Err(too_large());
    }
    let bytes = BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| Error::malformed(what, format!("its {name} is not base64url without padding")))?;
    if bytes.len() > limit { Err(too_large()) } else { Ok(bytes) }
}

/// One part of a compact serialisation.
pub fn jws_part(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        format!("{}.{}.{}", jws_part(header.as_bytes()), jws_part(payload.as_bytes()), jws_part(b"signature"))
    }

    fn parse(text: &str) -> Result<CompactJws, Error> {
        CompactJws::parse("the JWT", text.as_bytes(), 1000)
    }

    fn refusal(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn the_parts_of_rfc_7515_a1() {
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let jws = parse(text).expect("the RFC's");
        assert_eq!(jws.header().algorithm(), "HS256");
        assert!(jws.payload().starts_with(b"{\"iss\":\"joe\",\r\n"));
        assert_eq!(jws.signature().len(), 32);
        assert_eq!(Some(jws.signing_input()), text.as_bytes().get(..text.rfind('.').expect("a dot")));
        assert!(!jws.is_detached());
    }

    #[test]
    fn payloads_may_be_detached_or_unencoded() {
        let jws = parse(&format!("{}..AAAA", jws_part(b"{\"alg\":\"ES256\"}"))).expect("detached");
        assert!(jws.is_detached());
        // RFC 7797, section 4.2.
        let header = r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#;
        let jws = parse("eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY")
            .expect("the RFC's");
        assert_eq!(jws.header().members().to_string(), header);
        assert_eq!(jws.header().signing_prefix().as_bytes(), jws.signing_input());
        assert!(!jws.header().encodes_payload() && jws.header().unknown_critical().is_none());
        assert_eq!(
            parse(&format!("{}.$02.AAAA", jws_part(header.as_bytes()))).expect("plain").payload(),
            b"$02"
        );
    }

    #[test]
    fn malformed_tokens_are_refused_with_the_reason() {
        let good = token("{\"alg\":\"ES256\"}", "{}");
        assert!(parse(&good).is_ok());
        for (text, why) in [
            (format!("{good}.AAAA"), "4 parts"),
            (format!("{good}.A.A"), "it has 5 parts and should have 3"),
            (
                format!("{}.A.A.A.A", jws_part(b"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}")),
                "it is encrypted (JWE)",
            ),
            (format!("{good}\n{good}"), "expected one JWT, found 2"),
            (format!("{good}\r\n\r\n{good}\n{good}"), "expected one JWT, found 3"),
            (format!("{good}\nA.A.A.A"), "6 parts and"),
            (".".repeat(100_000).get(..1000).expect("long").to_owned(), "more than 6"),
            ("AAAA".to_owned(), "1 part and"),
            (String::new(), "1 part and"),
            ("{\"payload\":\"\"}".to_owned(), "it is JSON"),
            (format!("{good}="), "its signature is not base64url without padding"),
            (format!("{good}\n"), "its signature is not base64url"),
            (good.replace('.', "+."), "its header is not base64url"),
            (good.replacen(".e30", ".e31", 1), "its payload is not base64url"),
            (token("[]", "{}"), "the JOSE header is malformed"),
            (token("{}", "{}"), "no member \"alg\""),
            (token("{\"alg\":1}", "{}"), "\"alg\" is not a string"),
            (token("{\"alg\":\"ES256\",\"kid\":7}", "{}"), "\"kid\" is not a string"),
            (token("{\"alg\":\"ES256\",\"alg\":\"none\"}", "{}"), "\"alg\" appears twice"),
            (token("{\"alg\":\"ES256\",\"b64\":false}", "{}"), "not listed in \"crit\""),
            (token("{\"alg\":\"ES256\",\"b64\":0,\"crit\":[\"b64\"]}", "{}"), "neither true nor false"),
            (token("{\"alg\":\"ES256\",\"crit\":[]}", "{}"), "\"crit\" is not a list"),
            (token("{\"alg\":\"ES256\",\"crit\":[1]}", "{}"), "\"crit\" is not a list"),
            (token("{\"alg\":\"ES256\",\"crit\":[\"alg\"]}", "{}"), "every reader knows"),
            (token("{\"alg\":\"ES256\",\"crit\":[\"x\"]}", "{}"), "the header does not have"),
            (token("{\"alg\":\"ES256\",\"x\":1,\"crit\":[\"x\",\"x\"]}", "{}"), "twice"),
        ] {
            assert!(refusal(&text).contains(why), "{text}: {}", refusal(&text));
        }
        assert!(CompactJws::parse("the JWT", b"\xff", 10).is_err());
    }

    #[test]
    fn an_unknown_critical_member_is_reported() {
        let jws = parse(&token(r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, "{}")).expect("well-formed");
        assert_eq!(jws.header().unknown_critical(), Some("exp"));
    }

    #[test]
    fn sizes_are_bounded() {
        let exactly = |length: usize| token("{\"alg\":\"ES256\"}", &"a".repeat(length));
        assert!(parse(&exactly(1000)).is_ok());
        assert!(refusal(&exactly(1001)).contains("payload is larger than 1000 bytes"));
        assert!(refusal(&exactly(2_000_000)).contains("payload is larger than 1000 bytes"));
        let long_header = format!("{{\"alg\":\"ES256\",\"x\":\"{}\"}}", "a".repeat(MAX_JWS_HEADER));
        assert!(CompactJws::parse("the JWT", token(&long_header, "").as_bytes(), 1 << 20).is_err());
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(text in r"[.A-Za-z0-9_=-]{0,60}", bytes in proptest::collection::vec(0u8.., 0..60)) {
            let _ = parse(&text);
            let _ = CompactJws::parse("the JWT", &bytes, 10);
            let _ = parse(&token(&String::from_utf8_lossy(&bytes), &text));
        }
    }
}
