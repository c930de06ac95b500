//! Signing and verifying.

use std::{io::Read, sync::Arc};

use anyhow::{Context as _, Result};

use super::Error;
use crate::{
    encoding::{Hasher, PublicKey},
    keystore::{Keystore, Operation, Selected},
    model::{KeyKind, SignatureAlgorithm},
    public::{self, VerifyingKey},
    token::{Handle, Message, Session},
};

/// Input up to this size is kept beside its digest, in bytes, for tokens that only sign what they hashed themselves.
const KEPT: usize = 64 * 1024;

/// A digest, and the data it was made from where that is small.
#[derive(Debug, Clone)]
pub struct Digested {
    digest: Vec<u8>,
    data: Option<Vec<u8>>,
}

impl Digested {
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    fn message(&self) -> Message<'_> {
        Message { digest: &self.digest, data: self.data.as_deref() }
    }
}

/// Hashes a stream to its end, whatever the pieces it comes in.
pub fn digest_stream(algorithm: SignatureAlgorithm, mut input: impl Read) -> std::io::Result<Digested> {
    let mut hasher = Hasher::new(algorithm.hash());
    let mut data = Some(Vec::new());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        data = data.filter(|kept| kept.len() + count <= KEPT).map(|mut kept| {
            kept.extend_from_slice(&buffer[..count]);
            kept
        });
    }
    Ok(Digested { digest: hasher.finish(), data })
}

/// Hashes what is in memory.
pub fn digest_bytes(algorithm: SignatureAlgorithm, data: Vec<u8>) -> Digested {
    let digest = Hasher::digest(algorithm.hash(), &data);
    Digested { digest, data: Some(data).filter(|data| data.len() <= KEPT) }
}

/// Takes a digest that was made elsewhere; its length must be exact.
pub fn given_digest(algorithm: SignatureAlgorithm, digest: Vec<u8>) -> Result<Digested, Error> {
    if digest.len() == algorithm.hash().len() {
        Ok(Digested { digest, data: None })
    } else {
        Err(Error::DigestLength { algorithm, length: digest.len() })
    }
}

/// The algorithm asked for if it goes with the key, else the key's default.
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

/// A key made ready to sign: its state is checked, and its public half ready to verify what comes out.
#[derive(Debug)]
pub struct Signer {
    selected: Selected,
    private: Handle,
    public: PublicKey,
    verifying: VerifyingKey,
}

/// A signature that nobody may see yet.
#[derive(Debug)]
#[must_use]
pub struct Unverified {
    signer: Arc<Signer>,
    algorithm: SignatureAlgorithm,
    digest: Vec<u8>,
    signature: Vec<u8>,
}

impl Signer {
    pub fn new(selected: &Selected) -> Result<Self> {
        let private = selected.secret_for(Operation::Sign)?.handle;
        let public = public_key(selected)?;
        let verifying = VerifyingKey::new(&public);
        Ok(Self { selected: selected.clone(), private, public, verifying })
    }

    pub fn selected(&self) -> &Selected {
        &self.selected
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The part that needs the token. ECDSA signatures are r ‖ s.
    pub fn sign(
        self: &Arc<Self>,
        session: &Session,
        algorithm: SignatureAlgorithm,
        input: Digested,
    ) -> Result<Unverified> {
        let signature = session.sign(self.private, algorithm, &input.message()).with_context(|| {
            format!("the token cannot sign with key {:?} by {algorithm}", self.selected.key.label)
        })?;
        Ok(Unverified { signer: Arc::clone(self), algorithm, digest: input.digest, signature })
    }
}

impl Unverified {
    /// The signature, if it verifies with the public key. Needs no token, so another thread can do it.
    pub fn verified(self) -> Result<Vec<u8>> {
        if self.signer.verifying.verify(self.algorithm, &self.digest, &self.signature)? {
            Ok(self.signature)
        } else {
            Err(Error::WrongSignature { label: self.signer.selected.key.label.clone() }.into())
        }
    }
}

/// Signs, and verifies the signature with the public key before anyone sees it. ECDSA signatures are r ‖ s.
pub fn sign(
    keystore: &Keystore,
    selected: &Selected,
    algorithm: SignatureAlgorithm,
    input: Digested,
) -> Result<Vec<u8>> {
    Arc::new(Signer::new(selected)?).sign(keystore.session(), algorithm, input)?.verified()
}

/// The version under which a signature is good: the one that was named, else any enabled one, the newest first.
pub fn verify(
    selected: &Selected,
    any_version: bool,
    algorithm: SignatureAlgorithm,
    input: &Digested,
    signature: &[u8],
) -> Result<Option<Selected>> {
    if !any_version {
        selected.allow(Operation::Verify)?;
        let valid = public::verify(&public_key(selected)?, algorithm, &input.digest, signature)?;
        return Ok(valid.then(|| selected.clone()));
    }
    selected.key.allow(Operation::Verify)?;
    for version in selected.key.versions.iter().rev() {
        let selected = Selected { version: version.version, ..selected.clone() };
        if selected.allow(Operation::Verify).is_ok()
            && public::verify(&public_key(&selected)?, algorithm, &input.digest, signature)?
        {
            return Ok(Some(selected));
        }
    }
    Ok(None)
}

/// The public key of the selected version, checked.
pub fn public_key(selected: &Selected) -> Result<PublicKey, Error> {
    let label = || selected.key.label.clone();
    if selected.key.kind().is_some_and(KeyKind::is_secret) {
        return Err(Error::SecretKey { label: label() });
    }
    match selected.version().public_numbers().and_then(crate::token::KeyObject::public_key) {
        Some(Ok(key)) => Ok(key),
        Some(Err(reason)) => Err(Error::NoPublicKey { label: label(), reason: Some(reason) }),
        None => Err(Error::NoPublicKey { label: label(), reason: None }),
    }
}
