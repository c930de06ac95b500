//! `CKM_RSA_AES_KEY_WRAP` (PKCS#11 3.1, section 6.1.24) on top of a module that has its two parts: RSA-OAEP and RFC 5649.

use std::{ptr, slice};

use cryptoki_sys as ck;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_MECHANISM, CK_MECHANISM_TYPE, CK_OBJECT_HANDLE, CK_RV,
    CK_SESSION_HANDLE, CK_ULONG, CKR_FUNCTION_NOT_SUPPORTED, CKR_OK,
};

use crate::forward;

/// The mechanisms that kmsctl would use instead.
const OTHERS: [CK_MECHANISM_TYPE; 3] =
    [ck::CKM_AES_KEY_WRAP_KWP, ck::CKM_AES_KEY_WRAP_PAD, ck::CKM_AES_CBC_PAD];

/// Forwards the call, except for what this file changes.
pub(crate) fn instead(function: &str, arguments: &[usize], real: impl Fn() -> CK_RV) -> CK_RV {
    match (function, arguments) {
        ("C_GetMechanismList", &[_, list, count]) => {
            let rv = real();
            if rv == CKR_OK && list != 0 {
                rename(list, count);
            }
            rv
        }
        ("C_UnwrapKey", &[session, mechanism, key, wrapped, length, template, count, unwrapped]) => {
            // SAFETY: the caller's mechanism.
            let mechanism = unsafe { &*ptr::with_exposed_provenance::<CK_MECHANISM>(mechanism) };
            if mechanism.mechanism != ck::CKM_RSA_AES_KEY_WRAP {
                return real();
            }
            let call = UnwrapCall {
                session: session as CK_SESSION_HANDLE,
                key: key as CK_OBJECT_HANDLE,
                // SAFETY: the caller's buffer.
                wrapped: unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(wrapped), length) },
                template: ptr::with_exposed_provenance_mut(template),
                count: count as CK_ULONG,
                unwrapped: ptr::with_exposed_provenance_mut(unwrapped),
            };
            // SAFETY: the parameter that goes with this mechanism.
            let parameters = unsafe { &*mechanism.pParameter.cast::<ck::CK_RSA_AES_KEY_WRAP_PARAMS>() };
            call.unwrap(parameters).unwrap_or_else(|rv| rv)
        }
        _ => real(),
    }
}

/// Replaces the other mechanisms in a list by this one.
fn rename(list: usize, count: usize) {
    // SAFETY: the call succeeded, so both pointers are valid, and the list has that many elements.
    let list = unsafe {
        let count = *ptr::with_exposed_provenance::<CK_ULONG>(count);
        slice::from_raw_parts_mut(
            ptr::with_exposed_provenance_mut::<CK_MECHANISM_TYPE>(list),
            usize::try_from(count).unwrap_or(0),
        )
    };
    for mechanism in list.iter_mut().filter(|mechanism| OTHERS.contains(mechanism)) {
        *mechanism = ck::CKM_RSA_AES_KEY_WRAP;
    }
}

/// The arguments of one `C_UnwrapKey`.
struct UnwrapCall<'a> {
    session: CK_SESSION_HANDLE,
    key: CK_OBJECT_HANDLE,
    wrapped: &'a [u8],
    template: *mut CK_ATTRIBUTE,
    count: CK_ULONG,
    unwrapped: *mut CK_OBJECT_HANDLE,
}

impl UnwrapCall<'_> {
    /// Unwraps the AES key with the RSA key, and the key itself with the AES key.
    fn unwrap(&self, parameters: &ck::CK_RSA_AES_KEY_WRAP_PARAMS) -> Result<CK_RV, CK_RV> {
        let (block, rest) =
            self.wrapped.split_at_checked(self.modulus_len()?).ok_or(ck::CKR_WRAPPED_KEY_LEN_RANGE)?;
        let mut oaep = CK_MECHANISM {
            mechanism: ck::CKM_RSA_PKCS_OAEP,
            pParameter: parameters.pOAEPParams.cast(),
            ulParameterLen: size_of::<ck::CK_RSA_PKCS_OAEP_PARAMS>() as CK_ULONG,
        };
        let (mut class, mut kind, mut yes, mut no) =
            (ck::CKO_SECRET_KEY, ck::CKK_AES, ck::CK_TRUE, ck::CK_FALSE);
        let mut template = [
            attribute(ck::CKA_CLASS, &mut class),
            attribute(ck::CKA_KEY_TYPE, &mut kind),
            attribute(ck::CKA_TOKEN, &mut no),
            attribute(ck::CKA_UNWRAP, &mut yes),
        ];
        let mut aes_key = 0;
        let count = template.len() as CK_ULONG;
        let outcome = self.call(&mut oaep, self.key, block, (template.as_mut_ptr(), count), &raw mut aes_key);
        done(outcome)?;
        let mut outcome = CKR_FUNCTION_NOT_SUPPORTED;
        for mechanism in [ck::CKM_AES_KEY_WRAP_KWP, ck::CKM_AES_KEY_WRAP_PAD] {
            let mut kwp = CK_MECHANISM { mechanism, pParameter: ptr::null_mut(), ulParameterLen: 0 };
            outcome = self.call(&mut kwp, aes_key, rest, (self.template, self.count), self.unwrapped);
            if outcome != ck::CKR_MECHANISM_INVALID {
                break;
            }
        }
        if let Some(destroy) = forward::real().C_DestroyObject {
            // SAFETY: a call without pointers.
            unsafe { destroy(self.session, aes_key) };
        }
        Ok(outcome)
    }

    fn modulus_len(&self) -> Result<usize, CK_RV> {
        let mut modulus = CK_ATTRIBUTE { type_: ck::CKA_MODULUS, pValue: ptr::null_mut(), ulValueLen: 0 };
        let read = forward::real().C_GetAttributeValue.ok_or(CKR_FUNCTION_NOT_SUPPORTED)?;
        // SAFETY: a template of one attribute, whose length is asked for.
        done(unsafe { read(self.session, self.key, &raw mut modulus, 1) })?;
        usize::try_from(modulus.ulValueLen).map_err(|_| ck::CKR_KEY_SIZE_RANGE)
    }

    fn call(
        &self,
        mechanism: &mut CK_MECHANISM,
        key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        (template, count): (*mut CK_ATTRIBUTE, CK_ULONG),
        unwrapped: *mut CK_OBJECT_HANDLE,
    ) -> CK_RV {
        let Some(unwrap) = forward::real().C_UnwrapKey else { return CKR_FUNCTION_NOT_SUPPORTED };
        let (bytes, length) = (wrapped.as_ptr().cast_mut(), wrapped.len() as CK_ULONG);
        // SAFETY: every pointer lives through the call; the module does not write to what it unwraps.
        unsafe { unwrap(self.session, mechanism, key, bytes, length, template, count, unwrapped) }
    }
}

fn attribute<T>(kind: CK_ATTRIBUTE_TYPE, value: &mut T) -> CK_ATTRIBUTE {
    CK_ATTRIBUTE { type_: kind, pValue: ptr::from_mut(value).cast(), ulValueLen: size_of::<T>() as CK_ULONG }
}

fn done(rv: CK_RV) -> Result<(), CK_RV> {
    if rv == CKR_OK { Ok(()) } else { Err(rv) }
}
