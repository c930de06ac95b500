//! Moving ciphertexts to the newest version of their key. A new ciphertext is decrypted before it replaces the old one.

use anyhow::Result;
use subtle::ConstantTimeEq;

use super::{Envelope, SealError, Sealer, Unlocked, open::unwrap_with, open_text_with};
use crate::{
    encoding::{Ciphertext, KeyStanza, Wrapping},
    keystore::{Keystore, Selected},
    model::EncryptionContext,
    secret::Secret,
    token::is_lost,
};

/// The result of re-encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resealed<T> {
    /// It was sealed by the newest version, and is authentic.
    Current,
    Anew(T),
}

/// Whether the newest version of its key sealed a text; and which key that is. Opens nothing.
pub fn is_current_text(keystore: &Keystore, ciphertext: &Ciphertext) -> Result<(bool, Selected)> {
    let selected = keystore.select_named(&ciphertext.key)?;
    Ok((newest(&selected).is_none(), selected))
}

/// Whether the newest versions of the keys on this token wrapped the file key of an envelope, in the form of this release;
/// and the first of these keys. Opens nothing.
pub fn is_current_envelope(keystore: &Keystore, envelope: &Envelope) -> Result<(bool, Selected)> {
    let found = found(keystore, envelope)?;
    let outdated = found.iter().find(|(_, stanza, selected)| successor(stanza, selected).is_some());
    let is_current = outdated.is_none();
    match outdated.or(found.first()) {
        Some((.., selected)) => Ok((is_current, selected.clone())),
        None => Ok((is_current, keystore.select_named(&envelope.stanza().key)?)),
    }
}

/// Opens a text and seals it with the newest version. The plaintext does not leave this function.
pub fn reseal_text(
    keystore: &Keystore,
    ciphertext: &Ciphertext,
    context: Option<&EncryptionContext>,
) -> Result<(Resealed<Ciphertext>, Selected)> {
    reseal_text_with(keystore, keystore.select_named(&ciphertext.key)?, ciphertext, context)
}

/// The same with the key and version that the ciphertext names.
pub fn reseal_text_with(
    keystore: &Keystore,
    selected: Selected,
    ciphertext: &Ciphertext,
    context: Option<&EncryptionContext>,
) -> Result<(Resealed<Ciphertext>, Selected)> {
    let opened = open_text_with(keystore, selected, ciphertext, context)?;
    let Some(newest) = newest(&opened.selected) else { return Ok((Resealed::Current, opened.selected)) };
    let sealed = Sealer::new(keystore, &newest)?.seal_text(opened.plaintext.expose(), context)?;
    let again = open_text_with(keystore, newest.clone(), &sealed, context);
    require_same(again.map(|again| again.plaintext), opened.plaintext.expose(), &newest)?;
    Ok((Resealed::Anew(sealed), newest))
}

/// The header of an envelope whose file key the newest versions of all its keys on this token wrap; and the newest version
/// of the key that opened it.
pub fn reseal_header(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    context: Option<&EncryptionContext>,
) -> Result<(Resealed<Vec<u8>>, Selected)> {
    let mut others = Vec::new();
    let mut opened_by = unlocked.selected.clone();
    for (place, stanza, selected) in found(keystore, unlocked.envelope())? {
        // Bound to another context than the one given: it stays as it is.
        if stanza.has_context != context.is_some() {
            continue;
        }
        let Some(newest) = successor(&stanza, &selected) else { continue };
        let other = Sealer::new(keystore, &newest)?.wrap(&unlocked.file_key(), context)?;
        let again = unwrap_with(keystore, newest.clone(), &other, context);
        require_same(again.map(|again| again.plaintext), &unlocked.file_key()[..], &newest)?;
        if place == unlocked.place() {
            opened_by = newest;
        }
        others.push((place, other));
    }
    if others.is_empty() {
        return Ok((Resealed::Current, opened_by));
    }
    Ok((Resealed::Anew(unlocked.with_stanzas(&others).to_bytes()), opened_by))
}

/// The stanzas whose keys are on this token.
fn found(keystore: &Keystore, envelope: &Envelope) -> Result<Vec<(usize, KeyStanza, Selected)>> {
    let mut found = Vec::new();
    for (place, stanza) in envelope.stanzas() {
        match keystore.select_named(&stanza.key) {
            Ok(selected) => found.push((*place, stanza.clone(), selected)),
            Err(error) if is_lost(&error) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(found)
}

/// What should have wrapped a file key: the newest version where another did, or where the form is an old one.
fn successor(stanza: &KeyStanza, selected: &Selected) -> Option<Selected> {
    let is_old_form = stanza.wrapping == Wrapping::OldRsaOaep;
    newest(selected).or_else(|| is_old_form.then(|| selected.clone()))
}

/// The newest version where it is not the selected one.
fn newest(selected: &Selected) -> Option<Selected> {
    let version = selected.key.current().version;
    (version != selected.version).then(|| Selected { key: selected.key.clone(), version })
}

/// A public half that does not belong to the private one makes ciphertexts that cannot be decrypted.
fn require_same(again: Result<Secret>, plaintext: &[u8], by: &Selected) -> Result<()> {
    let not_reopened = SealError::NotReopened { label: by.key.label.clone(), version: by.version };
    match again {
        Ok(again) if bool::from(again.expose().ct_eq(plaintext)) => Ok(()),
        Ok(_) => Err(not_reopened.into()),
        Err(error) if error.downcast_ref::<SealError>().is_some() => Err(not_reopened.into()),
        Err(error) => Err(error.context(not_reopened)),
    }
}
