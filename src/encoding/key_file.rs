//! Key files in practice: one key in any of the forms that programs write, possibly with other content.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    Error, Form, JwkLimits, KeyMaterial, SECRET_KEY_LEN,
    content::{Content, require_size},
    error::PUBLIC_KEY,
    jwk::{self, Jwk, JwkSecret, only_private},
    key_material::{noun, read_secret},
    private_key,
};
use crate::{
    algorithm::{Algorithm, JwkMembers, PublicKey},
    secret::Secret,
};

/// A key to import, and what else the file says.
#[derive(Debug)]
pub struct KeyFile {
    pub material: KeyMaterial,
    /// The key's name in the file: the `friendlyName` of PKCS#12, the `kid` of a JWK.
    pub name: Option<String>,
    /// The permitted uses of a JWK.
    pub limits: JwkLimits,
    /// Descriptions of the other content of the file.
    pub skipped: Vec<String>,
}

/// A public key, and what else the file says.
#[derive(Debug)]
pub struct PublicKeyFile {
    pub key: PublicKey,
    /// The permitted uses of a JWK. The caller must check them.
    pub limits: JwkLimits,
    /// Descriptions of the other content of the file.
    pub skipped: Vec<String>,
}

impl KeyFile {
    /// Reads PEM or DER (PKCS#8, PKCS#1, SEC1, encrypted or not; PKCS#12), OpenSSH's format, a private JWK or the JSON key
    /// file of a cloud service account. The file must contain exactly one private key.
    ///
    /// `announced` is required for a secret key, whose bytes are not recognisable, and optional for a pair. An encrypted
    /// key without a passphrase is [`Error::PassphraseNeeded`]: ask for one and call again. A passphrase that is not needed
    /// is ignored.
    pub fn read(
        bytes: &[u8],
        announced: Option<Algorithm>,
        passphrase: Option<&Secret>,
    ) -> Result<Self, Error> {
        let bytes_of_key = read_secret(bytes, noun(announced.unwrap_or(Algorithm::PLAIN_SECRET)));
        let file = match (announced, bytes_of_key, jwk::as_json(bytes)) {
            (Some(algorithm), Ok(key), _) if algorithm.is_secret() => {
                Self::of(KeyMaterial::secret(algorithm, key)?)
            }
            (None, Ok(_), _) => return Err(Error::Unannounced),
            (_, _, Some(json)) => Self::read_json(json, announced, passphrase)?,
            (Some(algorithm), Err(error), None) if algorithm.is_secret() => return Err(error),
            _ => Self::read_pair(bytes, passphrase)?,
        };
        Ok(Self { material: file.material.require(announced)?, ..file })
    }

    /// A key without a name, limits or other content.
    pub fn of(material: KeyMaterial) -> Self {
        Self { material, name: None, limits: JwkLimits::default(), skipped: Vec::new() }
    }

