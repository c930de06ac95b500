//! Signatures: hashed in software where the token accepts a digest, signed by the simplest mechanism that the token
//! has. A message that is signed whole goes to the token as it is.

use std::ops::Deref;

use super::{
    error::Result,
    mechanism,
    session::{Handle, Session},
};
use crate::algorithm::{Hash, MAX_SIGNATURE_LEN, Mechanisms, SignatureAlgorithm};
use cryptoki::mechanism::{
    Mechanism, MechanismType,
    rsa::{PkcsMgfType, PkcsPssParams},
};

/// In bytes, of a message that is too long for one call.
const PART_LEN: usize = 64 * 1024;

/// What to sign.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The digest, or the message if the algorithm signs it whole.
    pub covered: &'a [u8],
    /// The message if available, for tokens that only hash and sign in one step.
    pub data: Option<&'a [u8]>,
}

impl Session {
    /// Signs. Returns an RSA signature as a block of the modulus' length, ECDSA as r‖s (PKCS#11, section 2.3.1).
    ///
    /// Which mechanism the token and the key (`CKA_ALLOWED_MECHANISMS`) accept is found by trying: first the one that
    /// takes a digest, then the one that hashes.
    pub fn sign(&self, key: Handle, algorithm: SignatureAlgorithm, message: &Message<'_>) -> Result<Vec<u8>> {
        let pss = algorithm.mechanisms().pss.map(pss_parameters);
        let (direct, hashing) = mechanisms(algorithm.mechanisms(), pss.as_ref())?;
        let sign = |mechanism, input: &[u8]| {
            self.library
                .sign(self.handle, (mechanism, key.0), input, MAX_SIGNATURE_LEN, || self.authorize(key))
        };
        let first = sign(&direct, &algorithm.direct_input(message.covered));
        let (data, signed) = match (hashing, message.data) {
            (None, _) => (message.covered, first),
            (Some(hashing), Some(data)) if matches!(first, Err(error) if error.lacks_mechanism()) => {
                (data, sign(&hashing, data))
            }
            (Some(_), _) => return first,
        };
        match signed {
            Err(error) if error.is_data_too_long(data.len()) => {
                let mut parts = SignatureInParts::begin(self, key, algorithm)?;
                // The part that the token refuses says more than the refusal of the whole.
                data.chunks(PART_LEN).try_for_each(|part| parts.update(part))?;
                parts.finish(message.covered)
            }
            other => other,
        }
    }

    /// HMAC-SHA-256 under a generic secret key: 32 bytes.
    pub fn hmac_sha256(&self, key: Handle, data: &[u8]) -> Result<Vec<u8>> {
        self.library.sign(self.handle, (&Mechanism::Sha256Hmac, key.0), data, 32, || Ok(()))
    }
}

/// A signature in progress. The session cannot do anything else in the meantime.
#[derive(Debug)]
pub struct SignatureInParts<S: Deref<Target = Session>> {
    session: S,
    algorithm: SignatureAlgorithm,
    takes_digest: bool,
    is_open: bool,
    /// tpm2-pkcs11 1.9 reads the parameters of `C_SignInit` at `C_Sign`.
    _pss: Option<Box<PkcsPssParams>>,
}

impl<S: Deref<Target = Session>> SignatureInParts<S> {
    /// Starts a signature over streamed data. Each part is passed to [`Self::update`], in case the token has to hash it or
    /// to sign it whole.
    pub fn begin(session: S, key: Handle, algorithm: SignatureAlgorithm) -> Result<Self> {
        let pss = algorithm.mechanisms().pss.map(pss_parameters).map(Box::new);
        let (direct, hashing) = mechanisms(algorithm.mechanisms(), pss.as_deref())?;
        let (library, handle) = (&session.library, session.handle);
        let takes_digest = match (library.sign_init(handle, &direct, key.0), hashing) {
            (Ok(()), hashing) => hashing.is_some(),
            (Err(error), Some(hashing)) if error.lacks_mechanism() => {
                library.sign_init(handle, &hashing, key.0)?;
                false
            }
            (Err(error), _) => return Err(error),
        };
        let begun = Self { session, algorithm, takes_digest, is_open: true, _pss: pss };
        begun.session.authorize(key)?;
        Ok(begun)
    }

    pub fn update(&mut self, part: &[u8]) -> Result<()> {
        if self.takes_digest {
            return Ok(());
        }
        let updated = self.session.library.sign_update(self.session.handle, part);
        // A call that fails ends the operation (PKCS#11, section 5.2).
        self.is_open = updated.is_ok();
        updated
    }

    /// The signature over all parts; `covered` is [`Message::covered`].
    pub fn finish(mut self, covered: &[u8]) -> Result<Vec<u8>> {
        self.is_open = false;
        let (library, session) = (&self.session.library, self.session.handle);
        if self.takes_digest {
            library.sign_now(session, &self.algorithm.direct_input(covered), MAX_SIGNATURE_LEN)
        } else {
            library.sign_final(session, MAX_SIGNATURE_LEN)
        }
    }
}

impl<S: Deref<Target = Session>> Drop for SignatureInParts<S> {
    fn drop(&mut self) {
        if self.is_open {
            // Completing the operation is the only way to free the session; the signature is discarded.
            let (library, session) = (&self.session.library, self.session.handle);
            let _ = if self.takes_digest {
                library.sign_now(session, &[0; 32], MAX_SIGNATURE_LEN)
            } else {
                library.sign_final(session, MAX_SIGNATURE_LEN)
            };
        }
    }
}

/// The mechanism that takes the digest or the whole message, and the one that hashes. `pss` are the parameters of both, for
/// RSASSA-PSS.
fn mechanisms(
    kinds: Mechanisms,
    pss: Option<&PkcsPssParams>,
) -> Result<(Mechanism<'_>, Option<Mechanism<'_>>)> {
    let hashing = kinds.hashing.map(|kind| mechanism::with(kind, pss)).transpose()?;
    Ok((mechanism::with(kinds.direct, pss)?, hashing))
}

/// MGF1 with the same hash, and a salt as long as the digest (RFC 7518, section 3.5).
fn pss_parameters(hash: Hash) -> PkcsPssParams {
    let (hash_alg, mgf) = match hash {
        Hash::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        Hash::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        Hash::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
    };
    PkcsPssParams { hash_alg, mgf, s_len: (hash.len() as u64).into() }
}
