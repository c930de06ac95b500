//! Reads attributes with one call per object, and falls back to one call per attribute if the module requires it.
//!
//! `C_GetAttributeValue` returns one value for the whole template, and any of `CKR_ATTRIBUTE_SENSITIVE`,
//! `CKR_ATTRIBUTE_TYPE_INVALID` and `CKR_BUFFER_TOO_SMALL` when several apply (PKCS#11 3.1, section 5.7.5): an
//! attribute that is too long for its buffer looks like one that the object does not have. So an attribute of variable
//! length that came back unavailable, although objects of this class have it, is read on its own.

use cryptoki::object::{Attribute, AttributeType};
use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CK_ULONG};

use super::{
    error::{Error, Result},
    raw::Library,
};
use crate::{algorithm, model::text_of_bytes};

/// The result of reading one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Value(Vec<u8>),
    /// The object does not have it.
    Absent,
    /// It is sensitive, or could not be read.
    Unknown,
}

/// The attributes read from an object, as raw bytes by type.
#[derive(Debug, Default, Clone)]
pub struct Attributes(Vec<(CK_ATTRIBUTE_TYPE, Answer)>);

/// A template from attributes by number.
pub(super) fn raw(attributes: algorithm::Attributes) -> Vec<Attribute> {
    let raw = |(kind, value)| Attribute::VendorDefined((AttributeType::VendorDefined(kind), value));
    attributes.into_iter().map(raw).collect()
}

impl Attributes {
    /// Adds those of another read of the same object.
    pub(super) fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    fn answer(&self, kind: AttributeType) -> Option<&Answer> {
        let kind = CK_ATTRIBUTE_TYPE::from(kind);
        self.0.iter().find(|(found, _)| *found == kind).map(|(_, answer)| answer)
    }

    /// `None` for an attribute that the object does not have, that is sensitive, or that could not be read.
    pub fn bytes(&self, kind: AttributeType) -> Option<&[u8]> {
        match self.answer(kind)? {
            Answer::Value(value) => Some(value),
            Answer::Absent | Answer::Unknown => None,
        }
    }

