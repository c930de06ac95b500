//! Calls that find, read and change objects.

use std::ptr;

use cryptoki::object::Attribute;
use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CK_ULONG};

use super::{Error, Library, Result, c_template, check, length, ulong};

impl Library {
    /// The handles of all matching objects, read in batches of 1000.
    pub(in crate::token) fn find(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[Attribute],
    ) -> Result<Vec<CK_OBJECT_HANDLE>> {
        const BATCH: usize = 1000;
        /// By the standard only an empty answer ends a search. On every known module a short one does too, which saves
        /// a call when searching for one key; a longer one may be a batch of the module's own size, so the search
        /// continues.
        const MIN_BATCH: usize = 16;
        /// No token holds this many objects; guards against a module whose search never ends.
        const MAX_HANDLES: usize = 1 << 22;
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
            if length(count) < MIN_BATCH {
                break Ok(());
            }
            if found.len() >= MAX_HANDLES {
                break Err(Error::new("C_FindObjects", ck::CKR_HOST_MEMORY));
            }
        };
        let finished = call!(self, C_FindObjectsFinal, session);
        searched.and(finished).map(|()| found)
    }

    /// One `C_GetAttributeValue` into the given buffers. Returns the lengths that the module stated.
    pub(in crate::token) fn get_attributes(
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

    pub(in crate::token) fn set_attributes(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        template: &[Attribute],
    ) -> Result<()> {
        let mut template = c_template(template);
        call!(self, C_SetAttributeValue, session, object, template.as_mut_ptr(), ulong(template.len()))
    }

    pub(in crate::token) fn create_object(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut template = c_template(template);
        let mut object = 0;
        call!(self, C_CreateObject, session, template.as_mut_ptr(), ulong(template.len()), &raw mut object)
            .map(|()| object)
    }

    pub(in crate::token) fn destroy_object(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        call!(self, C_DestroyObject, session, object)
    }
}
