//! What a token really does, tried with existing keys, else with session keys: a token may list a mechanism and refuse it,
//! or do it wrongly.

use std::{cell::OnceCell, fmt};

use anyhow::Result;

use crate::{
    algorithm::{Algorithm, KeyKind, PublicKey, SignatureAlgorithm},
    keystore::{Key, Operation, doctor::Finding, probe},
    model::KeyId,
    public,
    token::{self, Carried, DecryptedBlock, Handle, KeyObject, KeyTemplate, NewKey, Session},
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
    /// There is no key for it, and the token does not make one for a trial, which is its answer. It may do it nevertheless.
    Untried {
        error: String,
        /// False if the token makes no such keys for its users at all.
        makes_keys: bool,
    },
    /// The answer of a token that should have done it.
    Failed(String),
}

impl fmt::Display for TrialOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works { by } => f.write_str(by),
            Self::Fallback { by, instead_of } => write!(f, "{by} (no {instead_of})"),
            Self::Wrong { by } => write!(f, "{by} gives a wrong result"),
            Self::Missing(error) => write!(f, "not offered by this token: {error}"),
            Self::Untried { error, .. } => {
                write!(f, "could not be tried, no enabled key here does it: {error}")
            }
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
            TrialOutcome::Untried { .. } => Some(Finding::info("NOT_TRIED", text)),
            TrialOutcome::Failed(_) => Some(Finding::warning("TRIAL_FAILED", text)),
            TrialOutcome::Wrong { .. } => Some(Finding::error("WRONG_RESULT", text)),
        }
    }
}

/// Tries every use in turn, with one of `keys` if it can be used without asking for a PIN. Leaves nothing on the token.
pub fn try_token(session: &Session, keys: &[Key]) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |what: &str, mechanisms: &[&'static str], outcome: Result<TrialOutcome>| {
        let outcome = outcome.unwrap_or_else(|error| missing(session, &error, mechanisms));
        trials.push(Trial { what: what.to_owned(), outcome });
    };
    for (algorithm, schemes) in signing_keys() {
        let is_it = |kind: KeyKind| kind.signature_schemes() == schemes;
        let signs = Candidates::of(session, keys, Operation::Sign, is_it, algorithm);
        for scheme in &schemes {
            let (direct, hashing) = scheme.mechanism_names();
            let mechanisms: Vec<_> = std::iter::once(direct).chain(hashing).collect();
            let outcome = signs.try_each(|key| sign(session, key, *scheme));
            add(&scheme.scheme().to_string(), &mechanisms, outcome);
        }
        if algorithm.kind().encryption().is_some() {
            let decrypts = Candidates::of(session, keys, Operation::Decrypt, is_it, algorithm);
            let outcome = decrypts.try_each(|key| decrypt(session, key, DecryptedBlock::OAEP));
            add("RSA decryption, OAEP SHA-256", &[DecryptedBlock::OAEP, "CKM_RSA_X_509"], outcome);
        }
    }
    // One parameter set stands for all.
    let kem = Candidates::of(
        session,
        keys,
        Operation::Decrypt,
        |kind| kind.encapsulation_len().is_some(),
        Algorithm::MLKEM_768,
    );
    add("ML-KEM decryption, HKDF-SHA-256", &[KEM], kem.try_each(|key| decrypt(session, key, KEM)));
    let is_aes = |kind| kind == Algorithm::AES_256.kind();
    let aes = Candidates::of(session, keys, Operation::Decrypt, is_aes, Algorithm::AES_256);
    add("AES-256 encryption, GCM", &[GCM], aes.try_each(|key| encrypt_aes(session, key)));
    add("HMAC-SHA-256", &[HMAC], hmac(session));
    add("random numbers", &[], random(session));
    trials
}

const KEM: &str = "CKM_ML_KEM";
const GCM: &str = "CKM_AES_GCM";
const HMAC: &str = "CKM_SHA256_HMAC";

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

fn missing(session: &Session, error: &anyhow::Error, mechanisms: &[&'static str]) -> TrialOutcome {
    let text = format!("{error:#}");
    let Some(error) = error.downcast_ref::<token::Error>() else { return TrialOutcome::Failed(text) };
    let is_lack = error.lacks_mechanism() || error.refuses_template();
    let is_of_creation = error.function().starts_with("C_Generate") && error.function() != "C_GenerateRandom";
    let is_listed = || mechanisms.iter().any(|name| session.first_missing(&[name]).is_none());
    if is_of_creation && (is_lack || error.refuses_user() || error.is_read_only()) {
        // A token that makes no such key for its users may still use one that was made in another way.
        let makes_keys = error.refuses_template() && !error.lacks_mechanism() && !error.refuses_user();
        let text = if error.refuses_user() {
            format!("the token lets only its administrator make keys ({text})")
        } else {
            text
        };
        if is_listed() {
            TrialOutcome::Untried { error: text, makes_keys }
        } else {
            TrialOutcome::Missing(text)
        }
    } else if is_lack {
        TrialOutcome::Missing(text)
    } else {
        TrialOutcome::Failed(text)
    }
}

/// A key to try, and its public half if it is a pair.
struct Tried<'a> {
    secret: Handle,
    public: Option<PublicKey>,
    /// To the mechanisms of `CKA_ALLOWED_MECHANISMS`: what such a key refuses, another may do.
    is_restricted: bool,
    _made: Option<SessionKey<'a>>,
}

