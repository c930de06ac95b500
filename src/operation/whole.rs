//! Checking the signature of a message that is signed whole and too long to keep, as the message is read.

use std::{
    io::{Read, Seek, Write},
    ops::Deref,
    sync::{MutexGuard, PoisonError},
};

use anyhow::{Context as _, Result};
use subtle::ConstantTimeEq;
use tempfile::SpooledTempFile;

use super::{
    Judge, Signable,
    signable::{MAX_KEPT_INPUT, each_part, read_part, signable},
};
use crate::{
    algorithm::{Hasher, SignatureAlgorithm, WholeMessage},
    public::VerifyingKey,
    token::{Session, SignatureInParts},
};

/// What a key takes from a message to check its signature.
#[derive(Debug)]
pub(super) enum Check<S: Deref<Target = Session>> {
    Public(WholeMessage),
    /// The token computes the MAC.
    Mac(SignatureInParts<S>),
    /// The message, for an algorithm that needs the signature first: in memory, or in a file without a name.
    Kept(SpooledTempFile),
}

impl<S: Deref<Target = Session>> Check<S> {
    /// For a signature that is being made.
    pub(super) fn of_new(key: &VerifyingKey, algorithm: SignatureAlgorithm) -> Result<Self> {
        /// In bytes; longer messages go to the file.
        const MAX_IN_MEMORY: usize = 1 << 20;
        let message = key.whole_message(algorithm, None)?;
        Ok(message.map_or_else(|| Self::Kept(SpooledTempFile::new(MAX_IN_MEMORY)), Self::Public))
    }

    pub(super) fn update(&mut self, part: &[u8]) -> Result<()> {
        match self {
            Self::Public(message) => message.update(part),
            Self::Mac(parts) => parts.update(part)?,
            Self::Kept(file) => {
                file.write_all(part).context("cannot keep the data to verify the signature")?;
            }
        }
        Ok(())
    }

    /// Whether this is the signature of what was read. `key` is `None` for a MAC.
    pub(super) fn accepts(
        self,
        key: Option<&VerifyingKey>,
        algorithm: SignatureAlgorithm,
        signature: &[u8],
    ) -> Result<bool> {
        let verifies = |message| key.is_some_and(|key| key.verifies(message, signature));
        match self {
            Self::Public(message) => Ok(verifies(message)),
            Self::Mac(parts) => Ok(parts.finish(&[])?.ct_eq(signature).into()),
            Self::Kept(mut file) => {
                let begun = key.map(|key| key.whole_message(algorithm, Some(signature))).transpose()?;
                let Some(mut message) = begun.flatten() else { return Ok(false) };
                file.rewind()?;
                each_part(file, |part| {
                    message.update(part);
                    Ok(())
                })?;
                Ok(verifies(message))
            }
        }
    }
}

/// Reads a message to its end, to verify its signature. Of a message that is signed whole and too long to keep, each of the
/// keys from `judges` takes what it needs as it is read.
pub fn read_signed(
    algorithm: SignatureAlgorithm,
    mut input: impl Read,
    signature: &[u8],
    judges: impl FnOnce() -> Result<Vec<Judge>>,
) -> Result<Signable> {
    let head = read_part(&mut input, MAX_KEPT_INPUT + 1)?;
    if head.len() <= MAX_KEPT_INPUT {
        return Ok(signable(algorithm, head));
    }
    let Some(hash) = algorithm.hash() else {
        return Ok(Signable::accepted_by(accepting(
            &judges()?,
            (algorithm, signature),
            head.as_slice().chain(input),
        )?));
    };
    let mut hasher = Hasher::new(hash);
    each_part(head.as_slice().chain(input), |part| {
        hasher.update(part);
        Ok(())
    })?;
    Ok(Signable::digest(hasher.finish()))
}

/// The keys that accept the signature of a message, which is read to its end.
fn accepting(
    judges: &[Judge],
    (algorithm, signature): (SignatureAlgorithm, &[u8]),
    input: impl Read,
) -> Result<Vec<Judge>> {
    let mut checks = Vec::new();
    for judge in judges {
        checks.push(match judge {
            Judge::Public(key) => {
                let key = VerifyingKey::new(key);
                let message = key.whole_message(algorithm, Some(signature))?;
                message.map(|message| (Check::Public(message), Some(key)))
            }
            Judge::Mac(mac) if algorithm.fits(mac.kind) => {
                let session: MutexGuard<'_, Session> =
                    mac.session.lock().unwrap_or_else(PoisonError::into_inner);
                Some((Check::Mac(SignatureInParts::begin(session, mac.key, algorithm)?), None))
            }
            Judge::Mac(_) => None,
        });
    }
    each_part(input, |part| checks.iter_mut().flatten().try_for_each(|(check, _)| check.update(part)))?;
    let mut accepting = Vec::new();
    for (judge, check) in judges.iter().zip(checks) {
        if let Some((check, key)) = check
            && check.accepts(key.as_ref(), algorithm, signature)?
        {
            accepting.push(judge.clone());
        }
    }
    Ok(accepting)
}
