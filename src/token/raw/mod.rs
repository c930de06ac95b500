//! The C calls, one function each; this file has those for the library, its slots and sessions. The only module with
//! `unsafe` code.
//!
//! The `cryptoki` crate provides types (templates, mechanism parameters). Its calls do not work with some modules: they
//! fail on a token with an odd clock string (openCryptoki) or an attribute value that it does not know (SoftHSM), drop
//! mechanisms without a name, and query the size before each signature and ciphertext, which NSS answers wrongly for
//! GCM. All calls use one function list: p11-kit's proxy and client create a separate instance for each list that they
//! return.
#![allow(unsafe_code, reason = "PKCS#11 is a C interface; every pointer handed out lives through its call")]

/// Calls one function of the list and converts its return value to a `Result`.
macro_rules! call {
    ($library:expr, $name:ident $(, $argument:expr)* $(,)?) => {
        match $library.functions.$name {
            Some(function) => {
                let name = stringify!($name);
                // SAFETY: the pointer comes from the module's own function list; arguments are valid for the call.
                check(name, crate::token::raw::trace::traced(name, || unsafe { function($($argument),*) }))
            }
            None => Err(Error::new(stringify!($name), ck::CKR_FUNCTION_NOT_SUPPORTED)),
        }
    };
}

mod interface;
mod key;
mod object;
mod signals;
mod trace;

use std::{
    ffi::{CStr, c_void},
    fmt, mem,
    path::Path,
    ptr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use cryptoki::object::Attribute;
use cryptoki_sys as ck;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_FUNCTION_LIST, CK_INFO, CK_MECHANISM_TYPE, CK_RV, CK_SESSION_HANDLE, CK_SLOT_ID,
    CK_SLOT_INFO, CK_TOKEN_INFO, CK_ULONG, CK_USER_TYPE,
};

pub use trace::{Call, trace_calls};

use trace::traced;

use super::{
    embedded::Tries,
    error::{Error, Result},
};
use crate::{algorithm::start_openssl, secret::wipe_stack};

/// A loaded module and its functions. Finalised when dropped (see `Drop`), if it was initialised here.
pub(super) struct Library {
    functions: CK_FUNCTION_LIST,
    /// Of version 3.2, if the module has it.
    decapsulate: ck::CK_C_DecapsulateKey,
    initialized: AtomicBool,
    /// Finalised: its sessions no longer exist, and their handles may be reused.
    ended: AtomicBool,
    /// Whether several threads may call the module at once.
    locks: bool,
    /// Counts PIN attempts, in addition to the token's own count.
    tries: Option<Tries>,
    /// Loaded from a file: code that may do anything to this process.
    is_foreign: bool,
}

/// Modules to finalise when all work is done: see [`end_modules`].
static UNFINALIZED: Mutex<Vec<CK_FUNCTION_LIST>> = Mutex::new(Vec::new());

/// Finalises the loaded modules that this run initialised, after all output was written. `code` is the exit code of the
/// run, kept even if a module crashes here.
pub fn end_modules(code: u8) {
    let modules = mem::take(&mut *UNFINALIZED.lock().unwrap_or_else(PoisonError::into_inner));
    if !modules.is_empty() {
        signals::exit_on_crash(code);
        modules.iter().map(Library::started).for_each(|module| module.finalize());
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library").field("initialized", &self.initialized).finish_non_exhaustive()
    }
}

type GetFunctionList = unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV;
type GetInterface = unsafe extern "C" fn(
    *mut ck::CK_UTF8CHAR,
    *mut ck::CK_VERSION,
    *mut *mut ck::CK_INTERFACE,
    ck::CK_FLAGS,
) -> CK_RV;

/// Why a file could not be loaded as a module.
pub(super) enum LoadError {
    /// The dynamic linker's reason.
    File(libloading::Error),
    /// It exports neither of the entry points.
    NoEntry,
    /// Its entry point failed.
    Entry(Error),
}

fn check(function: &'static str, rv: CK_RV) -> Result<()> {
    if rv == ck::CKR_OK { Ok(()) } else { Err(Error::new(function, rv)) }
}

/// `usize` and `CK_ULONG` have the same width on every platform that `cryptoki-sys` supports except 64-bit Windows.
fn ulong(length: usize) -> CK_ULONG {
    length as CK_ULONG
}

fn length(value: CK_ULONG) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// PKCS#11 declares its inputs without `const`; a module that wrote to them would violate the standard.
fn input(bytes: &[u8]) -> *mut u8 {
    bytes.as_ptr().cast_mut()
}

