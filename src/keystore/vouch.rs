//! Verifies that a public key belongs to the private key with the same CKA_ID.
//!
//! On most tokens anyone who can open a session can destroy and create public objects without a PIN (PKCS#11, section
//! 5.6.2). So a public object or a certificate is trusted only if something vouches for it that cannot be created
//! without the PIN: the key's record, the numbers in the private object, or a trial of the private key.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    binding::Binding,
    error::{Error, PUBLIC_HALF},
    key::{KeyVersion, Selected},
    probe,
    store::Keystore,
};
use crate::{
    algorithm::PublicKey,
    model::Fingerprint,
    token::{self, KeyObject},
};

/// What vouches for a public key, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voucher {
    /// Only a public object, which anyone may have created.
    Nothing,
    /// The caller gave its fingerprint.
    Caller,
    /// The private key signed or decrypted in this run, and the public key matched.
    Trial,
    /// The private object has the same numbers.
    PrivateObject,
    /// The key's record has its fingerprint.
    Record,
}

/// A public key, and what vouches for it.
#[derive(Debug, Clone)]
pub struct PublicHalf {
    pub key: PublicKey,
    pub voucher: Voucher,
}

/// Maximum number of public objects with one CKA_ID that are tried.
const MAX_CANDIDATES: usize = 16;
/// Random bytes in the message of a trial.
const TRIAL_LEN: usize = 16;

impl Keystore {
    /// The public half of the selected version. Fails if the public object is proven to belong to another key;
    /// [`Voucher::Nothing`] if nothing can be proven: before a login, or without a private half.
    pub fn public_half(&self, selected: &Selected) -> Result<PublicHalf> {
        let version = selected.version();
        let binding = selected.key.binding(version.version);
        let half = public_half_of(self, &selected.key.label, version, &binding).map_err(|error| {
            let is_missing =
                matches!(error.downcast_ref(), Some(Error::MissingObject { what: PUBLIC_HALF, .. }));
            if !is_missing || selected.key.current().version <= version.version {
                return error;
            }
            let (label, version) = (selected.key.label.clone(), version.version);
            Error::OlderHalfMissing { label, version }.into()
        })?;
        match self.expected() {
            Some(expected) if expected != half.fingerprint() => {
                let (label, version) = (selected.key.label.clone(), selected.version);
                Err(Error::OtherFingerprint { label, version, expected, found: half.fingerprint() }.into())
            }
            Some(_) => Ok(PublicHalf { voucher: half.voucher.max(Voucher::Caller), ..half }),
            None => Ok(half),
        }
    }

    /// The public key to verify signatures of the selected version with. May be unproven, since the signature itself is
    /// a proof. A replaced public object does not prevent signing if the record or the private object identifies the
    /// right public key.
    pub fn signing_key(&self, selected: &Selected) -> Result<PublicHalf> {
        let version = selected.version();
        if let Some(key) = version.guarded_numbers() {
            return Ok(PublicHalf { key, voucher: Voucher::PrivateObject });
        }
        let expected = selected.key.binding(version.version).spki_sha256;
        let candidates = candidates(&selected.key.label, version);
        match (expected, candidates.as_deref()) {
            (None, Ok([key])) => Ok(PublicHalf { key: key.clone(), voucher: Voucher::Nothing }),
            (None, _) => self.public_half(selected),
            (Some(expected), _) => self.public_half(selected).or_else(|error| {
                let binding = selected.key.binding(version.version);
                let known = recovered(self, version, &binding).filter(|key| key.fingerprint() == expected);
                Ok(PublicHalf { key: known.ok_or(error)?, voucher: Voucher::Record })
            }),
        }
    }
}

impl PublicHalf {
    /// Whether the proof suffices to encrypt to the key or to publish it.
    pub const fn is_proven(&self) -> bool {
        !matches!(self.voucher, Voucher::Nothing)
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.key.fingerprint())
    }
}

/// The distinct public keys with the CKA_ID of a private one. Fails if all of them are invalid: an
/// invalid public half does not belong to the private key either.
fn candidates(label: &str, version: &KeyVersion) -> Result<Vec<PublicKey>, Error> {
    let mut keys: Vec<PublicKey> = Vec::new();
    let mut bad = None;
    for object in version.public_objects() {
        match object.public_key() {
            Some(Ok(key)) if !keys.contains(&key) => keys.push(key),
            Some(Err(reason)) => bad = Some(reason),
            Some(Ok(_)) | None => {}
        }
    }
    for certificate in &version.certificates {
        // Certificates that cannot be parsed or have an unknown kind of key are skipped.
        if let Ok(key) = PublicKey::read(&certificate.value)
            && !keys.contains(&key)
        {
            keys.push(key);
        }
    }
    match bad {
        Some(reason) if keys.is_empty() => {
            Err(Error::BadPublicKey { label: label.to_owned(), version: version.version, reason })
        }
        _ => Ok(keys),
    }
}

fn mismatch(label: &str, version: &KeyVersion, expected: Option<Fingerprint>, found: &[PublicKey]) -> Error {
    let found: BTreeSet<_> = found.iter().map(|key| Fingerprint(key.fingerprint())).collect();
    let (label, version) = (label.to_owned(), version.version);
    Error::PublicKeyMismatch { label, version, expected, found: found.into_iter().collect() }
}

