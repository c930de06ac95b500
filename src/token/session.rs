//! A session: what can be asked of the token once it is chosen.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki_sys as ck;
use cryptoki_sys::{CK_MECHANISM_TYPE, CK_SESSION_HANDLE};
use rsa::rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::{
    attribute::{self, Attributes},
    error::{Error, Result},
    login::{LoginPin, UserType, log_in},
    module::is_described,
    raw::Library,
    reauthentication::Reauthentication,
    repeat::retried,
    slot::TokenInfo,
};
use crate::{model::Uri, secret::Pin};

/// An object's handle, valid in this run only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(pub(super) ck::CK_OBJECT_HANDLE);

/// By whom an object was destroyed.
#[derive(Debug)]
pub enum TakenAway {
    /// By this call.
    Here,
    /// It was gone already.
    Elsewhere,
    /// The call failed, and the object may be there or not: SoftHSM says nothing else to the slower of two, and an answer can
    /// get lost on the way from a network HSM.
    Unclear(Error),
}

/// Closed when dropped; the module is finalised with the last session. One thread at a time: a session has one active
/// operation (PKCS#11, section 5.7). Threads open siblings.
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
}

impl Session {
    pub(super) fn new(
        library: Arc<Library>,
        handle: CK_SESSION_HANDLE,
        token: TokenInfo,
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
        }
    }

    pub fn token(&self) -> &TokenInfo {
        &self.token
    }

    /// Whether the token, its slot and its module are as a URI says. Its attributes of an object are not looked at.
    pub fn is_described_by(&self, uri: &Uri) -> Result<bool> {
        Ok(self.token.matches(uri) && is_described(&self.library, uri, self.token.slot)?)
    }

    /// A second session on the same token, for another thread. It shares the login (PKCS#11, section 5.6.1). Refused where
    /// the module has no locks.
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
        })
    }

    /// A new session in the place of one that the token lost, logged in again. What was known of handles is void.
    pub fn renewed(&self, pin: &Pin) -> anyhow::Result<Self> {
        let session = self.sibling()?;
        session.log_in(UserType::User, Some(pin))?;
        session.reauthentication.forget_keys();
        Ok(session)
    }

    /// Ends the module, and with it all sessions in it. No other thread may be in a call.
    pub fn end_module(&self) {
        self.library.finalize();
    }

    /// Logs in once more, to prove a PIN.
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

    /// Whether private objects show: after a login, or on a token that asks for none.
    pub fn sees_private(&self) -> bool {
        self.logged_in.load(Ordering::Relaxed) || !self.token.login_required()
    }

    /// `C_InitPIN`: the SO sets the user's PIN.
    pub fn init_user_pin(&self, pin: &Pin) -> Result<()> {
        self.library.init_pin(self.handle, pin.expose())
    }

    /// `C_SetPIN`: changes the PIN of the user who is logged in.
    pub fn set_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        self.library.set_pin(self.handle, old.expose(), new.expose())
    }

    /// Where the PIN comes from for keys that ask for it at each use. It is read when the first of them is used.
    pub fn set_pin_source(&self, source: impl Fn() -> anyhow::Result<Option<Pin>> + Send + 'static) {
        self.reauthentication.set_source(Box::new(source));
    }

    /// Keeps a PIN that cannot be had again, until [`Self::release_pin`].
    pub fn hold_pin(&self, pin: &Pin) -> Result<()> {
        self.reauthentication.hold(pin)
    }

    /// Releases a PIN that was kept, unless the token has a key that asks for it at each use.
    pub fn release_pin(&self) {
        if !self.reauthentication.is_holding() {
            return;
        }
        let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::AlwaysAuthenticate(true)];
        // A token that does not know the attribute refuses the search (NSS) or finds nothing.
        if !self.find(&template).is_ok_and(|keys| !keys.is_empty()) {
            self.reauthentication.release();
        }
    }

    pub(super) fn authorize(&self, key: Handle) -> Result<()> {
        self.reauthentication.authorize(&self.library, self.handle, key.0)
    }

    /// Random bytes: the token's, with the operating system's laid over them. As long as either is unpredictable, nonces,
    /// CKA_IDs and data keys are. Of a token that has no generator, the operating system's alone.
    pub fn random(&self, length: usize) -> Result<Zeroizing<Vec<u8>>> {
        const NO_GENERATOR: &[ck::CK_RV] = &[ck::CKR_RANDOM_NO_RNG, ck::CKR_FUNCTION_NOT_SUPPORTED];
        let mut bytes = match self.token_random(length) {
            Err(error) if error.is_any(NO_GENERATOR) => Zeroizing::new(vec![0; length]),
            other => other?,
        };
        let mut ours = Zeroizing::new(vec![0; length]);
        OsRng.try_fill_bytes(&mut ours).map_err(|_| Error::new("C_GenerateRandom", ck::CKR_RANDOM_NO_RNG))?;
        bytes.iter_mut().zip(ours.iter()).for_each(|(byte, own)| *byte ^= own);
        Ok(bytes)
    }

    /// Bytes of the token's generator, fetched in small pieces: NSS gives at most 64 KiB a call, openCryptoki refuses 0.
    pub fn token_random(&self, length: usize) -> Result<Zeroizing<Vec<u8>>> {
        const PIECE: usize = 4096;
        let mut bytes = Zeroizing::new(vec![0; length]);
        for piece in bytes.chunks_mut(PIECE) {
            self.library.random(self.handle, piece)?;
        }
        Ok(bytes)
    }

    /// Whether the token lists a mechanism. Asked once a run, and only by what has a choice to make.
    pub fn offers(&self, mechanism: CK_MECHANISM_TYPE) -> bool {
        self.mechanisms
            .get_or_init(|| self.library.mechanisms(self.token.slot).unwrap_or_default())
            .contains(&mechanism)
    }

    /// Every mechanism by number, for reports.
    pub fn mechanism_types(&self) -> Result<Vec<CK_MECHANISM_TYPE>> {
        self.library.mechanisms(self.token.slot)
    }

    pub fn find(&self, template: &[Attribute]) -> Result<Vec<Handle>> {
        self.library.find(self.handle, template).map(|handles| handles.into_iter().map(Handle).collect())
    }

    pub fn read(&self, object: Handle, kinds: &[AttributeType]) -> Result<Attributes> {
        attribute::read(&self.library, self.handle, object.0, kinds)
    }

    pub fn create(&self, template: &[Attribute]) -> Result<Handle> {
        self.library.create_object(self.handle, template).map(Handle)
    }

    pub fn change(&self, object: Handle, template: &[Attribute]) -> Result<()> {
        retried(|| self.library.set_attributes(self.handle, object.0, template))
    }

    /// Destroys an object that others may destroy at this moment, and tells who did: of several at once, the token lets one
    /// have it.
    pub fn take_away(&self, object: Handle) -> TakenAway {
        match self.library.destroy_object(self.handle, object.0) {
            Ok(()) => TakenAway::Here,
            Err(error) if error.is(ck::CKR_OBJECT_HANDLE_INVALID) => TakenAway::Elsewhere,
            Err(error) => TakenAway::Unclear(error),
        }
    }

    /// Destroys an object. One that is already gone is not an error: some tokens remove both halves of a pair at once
    /// (NetHSM).
    pub fn destroy(&self, object: Handle) -> Result<()> {
        match retried(|| self.library.destroy_object(self.handle, object.0)) {
            Err(error) if error.is(ck::CKR_OBJECT_HANDLE_INVALID) => Ok(()),
            other => other,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Nothing can be done about a session that does not close; the module's end closes it too.
        let _: Result<(), Error> = self.library.close_session(self.handle);
    }
}
