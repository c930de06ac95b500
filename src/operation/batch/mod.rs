//! Many operations with one login. Each worker has its session; what is known of keys is shared.

mod keys;
mod link;
mod request;
mod result;
mod seal;

use std::{fmt, sync::Arc};

use anyhow::Result;
use data_encoding::BASE64;

pub use link::{Link, Reconnect};
pub use request::{JwtRequest, MAX_REQUEST, Message, Request, RequestError, reference};
pub use result::BatchResult;

use keys::KeyCache;

use super::{
    Error, HeaderRequest, Issue, KeyName, Signable, Verifiers, choose_algorithm, given_digest, issue,
    jws::{attached, header_for},
    signable, signature_form, signing_algorithm, verify,
};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    encoding::{self, SignatureForm, jws_part},
    keystore::{Keystore, Selected, Selection},
    model::{Code, Coded, Diagnosis, Timestamp},
    token::{self, is_lost},
};

/// The most random bytes of one request: the answer is one line.
const MAX_RANDOM: u32 = 128 * 1024;

/// How a batch ended that did not succeed in full.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    #[error("{failed} of {} failed", requests(*answered))]
    Failed { failed: u64, answered: u64 },
    /// The answer to some requests is no: a signature that is not valid, a ciphertext that is not authentic.
    #[error("the answer to {said_no} of {} is no{}", requests(*answered), if *failed == 0 { String::new() } else { format!(", and {failed} failed") })]
    No { said_no: u64, failed: u64, answered: u64 },
    #[error("interrupted after {}", requests(*answered))]
    Interrupted { answered: u64 },
    #[error("too many random bytes: the limit is {limit} at a time")]
    TooManyBytes { limit: u32 },
}

fn requests(count: u64) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{count} requests") }
}

impl Coded for BatchError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Failed { .. } => Code::Failed.hint("each answer with an \"error\" says what failed"),
            Self::No { .. } => Code::AnswerNo
                .hint("look for answers with `\"valid\":false`, or with an \"error\" whose exit is 3"),
            Self::Interrupted { .. } => Code::Interrupted.into(),
            Self::TooManyBytes { .. } => Code::Usage.into(),
        }
    }
}

/// Carries out requests, one at a time.
#[derive(Debug)]
pub struct Worker {
    keystore: Keystore,
    keys: Arc<KeyCache>,
    link: Arc<Link>,
    /// The generation of the link from which the keystore and the keys were taken: how often it had been renewed, and the
    /// module restarted.
    generation: u32,
    restarts: u32,
}

impl Worker {
    pub fn new(keystore: Keystore, link: Arc<Link>) -> Self {
        Self { keystore, keys: link.keys(), link, generation: 0, restarts: 0 }
    }

    /// Carries out the part of a request that needs the session, and repeats it over a new session if the token was lost: no
    /// request changes anything on the token.
    pub fn run(&mut self, request: Request, now: Timestamp) -> Result<Rest> {
        let again = self.link.can_reconnect().then(|| request.clone());
        match (self.take_turn(request, now), again) {
            (Err(error), Some(request)) if is_lost(&error) && self.renew() => self.take_turn(request, now),
            (outcome, _) => outcome,
        }
    }

    /// Not while another worker restarts the module, and not with a session from before a restart.
    fn take_turn(&self, request: Request, now: Timestamp) -> Result<Rest> {
        let restarts = self.link.restarts();
        if *restarts == self.restarts {
            self.attempt(request, now)
        } else {
            Err(token::Error::of_ended_session().into())
        }
    }

    fn attempt(&self, request: Request, now: Timestamp) -> Result<Rest> {
        match request {
            Request::Sign { key, algorithm, message, ecdsa } => self.sign(&key, algorithm, message, ecdsa),
            Request::JwtSign(request) => self.jwt_sign(request, now),
            Request::Verify { key, algorithm, message, signature } => {
                let selected = self.key(&key)?;
                let (kind, own) = (selected.key.kind(), selected.key.signature_algorithm());
                let algorithm = algorithm.or(own);
                let keys = self.keys.verifiers(&self.keystore, &key)?;
                Ok(Rest::new(move || verified(kind, &keys, algorithm, message, &signature)))
            }
            Request::Encrypt { key, data, context } => self.encrypt(&key, &data, context.as_ref()),
            Request::Decrypt { ciphertext, context } => self.decrypt(&ciphertext, context.as_ref()),
            Request::Reencrypt { ciphertext, context } => self.reencrypt(&ciphertext, context.as_ref()),
            Request::DataKey { key, bits, plaintext, context } => {
                self.data_key(&key, bits, plaintext, context.as_ref())
            }
            Request::Random { bytes } if bytes > MAX_RANDOM => {
                Err(BatchError::TooManyBytes { limit: MAX_RANDOM }.into())
            }
            Request::Random { bytes } => {
                let random = self.keystore.session().token_random(bytes as usize)?;
                Ok(Rest::new(move || {
                    Ok(BatchResult {
                        bytes: Some(bytes),
                        random: Some(BASE64.encode(&random)),
                        ..BatchResult::default()
                    })
                }))
            }
        }
    }

