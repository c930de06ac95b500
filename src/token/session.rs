//! A session on the chosen token, and the operations on it.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki_sys as ck;
use cryptoki_sys::{CK_MECHANISM_TYPE, CK_SESSION_HANDLE};
use rsa::rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::{
    attribute::{self, Attributes, first_size, first_size_of_record},
    error::{Error, Result},
    facts::{Fact, Facts},
    key_attributes::KeyAttributes,
    login::{LoginPin, UserType, log_in},
    module::{Known, is_described},
    raw::Library,
    reauthentication::Reauthentication,
    repeat::retried,
    slot::TokenInfo,
};
use crate::{algorithm::KeyKind, model::Uri, secret::Pin};

/// An object's handle; valid only within this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(pub(super) ck::CK_OBJECT_HANDLE);

/// Result of [`Session::claim`].
#[derive(Debug)]
pub enum Claimed {
    /// This call destroyed the object.
    Now,
    /// The object did not exist any more.
    AlreadyGone,
    /// The call failed, and the object may or may not exist: SoftHSM returns such an error to the slower of two
    /// callers, and a response can get lost on the way from a network HSM.
    Unclear(Error),
}

/// Closed when dropped; the module is finalised with the last session. For one thread at a time, since a session has
/// one active operation (PKCS#11, section 5.7): other threads open [siblings](Self::sibling).
#[derive(Debug)]
pub struct Session {
    pub(super) library: Arc<Library>,
    pub(super) handle: CK_SESSION_HANDLE,
    token: TokenInfo,
    read_write: bool,
    mechanisms: Arc<OnceLock<Vec<CK_MECHANISM_TYPE>>>,
    /// Shared by all sessions on the token, as the login is (PKCS#11, section 5.6.1).
    logged_in: Arc<AtomicBool>,
    pub(super) reauthentication: Arc<Reauthentication>,
    facts: Arc<Mutex<Facts>>,
    pub(super) key_attributes: Arc<KeyAttributes>,
    /// Only if [`Self::may_miss_changes`].
    changed: Arc<Mutex<HashSet<Handle>>>,
}

impl Session {
    pub(super) fn new(
        library: Arc<Library>,
        handle: CK_SESSION_HANDLE,
        (token, known): (TokenInfo, Known),
        read_write: bool,
    ) -> Self {
        Self {
            library,
            handle,
            token,
            read_write,
            mechanisms: Arc::default(),
            logged_in: Arc::default(),
            reauthentication: Arc::default(),
            facts: Arc::new(Mutex::new(known.facts)),
            key_attributes: Arc::new(known.attributes),
            changed: Arc::default(),
        }
    }

    pub fn token(&self) -> &TokenInfo {
        &self.token
    }

    /// What is known of the token; shared by all sessions of a run.
    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the profile has attributes for new keys of this kind.
    pub fn has_key_attributes(&self, kind: KeyKind) -> bool {
        self.key_attributes.has(kind)
    }

    /// Whether the profile has attributes for other new keys, but not for this kind.
    pub fn lacks_key_attributes(&self, kind: KeyKind) -> bool {
        !self.key_attributes.is_empty() && !self.has_key_attributes(kind)
    }

    /// Whether the token lists the mechanism that generates keys of this kind.
    pub fn lists_generation(&self, kind: KeyKind) -> bool {
        kind.generation().is_some_and(|(mechanism, _)| self.offers(mechanism))
    }

    /// Finds out whether the token opens read-only sessions.
    pub fn learn_sessions(&self) {
        let opened = self.library.open_session(self.token.slot, false);
        if let Ok(handle) = opened {
            // Best effort: finalising the module closes it too.
            let _: Result<()> = self.library.close_session(handle);
        }
        match opened {
            Ok(_) => self.note(Fact::ReadWriteSessions, false),
            Err(error) if error.refuses_session() => self.note(Fact::ReadWriteSessions, true),
            Err(_) => {}
        }
    }

