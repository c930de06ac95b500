//! Uses a key once to see whether it works. Shared by the test of new keys, the trial of unproven public keys and
//! `doctor`.

use anyhow::Result;

use crate::{
    algorithm::{PublicKey, SignatureAlgorithm},
    public,
    token::{self, Handle, Message, NONCE_LEN, Session},
};

/// A signature, and what it covers: a digest, or a message that is signed whole.
#[derive(Debug)]
pub struct Signed {
    pub covered: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Signs a message. If the token does not sign digests, the whole message is signed if `is_whole`.
pub fn sign(
    session: &Session,
    private: Handle,
    algorithm: SignatureAlgorithm,
    (message, is_whole): (&[u8], bool),
) -> token::Result<Signed> {
    let covered = algorithm.covered(message).into_owned();
    let data = is_whole.then_some(message);
    let signature = session.sign(private, algorithm, &Message { covered: &covered, data })?;
    Ok(Signed { covered, signature })
}

/// Signs and verifies, first with the default algorithm of the key's kind. While `try_next` accepts the error, tries
/// the others: a key may be restricted to them (`CKA_ALLOWED_MECHANISMS`). Returns whether the public key verifies the
/// signature; `None` if no algorithm fits the kind; the first error if the token signs with none.
pub fn signature(
    session: &Session,
    (private, public): (Handle, &PublicKey),
    message: &[u8],
    try_next: impl Fn(&token::Error) -> bool,
) -> Result<Option<bool>> {
    let mut failed = None;
    for algorithm in public.kind().signature_algorithms() {
        match sign(session, private, algorithm, (message, true)) {
            Ok(made) => return Ok(Some(public::verify(public, algorithm, &made.covered, &made.signature)?)),
            Err(error) => {
                failed.get_or_insert(error);
                if !try_next(&error) {
                    break;
                }
            }
        }
    }
    failed.map_or(Ok(None), |error| Err(error.into()))
}

/// Encrypts to the public key and decrypts with the private key. Returns whether the message came back, and the
/// mechanism.
pub fn decryption(
    session: &Session,
    (private, public): (Handle, &PublicKey),
    message: &[u8],
) -> Result<(bool, &'static str)> {
    if let Some(length) = public.kind().encapsulation_len() {
        return decapsulation(session, (private, public), length, message);
    }
    let ciphertext = public::encrypt_oaep(public, message)?;
    let decrypted = session.decrypt_block(private, &ciphertext)?;
    let is_right = decrypted.plaintext.is_some_and(|plaintext| plaintext.expose() == message);
    Ok((is_right, decrypted.mechanism))
}

fn decapsulation(
    session: &Session,
    (private, public): (Handle, &PublicKey),
    length: usize,
    message: &[u8],
) -> Result<(bool, &'static str)> {
    const INFO: &[u8] = b"kmsctl tries a key";
    let sealed = public::encrypt_encapsulated(public, INFO, INFO, message)?;
    let (encapsulation, sealed) = sealed.split_at(length);
    let derived = session.decapsulate(private, encapsulation, INFO)?;
    let Some((nonce, sealed)) = sealed.split_first_chunk() else { return Ok((false, "CKM_ML_KEM")) };
    let is_right = match session.decrypt_gcm(derived.handle(), nonce, INFO, sealed) {
        Ok(plaintext) => plaintext.as_slice() == message,
        Err(error) if token::is_not_authentic(&error) => false,
        Err(error) => return Err(error.into()),
    };
    Ok((is_right, "CKM_ML_KEM"))
}

/// Encrypts with AES-GCM, and decrypts if `decrypts`. Returns whether the message came back.
pub fn gcm(session: &Session, key: Handle, message: &[u8], decrypts: bool) -> token::Result<bool> {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&session.random(NONCE_LEN)?);
    let ciphertext = session.encrypt_gcm(key, &mut nonce, message, message)?;
    Ok(!decrypts || session.decrypt_gcm(key, &nonce, message, &ciphertext)?.as_slice() == message)
}

/// Computes a MAC twice, and one of another message: equal for equal messages only, and 32 bytes long.
pub fn mac(session: &Session, key: Handle, message: &[u8]) -> token::Result<bool> {
    let mac = |message: &[u8]| session.hmac_sha256(key, message);
    let (first, again, other) = (mac(message)?, mac(message)?, mac(b"another message")?);
    Ok(first.len() == 32 && first == again && first != other)
}