/// The keys to try: one that exists, then a session key, which is made when it is needed.
struct Candidates<'a> {
    session: &'a Session,
    existing: Option<Tried<'a>>,
    algorithm: Algorithm,
    made: OnceCell<Result<Tried<'a>>>,
}

impl<'a> Candidates<'a> {
    fn of(
        session: &'a Session,
        keys: &[Key],
        operation: Operation,
        is_kind: impl Fn(KeyKind) -> bool,
        algorithm: Algorithm,
    ) -> Self {
        let is_it = |key: &&Key| {
            let is_guarded = key.current().secret.as_ref().is_some_and(|secret| secret.is_guarded());
            let asks = key.current().protection().always_authenticate == Some(true);
            is_guarded && !asks && key.kind().is_some_and(&is_kind) && key.allow(operation).is_ok()
        };
        let tried = |key: &Key| {
            let secret = key.current().secret.as_ref()?;
            let (secret, is_restricted) = (secret.handle, !secret.allowed_mechanisms.is_empty());
            let public = key.current().public_numbers().and_then(KeyObject::public_key).and_then(Result::ok);
            let is_whole = public.is_some() || key.kind().is_some_and(KeyKind::is_secret);
            is_whole.then_some(Tried { secret, public, is_restricted, _made: None })
        };
        let usable = || keys.iter().filter(is_it).filter_map(tried);
        let existing = usable().find(|key| !key.is_restricted).or_else(|| usable().next());
        Self { session, existing, algorithm, made: OnceCell::new() }
    }

    /// The outcome with the existing key counts only if the token does it: a failure may be the fault of that key.
    fn try_each(&self, attempt: impl Fn(&Tried<'_>) -> Result<TrialOutcome>) -> Result<TrialOutcome> {
        let first = match self.existing.as_ref().map(&attempt) {
            Some(Ok(does @ (TrialOutcome::Works { .. } | TrialOutcome::Fallback { .. }))) => return Ok(does),
            first => first,
        };
        let is_free = self.existing.as_ref().is_some_and(|key| !key.is_restricted);
        let made = || {
            let made = SessionKey::new(self.session, self.algorithm)?;
            let public = if self.algorithm.kind().is_secret() { None } else { Some(made.public()?) };
            Ok(Tried { secret: made.secret(), public, is_restricted: false, _made: Some(made) })
        };
        match (self.made.get_or_init(made), first) {
            (Ok(key), _) => attempt(key),
            (Err(_), Some(Err(error))) if is_free && lacks_mechanism(&error) => Err(error),
            (Err(error), _) => Err(again(error)),
        }
    }
}

/// An error that several uses have in common.
fn again(error: &anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<token::Error>() {
        Some(error) => (*error).into(),
        None => anyhow::anyhow!("{error:#}"),
    }
}

impl Tried<'_> {
    fn pair(&self) -> Result<(Handle, &PublicKey)> {
        let public = self.public.as_ref();
        Ok((self.secret, public.ok_or_else(|| anyhow::anyhow!("the key has no public half"))?))
    }
}

/// A session key, destroyed when dropped.
pub(super) struct SessionKey<'a> {
    session: &'a Session,
    key: NewKey,
}

impl<'a> SessionKey<'a> {
    pub(super) fn new(session: &'a Session, algorithm: Algorithm) -> token::Result<Self> {
        let (id, usage) = (session_key_id(session)?, algorithm.usage());
        // Some tokens take each label once.
        let label = format!("{LABEL} {algorithm}");
        let template = KeyTemplate {
            kind: algorithm.kind(),
            label: &label,
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

    pub(super) fn secret(&self) -> Handle {
        self.key.secret()
    }

    fn public(&self) -> Result<PublicKey> {
        session_public_key(self.session, self.key)
    }
}

/// The public key of a session pair.
pub(super) fn session_public_key(session: &Session, key: NewKey) -> Result<PublicKey> {
    let half = key.handles().last().copied().unwrap_or_else(|| key.secret());
    let object = session.key(half)?;
    let public = object.and_then(|object| object.public_key()).transpose()?;
    public.ok_or_else(|| anyhow::anyhow!("the public half of a session key has no public key"))
}

impl Drop for SessionKey<'_> {
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

fn sign(session: &Session, key: &Tried<'_>, algorithm: SignatureAlgorithm) -> Result<TrialOutcome> {
    let (private, public) = key.pair()?;
    let (direct, hashing) = algorithm.mechanism_names();
    let attempt = |is_whole| {
        let made = probe::sign(session, private, algorithm, (MESSAGE, is_whole))?;
        Ok(public::verify(public, algorithm, &made.covered, &made.signature)?)
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

fn decrypt(session: &Session, key: &Tried<'_>, plainest: &'static str) -> Result<TrialOutcome> {
    let (is_right, by) = probe::decryption(session, key.pair()?, MESSAGE)?;
    let outcome = if by == plainest {
        TrialOutcome::Works { by }
    } else {
        TrialOutcome::Fallback { by, instead_of: plainest }
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

fn encrypt_aes(session: &Session, key: &Tried<'_>) -> Result<TrialOutcome> {
    let is_right = probe::gcm(session, key.secret, MESSAGE, true)?;
    Ok(right_or_wrong(is_right, TrialOutcome::Works { by: GCM }))
}

fn hmac(session: &Session) -> Result<TrialOutcome> {
    let key = SessionKey::hmac(session)?;
    let is_right = probe::mac(session, key.secret(), MESSAGE)?;
    Ok(right_or_wrong(is_right, TrialOutcome::Works { by: HMAC }))
}
