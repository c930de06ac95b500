//! Moving ciphertexts to the newest version of their key.

use anyhow::Result;

use super::{Sealer, Unlocked, open_text_with};
use crate::{
    encoding::{Ciphertext, KeyName},
    keystore::{Keystore, Selected},
    model::EncryptionContext,
};

/// What became of a ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resealed<T> {
    /// It was sealed by the newest version, and is authentic.
    Current,
    Anew(T),
}

/// Whether the newest version of its key sealed a ciphertext; and which key that is. Opens nothing.
pub fn is_current(keystore: &Keystore, name: &KeyName) -> Result<(bool, Selected)> {
    let selected = keystore.select_named(name)?;
    Ok((newest(&selected).is_none(), selected))
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
    Ok((Resealed::Anew(sealed), newest))
}

/// The header of an envelope whose file key the newest version wraps.
pub fn reseal_header(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    context: Option<&EncryptionContext>,
) -> Result<(Resealed<Vec<u8>>, Selected)> {
    let Some(newest) = newest(&unlocked.selected) else {
        return Ok((Resealed::Current, unlocked.selected.clone()));
    };
    let header = unlocked.reseal(&Sealer::new(keystore, &newest)?, context)?;
    Ok((Resealed::Anew(header), newest))
}

/// The newest version where it is not the selected one.
fn newest(selected: &Selected) -> Option<Selected> {
    let version = selected.key.current().version;
    (version != selected.version).then(|| Selected { key: selected.key.clone(), version })
}
