//! The caller's templates and mechanism parameters.

use std::{ptr, slice, sync::Mutex};

use cryptoki_sys as ck;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_GCM_PARAMS, CK_MECHANISM, CK_MECHANISM_TYPE, CK_OBJECT_CLASS,
    CK_OBJECT_HANDLE, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CKR_FUNCTION_NOT_SUPPORTED,
};

use super::{Call, mechanism_at, objects, word};
use crate::forward::real;

/// A template, and the class that it is for.
pub(super) struct Template {
    attributes: &'static mut [CK_ATTRIBUTE],
    pub(super) class: Option<CK_OBJECT_CLASS>,
}

impl Template {
    pub(super) fn at(start: usize, count: usize, class: Option<CK_OBJECT_CLASS>) -> Self {
        let attributes = if start == 0 {
            &mut []
        } else {
            // SAFETY: the caller's template, which lives until the call returns.
            unsafe {
                slice::from_raw_parts_mut(ptr::with_exposed_provenance_mut::<CK_ATTRIBUTE>(start), count)
            }
        };
        let mut template = Self { attributes, class };
        if let Some(Ok(stated)) = template.get(ck::CKA_CLASS).map(TryInto::try_into) {
            template.class = Some(CK_OBJECT_CLASS::from_ne_bytes(stated));
        }
        template
    }

    /// The templates of the objects that a call creates.
    pub(super) fn created_by(call: Call<'_>) -> Vec<Self> {
        match (call.function, call.arguments) {
            ("C_CreateObject", &[_, start, count, _])
            | ("C_UnwrapKey", &[_, _, _, _, _, start, count, _]) => vec![Self::at(start, count, None)],
            ("C_GenerateKey", &[_, _, start, count, _]) => {
                vec![Self::at(start, count, Some(ck::CKO_SECRET_KEY))]
            }
            ("C_GenerateKeyPair", &[_, _, public, publics, private, privates, _, _]) => vec![
                Self::at(public, publics, Some(ck::CKO_PUBLIC_KEY)),
                Self::at(private, privates, Some(ck::CKO_PRIVATE_KEY)),
            ],
            _ => Vec::new(),
        }
    }

    pub(super) fn get(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<&'static [u8]> {
        let attribute = self.attributes.iter().find(|attribute| attribute.type_ == kind)?;
        if attribute.pValue.is_null() {
            return Some(&[]);
        }
        let length = usize::try_from(attribute.ulValueLen).ok()?;
        // SAFETY: the caller's value, which lives until the call returns.
        Some(unsafe { slice::from_raw_parts(attribute.pValue.cast(), length) })
    }

