//! The C calls, one function each. The only file with `unsafe`.
//!
//! `cryptoki` gives the vocabulary (templates, mechanism parameters), the calls are made here because its own lose what
//! real modules need: it fails as a whole on a token whose clock string is odd (openCryptoki) or on an attribute value it
//! does not know (SoftHSM), drops mechanisms that it has no name for, and asks a size before each signature and
//! ciphertext, which NSS answers wrongly for GCM. One function list serves all calls: p11-kit's proxy and client give
//! each caller of `C_GetFunctionList` an instance of its own.
#![allow(unsafe_code, reason = "PKCS#11 is a C interface; every pointer handed out lives through its call")]

use std::{
    ffi::{CStr, c_void},
    fmt, mem,
    path::Path,
    ptr,
};

use cryptoki::{mechanism::Mechanism, object::Attribute};
use cryptoki_sys as ck;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_FUNCTION_LIST, CK_MECHANISM, CK_MECHANISM_TYPE, CK_OBJECT_HANDLE,
    CK_RSA_PKCS_MGF_TYPE, CK_RV, CK_SESSION_HANDLE, CK_SLOT_ID, CK_TOKEN_INFO, CK_ULONG, CK_USER_TYPE,
};
use zeroize::Zeroizing;

use super::error::{Error, Result};
use crate::secret::wipe_stack;

/// A loaded module and its functions. Finalised when dropped, if it was initialised here.
pub(super) struct Library {
    functions: CK_FUNCTION_LIST,
    initialized: bool,
    /// Whether several threads may call at once.
    locks: bool,
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library").field("initialized", &self.initialized).finish_non_exhaustive()
    }
}

type GetFunctionList = unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV;

/// Calls one function of the list and turns what it returns into a `Result`.
macro_rules! call {
    ($library:expr, $name:ident $(, $argument:expr)* $(,)?) => {
        match $library.functions.$name {
            // SAFETY: the pointer comes from the module's own function list; arguments are valid for the call.
            Some(function) => check(stringify!($name), unsafe { function($($argument),*) }),
            None => Err(Error::new(stringify!($name), ck::CKR_FUNCTION_NOT_SUPPORTED)),
        }
    };
}

fn check(function: &'static str, rv: CK_RV) -> Result<()> {
    if rv == ck::CKR_OK { Ok(()) } else { Err(Error::new(function, rv)) }
}

/// `usize` and `CK_ULONG` have one width on every platform that `cryptoki-sys` has bindings for but 64-bit Windows.
fn ulong(length: usize) -> CK_ULONG {
    length as CK_ULONG
}

fn length(value: CK_ULONG) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// PKCS#11 declares its inputs without `const`; a module that wrote to them would break the standard.
fn input(bytes: &[u8]) -> *mut u8 {
    bytes.as_ptr().cast_mut()
}

impl Library {
    /// Loads a module from a file. The error is the dynamic linker's, or `None` when the file is no PKCS#11 module.
    ///
    /// The module stays mapped to the end of the process: it, or a library that came with it, may have left destructors
    /// with threads that are still ending (openCryptoki, through its OpenSSL), and these must find their code.
    pub(super) fn load(path: &Path) -> Result<Self, Option<libloading::Error>> {
        // SAFETY: loading runs the module's constructors; the user named the module and trusts it with the keys.
        let object = unsafe { libloading::Library::new(path) }.map_err(Some)?;
        // SAFETY: the symbol has this type in every version of the standard.
        let entry = unsafe { object.get::<GetFunctionList>(b"C_GetFunctionList\0") }.map(|symbol| *symbol);
        let functions = entry.ok().and_then(Self::function_list).ok_or(None)?;
        mem::forget(object);
        Ok(Self { functions, initialized: false, locks: true })
    }

    /// The token that is linked into the program.
    pub(super) fn embedded() -> Option<Self> {
        let mut list: *mut CK_FUNCTION_LIST = ptr::null_mut();
        let rv = kryoptic_lib::fns::general::fn_get_function_list(ptr::from_mut(&mut list).cast());
        if rv != ck::CKR_OK || list.is_null() {
            return None;
        }
        // SAFETY: kryoptic's list is a static of the standard's layout.
        Some(Self { functions: unsafe { *list }, initialized: false, locks: true })
    }

