//! What a token really does, tried on session keys: a token may list a mechanism and refuse it, or do it wrongly.

use std::fmt;

use anyhow::Result;

use crate::{
    algorithm::{Algorithm, PublicKey, SignatureAlgorithm},
    keystore::{doctor::Finding, probe},
    model::KeyId,
    public,
    token::{self, Carried, DecryptedBlock, KeyTemplate, NewKey, Session},
};

const MESSAGE: &[u8] = b"kmsctl tries what the token can do";
/// Two such draws are never equal by chance.
const RANDOM_LEN: usize = 32;
const LABEL: &str = "kmsctl doctor";

/// One use that kmsctl makes of a token, and how it went.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Such as `RSA signatures, PKCS #1`.
    pub what: String,
    pub outcome: TrialOutcome,
}

#[derive(Debug, Clone)]
pub enum TrialOutcome {
    /// By the plainest mechanism.
    Works { by: &'static str },
    /// By another way, which the operations take by themselves.
    Fallback { by: &'static str, instead_of: &'static str },
    /// The token said that it did it, and the result is wrong.
    Wrong { by: &'static str },
    /// The answer of the token that does not do it.
    Missing(String),
    /// The answer of a token that makes no session keys (tpm2-pkcs11), and may do it all the same.
    Untried(String),
    /// The answer of a token that should have done it.
    Failed(String),
}

impl fmt::Display for TrialOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works { by } => f.write_str(by),
            Self::Fallback { by, instead_of } => write!(f, "{by} (no {instead_of})"),
            Self::Wrong { by } => write!(f, "{by} gives a wrong result"),
            Self::Missing(error) => write!(f, "not supported by this token: {error}"),
            Self::Untried(error) => write!(f, "not tried, the token makes no session keys: {error}"),
            Self::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}

impl Trial {
    /// `None` if the token does it, by whatever mechanism.
    pub fn finding(&self) -> Option<Finding> {
        let text = format!("{}: {}", self.what, self.outcome);
        match &self.outcome {
            TrialOutcome::Works { .. } | TrialOutcome::Fallback { .. } => None,
            TrialOutcome::Missing(_) => Some(Finding::info("NOT_OFFERED", text)),
            TrialOutcome::Untried(_) => Some(Finding::info("NOT_TRIED", text)),
            TrialOutcome::Failed(_) => Some(Finding::warning("TRIAL_FAILED", text)),
            TrialOutcome::Wrong { .. } => Some(Finding::error("WRONG_RESULT", text)),
        }
    }
}

/// Tries every use in turn. Nothing of it stays on the token.
pub fn try_token(session: &Session) -> Vec<Trial> {
    let trial = |what: &str, outcome: Result<TrialOutcome>| Trial {
        what: what.to_owned(),
        outcome: outcome.unwrap_or_else(|error| missing(&error)),
    };
    let mut trials = Vec::new();
    for (algorithm, schemes) in signing_keys() {
        let key = Made::new(session, algorithm);
        for scheme in schemes {
            trials.push(trial(&scheme.scheme().to_string(), sign(session, key.as_ref(), scheme)));
        }
        if algorithm.kind().encryption().is_some() {
            trials.push(trial("RSA decryption, OAEP SHA-256", decrypt_rsa(session, key.as_ref())));
        }
    }
    trials.extend([
        trial("ML-KEM decryption, HKDF-SHA-256", decapsulate(session)),
        trial("AES-256 encryption, GCM", encrypt_aes(session)),
        trial("HMAC-SHA-256", hmac(session)),
        trial("random numbers", random(session)),
    ]);
    trials
}

/// The first algorithm of those that sign alike, and what each scheme signs by. Making a longer RSA key would only take longer.
fn signing_keys() -> Vec<(Algorithm, Vec<SignatureAlgorithm>)> {
    let mut found: Vec<(Algorithm, Vec<SignatureAlgorithm>)> = Vec::new();
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_secret()) {
        let schemes = algorithm.kind().signature_schemes();
        if !schemes.is_empty() && found.iter().all(|(_, known)| *known != schemes) {
            found.push((algorithm, schemes));
        }
    }
    found
}

fn missing(error: &anyhow::Error) -> TrialOutcome {
    let is_lack = |error: &token::Error| error.lacks_mechanism() || error.refuses_template();
    let text = format!("{error:#}");
    match error.downcast_ref() {
        Some(error) if is_lack(error) => TrialOutcome::Missing(text),
        Some(error) if error.is_read_only() => TrialOutcome::Untried(text),
        _ => TrialOutcome::Failed(text),
    }
}

/// A session key, destroyed when dropped.
struct Made<'a> {
    session: &'a Session,
    key: NewKey,
}

