//! Many operations with one login. A worker has a session of its own and shares what is known of keys with the others.

mod keys;
mod request;
mod seal;

use std::{fmt, sync::Arc};

use anyhow::Result;
use data_encoding::BASE64;
use serde_json::{Value, json};

pub use keys::KeyCache;
pub use request::{JwtRequest, MAX_REQUEST, Message, Request, RequestError, reference};

use super::{
    Digested, HeaderRequest, Issue, KeyName, choose_algorithm, digest_stream, given_digest, header, issue,
    public_key, sign, sign_attached, verify,
};
use crate::{
    encoding,
    keystore::{Keystore, Selected, Selection},
    model::{SignatureAlgorithm, Timestamp},
};

/// The most random bytes of one request; the answer is one line.
const MAX_RANDOM: u32 = 128 * 1024;

/// How a batch ended that did not do everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchError {
    Failed { failed: u64, answered: u64 },
    Interrupted { answered: u64 },
    TooManyBytes { limit: u32 },
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { failed, answered } => write!(f, "{failed} of {answered} requests failed"),
            Self::Interrupted { answered } => write!(f, "interrupted after {answered} requests"),
            Self::TooManyBytes { limit } => write!(f, "at most {limit} random bytes are given at a time"),
        }
    }
}

impl std::error::Error for BatchError {}

/// Does requests, one at a time.
#[derive(Debug)]
pub struct Worker {
    keystore: Keystore,
    keys: Arc<KeyCache>,
}

impl Worker {
    pub fn new(keystore: Keystore, keys: Arc<KeyCache>) -> Self {
        Self { keystore, keys }
    }

    /// The result of one request, as its answer shows it.
    pub fn run(&self, request: &Request, now: Timestamp) -> Result<Value> {
        match request {
            Request::Sign { key, algorithm, message, ecdsa } => {
                let selected = self.key(key)?;
                let algorithm = choose_algorithm(selected.key.kind(), *algorithm)?;
                let raw = sign(&self.keystore, &selected, algorithm, &digested(algorithm, message)?)?;
                let signature = if algorithm == SignatureAlgorithm::Ecdsa { ecdsa.write(&raw)? } else { raw };
                Ok(with_key(
                    &selected,
                    json!({"signature": BASE64.encode(&signature), "algorithm": algorithm.name()}),
                ))
            }
            Request::Verify { key, algorithm, message, signature } => {
                let selected = self.key(key)?;
                let any_version = key.version.is_none() && key.id.is_none();
                let algorithm = choose_algorithm(selected.key.kind(), *algorithm)?;
                let signature = encoding::read_signature(signature.as_bytes(), &public_key(&selected)?)?;
                let message = digested(algorithm, message)?;
                let valid = verify(&selected, any_version, algorithm, &message, &signature)?;
                Ok(json!({ "valid": valid }))
            }
            Request::Encrypt { key, data, context } => self.encrypt(key, data, context.as_ref()),
            Request::Decrypt { ciphertext, context } => self.decrypt(ciphertext, context.as_ref()),
            Request::Reencrypt { ciphertext, context } => self.reencrypt(ciphertext, context.as_ref()),
            Request::DataKey { key, bits, plaintext, context } => {
                self.data_key(key, *bits, *plaintext, context.as_ref())
            }
            Request::JwtSign(request) => self.jwt_sign(request, now),
            Request::Random { bytes } if *bytes > MAX_RANDOM => {
                Err(BatchError::TooManyBytes { limit: MAX_RANDOM }.into())
            }
            Request::Random { bytes } => {
                let random = self.keystore.session().random(*bytes as usize)?;
                Ok(json!({"bytes": bytes, "random": BASE64.encode(&random)}))
            }
        }
    }

    fn key(&self, wanted: &Selection) -> Result<Arc<Selected>> {
        self.keys.get(&self.keystore, wanted)
    }

    fn jwt_sign(&self, request: &JwtRequest, now: Timestamp) -> Result<Value> {
        let selected = self.key(&request.key)?;
        let issue_by = Issue { lifetime: request.lifetime, id: None };
        let claims = issue(request.claims.clone(), &issue_by, now)?;
        let header_request = HeaderRequest {
            typ: Some("JWT"),
            key_name: request.key_name.as_deref().map(KeyName::named).unwrap_or_default(),
            extra: request.header.clone(),
            unencoded: false,
        };
        let header = header(&selected, request.algorithm, &header_request)?;
        let token = sign_attached(&self.keystore, &selected, &header, claims.to_string().as_bytes())?;
        Ok(with_key(
            &selected,
            json!({"token": token, "algorithm": header.0.name(), "kid": header.1.key_id()}),
        ))
    }
}

fn digested(algorithm: SignatureAlgorithm, message: &Message) -> Result<Digested> {
    match message {
        Message::Data(data) => Ok(digest_stream(algorithm, &data[..])?),
        Message::Digest(digest) => Ok(given_digest(algorithm, digest.clone())?),
    }
}

/// The result, and which key gave it.
fn with_key(selected: &Selected, mut result: Value) -> Value {
    result["label"] = selected.key.label.as_str().into();
    result["ckaId"] = selected.version().id.to_string().into();
    result["version"] = selected.version().version.number().into();
    result
}
