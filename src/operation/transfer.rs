//! Moving keys between tokens: wrapped under a public key of the receiver, unwrapped with its private half.

use anyhow::Result;
use data_encoding::HEXLOWER;

use super::{Error, open::open_oaep};
use crate::{
    algorithm::{KeyKind, PublicKey},
    encoding::{KeyCheck, KeyMaterial, SECRET_KEY_LEN, WrappedKey, kwp_unwrap},
    keystore::{self, Key, KeyVersion, Keystore, Operation, Selected},
    model::Status,
    public,
    secret::Secret,
    token::KeyObject,
};

/// Wraps an exportable key. The token does the wrapping, and the result is checked before it is returned.
pub fn wrap(keystore: &Keystore, selected: &Selected, recipient: &PublicKey) -> Result<WrappedKey> {
    let label = || selected.key.label.clone();
    let version = selected.version();
    public::require_encryption(recipient)?;
    require_enabled(&selected.key, version)?;
    let secret = version.secret.as_ref().ok_or_else(|| keystore::Error::MissingObject {
        label: label(),
        version: version.version,
        what: "secret half",
    })?;
    // Some tokens wrap keys that are not extractable (NSS), so the attribute is checked here.
    let recorded = selected.key.record().is_none_or(|record| record.exportable);
    if !recorded || secret.protection.extractable != Some(true) {
        return Err(Error::NotExportable { label: label() }.into());
    }
    if selected.key.record().is_some_and(|record| record.convergent) {
        return Err(Error::ConvergentWrap { label: label() }.into());
    }
    let session = keystore.session();
    let ephemeral = Secret::new(session.random(SECRET_KEY_LEN)?.to_vec());
    let mut body = public::encrypt_oaep(recipient, ephemeral.expose())?;
    let wrapped = session.wrap(secret.handle, &ephemeral)?;
    let material = kwp_unwrap(&ephemeral, &wrapped)
        .and_then(|key| KeyMaterial::from_encoded(key, version.kind().and_then(KeyKind::algorithm)))
        .map_err(|reason| Error::WrappedOther { label: label(), reason: Some(reason) })?;
    if !is_the_same(&material, version) {
        return Err(Error::WrappedOther { label: label(), reason: None }.into());
    }
    body.extend(wrapped);
    Ok(WrappedKey {
        recipient: recipient.fingerprint(),
        algorithm: material.algorithm(),
        usage: selected.key.usage(),
        key_check: KeyCheck::of(&material)
            .ok_or_else(|| Error::WrappedOther { label: label(), reason: None })?,
        label: selected.key.label.parse()?,
        body,
    })
}

/// A key that is disabled or about to be destroyed does not leave either.
fn require_enabled(key: &Key, version: &KeyVersion) -> Result<(), keystore::Error> {
    let refused = |version, status| keystore::Error::State {
        label: key.label.clone(),
        version,
        status,
        operation: "be wrapped",
    };
    match (key.status(), version.status) {
        (Some(status @ (Status::Disable | Status::Revoke)), _) => Err(refused(None, status)),
        (_, status @ (Status::Disable | Status::Revoke)) => Err(refused(Some(version.version), status)),
        _ => Ok(()),
    }
}

/// Compares pairs by their public half, secret keys by their kind.
fn is_the_same(material: &KeyMaterial, version: &KeyVersion) -> bool {
    match material.public_key() {
        Some(public) => version
            .public_numbers()
            .and_then(KeyObject::public_key)
            .is_none_or(|found| found.as_ref() == Ok(public)),
        None => version.kind() == Some(material.algorithm().kind()),
    }
}

/// Opens a wrapped key with the private key on this token for which it was made.
pub fn unwrap(keystore: &Keystore, wrapped: &WrappedKey) -> Result<KeyMaterial> {
    let recipient = recipient(keystore, &wrapped.recipient)?;
    let key = recipient.secret_for(Operation::Decrypt)?;
    let damaged = || Error::WrappedDamaged { label: recipient.key.label.clone() };
    let bits = recipient.version().kind().and_then(KeyKind::bits).unwrap_or_default();
    let size = bits.div_ceil(8) as usize;
    let (block, blob) = wrapped.body.split_at_checked(size).ok_or_else(damaged)?;
    let ephemeral = open_oaep(keystore, &recipient, key, block)?.ok_or_else(damaged)?;
    let material = kwp_unwrap(&ephemeral, blob)
        .and_then(|key| KeyMaterial::from_encoded(key, Some(wrapped.algorithm)))
        .map_err(|_| damaged())?;
    let is_stated = material.algorithm() == wrapped.algorithm
        && KeyCheck::of(&material).as_ref() == Some(&wrapped.key_check);
    if is_stated { Ok(material) } else { Err(damaged().into()) }
}

/// The key whose public half has this fingerprint, in any version.
fn recipient(keystore: &Keystore, fingerprint: &[u8; 32]) -> Result<Selected> {
    let is_it = |version: &KeyVersion| {
        // Anyone who reaches the token may have replaced the public object.
        let own = version.guarded_numbers();
        let public = || version.public_numbers().and_then(KeyObject::public_key).and_then(Result::ok);
        let has_private = version.secret.is_some();
        has_private && own.or_else(public).is_some_and(|public| public.fingerprint() == *fingerprint)
    };
    for key in keystore.inventory()?.keys {
        if let Some(version) =
            key.versions.iter().find(|version| is_it(version)).map(|version| version.version)
        {
            return Ok(Selected { key, version });
        }
    }
    Err(Error::NoRecipient { fingerprint: HEXLOWER.encode(fingerprint) }.into())
}
