//! The input of signatures: data, or a digest computed elsewhere.

use std::io::{self, Read};

use anyhow::Result;

use super::context::{Context, reading};
use crate::{
    algorithm::{Hash, Hasher, SignatureAlgorithm},
    encoding::decode_any,
    io::{Input, StdinGuard},
    operation::{Judge, Signable, digest_hash, given_digest, read_signed},
};

/// The longest file that is read as a digest, in bytes.
const MAX_DIGEST_FILE: usize = 1024;

/// Data read to its end.
pub(super) struct Data {
    pub(super) signed: Signable,
    /// `None` if a digest by another hash was given instead of the data.
    pub(super) sha256: Option<Vec<u8>>,
}

/// Reads the data of a signature, which `judges` verify.
pub(super) fn read(
    context: &Context,
    (algorithm, signature): (SignatureAlgorithm, &[u8]),
    input: &Input,
    is_digest: bool,
    judges: impl FnOnce() -> Result<Vec<Judge>>,
) -> Result<Data> {
    if is_digest {
        let signed = read_digest(&context.stdin, algorithm, input)?;
        let sha256 = (algorithm.hash() == Some(Hash::Sha256)).then(|| signed.covered().to_vec());
        return Ok(Data { signed, sha256 });
    }
    let input = input.open(&context.stdin, "the input")?;
    // Safe even if the output is a terminal: the line is erased before the result is printed.
    let _progress = reading(&context.ui, "reading", &input.meter(), None);
    if algorithm.hash() == Some(Hash::Sha256) {
        let signed = read_signed(algorithm, input, signature, judges)?;
        return Ok(Data { sha256: Some(signed.covered().to_vec()), signed });
    }
    let mut hashed = Sha256Reader::new(input);
    let signed = read_signed(algorithm, &mut hashed, signature, judges)?;
    Ok(Data { signed, sha256: Some(hashed.finish()) })
}

pub(super) fn read_digest(
    stdin: &StdinGuard,
    algorithm: SignatureAlgorithm,
    input: &Input,
) -> Result<Signable> {
    let length = digest_hash(algorithm)?.len();
    let given = input.read(stdin, "the digest", MAX_DIGEST_FILE)?;
    // Undecodable input is kept as raw bytes; `given_digest` checks its length.
    let digest = decode_any(&given, "the digest", |bytes| bytes.len() == length).unwrap_or(given);
    Ok(given_digest(algorithm, digest)?)
}

/// Computes the SHA-256 of a stream while passing it through.
pub(super) struct Sha256Reader<R> {
    source: R,
    hasher: Hasher,
}

impl<R> Sha256Reader<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, hasher: Hasher::new(Hash::Sha256) }
    }

    /// The digest of everything read so far.
    pub(super) fn finish(self) -> Vec<u8> {
        self.hasher.finish()
    }
}

impl<R: Read> Read for Sha256Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}
