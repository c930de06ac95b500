//! JSON Web Keys (RFC 7517, RFC 7518 section 6) and their thumbprints (RFC 7638).

mod limits;
mod private;
mod set;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use limits::{JwkForbids, JwkLimits, JwkPurpose};
pub(super) use private::{JwkSecret, only_private};
pub use set::{MAX_JWK_SET, SetKey, read_jwk_set};

use super::{
    Error, Form,
    error::PUBLIC_KEY,
    json::{self, Members},
};
use crate::{
    algorithm::{self, JwkMember, JwkMembers, PublicKey, SignatureAlgorithm},
    secret::Secret,
};

const WHAT: &str = "the JWK";

/// The `use` and `alg` of a JWK that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwkUse {
    /// Neither member, for keys with several uses.
    Any,
    Signature(SignatureAlgorithm),
    /// RSA-OAEP with SHA-256.
    Encryption,
}

impl JwkUse {
    const fn members(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Any => None,
            Self::Signature(algorithm) => Some(("sig", algorithm.name())),
            Self::Encryption => Some(("enc", limits::RSA_OAEP_256)),
        }
    }
}

/// The input if it begins like a JSON object, without the byte order mark that Windows editors add.
pub(super) fn as_json(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"{").then_some(bytes)
}

/// A JWK as JSON, not interpreted yet.
pub(super) struct Jwk<'a> {
    members: Members<'a>,
}

impl JwkMembers for Jwk<'_> {
    fn text(&self, name: &str) -> Result<Option<String>, algorithm::Error> {
        Ok(self.secret_text(name)?.map(|text| text.as_str().to_owned()))
    }

    fn bytes(&self, name: &str) -> Result<Option<Secret>, algorithm::Error> {
        let Some(text) = self.secret_text(name)? else { return Ok(None) };
        BASE64URL_NOPAD.decode(text.as_bytes()).map(|bytes| Some(Secret::new(bytes))).map_err(|_| {
            algorithm::Error::malformed(WHAT, format!("its member {name:?} is not base64url without padding"))
        })
    }

    fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some()
    }
}

impl<'a> Jwk<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        Ok(Self { members: Members::read(json::text(bytes, WHAT)?, WHAT)? })
    }

    /// A string, in memory that is wiped. `null` is not a string.
    fn secret_text(&self, name: &str) -> Result<Option<Zeroizing<String>>, algorithm::Error> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        let text = String::deserialize(value).map(Zeroizing::new);
        text.map(Some)
            .map_err(|_| algorithm::Error::malformed(WHAT, format!("its member {name:?} is not a string")))
    }

    fn list(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        let list = Vec::deserialize(value).map(Some);
        list.map_err(|_| Error::malformed(WHAT, format!("its member {name:?} is not a list of strings")))
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a RawValue> {
        self.members.get(name)
    }

    pub(super) fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Whether it has any member of a private or secret key, valid or not.
    pub(super) fn is_private(&self) -> bool {
        ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"]
            .iter()
            .any(|name| self.members.get(name).is_some())
    }

    pub(super) fn is_set(&self) -> bool {
        self.members.get("kty").is_none() && self.members.get("keys").is_some()
    }

    pub(super) fn limits(&self) -> Result<JwkLimits, Error> {
        JwkLimits::of(self)
    }

    /// The key of a public JWK; private JWKs and JWK Sets are refused.
    pub(super) fn public_key(&self) -> Result<PublicKey, Error> {
        let unexpected = |found| Err(Error::unexpected(PUBLIC_KEY, found));
        if self.is_set() {
            return unexpected(Form::JwkSet);
        }
        if self.is_private() {
            return unexpected(Form::JwkPrivate);
        }
        self.public_half()
    }

    /// The public key, also of a private JWK.
    fn public_half(&self) -> Result<PublicKey, Error> {
        let kty = self.kty()?;
        Ok(PublicKey::from_jwk_members(&kty, self)?)
    }

    fn kty(&self) -> Result<String, Error> {
        self.text("kty")?.ok_or_else(|| Error::malformed(WHAT, "it has no member \"kty\""))
    }
}

