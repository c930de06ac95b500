//! New CKA_IDs, which say what an object without a record is.

use anyhow::Result;

use super::{
    identity::{Identity, Next},
    store::Keystore,
};
use crate::model::KeyId;

/// For the next version of a key, see [`super::Namespace::next_id`].
pub(super) fn next(keystore: &Keystore, first: &KeyId, next: Next) -> Result<KeyId> {
    Ok(keystore.names().next_id(first, next, &keystore.session().random(Identity::SALT_LEN)?))
}

/// For the companion of a first version, see [`super::Namespace::version_id`].
pub(super) fn companion(keystore: &Keystore, first: &KeyId) -> Result<KeyId> {
    Ok(keystore.names().version_id(first, &keystore.session().random(Identity::SALT_LEN)?))
}
