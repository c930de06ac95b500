//! The function list: 68 functions that forward to those of the real module.

use std::{
    env,
    mem::{forget, offset_of, transmute, transmute_copy},
    ptr,
    sync::OnceLock,
};

use cryptoki_sys::{
    CK_FLAGS, CK_FUNCTION_LIST, CK_INTERFACE, CK_RV, CK_UTF8CHAR, CK_VERSION, CKR_ARGUMENTS_BAD,
    CKR_FUNCTION_NOT_SUPPORTED, CKR_GENERAL_ERROR, CKR_OK,
};

use crate::{intercept, refuse};

type GetFunctionList = unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV;

/// The real module's function list; never unloaded.
struct Real(*mut CK_FUNCTION_LIST);

// SAFETY: the list is constant once the module is loaded.
unsafe impl Send for Real {}
// SAFETY: as above.
unsafe impl Sync for Real {}

static REAL: OnceLock<Real> = OnceLock::new();

impl Real {
    fn load() -> Self {
        let name =
            env::var("KMSCTL_FAULT_MODULE").unwrap_or_else(|error| refuse("KMSCTL_FAULT_MODULE", error));
        let mut list: *mut CK_FUNCTION_LIST = ptr::null_mut();
        let rv = if name == "kryoptic" {
            kryoptic_lib::fns::general::fn_get_function_list((&raw mut list).cast())
        } else {
            // SAFETY: the test names a PKCS#11 module, whose constructors may run.
            let library =
                unsafe { libloading::Library::new(&name) }.unwrap_or_else(|error| refuse(&name, error));
            // SAFETY: the type of this symbol is fixed by the standard.
            let entry = unsafe { library.get::<GetFunctionList>(b"C_GetFunctionList\0") };
            // SAFETY: `list` outlives the call.
            let rv = unsafe { entry.unwrap_or_else(|error| refuse(&name, error))(&raw mut list) };
            forget(library);
            rv
        };
        if rv != CKR_OK || list.is_null() {
            refuse(name, "C_GetFunctionList failed");
        }
        Self(list)
    }

    /// The address of a function, zero if the module does not have it.
    fn address(index: usize) -> usize {
        let list = ptr::from_ref(real()).cast::<usize>();
        // SAFETY: a function list is a version, padded to one word, and one word for each function.
        unsafe { *list.add(1 + index) }
    }
}

/// The real module's functions.
pub(crate) fn real() -> &'static CK_FUNCTION_LIST {
    // SAFETY: the module is never unloaded, and its list never changes.
    unsafe { &*REAL.get_or_init(Real::load).0 }
}

/// An argument as a machine word. All arguments but `CK_BBOOL` have that size.
fn word<T: Copy>(argument: T) -> usize {
    match size_of::<T>() {
        // SAFETY: the sizes are equal, and every bit pattern is a number.
        1 => unsafe { transmute_copy::<T, u8>(&argument) }.into(),
        // SAFETY: every argument that is not a byte is a word.
        _ => unsafe { transmute_copy(&argument) },
    }
}

macro_rules! hooks {
    ($($hook:ident($($argument:ident: $kind:ident),+))+) => { $(
        unsafe extern "C" fn $hook<const INDEX: usize, $($kind: Copy),+>($($argument: $kind),+) -> CK_RV {
            let address = Real::address(INDEX);
            let call = || {
                // SAFETY: INDEX is the place in the list of a function with exactly these arguments, see `functions`.
                let function: unsafe extern "C" fn($($kind),+) -> CK_RV = unsafe { transmute(address) };
                // SAFETY: the caller's arguments, unchanged.
                unsafe { function($($argument),+) }
            };
            intercept(INDEX, &[$(word($argument)),+], (address != 0).then_some(&call as &dyn Fn() -> CK_RV))
        }
    )+ };
}

hooks! {
    hook1(a: A)
    hook2(a: A, b: B)
    hook3(a: A, b: B, c: C)
    hook4(a: A, b: B, c: C, d: D)
    hook5(a: A, b: B, c: C, d: D, e: E)
    hook6(a: A, b: B, c: C, d: D, e: E, f: F)
    hook8(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H)
}

/// A function's place in the list.
macro_rules! index {
    ($name:ident) => {
        offset_of!(CK_FUNCTION_LIST, $name) / size_of::<usize>() - 1
    };
}

/// The hook for a function with this many arguments. Their types are inferred from the list.
macro_rules! hook {
    ($name:ident 0) => {
        C_GetFunctionList
    };
    ($name:ident 1) => {
        hook1::<{ index!($name) }, _>
    };
    ($name:ident 2) => {
        hook2::<{ index!($name) }, _, _>
    };
    ($name:ident 3) => {
        hook3::<{ index!($name) }, _, _, _>
    };
    ($name:ident 4) => {
        hook4::<{ index!($name) }, _, _, _, _>
    };
    ($name:ident 5) => {
        hook5::<{ index!($name) }, _, _, _, _, _>
    };
    ($name:ident 6) => {
        hook6::<{ index!($name) }, _, _, _, _, _, _>
    };
    ($name:ident 8) => {
        hook8::<{ index!($name) }, _, _, _, _, _, _, _, _>
    };
}

