//! Moving ciphertexts to the newest version of their key. A new ciphertext is decrypted before it replaces the old one.

use std::io::{self, BufRead, BufReader, Read, Write};

use age::armor::ArmoredReader;
use anyhow::Result;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    Envelope, SealError, Sealer, Unlocked,
    envelope::{is_of_others, seal_filled, wrap_for},
    open::unwrap_with,
    open_text_with,
};
use crate::{
    encoding::{AgeHeader, AgeRecipient, Ciphertext, KeyStanza, Stanza, Wrapping},
    keystore::{self, Keystore, Selected},
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

/// What becomes of those that can open an envelope, other than the keys on this token.
#[derive(Debug, Clone, Copy)]
pub struct RecipientChange<'a> {
    /// Drops all of them.
    pub drop: bool,
    /// Added.
    pub keys: &'a [Sealer<'static>],
    /// Added.
    pub age: &'a [AgeRecipient],
}

impl RecipientChange<'_> {
    /// How many of the recipients at these positions are not among the added keys. One that bears the name of a key on this
    /// token which does not open it is none of them.
    fn count_lost(self, envelope: &Envelope, keys: &TokenKeys, places: &[usize]) -> usize {
        let is_added = |place: &usize| {
            let stanza = envelope.stanzas().iter().find(|(at, _)| at == place);
            let is_named = |stanza: &KeyStanza| self.keys.iter().any(|key| *key.name() == stanza.key);
            !keys.misnamed.contains(place) && stanza.is_some_and(|(_, stanza)| is_named(stanza))
        };
        places.iter().filter(|place| !is_added(place)).count()
    }
}

