//! Decryption with the key and version that the ciphertext names.

use anyhow::{Context as _, Result};
use rsa::traits::PublicKeyParts;

use super::{ContextUse, SealError, public_half};
use crate::{
    algorithm::Encryption,
    encoding::{
        Ciphertext, FILE_KEY_LEN, KeyStanza, SealedForm, Wrapping, may_be_text, open_envelope_block,
        open_old_envelope_block,
    },
    keystore::{Keystore, Operation, Selected},
    model::EncryptionContext,
    secret::Secret,
    token::{self, Handle, KeyObject, NONCE_LEN, Session, TAG_LEN, is_not_authentic},
};

/// The plaintext, and the key that decrypted it.
#[derive(Debug)]
pub struct Opened {
    pub plaintext: Secret,
    pub selected: Selected,
}

/// Opens a text.
pub fn open_text(
    keystore: &Keystore,
    ciphertext: &Ciphertext,
    context: Option<&EncryptionContext>,
) -> Result<Opened> {
    let selected = keystore.select_named(&ciphertext.key)?;
    open_text_with(keystore, selected, ciphertext, context)
}

/// The same with the key and version that the ciphertext names.
pub fn open_text_with(
    keystore: &Keystore,
    selected: Selected,
    ciphertext: &Ciphertext,
    context: Option<&EncryptionContext>,
) -> Result<Opened> {
    let key = keystore.secret_for(&selected, Operation::Decrypt)?;
    let rsa = key.kind.encryption() == Some(Encryption::RsaOaep);
    let opened = match context {
        // An RSA block cannot be bound to a context, so kmsctl never made one with a context.
        Some(_) if rsa => Ok(None),
        None if rsa => open_oaep(keystore, &selected, key, &ciphertext.payload),
        _ => {
            let aad = ciphertext.key.associated_data(SealedForm::Text, context);
            open_sealed(keystore.session(), key, SealedForm::Text, (&aad, &ciphertext.payload))
        }
    };
    let opened = opened.with_context(|| cannot_decrypt(&selected))?;
    let use_of_context =
        if rsa && context.is_some() { ContextUse::Superfluous } else { ContextUse::Plausible };
    let plaintext = opened.ok_or_else(|| not_authentic(&selected, use_of_context))?;
    if rsa && !may_be_text(plaintext.expose()) {
        let (label, version) = (selected.key.label.clone(), selected.version);
        return Err(SealError::OtherForm { label, version }.into());
    }
    Ok(Opened { plaintext, selected })
}

/// Opens the file key of an envelope with the key and version that the stanza names.
pub(super) fn unwrap_with(
    keystore: &Keystore,
    selected: Selected,
    stanza: &KeyStanza,
    context: Option<&EncryptionContext>,
) -> Result<Opened> {
    let key = keystore.secret_for(&selected, Operation::Decrypt)?;
    match (stanza.has_context, context) {
        (true, None) => return Err(not_authentic(&selected, ContextUse::Missing).into()),
        (false, Some(_)) => return Err(not_authentic(&selected, ContextUse::Superfluous).into()),
        _ => {}
    }
    let aad = stanza.associated_data(context);
    let session = keystore.session();
    let opened = match (stanza.wrapping, key.kind.encryption()) {
        (Wrapping::AesGcm, Some(Encryption::AesGcm))
        | (Wrapping::Encapsulated, Some(Encryption::Encapsulation)) => {
            open_sealed(session, key, SealedForm::Envelope, (&aad, &stanza.wrapped))
        }
        (Wrapping::RsaOaep, Some(Encryption::RsaOaep)) => {
            open_oaep(keystore, &selected, key, &stanza.wrapped)
                .map(|block| block.and_then(|block| open_envelope_block(block.expose(), &aad)))
        }
        (Wrapping::OldRsaOaep, Some(Encryption::RsaOaep)) => {
            open_oaep(keystore, &selected, key, &stanza.wrapped)
                .map(|block| block.and_then(|block| open_old_envelope_block(block.expose(), &aad)))
        }
        _ => {
            let (label, tag) = (selected.key.label.clone(), stanza.key.tag.clone());
            return Err(SealError::OtherKind { label, tag }.into());
        }
    };
    let opened = opened.with_context(|| cannot_decrypt(&selected))?;
    let file_key = opened.filter(|file_key| file_key.len() == FILE_KEY_LEN);
    let plaintext = file_key.ok_or_else(|| not_authentic(&selected, ContextUse::Plausible))?;
    Ok(Opened { plaintext, selected })
}

/// The error of a refused decryption, whichever return value the token chose.
fn cannot_decrypt(selected: &Selected) -> String {
    format!("the token cannot decrypt with key {:?}, version {}", selected.key.label, selected.version)
}

pub(super) fn not_authentic(selected: &Selected, context: ContextUse) -> SealError {
    SealError::NotAuthentic { label: selected.key.label.clone(), version: selected.version, context }
}

/// By AES-GCM under the key, or under what is encapsulated to it. `None` where the ciphertext is not authentic.
fn open_sealed(
    session: &Session,
    key: &KeyObject,
    form: SealedForm,
    (aad, payload): (&[u8], &[u8]),
) -> Result<Option<Secret>> {
    let Some(length) = key.kind.encapsulation_len() else {
        return open_gcm(session, key.handle, aad, payload);
    };
    let Some((encapsulation, sealed)) = payload.split_at_checked(length) else {
        return Ok(None);
    };
    let derived = session.decapsulate(key.handle, encapsulation, form.info())?;
    open_gcm(session, derived.handle(), aad, sealed)
}

fn open_gcm(session: &Session, key: Handle, aad: &[u8], payload: &[u8]) -> Result<Option<Secret>> {
    let Some((nonce, sealed)) = payload.split_first_chunk::<NONCE_LEN>() else { return Ok(None) };
    if sealed.len() < TAG_LEN {
        return Ok(None);
    }
    answer(session.decrypt_gcm(key, nonce, aad, sealed))
}

/// `None` if the block is not one of this key's.
pub(super) fn open_oaep(
    keystore: &Keystore,
    selected: &Selected,
    key: &KeyObject,
    block: &[u8],
) -> Result<Option<Secret>> {
    // From the private object: anyone may have replaced the public one.
    let own = selected.version().secret.as_deref().and_then(KeyObject::public_key).and_then(Result::ok);
    let public = own.map_or_else(|| public_half(keystore, selected).map(|half| half.key), Ok)?;
    let Some(modulus) = public.to_rsa().map(|key| key.n().to_bytes_be()) else { return Ok(None) };
    // RFC 8017, section 5.1.2, step 1: a ciphertext is smaller than the modulus.
    if block.len() != modulus.len() || block >= modulus.as_slice() {
        return Ok(None);
    }
    Ok(keystore.session().decrypt_block(key.handle, block)?.plaintext)
}

fn answer(result: token::Result<zeroize::Zeroizing<Vec<u8>>>) -> Result<Option<Secret>> {
    match result {
        Ok(mut plaintext) => Ok(Some(Secret::new(std::mem::take(&mut *plaintext)))),
        Err(error) if is_not_authentic(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
