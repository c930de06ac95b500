//! Signing.

use std::{io::Read, sync::Arc};

use anyhow::{Context as _, Result};

use super::Error;
use crate::{
    algorithm::{Hash, Hasher, KeyKind, MAX_WHOLE_MESSAGE, PublicKey, SignatureAlgorithm},
    encoding::SignatureForm,
    keystore::{self, Key, Keystore, Operation, PublicHalf, Selected},
    public::VerifyingKey,
    token::{Handle, Message, Session},
};

/// Input up to this size, in bytes, is kept beside its digest, for tokens that hash what they sign. Longer input is sent to
/// such tokens in parts, as it is read.
const MAX_KEPT_INPUT: usize = 64 * 1024;

/// What is signed or verified: a digest, with its message if that is small, or a message that is signed whole.
#[derive(Debug, Clone)]
pub struct Signable {
    covered: Vec<u8>,
    data: Option<Vec<u8>>,
}

impl Signable {
    /// The digest, or the message that is signed whole.
    pub fn covered(&self) -> &[u8] {
        &self.covered
    }

    fn message(&self) -> Message<'_> {
        Message { covered: &self.covered, data: self.data.as_deref() }
    }
}

/// Reads a message to its end, and hashes it if the algorithm signs a digest.
pub fn read_signable(algorithm: SignatureAlgorithm, mut input: impl Read) -> Result<Signable> {
    let Some(hash) = algorithm.hash() else {
        let mut covered = Vec::new();
        input.take(MAX_WHOLE_MESSAGE as u64 + 1).read_to_end(&mut covered)?;
        return signable(algorithm, covered);
    };
    let mut hasher = Hasher::new(hash);
    let mut data = Some(Vec::new());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        hasher.update(&buffer[..count]);
        data = data.filter(|kept| kept.len() + count <= MAX_KEPT_INPUT).map(|mut kept| {
            kept.extend_from_slice(&buffer[..count]);
            kept
        });
    }
    Ok(Signable { covered: hasher.finish(), data })
}

/// [`read_signable`] for a message in memory.
pub fn signable(algorithm: SignatureAlgorithm, message: Vec<u8>) -> Result<Signable> {
    match algorithm.hash() {
        Some(hash) => Ok(Signable { covered: Hasher::digest(hash, &message), data: Some(message) }),
        None if message.len() > MAX_WHOLE_MESSAGE => Err(Error::MessageTooLong { algorithm }.into()),
        None => Ok(Signable { covered: message, data: None }),
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
        Ok(Signable { covered: digest, data: None })
    } else {
        Err(Error::DigestLength { hash, algorithm, length: digest.len() })
    }
}

/// The requested form of signatures by this algorithm, or the default. Fails if they have one form only.
pub fn signature_form(
    algorithm: SignatureAlgorithm,
    asked: Option<SignatureForm>,
) -> Result<SignatureForm, Error> {
    match asked {
        Some(_) if algorithm.p1363_len().is_none() => Err(Error::NoForms { algorithm }),
        asked => Ok(asked.unwrap_or_default()),
    }
}

/// The requested algorithm if it fits the key, or the key's default.
pub fn choose_algorithm(
    kind: Option<KeyKind>,
    asked: Option<SignatureAlgorithm>,
) -> Result<SignatureAlgorithm, Error> {
    let chosen = match (asked, kind) {
        (Some(asked), Some(kind)) => asked.fits(kind).then_some(asked),
        (None, Some(kind)) => kind.default_signature(),
        (_, None) => None,
    };
    chosen.ok_or_else(|| {
        let valid =
            SignatureAlgorithm::ALL.into_iter().filter(|valid| kind.is_some_and(|kind| valid.fits(kind)));
        Error::Algorithm { asked, kind, valid: valid.collect() }
    })
}

/// The requested algorithm if it fits the key, or the one fixed for the key.
pub fn signing_algorithm(key: &Key, asked: Option<SignatureAlgorithm>) -> Result<SignatureAlgorithm, Error> {
    choose_algorithm(key.kind(), asked.or_else(|| key.signature_algorithm()))
}

/// The same for JWTs, which a key signs by one algorithm alone (RFC 8725, section 3.1).
pub fn fixed_algorithm(key: &Key, asked: Option<SignatureAlgorithm>) -> Result<SignatureAlgorithm, Error> {
    let (asked, fixed) = (signing_algorithm(key, asked)?, signing_algorithm(key, None)?);
    if asked == fixed {
        return Ok(fixed);
    }
    Err(Error::OtherAlgorithm { label: key.label.clone(), asked, fixed })
}

/// A key ready to sign: its state was checked, and its public half, if it has one, is ready to verify the signatures.
#[derive(Debug)]
pub struct Signer {
    selected: Selected,
    private: Handle,
    /// `None` for an HMAC key.
    public: Option<(PublicHalf, VerifyingKey)>,
}

/// A signature that has not been verified and must not be shown.
#[derive(Debug)]
#[must_use]
pub struct Unverified {
    signer: Arc<Signer>,
    algorithm: SignatureAlgorithm,
    covered: Vec<u8>,
    signature: Vec<u8>,
}

impl Signer {
    pub fn new(keystore: &Keystore, selected: &Selected) -> Result<Self> {
        let private = keystore.secret_for(selected, Operation::Sign)?;
        let half = if private.kind.is_mac() { None } else { Some(signing_key(keystore, selected)?) };
        let public = half.map(|half| {
            let verifying = VerifyingKey::new(&half.key);
            (half, verifying)
        });
        Ok(Self { selected: selected.clone(), private: private.handle, public })
    }

