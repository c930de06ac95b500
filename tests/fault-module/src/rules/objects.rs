//! Objects of the real module, looked up to judge a call.

use std::{env, ptr};

use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_OBJECT_HANDLE, CK_RV, CK_SESSION_HANDLE, CK_ULONG};

use super::word;
use crate::{forward::real, refuse};

/// Attributes, for the duration of one call.
pub(super) fn template(attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])]) -> Vec<CK_ATTRIBUTE> {
    let attribute = |(kind, value): &(CK_ATTRIBUTE_TYPE, &[u8])| CK_ATTRIBUTE {
        type_: *kind,
        pValue: value.as_ptr().cast_mut().cast(),
        ulValueLen: value.len() as CK_ULONG,
    };
    attributes.iter().map(attribute).collect()
}

/// The objects with these attributes. Uses the caller's session, which has no search at that time.
pub(super) fn find(session: usize, attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])]) -> Vec<CK_OBJECT_HANDLE> {
    let (Some(init), Some(find), Some(end)) =
        (real().C_FindObjectsInit, real().C_FindObjects, real().C_FindObjectsFinal)
    else {
        return Vec::new();
    };
    let session = session as CK_SESSION_HANDLE;
    let mut template = template(attributes);
    let mut found = vec![0; 4096];
    let mut count = 0;
    // SAFETY: template, list and count outlive the calls.
    unsafe {
        if init(session, template.as_mut_ptr(), template.len() as CK_ULONG) != ck::CKR_OK {
            return Vec::new();
        }
        find(session, found.as_mut_ptr(), found.len() as CK_ULONG, &raw mut count);
        end(session);
    }
    found.truncate(usize::try_from(count).unwrap_or(0));
    found
}

pub(super) fn count(session: usize, attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])]) -> usize {
    find(session, attributes).len()
}

pub(super) fn read(session: usize, object: CK_OBJECT_HANDLE, kind: CK_ATTRIBUTE_TYPE) -> Vec<u8> {
    let mut value = vec![0u8; 4096];
    let mut wanted =
        CK_ATTRIBUTE { type_: kind, pValue: value.as_mut_ptr().cast(), ulValueLen: value.len() as CK_ULONG };
    let Some(read) = real().C_GetAttributeValue else { return Vec::new() };
    // SAFETY: a template of one attribute with its buffer.
    let rv = unsafe { read(session as CK_SESSION_HANDLE, object, ptr::from_mut(&mut wanted), 1) };
    value.truncate(if rv == ck::CKR_OK { usize::try_from(wanted.ulValueLen).unwrap_or(0) } else { 0 });
    value
}

/// Destroys an object, and the other half of its pair.
pub(super) fn destroy_pair(session: usize, object: usize, destroy: &dyn Fn() -> CK_RV) -> CK_RV {
    let handle = object as CK_OBJECT_HANDLE;
    let (id, class) = (read(session, handle, ck::CKA_ID), read(session, handle, ck::CKA_CLASS));
    let rv = destroy();
    let is = |wanted: ck::CK_OBJECT_CLASS| class == wanted.to_ne_bytes();
    let other = if is(ck::CKO_PRIVATE_KEY) { ck::CKO_PUBLIC_KEY } else { ck::CKO_PRIVATE_KEY };
    if rv == ck::CKR_OK && !id.is_empty() && (is(ck::CKO_PRIVATE_KEY) || is(ck::CKO_PUBLIC_KEY)) {
        for half in find(session, &[(ck::CKA_ID, &id), word(ck::CKA_CLASS, other).pair()]) {
            if let Some(destroy) = real().C_DestroyObject {
                // SAFETY: a handle of this session.
                unsafe { destroy(session as CK_SESSION_HANDLE, half) };
            }
        }
    }
    rv
}

/// Logs in to the real module, in the session that was just opened.
pub(super) fn log_in(session: usize) {
    let pin = env::var("KMSCTL_FAULT_PIN").unwrap_or_else(|error| refuse("KMSCTL_FAULT_PIN", error));
    let mut pin = pin.into_bytes();
    let Some(login) = real().C_Login else { return };
    // SAFETY: the call that opened the session succeeded.
    let session = unsafe { *ptr::with_exposed_provenance::<CK_SESSION_HANDLE>(session) };
    // SAFETY: the PIN outlives the call.
    unsafe { login(session, ck::CKU_USER, pin.as_mut_ptr(), pin.len() as CK_ULONG) };
}