    fn read_pair(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Self, Error> {
        let content = Content::read(bytes)?;
        let has_text = content.has_text;
        let (object, others) = content.only("a private key", Form::is_private)?;
        let found = private_key::read_object(&object, passphrase)?;
        let mut skipped: Vec<_> = others.iter().map(ToString::to_string).collect();
        skipped.extend(found.skipped);
        if has_text {
            skipped.push("text".to_owned());
        }
        let file = Self::of(KeyMaterial::pair(found.key)?);
        Ok(Self { name: found.name, skipped: counted(&skipped), ..file })
    }

    fn read_json(
        json: &[u8],
        announced: Option<Algorithm>,
        passphrase: Option<&Secret>,
    ) -> Result<Self, Error> {
        require_size(json)?;
        let object = Jwk::read(json)?;
        if object.value("kty").is_none() && object.value("keys").is_none() {
            return Self::read_service_account(&object, passphrase);
        }
        let (jwk, others) = only_private(object)?;
        let limits = jwk.limits()?;
        let material = match jwk.secret()? {
            JwkSecret::Private(key) => KeyMaterial::pair(key)?,
            JwkSecret::Secret { key, algorithm } => {
                let announced = announced.filter(|announced| announced.is_secret());
                let unannounced = match key.len() {
                    SECRET_KEY_LEN => Error::Unannounced,
                    other => Error::malformed(
                        "the JWK",
                        format!("its key has {} bits; AES-256 and HMAC keys have 256", other * 8),
                    ),
                };
                KeyMaterial::secret(algorithm.or(announced).ok_or(unannounced)?, key)?
            }
        };
        limits.require_kind(material.algorithm().kind())?;
        let skipped: Vec<_> = others.iter().map(ToString::to_string).collect();
        Ok(Self { name: jwk.text("kid")?, limits, skipped: counted(&skipped), ..Self::of(material) })
    }

    /// The PEM in `private_key`; the other members differ between clouds.
    fn read_service_account(object: &Jwk<'_>, passphrase: Option<&Secret>) -> Result<Self, Error> {
        const WHAT: &str = "the JSON key file";
        let pem = object.value("private_key").ok_or_else(|| {
            Error::malformed(
                WHAT,
                "neither a JWK nor a service account's key file (no \"kty\", no \"private_key\")",
            )
        })?;
        let pem = String::deserialize(pem)
            .map(Zeroizing::new)
            .map_err(|_| Error::malformed(WHAT, "its member \"private_key\" is not a string"))?;
        let file = Self::read_pair(pem.as_bytes(), passphrase)?;
        let name = object.text("private_key_id").ok().flatten().or(file.name);
        let others = match object.member_count() - 1 {
            0 => None,
            1 => Some("another member of the JSON".to_owned()),
            count => Some(format!("{count} other members of the JSON")),
        };
        Ok(Self { name, skipped: file.skipped.into_iter().chain(others).collect(), ..file })
    }
}

impl PublicKeyFile {
    /// Reads PEM or DER (SubjectPublicKeyInfo, PKCS#1, a certificate), a JWK, or an OpenSSH line. The file must contain
    /// exactly one key; a private key is an error.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if let Some(json) = jwk::as_json(bytes) {
            require_size(json)?;
            let jwk = Jwk::read(json)?;
            return Ok(Self { key: jwk.public_key()?, limits: jwk.limits()?, skipped: Vec::new() });
        }
        let content = Content::read(bytes)?;
        let has_text = content.has_text;
        let is_key = |form: &Form| form.is_public() || form.is_private();
        let (object, others) = content.only(PUBLIC_KEY, is_key)?;
        if !object.form.is_public() {
            return Err(Error::unexpected(PUBLIC_KEY, object.form));
        }
        let mut skipped: Vec<_> = others.iter().map(ToString::to_string).collect();
        if has_text {
            skipped.push("text".to_owned());
        }
        let key = super::public_key::read_object(&object)?;
        Ok(Self { key, limits: JwkLimits::default(), skipped: counted(&skipped) })
    }
}

impl PublicKey {
    /// Reads a public key in any form that [`PublicKeyFile`] accepts. The permitted uses of a JWK are ignored.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        PublicKeyFile::read(bytes).map(|file| file.key)
    }
}

/// Counts equal descriptions; keeps the order of their first occurrence.
fn counted(things: &[String]) -> Vec<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for thing in things {
        match counts.iter_mut().find(|(known, _)| known == thing) {
            Some((_, count)) => *count += 1,
            None => counts.push((thing, 1)),
        }
    }
    let text = |(thing, count): (&str, usize)| {
        let bare = thing.strip_prefix("a ").or_else(|| thing.strip_prefix("an ")).unwrap_or(thing);
        match count {
            1 => thing.to_owned(),
            _ if bare.ends_with(|c: char| c.is_ascii_alphabetic()) => format!("{count} {bare}s"),
            _ => format!("{thing} ({count} times)"),
        }
    };
    counts.into_iter().map(text).collect()
}
