//! The function list of a module, from one of its two entry points.

use std::{ffi::c_void, ptr};

use cryptoki_sys as ck;
use cryptoki_sys::CK_FUNCTION_LIST;

use super::{Error, GetFunctionList, GetInterface, Library, Result, check, traced};

impl Library {
    /// The module's default version of the `PKCS 11` interface (PKCS#11 3.0, section 5.4.5), which is its newest: NSS,
    /// kryoptic and OpenSC's modules.
    pub(super) fn by_interface(entry: GetInterface) -> Result<Self> {
        const NAME: &str = "C_GetInterface";
        let mut name = *b"PKCS 11\0";
        let mut interface: *mut ck::CK_INTERFACE = ptr::null_mut();
        let arguments = (name.as_mut_ptr(), &raw mut interface);
        // SAFETY: all pointers outlive the call; a module that returns CKR_OK has pointed at one of its statics.
        check(NAME, traced(NAME, || unsafe { entry(arguments.0, ptr::null_mut(), arguments.1, 0) }))?;
        // SAFETY: as above.
        let list = unsafe { interface.as_ref() }.map_or(ptr::null_mut(), |interface| interface.pFunctionList);
        let mut library = Self::of_list(NAME, list)?;
        let version = library.functions.version;
        if (version.major, version.minor) >= (3, 2) {
            // SAFETY: a list of this version has the layout of 3.2.
            library.decapsulate = unsafe { (*list.cast::<ck::CK_FUNCTION_LIST_3_2>()).C_DecapsulateKey };
        }
        Ok(library)
    }

    pub(super) fn by_function_list(entry: GetFunctionList) -> Result<Self> {
        const NAME: &str = "C_GetFunctionList";
        let mut list: *mut CK_FUNCTION_LIST = ptr::null_mut();
        // SAFETY: `list` outlives the call; a module that returns CKR_OK has pointed it at its static list.
        check(NAME, traced(NAME, || unsafe { entry(&raw mut list) }))?;
        Self::of_list(NAME, list.cast())
    }

    /// `list` is what this entry point returned.
    fn of_list(entry: &'static str, list: *mut c_void) -> Result<Self> {
        // SAFETY: a static of the module, or null; every version of the list starts with the 2.40 layout.
        let functions = unsafe { list.cast::<CK_FUNCTION_LIST>().as_ref() };
        functions.map(Self::new).ok_or(Error::new(entry, ck::CKR_GENERAL_ERROR))
    }
}