    pub fn note(&self, fact: Fact, holds: bool) {
        self.facts().note(fact, holds);
    }

    /// Whether a fact is known to hold.
    pub fn knows(&self, fact: Fact) -> bool {
        self.facts().is(fact)
    }

    /// Whether the token, its slot and its module match a URI. Ignores the URI's object attributes.
    pub fn is_described_by(&self, uri: &Uri) -> Result<bool> {
        Ok(self.token.matches(uri) && is_described(&self.library, uri, self.token.slot)?)
    }

    /// A second session on the same token, for another thread. It shares the login (PKCS#11, section 5.6.1). Fails if
    /// the module does not support threads.
    pub fn sibling(&self) -> Result<Self> {
        if !self.library.is_shareable() {
            return Err(Error::new("C_OpenSession", ck::CKR_CANT_LOCK));
        }
        let handle = self.library.open_session(self.token.slot, self.read_write)?;
        Ok(Self {
            library: Arc::clone(&self.library),
            handle,
            token: self.token.clone(),
            read_write: self.read_write,
            mechanisms: Arc::clone(&self.mechanisms),
            logged_in: Arc::clone(&self.logged_in),
            reauthentication: Arc::clone(&self.reauthentication),
            facts: Arc::clone(&self.facts),
            key_attributes: Arc::clone(&self.key_attributes),
            changed: Arc::clone(&self.changed),
        })
    }

    /// A new logged-in session that replaces one lost by the token. Handles from before are invalid.
    pub fn renewed(&self, pin: &Pin) -> anyhow::Result<Self> {
        let session = self.sibling()?;
        session.log_in(UserType::User, Some(pin))?;
        session.reauthentication.forget_keys();
        Ok(session)
    }

    /// Finalises the module and thereby ends all its sessions. No other thread may be in a call.
    pub fn end_module(&self) {
        self.library.finalize();
    }

    /// Logs in to verify a PIN.
    pub fn log_in(&self, user: UserType, pin: Option<&Pin>) -> anyhow::Result<()> {
        let pin = LoginPin { pin: pin.cloned(), from_person: false, source: String::new() };
        self.log_in_with(user, &pin)
    }

    pub(super) fn log_in_with(&self, user: UserType, pin: &LoginPin) -> anyhow::Result<()> {
        if let Some(refused) = self.reauthentication.refused() {
            // The same PIN would be refused again.
            return Err(refused.into());
        }
        log_in(&self.library, self.handle, &self.token, user, pin)?;
        self.note_login();
        Ok(())
    }

    pub(super) fn note_login(&self) {
        self.logged_in.store(true, Ordering::Relaxed);
    }

    /// Whether private objects are visible: after a login, or on a token that requires none.
    pub fn sees_private(&self) -> bool {
        self.logged_in.load(Ordering::Relaxed) || !self.token.login_required()
    }

    /// Whether the module may never show what another process wrote between two calls of this one: SoftHSM reads a token
    /// again when its generation number differs from the last one known, and a change by this process makes them equal.
    pub fn may_miss_changes(&self) -> bool {
        self.token.manufacturer == "SoftHSM project"
    }

    /// `C_InitPIN`: the SO sets the user's PIN.
    pub fn init_user_pin(&self, pin: &Pin) -> Result<()> {
        self.library.init_pin(self.handle, pin.expose())
    }

