//! Keys that require the PIN at each use (`CKA_ALWAYS_AUTHENTICATE`).
//!
//! After `C_SignInit` or `C_DecryptInit` with such a key, `C_Login` as `CKU_CONTEXT_SPECIFIC` permits this one
//! operation (PKCS#11 3.1, section 4.9). All sessions of a token share this state: once the PIN was rejected, no
//! session tries it again.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use cryptoki_sys as ck;
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE};
use rsa::rand_core::{OsRng, RngCore};

use super::{
    error::{Error, Result},
    key::KeyObject,
    login::PIN_REFUSED,
    raw::Library,
};
use crate::secret::{Pin, Secret};

/// Reads the PIN again; `None` if it is entered on the token's key pad.
pub(super) type ReadPin = dyn Fn() -> anyhow::Result<Option<Pin>> + Send;

#[derive(Default)]
pub(super) struct Reauthentication {
    keys: RwLock<HashSet<CK_OBJECT_HANDLE>>,
    /// Whether there are such keys. If not, an operation costs one memory load.
    is_needed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    source: Option<Box<ReadPin>>,
    /// Read at the first use of such a key, or typed at the login, and kept for further uses.
    pin: KeptPin,
    is_proven: bool,
    refused: Option<Error>,
}

#[derive(Default)]
enum KeptPin {
    #[default]
    None,
    /// Entered on the token's key pad each time.
    KeyPad,
    Masked(MaskedPin),
}

/// A kept PIN, XORed with random bytes, so that it is in memory in the clear only during a login.
struct MaskedPin {
    mask: Secret,
    masked: Secret,
}

impl MaskedPin {
    fn new(pin: &Pin) -> Result<Self> {
        let mut mask = vec![0; pin.expose().len()];
        OsRng.try_fill_bytes(&mut mask).map_err(|_| Error::new("C_Login", ck::CKR_RANDOM_NO_RNG))?;
        let masked = pin.expose().iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect();
        Ok(Self { mask: Secret::new(mask), masked: Secret::new(masked) })
    }

    fn pin(&self) -> Option<Pin> {
        let bytes = self.masked.expose().iter().zip(self.mask.expose()).map(|(byte, mask)| byte ^ mask);
        Pin::new(bytes.collect()).ok()
    }
}

impl fmt::Debug for Reauthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reauthentication").field("is_needed", &self.is_needed).finish_non_exhaustive()
    }
}

impl Reauthentication {
    /// Remembers a key that was read, if it requires the PIN at each use.
    pub(super) fn note(&self, object: Option<&KeyObject>) {
        if let Some(object) = object.filter(|key| key.protection.always_authenticate == Some(true)) {
            self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(object.handle.0);
            self.is_needed.store(true, Ordering::Relaxed);
        }
    }

    /// Called after a reconnect, which invalidates handles.
    pub(super) fn forget_keys(&self) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.is_needed.store(false, Ordering::Relaxed);
    }

    /// The error with which the token rejected the PIN in this run.
    pub(super) fn refused(&self) -> Option<Error> {
        self.state().refused
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_source(&self, source: Box<ReadPin>) {
        self.state().source = Some(source);
    }

    pub(super) fn hold(&self, pin: &Pin) -> Result<()> {
        self.state().pin = KeptPin::Masked(MaskedPin::new(pin)?);
        Ok(())
    }

    pub(super) fn is_holding(&self) -> bool {
        matches!(self.state().pin, KeptPin::Masked(_))
    }

    pub(super) fn release(&self) {
        self.state().pin = KeptPin::None;
    }

    pub(super) fn contains(&self, key: CK_OBJECT_HANDLE) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }

    /// Logs in for the operation just started with this key, if the key requires it.
    pub(super) fn authorize(
        &self,
        library: &Library,
        session: CK_SESSION_HANDLE,
        key: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        if !self.is_needed.load(Ordering::Relaxed) || !self.contains(key) {
            return Ok(());
        }
        // Held during a login that may be rejected, so that only one of several workers tries.
        let mut state = self.state();
        if let Some(refused) = state.refused {
            return Err(refused);
        }
        let pin = state.pin()?;
        if state.is_proven {
            drop(state);
            return log_in(library, session, pin.as_ref());
        }
        match log_in(library, session, pin.as_ref()) {
            Ok(()) => {
                state.is_proven = true;
                Ok(())
            }
            Err(error) => {
                if error.is_any(PIN_REFUSED) {
                    state.refused = Some(error);
                    state.pin = KeptPin::None;
                }
                Err(error)
            }
        }
    }
}

impl State {
    fn pin(&mut self) -> Result<Option<Pin>> {
        match &self.pin {
            KeptPin::Masked(masked) => return Ok(masked.pin()),
            KeptPin::KeyPad => return Ok(None),
            KeptPin::None => {}
        }
        // Without a PIN no login is attempted.
        let refused = Error::new("C_Login", ck::CKR_FUNCTION_CANCELED);
        let read = self.source.as_ref().ok_or(refused)?;
        let pin = read().map_err(|_| refused)?;
        self.pin = match &pin {
            Some(pin) => KeptPin::Masked(MaskedPin::new(pin)?),
            None => KeptPin::KeyPad,
        };
        Ok(pin)
    }
}

fn log_in(library: &Library, session: CK_SESSION_HANDLE, pin: Option<&Pin>) -> Result<()> {
    match library.login(session, ck::CKU_CONTEXT_SPECIFIC, pin.map(Pin::expose)) {
        Err(error) if error.is(ck::CKR_USER_ALREADY_LOGGED_IN) => Ok(()),
        other => other,
    }
}