    /// If nothing else vouched for the public key, blame it rather than the signature.
    fn wrong_signature(&self) -> anyhow::Error {
        let label = self.selected.key.label.clone();
        let Some((half, _)) = self.public.as_ref().filter(|(half, _)| !half.is_proven()) else {
            return Error::WrongSignature { label }.into();
        };
        let found = vec![half.fingerprint()];
        let version = self.selected.version;
        keystore::Error::PublicKeyMismatch { label, version, expected: None, found }.into()
    }

    pub fn selected(&self) -> &Selected {
        &self.selected
    }

    /// `None` for an HMAC key.
    pub fn public(&self) -> Option<&PublicKey> {
        self.public.as_ref().map(|(half, _)| &half.key)
    }

    /// The part that needs the token. ECDSA signatures are r ‖ s. A MAC is computed twice, since nothing else can verify it.
    pub fn sign(
        self: &Arc<Self>,
        session: &Session,
        algorithm: SignatureAlgorithm,
        input: Signable,
    ) -> Result<Unverified> {
        let length = input.covered.len();
        let signed = session.sign(self.private, algorithm, &input.message());
        let signature = match signed {
            Err(error) if algorithm.hash().is_none() && error.is_data_too_long(length) => {
                return Err(Error::TokenMessageTooLong { algorithm, length }.into());
            }
            signed => signed.with_context(|| self.cannot_sign(algorithm))?,
        };
        if self.public.is_none() && session.sign(self.private, algorithm, &input.message())? != signature {
            return Err(self.wrong_signature());
        }
        Ok(Unverified { signer: Arc::clone(self), algorithm, covered: input.covered, signature })
    }

    fn cannot_sign(&self, algorithm: SignatureAlgorithm) -> String {
        format!("the token cannot sign with key {:?} by {algorithm}", self.selected.key.label)
    }

    /// The signature is begun before the input is read to its end: only then is it known whether the token needs the data.
    fn sign_in_parts(
        self: &Arc<Self>,
        session: &Session,
        (algorithm, hash): (SignatureAlgorithm, Hash),
        head: Vec<u8>,
        mut rest: impl Read,
    ) -> Result<Unverified> {
        let failed = || self.cannot_sign(algorithm);
        let mut parts = session.begin_signature(self.private, algorithm).with_context(failed)?;
        let mut hasher = Hasher::new(hash);
        let mut part = head;
        loop {
            hasher.update(&part);
            parts.update(&part).with_context(failed)?;
            part.clear();
            if rest.by_ref().take(MAX_KEPT_INPUT as u64).read_to_end(&mut part)? == 0 {
                break;
            }
        }
        let covered = hasher.finish();
        let signature = parts.finish(&covered).with_context(failed)?;
        Ok(Unverified { signer: Arc::clone(self), algorithm, covered, signature })
    }
}

impl Unverified {
    /// The signature, if it verifies with the public key. Needs no token, so another thread can do it.
    pub fn verified(self) -> Result<Vec<u8>> {
        match &self.signer.public {
            Some((_, verifying)) if !verifying.verify(self.algorithm, &self.covered, &self.signature)? => {
                Err(self.signer.wrong_signature())
            }
            _ => Ok(self.signature),
        }
    }
}

/// Signs, and verifies the signature with the public key before anyone sees it. ECDSA signatures are r ‖ s.
pub fn sign(
    keystore: &Keystore,
    selected: &Selected,
    algorithm: SignatureAlgorithm,
    input: Signable,
) -> Result<Vec<u8>> {
    Arc::new(Signer::new(keystore, selected)?).sign(keystore.session(), algorithm, input)?.verified()
}

/// The same for a stream: of any length, unless the algorithm signs the message whole.
pub fn sign_stream(
    keystore: &Keystore,
    selected: &Selected,
    algorithm: SignatureAlgorithm,
    mut input: impl Read,
) -> Result<Vec<u8>> {
    let Some(hash) = algorithm.hash() else {
        return sign(keystore, selected, algorithm, read_signable(algorithm, input)?);
    };
    let mut head = Vec::new();
    input.by_ref().take(MAX_KEPT_INPUT as u64 + 1).read_to_end(&mut head)?;
    if head.len() <= MAX_KEPT_INPUT {
        return sign(keystore, selected, algorithm, signable(algorithm, head)?);
    }
    let signer = Arc::new(Signer::new(keystore, selected)?);
    signer.sign_in_parts(keystore.session(), (algorithm, hash), head, input)?.verified()
}

/// The public key that signatures of the selected version are checked against.
pub(super) fn signing_key(keystore: &Keystore, selected: &Selected) -> Result<PublicHalf> {
    if selected.key.kind().is_some_and(KeyKind::is_secret) {
        return Err(Error::SecretKey { label: selected.key.label.clone() }.into());
    }
    keystore.signing_key(selected)
}

/// The public key of the selected version, and what vouches for it.
pub fn public_half(keystore: &Keystore, selected: &Selected) -> Result<PublicHalf> {
    if selected.key.kind().is_some_and(KeyKind::is_secret) {
        return Err(Error::SecretKey { label: selected.key.label.clone() }.into());
    }
    keystore.public_half(selected)
}

/// The same for what is published or encrypted to: it must be proven whose key it is.
pub fn public_key(keystore: &Keystore, selected: &Selected) -> Result<PublicKey> {
    let half = public_half(keystore, selected)?;
    if half.is_proven() {
        return Ok(half.key);
    }
    Err(unproven(selected, &half))
}

pub(super) fn unproven(selected: &Selected, half: &PublicHalf) -> anyhow::Error {
    let (label, version) = (selected.key.label.clone(), selected.version);
    keystore::Error::PublicKeyUnproven { label, version, found: half.fingerprint() }.into()
}
