//! The minimum of PKCS#11 calls for a job: no choice of mechanism, no checks, no records. Everything beyond this is overhead
//! of a tool.
//!
//! ```text
//! bare MODULE PIN sign LABEL ecdsa|rsa|eddsa|ml-dsa COUNT SESSIONS     prints the seconds that the signatures took
//! bare MODULE PIN list                                    prints how many objects it read
//! bare MODULE PIN show LABEL
//! ```
//!
//! `BARE_MODULE_ARGS` is the argument string for `C_Initialize`.

use std::{env, error::Error, ffi::CString, ptr, thread, time::Instant};

use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_C_INITIALIZE_ARGS, CK_FUNCTION_LIST, CK_MECHANISM, CK_OBJECT_HANDLE,
    CK_RV, CK_SESSION_HANDLE, CK_SLOT_ID, CK_TRUE, CK_ULONG, CKA_CLASS, CKA_EC_POINT, CKA_ID, CKA_LABEL,
    CKF_OS_LOCKING_OK, CKF_SERIAL_SESSION, CKM_ECDSA, CKM_EDDSA, CKM_ML_DSA, CKM_SHA256_RSA_PKCS,
    CKO_PRIVATE_KEY, CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_OK, CKU_USER,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Calls a function of the list and stops at anything but `CKR_OK`.
macro_rules! call {
    ($list:expr, $name:ident $(, $argument:expr)* $(,)?) => {{
        let function = $list.$name.ok_or(concat!("no ", stringify!($name)))?;
        // SAFETY: the function comes from the module's list, and every pointer is valid during the call.
        let rv: CK_RV = unsafe { function($($argument),*) };
        if rv == CKR_OK { Ok(()) } else { Err(format!("{}: {rv:#x}", stringify!($name))) }
    }};
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [module, pin, job @ ..] = words.as_slice() else { return Err("usage: bare MODULE PIN JOB".into()) };
    // SAFETY: the caller trusts the module that it names.
    let library = unsafe { libloading::Library::new(module)? };
    let list = function_list(&library)?;
    let (slot, session) = log_in(&list, pin)?;
    match job {
        ["sign", label, mechanism, count, sessions] => {
            let seconds = sign(&list, slot, session, label, mechanism, count.parse()?, sessions.parse()?)?;
            println!("{seconds}");
        }
        ["list"] => println!("{}", list_all(&list, session)?),
        ["show", label] => show(&list, session, label)?,
        _ => return Err("no such job".into()),
    }
    call!(list, C_Finalize, ptr::null_mut())?;
    Ok(())
}

fn function_list(library: &libloading::Library) -> Result<CK_FUNCTION_LIST> {
    type GetFunctionList = unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV;
    let mut list = ptr::null_mut();
    // SAFETY: PKCS#11 defines the type of the symbol, and the list is static.
    unsafe {
        let get = library.get::<GetFunctionList>(b"C_GetFunctionList\0")?;
        match get(&raw mut list) {
            CKR_OK => Ok(*list),
            rv => Err(format!("C_GetFunctionList: {rv:#x}").into()),
        }
    }
}

fn log_in(list: &CK_FUNCTION_LIST, pin: &str) -> Result<(CK_SLOT_ID, CK_SESSION_HANDLE)> {
    // For kryoptic, the path of its database.
    let module = env::var("BARE_MODULE_ARGS").ok().and_then(|text| CString::new(text).ok());
    let mut arguments = CK_C_INITIALIZE_ARGS {
        CreateMutex: None,
        DestroyMutex: None,
        LockMutex: None,
        UnlockMutex: None,
        flags: CKF_OS_LOCKING_OK,
        pReserved: module.as_ref().map_or(ptr::null_mut(), |text| text.as_ptr().cast_mut().cast()),
    };
    call!(list, C_Initialize, (&raw mut arguments).cast())?;
    let (mut slots, mut count) = ([0; 16], 16);
    call!(list, C_GetSlotList, CK_TRUE, slots.as_mut_ptr(), &raw mut count)?;
    let session = open(list, slots[0])?;
    call!(list, C_Login, session, CKU_USER, pin.as_ptr().cast_mut(), length(pin))?;
    Ok((slots[0], session))
}

fn open(list: &CK_FUNCTION_LIST, slot: CK_SLOT_ID) -> Result<CK_SESSION_HANDLE> {
    let mut session = 0;
    call!(list, C_OpenSession, slot, CKF_SERIAL_SESSION, ptr::null_mut(), None, &raw mut session)?;
    Ok(session)
}

fn length(bytes: impl AsRef<[u8]>) -> CK_ULONG {
    bytes.as_ref().len() as CK_ULONG
}

fn find(
    list: &CK_FUNCTION_LIST,
    session: CK_SESSION_HANDLE,
    template: &mut [CK_ATTRIBUTE],
) -> Result<Vec<CK_OBJECT_HANDLE>> {
    let mut found = Vec::new();
    call!(list, C_FindObjectsInit, session, template.as_mut_ptr(), template.len() as CK_ULONG)?;
    loop {
        let (mut batch, mut count) = ([0; 1000], 0);
        call!(list, C_FindObjects, session, batch.as_mut_ptr(), 1000, &raw mut count)?;
        let count = usize::try_from(count)?;
        found.extend_from_slice(&batch[..count]);
        if count < batch.len() {
            break;
        }
    }
    call!(list, C_FindObjectsFinal, session)?;
    Ok(found)
}