impl Library {
    /// Loads a module from a file, through `C_GetInterface`, or else through `C_GetFunctionList`, the only entry point
    /// before version 3.0.
    ///
    /// The module stays mapped until the process ends: it, or a library it depends on, may have registered destructors
    /// for threads that are still ending (openCryptoki, through OpenSSL), and their code must remain loaded.
    pub(super) fn load(path: &Path) -> Result<Self, LoadError> {
        // SAFETY: loading runs the module's constructors; the user named the module and trusts it with the keys.
        let object =
            signals::preserve(|| unsafe { libloading::Library::new(path) }).map_err(LoadError::File)?;
        // SAFETY: the symbol has this type since version 3.0 of the standard.
        let interface = unsafe { object.get::<GetInterface>(b"C_GetInterface\0") };
        // SAFETY: the symbol has this type in every version of the standard.
        let list = unsafe { object.get::<GetFunctionList>(b"C_GetFunctionList\0") };
        let by_list = || list.ok().map(|entry| Self::by_function_list(*entry));
        let mut library = match interface.map(|entry| Self::by_interface(*entry)) {
            Ok(Ok(library)) => library,
            Ok(Err(error)) => by_list().and_then(Result::ok).ok_or(LoadError::Entry(error))?,
            Err(_) => by_list().ok_or(LoadError::NoEntry)?.map_err(LoadError::Entry)?,
        };
        mem::forget(object);
        library.is_foreign = true;
        Ok(library)
    }

    /// The token linked into the program.
    pub(super) fn embedded(tries: Option<Tries>) -> Option<Self> {
        unsafe extern "C" fn entry(
            name: *mut ck::CK_UTF8CHAR,
            version: *mut ck::CK_VERSION,
            interface: *mut *mut ck::CK_INTERFACE,
            flags: ck::CK_FLAGS,
        ) -> CK_RV {
            // Both crates declare the same structures of the standard.
            kryoptic_lib::fns::general::fn_get_interface(name, version.cast(), interface.cast(), flags)
        }
        start_openssl();
        let mut library = Self::by_interface(entry).ok()?;
        library.tries = tries;
        Some(library)
    }

    fn new(functions: &CK_FUNCTION_LIST) -> Self {
        Self {
            functions: *functions,
            decapsulate: None,
            initialized: AtomicBool::default(),
            ended: AtomicBool::default(),
            locks: true,
            tries: None,
            is_foreign: false,
        }
    }

    /// A module that was initialised before.
    fn started(functions: &CK_FUNCTION_LIST) -> Self {
        let mut library = Self::new(functions);
        *library.initialized.get_mut() = true;
        library
    }

    /// Whether the module locks its own state, so that threads may share it.
    pub(super) fn is_shareable(&self) -> bool {
        self.locks
    }

    /// `C_Initialize` with operating-system locking, or single-threaded if the module does not support it. `reserved`
    /// is the module-specific argument string (NSS, kryoptic).
    pub(super) fn initialize(&mut self, reserved: Option<&CStr>) -> Result<()> {
        // Finalise a module that this run used before, so that it starts from a clean state.
        let before = mem::take(&mut *UNFINALIZED.lock().unwrap_or_else(PoisonError::into_inner));
        before.iter().map(Self::started).for_each(|module| module.finalize());
        if self.is_foreign { signals::preserve(|| self.start(reserved)) } else { self.start(reserved) }
    }

    fn start(&mut self, reserved: Option<&CStr>) -> Result<()> {
        let mut arguments = ck::CK_C_INITIALIZE_ARGS {
            CreateMutex: None,
            DestroyMutex: None,
            LockMutex: None,
            UnlockMutex: None,
            flags: ck::CKF_OS_LOCKING_OK,
            pReserved: reserved.map_or(ptr::null_mut(), |text| text.as_ptr().cast_mut().cast()),
        };
        let mut outcome = call!(self, C_Initialize, (&raw mut arguments).cast::<c_void>());
        if matches!(outcome, Err(error) if error.is_any(&[ck::CKR_CANT_LOCK, ck::CKR_NEED_TO_CREATE_THREADS]))
        {
            self.locks = false;
            arguments.flags = 0;
            outcome = call!(self, C_Initialize, (&raw mut arguments).cast::<c_void>());
        }
        *self.ended.get_mut() = false;
        match outcome {
            Err(error) if error.is(ck::CKR_CRYPTOKI_ALREADY_INITIALIZED) => Ok(()),
            other => other.map(|()| *self.initialized.get_mut() = true),
        }
    }

    /// No other thread may be in a call.
    pub(super) fn finalize(&self) {
        self.ended.store(true, Ordering::SeqCst);
        if self.initialized.swap(false, Ordering::SeqCst) {
            // Best effort: nothing depends on the result.
            let _ = call!(self, C_Finalize, ptr::null_mut());
        }
    }

