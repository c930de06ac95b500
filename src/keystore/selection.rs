//! How the user selects a key.

use std::{fmt, sync::Arc};

use super::identity::Identity;
use crate::{
    model::{KeyId, KeyIdPrefix, ObjectType, Uri, Version, text_of_bytes},
    token::Search,
};

/// Label, CKA_ID or both; at least one is given. A plain string, since labels of other tools may contain anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Selection {
    pub label: Option<String>,
    /// A label that is not UTF-8, as stored; `label` has it as text.
    pub raw_label: Option<Vec<u8>>,
    pub id: Option<KeyId>,
    /// A prefix of the CKA_ID, used if no key has the complete CKA_ID `id`.
    pub id_prefix: Option<Box<KeyIdPrefix>>,
    pub version: Option<Version>,
    /// The class of an object of the key, which must also have the label and the CKA_ID.
    pub kind: Option<ObjectType>,
    /// The URI that the selection comes from; its token attributes must match as well.
    pub uri: Option<Arc<Uri>>,
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(uri) = &self.uri {
            return write!(f, "URI {uri}");
        }
        let id = match (&self.id_prefix, &self.id) {
            (Some(prefix), _) if prefix.digit_count() < WHOLE_DIGITS => Some(format!("CKA_ID {prefix}…")),
            (Some(prefix), _) => Some(format!("CKA_ID {prefix}")),
            (None, id) => id.as_ref().map(|id| format!("CKA_ID {id}")),
        };
        match (&self.label, id) {
            (Some(label), Some(id)) => write!(f, "label {label:?} and {id}"),
            (Some(label), None) => write!(f, "label {label:?}"),
            (None, Some(id)) => f.write_str(&id),
            (None, None) => f.write_str("any label"),
        }
    }
}

/// Number of hex digits of a CKA_ID that kmsctl assigned. With as many digits, it is not taken for a prefix of another.
pub(super) const WHOLE_DIGITS: usize = 2 * Identity::VERSION_ID_LEN;

impl Selection {
    /// Selects by CKA_ID or a prefix of one.
    #[must_use]
    pub fn with_id(self, id: &KeyIdPrefix) -> Self {
        Self { id: id.whole(), id_prefix: id.may_be_short().then(|| Box::new(id.clone())), ..self }
    }

    /// Whether it is by a CKA_ID with too few digits for a prefix.
    pub(super) fn is_short_id(&self) -> bool {
        let digits = self.id.as_ref().map_or(KeyIdPrefix::MIN_DIGITS, |id| 2 * id.as_bytes().len());
        self.uri.is_none() && digits < KeyIdPrefix::MIN_DIGITS
    }

    /// The same selection, by prefix only.
    pub(super) fn by_prefix(&self) -> Self {
        Self { id: None, ..self.clone() }
    }

    /// Whether a key version is selected, not just a key.
    pub const fn names_version(&self) -> bool {
        self.version.is_some() || self.id.is_some() || self.id_prefix.is_some()
    }

    /// Selects by label; the bytes need not be UTF-8.
    #[must_use]
    pub fn labelled(self, label: Vec<u8>) -> Self {
        match String::from_utf8(label) {
            Ok(label) => Self { label: Some(label), raw_label: None, ..self },
            Err(error) => {
                let bytes = error.into_bytes();
                Self { label: Some(text_of_bytes(&bytes)), raw_label: Some(bytes), ..self }
            }
        }
    }

    /// Selects by all attributes of a URI (RFC 7512, section 2.3).
    pub fn of_uri(uri: &Uri) -> Self {
        let selection =
            Self { id: uri.id.clone(), kind: uri.kind, uri: Some(Arc::new(uri.clone())), ..Self::default() };
        match &uri.object {
            Some(label) => selection.labelled(label.clone()),
            None => selection,
        }
    }

    /// The search on the token; `None` without label and CKA_ID.
    pub(super) fn search(&self) -> Option<Search<'_>> {
        match (&self.raw_label, &self.label, &self.id) {
            (Some(label), ..) => Some(Search::RawLabel(label)),
            (None, Some(label), _) => Some(Search::Label(label)),
            (None, None, Some(id)) => Some(Search::Id(id)),
            (None, None, None) => None,
        }
    }
}
