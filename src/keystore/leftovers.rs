//! What a failed creation left on the token, where that did not let it be taken back.

use super::{
    Keystore,
    error::{Error, is_conflict},
};
use crate::{
    model::KeyId,
    token::{KeyObject, Search},
};

impl Keystore {
    /// The error of a creation that failed, with the objects that are still there. A new key's CKA_IDs are unique, so that
    /// whatever has one of them and its label was made here.
    pub(super) fn with_leftovers(&self, label: &str, ids: &[&KeyId], error: anyhow::Error) -> anyhow::Error {
        // There the objects stay on purpose: a record names them, or may.
        if is_conflict(&error) || matches!(error.downcast_ref(), Some(Error::RecordUnsettled { .. })) {
            return error;
        }
        let of_id = |id: &&KeyId| self.session().keys(Search::Id(id)).unwrap_or_default();
        let is_it = |object: &KeyObject| object.is_labelled(label) && ids.contains(&&object.id);
        let left: Vec<_> = ids.iter().flat_map(of_id).filter(is_it).collect();
        let Some(id) = left.first().map(|object| object.id.clone()) else { return error };
        let mut what: Vec<_> = left.iter().map(|object| object.class.name()).collect();
        what.dedup();
        Error::LeftBehind { label: label.to_owned(), id, what, reason: format!("{error:#}") }.into()
    }
}
