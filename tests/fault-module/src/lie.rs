//! Answers of a hostile or broken token: bytes and lengths that the real module did not return.

use std::{ptr, slice, str::FromStr};

use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_RV, CK_ULONG, CK_UNAVAILABLE_INFORMATION, CKR_ATTRIBUTE_SENSITIVE,
    CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL, CKR_OK,
};
use data_encoding::HEXLOWER_PERMISSIVE;

/// `NAME=HEX` returns these bytes and `NAME#N` this length (with the real bytes) at each call; `NAME?HEX` returns these
/// bytes if an object does not have the attribute. `NAME` is an attribute type in hexadecimal (`0x3` for `CKA_LABEL`) or
/// one of the functions in [`OUTPUTS`].
pub(crate) struct Lie {
    about: About,
    forgery: Forgery,
}

enum About {
    Attribute(CK_ATTRIBUTE_TYPE),
    Function(Output),
}

enum Forgery {
    Bytes(Vec<u8>),
    Length(CK_ULONG),
    /// Bytes for an object that does not have the attribute.
    IfMissing(Vec<u8>),
}

/// The arguments that receive a function's answer: the buffer, and its length or the number of its elements.
#[derive(Clone, Copy)]
struct Output {
    function: &'static str,
    buffer: usize,
    length: Option<usize>,
    /// Bytes per element; the length counts elements.
    element: usize,
}

const WORD: usize = size_of::<CK_ULONG>();

const OUTPUTS: [Output; 10] = [
    // The structure begins with label (32 bytes), manufacturer (32), model (16) and serial number (16).
    Output { function: "C_GetTokenInfo", buffer: 1, length: None, element: 1 },
    Output { function: "C_GenerateRandom", buffer: 1, length: None, element: 1 },
    Output { function: "C_GetSlotList", buffer: 1, length: Some(2), element: WORD },
    Output { function: "C_GetMechanismList", buffer: 1, length: Some(2), element: WORD },
    Output { function: "C_FindObjects", buffer: 1, length: Some(3), element: WORD },
    Output { function: "C_Sign", buffer: 3, length: Some(4), element: 1 },
    Output { function: "C_SignFinal", buffer: 1, length: Some(2), element: 1 },
    Output { function: "C_Encrypt", buffer: 3, length: Some(4), element: 1 },
    Output { function: "C_Decrypt", buffer: 3, length: Some(4), element: 1 },
    Output { function: "C_WrapKey", buffer: 4, length: Some(5), element: 1 },
];

pub(crate) fn hexadecimal(text: &str) -> Result<CK_ULONG, ()> {
    CK_ULONG::from_str_radix(text.strip_prefix("0x").ok_or(())?, 16).map_err(|_| ())
}

pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, ()> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| ())
}

impl FromStr for Lie {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let at = text.find(['=', '#', '?']).ok_or(())?;
        let (name, value) = (&text[..at], &text[at + 1..]);
        let forgery = match text.as_bytes()[at] {
            b'=' => Forgery::Bytes(bytes(value)?),
            b'?' => Forgery::IfMissing(bytes(value)?),
            _ => Forgery::Length(value.parse().map_err(|_| ())?),
        };
        let about = match OUTPUTS.iter().find(|output| output.function == name) {
            Some(output) => About::Function(*output),
            None => About::Attribute(hexadecimal(name)?),
        };
        Ok(Self { about, forgery })
    }
}

/// Makes the call and, if it returned an answer, replaces it.
pub(crate) fn with_lies(
    lies: &[Lie],
    function: &str,
    arguments: &[usize],
    call: &dyn Fn() -> CK_RV,
) -> CK_RV {
    let template = match (function, arguments) {
        // SAFETY: the caller's template, which is not used elsewhere during the call.
        ("C_GetAttributeValue", &[.., start, count]) if start != 0 => unsafe {
            slice::from_raw_parts_mut(ptr::with_exposed_provenance_mut::<CK_ATTRIBUTE>(start), count)
        },
        _ => &mut [],
    };
    let room: Vec<_> = template.iter().map(|attribute| attribute.ulValueLen).collect();
    let rv = call();
    // These mean that some attributes of the template are missing; the others were read.
    let is_partial =
        [CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL].contains(&rv);
    if rv != CKR_OK && (template.is_empty() || !is_partial) {
        return rv;
    }
    let mut worst = rv;
    for lie in lies {
        match &lie.about {
            About::Function(output) if output.function == function => output.forge(arguments, &lie.forgery),
            About::Attribute(kind) => {
                for (attribute, room) in
                    template.iter_mut().zip(&room).filter(|(found, _)| found.type_ == *kind)
                {
                    worst = worst.max(forge_attribute(attribute, *room, &lie.forgery));
                }
            }
            About::Function(_) => {}
        }
    }
    worst
}

fn forge_attribute(attribute: &mut CK_ATTRIBUTE, room: CK_ULONG, forgery: &Forgery) -> CK_RV {
    let bytes = match forgery {
        Forgery::Length(length) => {
            attribute.ulValueLen = *length;
            return CKR_OK;
        }
        Forgery::Bytes(bytes) => bytes,
        Forgery::IfMissing(bytes) if attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION => bytes,
        Forgery::IfMissing(_) => return CKR_OK,
    };
    let length = bytes.len() as CK_ULONG;
    if attribute.pValue.is_null() {
        attribute.ulValueLen = length;
    } else if length <= room {
        // SAFETY: the caller's buffer has `room` bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), attribute.pValue.cast(), bytes.len()) };
        attribute.ulValueLen = length;
    } else {
        attribute.ulValueLen = CK_ULONG::MAX;
        return CKR_BUFFER_TOO_SMALL;
    }
    CKR_OK
}

impl Output {
    fn forge(self, arguments: &[usize], forgery: &Forgery) {
        let length = self.length.map(|index| ptr::with_exposed_provenance_mut::<CK_ULONG>(arguments[index]));
        let buffer = ptr::with_exposed_provenance_mut::<u8>(arguments[self.buffer]);
        match (forgery, length) {
            // SAFETY: the call succeeded, so the pointer to the length is valid.
            (Forgery::Length(value), Some(length)) => unsafe { *length = *value },
            // At most as many bytes as the real answer: a lie about bytes does not change their number.
            (Forgery::Bytes(bytes), length) if !buffer.is_null() => {
                // SAFETY: as above.
                let stated = length.map(|length| usize::try_from(unsafe { *length }).unwrap_or(0));
                // This function has no pointer to a length, but takes the requested length.
                let wanted = (self.function == "C_GenerateRandom").then(|| arguments[2]);
                let most = stated.or(wanted).unwrap_or(bytes.len());
                let most = most.saturating_mul(self.element);
                // SAFETY: the buffer holds at least what the real module wrote, or the structure's leading fields.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len().min(most)) };
            }
            _ => {}
        }
    }
}
