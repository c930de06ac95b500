//! Importing keys: unwrapped by the token under a one-time key if possible, else created from a template.
//!
//! Unwrapping comes first because tokens in FIPS mode refuse private keys in plain templates, and because a module may
//! log a template.

use std::fmt;

use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki_sys as ck;
use cryptoki_sys::CK_MECHANISM_TYPE;

use super::{
    attribute,
    create::{NewKey, TEMPLATE_REFUSED},
    error::{Error, Result},
    key::Class,
    one_time_key::{OneTimeKey, OneTimePair, Purpose},
    secret_template::SecretTemplate,
    session::{Handle, Session},
    template::{KeyTemplate, Offer},
};
use crate::model::KeyId;
use crate::{
    algorithm::{KeyKind, PublicKey},
    encoding::{self, KeyMaterial, OaepHash},
    secret::Secret,
};

/// How key material is imported into a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportWay {
    /// `C_UnwrapKey` with RFC 5649, by this mechanism.
    KeyWrap(CK_MECHANISM_TYPE),
    /// `C_UnwrapKey` with `CKM_AES_CBC_PAD`; the token itself encrypts the key first.
    CbcPad,
    /// `C_UnwrapKey` with `CKM_RSA_AES_KEY_WRAP`, under a pair that the token generated.
    RsaAes(OaepHash),
    /// `C_CreateObject`.
    Create,
}

impl fmt::Display for ImportWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyWrap(ck::CKM_AES_KEY_WRAP_KWP) => {
                "C_UnwrapKey under a one-time AES key (CKM_AES_KEY_WRAP_KWP)"
            }
            Self::KeyWrap(_) => "C_UnwrapKey under a one-time AES key (CKM_AES_KEY_WRAP_PAD)",
            Self::CbcPad => "C_UnwrapKey under a one-time AES key (CKM_AES_CBC_PAD)",
            Self::RsaAes(OaepHash::Sha256) => {
                "C_UnwrapKey under a one-time RSA key (CKM_RSA_AES_KEY_WRAP, SHA-256)"
            }
            Self::RsaAes(OaepHash::Sha1) => {
                "C_UnwrapKey under a one-time RSA key (CKM_RSA_AES_KEY_WRAP, SHA-1)"
            }
            Self::Create => "C_CreateObject",
        })
    }
}

impl Session {
    /// The methods worth trying, in order. The mechanism list does not show which types of key a token unwraps, so the
    /// caller tries the next one if a method fails.
    pub fn import_ways(&self) -> Vec<ImportWay> {
        let mut ways: Vec<_> = self.kwp_mechanisms().into_iter().map(ImportWay::KeyWrap).collect();
        if self.offers(ck::CKM_AES_CBC_PAD) {
            ways.push(ImportWay::CbcPad);
        }
        // Later, since generating a pair takes longer. It does not need to import an AES key, which some tokens refuse.
        if self.offers(ck::CKM_RSA_AES_KEY_WRAP) {
            ways.extend([OaepHash::Sha256, OaepHash::Sha1].map(ImportWay::RsaAes));
        }
        ways.push(ImportWay::Create);
        ways
    }