    fn key(&self, wanted: &Selection) -> Result<Arc<Selected>> {
        self.keys.get(&self.keystore, wanted)
    }

    fn sign(
        &self,
        key: &Selection,
        algorithm: Option<SignatureAlgorithm>,
        message: Message,
        form: Option<SignatureForm>,
    ) -> Result<Rest> {
        let signer = self.keys.signer(&self.keystore, key)?;
        let algorithm = signing_algorithm(&signer.selected().key, algorithm)?;
        let form = signature_form(algorithm, form)?;
        let signature = signer.sign(self.keystore.session(), algorithm, signed(algorithm, message)?)?;
        Ok(Rest::new(move || {
            let raw = signature.verified()?;
            let signature = form.write(algorithm, raw)?;
            Ok(BatchResult {
                signature: Some(BASE64.encode(&signature)),
                algorithm: Some(algorithm.name()),
                ..BatchResult::of(signer.selected())
            })
        }))
    }

    fn jwt_sign(&self, request: JwtRequest, now: Timestamp) -> Result<Rest> {
        let signer = self.keys.signer(&self.keystore, &request.key)?;
        let claims = issue(request.claims, &Issue { lifetime: request.lifetime, ..Issue::default() }, now)?;
        let header_request = HeaderRequest {
            is_jwt: true,
            key_name: request.key_name.as_deref().map(KeyName::named).unwrap_or_default(),
            extra: request.header,
            unencoded: false,
        };
        let (algorithm, header) =
            header_for(signer.selected(), signer.public(), request.algorithm, &header_request)?;
        let text = header.signing_prefix() + &jws_part(claims.to_string().as_bytes());
        let message = signable(algorithm, text.clone().into_bytes());
        let signature = signer.sign(self.keystore.session(), algorithm, message)?;
        Ok(Rest::new(move || {
            let token = attached(&text, &signature.verified()?);
            Ok(BatchResult {
                token: Some(token),
                algorithm: Some(algorithm.name()),
                kid: Some(header.key_id().map(str::to_owned)),
                ..BatchResult::of(signer.selected())
            })
        }))
    }
}

/// The rest of a request after the token's part: verifying, encoding, writing the answer. Any thread can do it.
pub struct Rest(Box<dyn FnOnce() -> Result<BatchResult> + Send>);

impl Rest {
    fn new(rest: impl FnOnce() -> Result<BatchResult> + Send + 'static) -> Self {
        Self(Box::new(rest))
    }

    /// The result of the request, as its answer shows it.
    pub fn finish(self) -> Result<BatchResult> {
        (self.0)()
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rest")
    }
}

fn verified(
    kind: Option<KeyKind>,
    keys: &Verifiers,
    algorithm: Option<SignatureAlgorithm>,
    message: Message,
    signature: &str,
) -> Result<BatchResult> {
    let algorithm = choose_algorithm(kind, algorithm)?;
    let message = signed(algorithm, message)?;
    let signature = match kind.map(|kind| encoding::read_signature(signature.as_bytes(), kind)) {
        Some(Ok(signature)) => signature,
        // One that was cut off, for example.
        Some(Err(_)) if encoding::is_encoded(signature.as_bytes(), 1) => {
            return Ok(BatchResult { valid: Some(false), ..BatchResult::default() });
        }
        Some(Err(error)) => return Err(error.into()),
        None => Vec::new(),
    };
    let by = verify(&keys.usable, algorithm, &message, &signature)?;
    if let (None, Some(verifier)) = (by, keys.usable.first())
        && let Some(why) = keys.blame(algorithm, &message, &signature)?
    {
        return Err(Error::SignatureInvalid { key: verifier.source.to_string(), why: Some(why) }.into());
    }
    let proven = by.and_then(|by| by.proven).filter(|proven| !proven);
    Ok(BatchResult { valid: Some(by.is_some()), proven, ..BatchResult::default() })
}

fn signed(algorithm: SignatureAlgorithm, message: Message) -> Result<Signable> {
    match message {
        Message::Data(data) => Ok(signable(algorithm, data)),
        Message::Digest(digest) => Ok(given_digest(algorithm, digest)?),
    }
}