    /// Slots that hold a token.
    pub(super) fn slots(&self) -> Result<Vec<CK_SLOT_ID>> {
        // Most modules have few slots, so one call is enough. With more, the module returns the number needed.
        let mut slots = vec![0; 32];
        for _ in 0..3 {
            let mut count = ulong(slots.len());
            match call!(self, C_GetSlotList, ck::CK_TRUE, slots.as_mut_ptr(), &raw mut count) {
                Ok(()) => {
                    slots.truncate(length(count));
                    return Ok(slots);
                }
                Err(error) if error.is(ck::CKR_BUFFER_TOO_SMALL) && length(count) <= 65_536 => {
                    slots.resize(length(count).max(slots.len() * 2), 0);
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::new("C_GetSlotList", ck::CKR_BUFFER_TOO_SMALL))
    }

    pub(super) fn token_info(&self, slot: CK_SLOT_ID) -> Result<CK_TOKEN_INFO> {
        // SAFETY: a plain C struct of numbers and byte arrays; all zeros is a valid value.
        let mut info: CK_TOKEN_INFO = unsafe { mem::zeroed() };
        call!(self, C_GetTokenInfo, slot, &raw mut info).map(|()| info)
    }

    pub(super) fn slot_info(&self, slot: CK_SLOT_ID) -> Result<CK_SLOT_INFO> {
        // SAFETY: a plain C struct of numbers and byte arrays; all zeros is a valid value.
        let mut info: CK_SLOT_INFO = unsafe { mem::zeroed() };
        call!(self, C_GetSlotInfo, slot, &raw mut info).map(|()| info)
    }

    /// `C_GetInfo`.
    pub(super) fn info(&self) -> Result<CK_INFO> {
        // SAFETY: a plain C struct of numbers and byte arrays; all zeros is a valid value.
        let mut info: CK_INFO = unsafe { mem::zeroed() };
        call!(self, C_GetInfo, &raw mut info).map(|()| info)
    }

    pub(super) fn mechanisms(&self, slot: CK_SLOT_ID) -> Result<Vec<CK_MECHANISM_TYPE>> {
        let mut count = 0;
        call!(self, C_GetMechanismList, slot, ptr::null_mut(), &raw mut count)?;
        let mut list = vec![0; length(count).min(65_536)];
        count = ulong(list.len());
        call!(self, C_GetMechanismList, slot, list.as_mut_ptr(), &raw mut count)?;
        list.truncate(length(count));
        Ok(list)
    }

    /// `label` is padded with blanks to 32 bytes.
    pub(super) fn init_token(&self, slot: CK_SLOT_ID, so_pin: &[u8], label: &[u8; 32]) -> Result<()> {
        let outcome = call!(self, C_InitToken, slot, input(so_pin), ulong(so_pin.len()), input(label));
        wipe_stack();
        outcome
    }

    pub(super) fn open_session(&self, slot: CK_SLOT_ID, read_write: bool) -> Result<CK_SESSION_HANDLE> {
        let flags = ck::CKF_SERIAL_SESSION | if read_write { ck::CKF_RW_SESSION } else { 0 };
        let mut session = 0;
        call!(self, C_OpenSession, slot, flags, ptr::null_mut(), None, &raw mut session).map(|()| session)
    }

    pub(super) fn close_session(&self, session: CK_SESSION_HANDLE) -> Result<()> {
        if self.ended.load(Ordering::SeqCst) {
            return Ok(());
        }
        call!(self, C_CloseSession, session)
    }

    pub(super) fn login(
        &self,
        session: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: Option<&[u8]>,
    ) -> Result<()> {
        let (pointer, size) = pin.map_or((ptr::null_mut(), 0), |pin| (input(pin), ulong(pin.len())));
        let attempt = || call!(self, C_Login, session, user, pointer, size);
        let outcome = match &self.tries {
            Some(tries) => tries.count(user, attempt),
            None if self.is_foreign => signals::preserve(attempt),
            None => attempt(),
        };
        wipe_stack();
        outcome
    }

    pub(super) fn init_pin(&self, session: CK_SESSION_HANDLE, pin: &[u8]) -> Result<()> {
        let outcome = call!(self, C_InitPIN, session, input(pin), ulong(pin.len()));
        wipe_stack();
        if let (Ok(()), Some(tries)) = (&outcome, &self.tries) {
            tries.reset(ck::CKU_USER);
        }
        outcome
    }

    pub(super) fn set_pin(&self, session: CK_SESSION_HANDLE, old: &[u8], new: &[u8]) -> Result<()> {
        let outcome =
            call!(self, C_SetPIN, session, input(old), ulong(old.len()), input(new), ulong(new.len()));
        wipe_stack();
        outcome
    }

    pub(super) fn random(&self, session: CK_SESSION_HANDLE, buffer: &mut [u8]) -> Result<()> {
        call!(self, C_GenerateRandom, session, buffer.as_mut_ptr(), ulong(buffer.len()))
    }
}

/// The embedded token is finalised at once, under the lock of its store; a loaded module by [`end_modules`], after the
/// run's output was written.
impl Drop for Library {
    fn drop(&mut self) {
        if self.is_foreign && self.initialized.swap(false, Ordering::SeqCst) {
            UNFINALIZED.lock().unwrap_or_else(PoisonError::into_inner).push(self.functions);
        } else {
            self.finalize();
        }
    }
}

fn c_template(template: &[Attribute]) -> Vec<CK_ATTRIBUTE> {
    template.iter().map(CK_ATTRIBUTE::from).collect()
}