    /// Prepares for imports by one method. Leaves nothing on the token if it fails.
    pub fn importer(&self, way: ImportWay) -> Result<Importer<'_>> {
        let with = match way {
            ImportWay::KeyWrap(mechanism) => {
                let value = Secret::new(self.random(32)?.to_vec());
                let key = OneTimeKey::create(self, Purpose::Unwrap, &value)?;
                Unwrapping::KeyWrap { mechanism, value, key }
            }
            ImportWay::CbcPad => Unwrapping::CbcPad(OneTimeKey::generate(self, Purpose::EncryptAndUnwrap)?),
            ImportWay::RsaAes(hash) => {
                let pair = OneTimePair::generate(self)?;
                let public = pair.public_key()?.ok_or_else(refused_pair)?;
                Unwrapping::RsaAes { hash, pair, public }
            }
            ImportWay::Create => Unwrapping::None,
        };
        Ok(Importer { session: self, with })
    }

    fn unwrap(
        &self,
        mechanism: (CK_MECHANISM_TYPE, &[u8]),
        unwrapping: &OneTimeKey<'_>,
        wrapped: &[u8],
        template: &KeyTemplate<'_>,
        material: &KeyMaterial,
    ) -> Result<Handle> {
        self.make(template, &[Class::Private, Class::Secret], |offer| {
            let template = unwrapped(offer, material);
            self.library.unwrap_key(self.handle, mechanism, unwrapping.handle.0, wrapped, &template)
        })
        .map(Handle)
    }

    /// SoftHSM and openCryptoki refuse `CKA_EC_POINT` in a private key; others may require it. SoftHSM refuses
    /// `CKA_VALUE_LEN` for a secret key; openCryptoki cannot return the length of a key created without it.
    fn create_secret_half(&self, template: &KeyTemplate<'_>, material: &KeyMaterial) -> Result<Handle> {
        let create = |more: Option<Attribute>| {
            self.make(template, &[Class::Private, Class::Secret], |offer| {
                let public = [
                    class_and_type_of(material),
                    secret_half(offer, material),
                    more.clone().into_iter().collect(),
                ];
                self.create(&SecretTemplate::new(public.concat(), numbers(material)))
            })
        };
        let point = material
            .public_key()
            .and_then(|key| key.attributes().into_iter().find(|(kind, _)| *kind == ck::CKA_EC_POINT));
        match (create(None), material.public_key()) {
            (Err(error), Some(_))
                if error.is_any(TEMPLATE_REFUSED) || error.is(ck::CKR_TEMPLATE_INCOMPLETE) =>
            {
                let point = point.ok_or(error)?;
                create(attribute::raw(vec![point]).pop())
            }
            (Ok(handle), None) if !self.has_length(handle)? => {
                self.destroy(handle)?;
                // Every secret key that is imported has 32 bytes.
                create(Some(Attribute::ValueLen(32u64.into())))
            }
            (result, _) => result,
        }
    }

    fn has_length(&self, key: Handle) -> Result<bool> {
        let attributes = self.read(key, &[AttributeType::ValueLen])?;
        Ok(attributes.ulong(AttributeType::ValueLen).is_some_and(|length| length > 0))
    }

    /// The CKA_ID that a new object got, for its other half.
    fn id_of_new(&self, object: Handle, template: &KeyTemplate<'_>) -> Result<KeyId> {
        if self.facts().keep_ids() {
            return Ok(template.id.clone());
        }
        let id = self.read(object, &[AttributeType::Id])?;
        Ok(KeyId::from_bytes(id.bytes(AttributeType::Id).unwrap_or(template.id.as_bytes())))
    }

    /// Creates the public half of a pair.
    pub fn create_public(&self, template: &KeyTemplate<'_>, public: &PublicKey) -> Result<Handle> {
        self.make(template, &[Class::Public], |offer| {
            let class = class_and_type(ObjectClass::PUBLIC_KEY, public.kind());
            self.create(&[class, offer.public(), attribute::raw(public.attributes())].concat())
        })
    }
}

/// Imports keys by one method, all with the same one-time key.
#[derive(Debug)]
pub struct Importer<'a> {
    session: &'a Session,
    with: Unwrapping<'a>,
}