impl<'a> Made<'a> {
    fn new(session: &'a Session, algorithm: Algorithm) -> token::Result<Self> {
        let (id, usage) = (session_key_id(session)?, algorithm.usage());
        let template = KeyTemplate {
            kind: algorithm.kind(),
            label: LABEL,
            id: &id,
            usage,
            is_id_free: true,
            extractable: false,
            carried: Carried::default(),
        };
        Ok(Self { session, key: session.generate_session_key(&template)? })
    }

    fn hmac(session: &'a Session) -> token::Result<Self> {
        let id = session_key_id(session)?;
        Ok(Self { session, key: session.generate_session_hmac_key(LABEL, &id)? })
    }

    fn public(&self) -> Result<PublicKey> {
        let half = self.key.handles().last().copied().unwrap_or_else(|| self.key.secret());
        let object = self.session.key(half)?;
        let public = object.and_then(|object| object.public_key()).transpose()?;
        public.ok_or_else(|| anyhow::anyhow!("the public half of a session key has no public key"))
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        for handle in self.key.handles() {
            // The end of the session would destroy it as well.
            let _ = self.session.destroy(handle);
        }
    }
}

/// A generator that is stuck gives the same twice.
fn random(session: &Session) -> Result<TrialOutcome> {
    let by = "C_GenerateRandom";
    let is_right = session.token_random(RANDOM_LEN)? != session.token_random(RANDOM_LEN)?;
    Ok(right_or_wrong(is_right, TrialOutcome::Works { by }))
}

/// Random: two of these commands may run at once, and NSS replaces a key whose CKA_ID comes again.
fn session_key_id(session: &Session) -> token::Result<KeyId> {
    Ok(KeyId::from_bytes(session.random(16)?.to_vec()))
}

fn sign(
    session: &Session,
    key: Result<&Made<'_>, &token::Error>,
    algorithm: SignatureAlgorithm,
) -> Result<TrialOutcome> {
    let key = key.map_err(|error| *error)?;
    let public = key.public()?;
    let (direct, hashing) = algorithm.mechanism_names();
    let attempt = |is_whole| {
        let made = probe::sign(session, key.key.secret(), algorithm, (MESSAGE, is_whole))?;
        Ok(public::verify(&public, algorithm, &made.covered, &made.signature)?)
    };
    match (attempt(false), hashing) {
        (Ok(is_right), _) => Ok(right_or_wrong(is_right, TrialOutcome::Works { by: direct })),
        (Err(error), Some(hashing)) if lacks_mechanism(&error) => {
            Ok(right_or_wrong(attempt(true)?, TrialOutcome::Fallback { by: hashing, instead_of: direct }))
        }
        (Err(error), _) => Err(error),
    }
}

fn lacks_mechanism(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(token::Error::lacks_mechanism)
}

fn decrypt_rsa(session: &Session, key: Result<&Made<'_>, &token::Error>) -> Result<TrialOutcome> {
    let key = key.map_err(|error| *error)?;
    let (is_right, by) = probe::decryption(session, (key.key.secret(), &key.public()?), MESSAGE)?;
    let outcome = if by == DecryptedBlock::OAEP {
        TrialOutcome::Works { by }
    } else {
        TrialOutcome::Fallback { by, instead_of: DecryptedBlock::OAEP }
    };
    Ok(right_or_wrong(is_right, outcome))
}

/// The outcome, unless the result is wrong.
fn right_or_wrong(is_right: bool, outcome: TrialOutcome) -> TrialOutcome {
    match outcome {
        TrialOutcome::Works { by } | TrialOutcome::Fallback { by, .. } if !is_right => {
            TrialOutcome::Wrong { by }
        }
        outcome => outcome,
    }
}

/// One parameter set stands for all.
fn decapsulate(session: &Session) -> Result<TrialOutcome> {
    let key = Made::new(session, Algorithm::MLKEM_768)?;
    let (is_right, by) = probe::decryption(session, (key.key.secret(), &key.public()?), MESSAGE)?;
    Ok(right_or_wrong(is_right, TrialOutcome::Works { by }))
}

fn encrypt_aes(session: &Session) -> Result<TrialOutcome> {
    const GCM: &str = "CKM_AES_GCM";
    let key = Made::new(session, Algorithm::AES_256)?;
    let is_right = probe::gcm(session, key.key.secret(), MESSAGE, true)?;
    Ok(right_or_wrong(is_right, TrialOutcome::Works { by: GCM }))
}

fn hmac(session: &Session) -> Result<TrialOutcome> {
    const HMAC: &str = "CKM_SHA256_HMAC";
    let key = Made::hmac(session)?;
    let is_right = probe::mac(session, key.key.secret(), MESSAGE)?;
    Ok(right_or_wrong(is_right, TrialOutcome::Works { by: HMAC }))
}
