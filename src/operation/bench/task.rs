//! The workloads of a benchmark, with the session keys and inputs that they need.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use super::workload::Workload;
use crate::{
    algorithm::{Algorithm, SignatureAlgorithm},
    model::KeyId,
    operation::trial::session_public_key,
    public,
    token::{self, Carried, Handle, KeyTemplate, Message, NONCE_LEN, NewKey, Session},
};

/// Bytes that one encryption takes.
const PLAINTEXT_LEN: usize = 1024;
/// Bytes that one call asks of the token's generator.
const RANDOM_LEN: usize = 32;
/// As long as a SHA-256 digest.
const DIGEST: [u8; 32] = [0x5a; 32];

/// Session keys, one for each algorithm. They live as long as the session that made them (PKCS#11, section 5.6.1).
pub(super) struct Keys<'a> {
    session: &'a Session,
    made: Vec<(Algorithm, NewKey)>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self { session, made: Vec::new() }
    }

    fn key(&mut self, algorithm: Algorithm) -> token::Result<NewKey> {
        if let Some((_, key)) = self.made.iter().find(|(made, _)| *made == algorithm) {
            return Ok(*key);
        }
        let key = generate(self.session, algorithm)?;
        self.made.push((algorithm, key));
        Ok(key)
    }

    /// Makes the keys and inputs of a workload, and runs it once: a token may list a mechanism and refuse to do it.
    pub(super) fn task(&mut self, workload: Workload) -> Result<Task> {
        let task = match workload {
            Workload::Sign(algorithm, signature) => Task::Sign(self.key(algorithm)?.secret(), signature),
            Workload::DecryptRsa(algorithm) => {
                let key = self.key(algorithm)?;
                let ciphertext = public::encrypt_oaep(&session_public_key(self.session, key)?, &DIGEST)?;
                Task::DecryptOaep(key.secret(), ciphertext)
            }
            Workload::Decapsulate(algorithm) => {
                let key = self.key(algorithm)?;
                let public = session_public_key(self.session, key)?;
                let made = public.encapsulate().ok_or_else(|| anyhow::anyhow!("no ML-KEM key"))?;
                Task::Decapsulate(key.secret(), made?.0)
            }
            Workload::EncryptAes(algorithm) => Task::encrypt(self.key(algorithm)?.secret()),
            Workload::DecryptAes(algorithm) => {
                let (key, mut nonce) = (self.key(algorithm)?.secret(), [0; NONCE_LEN]);
                let ciphertext = self.session.encrypt_gcm(key, &mut nonce, &DIGEST, &[0; PLAINTEXT_LEN])?;
                Task::DecryptAes(key, nonce, ciphertext)
            }
            Workload::Random => Task::Random,
            Workload::Generate(algorithm) => Task::Generate(algorithm),
        };
        match (task.run(self.session), task) {
            // SoftHSM has OAEP with SHA-1 only; kmsctl then asks for the bare operation.
            (Err(_), Task::DecryptOaep(key, ciphertext)) => {
                let task = Task::DecryptRaw(key, ciphertext);
                task.run(self.session)?;
                Ok(task)
            }
            (result, task) => Ok(result.map(|()| task)?),
        }
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        for handle in self.made.iter().flat_map(|(_, key)| key.handles()) {
            // The end of the session would destroy it as well.
            let _ = self.session.destroy(handle);
        }
    }
}

fn generate(session: &Session, algorithm: Algorithm) -> token::Result<NewKey> {
    let (id, usage) = (KeyId::from_bytes(DIGEST[..16].to_vec()), algorithm.usage());
    let label = "kmsctl bench";
    session.generate_session_key(&KeyTemplate {
        kind: algorithm.kind(),
        label,
        id: &id,
        usage,
        is_id_free: true,
        extractable: false,
        carried: Carried::default(),
    })
}

/// A workload with its keys and inputs. Threads share it.
pub(super) enum Task {
    Sign(Handle, SignatureAlgorithm),
    DecryptOaep(Handle, Vec<u8>),
    DecryptRaw(Handle, Vec<u8>),
    Decapsulate(Handle, Vec<u8>),
    /// With the number of the next nonce.
    EncryptAes(Handle, AtomicU64),
    DecryptAes(Handle, [u8; NONCE_LEN], Vec<u8>),
    Random,
    Generate(Algorithm),
}

impl Task {
    fn encrypt(key: Handle) -> Self {
        // The nonce of 0 was used for the ciphertext of the decryption.
        Self::EncryptAes(key, AtomicU64::new(1))
    }

    pub(super) fn run(&self, session: &Session) -> token::Result<()> {
        match self {
            Self::Sign(key, algorithm) => {
                let covered = algorithm.covered(&DIGEST);
                let message = Message { covered: &covered, data: None };
                session.sign(*key, *algorithm, &message).map(drop)
            }
            Self::DecryptOaep(key, ciphertext) => session.decrypt_oaep(*key, ciphertext).map(drop),
            Self::DecryptRaw(key, ciphertext) => session.decrypt_raw_rsa(*key, ciphertext).map(drop),
            Self::Decapsulate(key, encapsulation) => {
                session.decapsulate(*key, encapsulation, &DIGEST).map(drop)
            }
            Self::EncryptAes(key, next) => {
                let mut nonce = [0; NONCE_LEN];
                nonce[4..].copy_from_slice(&next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                session.encrypt_gcm(*key, &mut nonce, &DIGEST, &[0; PLAINTEXT_LEN]).map(drop)
            }
            Self::DecryptAes(key, nonce, ciphertext) => {
                session.decrypt_gcm(*key, nonce, &DIGEST, ciphertext).map(drop)
            }
            Self::Random => session.token_random(RANDOM_LEN).map(drop),
            Self::Generate(algorithm) => {
                let key = generate(session, *algorithm)?;
                key.handles().into_iter().try_for_each(|handle| session.destroy(handle))
            }
        }
    }
}
