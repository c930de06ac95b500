//! Secrets in memory, where PINs come from, and what keeps both out of other processes.

mod fault;
mod passphrase;
mod pin;
mod process;
mod prompt;
mod role;
mod source;
pub mod streams;
mod terminal;

use std::{fmt, hint::black_box, io, mem};

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

pub use fault::Fault;
pub use passphrase::{PassphraseError, PassphraseSource};
pub use pin::{LeftPin, Pin, PinError};
pub use process::{command, harden};
pub use prompt::Prompt;
pub use role::Role;
pub use source::{PinSource, open_secret, readable_by_others};

/// Keeps the pages of a short secret out of swap until the process ends, if the system allows it: other secrets may share
/// the page.
fn keep_in_memory(bytes: &[u8]) {
    if let Ok(guard) = region::lock(bytes.as_ptr(), bytes.len()) {
        mem::forget(guard);
    }
}

/// Overwrites the part of the stack that deeper calls have used. Called after a login: kryoptic 1.5 left seven copies of the
/// PIN in its stack frames.
#[inline(never)]
#[allow(clippy::large_stack_arrays, reason = "the stack is what is to be overwritten")]
pub fn wipe_stack() {
    // Words, for each is written alone.
    let mut used = [0_u64; 16 * 1024];
    used.zeroize();
    black_box(&used);
}

/// Bytes that are wiped when they are dropped and never shown by `Debug`.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both hold the same bytes, in a time that depends on the lengths only.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Reads to the end without leaving copies in reallocated memory. Short secrets such as PINs are kept
    /// out of swap. More than `limit` bytes is an error of kind `FileTooLarge`.
    pub fn read(mut reader: impl io::Read, limit: usize) -> io::Result<Self> {
        const SHORT: usize = 4096;
        let mut buffer = Zeroizing::new(vec![0; limit.saturating_add(1).min(SHORT)]);
        if limit < SHORT {
            keep_in_memory(&buffer);
        }
        let mut filled = 0;
        loop {
            if filled > limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            if filled == buffer.len() {
                let mut larger = Zeroizing::new(vec![0; (2 * filled).min(limit.saturating_add(1))]);
                larger[..filled].copy_from_slice(&buffer);
                buffer = larger;
            }
            match reader.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // Zeroizing wipes the whole capacity, including the unused end.
        buffer.truncate(filled);
        Ok(Self(buffer))
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow pipe does.
    struct Trickle<'a>(&'a [u8]);

    impl io::Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn reads_to_the_end_in_pieces_of_any_size() {
        let data: Vec<u8> = (0..10_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let secret = Secret::read(Trickle(&data), usize::MAX).expect("readable");
        assert_eq!(secret.expose(), data);
        assert_eq!(Secret::read(&data[..], data.len()).expect("at the limit").len(), data.len());
    }

    #[test]
    fn one_byte_above_the_limit_is_refused() {
        let error = Secret::read(&[0; 9][..], 8).expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2".to_vec())), "Secret(…)");
    }

    #[test]
    fn comparison_is_of_bytes() {
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
        assert!(secret("abc").matches(&secret("abc")));
        assert!(!secret("abc").matches(&secret("abd")));
        assert!(!secret("abc").matches(&secret("ab")));
    }
}