    fn function_list(entry: GetFunctionList) -> Option<CK_FUNCTION_LIST> {
        let mut list: *mut CK_FUNCTION_LIST = ptr::null_mut();
        // SAFETY: `list` outlives the call; a module that returns CKR_OK has pointed it at its static list.
        let rv = unsafe { entry(&raw mut list) };
        if rv != ck::CKR_OK || list.is_null() {
            return None;
        }
        // SAFETY: as above; the 2.40 layout begins every later version of the list.
        Some(unsafe { *list })
    }

    /// Whether the module has locks of its own, so that threads may share it.
    pub(super) fn is_shareable(&self) -> bool {
        self.locks
    }

    /// `C_Initialize` with operating-system locking, else for one thread alone. `reserved` is the module's own argument string (NSS, kryoptic).
    pub(super) fn initialize(&mut self, reserved: Option<&CStr>) -> Result<()> {
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
        match outcome {
            Err(error) if error.is(ck::CKR_CRYPTOKI_ALREADY_INITIALIZED) => Ok(()),
            other => other.map(|()| self.initialized = true),
        }
    }

    pub(super) fn finalize(&mut self) {
        if mem::take(&mut self.initialized) {
            // A module that cannot end cleanly has nothing left to tell us.
            let _ = call!(self, C_Finalize, ptr::null_mut());
        }
    }

    /// Slots that hold a token.
    pub(super) fn slots(&self) -> Result<Vec<CK_SLOT_ID>> {
        // Almost every module has few slots: one call instead of two. Those that have more answer with the number.
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
        call!(self, C_CloseSession, session)
    }

    pub(super) fn login(
        &self,
        session: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: Option<&[u8]>,
    ) -> Result<()> {
        let (pointer, size) = pin.map_or((ptr::null_mut(), 0), |pin| (input(pin), ulong(pin.len())));
        let outcome = call!(self, C_Login, session, user, pointer, size);
        wipe_stack();
        outcome
    }

    pub(super) fn logout(&self, session: CK_SESSION_HANDLE) -> Result<()> {
        call!(self, C_Logout, session)
    }

    pub(super) fn init_pin(&self, session: CK_SESSION_HANDLE, pin: &[u8]) -> Result<()> {
        let outcome = call!(self, C_InitPIN, session, input(pin), ulong(pin.len()));
        wipe_stack();
        outcome
    }

    pub(super) fn set_pin(&self, session: CK_SESSION_HANDLE, old: &[u8], new: &[u8]) -> Result<()> {
        let outcome =
            call!(self, C_SetPIN, session, input(old), ulong(old.len()), input(new), ulong(new.len()));
        wipe_stack();
        outcome
    }

    /// All objects that match, handles fetched in batches of a thousand.
    pub(super) fn find(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[Attribute],
    ) -> Result<Vec<CK_OBJECT_HANDLE>> {
        const BATCH: usize = 1000;
        /// No token holds so many objects; one that never ends its answer is broken.
        const MOST: usize = 1 << 22;
        let mut template = c_template(template);
        call!(self, C_FindObjectsInit, session, template.as_mut_ptr(), ulong(template.len()))?;
        let mut found = Vec::new();
        let searched = loop {
            let start = found.len();
            found.resize(start + BATCH, 0);
            let mut count = 0;
            let rest = found[start..].as_mut_ptr();
            if let Err(error) = call!(self, C_FindObjects, session, rest, ulong(BATCH), &raw mut count) {
                break Err(error);
            }
            found.truncate(start + length(count).min(BATCH));
            // Only an empty answer is the end by the standard, but a short one is on every module that is known.
            if length(count) < BATCH {
                break Ok(());
            }
            if found.len() >= MOST {
                break Err(Error::new("C_FindObjects", ck::CKR_HOST_MEMORY));
            }
        };
        let finished = call!(self, C_FindObjectsFinal, session);
        searched.and(finished).map(|()| found)
    }

