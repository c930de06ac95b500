//! Reading attributes: one call an object where the module allows, and nothing lost where it does not.

use std::collections::HashMap;

use cryptoki::object::AttributeType;
use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CK_ULONG};

use super::{
    error::{Error, Result},
    raw::Library,
};

/// What an object answered, as raw bytes by type. An attribute that it lacks, hides or cannot read is absent.
#[derive(Debug, Default, Clone)]
pub struct Attributes(HashMap<CK_ATTRIBUTE_TYPE, Vec<u8>>);

impl Attributes {
    pub fn bytes(&self, kind: AttributeType) -> Option<&[u8]> {
        self.0.get(&kind.into()).map(Vec::as_slice)
    }

    /// Any non-zero byte is TRUE (PKCS#11, section 3: `CK_BBOOL`).
    pub fn bool(&self, kind: AttributeType) -> Option<bool> {
        match self.bytes(kind)? {
            [value] => Some(*value != 0),
            _ => None,
        }
    }

    pub fn ulong(&self, kind: AttributeType) -> Option<u64> {
        let bytes = self.bytes(kind)?.try_into().ok()?;
        Some(CK_ULONG::from_ne_bytes(bytes))
    }

    /// Text as it came, bytes that are no UTF-8 replaced. Some modules pad with NUL.
    pub fn text(&self, kind: AttributeType) -> Option<String> {
        let text = String::from_utf8_lossy(self.bytes(kind)?);
        Some(text.trim_end_matches('\0').to_owned())
    }
}

/// The longest value that is read at all: no key or record of ours comes near, a hostile token may claim anything.
const LONGEST: usize = 1 << 20;

/// What a buffer holds before the call. No `CK_BBOOL` and no number that we ask for looks so.
const UNTOUCHED: u8 = 0xa5;

/// A first buffer that fits almost every value of this type: exact for numbers and truth values (NSS answers nothing into
/// a larger one), odd for all others, so that a length left as it was shows an attribute that the module never came to.
fn first_size(kind: AttributeType) -> usize {
    match kind {
        AttributeType::Class
        | AttributeType::KeyType
        | AttributeType::ValueLen
        | AttributeType::ModulusBits => size_of::<CK_ULONG>(),
        AttributeType::Label => 263,
        AttributeType::Id => 71,
        AttributeType::Modulus => 521,
        AttributeType::PublicExponent | AttributeType::EcParams | AttributeType::Application => 37,
        AttributeType::EcPoint => 141,
        AttributeType::Value => 2053,
        AttributeType::ObjectId => 67,
        _ => 1,
    }
}

/// Reads the attributes of one object. Fails only when the object itself cannot be asked.
pub(super) fn read(
    library: &Library,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    kinds: &[AttributeType],
) -> Result<Attributes> {
    let mut buffers: Vec<Vec<u8>> = kinds.iter().map(|kind| vec![UNTOUCHED; first_size(*kind)]).collect();
    let mut wanted: Vec<_> = kinds
        .iter()
        .zip(&mut buffers)
        .map(|(kind, buffer)| ((*kind).into(), Some(buffer.as_mut_slice())))
        .collect();
    let (lengths, result) = library.get_attributes(session, object, &mut wanted);
    let lengths: Vec<_> =
        lengths.into_iter().map(|stated| usize::try_from(stated).unwrap_or(usize::MAX)).collect();
    let answered: Vec<_> = kinds
        .iter()
        .zip(&buffers)
        .zip(&lengths)
        .map(|((kind, buffer), stated)| is_answer(*kind, buffer, *stated))
        .collect();
    // Also by stating that there is nothing to answer.
    let has_answered = answered.contains(&true)
        || lengths.iter().zip(&buffers).any(|(stated, buffer)| *stated != buffer.len());
    let per_attribute = match result {
        Ok(()) => false,
        Err(error) if is_about_attributes(error) => false,
        // wolfPKCS11 answers `CK_UNAVAILABLE_INFORMATION`, which is no return value, when the object lacks one of them.
        Err(error) if error.is_vendors() && has_answered => false,
        // SoftHSM answers so for every attribute when one of them is a date that it cannot decode.
        Err(error) if error.is_any(&[ck::CKR_GENERAL_ERROR, ck::CKR_FUNCTION_FAILED]) => true,
        Err(error) => return Err(error),
    };
    let too_small = matches!(result, Err(error) if error.is(ck::CKR_BUFFER_TOO_SMALL));
    let mut attributes = Attributes::default();
    for (((kind, mut buffer), stated), answered) in kinds.iter().zip(buffers).zip(lengths).zip(answered) {
        if answered && !per_attribute {
            buffer.truncate(stated);
            attributes.0.insert((*kind).into(), buffer);
            continue;
        }
        let unknown = per_attribute || stated == buffer.len() || (too_small && is_variable(*kind));
        if unknown && let Some(value) = read_one(library, session, object, (*kind).into()) {
            attributes.0.insert((*kind).into(), value);
        }
    }
    Ok(attributes)
}

/// The answers after which the other attributes of the call are filled in all the same (PKCS#11, C_GetAttributeValue).
fn is_about_attributes(error: Error) -> bool {
    error.is_any(&[ck::CKR_ATTRIBUTE_SENSITIVE, ck::CKR_ATTRIBUTE_TYPE_INVALID, ck::CKR_BUFFER_TOO_SMALL])
}

/// Whether the module wrote a value into the buffer, of the length that it stated.
fn is_answer(kind: AttributeType, buffer: &[u8], stated: usize) -> bool {
    if is_variable(kind) {
        stated < buffer.len()
    } else {
        stated == buffer.len() && buffer.iter().any(|byte| *byte != UNTOUCHED)
    }
}

fn is_variable(kind: AttributeType) -> bool {
    first_size(kind) > size_of::<CK_ULONG>()
}

/// Asks the size, then the value. An error means that the value is unknown.
fn read_one(
    library: &Library,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    kind: CK_ATTRIBUTE_TYPE,
) -> Option<Vec<u8>> {
    let (lengths, result) = library.get_attributes(session, object, &mut [(kind, None)]);
    result.ok()?;
    let size = usize::try_from(*lengths.first()?).ok().filter(|size| *size <= LONGEST)?;
    let mut value = vec![0; size];
    let (lengths, result) = library.get_attributes(session, object, &mut [(kind, Some(&mut value))]);
    result.ok()?;
    let stated = usize::try_from(*lengths.first()?).ok().filter(|stated| *stated <= size)?;
    value.truncate(stated);
    Some(value)
}
