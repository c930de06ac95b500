//! The function lists that `C_GetInterface` returns (PKCS#11 3.0, section 5.4.5).

use std::{ffi::c_void, ptr};

use cryptoki_sys as ck;
use cryptoki_sys::CK_FUNCTION_LIST;

use super::{Error, GetInterface, Library, Result, check, traced};

impl Library {
    /// The module's default version of the `PKCS 11` interface.
    pub(super) fn interface(entry: GetInterface) -> Result<CK_FUNCTION_LIST> {
        let list = Self::list_of(entry, ptr::null_mut())?;
        // SAFETY: every version of the list is a static that starts with the 2.40 layout.
        Ok(unsafe { *list.cast::<CK_FUNCTION_LIST>() })
    }

    /// A module that has version 3.2 of the interface. All calls then go through that list.
    pub(super) fn version_3_2(entry: GetInterface) -> Option<Self> {
        let mut wanted = ck::CK_VERSION { major: 3, minor: 2 };
        let list = Self::list_of(entry, &raw mut wanted).ok()?.cast::<ck::CK_FUNCTION_LIST_3_2>();
        // SAFETY: every list is a static that starts with its version.
        let version = unsafe { (*list).version };
        if (version.major, version.minor) < (3, 2) {
            return None;
        }
        // SAFETY: a list of this version has the layout of 3.2, which starts with that of 2.40.
        let (functions, decapsulate) = unsafe { (&*list.cast(), (*list).C_DecapsulateKey) };
        let mut library = Self::new(functions);
        library.decapsulate = decapsulate;
        Some(library)
    }

    /// The list of a version of the `PKCS 11` interface; of the default one if `version` is null.
    fn list_of(entry: GetInterface, version: *mut ck::CK_VERSION) -> Result<*mut c_void> {
        let mut name = *b"PKCS 11\0";
        let mut interface: *mut ck::CK_INTERFACE = ptr::null_mut();
        let arguments = (name.as_mut_ptr(), &raw mut interface);
        // SAFETY: all pointers outlive the call; a module that returns CKR_OK has pointed at one of its statics.
        let call = || unsafe { entry(arguments.0, version, arguments.1, 0) };
        check("C_GetInterface", traced("C_GetInterface", call))?;
        // SAFETY: as above.
        let list = unsafe { interface.as_ref() }.map_or(ptr::null_mut(), |interface| interface.pFunctionList);
        if list.is_null() {
            return Err(Error::new("C_GetInterface", ck::CKR_GENERAL_ERROR));
        }
        Ok(list)
    }
}