    /// One `C_GetAttributeValue` into the given buffers. Each answer is the length that the module stated.
    pub(super) fn get_attributes(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        wanted: &mut [(CK_ATTRIBUTE_TYPE, Option<&mut [u8]>)],
    ) -> (Vec<CK_ULONG>, Result<()>) {
        let mut template: Vec<CK_ATTRIBUTE> = wanted
            .iter_mut()
            .map(|(kind, buffer)| CK_ATTRIBUTE {
                type_: *kind,
                pValue: buffer.as_mut().map_or(ptr::null_mut(), |buffer| buffer.as_mut_ptr().cast()),
                ulValueLen: buffer.as_ref().map_or(0, |buffer| ulong(buffer.len())),
            })
            .collect();
        let result =
            call!(self, C_GetAttributeValue, session, object, template.as_mut_ptr(), ulong(template.len()));
        (template.iter().map(|attribute| attribute.ulValueLen).collect(), result)
    }

    pub(super) fn set_attributes(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        template: &[Attribute],
    ) -> Result<()> {
        let mut template = c_template(template);
        call!(self, C_SetAttributeValue, session, object, template.as_mut_ptr(), ulong(template.len()))
    }

    pub(super) fn create_object(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut template = c_template(template);
        let mut object = 0;
        call!(self, C_CreateObject, session, template.as_mut_ptr(), ulong(template.len()), &raw mut object)
            .map(|()| object)
    }

    pub(super) fn destroy_object(&self, session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE) -> Result<()> {
        call!(self, C_DestroyObject, session, object)
    }

    pub(super) fn generate_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        let mut template = c_template(template);
        let mut key = 0;
        let (attributes, count) = (template.as_mut_ptr(), ulong(template.len()));
        call!(self, C_GenerateKey, session, &raw mut mechanism, attributes, count, &raw mut key).map(|()| key)
    }

    /// The handles of the public and the private half, in this order.
    pub(super) fn generate_key_pair(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        public: &[Attribute],
        private: &[Attribute],
    ) -> Result<(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        let (mut public, mut private) = (c_template(public), c_template(private));
        let (mut public_key, mut private_key) = (0, 0);
        call!(
            self,
            C_GenerateKeyPair,
            session,
            &raw mut mechanism,
            public.as_mut_ptr(),
            ulong(public.len()),
            private.as_mut_ptr(),
            ulong(private.len()),
            &raw mut public_key,
            &raw mut private_key,
        )
        .map(|()| (public_key, private_key))
    }

    /// One-part signature or MAC of at most `capacity` bytes.
    pub(super) fn sign(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        key: CK_OBJECT_HANDLE,
        data: &[u8],
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        call!(self, C_SignInit, session, &raw mut mechanism, key)?;
        let signature = filled(capacity, |buffer, size| {
            call!(self, C_Sign, session, input(data), ulong(data.len()), buffer, size)
        });
        signature.map(|signature| signature.to_vec())
    }

    /// One-part encryption; the ciphertext has at most `capacity` bytes.
    pub(super) fn encrypt(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        key: CK_OBJECT_HANDLE,
        plaintext: &[u8],
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        call!(self, C_EncryptInit, session, &raw mut mechanism, key)?;
        let ciphertext = filled(capacity, |buffer, size| {
            call!(self, C_Encrypt, session, input(plaintext), ulong(plaintext.len()), buffer, size)
        });
        ciphertext.map(|ciphertext| ciphertext.to_vec())
    }

    /// One-part decryption; the plaintext has at most `capacity` bytes.
    pub(super) fn decrypt(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        key: CK_OBJECT_HANDLE,
        ciphertext: &[u8],
        capacity: usize,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        call!(self, C_DecryptInit, session, &raw mut mechanism, key)?;
        filled(capacity, |buffer, size| {
            call!(self, C_Decrypt, session, input(ciphertext), ulong(ciphertext.len()), buffer, size)
        })
    }

    /// `C_WrapKey` with a mechanism that takes no parameter, or `iv` as its whole parameter. The wrapped key has at most
    /// `capacity` bytes.
    pub(super) fn wrap_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: (CK_MECHANISM_TYPE, &[u8]),
        wrapping_key: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let mut mechanism = with_iv(mechanism);
        let wrapped = filled(capacity, |buffer, size| {
            call!(self, C_WrapKey, session, &raw mut mechanism, wrapping_key, key, buffer, size)
        });
        wrapped.map(|wrapped| wrapped.to_vec())
    }

    /// `C_UnwrapKey` with a mechanism that takes no parameter, or `iv` as its whole parameter.
    pub(super) fn unwrap_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: (CK_MECHANISM_TYPE, &[u8]),
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        self.unwrap_key_by(session, with_iv(mechanism), unwrapping_key, wrapped, template)
    }

    /// `C_UnwrapKey` with `CKM_RSA_AES_KEY_WRAP`, an AES-256 key between, and OAEP with this hash and mask, without a label.
    pub(super) fn unwrap_key_rsa_aes(
        &self,
        session: CK_SESSION_HANDLE,
        (hash, mask): (CK_MECHANISM_TYPE, CK_RSA_PKCS_MGF_TYPE),
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut oaep = ck::CK_RSA_PKCS_OAEP_PARAMS {
            hashAlg: hash,
            mgf: mask,
            source: ck::CKZ_DATA_SPECIFIED,
            pSourceData: ptr::null_mut(),
            ulSourceDataLen: 0,
        };
        let mut parameters = ck::CK_RSA_AES_KEY_WRAP_PARAMS { ulAESKeyBits: 256, pOAEPParams: &raw mut oaep };
        let mechanism = CK_MECHANISM {
            mechanism: ck::CKM_RSA_AES_KEY_WRAP,
            pParameter: (&raw mut parameters).cast(),
            ulParameterLen: ulong(size_of_val(&parameters)),
        };
        self.unwrap_key_by(session, mechanism, unwrapping_key, wrapped, template)
    }

    fn unwrap_key_by(
        &self,
        session: CK_SESSION_HANDLE,
        mut mechanism: CK_MECHANISM,
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut template = c_template(template);
        let mut key = 0;
        call!(
            self,
            C_UnwrapKey,
            session,
            &raw mut mechanism,
            unwrapping_key,
            input(wrapped),
            ulong(wrapped.len()),
            template.as_mut_ptr(),
            ulong(template.len()),
            &raw mut key,
        )
        .map(|()| key)
    }

    pub(super) fn random(&self, session: CK_SESSION_HANDLE, buffer: &mut [u8]) -> Result<()> {
        call!(self, C_GenerateRandom, session, buffer.as_mut_ptr(), ulong(buffer.len()))
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.finalize();
    }
}