/// What unwraps the keys.
#[derive(Debug)]
enum Unwrapping<'a> {
    /// Its value is known, so that software can wrap under it.
    KeyWrap { mechanism: CK_MECHANISM_TYPE, value: Secret, key: OneTimeKey<'a> },
    /// The token generated it, and encrypts the key under it; it never leaves the token.
    CbcPad(OneTimeKey<'a>),
    /// The token generated the pair; only the public half leaves it.
    RsaAes { hash: OaepHash, pair: OneTimePair<'a>, public: PublicKey },
    /// The key is in a template.
    None,
}

fn refused_pair() -> Error {
    Error::new("C_UnwrapKey", ck::CKR_WRAPPING_KEY_TYPE_INCONSISTENT)
}

impl Importer<'_> {
    /// Imports a secret key, or both halves of a pair. Leaves nothing on the token if it fails.
    pub fn import(&self, template: &KeyTemplate<'_>, material: &KeyMaterial) -> Result<NewKey> {
        let session = self.session;
        let secret = self.secret_half(template, material)?;
        let Some(public) = material.public_key() else { return Ok(NewKey::Secret(secret)) };
        let id = session.id_of_new(secret, template)?;
        let template = KeyTemplate { id: &id, is_id_free: false, ..*template };
        match session.create_public(&template, public) {
            Ok(public) => Ok(NewKey::Pair { private: secret, public }),
            Err(error) => {
                // Best effort: report the first error.
                let _ = session.destroy(secret);
                Err(error)
            }
        }
    }

    fn secret_half(&self, template: &KeyTemplate<'_>, material: &KeyMaterial) -> Result<Handle> {
        let session = self.session;
        match &self.with {
            Unwrapping::KeyWrap { mechanism, value, key } => {
                let wrapped = encoding::kwp_wrap(value, material.encoded().expose())
                    .map_err(|_| Error::new("C_UnwrapKey", ck::CKR_WRAPPED_KEY_LEN_RANGE))?;
                session.unwrap((*mechanism, &[]), key, &wrapped, template, material)
            }
            Unwrapping::CbcPad(key) => {
                let mut iv = [0; 16];
                iv.copy_from_slice(&session.random(16)?);
                let wrapped = session.encrypt_cbc(key.handle, iv, material.encoded().expose())?;
                session.unwrap((ck::CKM_AES_CBC_PAD, &iv), key, &wrapped, template, material)
            }
            Unwrapping::RsaAes { hash, pair, public } => {
                let between = Secret::new(session.random(32)?.to_vec());
                let wrapped = encoding::rsa_aes_wrap(public, *hash, &between, material.encoded())
                    .map_err(|_| refused_pair())?;
                let parameters = match hash {
                    OaepHash::Sha256 => (ck::CKM_SHA256, ck::CKG_MGF1_SHA256),
                    OaepHash::Sha1 => (ck::CKM_SHA_1, ck::CKG_MGF1_SHA1),
                };
                let made = session.make(template, &[Class::Private, Class::Secret], |offer| {
                    let template = unwrapped(offer, material);
                    let (library, private) = (&session.library, pair.private.0);
                    library.unwrap_key_rsa_aes(session.handle, parameters, private, &wrapped, &template)
                });
                made.map(Handle)
            }
            Unwrapping::None => session.create_secret_half(template, material),
        }
    }
}

/// The template of an unwrapped key.
fn unwrapped(offer: &Offer<'_>, material: &KeyMaterial) -> Vec<Attribute> {
    [class_and_type_of(material), secret_half(offer, material)].concat()
}

fn class_and_type(class: ObjectClass, kind: KeyKind) -> Vec<Attribute> {
    let key_type = kind.key_type().map(|key_type| (ck::CKA_KEY_TYPE, key_type.to_ne_bytes().to_vec()));
    let key_type = attribute::raw(key_type.into_iter().collect());
    [vec![Attribute::Class(class)], key_type].concat()
}

fn class_and_type_of(material: &KeyMaterial) -> Vec<Attribute> {
    let is_secret = material.public_key().is_none();
    let class = if is_secret { ObjectClass::SECRET_KEY } else { ObjectClass::PRIVATE_KEY };
    class_and_type(class, material.algorithm().kind())
}

fn secret_half(offer: &Offer<'_>, material: &KeyMaterial) -> Vec<Attribute> {
    if material.public_key().is_some() { offer.private() } else { offer.secret() }
}

/// The key material; AES without `CKA_VALUE_LEN`, which SoftHSM refuses next to the value.
fn numbers(material: &KeyMaterial) -> Vec<Attribute> {
    let numbers = match material.private_key() {
        Some(key) => key.attributes(),
        None => vec![(ck::CKA_VALUE, material.encoded().clone())],
    };
    attribute::raw(numbers.into_iter().map(|(kind, number)| (kind, number.expose().to_vec())).collect())
}
