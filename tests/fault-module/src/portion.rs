//! A search that returns fewer objects than requested, which the standard allows (PKCS#11 v2.40, section 5.7).

use std::ptr;

use cryptoki_sys::{CK_RV, CK_SESSION_HANDLE, CK_ULONG, CKR_FUNCTION_NOT_SUPPORTED};

use crate::forward;

/// Forwards the call; `C_FindObjects` returns at most `most` objects.
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
        // SAFETY: the caller's arguments, with at most the room that the caller has.
        unsafe { find(session as CK_SESSION_HANDLE, objects, room, count) }
    })
}
