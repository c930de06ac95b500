//! The permitted uses of a JWK (RFC 7517, sections 4.2 to 4.4). Every command that reads a JWK respects them.

use std::collections::HashSet;

use super::Jwk;
use crate::{
    algorithm::{Algorithm, JwkMembers, KeyKind, SignatureAlgorithm},
    encoding::Error,
    model::{Code, Coded, Diagnosis, Usage},
};

/// The only RSA encryption algorithm that kmsctl uses (RFC 7518, section 4.3).
pub(super) const RSA_OAEP_256: &str = "RSA-OAEP-256";

/// The members `use`, `key_ops` and `alg` of a JWK. If all are absent, every use is permitted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkLimits {
    usage: Option<String>,
    operations: Option<Vec<String>>,
    algorithm: Option<String>,
}

/// What a JWK is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwkPurpose {
    Verify,
    Encrypt,
    Wrap,
    /// Import into a token, with these uses.
    Import(Usage),
    /// Import into a token, to sign by this algorithm.
    SignBy(SignatureAlgorithm),
}

/// A member of a JWK forbids the requested use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the JWK {}: its {member:?} is {value}", self.refused())]
pub struct JwkForbids {
    pub purpose: JwkPurpose,
    member: &'static str,
    value: String,
}

impl JwkLimits {
    pub(super) fn of(jwk: &Jwk<'_>) -> Result<Self, Error> {
        Ok(Self {
            usage: jwk.text("use")?,
            operations: jwk.list("key_ops")?.map(distinct).transpose()?,
            algorithm: jwk.text("alg")?,
        })
    }

    /// The only permitted algorithm, if the JWK names one.
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// Fails if the key may not verify signatures. `alg` is not checked.
    pub fn verify(&self) -> Result<(), JwkForbids> {
        self.require(JwkPurpose::Verify, "sig", &["verify"], |_| true)
    }

    pub fn verify_by(&self, algorithm: SignatureAlgorithm) -> Result<(), JwkForbids> {
        self.require(JwkPurpose::Verify, "sig", &["verify"], |known| algorithm.is_named(known))
    }

    /// Accepts `encrypt` and `wrapKey`: a text is encrypted with the key itself, an envelope's file key is wrapped.
    pub fn encrypt(&self) -> Result<(), JwkForbids> {
        self.require(JwkPurpose::Encrypt, "enc", &["encrypt", "wrapKey"], |known| known == RSA_OAEP_256)
    }

    pub fn wrap(&self) -> Result<(), JwkForbids> {
        self.require(JwkPurpose::Wrap, "enc", &["wrapKey"], |known| known == RSA_OAEP_256)
    }

    fn require(
        &self,
        purpose: JwkPurpose,
        usage: &str,
        operations: &[&str],
        is_algorithm: impl Fn(&str) -> bool,
    ) -> Result<(), JwkForbids> {
        let forbids = |member, value| Err(JwkForbids { purpose, member, value });
        match (&self.usage, &self.operations, &self.algorithm) {
            (Some(stated), ..) if stated != usage => forbids("use", format!("{stated:?}")),
            (_, Some(stated), _) if !stated.iter().any(|name| operations.contains(&name.as_str())) => {
                forbids("key_ops", format!("{stated:?}"))
            }
            (.., Some(stated)) if !is_algorithm(stated) => forbids("alg", format!("{stated:?}")),
            _ => Ok(()),
        }
    }

    /// Narrows the usage of an imported key to what is permitted. If the caller asked for a usage, all of it must be.
    pub fn import(&self, most: Usage, asked: Option<Usage>) -> Result<Usage, JwkForbids> {
        let mut left = asked.unwrap_or(most);
        for (member, value, allowed) in self.uses() {
            let narrowed = left.intersection(allowed);
            if narrowed.is_empty() || asked.is_some() && narrowed != left {
                return Err(JwkForbids { purpose: JwkPurpose::Import(left), member, value });
            }
            left = narrowed;
        }
        Ok(left)
    }

    /// Fails if `alg` is for another kind of key.
    pub(in crate::encoding) fn require_kind(&self, kind: KeyKind) -> Result<(), Error> {
        match self.signature_algorithm() {
            Some(algorithm) if !algorithm.fits(kind) => Err(Error::malformed(
                super::WHAT,
                format!(
                    "its \"alg\" is {:?}, which needs {}, not {kind}",
                    algorithm.name(),
                    algorithm.needed_key()
                ),
            )),
            _ => Ok(()),
        }
    }

    /// The only algorithm that an imported key may sign by, if the JWK names one. Fails if the caller asked for another.
    pub fn import_by(
        &self,
        asked: Option<SignatureAlgorithm>,
    ) -> Result<Option<SignatureAlgorithm>, JwkForbids> {
        match (self.signature_algorithm(), asked) {
            (Some(stated), Some(asked)) if stated != asked => Err(JwkForbids {
                purpose: JwkPurpose::SignBy(asked),
                member: "alg",
                value: format!("{:?}", stated.name()),
            }),
            (stated, asked) => Ok(asked.or(stated)),
        }
    }

    fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        let stated = self.algorithm.as_deref()?;
        SignatureAlgorithm::ALL.into_iter().find(|known| known.is_named(stated))
    }

    /// Each member that is present, and the usage that it permits.
    fn uses(&self) -> Vec<(&'static str, String, Usage)> {
        let signing = Usage { sign: true, verify: true, ..Usage::NONE };
        let encryption = Usage { encrypt: true, decrypt: true, ..Usage::NONE };
        let mut uses = Vec::new();
        if let Some(usage) = &self.usage {
            let allowed = match usage.as_str() {
                "sig" => signing,
                "enc" => encryption,
                _ => Usage::NONE,
            };
            uses.push(("use", format!("{usage:?}"), allowed));
        }
        if let Some(operations) = &self.operations {
            let has = |names: &[&str]| operations.iter().any(|name| names.contains(&name.as_str()));
            let allowed = Usage {
                sign: has(&["sign"]),
                // A key that may sign or decrypt may be used by its public half too.
                verify: has(&["sign", "verify"]),
                encrypt: has(&["encrypt", "wrapKey", "decrypt", "unwrapKey"]),
                decrypt: has(&["decrypt", "unwrapKey"]),
            };
            uses.push(("key_ops", format!("{operations:?}"), allowed));
        }
        if let Some(algorithm) = &self.algorithm {
            let allowed = match algorithm.as_str() {
                RSA_OAEP_256 => encryption,
                _ if self.signature_algorithm().is_some() => signing,
                name => Algorithm::of_secret_jwk(name).map_or(Usage::NONE, Algorithm::usage),
            };
            uses.push(("alg", format!("{algorithm:?}"), allowed));
        }
        uses
    }
}

fn distinct(operations: Vec<String>) -> Result<Vec<String>, Error> {
    let mut seen = HashSet::new();
    if operations.iter().all(|name| seen.insert(name)) {
        Ok(operations)
    } else {
        Err(Error::malformed(super::WHAT, "its \"key_ops\" names an operation twice"))
    }
}

impl JwkForbids {
    fn refused(&self) -> String {
        match (self.purpose, self.member) {
            (JwkPurpose::Verify, "alg") => "does not verify signatures by another algorithm".to_owned(),
            (JwkPurpose::Verify, _) => "does not verify signatures".to_owned(),
            (JwkPurpose::Encrypt, _) => "does not encrypt by RSA-OAEP-256".to_owned(),
            (JwkPurpose::Wrap, _) => "does not wrap keys by RSA-OAEP-256".to_owned(),
            (JwkPurpose::Import(usage), _) => format!("is not for {usage}"),
            (JwkPurpose::SignBy(algorithm), _) => format!("does not sign by {algorithm}"),
        }
    }
}

/// A signature whose key may not verify signatures is reported as invalid.
impl Coded for JwkForbids {
    fn diagnosis(&self) -> Diagnosis {
        match self.purpose {
            JwkPurpose::Verify => Code::SignatureInvalid.into(),
            JwkPurpose::Encrypt | JwkPurpose::Wrap | JwkPurpose::Import(_) | JwkPurpose::SignBy(_) => {
                Code::KeyUsage.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(members: &str) -> JwkLimits {
        let text = format!("{{\"kty\":\"RSA\"{members}}}");
        JwkLimits::of(&Jwk::read(text.as_bytes()).expect("JSON")).expect("limits")
    }

    #[test]
    fn each_member_alone_can_forbid() {
        let rs256: SignatureAlgorithm = "RS256".parse().expect("a name");
        for (members, verifies, encrypts, wraps) in [
            ("", true, true, true),
            (r#","use":"sig""#, true, false, false),
            (r#","use":"enc""#, false, true, true),
            (r#","use":"other""#, false, false, false),
            (r#","key_ops":["verify"]"#, true, false, false),
            (r#","key_ops":["encrypt"]"#, false, true, false),
            (r#","key_ops":["wrapKey"]"#, false, true, true),
            (r#","key_ops":[]"#, false, false, false),
            (r#","alg":"RS256""#, true, false, false),
            (r#","alg":"PS256""#, false, false, false),
            (r#","alg":"RSA-OAEP-256""#, false, true, true),
            (r#","alg":"RSA-OAEP""#, false, false, false),
            (r#","use":"sig","key_ops":["encrypt"]"#, false, false, false),
        ] {
            let limits = limits(members);
            let found = (limits.verify_by(rs256).is_ok(), limits.encrypt().is_ok(), limits.wrap().is_ok());
            assert_eq!(found, (verifies, encrypts, wraps), "{members}");
        }
    }

    #[test]
    fn an_import_is_narrowed_or_refused() {
        let all = Usage { sign: true, verify: true, encrypt: true, decrypt: true };
        let narrowed = |members: &str| limits(members).import(all, None).map(|usage| usage.to_string());
        assert_eq!(narrowed("").as_deref(), Ok("sign,verify,encrypt,decrypt"));
        assert_eq!(narrowed(r#","use":"sig""#).as_deref(), Ok("sign,verify"));
        assert_eq!(narrowed(r#","key_ops":["decrypt"]"#).as_deref(), Ok("encrypt,decrypt"));
        assert!(narrowed(r#","use":"sig","alg":"RSA-OAEP-256""#).is_err());
        let asked = limits(r#","use":"enc""#).import(all, Some(all)).expect_err("refused").to_string();
        assert!(asked.contains("\"use\" is \"enc\""), "{asked}");
    }

    #[test]
    fn members_of_another_type_are_refused() {
        for members in [
            r#","use":null"#,
            r#","alg":1"#,
            r#","key_ops":"verify""#,
            r#","key_ops":[1]"#,
            r#","key_ops":["a","a"]"#,
        ] {
            let text = format!("{{\"kty\":\"RSA\"{members}}}");
            let jwk = Jwk::read(text.as_bytes()).expect("JSON");
            assert!(JwkLimits::of(&jwk).is_err(), "{members}");
        }
    }
}
