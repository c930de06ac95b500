//! Moving keys between tokens: wrapped under a public key of the receiver, unwrapped with its private half.

use anyhow::Result;
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Error, open::open_oaep};
use crate::{
    algorithm::{KeyKind, PublicKey},
    encoding::{self, KeyCheck, KeyMaterial, SECRET_KEY_LEN, WrappedKey, kwp_unwrap, kwp_wrap},
    keystore::{
        self, Arrival, ArrivingVersion, Binding, Key, KeyVersion, Keystore, Operation, Record, Selected,
    },
    model::{Status, Version},
    public,
    secret::Secret,
    token::KeyObject,
};

/// Wraps the selected version of an exportable key, or all, with the key's record. The token does the wrapping, and the
/// result is checked before it is returned.
pub fn wrap(
    keystore: &Keystore,
    selected: &Selected,
    all_versions: bool,
    recipient: &PublicKey,
) -> Result<WrappedKey> {
    let key = &selected.key;
    public::require_encryption(recipient)?;
    require_enabled(key, (!all_versions).then_some(selected.version()))?;
    // Some tokens wrap keys that are not extractable (NSS), so the record is asked, and the attribute of each object.
    if key.record().is_some_and(|record| !record.exportable) {
        return Err(Error::NotExportable { label: key.label.clone() }.into());
    }
    let ephemeral = Secret::new(keystore.session().random(SECRET_KEY_LEN)?.to_vec());
    let mut record = keystore.portable_record(key)?;
    record.versions.retain(|entry| all_versions || entry.version == selected.version);
    let (mut keys, mut newest) = (Vec::new(), None);
    for entry in &mut record.versions {
        let version = key.version(entry.version);
        let secret = version.and_then(|version| version.secret.as_deref());
        let (version, secret) =
            version.zip(secret).ok_or_else(|| missing(key, entry.version, "secret half"))?;
        let unfit = Error::NotExportable { label: key.label.clone() };
        let (material, wrapped) = wrap_object(keystore, (&key.label, unfit), secret, &ephemeral)?;
        let companion = wrap_companion(keystore, key, version, &ephemeral)?;
        let binding = Binding::of_material(&material, companion.as_ref().map(|(material, _)| material));
        if !is_the_same(&material, version) || !entry.binding.agrees(&binding) {
            return Err(Error::WrappedOther { label: key.label.clone(), reason: None }.into());
        }
        entry.binding = entry.binding.or(Some(binding));
        keys.push(SealedVersion {
            version: entry.version,
            key: BASE64.encode(&wrapped),
            companion: companion.map(|(_, wrapped)| BASE64.encode(&wrapped)),
        });
        newest = Some((material, wrapped));
    }
    let (material, wrapped) = newest.ok_or_else(|| missing(key, selected.version, "secret half"))?;
    let record = RawValue::from_string(String::from_utf8(record.to_bytes())?)?;
    let details = serde_json::to_vec(&Details { format: FORMAT, record, keys })?;
    let unreadable = || Error::WrappedOther { label: key.label.clone(), reason: None };
    Ok(WrappedKey {
        recipient: recipient.fingerprint(),
        algorithm: material.algorithm(),
        usage: key.usage(),
        key_check: KeyCheck::of(&material).ok_or_else(unreadable)?,
        label: key.label.parse()?,
        body: [public::encrypt_oaep(recipient, ephemeral.expose())?, wrapped].concat(),
        details: Some(kwp_wrap(&ephemeral, &details)?),
    })
}

/// The version of [`Details`] that is written.
const FORMAT: u32 = 1;

/// The record and all versions, as JSON, which is encrypted with the AES key.
#[derive(Serialize, Deserialize)]
struct Details {
    format: u32,
    /// Has entries only for the versions in `keys`.
    record: Box<RawValue>,
    keys: Vec<SealedVersion>,
}

/// A version, wrapped separately with the AES key (RFC 5649), in base64: the JSON holds no secret.
#[derive(Serialize, Deserialize)]
struct SealedVersion {
    version: Version,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    companion: Option<String>,
}

fn missing(key: &Key, version: Version, what: &'static str) -> keystore::Error {
    keystore::Error::MissingObject { label: key.label.clone(), version, what }
}

fn wrap_object(
    keystore: &Keystore,
    (label, unfit): (&str, Error),
    object: &KeyObject,
    ephemeral: &Secret,
) -> Result<(KeyMaterial, Vec<u8>)> {
    if object.protection.extractable != Some(true) {
        return Err(unfit.into());
    }
    let wrapped = keystore.session().wrap(object.handle, ephemeral).map_err(|source| {
        if source.function() == "C_WrapKey" && source.lacks_mechanism() {
            Error::CannotWrap { label: label.to_owned(), kind: object.kind, source }.into()
        } else {
            anyhow::Error::from(source)
        }
    })?;
    let material = kwp_unwrap(ephemeral, &wrapped)
        .and_then(|encoded| KeyMaterial::from_encoded(encoded, object.kind.algorithm()))
        .map_err(|reason| Error::WrappedOther { label: label.to_owned(), reason: Some(reason) })?;
    Ok((material, wrapped))
}

