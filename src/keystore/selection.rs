//! What the user typed to name a key.

use std::{fmt, sync::Arc};

use super::identity::Identity;
use crate::{
    model::{KeyId, KeyIdPrefix, ObjectType, Uri, Version, text_of_bytes},
    token::Search,
};

/// Label, CKA_ID or both; at least one is given. Labels of other tools may hold anything, so this one is plain text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Selection {
    pub label: Option<String>,
    /// A label that is not UTF-8, as it is stored. It stands in `label` as text.
    pub raw_label: Option<Vec<u8>>,
    pub id: Option<KeyId>,
    /// The first digits of the CKA_ID, for a key whose whole CKA_ID is not `id`.
    pub id_prefix: Option<Box<KeyIdPrefix>>,
    pub version: Option<Version>,
    /// The class of one of the key's objects, which has the label and the CKA_ID, too.
    pub kind: Option<ObjectType>,
    /// The URI that all of this comes from; what it says about the token restricts as well.
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

/// A CKA_ID that kmsctl made has so many digits: with them, it is not taken for the beginning of another.
pub(super) const WHOLE_DIGITS: usize = 2 * Identity::VERSION_ID_LEN;

impl Selection {
    /// A CKA_ID, or the beginning of one.
    #[must_use]
    pub fn with_id(self, id: &KeyIdPrefix) -> Self {
        Self { id: id.whole(), id_prefix: id.may_be_short().then(|| Box::new(id.clone())), ..self }
    }

    /// The same selection, by the beginning of the CKA_ID alone.
    pub(super) fn by_prefix(&self) -> Self {
        Self { id: None, ..self.clone() }
    }

    /// Whether a key version is named, and not just a key.
    pub const fn names_version(&self) -> bool {
        self.version.is_some() || self.id.is_some() || self.id_prefix.is_some()
    }

    /// A label as bytes, which need not be UTF-8.
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

    /// What a URI says, all of it (RFC 7512, section 2.3).
    pub fn of_uri(uri: &Uri) -> Self {
        let selection =
            Self { id: uri.id.clone(), kind: uri.kind, uri: Some(Arc::new(uri.clone())), ..Self::default() };
        match &uri.object {
            Some(label) => selection.labelled(label.clone()),
            None => selection,
        }
    }

    /// What to search the token for.
    pub(super) fn search(&self) -> Option<Search<'_>> {
        match (&self.raw_label, &self.label, &self.id) {
            (Some(label), ..) => Some(Search::RawLabel(label)),
            (None, Some(label), _) => Some(Search::Label(label)),
            (None, None, Some(id)) => Some(Search::Id(id)),
            (None, None, None) => None,
        }
    }
}
