//! Encryption to an ML-KEM key: AES-256-GCM under a key that is derived from an encapsulated secret.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use rsa::rand_core::{OsRng, RngCore};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Error;
use crate::algorithm::PublicKey;

const NONCE_LEN: usize = 12;

/// encapsulation ‖ nonce ‖ ciphertext ‖ tag. The key is HKDF-SHA-256 (RFC 5869) of the encapsulated secret, with the
/// encapsulation as salt and `info`; `bound_to` is authenticated beside the plaintext.
pub fn encrypt_encapsulated(
    key: &PublicKey,
    info: &[u8],
    bound_to: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Error> {
    let failed = || Error::Encapsulation { kind: key.kind() };
    let made = key.encapsulate().ok_or(Error::CannotEncrypt { kind: key.kind() })?;
    let (encapsulation, shared) = made.map_err(|_| failed())?;
    let mut derived = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(&encapsulation), shared.expose())
        .expand(info, derived.as_mut_slice())
        .map_err(|_| failed())?;
    let mut nonce = [0; NONCE_LEN];
    OsRng.fill_bytes(&mut nonce);
    let cipher = Aes256Gcm::new((&*derived).into());
    let payload = Payload { msg: plaintext, aad: bound_to };
    let sealed = cipher.encrypt((&nonce).into(), payload).map_err(|_| failed())?;
    Ok([encapsulation, nonce.to_vec(), sealed].concat())
}
