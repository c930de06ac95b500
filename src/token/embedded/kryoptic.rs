//! Drives kryoptic in the tests of the store, through its C functions, which are callable from Rust directly.

use std::{
    ffi::CString,
    ptr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kryoptic_lib::{
    fns::{general, keymgmt, objmgmt, sessmgmt, stmgmt},
    pkcs11 as ck,
};

use crate::secret::Pin;

/// kryoptic on one store. Its state is global to the process, so tests use it one at a time.
pub(super) struct Kryoptic {
    slot: ck::CK_SLOT_ID,
    session: ck::CK_SESSION_HANDLE,
    _alone: MutexGuard<'static, ()>,
}

pub(super) fn ok(rv: ck::CK_RV) {
    assert_eq!(rv, ck::CKR_OK, "PKCS#11 return value {rv:#x}");
}

fn length(bytes: &[u8]) -> ck::CK_ULONG {
    ck::CK_ULONG::try_from(bytes.len()).expect("a small number")
}

impl Kryoptic {
    /// `C_Initialize`, without a session.
    pub(super) fn start(init_args: &CString) -> Result<Self, ck::CK_RV> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut args = ck::CK_C_INITIALIZE_ARGS {
            CreateMutex: None,
            DestroyMutex: None,
            LockMutex: None,
            UnlockMutex: None,
            flags: ck::CKF_OS_LOCKING_OK,
            pReserved: init_args.as_ptr().cast_mut().cast(),
        };
        match general::fn_initialize((&raw mut args).cast()) {
            ck::CKR_OK => Ok(Self { slot: 0, session: 0, _alone: alone }),
            rv => {
                general::fn_finalize(ptr::null_mut());
                Err(rv)
            }
        }
    }

    pub(super) fn init_token(&self, so_pin: &Pin) {
        let (pin, mut label) = (so_pin.expose(), [b' '; 32]);
        ok(stmgmt::fn_init_token(self.slot, pin.as_ptr().cast_mut(), length(pin), label.as_mut_ptr()));
    }

    pub(super) fn open(&mut self, flags: ck::CK_FLAGS) {
        let flags = flags | ck::CKF_SERIAL_SESSION;
        ok(sessmgmt::fn_open_session(self.slot, flags, ptr::null_mut(), None, &raw mut self.session));
    }

    pub(super) fn login(&self, who: ck::CK_USER_TYPE, pin: &Pin) -> ck::CK_RV {
        let pin = pin.expose();
        sessmgmt::fn_login(self.session, who, pin.as_ptr().cast_mut(), length(pin))
    }

    pub(super) fn init_pin(&self, pin: &Pin) {
        let pin = pin.expose();
        ok(stmgmt::fn_init_pin(self.session, pin.as_ptr().cast_mut(), length(pin)));
    }

    /// Generates an AES key on the token.
    pub(super) fn make_key(&self) -> ck::CK_RV {
        let (mut token, mut bits) = (ck::CK_TRUE, 32 as ck::CK_ULONG);
        let mut template = [
            attribute(ck::CKA_TOKEN, &raw mut token),
            attribute(ck::CKA_PRIVATE, &raw mut token),
            attribute(ck::CKA_VALUE_LEN, &raw mut bits),
        ];
        let mut mechanism = ck::CK_MECHANISM {
            mechanism: ck::CKM_AES_KEY_GEN,
            pParameter: ptr::null_mut(),
            ulParameterLen: 0,
        };
        let (template, count, mut key) = (template.as_mut_ptr(), 3, 0);
        keymgmt::fn_generate_key(self.session, &raw mut mechanism, template, count, &raw mut key)
    }

    pub(super) fn count_keys(&self) -> usize {
        let mut class = ck::CKO_SECRET_KEY;
        let mut template = attribute(ck::CKA_CLASS, &raw mut class);
        ok(objmgmt::fn_find_objects_init(self.session, &raw mut template, 1));
        let (mut handles, mut count) = ([0; 100], 0);
        ok(objmgmt::fn_find_objects(self.session, handles.as_mut_ptr(), 100, &raw mut count));
        ok(objmgmt::fn_find_objects_final(self.session));
        usize::try_from(count).expect("at most 100")
    }
}

impl Drop for Kryoptic {
    fn drop(&mut self) {
        general::fn_finalize(ptr::null_mut());
    }
}

fn attribute<T>(kind: ck::CK_ATTRIBUTE_TYPE, value: *mut T) -> ck::CK_ATTRIBUTE {
    let length = ck::CK_ULONG::try_from(size_of::<T>()).expect("a small number");
    ck::CK_ATTRIBUTE { type_: kind, pValue: value.cast(), ulValueLen: length }
}