fn no_public_key(label: &str, version: &KeyVersion) -> Error {
    Error::MissingObject { label: label.to_owned(), version: version.version, what: PUBLIC_HALF }
}

pub(super) fn public_half_of(
    keystore: &Keystore,
    label: &str,
    version: &KeyVersion,
    binding: &Binding,
) -> Result<PublicHalf> {
    let candidates = candidates(label, version)?;
    let own = version.guarded_numbers();
    let (expected, voucher) = match (&binding.spki_sha256, &own) {
        (Some(recorded), _) => (Some(*recorded), Voucher::Record),
        (None, Some(own)) => (Some(own.fingerprint()), Voucher::PrivateObject),
        (None, None) => (None, Voucher::Nothing),
    };
    if let Some(expected) = expected {
        let fits = |key: &PublicKey| key.fingerprint() == expected;
        let own = || recovered(keystore, version, binding).filter(fits);
        let key =
            if candidates.is_empty() { own() } else { candidates.iter().find(|key| fits(key)).cloned() };
        return match key {
            Some(key) => Ok(PublicHalf { key, voucher }),
            None if candidates.is_empty() => Err(no_public_key(label, version).into()),
            None => Err(mismatch(label, version, Some(Fingerprint(expected)), &candidates).into()),
        };
    }
    let Some(first) = candidates.first() else {
        let own = recovered(keystore, version, binding).ok_or_else(|| no_public_key(label, version))?;
        return Ok(PublicHalf { key: own, voucher: Voucher::Trial });
    };
    let unproven = || Ok(PublicHalf { key: first.clone(), voucher: Voucher::Nothing });
    // Anyone can store a private key that is not CKA_PRIVATE, beside a public key that fits.
    let guarded = version.secret.as_deref().filter(|secret| secret.is_guarded());
    let Some(private) = guarded.filter(|_| keystore.session().sees_private()) else {
        return unproven();
    };
    for candidate in candidates.iter().take(MAX_CANDIDATES) {
        match fits(keystore, private, candidate)? {
            Some(true) => return Ok(PublicHalf { key: candidate.clone(), voucher: Voucher::Trial }),
            Some(false) => {}
            None => return unproven(),
        }
    }
    let expected = public_key_by_signatures(keystore, private).map(|key| Fingerprint(key.fingerprint()));
    Err(mismatch(label, version, expected, &candidates).into())
}

/// Whether a private and a public key belong together, by a signature or a decryption. `None` if neither can be tried:
/// the key may not be used, or only with mechanisms that kmsctl does not know.
pub(super) fn fits(keystore: &Keystore, private: &KeyObject, public: &PublicKey) -> Result<Option<bool>> {
    let known = (private.handle, public.fingerprint());
    if let Some(fits) = keystore.trials().get(&known) {
        return Ok(Some(*fits));
    }
    let (session, pair) = (keystore.session(), (private.handle, public));
    // A key that is restricted to some mechanisms may sign with another algorithm.
    let is_limited = !private.allowed_mechanisms.is_empty();
    let outcome = if private.usage.sign {
        let try_next = |error: &token::Error| is_limited && !error.is_lost_connection();
        probe::signature(session, pair, &trial_message(keystore)?, try_next)
    } else if private.usage.decrypt {
        probe::decryption(session, pair, &session.random(TRIAL_LEN)?).map(|(is_right, _)| Some(is_right))
    } else {
        Ok(None)
    };
    let is_lost = |error: &anyhow::Error| error.downcast_ref().is_some_and(token::Error::is_lost_connection);
    let fits = match outcome {
        Err(error) if is_lost(&error) => return Err(error),
        outcome => outcome.unwrap_or(None),
    };
    if let Some(fits) = fits {
        keystore.trials().insert(known, fits);
    }
    Ok(fits)
}

/// Random with a fixed prefix, so that a signature over it is useless for anything else.
fn trial_message(keystore: &Keystore) -> Result<Vec<u8>> {
    Ok([b"kmsctl tries a key: ".as_slice(), &keystore.session().random(TRIAL_LEN)?].concat())
}

/// The public key of a version without its public object: the numbers of the private object, what the record has, or what
/// signatures give. The caller compares it with what is expected.
pub(super) fn recovered(keystore: &Keystore, version: &KeyVersion, binding: &Binding) -> Option<PublicKey> {
    let by_signatures = || {
        let private = version.secret.as_deref().filter(|private| private.is_guarded())?;
        keystore.session().sees_private().then(|| public_key_by_signatures(keystore, private)).flatten()
    };
    version.guarded_numbers().or_else(|| binding.public_key()).or_else(by_signatures)
}

/// Recovers the public key of a private EC key from signatures: each one leaves a few possible keys (SEC 1, section
/// 4.1.6), and two leave one.
pub(super) fn public_key_by_signatures(keystore: &Keystore, private: &KeyObject) -> Option<PublicKey> {
    let algorithm = private.kind.default_signature().filter(|_| private.usage.sign)?;
    let candidates = || {
        let message = trial_message(keystore).ok()?;
        let made = probe::sign(keystore.session(), private.handle, algorithm, (&message, true)).ok()?;
        Some(private.kind.possible_signers(&made.covered, &made.signature))
    };
    let (first, second) = (candidates()?, candidates()?);
    let mut both = first.into_iter().filter(|key| second.contains(key));
    both.next().filter(|_| both.next().is_none())
}