impl PublicKey {
    /// The key as a public JWK, with the thumbprint as `kid`. Fails for a kind of key that has no JWK.
    pub fn to_jwk(&self, usage: JwkUse) -> Result<Value, Error> {
        let lacking = || Error::NoForm { form: "JWK", kind: self.kind() };
        let (kty, members) = self.members().ok_or_else(lacking)?;
        let about = usage.members().map(|(usage, alg)| [("use", usage.to_owned()), ("alg", alg.to_owned())]);
        let members = [("kty", kty.to_owned())]
            .into_iter()
            .chain(about.into_iter().flatten())
            .chain([("kid", self.thumbprint())])
            .chain(members)
            .map(|(name, value)| (name.to_owned(), Value::String(value)));
        Ok(members.collect::<Map<_, _>>().into())
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url without padding; empty for a kind of key that has no JWK.
    pub fn thumbprint(&self) -> String {
        let Some((kty, members)) = self.members() else { return String::new() };
        // Sorted by name without white space, as RFC 7638, section 3 requires. The values are base64url and need no escapes.
        let mut all: Vec<(&str, String)> = members;
        all.push(("kty", kty.to_owned()));
        all.sort_unstable();
        let json: Vec<String> = all.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        BASE64URL_NOPAD.encode(&Sha256::digest(format!("{{{}}}", json.join(","))))
    }

    /// `kty`, and the other members that make up the key.
    fn members(&self) -> Option<(&'static str, Vec<(&'static str, String)>)> {
        let (kty, members) = self.jwk_members()?;
        let text = |member| match member {
            JwkMember::Text(text) => text.to_owned(),
            JwkMember::Bytes(bytes) => BASE64URL_NOPAD.encode(&bytes),
        };
        Some((kty, members.into_iter().map(|(name, member)| (name, text(member))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::algorithm::KeyKind;

    /// RFC 7638, section 3.1.
    fn rfc_7638() -> Value {
        json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\
                  FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgn\
                  Yb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqb\
                  w0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29"
        })
    }

    /// RFC 7515, appendix A.3.1, without the private member.
    fn rfc_7515_a3() -> Value {
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        })
    }

    #[test]
    fn the_thumbprint_of_rfc_7638() {
        let key = PublicKey::read(rfc_7638().to_string().as_bytes()).expect("the RFC's key");
        assert_eq!(key.kind(), KeyKind::Rsa { bits: 2048 });
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn writing_gives_use_alg_and_kid() {
        let key = PublicKey::read(rfc_7515_a3().to_string().as_bytes()).expect("the RFC's key");
        assert_eq!(
            key.to_jwk(JwkUse::Signature(SignatureAlgorithm::ES256)).expect("a JWK").to_string(),
            "{\"kty\":\"EC\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U\",\
             \"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\
             \"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
        );
        let rsa = PublicKey::read(rfc_7638().to_string().as_bytes()).expect("the RFC's key");
        assert_eq!(rsa.to_jwk(JwkUse::Encryption).expect("a JWK")["alg"], "RSA-OAEP-256");
        let algorithm = SignatureAlgorithm::PS512;
        assert_eq!(rsa.to_jwk(JwkUse::Signature(algorithm)).expect("a JWK")["alg"], "PS512");
        for usage in [JwkUse::Any, JwkUse::Encryption] {
            assert_eq!(
                PublicKey::read(rsa.to_jwk(usage).expect("a JWK").to_string().as_bytes()),
                Ok(rsa.clone())
            );
        }
    }

    fn refused(change: impl FnOnce(&mut Value), mut jwk: Value) -> String {
        change(&mut jwk);
        PublicKey::read(jwk.to_string().as_bytes()).expect_err("refused").to_string()
    }

    #[test]
    fn unusable_public_keys_are_refused_with_the_reason() {
        assert!(refused(|jwk| jwk["d"] = json!("AQAB"), rfc_7638()).contains("private"));
        assert!(refused(|jwk| jwk["kty"] = json!("oct"), rfc_7638()).contains("oct"));
        assert!(refused(|jwk| jwk["e"] = json!("AQAB=="), rfc_7638()).contains("\"e\""));
        assert!(refused(|jwk| jwk["n"] = json!(7), rfc_7638()).contains("\"n\" is not a string"));
        assert!(refused(|jwk| jwk["n"] = json!(null), rfc_7638()).contains("\"n\" is not a string"));
        assert!(refused(|jwk| jwk["d"] = json!(null), rfc_7638()).contains("private"));
        assert!(refused(|jwk| jwk["kty"] = json!("OKP"), rfc_7638()).contains("\"crv\""));
        assert!(refused(|jwk| jwk["crv"] = json!("P-224"), rfc_7515_a3()).contains("P-224"));
        assert!(refused(|jwk| jwk["x"] = json!("AQAB"), rfc_7515_a3()).contains("32 bytes"));
        assert!(refused(|jwk| jwk["y"] = jwk["x"].clone(), rfc_7515_a3()).contains("not on the curve"));
        assert!(refused(|jwk| *jwk = json!({ "keys": [] }), rfc_7638()).contains("JWK Set"));
        let twice = br#"{"kty":"EC","kty":"RSA"}"#;
        assert!(PublicKey::read(twice).expect_err("refused").to_string().contains("appears twice"));
    }
}
