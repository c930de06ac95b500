//! JWK Sets (RFC 7517, section 5).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Jwk, JwkLimits};
use crate::{
    algorithm::{JwkMembers, PublicKey},
    encoding::{
        Error,
        json::{self, Members},
    },
};

const WHAT: &str = "the JWK Set";
/// Maximum length of a JWK Set in bytes: some five hundred RSA-4096 keys.
pub const MAX_JWK_SET: usize = 1024 * 1024;

/// An entry of a set.
#[derive(Debug, Clone)]
pub struct SetKey {
    /// An error if kmsctl cannot use the key.
    pub key: Result<PublicKey, Error>,
    /// `kid`, if it is a string.
    pub key_id: Option<String>,
    pub limits: JwkLimits,
}

/// Reads a set. Entries that kmsctl cannot use (other key types, malformed keys, other values) do not make the set invalid.
pub fn read_jwk_set(bytes: &[u8]) -> Result<Vec<SetKey>, Error> {
    if bytes.len() > MAX_JWK_SET {
        return Err(Error::TooLarge { what: WHAT, limit: MAX_JWK_SET });
    }
    let bytes = super::as_json(bytes).unwrap_or(bytes);
    let set = Members::read_shallow(json::text(bytes, WHAT)?, WHAT)?;
    let keys = set.get("keys").ok_or_else(|| Error::malformed(WHAT, "it has no member \"keys\""))?;
    let keys = Vec::<&RawValue>::deserialize(keys)
        .map_err(|_| Error::malformed(WHAT, "its member \"keys\" is not a list"))?;
    Ok(keys.into_iter().map(|key| SetKey::read(key.get())).collect())
}

impl SetKey {
    fn read(text: &str) -> Self {
        let unusable = |key_id, error| Self { key: Err(error), key_id, limits: JwkLimits::default() };
        let jwk = match Jwk::read(text.as_bytes()) {
            Ok(jwk) => jwk,
            Err(error) => return unusable(None, error),
        };
        let key_id = match jwk.text("kid") {
            Ok(key_id) => key_id,
            Err(error) => return unusable(None, error.into()),
        };
        match jwk.limits() {
            Ok(limits) => Self { key: jwk.public_key(), key_id, limits },
            Err(error) => unusable(key_id, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<SetKey>, Error> {
        read_jwk_set(text.as_bytes())
    }

    #[test]
    fn unusable_entries_do_not_make_a_set_invalid() {
        let ec = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"a","alg":"ES256","use":"sig","key_ops":["verify"]}"#;
        let okp =
            r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}"#;
        let set = read(&format!("{{\"keys\":[{okp},{ec}],\"more\":1}}")).expect("a set");
        assert!(set[0].key.is_err() && set[0].limits.verify().is_err() && set[0].key_id.is_none());
        assert!(set[1].key.is_ok() && set[1].limits.verify().is_ok());
        assert_eq!((set[1].key_id.as_deref(), set[1].limits.algorithm()), (Some("a"), Some("ES256")));
        for odd in [
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":null}"#,
            r#"{"kid":1}"#,
            r#"{"kid":"a","kid":"b"}"#,
            r#"{"kty":"EC","\ud800":1}"#,
            r#"{"use":["sig"]}"#,
            "1",
            "null",
            "[[]]",
        ] {
            let set = read(&format!("\u{feff} {{\"keys\":[{odd},{ec}]}}")).expect(odd);
            assert!(set[0].key.is_err() && set[1].key.is_ok(), "{odd}");
        }
        assert!(read("{\"keys\":[]}").expect("a set").is_empty());
    }

    #[test]
    fn other_json_is_refused() {
        for (text, why) in [
            ("[]", "expected a JSON object"),
            ("{}", "no member \"keys\""),
            ("{\"keys\":{}}", "not a list"),
            ("{\"keys\":null}", "not a list"),
            ("{\"keys\":[],\"\\u006beys\":[]}", "appears twice"),
            ("{\"keys\":[}", "expected value"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