    pub(super) fn bool(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<bool> {
        self.get(kind).map(|value| value.iter().any(|byte| *byte != 0))
    }

    pub(super) fn has_only(&self, kinds: &[CK_ATTRIBUTE_TYPE]) -> bool {
        self.attributes.iter().all(|attribute| kinds.contains(&attribute.type_))
    }
}

/// The mechanism that a call names.
pub(super) fn mechanism(call: Call<'_>) -> Option<CK_MECHANISM_TYPE> {
    let takes_one = call.function.ends_with("Init") && !call.function.starts_with("C_Find")
        || ["C_GenerateKey", "C_GenerateKeyPair", "C_UnwrapKey", "C_WrapKey", "C_DeriveKey"]
            .contains(&call.function);
    (takes_one && call.arguments[1] != 0).then(|| mechanism_at(call.arguments[1]).mechanism)
}

/// AES-GCM as of a token that makes the IV: it takes zero bytes, and writes the IV there.
pub(super) fn with_iv_of_token(
    session: usize,
    mechanism: usize,
    _key: usize,
    init: &dyn Fn() -> CK_RV,
) -> CK_RV {
    let mechanism: &CK_MECHANISM = mechanism_at(mechanism);
    if mechanism.mechanism != ck::CKM_AES_GCM {
        return init();
    }
    // SAFETY: the parameter of this mechanism.
    let parameters = unsafe { &mut *mechanism.pParameter.cast::<CK_GCM_PARAMS>() };
    let length = usize::try_from(parameters.ulIvLen).unwrap_or(0);
    // SAFETY: the caller's buffer.
    let iv = unsafe { slice::from_raw_parts_mut(parameters.pIv, length) };
    if iv.iter().any(|byte| *byte != 0) {
        return ck::CKR_MECHANISM_PARAM_INVALID;
    }
    let Some(random) = real().C_GenerateRandom else { return CKR_FUNCTION_NOT_SUPPORTED };
    // SAFETY: the caller's buffer.
    unsafe { random(session as CK_SESSION_HANDLE, iv.as_mut_ptr(), iv.len() as CK_ULONG) };
    init()
}

const ALGORITHM: CK_ATTRIBUTE_TYPE = 0x8001_e101;
/// DER of the object identifier of P-256.
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// Generates a key from its label and algorithm.
pub(super) fn generate_by_label(call: Call<'_>) -> CK_RV {
    let created = Template::created_by(call);
    let Some((asked, publics)) = created.split_last() else { return ck::CKR_ARGUMENTS_BAD };
    if publics.iter().any(|public| !public.has_only(&[])) || !asked.has_only(&[ck::CKA_LABEL, ALGORITHM]) {
        return ck::CKR_TEMPLATE_INCONSISTENT;
    }
    let (Some(label), Some(Ok(algorithm))) =
        (asked.get(ck::CKA_LABEL), asked.get(ALGORITHM).map(TryInto::try_into))
    else {
        return ck::CKR_TEMPLATE_INCOMPLETE;
    };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    if !label.iter().all(is_plain) || label.len() > 63 {
        return ck::CKR_ATTRIBUTE_VALUE_INVALID;
    }
    let session = call.arguments[0];
    let number = objects::count(session, &[]);
    let id = format!("projects/p/locations/l/keyRings/r/cryptoKeys/{number:040}/versions/1");
    let named = [(ck::CKA_LABEL, label), (ck::CKA_ID, id.as_bytes()), (ck::CKA_TOKEN, &[1][..])];
    let guarded = [(ck::CKA_PRIVATE, &[1][..]), (ck::CKA_SENSITIVE, &[1]), (ck::CKA_EXTRACTABLE, &[0])];
    let (bits, length) = (word(ck::CKA_MODULUS_BITS, 2048), word(ck::CKA_VALUE_LEN, 32));
    let (public, mut secret) = match CK_ULONG::from_ne_bytes(algorithm) {
        12 => (vec![(ck::CKA_EC_PARAMS, P256), (ck::CKA_VERIFY, &[1])], vec![(ck::CKA_SIGN, &[1][..])]),
        5 => (vec![bits.pair(), (ck::CKA_VERIFY, &[1])], vec![(ck::CKA_SIGN, &[1][..])]),
        19 => (Vec::new(), vec![length.pair(), (ck::CKA_ENCRYPT, &[1]), (ck::CKA_DECRYPT, &[1])]),
        32 => (Vec::new(), vec![length.pair(), (ck::CKA_SIGN, &[1]), (ck::CKA_VERIFY, &[1])]),
        _ => return ck::CKR_ATTRIBUTE_VALUE_INVALID,
    };
    secret.extend(named.iter().chain(&guarded));
    let mut public = objects::template(&[&public[..], &named].concat());
    let mut secret = objects::template(&secret);
    let handle = session as CK_SESSION_HANDLE;
    let mechanism = ptr::from_mut(mechanism_at(call.arguments[1]));
    let place = |at: usize| ptr::with_exposed_provenance_mut::<CK_OBJECT_HANDLE>(call.arguments[at]);
    let (publics, secrets) = (public.len() as CK_ULONG, secret.len() as CK_ULONG);
    // SAFETY: templates and handles outlive the calls.
    unsafe {
        match (call.function, real().C_GenerateKeyPair, real().C_GenerateKey) {
            ("C_GenerateKeyPair", Some(generate), _) => generate(
                handle,
                mechanism,
                public.as_mut_ptr(),
                publics,
                secret.as_mut_ptr(),
                secrets,
                place(6),
                place(7),
            ),
            (_, _, Some(generate)) => generate(handle, mechanism, secret.as_mut_ptr(), secrets, place(4)),
            _ => CKR_FUNCTION_NOT_SUPPORTED,
        }
    }
}

/// Searches for the label among the `CKA_ID`s.
pub(super) fn find_by_id(session: usize, start: usize, count: usize) -> CK_RV {
    let template = Template::at(start, count, None);
    let mut renamed: Vec<CK_ATTRIBUTE> = template.attributes.to_vec();
    for attribute in renamed.iter_mut().filter(|attribute| attribute.type_ == ck::CKA_LABEL) {
        attribute.type_ = ck::CKA_ID;
    }
    let Some(find) = real().C_FindObjectsInit else { return CKR_FUNCTION_NOT_SUPPORTED };
    // SAFETY: the caller's values, in a copy of the caller's template.
    unsafe { find(session as CK_SESSION_HANDLE, renamed.as_mut_ptr(), renamed.len() as CK_ULONG) }
}

/// Reads with `CKA_LABEL` replaced by `CKA_ID`, except from data objects.
pub(super) fn label_as_id(
    start: usize,
    count: usize,
    read: impl Fn() -> CK_RV,
    session: usize,
    object: usize,
) -> CK_RV {
    let class = objects::read(session, object as CK_OBJECT_HANDLE, ck::CKA_CLASS);
    if class == ck::CKO_DATA.to_ne_bytes() {
        return read();
    }
    let template = Template::at(start, count, None);
    let labels: Vec<_> =
        (0..template.attributes.len()).filter(|at| template.attributes[*at].type_ == ck::CKA_LABEL).collect();
    for at in &labels {
        template.attributes[*at].type_ = ck::CKA_ID;
    }
    let rv = read();
    for at in &labels {
        template.attributes[*at].type_ = ck::CKA_LABEL;
    }
    rv
}

/// Reads with the uses of the other half of a pair, all TRUE.
pub(super) fn with_uses_of_both(
    start: usize,
    count: usize,
    read: impl Fn() -> CK_RV,
    session: usize,
    object: usize,
) -> CK_RV {
    let rv = read();
    let class = objects::read(session, object as CK_OBJECT_HANDLE, ck::CKA_CLASS);
    let of_other = if class == ck::CKO_PUBLIC_KEY.to_ne_bytes() {
        [ck::CKA_SIGN, ck::CKA_DECRYPT]
    } else if class == ck::CKO_PRIVATE_KEY.to_ne_bytes() {
        [ck::CKA_VERIFY, ck::CKA_ENCRYPT]
    } else {
        return rv;
    };
    for attribute in Template::at(start, count, None).attributes {
        if of_other.contains(&attribute.type_) && !attribute.pValue.is_null() {
            attribute.ulValueLen = 1;
            // SAFETY: the caller's buffer for a CK_BBOOL.
            unsafe { attribute.pValue.cast::<ck::CK_BBOOL>().write(ck::CK_TRUE) };
        }
    }
    rv
}

/// Where the parameters of the last `C_SignInit` were, and what they said.
static PARAMETERS: Mutex<Option<(usize, Vec<u8>)>> = Mutex::new(None);

pub(super) fn keep_parameters(call: Call<'_>) {
    let mechanism = mechanism_at(call.arguments[1]);
    let length = usize::try_from(mechanism.ulParameterLen).unwrap_or(0);
    let address = mechanism.pParameter.expose_provenance();
    // SAFETY: the caller's parameters, which live until the call returns.
    let said = unsafe { slice::from_raw_parts(ptr::with_exposed_provenance::<u8>(address), length) };
    *PARAMETERS.lock().unwrap() = (length > 0).then(|| (address, said.to_vec()));
}

/// Whether they are still there. Reads memory that a caller who follows the standard may have freed, as the module does.
pub(super) fn has_kept_parameters() -> bool {
    PARAMETERS.lock().unwrap().as_ref().is_none_or(|(address, said)| {
        // SAFETY: none, if the caller has freed them: the test then fails in one way or another.
        let now = unsafe { slice::from_raw_parts(ptr::with_exposed_provenance::<u8>(*address), said.len()) };
        now == said
    })
}