macro_rules! functions {
    ($($name:ident $arguments:tt),+ $(,)?) => {
        /// In the order of the list.
        pub(crate) const NAMES: [&str; COUNT] = [$(stringify!($name)),+];

        static LIST: CK_FUNCTION_LIST = CK_FUNCTION_LIST {
            version: CK_VERSION { major: 2, minor: 40 },
            $($name: Some(hook!($name $arguments))),+
        };

        const _: () = {
            let places = [$(index!($name)),+];
            let mut index = 0;
            while index < COUNT {
                assert!(places[index] == index, "the names are not in the order of the list");
                index += 1;
            }
        };
    };
}

pub(crate) const COUNT: usize = 68;

// PKCS#11 v2.40, section 3.6, with the number of arguments of each; 0 for the one that returns this list.
functions! {
    C_Initialize 1, C_Finalize 1, C_GetInfo 1, C_GetFunctionList 0, C_GetSlotList 3, C_GetSlotInfo 2, C_GetTokenInfo 2,
    C_GetMechanismList 3, C_GetMechanismInfo 3, C_InitToken 4, C_InitPIN 3, C_SetPIN 5, C_OpenSession 5,
    C_CloseSession 1, C_CloseAllSessions 1, C_GetSessionInfo 2, C_GetOperationState 3, C_SetOperationState 5, C_Login 4,
    C_Logout 1, C_CreateObject 4, C_CopyObject 5, C_DestroyObject 2, C_GetObjectSize 3, C_GetAttributeValue 4,
    C_SetAttributeValue 4, C_FindObjectsInit 3, C_FindObjects 4, C_FindObjectsFinal 1, C_EncryptInit 3, C_Encrypt 5,
    C_EncryptUpdate 5, C_EncryptFinal 3, C_DecryptInit 3, C_Decrypt 5, C_DecryptUpdate 5, C_DecryptFinal 3,
    C_DigestInit 2, C_Digest 5, C_DigestUpdate 3, C_DigestKey 2, C_DigestFinal 3, C_SignInit 3, C_Sign 5, C_SignUpdate 3,
    C_SignFinal 3, C_SignRecoverInit 3, C_SignRecover 5, C_VerifyInit 3, C_Verify 5, C_VerifyUpdate 3, C_VerifyFinal 3,
    C_VerifyRecoverInit 3, C_VerifyRecover 5, C_DigestEncryptUpdate 5, C_DecryptDigestUpdate 5, C_SignEncryptUpdate 5,
    C_DecryptVerifyUpdate 5, C_GenerateKey 5, C_GenerateKeyPair 8, C_WrapKey 6, C_UnwrapKey 8, C_DeriveKey 6,
    C_SeedRandom 3, C_GenerateRandom 3, C_GetFunctionStatus 1, C_CancelFunction 1, C_WaitForSlotEvent 3,
}

/// The entry point of every PKCS#11 module.
///
/// # Safety
/// `list` is null or points to a place for a pointer.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the standard's name")]
pub unsafe extern "C" fn C_GetFunctionList(list: *mut *mut CK_FUNCTION_LIST) -> CK_RV {
    if list.is_null() {
        return CKR_ARGUMENTS_BAD;
    }
    if entry().is_some() {
        return CKR_FUNCTION_NOT_SUPPORTED;
    }
    // SAFETY: the caller's pointer; callers do not write to the list.
    unsafe { *list = (&raw const LIST).cast_mut() };
    CKR_OK
}

/// The entry point since version 3.0 of the standard. Returns the same functions whichever interface is requested.
///
/// # Safety
/// `interface` is null or points to a place for a pointer.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the standard's name")]
pub unsafe extern "C" fn C_GetInterface(
    _name: *mut CK_UTF8CHAR,
    _version: *mut CK_VERSION,
    interface: *mut *mut CK_INTERFACE,
    _flags: CK_FLAGS,
) -> CK_RV {
    static NAME: [CK_UTF8CHAR; 8] = *b"PKCS 11\0";
    if interface.is_null() {
        return CKR_ARGUMENTS_BAD;
    }
    if entry().as_deref() == Some("none") {
        return CKR_GENERAL_ERROR;
    }
    let standard = CK_INTERFACE {
        pInterfaceName: NAME.as_ptr().cast_mut(),
        pFunctionList: (&raw const LIST).cast_mut().cast(),
        flags: 0,
    };
    // SAFETY: the caller's pointer; the interface lives until the process ends.
    unsafe { *interface = Box::into_raw(Box::new(standard)) };
    CKR_OK
}

/// `interface`: only `C_GetInterface` returns the functions. `none`: neither entry point does.
fn entry() -> Option<String> {
    let entry = env::var("KMSCTL_FAULT_ENTRY").ok()?;
    if !["interface", "none"].contains(&entry.as_str()) {
        refuse("KMSCTL_FAULT_ENTRY", entry);
    }
    Some(entry)
}
