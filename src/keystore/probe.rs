//! Using a key once, to see what it does. The proof of a new key, the trial of a public key that nothing else vouches for
//! and the trials of `doctor` all rest on this.

use anyhow::Result;

use crate::{
    algorithm::{Hasher, PublicKey, SignatureAlgorithm},
    public,
    token::{self, Handle, Message, NONCE_LEN, Session},
};

/// A signature, and the digest that it is over.
#[derive(Debug)]
pub struct Signed {
    pub digest: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Signs a message. Of a token that signs no digest, the whole message is signed if `is_whole`.
pub fn sign(
    session: &Session,
    private: Handle,
    algorithm: SignatureAlgorithm,
    (message, is_whole): (&[u8], bool),
) -> token::Result<Signed> {
    let digest = Hasher::digest(algorithm.hash(), message);
    let data = is_whole.then_some(message);
    let signature = session.sign(private, algorithm, &Message { digest: &digest, data })?;
    Ok(Signed { digest, signature })
}

/// Signs and verifies, by the default algorithm of the key's kind. While `goes_on` says so of an error, the others are
/// tried: a key may be limited to them (`CKA_ALLOWED_MECHANISMS`). Returns whether the signature is by the public key;
/// `None` if no algorithm fits its kind. The first error if the token signs by none.
pub fn signature(
    session: &Session,
    (private, public): (Handle, &PublicKey),
    message: &[u8],
    goes_on: impl Fn(&token::Error) -> bool,
) -> Result<Option<bool>> {
    let mut failed = None;
    for algorithm in public.kind().signature_algorithms() {
        match sign(session, private, algorithm, (message, true)) {
            Ok(made) => return Ok(Some(public::verify(public, algorithm, &made.digest, &made.signature)?)),
            Err(error) => {
                failed.get_or_insert(error);
                if !goes_on(&error) {
                    break;
                }
            }
        }
    }
    failed.map_or(Ok(None), |error| Err(error.into()))
}

/// Encrypts for the public key, and has the private key decrypt it. Returns whether the message came back, and by which
/// mechanism.
pub fn decryption(
    session: &Session,
    (private, public): (Handle, &PublicKey),
    message: &[u8],
) -> Result<(bool, &'static str)> {
    let ciphertext = public::encrypt_oaep(public, message)?;
    let decrypted = session.decrypt_block(private, &ciphertext)?;
    let is_right = decrypted.plaintext.is_some_and(|plaintext| plaintext.expose() == message);
    Ok((is_right, decrypted.mechanism))
}

/// Encrypts by AES-GCM, and decrypts if `decrypts`. Returns whether the message came back.
pub fn gcm(session: &Session, key: Handle, message: &[u8], decrypts: bool) -> token::Result<bool> {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&session.random(NONCE_LEN)?);
    let ciphertext = session.encrypt_gcm(key, &mut nonce, message, message)?;
    Ok(!decrypts || session.decrypt_gcm(key, &nonce, message, &ciphertext)?.as_slice() == message)
}

/// The same, or by AES-CBC on a token without GCM: other programs can use the key there.
pub fn gcm_or_cbc(session: &Session, key: Handle, message: &[u8], decrypts: bool) -> token::Result<bool> {
    match gcm(session, key, message, decrypts) {
        Err(error) if error.lacks_mechanism() => {
            let iv = [0; 16];
            let ciphertext = session.encrypt_cbc(key, iv, message)?;
            Ok(!decrypts || session.decrypt_cbc(key, iv, &ciphertext)?.as_slice() == message)
        }
        other => other,
    }
}
