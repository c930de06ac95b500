//! Private and secret JWKs (RFC 7518, sections 6.2.2, 6.3.2 and 6.4), to be imported.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Jwk, JwkLimits, WHAT};
use crate::{
    encoding::{
        Error, Form, PrivateKey,
        rsa_private::{self, Numbers},
        sec1,
    },
    secret::Secret,
};

/// What a private JWK holds.
pub(crate) enum JwkSecret {
    Private(PrivateKey),
    /// The bytes of an AES key, and whether the JWK says that they are one.
    Aes {
        key: Secret,
        is_announced: bool,
    },
}

impl Jwk<'_> {
    pub(crate) fn secret(&self) -> Result<JwkSecret, Error> {
        match self.text("kty")?.as_deref() {
            Some("RSA") => self.rsa().map(JwkSecret::Private),
            Some("EC") => self.ec().map(JwkSecret::Private),
            Some("oct") => self.aes(&self.limits()?),
            Some(other) => Err(self.unsupported(other)),
            None => Err(Error::malformed(WHAT, "it has no member \"kty\"")),
        }
    }

    /// The primes may be left out, then all that follows from them, too (section 6.3.2).
    fn rsa(&self) -> Result<PrivateKey, Error> {
        if self.members.get("oth").is_some() {
            return Err(rsa_private::more_than_two_primes());
        }
        let [modulus, public_exponent, private_exponent] =
            [self.required("n")?, self.required("e")?, self.required("d")?];
        let crt = ["p", "q", "dp", "dq", "qi"].map(|name| self.bytes(name));
        let crt: Vec<_> = crt.into_iter().collect::<Result<Option<Vec<_>>, _>>()?.unwrap_or_default();
        let all = |at: usize| crt.get(at).map(Secret::expose);
        let pair = |first, second| Some([all(first)?, all(second)?]);
        let some = ["p", "q", "dp", "dq", "qi"].iter().any(|name| self.members.get(name).is_some());
        if crt.is_empty() && some {
            return Err(Error::malformed(WHAT, "it has some of p, q, dp, dq and qi, but not all"));
        }
        rsa_private::read_numbers(&Numbers {
            modulus: modulus.expose(),
            public_exponent: public_exponent.expose(),
            private_exponent: private_exponent.expose(),
            primes: pair(0, 1),
            exponents: pair(2, 3),
            coefficient: all(4),
        })
    }

    fn ec(&self) -> Result<PrivateKey, Error> {
        self.require_p256()?;
        let key = sec1::from_value(self.required("d")?.expose(), None)?;
        if self.public_half()? == key.public_key() {
            Ok(key)
        } else {
            Err(Error::Inconsistent("its public half is that of another key"))
        }
    }

    fn aes(&self, limits: &JwkLimits) -> Result<JwkSecret, Error> {
        let key = self.required("k")?;
        match limits.algorithm() {
            None => Ok(JwkSecret::Aes { key, is_announced: false }),
            Some("A256GCM") => Ok(JwkSecret::Aes { key, is_announced: true }),
            Some(other) => Err(Error::Unsupported(format!("a secret JWK for {other:?}"))),
        }
    }
}

/// The one private key of a JWK or a JWK Set, with what it says of itself, and what else the set holds.
pub(crate) fn only_private(jwk: Jwk<'_>) -> Result<(Jwk<'_>, Vec<Form>), Error> {
    const EXPECTED: &str = "a private key";
    if !jwk.is_set() {
        let found = Form::JwkPublic;
        return if jwk.is_private() {
            Ok((jwk, Vec::new()))
        } else {
            Err(Error::Unexpected { expected: EXPECTED, found })
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
        0 => Err(Error::Unexpected { expected: EXPECTED, found: Form::JwkSet }),
        1 => Ok((private.remove(0), others)),
        _ => Err(Error::Several { first: Form::JwkPrivate, second: Form::JwkPrivate }),
    }
}
