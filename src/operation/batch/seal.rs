//! The requests of a batch that encrypt and decrypt. A batch holds text forms only: an answer is one line.

use anyhow::Result;
use data_encoding::BASE64;
use serde_json::json;

use super::{Rest, Worker, with_key};
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
        Ok(Rest::new(move || Ok(with_key(&selected, json!({"ciphertext": sealed.to_string()})))))
    }

    pub(super) fn decrypt(&self, ciphertext: &str, context: Option<&EncryptionContext>) -> Result<Rest> {
        let ciphertext = Ciphertext::parse(ciphertext.as_bytes())?;
        let selected = self.keys.named(&self.keystore, &ciphertext.key)?;
        let opened = open_text_with(&self.keystore, (*selected).clone(), &ciphertext, context)?;
        Ok(Rest::new(move || {
            Ok(with_key(&selected, json!({"plaintext": BASE64.encode(opened.plaintext.expose())})))
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
        Ok(Rest::new(move || Ok(with_key(&selected, json!({"ciphertext": text, "changed": changed})))))
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
        let mut result = json!({"bits": bits, "ciphertext": made.ciphertext.to_string()});
        if plaintext {
            result["plaintext"] = BASE64.encode(made.plaintext.expose()).into();
        }
        Ok(Rest::new(move || Ok(with_key(&selected, result))))
    }
}
