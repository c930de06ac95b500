//! A search whose answers are shorter than they could be, which the standard allows (PKCS#11 v2.40, section 5.7).

use std::ptr;

use cryptoki_sys::{CK_RV, CK_SESSION_HANDLE, CK_ULONG, CKR_FUNCTION_NOT_SUPPORTED};

use crate::forward;

/// The call, but for a `C_FindObjects` that asks for more.
pub(crate) fn instead(
    function: &str,
    arguments: &[usize],
    most: CK_ULONG,
    real: impl Fn() -> CK_RV,
) -> CK_RV {
    let ("C_FindObjects", &[session, objects, room, count]) = (function, arguments) else { return real() };
    let (objects, count) =
        (ptr::with_exposed_provenance_mut(objects), ptr::with_exposed_provenance_mut(count));
    let room = most.min(room as CK_ULONG);
    forward::real().C_FindObjects.map_or(CKR_FUNCTION_NOT_SUPPORTED, |find| {
        // SAFETY: the caller's arguments, with less room than there is.
        unsafe { find(session as CK_SESSION_HANDLE, objects, room, count) }
    })
}
