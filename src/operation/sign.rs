//! Signing.

use std::{io::Read, sync::Arc};

use anyhow::{Context as _, Result};

use super::{
    Error, Signable,
    signable::{MAX_KEPT_INPUT, each_part, read_part, signable},
    whole::Check,
};
use crate::{
    algorithm::{Hash, Hasher, KeyKind, PublicKey, SignatureAlgorithm},
    encoding::SignatureForm,
    keystore::{self, Key, Keystore, Operation, PublicHalf, Selected},
    public::VerifyingKey,
    token::{self, Handle, Session, SignatureInParts},
};

/// The longest message that is signed whole in one call, in bytes.
const MAX_WHOLE_MESSAGE: usize = 64 * 1024 * 1024;

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
        let length = input.covered().len();
        let signature = session
            .sign(self.private, algorithm, &input.message())
            .map_err(|error| self.refused(error, algorithm, length))?;
        if self.public.is_none() && session.sign(self.private, algorithm, &input.message())? != signature {
            return Err(self.wrong_signature());
        }
        Ok(Unverified { signer: Arc::clone(self), algorithm, covered: input.into_covered(), signature })
    }

    fn cannot_sign(&self, algorithm: SignatureAlgorithm) -> String {
        format!("the token cannot sign with key {:?} by {algorithm}", self.selected.key.label)
    }

    /// The signature is begun before the input is read to its end: only then is it known whether the token needs the data.
    fn sign_in_parts(
        self: &Arc<Self>,
        session: &Session,
        (algorithm, hash): (SignatureAlgorithm, Hash),
        input: impl Read,
    ) -> Result<Unverified> {
        let failed = || self.cannot_sign(algorithm);
        let mut parts = SignatureInParts::begin(session, self.private, algorithm).with_context(failed)?;
        let mut hasher = Hasher::new(hash);
        each_part(input, |part| {
            hasher.update(part);
            parts.update(part).with_context(failed)
        })?;
        let covered = hasher.finish();
        let signature = parts.finish(&covered).with_context(failed)?;
        Ok(Unverified { signer: Arc::clone(self), algorithm, covered, signature })
    }

    /// The same for a message that is signed whole; returns the verified signature. A token that takes such messages in one
    /// call only gets it from memory.
    fn sign_whole(
        self: &Arc<Self>,
        session: &Session,
        algorithm: SignatureAlgorithm,
        mut head: Vec<u8>,
        rest: impl Read,
    ) -> Result<Vec<u8>> {
        // A MAC is computed twice at the same time.
        let second = self.public.is_none().then(|| session.sibling());
        let mut parts = SignatureInParts::begin(session, self.private, algorithm)
            .with_context(|| self.cannot_sign(algorithm))?;
        let mut length = head.len();
        match parts.update(&head) {
            Ok(()) if !matches!(second, Some(Err(_))) => {}
            Err(error) if !error.refuses_parts() => return Err(self.refused(error, algorithm, length)),
            _ => {
                drop(parts);
                head.extend(read_part(rest, MAX_WHOLE_MESSAGE + 1 - length)?);
                if head.len() > MAX_WHOLE_MESSAGE {
                    return Err(Error::MessageTooLong { algorithm, limit: MAX_WHOLE_MESSAGE }.into());
                }
                return self.sign(session, algorithm, signable(algorithm, head))?.verified();
            }
        }
        let mut check = match (&self.public, &second) {
            (None, Some(Ok(second))) => Check::Mac(SignatureInParts::begin(second, self.private, algorithm)?),
            (Some((_, key)), _) => Check::of_new(key, algorithm)?,
            _ => return Err(self.wrong_signature()),
        };
        check.update(&head)?;
        each_part(rest, |part| {
            length += part.len();
            parts.update(part).map_err(|error| self.refused(error, algorithm, length))?;
            check.update(part)
        })?;
        let signature = parts.finish(&[]).map_err(|error| self.refused(error, algorithm, length))?;
        let key = self.public.as_ref().map(|(_, key)| key);
        if check.accepts(key, algorithm, &signature)? { Ok(signature) } else { Err(self.wrong_signature()) }
    }

    /// The error for data of this length that the token does not sign.
    fn refused(&self, error: token::Error, algorithm: SignatureAlgorithm, length: usize) -> anyhow::Error {
        if algorithm.hash().is_none() && error.is_data_too_long(length) {
            return Error::TokenMessageTooLong { algorithm, length }.into();
        }
        anyhow::Error::new(error).context(self.cannot_sign(algorithm))
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

/// The same for a stream, as long as the token accepts.
pub fn sign_stream(
    keystore: &Keystore,
    selected: &Selected,
    algorithm: SignatureAlgorithm,
    mut input: impl Read,
) -> Result<Vec<u8>> {
    let head = read_part(&mut input, MAX_KEPT_INPUT + 1)?;
    if head.len() <= MAX_KEPT_INPUT {
        return sign(keystore, selected, algorithm, signable(algorithm, head));
    }
    let signer = Arc::new(Signer::new(keystore, selected)?);
    match algorithm.hash() {
        Some(hash) => {
            let input = head.as_slice().chain(input);
            signer.sign_in_parts(keystore.session(), (algorithm, hash), input)?.verified()
        }
        None => signer.sign_whole(keystore.session(), algorithm, head, input),
    }
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
