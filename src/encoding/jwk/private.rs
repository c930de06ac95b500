//! Private and secret JWKs (RFC 7518, sections 6.2.2, 6.3.2 and 6.4), for import.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Jwk, JwkLimits};
use crate::{
    algorithm::{Algorithm, JwkMembers, PrivateKey},
    encoding::{Error, Form},
    secret::Secret,
};

/// The key of a private or secret JWK.
pub(crate) enum JwkSecret {
    Private(PrivateKey),
    /// The bytes of a secret key, and what they are a key of, if the JWK says so.
    Secret {
        key: Secret,
        algorithm: Option<Algorithm>,
    },
}

impl Jwk<'_> {
    pub(crate) fn secret(&self) -> Result<JwkSecret, Error> {
        match self.kty()?.as_str() {
            "oct" => self.octets(&self.limits()?),
            kty => Ok(JwkSecret::Private(PrivateKey::from_jwk_members(kty, self)?)),
        }
    }

    fn octets(&self, limits: &JwkLimits) -> Result<JwkSecret, Error> {
        let key = self.required("k")?;
        let algorithm = limits.algorithm().map(|name| {
            let unsupported = || Error::Unsupported(format!("a secret JWK for {name:?}"));
            Algorithm::of_secret_jwk(name).ok_or_else(unsupported)
        });
        let algorithm = algorithm.transpose()?;
        Ok(JwkSecret::Secret { key, algorithm })
    }
}

/// The only private key of a JWK or a JWK Set, and the forms of the other keys in the set.
pub(crate) fn only_private(jwk: Jwk<'_>) -> Result<(Jwk<'_>, Vec<Form>), Error> {
    const EXPECTED: &str = "a private key";
    if !jwk.is_set() {
        let found = Form::JwkPublic;
        return if jwk.is_private() {
            Ok((jwk, Vec::new()))
        } else {
            Err(Error::unexpected(EXPECTED, found))
        };
    }
    let keys = jwk.value("keys").map(Vec::<&RawValue>::deserialize).transpose();
    let keys = keys.map_err(|_| Error::malformed("the JWK Set", "its member \"keys\" is not a list"))?;
    let mut private = Vec::new();
    let mut others = Vec::new();
    for key in keys.unwrap_or_default() {
        let jwk = Jwk::read(key.get().as_bytes())?;
        if jwk.is_private() { private.push(jwk) } else { others.push(Form::JwkPublic) }
    }
    match private.len() {
        0 => Err(Error::unexpected(EXPECTED, Form::JwkSet)),
        1 => Ok((private.remove(0), others)),
        _ => Err(Error::Several { first: Form::JwkPrivate, second: Form::JwkPrivate }),
    }
}
