//! Objects that are found but cannot be read, such as those of a key type that the module was built without.

use std::ptr;

use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE, CK_OBJECT_HANDLE, CK_RV, CK_SESSION_HANDLE};

use crate::forward;

/// `HEX 0xRV`: reading attributes of an object with this label returns this value.
pub(crate) struct Unreadable {
    label: Vec<u8>,
    rv: CK_RV,
}

impl std::str::FromStr for Unreadable {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (label, rv) = text.split_once(' ').ok_or(())?;
        Ok(Self { label: crate::lie::bytes(label)?, rv: crate::lie::hexadecimal(rv)? })
    }
}

impl Unreadable {
    /// Forwards the call, unless it reads such an object.
    pub(crate) fn instead(&self, function: &str, arguments: &[usize], real: impl Fn() -> CK_RV) -> CK_RV {
        match (function, arguments) {
            ("C_GetAttributeValue", &[session, object, ..]) if self.has_label(session, object) => self.rv,
            _ => real(),
        }
    }

    fn has_label(&self, session: usize, object: usize) -> bool {
        let mut buffer = vec![0u8; 4096];
        let mut label = CK_ATTRIBUTE {
            type_: ck::CKA_LABEL,
            pValue: buffer.as_mut_ptr().cast(),
            ulValueLen: buffer.len() as ck::CK_ULONG,
        };
        let Some(read) = forward::real().C_GetAttributeValue else { return false };
        let (session, object) = (session as CK_SESSION_HANDLE, object as CK_OBJECT_HANDLE);
        // SAFETY: a template of one attribute with its buffer.
        let rv = unsafe { read(session, object, ptr::from_mut(&mut label), 1) };
        let stated = usize::try_from(label.ulValueLen).unwrap_or(usize::MAX);
        rv == ck::CKR_OK && buffer.get(..stated) == Some(&self.label[..])
    }
}