/// Fails if one of these public keys is that of a key on this token which may not encrypt.
pub fn require_allowed(keystore: &Keystore, keys: &[Sealer<'_>]) -> Result<()> {
    for key in keys {
        match keystore.select_named(key.name()) {
            Ok(selected) => drop(selected.allow(keystore::Operation::Encrypt)?),
            Err(error) if is_of_others(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A header for the same body.
#[derive(Debug, PartialEq, Eq)]
pub struct NewHeader {
    pub bytes: Vec<u8>,
    /// How many recipients were dropped, who know the file key.
    pub dropped: usize,
    /// How many recipients were added.
    pub added: usize,
}

/// The header of an envelope whose file key the newest versions of all its keys on this token wrap; and the newest version
/// of the key that opened it.
pub fn reseal_header(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    context: Option<&EncryptionContext>,
    change: RecipientChange<'_>,
) -> Result<(Resealed<NewHeader>, Selected)> {
    let (envelope, file_key) = (unlocked.envelope(), unlocked.file_key());
    let mut replaced = Vec::new();
    let mut opened_by = unlocked.selected.clone();
    let keys = TokenKeys::of(keystore, unlocked, context)?;
    for (place, stanza, selected) in &keys.proven {
        let Some(newest) = successor(stanza, selected) else { continue };
        let other = Sealer::new(keystore, &newest)?.wrap(&file_key, context)?;
        let again = unwrap_with(keystore, newest.clone(), &other, context);
        require_same(again.map(|again| again.plaintext), &file_key[..], &newest)?;
        if *place == unlocked.place() {
            opened_by = newest;
        }
        replaced.push((*place, other));
    }
    let dropped = if change.drop { keys.others(envelope) } else { Vec::new() };
    let added = wrap_for(&change.keys.iter().collect::<Vec<_>>(), change.age, context, &file_key)?;
    if replaced.is_empty() && dropped.is_empty() && added.is_empty() {
        return Ok((Resealed::Current, opened_by));
    }
    let kept = envelope.header().stanzas().len() - dropped.len();
    let stanzas = KeyStanza::replace_in(envelope.header(), &replaced, (&dropped, &keys.misnamed), added);
    // All keys that were to be added are in it already.
    if stanzas == envelope.header().stanzas() {
        return Ok((Resealed::Current, opened_by));
    }
    AgeHeader::require_room(&stanzas)?;
    let lost = change.count_lost(envelope, &keys, &dropped);
    let added = stanzas.len().saturating_sub(kept + dropped.len() - lost);
    let bytes = unlocked.header_of(stanzas).to_bytes();
    Ok((Resealed::Anew(NewHeader { bytes, dropped: lost, added }), opened_by))
}

/// A body that was encrypted under a new file key.
#[derive(Debug)]
pub struct NewBody {
    /// The newest version of the key that opened it.
    pub selected: Selected,
    /// How many recipients were dropped.
    pub dropped: usize,
    /// How many recipients were added.
    pub added: usize,
    /// Why keys on this token that could open it before cannot open it any more.
    pub barred: Vec<keystore::Error>,
    /// The SHA-256 of the plaintext.
    digest: [u8; 32],
}

/// Encrypts an envelope under a new file key, with the newest versions of its keys on this token and the recipients that are
/// added. Fails if there are others that are not dropped, or keys on this token that may not be used now: nothing can be
/// encrypted with them. Of these, revoked keys are dropped with the others. The plaintext is streamed and does not leave this
/// function.
pub fn reseal_body(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    context: Option<&EncryptionContext>,
    change: RecipientChange<'_>,
    (body, output): (impl BufRead, impl Write),
) -> Result<NewBody> {
    let envelope = unlocked.envelope();
    let mut keys = TokenKeys::of(keystore, unlocked, context)?;
    // A disabled key may be enabled again, and would have lost the file.
    let is_kept = |(_, error): &mut (_, keystore::Error)| !(change.drop && error.is_of_revoked());
    if let Some((_, error)) = keys.barred.extract_if(.., is_kept).next() {
        return Err(anyhow::Error::new(error)
            .context("a new file key would lock a key of this token out of the file"));
    }
    let others = keys.others(envelope);
    let count = change.count_lost(envelope, &keys, &others);
    if count > 0 && !change.drop {
        return Err(SealError::UnknownRecipients { count }.into());
    }
    let own = keys
        .proven
        .iter()
        .map(|(.., selected)| Sealer::new(keystore, &newest(selected).unwrap_or_else(|| selected.clone())))
        .collect::<Result<Vec<_>>>()?;
    let mut digest = Sha256::new();
    seal_filled(
        &own.iter().chain(change.keys).collect::<Vec<_>>(),
        change.age,
        context,
        output,
        |written| unlocked.decrypt(body, Digesting { digest: &mut digest, target: written }),
    )?;
    let selected = newest(&unlocked.selected).unwrap_or_else(|| unlocked.selected.clone());
    let added = (change.keys.len() + change.age.len()).saturating_sub(others.len() - count);
    let barred = keys.barred.into_iter().map(|(_, error)| error).collect();
    Ok(NewBody { selected, dropped: count, added, barred, digest: digest.finalize().into() })
}

impl NewBody {
    /// Fails unless each key on this token opens what was written, and its plaintext is the same.
    pub fn verify(
        &self,
        keystore: &Keystore,
        written: impl Read,
        context: Option<&EncryptionContext>,
    ) -> Result<()> {
        let mut written = BufReader::new(ArmoredReader::new(BufReader::new(written)));
        let envelope = Envelope::read(&mut written)?;
        let unlocked = envelope.unlock(keystore, context)?;
        // The first stanza has been opened.
        let others = found(keystore, &envelope)?.into_iter().filter(|(place, ..)| *place != unlocked.place());
        for (_, stanza, selected) in others {
            let again = unwrap_with(keystore, selected.clone(), &stanza, context);
            require_same(again.map(|again| again.plaintext), &unlocked.file_key()[..], &selected)?;
        }
        let mut digest = Sha256::new();
        unlocked.decrypt(written, Digesting { digest: &mut digest, target: io::sink() })?;
        if self.digest == <[u8; 32]>::from(digest.finalize()) {
            return Ok(());
        }
        let (label, version) = (self.selected.key.label.clone(), self.selected.version);
        Err(SealError::NotReopened { label, version }.into())
    }
}

/// Hashes what is written through it.
struct Digesting<'a, W> {
    digest: &'a mut Sha256,
    target: W,
}

impl<W: Write> Write for Digesting<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.target.write(bytes)?;
        self.digest.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// A stanza that names a key on this token, its position, and that key.
type Found = (usize, KeyStanza, Selected);

/// The stanzas of an envelope that name keys on this token. A name proves nothing: anyone who knows the file key can write a
/// stanza that names a key of the token and is wrapped to another key.
struct TokenKeys {
    /// The named key opens these to the file key.
    proven: Vec<Found>,
    /// The positions of the others.
    misnamed: Vec<usize>,
    /// Why the named keys of some of the others may not decrypt now.
    barred: Vec<(usize, keystore::Error)>,
}

impl TokenKeys {
    /// A key that may not be used now proves nothing either.
    fn of(keystore: &Keystore, unlocked: &Unlocked<'_>, context: Option<&EncryptionContext>) -> Result<Self> {
        let mut keys = Self { proven: Vec::new(), misnamed: Vec::new(), barred: Vec::new() };
        for found in found(keystore, unlocked.envelope())? {
            let Err(error) = require_opening(keystore, unlocked, context, &found) else {
                keys.proven.push(found);
                continue;
            };
            keys.misnamed.push(found.0);
            if !error.is::<SealError>() {
                keys.barred.push((found.0, error.downcast()?));
            }
        }
        Ok(keys)
    }

    /// The positions of the recipients that are not keys of this token, as far as can be proven.
    fn others(&self, envelope: &Envelope) -> Vec<usize> {
        let is_other = |(place, stanza): &(usize, &Stanza)| {
            !stanza.is_grease()
                && self.proven.iter().all(|(of_token, ..)| of_token != place)
                && self.barred.iter().all(|(barred, _)| barred != place)
        };
        envelope.header().stanzas().iter().enumerate().filter(is_other).map(|(place, _)| place).collect()
    }
}

/// Fails if a stanza names a key on this token that does not open it to the file key. Keys that may not decrypt now are not
/// judged.
pub fn require_names(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    context: Option<&EncryptionContext>,
) -> Result<()> {
    for found in found(keystore, unlocked.envelope())? {
        match require_opening(keystore, unlocked, context, &found) {
            Err(error) if error.is::<keystore::Error>() => {}
            opened => opened?,
        }
    }
    Ok(())
}

fn require_opening(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    context: Option<&EncryptionContext>,
    (place, stanza, selected): &Found,
) -> Result<()> {
    if *place == unlocked.place() {
        return Ok(());
    }
    let misnamed =
        || SealError::Misnamed { label: selected.key.label.clone(), tag: stanza.key.tag.clone() }.into();
    match unwrap_with(keystore, selected.clone(), stanza, context) {
        Ok(opened) if bool::from(opened.plaintext.expose().ct_eq(&unlocked.file_key()[..])) => Ok(()),
        Ok(_) => Err(misnamed()),
        Err(error) if error.is::<SealError>() => Err(misnamed()),
        Err(error) => Err(error),
    }
}

/// The stanzas that name keys on this token.
fn found(keystore: &Keystore, envelope: &Envelope) -> Result<Vec<Found>> {
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
    (version != selected.version).then(|| selected.at(version))
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
