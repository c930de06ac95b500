//! JWK Sets (RFC 7517, section 5).

use serde_json::Value;

use super::{Error, PublicKey, json::Object};

const WHAT: &str = "the JWK Set";
/// The longest JWK Set that is read, in bytes: some five hundred RSA-4096 keys.
pub const MAX_JWK_SET: usize = 1024 * 1024;

/// A key of a set, and what the set says of it.
#[derive(Debug, Clone)]
pub struct SetKey {
    /// An error where kmsctl cannot use the key; other readers may.
    pub key: Result<PublicKey, Error>,
    pub key_id: Option<String>,
    /// `alg`: the only algorithm that the key is for.
    pub algorithm: Option<String>,
    /// Neither `use` nor `key_ops` says that the key is for something else.
    pub verifies: bool,
}

/// Reads a set. Keys that are not for kmsctl do not spoil it (RFC 7517, section 5).
pub fn read_jwk_set(bytes: &[u8]) -> Result<Vec<SetKey>, Error> {
    let set = Object::read(bytes, WHAT, MAX_JWK_SET)?;
    match set.get("keys") {
        Some(Value::Array(keys)) => keys.iter().map(set_key).collect(),
        Some(_) => Err(Error::malformed(WHAT, "its member \"keys\" is not a list")),
        None => Err(Error::malformed(WHAT, "it has no member \"keys\"")),
    }
}

/// Reads one JWK with what it says of itself.
pub fn read_jwk(bytes: &[u8]) -> Result<SetKey, Error> {
    let jwk = Object::read(bytes, "the JWK", MAX_JWK_SET)?;
    set_key(&serde_json::from_str(&jwk.to_string()).map_err(|error| Error::malformed("the JWK", error))?)
}

fn set_key(jwk: &Value) -> Result<SetKey, Error> {
    if !jwk.is_object() {
        return Err(Error::malformed(WHAT, "a key in it is not an object"));
    }
    let text = |name: &str| match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::malformed(WHAT, format!("a key's {name:?} is not a string"))),
    };
    let for_signatures = text("use")?.is_none_or(|usage| usage == "sig");
    let operations = jwk.get("key_ops").and_then(Value::as_array);
    let may_verify = operations.is_none_or(|operations| operations.iter().any(|name| name == "verify"));
    Ok(SetKey {
        key: PublicKey::from_jwk(jwk),
        key_id: text("kid")?,
        algorithm: text("alg")?,
        verifies: for_signatures && may_verify,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<SetKey>, Error> {
        read_jwk_set(text.as_bytes())
    }

    #[test]
    fn other_peoples_keys_do_not_spoil_a_set() {
        let ec = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"a","alg":"ES256","use":"sig","key_ops":["verify"]}"#;
        let okp =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}"#;
        let set = read(&format!("{{\"keys\":[{okp},{ec}],\"more\":1}}")).expect("a set");
        assert!(set[0].key.is_err() && !set[0].verifies && set[0].key_id.is_none());
        assert!(set[1].key.is_ok() && set[1].verifies);
        assert_eq!((set[1].key_id.as_deref(), set[1].algorithm.as_deref()), (Some("a"), Some("ES256")));
        assert!(read("{\"keys\":[]}").expect("a set").is_empty());
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for (text, why) in [
            ("[]", "expected a JSON object"),
            ("{}", "no member \"keys\""),
            ("{\"keys\":{}}", "not a list"),
            ("{\"keys\":[1]}", "not an object"),
            ("{\"keys\":[{\"kid\":1}]}", "\"kid\" is not a string"),
            ("{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}", "appears twice"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