/// A mechanism by number, for cryptoki has no name for some (CKM_AES_KEY_WRAP_KWP). An empty `iv` is no parameter.
fn with_iv((mechanism, iv): (CK_MECHANISM_TYPE, &[u8])) -> CK_MECHANISM {
    let parameter = if iv.is_empty() { ptr::null_mut() } else { input(iv).cast() };
    CK_MECHANISM { mechanism, pParameter: parameter, ulParameterLen: ulong(iv.len()) }
}

fn c_template(template: &[Attribute]) -> Vec<CK_ATTRIBUTE> {
    template.iter().map(CK_ATTRIBUTE::from).collect()
}

/// Runs a call that fills a buffer, once more with a larger one where the module asks for it (PKCS#11, section 5.2).
/// The length that the module states is not trusted beyond the buffer (tpm2 states the buffer's own size).
fn filled(
    capacity: usize,
    mut run: impl FnMut(*mut u8, *mut CK_ULONG) -> Result<()>,
) -> Result<Zeroizing<Vec<u8>>> {
    const LARGEST: usize = 1 << 26;
    let mut buffer = Zeroizing::new(vec![0; capacity]);
    let mut size = ulong(capacity);
    let first = run(buffer.as_mut_ptr(), &raw mut size);
    let outcome = match first {
        Err(error) if error.is(ck::CKR_BUFFER_TOO_SMALL) => {
            let needed = length(size).max(capacity * 2);
            if needed > LARGEST {
                return Err(error);
            }
            buffer = Zeroizing::new(vec![0; needed]);
            size = ulong(needed);
            run(buffer.as_mut_ptr(), &raw mut size)
        }
        other => other,
    };
    outcome?;
    let used = length(size).min(buffer.len());
    buffer.truncate(used);
    Ok(buffer)
}
