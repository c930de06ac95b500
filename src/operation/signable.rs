//! What is signed of a message: its digest, or the message itself.

use std::io::Read;

use anyhow::Result;

use super::{Error, Judge};
use crate::{
    algorithm::{Hash, Hasher, SignatureAlgorithm},
    token::Message,
};

/// Input up to this size, in bytes, is kept beside its digest, for tokens that hash what they sign. Longer input is sent to
/// such tokens in parts, as it is read.
pub(super) const MAX_KEPT_INPUT: usize = 64 * 1024;

/// What is signed or verified of a message.
#[derive(Debug, Clone)]
pub struct Signable {
    covered: Vec<u8>,
    data: Option<Vec<u8>>,
    /// Of a message that is signed whole and too long to keep: the keys that accepted the signature as it was read.
    accepting: Option<Vec<Judge>>,
}

impl Signable {
    /// The digest, or the message that is signed whole.
    pub fn covered(&self) -> &[u8] {
        &self.covered
    }

    pub(super) fn into_covered(self) -> Vec<u8> {
        self.covered
    }

    /// Whether the signature is valid under this key.
    pub fn is_signed_by(&self, key: &Judge, algorithm: SignatureAlgorithm, signature: &[u8]) -> Result<bool> {
        match &self.accepting {
            Some(accepting) => Ok(accepting.iter().any(|accepting| accepting.is(key))),
            None => key.verify(algorithm, &self.covered, signature),
        }
    }

    pub(super) const fn digest(digest: Vec<u8>) -> Self {
        Self { covered: digest, data: None, accepting: None }
    }

    pub(super) const fn accepted_by(accepting: Vec<Judge>) -> Self {
        Self { covered: Vec::new(), data: None, accepting: Some(accepting) }
    }

    pub(super) fn message(&self) -> Message<'_> {
        Message { covered: &self.covered, data: self.data.as_deref() }
    }
}

/// The next part of the input, at most this many bytes.
pub(super) fn read_part(input: impl Read, limit: usize) -> Result<Vec<u8>> {
    let mut part = Vec::new();
    input.take(limit as u64).read_to_end(&mut part)?;
    Ok(part)
}

/// Calls `take` with each part of the input, to its end.
pub(super) fn each_part(mut input: impl Read, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut part = Vec::new();
    while input.by_ref().take(MAX_KEPT_INPUT as u64).read_to_end(&mut part)? > 0 {
        take(&part)?;
        part.clear();
    }
    Ok(())
}

/// A message in memory.
pub fn signable(algorithm: SignatureAlgorithm, message: Vec<u8>) -> Signable {
    match algorithm.hash() {
        Some(hash) => {
            Signable { covered: Hasher::digest(hash, &message), data: Some(message), accepting: None }
        }
        None => Signable { covered: message, data: None, accepting: None },
    }
}

/// The hash of a digest that is given in place of its message. Fails if the algorithm signs no digest.
pub fn digest_hash(algorithm: SignatureAlgorithm) -> Result<Hash, Error> {
    algorithm.hash().ok_or(Error::NoDigest { algorithm })
}

/// Takes a digest computed elsewhere; its length must be exact.
pub fn given_digest(algorithm: SignatureAlgorithm, digest: Vec<u8>) -> Result<Signable, Error> {
    let hash = digest_hash(algorithm)?;
    if digest.len() == hash.len() {
        Ok(Signable::digest(digest))
    } else {
        Err(Error::DigestLength { hash, algorithm, length: digest.len() })
    }
}
