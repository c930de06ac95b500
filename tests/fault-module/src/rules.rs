//! Rules of tokens that allow less than `SoftHSM`: cloud services, small HSMs, cards. Each can be set alone, and the known
//! kinds of tokens are sets of them.

mod objects;
mod template;
mod tries;

use std::{ptr, slice, str::FromStr};

use cryptoki_sys as ck;
use cryptoki_sys::{CK_MECHANISM, CK_MECHANISM_TYPE, CK_RV, CK_TOKEN_INFO, CK_ULONG};

use crate::forward;
use template::Template;

/// One rule. The names in [`Rule::from_str`] are those of `KMSCTL_FAULT_RULES`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// `C_Name` or `C_Name=0xRV`: every call fails, by default because the function is not supported.
    Refused(&'static str, CK_RV),
    /// `read-write-sessions`: no others are opened.
    ReadWriteSessions,
    /// `public-halves-private`: a public key must have `CKA_PRIVATE` TRUE.
    PublicHalvesPrivate,
    /// `unique-labels`: a label of another object of the class is refused.
    UniqueLabels,
    /// `iv-of-token`: the caller of AES-GCM gives zero bytes, and reads the IV back.
    IvOfToken,
    /// `one-part`: no operation in parts.
    OnePart,
    /// `no-data-objects`.
    NoDataObjects,
    /// `id-length=N`: `CKA_ID` has exactly N bytes, where a template states one.
    IdLength(usize),
    /// `label-length=N`: at most.
    LabelLength(usize),
    /// `data-length=N`: the value of a data object, at most.
    DataLength(usize),
    /// `single-object-pairs`: whoever destroys one half destroys both.
    SingleObjectPairs,
    /// `label-reads-as-id`: `CKA_LABEL` reads as `CKA_ID`, and is searched for in it.
    LabelIsId,
    /// `label-alone-changes`: of all attributes.
    LabelAloneChanges,
    /// `without=0xM,0xM`: these mechanisms do not exist.
    Without(Vec<CK_MECHANISM_TYPE>),
    /// `room=N`: so many objects.
    Room(usize),
    /// `random=MIN..MAX`: bytes per call.
    Random(usize, usize),
    /// `no-login`: `CKF_LOGIN_REQUIRED` is not set, every PIN is right, and objects are visible from the start. The real
    /// module's PIN is in `KMSCTL_FAULT_PIN`.
    NoLogin,
    /// `label-and-algorithm`: a template has these two alone, and only for the private half; `CKA_ID` is the token's own, of
    /// 96 bytes. The algorithm is vendor attribute 0x8001e101: 12 for P-256, 5 for RSA-2048, 19 for AES-256, 32 for HMAC. A label
    /// has up to 63 letters, digits, `-` and `_`.
    LabelAndAlgorithm,
    /// `token-label=TEXT`.
    TokenLabel(String),
    /// `no-object-ids`: a data object has no `CKA_OBJECT_ID` (openCryptoki).
    NoObjectIds,
    /// `nothing-forbidden`: a template of a pair forbids neither encryption nor decryption, and both are allowed then (EC keys of
    /// tpm2-pkcs11).
    NothingForbidden,
    /// `uses-of-both-halves`: each half reads as if it had the uses of the other, too (tpm2-pkcs11).
    UsesOfBothHalves,
    /// `reads-parameters-late`: the parameters of `C_SignInit` have to be where they were until `C_Sign` (tpm2-pkcs11).
    ReadsParametersLate,
    /// `pin-tries=N`: so many wrong PINs in a row lock it, also those of single uses. The count is in `KMSCTL_FAULT_TRIES`.
    PinTries(u8),
    /// `gone-is-key-handle`: an object that was destroyed is an invalid key handle (tpm2-pkcs11).
    GoneIsKeyHandle,
}

