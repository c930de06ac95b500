//! The proof of a new key: it is used once before anyone hears of it.
//!
//! Some tokens make keys that nothing accepts: openCryptoki imports EC keys without having an EC mechanism, p11-kit's
//! client makes AES keys that it cannot use.

use anyhow::Result;

use super::{Keystore, error::Error};
use crate::{
    algorithm::{Hasher, SignatureAlgorithm},
    encoding::{PublicKey, oaep_decode},
    model::Usage,
    public,
    token::{self, Handle, KeyTemplate, Message, NONCE_LEN, NewKey},
};

const MESSAGE: &[u8] = b"kmsctl proves a new key";

impl Keystore {
    /// Signs and verifies, or encrypts and decrypts, as far as the key's usage allows either.
    pub(super) fn prove(&self, template: &KeyTemplate<'_>, made: NewKey) -> Result<()> {
        let label = template.label;
        let unusable = |operation, source| Error::Unusable { label: label.to_owned(), operation, source };
        match made {
            NewKey::Secret(key) if template.usage.encrypt => match self.round_trip(key, template.usage) {
                Ok(true) => Ok(()),
                Ok(false) => Err(unusable("decrypt what it encrypted", None).into()),
                Err(source) => Err(unusable("encrypt", Some(source)).into()),
            },
            NewKey::Pair { private, public } => {
                let public = self.new_public_key(label, public)?;
                if template.usage.sign {
                    self.prove_signing(label, private, &public)
                } else if template.usage.decrypt {
                    self.prove_decryption(label, private, &public)
                } else {
                    Ok(())
                }
            }
            NewKey::Secret(_) => Ok(()),
        }
    }

    /// The public half of a new pair, checked.
    pub(super) fn new_public_key(&self, label: &str, public: Handle) -> Result<PublicKey> {
        let object = self.session().key(public)?;
        match object.and_then(|object| object.public_key()) {
            Some(Ok(key)) => Ok(key),
            Some(Err(reason)) => Err(Error::BadPublicKey { label: label.to_owned(), reason }.into()),
            None => {
                let deviations = vec!["the public half states no public key".to_owned()];
                Err(Error::NotAsAsked { label: label.to_owned(), deviations }.into())
            }
        }
    }

    fn prove_signing(&self, label: &str, private: Handle, public: &PublicKey) -> Result<()> {
        let Some(default) = public.kind().default_signature() else { return Ok(()) };
        let others = SignatureAlgorithm::ALL.into_iter().filter(|other| other.fits(public.kind()));
        let mut outcome = self.prove_signing_by(label, private, public, default);
        // A key may be limited to other mechanisms (CKA_ALLOWED_MECHANISMS).
        for algorithm in others.filter(|other| *other != default) {
            let is_limited = outcome.as_ref().is_err_and(|error| {
                matches!(error.downcast_ref(), Some(Error::Unusable { source: Some(source), .. }) if source.lacks_mechanism())
            });
            if !is_limited {
                break;
            }
            outcome = self.prove_signing_by(label, private, public, algorithm).or(outcome);
        }
        outcome
    }

    fn prove_signing_by(
        &self,
        label: &str,
        private: Handle,
        public: &PublicKey,
        algorithm: SignatureAlgorithm,
    ) -> Result<()> {
        let digest = Hasher::digest(algorithm.hash(), MESSAGE);
        let message = Message { digest: &digest, data: Some(MESSAGE) };
        let unusable = |operation, source| Error::Unusable { label: label.to_owned(), operation, source };
        let signature = self
            .session()
            .sign(private, algorithm, &message)
            .map_err(|source| unusable("sign", Some(source)))?;
        if public::verify(public, algorithm, &digest, &signature)? {
            Ok(())
        } else {
            Err(unusable("make a signature that verifies", None).into())
        }
    }

    fn prove_decryption(&self, label: &str, private: Handle, public: &PublicKey) -> Result<()> {
        let ciphertext = public::encrypt_oaep(public, MESSAGE)?;
        let session = self.session();
        let unusable = |operation, source| Error::Unusable { label: label.to_owned(), operation, source };
        let opened = match session.decrypt_oaep(private, &ciphertext) {
            Ok(opened) => opened.as_slice() == MESSAGE,
            // Tokens without OAEP-SHA256 do the bare operation, and the block is decoded here.
            Err(_) => match session.decrypt_raw_rsa(private, &ciphertext) {
                Ok(block) => {
                    oaep_decode(&block, ciphertext.len()).is_ok_and(|opened| opened.expose() == MESSAGE)
                }
                Err(source) => return Err(unusable("decrypt", Some(source)).into()),
            },
        };
        if opened { Ok(()) } else { Err(unusable("decrypt what was encrypted for it", None).into()) }
    }

    /// Whether a secret key opens what it sealed: by AES-GCM, or by AES-CBC on a token that has no GCM, where other
    /// programs can use the key all the same.
    fn round_trip(&self, key: Handle, usage: Usage) -> token::Result<bool> {
        let session = self.session();
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&session.random(NONCE_LEN)?);
        match session.encrypt_gcm(key, &mut nonce, MESSAGE, MESSAGE) {
            Ok(_) if !usage.decrypt => Ok(true),
            Ok(ciphertext) => {
                Ok(session.decrypt_gcm(key, &nonce, MESSAGE, &ciphertext)?.as_slice() == MESSAGE)
            }
            Err(error) if error.lacks_mechanism() => {
                let iv = [0; 16];
                let ciphertext = session.encrypt_cbc(key, iv, MESSAGE)?;
                Ok(!usage.decrypt || session.decrypt_cbc(key, iv, &ciphertext)?.as_slice() == MESSAGE)
            }
            Err(error) => Err(error),
        }
    }
}
