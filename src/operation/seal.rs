//! A key ready to encrypt: checked, named, and its capabilities known.

use anyhow::{Context as _, Result};

use super::{SealError, public_key};
use crate::{
    algorithm::{Encryption, KeyKind, PublicKey},
    encoding::{
        Ciphertext, FILE_KEY_LEN, KeyName, KeyStanza, KeyTag, SealedForm, Wrapping, envelope_block,
        may_be_text,
    },
    keystore::{Keystore, Operation, Selected},
    model::{EncryptionContext, Version},
    public,
    secret::Secret,
    token::{Handle, NONCE_LEN, Session},
};

/// The longest data of a text under an AES key, in bytes.
pub(super) const MAX_TEXT: usize = 32 * 1024;
/// The longest context of a convergent key, in bytes.
const MAX_CONVERGENT_CONTEXT: usize = 50;

/// What encrypts: a key of the token, or a public key in software.
#[derive(Debug, Clone)]
pub struct Sealer<'a> {
    name: KeyName,
    /// The key as messages call it.
    label: String,
    scheme: Scheme<'a>,
}

#[derive(Debug, Clone)]
enum Scheme<'a> {
    /// AES-GCM in the token. The nonce is random, or made by the companion key of a convergent one.
    Aes { session: &'a Session, key: Handle, companion: Option<Handle> },
    /// RSA-OAEP in software, with the public half alone.
    Rsa(PublicKey),
    /// AES-GCM in software, under what is encapsulated to the public half.
    Kem(PublicKey),
}

impl<'a> Sealer<'a> {
    /// The selected version of a key, if its state and usage allow it to encrypt.
    pub fn new(keystore: &'a Keystore, selected: &Selected) -> Result<Self> {
        let label = selected.key.label.clone();
        let scheme = match selected.key.kind().and_then(KeyKind::encryption) {
            Some(Encryption::AesGcm) => {
                let key = keystore.secret_for(selected, Operation::Encrypt)?.handle;
                Scheme::Aes { session: keystore.session(), key, companion: companion(selected)? }
            }
            Some(Encryption::RsaOaep | Encryption::Encapsulation) => {
                selected.allow(Operation::Encrypt)?;
                of_public_key(public_key(keystore, selected)?, &label)?
            }
            None => return Err(SealError::CannotEncrypt { label, kind: selected.key.kind() }.into()),
        };
        Ok(Self { name: keystore.name_of(selected)?, label, scheme })
    }

    /// A public key from a file. The tag is that of the public key, by which a token with the private half finds it.
    pub fn from_public_key(key: PublicKey, label: String) -> Result<Self> {
        let name = KeyName { tag: KeyTag::of_public_key(&key), version: Version::FIRST };
        let scheme = of_public_key(key, &label)?;
        Ok(Self { name, label, scheme })
    }

    /// Whether the token does the encryption. Else any number of threads may do it with clones.
    pub fn needs_session(&self) -> bool {
        matches!(self.scheme, Scheme::Aes { .. })
    }