/// The HMAC key of a version of a convergent key.
fn wrap_companion(
    keystore: &Keystore,
    key: &Key,
    version: &KeyVersion,
    ephemeral: &Secret,
) -> Result<Option<(KeyMaterial, Vec<u8>)>> {
    if !key.record().is_some_and(|record| record.convergent) {
        return Ok(None);
    }
    let companion =
        version.companion_key.as_deref().ok_or_else(|| missing(key, version.version, "companion key"))?;
    let unfit = Error::ConvergentWrap { label: key.label.clone() };
    wrap_object(keystore, (&key.label, unfit), companion, ephemeral).map(Some)
}

/// Refuses a key that is disabled or revoked, and a `version` that is not enabled. With all versions (`None`), their own
/// states do not matter.
fn require_enabled(key: &Key, version: Option<&KeyVersion>) -> Result<(), keystore::Error> {
    let refused = |version, status| keystore::Error::State {
        label: key.label.clone(),
        version,
        status,
        operation: "be wrapped",
    };
    if let Some(status @ (Status::Disable | Status::Revoke)) = key.status() {
        return Err(refused(None, status));
    }
    match version.filter(|version| version.status != Status::Enable) {
        Some(version) => Err(refused(Some(version.version), version.status)),
        None => Ok(()),
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

/// Opens a wrapped key with the private key on this token for which it was made, and checks the keys against the headers
/// of the file. A file of an earlier release has no record, and nothing authenticates its label and usage.
pub fn unwrap(keystore: &Keystore, wrapped: &WrappedKey) -> Result<Arrival> {
    let recipient = recipient(keystore, &wrapped.recipient)?;
    let key = keystore.secret_for(&recipient, Operation::Decrypt)?;
    let damaged = || Error::WrappedDamaged { label: recipient.key.label.clone() };
    let bits = recipient.version().kind().and_then(KeyKind::bits).unwrap_or_default();
    let size = bits.div_ceil(8) as usize;
    let (block, blob) = wrapped.body.split_at_checked(size).ok_or_else(damaged)?;
    let ephemeral = open_oaep(keystore, &recipient, key, block)?.ok_or_else(damaged)?;
    let material = kwp_unwrap(&ephemeral, blob)
        .and_then(|key| KeyMaterial::from_encoded(key, Some(wrapped.algorithm)))
        .map_err(|_| damaged())?;
    if material.algorithm() != wrapped.algorithm
        || KeyCheck::of(&material).as_ref() != Some(&wrapped.key_check)
    {
        return Err(damaged().into());
    }
    let Some(details) = &wrapped.details else { return Ok(Arrival::of_material(material)) };
    let details = kwp_unwrap(&ephemeral, details).map_err(|_| damaged())?;
    let details: Details = serde_json::from_slice(details.expose()).map_err(|_| damaged())?;
    if details.format > FORMAT {
        return Err(encoding::Error::Unsupported(format!("its format {}", details.format)).into());
    }
    let schema = Record::from_bytes(details.record.get().as_bytes()).map(|record| record.schema);
    if let Some(newer) = schema.ok().filter(|schema| *schema > Record::SCHEMA) {
        return Err(encoding::Error::Unsupported(format!("schema {newer} of its record")).into());
    }
    let arrival = arrival(&ephemeral, &details).ok_or_else(damaged)?;
    let newest = arrival.versions.last().map(|version| version.material.encoded());
    let is_stated = arrival.record.as_ref().is_some_and(|record| {
        record.label == wrapped.label.as_str()
            && record.usage == wrapped.usage
            && record.algorithm == Some(wrapped.algorithm)
    });
    if is_stated && newest.is_some_and(|newest| newest.matches(material.encoded())) {
        Ok(arrival)
    } else {
        Err(damaged().into())
    }
}

/// `None` if the parts do not fit each other.
fn arrival(ephemeral: &Secret, details: &Details) -> Option<Arrival> {
    let open = |text: &String| kwp_unwrap(ephemeral, &BASE64.decode(text.as_bytes()).ok()?).ok();
    let record = Record::from_bytes(details.record.get().as_bytes()).ok()?;
    let mut versions = Vec::new();
    for sealed in &details.keys {
        let companion = match &sealed.companion {
            Some(companion) => Some(KeyMaterial::companion(open(companion)?).ok()?),
            None => None,
        };
        let material = KeyMaterial::from_encoded(open(&sealed.key)?, record.algorithm).ok()?;
        versions.push(ArrivingVersion { version: sealed.version, material, companion });
    }
    let arrival = Arrival { versions, record: Some(record) };
    arrival.is_sound().then_some(arrival)
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
            return Ok(Selected::new(key, version));
        }
    }
    Err(Error::NoRecipient { fingerprint: HEXLOWER.encode(fingerprint) }.into())
}
