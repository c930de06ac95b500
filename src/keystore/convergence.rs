//! What a convergent key needs of a token: nonces chosen by us, and a companion key that derives them by HMAC.

use anyhow::Result;

use super::{Keystore, error::Error};
use crate::token::{Handle, NONCE_LEN};

const MESSAGE: &[u8] = b"kmsctl proves a new key";

impl Keystore {
    /// Whether the token says that it has all that convergent keys need. Asked before anything is created.
    pub(super) fn require_convergence(&self) -> Result<()> {
        let needed = ["CKM_GENERIC_SECRET_KEY_GEN", "CKM_SHA256_HMAC", "CKM_AES_GCM"];
        match self.session().first_missing(&needed) {
            Some(missing) => Err(Error::NotConvergent { missing }.into()),
            None => Ok(()),
        }
    }

    /// Derives a nonce twice and encrypts twice: all must be equal. Some HSMs put in a nonce of their own.
    pub(super) fn prove_convergence(&self, label: &str, key: Handle, companion: Handle) -> Result<()> {
        let unusable = |operation, source| Error::Unusable { label: label.to_owned(), operation, source };
        let session = self.session();
        let run = || {
            let mac = session.hmac_sha256(companion, MESSAGE)?;
            let mut nonce = [0; NONCE_LEN];
            nonce.iter_mut().zip(&mac).for_each(|(to, from)| *to = *from);
            let chosen = nonce;
            let ciphertext = session.encrypt_gcm(key, &mut nonce, MESSAGE, MESSAGE)?;
            Ok::<_, crate::token::Error>((mac.len(), nonce == chosen, ciphertext))
        };
        let both = run().and_then(|first| Ok((first, run()?)));
        match both.map_err(|source| unusable("derive nonces for it", Some(source)))? {
            (first @ (32, true, _), second) if first == second => Ok(()),
            _ => Err(unusable("encrypt convergently", None).into()),
        }
    }
}