/// The kinds of tokens, by what is particular about them.
const SETS: [(&str, &str); 6] = [
    (
        "cloud-keys",
        "C_CreateObject C_SetAttributeValue C_CopyObject C_InitToken C_InitPIN C_SetPIN C_WrapKey C_UnwrapKey \
         C_DeriveKey C_DigestInit no-login label-and-algorithm random=8..1024",
    ),
    (
        "sign-only",
        "C_CreateObject C_SetAttributeValue C_CopyObject C_DestroyObject C_InitToken C_InitPIN C_SetPIN C_WrapKey \
         C_UnwrapKey C_DeriveKey C_DigestInit C_GenerateKey C_GenerateKeyPair C_EncryptInit C_DecryptInit C_VerifyInit \
         C_GenerateRandom no-login token-label=3f6a1c52-8a4e-4d9b-9c0e-5b7d2f1e",
    ),
    (
        "unique-labels-hsm",
        "read-write-sessions public-halves-private unique-labels iv-of-token one-part no-data-objects C_CopyObject",
    ),
    (
        "small-hsm",
        "C_SetAttributeValue C_CopyObject id-length=2 label-length=40 data-length=1968 single-object-pairs \
         without=0x1087,0x1088,0x1086",
    ),
    ("label-is-id", "label-reads-as-id label-alone-changes no-data-objects C_CopyObject"),
    (
        "card",
        "C_CreateObject C_CopyObject C_GenerateKey=0x101 C_GenerateKeyPair=0x101 C_DestroyObject=0x101 \
         C_SetAttributeValue=0x101 room=24 C_InitToken pin-tries=3",
    ),
];

#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

impl FromStr for Rules {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut rules = Vec::new();
        for word in text.split_whitespace() {
            match SETS.iter().find(|(name, _)| *name == word) {
                Some((_, set)) => rules.extend(set.parse::<Self>()?.0),
                None => rules.push(word.parse()?),
            }
        }
        Ok(Self(rules))
    }
}

impl FromStr for Rule {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let number = || value.parse().map_err(|_| ());
        if let Some(function) = forward::NAMES.iter().find(|function| **function == name) {
            let rv = if value.is_empty() {
                ck::CKR_FUNCTION_NOT_SUPPORTED
            } else {
                crate::lie::hexadecimal(value)?
            };
            return Ok(Self::Refused(function, rv));
        }
        Ok(match name {
            "read-write-sessions" => Self::ReadWriteSessions,
            "public-halves-private" => Self::PublicHalvesPrivate,
            "unique-labels" => Self::UniqueLabels,
            "iv-of-token" => Self::IvOfToken,
            "one-part" => Self::OnePart,
            "no-data-objects" => Self::NoDataObjects,
            "id-length" => Self::IdLength(number()?),
            "label-length" => Self::LabelLength(number()?),
            "data-length" => Self::DataLength(number()?),
            "single-object-pairs" => Self::SingleObjectPairs,
            "label-reads-as-id" => Self::LabelIsId,
            "label-alone-changes" => Self::LabelAloneChanges,
            "without" => {
                Self::Without(value.split(',').map(crate::lie::hexadecimal).collect::<Result<_, _>>()?)
            }
            "room" => Self::Room(number()?),
            "random" => {
                let (least, most) = value.split_once("..").ok_or(())?;
                Self::Random(least.parse().map_err(|_| ())?, most.parse().map_err(|_| ())?)
            }
            "no-login" => Self::NoLogin,
            "label-and-algorithm" => Self::LabelAndAlgorithm,
            "token-label" => Self::TokenLabel(value.to_owned()),
            "no-object-ids" => Self::NoObjectIds,
            "nothing-forbidden" => Self::NothingForbidden,
            "uses-of-both-halves" => Self::UsesOfBothHalves,
            "reads-parameters-late" => Self::ReadsParametersLate,
            "pin-tries" => Self::PinTries(value.parse().map_err(|_| ())?),
            "gone-is-key-handle" => Self::GoneIsKeyHandle,
            _ => return Err(()),
        })
    }
}

/// One call: the function and its arguments as machine words.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) function: &'a str,
    pub(crate) arguments: &'a [usize],
}

impl Rules {
    fn has(&self, rule: &Rule) -> bool {
        self.0.contains(rule)
    }

    /// Forwards the call as far as the rules allow.
    pub(crate) fn instead(&self, call: Call<'_>, real: &dyn Fn() -> CK_RV) -> CK_RV {
        if let Some(rv) = self.0.iter().find_map(|rule| rule.refusal(call)) {
            return rv;
        }
        let rv = match self.transformed(call, real) {
            ck::CKR_OBJECT_HANDLE_INVALID if self.has(&Rule::GoneIsKeyHandle) => ck::CKR_KEY_HANDLE_INVALID,
            rv => rv,
        };
        if rv == ck::CKR_OK {
            self.0.iter().for_each(|rule| rule.adjust(call));
        }
        rv
    }