    /// `C_SetPIN`: changes the PIN of the user who is logged in.
    pub fn set_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        self.library.set_pin(self.handle, old.expose(), new.expose())
    }

    /// Sets the source of the PIN for keys that require it at each use. It is read when the first such key is used.
    pub fn set_pin_source(&self, source: impl Fn() -> anyhow::Result<Option<Pin>> + Send + 'static) {
        self.reauthentication.set_source(Box::new(source));
    }

    /// Keeps a PIN that cannot be read again, until [`Self::release_pin`].
    pub fn hold_pin(&self, pin: &Pin) -> Result<()> {
        self.reauthentication.hold(pin)
    }

    /// Drops a kept PIN, unless the token has a key that requires it at each use.
    pub fn release_pin(&self) {
        if self.reauthentication.is_holding() && !self.has_always_authenticate_key() {
            self.reauthentication.release();
        }
    }

    /// Whether the token has a private key that requires the PIN at each use.
    pub fn has_always_authenticate_key(&self) -> bool {
        let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::AlwaysAuthenticate(true)];
        // A token that does not know the attribute refuses the search (NSS) or finds nothing.
        self.find(&template).is_ok_and(|keys| !keys.is_empty())
    }

    pub(super) fn authorize(&self, key: Handle) -> Result<()> {
        self.reauthentication.authorize(&self.library, self.handle, key.0)
    }

    /// Random bytes of the token XORed with those of the operating system: nonces, CKA_IDs and data keys are
    /// unpredictable as long as either source is. If the token has no generator, those of the operating system alone.
    pub fn random(&self, length: usize) -> Result<Zeroizing<Vec<u8>>> {
        const NO_GENERATOR: &[ck::CK_RV] = &[ck::CKR_RANDOM_NO_RNG, ck::CKR_FUNCTION_NOT_SUPPORTED];
        let mut bytes = match self.token_random(length) {
            Err(error) if error.is_any(NO_GENERATOR) => Zeroizing::new(vec![0; length]),
            other => other?,
        };
        let mut own = Zeroizing::new(vec![0; length]);
        OsRng.try_fill_bytes(&mut own).map_err(|_| Error::new("C_GenerateRandom", ck::CKR_RANDOM_NO_RNG))?;
        bytes.iter_mut().zip(own.iter()).for_each(|(byte, own)| *byte ^= own);
        Ok(bytes)
    }

    /// Bytes from the token's generator, read in small pieces: NSS returns at most 64 KiB per call, some cloud services
    /// 8 to 1,024 bytes, and openCryptoki refuses a length of 0.
    pub fn token_random(&self, length: usize) -> Result<Zeroizing<Vec<u8>>> {
        const PIECES: [usize; 2] = [4096, 1024];
        const LEAST: usize = 32;
        let is_about_length = |error: &Error| error.is_any(&[ck::CKR_ARGUMENTS_BAD, ck::CKR_DATA_LEN_RANGE]);
        let mut bytes = Zeroizing::new(vec![0; length]);
        let [mut most, less] = PIECES;
        let mut done = 0;
        while done < length {
            let piece = &mut bytes[done..length.min(done + most)];
            match self.library.random(self.handle, piece) {
                Err(error) if is_about_length(&error) && piece.len() > less => most = less,
                Err(error) if is_about_length(&error) && piece.len() < LEAST => {
                    let mut longer = Zeroizing::new([0; LEAST]);
                    self.library.random(self.handle, &mut *longer)?;
                    piece.copy_from_slice(&longer[..piece.len()]);
                    done = length;
                }
                other => {
                    other?;
                    done += piece.len();
                }
            }
        }
        Ok(bytes)
    }

    /// Whether the token lists a mechanism. The list is read once per run, on first use.
    pub fn offers(&self, mechanism: CK_MECHANISM_TYPE) -> bool {
        self.mechanisms
            .get_or_init(|| self.library.mechanisms(self.token.slot).unwrap_or_default())
            .contains(&mechanism)
    }

    /// All mechanisms by number, read from the token.
    pub fn mechanism_types(&self) -> Result<Vec<CK_MECHANISM_TYPE>> {
        self.library.mechanisms(self.token.slot)
    }

    pub fn find(&self, template: &[Attribute]) -> Result<Vec<Handle>> {
        self.library.find(self.handle, template).map(|handles| handles.into_iter().map(Handle).collect())
    }

    /// At most this many of the objects, with one `C_FindObjects`.
    pub(super) fn find_some(&self, template: &[Attribute], most: usize) -> Result<Vec<Handle>> {
        let found = self.library.find_some(self.handle, template, most);
        found.map(|handles| handles.into_iter().map(Handle).collect())
    }

    pub fn read(&self, object: Handle, kinds: &[AttributeType]) -> Result<Attributes> {
        let read = || attribute::read(&self.library, self.handle, object.0, kinds, first_size);
        // Kryoptic reports an object that another process has destroyed since this one found it as a general error.
        let is_vague =
            |read: &Result<Attributes>| read.as_ref().is_err_and(|error| error.is(ck::CKR_GENERAL_ERROR));
        let first = read();
        let is_found = || self.find(&[]).is_ok_and(|found| found.contains(&object));
        if self.token.is_embedded() && is_vague(&first) && is_vague(&read()) && !is_found() {
            return Err(Error::new("C_GetAttributeValue", ck::CKR_OBJECT_HANDLE_INVALID));
        }
        first
    }

    /// As [`Self::read`], for the record of one key.
    pub(super) fn read_record(&self, object: Handle, kinds: &[AttributeType]) -> Result<Attributes> {
        attribute::read(&self.library, self.handle, object.0, kinds, first_size_of_record)
    }

    pub fn create(&self, template: &[Attribute]) -> Result<Handle> {
        self.library.create_object(self.handle, template).map(Handle)
    }

    pub fn change(&self, object: Handle, template: &[Attribute]) -> Result<()> {
        match retried(|| self.library.set_attributes(self.handle, object.0, template)) {
            // The embedded token returns another error for an object that another process has destroyed.
            Err(error) if self.token.is_embedded() && !error.is_gone() && self.is_gone(object) => {
                Err(Error::new("C_SetAttributeValue", ck::CKR_OBJECT_HANDLE_INVALID))
            }
            Ok(()) if self.may_miss_changes() => {
                self.changed().insert(object);
                Ok(())
            }
            other => other,
        }
    }

    fn changed(&self) -> MutexGuard<'_, HashSet<Handle>> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this run has set attributes on a token where that can bring objects back.
    pub fn has_changed_objects(&self) -> bool {
        !self.changed().is_empty()
    }

    /// Whether it has set attributes of this object.
    pub fn has_changed(&self, object: Handle) -> bool {
        self.changed().contains(&object)
    }

    /// Destroys an object that other processes may be destroying at the same time, and returns whether this call did:
    /// the token lets exactly one succeed.
    pub fn claim(&self, object: Handle) -> Claimed {
        match self.library.destroy_object(self.handle, object.0) {
            Ok(()) => Claimed::Now,
            Err(error) if error.is(ck::CKR_OBJECT_HANDLE_INVALID) => Claimed::AlreadyGone,
            Err(error) => Claimed::Unclear(error),
        }
    }

    /// Destroys an object. Succeeds if it is already gone: some tokens remove both halves of a pair at once (NetHSM), and
    /// SoftHSM returns other errors for an object that another process has destroyed.
    pub fn destroy(&self, object: Handle) -> Result<()> {
        match retried(|| self.library.destroy_object(self.handle, object.0)) {
            Err(error) if error.is_gone() || self.is_gone(object) => Ok(()),
            other => other,
        }
    }

    /// Whether another process has destroyed an object that was found.
    pub fn is_gone(&self, object: Handle) -> bool {
        match self.read(object, &[AttributeType::Class]) {
            Err(error) => error.is_gone(),
            // SoftHSM returns no attributes for an object whose file is gone.
            Ok(read) => read.ulong(AttributeType::Class).is_none(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if Arc::strong_count(&self.library) == 1 {
            // Finalising the module closes it (PKCS#11, section 5.4.2), and a call is a round trip to a network HSM.
            return;
        }
        // Best effort, for the same reason.
        let _: Result<(), Error> = self.library.close_session(self.handle);
    }
}
