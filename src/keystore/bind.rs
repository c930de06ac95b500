//! Determines the bindings of key versions.

use super::{
    binding::Binding,
    key::{Key, KeyVersion},
    record::Record,
    store::Keystore,
    vouch::{self, Voucher},
};
use crate::{
    encoding::KeyTag,
    token::{self, KeyObject},
};

/// Completes a record with the bindings of its versions and their current CKA_IDs.
pub(super) fn completed(keystore: &Keystore, key: &Key, mut record: Record) -> Record {
    for entry in &mut record.versions {
        let Some(version) = key.version(entry.version).filter(|version| version.secret.is_some()) else {
            continue;
        };
        entry.id.clone_from(&version.id);
        if !entry.binding.is_known() {
            entry.binding = bind(keystore, &key.label, version);
        }
    }
    record
}

/// The binding of a version, as far as the token can prove it.
pub(super) fn bind(keystore: &Keystore, label: &str, version: &KeyVersion) -> Binding {
    let Some(secret) = &version.secret else { return Binding::default() };
    if secret.kind.is_secret() {
        return bind_secret(keystore, secret, version.companion_key.as_deref()).0;
    }
    let proven = vouch::public_half_of(keystore, label, version, &Binding::default()).ok();
    let proven = proven.filter(|half| half.voucher > Voucher::Nothing);
    proven.map(|half| Binding::of_public(&half.key)).unwrap_or_default()
}

/// The binding of objects that were just created and tested, and the tag of a key with this first version.
pub(super) fn bind_new(keystore: &Keystore, version: &KeyVersion) -> (Binding, Option<KeyTag>) {
    let public = version.public.as_ref().and_then(|public| public.public_key()?.ok());
    match (&version.secret, public) {
        (_, Some(public)) => (Binding::of_public(&public), Some(KeyTag::of_public_key(&public))),
        (Some(secret), None) if secret.kind.is_secret() => {
            bind_secret(keystore, secret, version.companion_key.as_deref())
        }
        _ => Default::default(),
    }
}

fn bind_secret(
    keystore: &Keystore,
    secret: &KeyObject,
    companion: Option<&KeyObject>,
) -> (Binding, Option<KeyTag>) {
    let is_usable = secret.usage.encrypt || secret.usage.sign;
    let check = || keystore.session().key_check_block(secret.kind, secret.handle).ok();
    let block = if is_usable { check() } else { None };
    let companion_check =
        companion.and_then(|companion| keystore.session().key_check(companion.kind, companion.handle).ok());
    let check_value = block.as_ref().map(token::first_of);
    let binding = Binding { check_value, companion_check, ..Binding::default() };
    (binding, block.as_ref().map(KeyTag::of_check))
}