    fn transformed(&self, call: Call<'_>, real: &dyn Fn() -> CK_RV) -> CK_RV {
        match (call.function, call.arguments) {
            ("C_Login", _) if self.has(&Rule::NoLogin) => ck::CKR_OK,
            ("C_Login", _) => {
                let most = self.0.iter().find_map(|rule| match rule {
                    Rule::PinTries(most) => Some(*most),
                    _ => None,
                });
                most.map_or_else(real, |most| tries::log_in(most, real))
            }
            ("C_OpenSession", &[.., session]) if self.has(&Rule::NoLogin) => {
                let rv = real();
                if rv == ck::CKR_OK {
                    objects::log_in(session);
                }
                rv
            }
            ("C_GenerateKeyPair" | "C_GenerateKey", _) if self.has(&Rule::LabelAndAlgorithm) => {
                template::generate_by_label(call)
            }
            ("C_EncryptInit", &[session, mechanism, key]) if self.has(&Rule::IvOfToken) => {
                template::with_iv_of_token(session, mechanism, key, real)
            }
            ("C_FindObjectsInit", &[session, start, count]) if self.has(&Rule::LabelIsId) => {
                template::find_by_id(session, start, count)
            }
            ("C_GetAttributeValue", &[session, object, start, count]) if self.has(&Rule::LabelIsId) => {
                template::label_as_id(start, count, real, session, object)
            }
            ("C_GetAttributeValue", &[session, object, start, count])
                if self.has(&Rule::UsesOfBothHalves) =>
            {
                template::with_uses_of_both(start, count, real, session, object)
            }
            ("C_DestroyObject", &[session, object]) if self.has(&Rule::SingleObjectPairs) => {
                objects::destroy_pair(session, object, real)
            }
            _ => real(),
        }
    }
}

impl Rule {
    /// How the rule answers instead of the token; `None` if it allows the call.
    fn refusal(&self, call: Call<'_>) -> Option<CK_RV> {
        let refused = |holds: bool, rv: CK_RV| (!holds).then_some(rv);
        let is = |name: &str| call.function == name;
        let created = || Template::created_by(call);
        match self {
            Self::Refused(function, rv) => refused(!is(function), *rv),
            Self::ReadWriteSessions if is("C_OpenSession") => refused(
                call.arguments[1] as u64 & ck::CKF_RW_SESSION != 0,
                ck::CKR_SESSION_READ_WRITE_SO_EXISTS,
            ),
            Self::PublicHalvesPrivate => {
                let is_private = |one: &Template| one.bool(ck::CKA_PRIVATE) == Some(true);
                let is_public = |one: &&Template| one.class == Some(ck::CKO_PUBLIC_KEY);
                refused(created().iter().filter(is_public).all(is_private), ck::CKR_ATTRIBUTE_VALUE_INVALID)
            }
            Self::UniqueLabels => {
                let is_free = |one: &Template| match (one.class, one.get(ck::CKA_LABEL)) {
                    (Some(class), Some(label)) => {
                        objects::count(
                            call.arguments[0],
                            &[(ck::CKA_LABEL, label), word(ck::CKA_CLASS, class).pair()],
                        ) == 0
                    }
                    _ => true,
                };
                refused(created().iter().all(is_free), ck::CKR_ATTRIBUTE_VALUE_INVALID)
            }
            Self::OnePart => refused(!is_in_parts(call.function), ck::CKR_FUNCTION_NOT_SUPPORTED),
            Self::NoDataObjects => refused(
                created().iter().all(|one| one.class != Some(ck::CKO_DATA)),
                ck::CKR_ATTRIBUTE_VALUE_INVALID,
            ),
            Self::NoObjectIds => refused(
                created()
                    .iter()
                    .all(|one| one.class != Some(ck::CKO_DATA) || one.get(ck::CKA_OBJECT_ID).is_none()),
                ck::CKR_TEMPLATE_INCONSISTENT,
            ),
            Self::NothingForbidden if is("C_GenerateKeyPair") => refused(
                [ck::CKA_ENCRYPT, ck::CKA_DECRYPT]
                    .into_iter()
                    .all(|kind| created().iter().all(|one| one.bool(kind) != Some(false))),
                ck::CKR_GENERAL_ERROR,
            ),
            Self::ReadsParametersLate if is("C_SignInit") => {
                template::keep_parameters(call);
                None
            }
            Self::ReadsParametersLate if is("C_Sign") => {
                refused(template::has_kept_parameters(), ck::CKR_MECHANISM_INVALID)
            }
            Self::IdLength(length) => refused(
                created().iter().filter_map(|one| one.get(ck::CKA_ID)).all(|id| id.len() == *length),
                ck::CKR_ATTRIBUTE_VALUE_INVALID,
            ),
            Self::LabelLength(most) => refused(
                created().iter().filter_map(|one| one.get(ck::CKA_LABEL)).all(|label| label.len() <= *most),
                ck::CKR_ATTRIBUTE_VALUE_INVALID,
            ),
            Self::DataLength(most) => refused(
                created()
                    .iter()
                    .filter(|one| one.class == Some(ck::CKO_DATA))
                    .filter_map(|one| one.get(ck::CKA_VALUE))
                    .all(|value| value.len() <= *most),
                ck::CKR_DATA_LEN_RANGE,
            ),
            Self::LabelAloneChanges if is("C_SetAttributeValue") => {
                let changed = Template::at(call.arguments[2], call.arguments[3], None);
                refused(changed.has_only(&[ck::CKA_LABEL]), ck::CKR_ATTRIBUTE_READ_ONLY)
            }
            Self::Without(mechanisms) => refused(
                template::mechanism(call).is_none_or(|kind| !mechanisms.contains(&kind)),
                ck::CKR_MECHANISM_INVALID,
            ),
            Self::Room(most) if creates(call.function) => {
                refused(objects::count(call.arguments[0], &[]) < *most, ck::CKR_DEVICE_MEMORY)
            }
            Self::Random(least, most) if is("C_GenerateRandom") => {
                refused((*least..=*most).contains(&call.arguments[2]), ck::CKR_ARGUMENTS_BAD)
            }
            _ => None,
        }
    }