    /// The same over another session: handles are good in all of them (PKCS#11, section 5.6.5).
    pub fn over<'b>(&self, session: &'b Session) -> Sealer<'b> {
        let scheme = match &self.scheme {
            Scheme::Aes { key, companion, .. } => Scheme::Aes { session, key: *key, companion: *companion },
            Scheme::Rsa(key) => Scheme::Rsa(key.clone()),
            Scheme::Kem(key) => Scheme::Kem(key.clone()),
        };
        Sealer { name: self.name.clone(), label: self.label.clone(), scheme }
    }

    pub fn name(&self) -> &KeyName {
        &self.name
    }

    pub fn is_convergent(&self) -> bool {
        matches!(self.scheme, Scheme::Aes { companion: Some(_), .. })
    }

    /// How many bytes the text form takes with this context: 190 or 446 for RSA-2048 or RSA-4096, else 32 KiB. `None`
    /// where a context leaves the envelope only, since RSA-OAEP binds nothing to its block.
    pub fn text_limit(&self, context: Option<&EncryptionContext>) -> Option<usize> {
        match (&self.scheme, context) {
            (Scheme::Aes { .. } | Scheme::Kem(_), _) => Some(MAX_TEXT),
            (Scheme::Rsa(key), None) => public::max_plaintext(key),
            (Scheme::Rsa(_), Some(_)) => None,
        }
    }

    /// Whether data becomes a text: it is short enough, and under an RSA key nothing that an envelope's block may hold.
    pub fn takes_as_text(&self, data: &[u8], context: Option<&EncryptionContext>) -> bool {
        let is_text = !matches!(self.scheme, Scheme::Rsa(_)) || may_be_text(data);
        is_text && self.text_limit(context).is_some_and(|limit| data.len() <= limit)
    }

    /// Small data as a text.
    pub fn seal_text(&self, plaintext: &[u8], context: Option<&EncryptionContext>) -> Result<Ciphertext> {
        let limit = self
            .text_limit(context)
            .ok_or_else(|| SealError::NoRoomForContext { label: self.label.clone() })?;
        if plaintext.len() > limit {
            return Err(self.too_long(limit).into());
        }
        let payload = match &self.scheme {
            Scheme::Aes { session, key, companion } => {
                let aad = self.name.associated_data(SealedForm::Text, context);
                let nonce = companion.map(|companion| self.nonce(session, companion, plaintext, context));
                self.seal_gcm(session, *key, nonce.transpose()?, &aad, plaintext)?
            }
            Scheme::Rsa(_) if !may_be_text(plaintext) => {
                return Err(SealError::LikeEnvelope { label: self.label.clone() }.into());
            }
            Scheme::Rsa(key) => public::encrypt_oaep(key, plaintext)?,
            Scheme::Kem(key) => self.encapsulated(key, SealedForm::Text, context, plaintext)?,
        };
        Ok(Ciphertext { key: self.name.clone(), payload })
    }

    /// The key of an envelope. A convergent key has no envelopes: their file keys are random, so two would differ.
    pub fn wrap(
        &self,
        file_key: &[u8; FILE_KEY_LEN],
        context: Option<&EncryptionContext>,
    ) -> Result<KeyStanza> {
        if self.is_convergent() {
            return Err(self.too_long(MAX_TEXT).into());
        }
        let aad = self.name.associated_data(SealedForm::Envelope, context);
        let (wrapping, wrapped) = match &self.scheme {
            Scheme::Aes { session, key, .. } => {
                (Wrapping::AesGcm, self.seal_gcm(session, *key, None, &aad, file_key)?)
            }
            Scheme::Rsa(key) => {
                (Wrapping::RsaOaep, public::encrypt_oaep(key, &envelope_block(file_key, &aad))?)
            }
            Scheme::Kem(key) => {
                (Wrapping::Encapsulated, self.encapsulated(key, SealedForm::Envelope, context, file_key)?)
            }
        };
        Ok(KeyStanza { key: self.name.clone(), wrapping, has_context: context.is_some(), wrapped })
    }

    /// encapsulation ‖ nonce ‖ ciphertext ‖ tag.
    fn encapsulated(
        &self,
        key: &PublicKey,
        form: SealedForm,
        context: Option<&EncryptionContext>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>> {
        let bound_to = self.name.associated_data(form, context);
        Ok(public::encrypt_encapsulated(key, form.info(), &bound_to, plaintext)?)
    }

    /// nonce ‖ ciphertext ‖ tag.
    fn seal_gcm(
        &self,
        session: &Session,
        key: Handle,
        given: Option<[u8; NONCE_LEN]>,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        match given {
            Some(given) => nonce = given,
            None => nonce.copy_from_slice(&session.random(NONCE_LEN)?),
        }
        let sealed = session
            .encrypt_gcm(key, &mut nonce, aad, plaintext)
            .with_context(|| format!("the token cannot encrypt with key {:?} by AES-GCM", self.label))?;
        // Some HSMs use their own nonce: as good as random, but convergent encryption needs the given one.
        if given.is_some_and(|given| given != nonce) {
            return Err(SealError::NonceReplaced { label: self.label.clone() }.into());
        }
        Ok([&nonce[..], &sealed].concat())
    }

    /// The first 96 bits of HMAC-SHA-256(companion, length of the context as 8 bytes, big-endian ‖ context ‖
    /// plaintext): equal for equal data, and for nothing else.
    fn nonce(
        &self,
        session: &Session,
        companion: Handle,
        plaintext: &[u8],
        context: Option<&EncryptionContext>,
    ) -> Result<[u8; NONCE_LEN]> {
        let context = context
            .map(EncryptionContext::as_bytes)
            .filter(|context| context.len() <= MAX_CONVERGENT_CONTEXT)
            .ok_or_else(|| SealError::ConvergentContext { label: self.label.clone() })?;
        let length = u64::try_from(context.len())?.to_be_bytes();
        let message = Secret::new([&length[..], context, plaintext].concat());
        let mac = session.hmac_sha256(companion, message.expose())?;
        let mut nonce = [0; NONCE_LEN];
        match mac.get(..NONCE_LEN) {
            Some(first) => nonce.copy_from_slice(first),
            None => return Err(SealError::ShortMac { label: self.label.clone() }.into()),
        }
        Ok(nonce)
    }

    fn too_long(&self, limit: usize) -> SealError {
        SealError::TooLong { label: self.label.clone(), limit, convergent: self.is_convergent() }
    }
}

fn of_public_key(key: PublicKey, label: &str) -> Result<Scheme<'static>> {
    match key.kind().encryption() {
        Some(Encryption::RsaOaep) => {
            public::require_encryption(&key).with_context(|| cannot_encrypt(label))?;
            Ok(Scheme::Rsa(key))
        }
        Some(Encryption::Encapsulation) => Ok(Scheme::Kem(key)),
        Some(Encryption::AesGcm) | None => {
            Err(SealError::CannotEncrypt { label: label.to_owned(), kind: Some(key.kind()) }.into())
        }
    }
}

fn cannot_encrypt(label: &str) -> String {
    format!("cannot encrypt with key {label:?}")
}

/// The HMAC key beside the selected version of a convergent key.
fn companion(selected: &Selected) -> Result<Option<Handle>> {
    if !selected.key.record().is_some_and(|record| record.convergent) {
        return Ok(None);
    }
    let missing = || crate::keystore::Error::MissingObject {
        label: selected.key.label.clone(),
        version: selected.version,
        what: "companion key",
    };
    // Anyone can have made one that is not private.
    let companion = selected.version().companion_key.as_deref().filter(|companion| companion.is_guarded());
    let companion = companion.ok_or_else(missing)?;
    Ok(Some(companion.handle))
}

/// A fresh data key and its ciphertext.
#[derive(Debug)]
pub struct DataKey {
    pub plaintext: Secret,
    pub ciphertext: Ciphertext,
}

/// Makes a data key with the token's generator and seals it. `length` is in bytes.
pub fn data_key(
    keystore: &Keystore,
    sealer: &Sealer<'_>,
    length: usize,
    context: Option<&EncryptionContext>,
) -> Result<DataKey> {
    let plaintext = Secret::new(keystore.session().random(length)?.to_vec());
    let ciphertext = sealer.seal_text(plaintext.expose(), context)?;
    Ok(DataKey { plaintext, ciphertext })
}