    /// As [`Self::bytes`], by number.
    pub(super) fn value(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<&[u8]> {
        self.bytes(AttributeType::VendorDefined(kind))
    }

    /// Whether the object may have a value that could not be read.
    pub fn is_unknown(&self, kind: AttributeType) -> bool {
        matches!(self.answer(kind), None | Some(Answer::Unknown))
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

    /// Text; bytes that are not UTF-8 are shown as `\\xff`.
    pub fn text(&self, kind: AttributeType) -> Option<String> {
        self.bytes(kind).map(text_of_bytes)
    }

    /// An array of numbers; empty if the object has none.
    pub fn ulongs(&self, kind: AttributeType) -> Vec<u64> {
        let words = self.bytes(kind).unwrap_or_default().chunks_exact(size_of::<CK_ULONG>());
        words.filter_map(|word| Some(CK_ULONG::from_ne_bytes(word.try_into().ok()?))).collect()
    }
}

/// The longest value that is read. No key or record comes near it; a hostile token may claim any length.
const MAX_VALUE: usize = 1 << 20;

/// Buffers are filled with this before a call. No `CK_BBOOL` and no number that is read has this value.
const UNTOUCHED: u8 = 0xa5;
const UNTOUCHED_AGAIN: u8 = 0x5a;

/// Size of the first buffer, which fits almost every value of this type. Exact for numbers and booleans (NSS does not
/// fill a larger buffer); odd for all others, so that an unchanged length reveals an attribute that the module never
/// reached.
pub(super) fn first_size(kind: AttributeType) -> usize {
    match kind {
        AttributeType::Class
        | AttributeType::KeyType
        | AttributeType::ValueLen
        | AttributeType::ModulusBits
        | AttributeType::ParameterSet => size_of::<CK_ULONG>(),
        // 64 mechanisms.
        AttributeType::Label | AttributeType::AllowedMechanisms => 519,
        AttributeType::Id => 515,
        // RSA with 16,384 bits and a leading zero.
        AttributeType::Modulus => 2051,
        AttributeType::PublicExponent | AttributeType::EcParams | AttributeType::Application => 37,
        AttributeType::EcPoint => 141,
        // A public key of ML-DSA-87, and its SubjectPublicKeyInfo.
        AttributeType::Value => 2593,
        AttributeType::PublicKeyInfo => 2615,
        AttributeType::ObjectId => 67,
        _ => 1,
    }
}

/// The same for the record of one key, which grows with its versions: 1,000 of them fit.
pub(super) fn first_size_of_record(kind: AttributeType) -> usize {
    if kind == AttributeType::Value { (1 << 18) + 1 } else { first_size(kind) }
}

fn is_variable(kind: AttributeType) -> bool {
    first_size(kind) > size_of::<CK_ULONG>()
}

/// Reads the attributes of one object, into first buffers of these sizes. Fails only if the object itself cannot be read.
pub(super) fn read(
    library: &Library,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    kinds: &[AttributeType],
    size: fn(AttributeType) -> usize,
) -> Result<Attributes> {
    let reader = Reader { library, session, object };
    let first = reader.all_at_once(kinds, size);
    match first.result {
        Ok(()) => {}
        Err(error) if is_about_attributes(error) => {}
        // wolfPKCS11 returns `CK_UNAVAILABLE_INFORMATION`, which is not a return value, if the object lacks one of
        // them.
        Err(error) if error.is_vendor_defined() && first.has_answered() => {}
        // SoftHSM fails the whole call if one attribute is a date that it cannot decode.
        Err(error) if is_about_all(error) => return reader.one_by_one(kinds, error),
        Err(error) => return Err(error),
    }
    let mut attributes = Attributes(Vec::with_capacity(kinds.len()));
    let mut unsettled = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        let answer = first.answer(index, *kind).unwrap_or_else(|| {
            unsettled.push((index, *kind));
            Answer::Unknown
        });
        attributes.0.push(((*kind).into(), answer));
    }
    for (index, kind) in unsettled {
        let stated = first.lengths[index];
        let is_unavailable = stated == ck::CK_UNAVAILABLE_INFORMATION;
        attributes.0[index].1 = if is_unavailable && !first.may_be_there(&attributes, kind) {
            Answer::Absent
        } else {
            reader.one(kind.into())
        };
    }
    Ok(attributes)
}

/// With these return values the other attributes of the call are valid (PKCS#11, C_GetAttributeValue).
fn is_about_attributes(error: Error) -> bool {
    error.is_any(&[ck::CKR_ATTRIBUTE_SENSITIVE, ck::CKR_ATTRIBUTE_TYPE_INVALID, ck::CKR_BUFFER_TOO_SMALL])
}

/// With these return values any of the attributes may be the cause.
fn is_about_all(error: Error) -> bool {
    error.is_any(&[ck::CKR_GENERAL_ERROR, ck::CKR_FUNCTION_FAILED])
}

/// Whether objects of this class and key type have the attribute (PKCS#11, sections 4.3 to 4.10 and the objects of the
/// RSA and EC mechanisms).
fn belongs(attributes: &Attributes, kind: AttributeType) -> bool {
    let (class, key_type) =
        (attributes.ulong(AttributeType::Class), attributes.ulong(AttributeType::KeyType));
    let is_on_curve = matches!(key_type, Some(ck::CKK_EC | ck::CKK_EC_EDWARDS));
    match kind {
        AttributeType::Label | AttributeType::Application | AttributeType::Value => true,
        AttributeType::Id => class != Some(ck::CKO_DATA),
        AttributeType::Modulus | AttributeType::PublicExponent => key_type == Some(ck::CKK_RSA),
        AttributeType::EcParams => is_on_curve,
        AttributeType::EcPoint => is_on_curve && class == Some(ck::CKO_PUBLIC_KEY),
        _ => false,
    }
}

/// The result of one call for all attributes.
struct First {
    buffer: Vec<u8>,
    /// Start of each attribute's part of the buffer, and the end of the last.
    bounds: Vec<usize>,
    lengths: Vec<CK_ULONG>,
    result: Result<()>,
}

impl First {
    fn part(&self, index: usize) -> &[u8] {
        &self.buffer[self.bounds[index]..self.bounds[index + 1]]
    }

    /// The value, if the module wrote one of the stated length into the buffer.
    fn answer(&self, index: usize, kind: AttributeType) -> Option<Answer> {
        let part = self.part(index);
        let stated = usize::try_from(self.lengths[index]).unwrap_or(usize::MAX);
        let is_value = if is_variable(kind) {
            stated < part.len() && !is_untouched(&part[..stated], UNTOUCHED)
        } else {
            stated == part.len() && part.iter().any(|byte| *byte != UNTOUCHED)
        };
        is_value.then(|| Answer::Value(part[..stated].to_vec()))
    }

    /// Whether the module filled in any attribute, if only to mark it unavailable.
    fn has_answered(&self) -> bool {
        (0..self.lengths.len()).any(|index| {
            let part = self.part(index);
            usize::try_from(self.lengths[index]).is_ok_and(|stated| stated != part.len())
                || part.iter().any(|byte| *byte != UNTOUCHED)
        })
    }

    /// Whether an attribute that came back unavailable may have been too long for its buffer.
    fn may_be_there(&self, attributes: &Attributes, kind: AttributeType) -> bool {
        let is_too_small = matches!(self.result, Err(error) if error.is(ck::CKR_BUFFER_TOO_SMALL));
        is_variable(kind) && (is_too_small || belongs(attributes, kind))
    }
}

/// Whether a value ends with filler: the module stated more than it wrote. A random CKA_ID does so with a chance of one
/// in four billion.
fn is_untouched(value: &[u8], filling: u8) -> bool {
    let tail = &value[value.len().saturating_sub(4)..];
    !tail.is_empty() && tail.iter().all(|byte| *byte == filling)
}

/// Reads the attributes of one object.
struct Reader<'a> {
    library: &'a Library,
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
}