    /// Changes the answer of a call that succeeded.
    fn adjust(&self, call: Call<'_>) {
        match (self, call.function, call.arguments) {
            (Self::NoLogin, "C_GetTokenInfo", &[_, info]) => {
                token_info(info).flags &= !ck::CKF_LOGIN_REQUIRED;
            }
            (Self::PinTries(most), "C_GetTokenInfo", &[_, info]) => {
                token_info(info).flags |= tries::flags(*most);
            }
            (Self::TokenLabel(label), "C_GetTokenInfo", &[_, info]) => {
                let field = &mut token_info(info).label;
                field.fill(b' ');
                field.iter_mut().zip(label.bytes()).for_each(|(to, from)| *to = from);
            }
            (Self::Without(mechanisms), "C_GetMechanismList", &[_, list, count]) if list != 0 => {
                // SAFETY: the call succeeded, so the list has that many elements.
                let list = unsafe {
                    let count = *ptr::with_exposed_provenance::<CK_ULONG>(count);
                    slice::from_raw_parts_mut(
                        ptr::with_exposed_provenance_mut::<CK_MECHANISM_TYPE>(list),
                        usize::try_from(count).unwrap_or(0),
                    )
                };
                for mechanism in list.iter_mut().filter(|one| mechanisms.contains(one)) {
                    *mechanism = ck::CKM_FASTHASH;
                }
            }
            _ => {}
        }
    }
}

fn creates(function: &str) -> bool {
    ["C_CreateObject", "C_GenerateKey", "C_GenerateKeyPair", "C_UnwrapKey"].contains(&function)
}

fn is_in_parts(function: &str) -> bool {
    !function.starts_with("C_Find") && (function.ends_with("Update") || function.ends_with("Final"))
}

fn token_info(info: usize) -> &'static mut CK_TOKEN_INFO {
    // SAFETY: the caller's structure, which the call has filled in.
    unsafe { &mut *ptr::with_exposed_provenance_mut::<CK_TOKEN_INFO>(info) }
}

/// A number as the value of an attribute.
pub(crate) struct Word(ck::CK_ATTRIBUTE_TYPE, [u8; size_of::<CK_ULONG>()]);

pub(crate) fn word(kind: ck::CK_ATTRIBUTE_TYPE, value: CK_ULONG) -> Word {
    Word(kind, value.to_ne_bytes())
}

impl Word {
    pub(crate) fn pair(&self) -> (ck::CK_ATTRIBUTE_TYPE, &[u8]) {
        (self.0, &self.1)
    }
}

/// The caller's mechanism.
pub(crate) fn mechanism_at(address: usize) -> &'static mut CK_MECHANISM {
    // SAFETY: the caller's mechanism, which lives until the call returns.
    unsafe { &mut *ptr::with_exposed_provenance_mut::<CK_MECHANISM>(address) }
}
