//! The requests of a batch that encrypt and decrypt. A batch holds text forms only: an answer is one line.

use anyhow::Result;
use data_encoding::BASE64;

use super::{BatchResult, Rest, Worker};
use crate::{
    encoding::Ciphertext,
    keystore::Selection,
    model::EncryptionContext,
    operation::{Resealed, Sealer, data_key, open_text_with, reseal_text_with},
};

impl Worker {
    pub(super) fn encrypt(
        &self,
        key: &Selection,
        data: &[u8],
        context: Option<&EncryptionContext>,
    ) -> Result<Rest> {
        let selected = self.key(key)?;
        let sealed = Sealer::new(&self.keystore, &selected)?.seal_text(data, context)?;
        Ok(Rest::new(move || {
            Ok(BatchResult { ciphertext: Some(sealed.to_string()), ..BatchResult::of(&selected) })
        }))
    }

    pub(super) fn decrypt(&self, ciphertext: &str, context: Option<&EncryptionContext>) -> Result<Rest> {
        let ciphertext = Ciphertext::parse(ciphertext.as_bytes())?;
        let selected = self.keys.named(&self.keystore, &ciphertext.key)?;
        let opened = open_text_with(&self.keystore, (*selected).clone(), &ciphertext, context)?;
        Ok(Rest::new(move || {
            Ok(BatchResult {
                plaintext: Some(BASE64.encode(opened.plaintext.expose())),
                ..BatchResult::of(&selected)
            })
        }))
    }

    pub(super) fn reencrypt(&self, given: &str, context: Option<&EncryptionContext>) -> Result<Rest> {
        let ciphertext = Ciphertext::parse(given.as_bytes())?;
        let selected = self.keys.named(&self.keystore, &ciphertext.key)?;
        let (resealed, selected) =
            reseal_text_with(&self.keystore, (*selected).clone(), &ciphertext, context)?;
        let (text, changed) = match resealed {
            Resealed::Current => (ciphertext.to_string(), false),
            Resealed::Anew(sealed) => (sealed.to_string(), true),
        };
        Ok(Rest::new(move || {
            Ok(BatchResult { ciphertext: Some(text), changed: Some(changed), ..BatchResult::of(&selected) })
        }))
    }

    pub(super) fn data_key(
        &self,
        key: &Selection,
        bits: u32,
        plaintext: bool,
        context: Option<&EncryptionContext>,
    ) -> Result<Rest> {
        let selected = self.key(key)?;
        let sealer = Sealer::new(&self.keystore, &selected)?;
        let made = data_key(&self.keystore, &sealer, bits as usize / 8, context)?;
        let result = BatchResult {
            bits: Some(bits),
            ciphertext: Some(made.ciphertext.to_string()),
            plaintext: plaintext.then(|| BASE64.encode(made.plaintext.expose())),
            ..BatchResult::of(&selected)
        };
        Ok(Rest::new(move || Ok(result)))
    }
}