impl Reader<'_> {
    fn all_at_once(&self, kinds: &[AttributeType], first_size: fn(AttributeType) -> usize) -> First {
        let mut bounds = Vec::with_capacity(kinds.len() + 1);
        let mut size = 0;
        for kind in kinds {
            bounds.push(size);
            size += first_size(*kind);
        }
        bounds.push(size);
        let mut buffer = vec![UNTOUCHED; size];
        let mut rest = buffer.as_mut_slice();
        let mut wanted = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let (part, after) = rest.split_at_mut(first_size(*kind));
            wanted.push(((*kind).into(), Some(part)));
            rest = after;
        }
        let (lengths, result) = self.library.get_attributes(self.session, self.object, &mut wanted);
        First { buffer, bounds, lengths, result }
    }

    /// Reads each attribute with a separate call, after a call for all of them failed with `error`. Returns that error
    /// if none can be read.
    fn one_by_one(&self, kinds: &[AttributeType], error: Error) -> Result<Attributes> {
        let mut attributes = Attributes(Vec::with_capacity(kinds.len()));
        for kind in kinds {
            let answer = self.one((*kind).into());
            // The class comes first if it is requested, and every object has one.
            if *kind == AttributeType::Class && answer == Answer::Unknown {
                return Err(error);
            }
            attributes.0.push(((*kind).into(), answer));
        }
        if attributes.0.iter().all(|(_, answer)| *answer == Answer::Unknown) {
            return Err(error);
        }
        Ok(attributes)
    }

    /// Reads the size, then the value.
    fn one(&self, kind: CK_ATTRIBUTE_TYPE) -> Answer {
        let (lengths, result) = self.library.get_attributes(self.session, self.object, &mut [(kind, None)]);
        match result {
            Ok(()) => {}
            Err(error) if error.is(ck::CKR_ATTRIBUTE_TYPE_INVALID) => return Answer::Absent,
            Err(_) => return Answer::Unknown,
        }
        let size = lengths.first().and_then(|stated| usize::try_from(*stated).ok());
        let Some(size) = size.filter(|size| *size <= MAX_VALUE) else { return Answer::Unknown };
        if size == 0 {
            return Answer::Value(Vec::new());
        }
        let value = self.value(kind, size, UNTOUCHED_AGAIN);
        let value = match value {
            Some(value) if is_untouched(&value, UNTOUCHED_AGAIN) => {
                self.value(kind, size, UNTOUCHED).filter(|again| *again == value)
            }
            other => other,
        };
        value.map_or(Answer::Unknown, Answer::Value)
    }

    fn value(&self, kind: CK_ATTRIBUTE_TYPE, size: usize, filling: u8) -> Option<Vec<u8>> {
        let mut value = vec![filling; size];
        let mut wanted = [(kind, Some(value.as_mut_slice()))];
        let (lengths, result) = self.library.get_attributes(self.session, self.object, &mut wanted);
        result.ok()?;
        let stated = usize::try_from(*lengths.first()?).ok().filter(|stated| *stated <= size)?;
        value.truncate(stated);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_was_never_written_is_detected() {
        assert!(is_untouched(&[1, 2, 0xa5, 0xa5, 0xa5, 0xa5], UNTOUCHED));
        assert!(is_untouched(&[0xa5], UNTOUCHED));
        assert!(!is_untouched(&[], UNTOUCHED));
        assert!(!is_untouched(&[0xa5, 0xa5, 0xa5, 1], UNTOUCHED));
        assert!(!is_untouched(&[1, 0xa5, 0xa5, 0xa5], UNTOUCHED));
    }

    #[test]
    fn class_and_key_type_determine_the_attributes() {
        let ulong = |kind: AttributeType, value: CK_ULONG| {
            (CK_ATTRIBUTE_TYPE::from(kind), Answer::Value(value.to_ne_bytes().to_vec()))
        };
        let of = |class, key_type| {
            Attributes(vec![ulong(AttributeType::Class, class), ulong(AttributeType::KeyType, key_type)])
        };
        let private_ec = of(ck::CKO_PRIVATE_KEY, ck::CKK_EC);
        assert!(belongs(&private_ec, AttributeType::Id));
        assert!(belongs(&private_ec, AttributeType::EcParams));
        assert!(!belongs(&private_ec, AttributeType::EcPoint));
        assert!(!belongs(&private_ec, AttributeType::Modulus));
        assert!(belongs(&of(ck::CKO_PUBLIC_KEY, ck::CKK_RSA), AttributeType::PublicExponent));
        assert!(!belongs(&of(ck::CKO_SECRET_KEY, ck::CKK_AES), AttributeType::EcParams));
    }
}