fn attribute<T: ?Sized>(kind: CK_ATTRIBUTE_TYPE, value: &T) -> CK_ATTRIBUTE {
    let start = ptr::from_ref(value).cast::<u8>().cast_mut();
    CK_ATTRIBUTE { type_: kind, pValue: start.cast(), ulValueLen: size_of_val(value) as CK_ULONG }
}

/// A buffer for an attribute value.
fn buffer<T: ?Sized>(kind: CK_ATTRIBUTE_TYPE, value: &mut T) -> CK_ATTRIBUTE {
    let size = size_of_val(value) as CK_ULONG;
    CK_ATTRIBUTE { type_: kind, pValue: ptr::from_mut(value).cast(), ulValueLen: size }
}

fn sign(
    list: &CK_FUNCTION_LIST,
    slot: CK_SLOT_ID,
    first: CK_SESSION_HANDLE,
    label: &str,
    mechanism: &str,
    count: u32,
    sessions: u32,
) -> Result<f64> {
    let class = CKO_PRIVATE_KEY;
    let mut template = [attribute(CKA_CLASS, &class), attribute(CKA_LABEL, label)];
    let key = *find(list, first, &mut template)?.first().ok_or("no such key")?;
    let mechanism = match mechanism {
        "ecdsa" => CKM_ECDSA,
        "rsa" => CKM_SHA256_RSA_PKCS,
        "eddsa" => CKM_EDDSA,
        "ml-dsa" => CKM_ML_DSA,
        _ => return Err("no such mechanism".into()),
    };
    let mut handles = vec![first];
    for _ in 1..sessions {
        handles.push(open(list, slot)?);
    }
    let start = Instant::now();
    thread::scope(|scope| {
        let work = |session| scope.spawn(move || sign_often(list, session, key, mechanism, count / sessions));
        let workers: Vec<_> = handles.into_iter().map(work).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err("a thread ended".into())))
    })?;
    Ok(start.elapsed().as_secs_f64())
}

fn sign_often(
    list: &CK_FUNCTION_LIST,
    session: CK_SESSION_HANDLE,
    key: CK_OBJECT_HANDLE,
    mechanism: CK_ULONG,
    count: u32,
) -> std::result::Result<(), String> {
    let digest = [0x5a_u8; 32];
    let mut mechanism = CK_MECHANISM { mechanism, pParameter: ptr::null_mut(), ulParameterLen: 0 };
    for _ in 0..count {
        let (mut signature, mut size) = ([0_u8; 8192], 8192);
        call!(list, C_SignInit, session, &raw mut mechanism, key)?;
        let data = digest.as_ptr().cast_mut();
        call!(list, C_Sign, session, data, length(digest), signature.as_mut_ptr(), &raw mut size)?;
    }
    Ok(())
}

/// The minimum for a list: class, label and CKA_ID, in one call for each object.
fn list_all(list: &CK_FUNCTION_LIST, session: CK_SESSION_HANDLE) -> Result<usize> {
    let objects = find(list, session, &mut [])?;
    for object in &objects {
        let (mut class, mut label, mut id) = (0 as CK_ULONG, [0_u8; 256], [0_u8; 64]);
        let mut template =
            [buffer(CKA_CLASS, &mut class), buffer(CKA_LABEL, &mut label), buffer(CKA_ID, &mut id)];
        read(list, session, *object, &mut template)?;
    }
    Ok(objects.len())
}

fn show(list: &CK_FUNCTION_LIST, session: CK_SESSION_HANDLE, label: &str) -> Result<()> {
    for object in find(list, session, &mut [attribute(CKA_LABEL, label)])? {
        let (mut class, mut id, mut point) = (0 as CK_ULONG, [0_u8; 64], [0_u8; 128]);
        let mut template =
            [buffer(CKA_CLASS, &mut class), buffer(CKA_ID, &mut id), buffer(CKA_EC_POINT, &mut point)];
        read(list, session, object, &mut template)?;
    }
    Ok(())
}

fn read(
    list: &CK_FUNCTION_LIST,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    template: &mut [CK_ATTRIBUTE],
) -> Result<()> {
    let function = list.C_GetAttributeValue.ok_or("no C_GetAttributeValue")?;
    // SAFETY: as in `call`; the caller owns the buffers of the template.
    match unsafe { function(session, object, template.as_mut_ptr(), template.len() as CK_ULONG) } {
        // A data object has no CKA_ID, and a private key no point.
        CKR_OK | CKR_ATTRIBUTE_TYPE_INVALID | CKR_ATTRIBUTE_SENSITIVE => Ok(()),
        rv => Err(format!("C_GetAttributeValue: {rv:#x}").into()),
    }
}
