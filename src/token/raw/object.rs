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
        self.searching(session, template, || {
            let mut found = Vec::new();
            loop {
                let batch = self.next_found(session, BATCH)?;
                found.extend(&batch);
                if batch.len() < MIN_BATCH {
                    return Ok(found);
                }
                if found.len() >= MAX_HANDLES {
                    return Err(Error::new("C_FindObjects", ck::CKR_HOST_MEMORY));
                }
            }
        })
    }

    /// Finds at most this many objects, with one `C_FindObjects`. The module may return fewer than there are.
    pub(in crate::token) fn find_some(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[Attribute],
        most: usize,
    ) -> Result<Vec<CK_OBJECT_HANDLE>> {
        self.searching(session, template, || self.next_found(session, most))
    }

    fn searching<T>(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[Attribute],
        collect: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let mut template = c_template(template);
        call!(self, C_FindObjectsInit, session, template.as_mut_ptr(), ulong(template.len()))?;
        let found = collect();
        let finished = call!(self, C_FindObjectsFinal, session);
        found.and_then(|found| finished.map(|()| found))
    }

    fn next_found(&self, session: CK_SESSION_HANDLE, most: usize) -> Result<Vec<CK_OBJECT_HANDLE>> {
        let mut found = vec![0; most];
        let mut count = 0;
        call!(self, C_FindObjects, session, found.as_mut_ptr(), ulong(most), &raw mut count)?;
        found.truncate(length(count));
        Ok(found)
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

    pub(in crate::token) fn copy_object(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut template = c_template(template);
        let mut copy = 0;
        call!(
            self,
            C_CopyObject,
            session,
            object,
            template.as_mut_ptr(),
            ulong(template.len()),
            &raw mut copy
        )
        .map(|()| copy)
    }

    pub(in crate::token) fn destroy_object(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        call!(self, C_DestroyObject, session, object)
    }
}
