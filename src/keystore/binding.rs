//! What tells a key version from every other, wherever its objects are and whatever they are called.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{
    Keystore,
    error::Error,
    key::{Key, KeyVersion},
    record::Record,
    select::Selected,
    vouch::Voucher,
};
use crate::{
    model::KeyKind,
    token::{CHECK_LEN, Handle, KeyObject},
};

/// More keys than this are not tried for one that another program renumbered.
const MAX_CANDIDATES: usize = 256;

/// Kept for each version in the record of its key: public objects prove nothing by themselves, and other programs may
/// renumber, relabel or import again what a record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// SHA-256 of the SubjectPublicKeyInfo, of a key pair.
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub spki_sha256: Option<[u8; 32]>,
    /// [`crate::token::Session::key_check`], of a secret key.
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub check_value: Option<[u8; CHECK_LEN]>,
    /// [`crate::token::Session::mac_check`], of the HMAC key beside a convergent key.
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub companion_check: Option<[u8; CHECK_LEN]>,
}

impl Binding {
    pub const fn is_known(&self) -> bool {
        self.spki_sha256.is_some() || self.check_value.is_some()
    }
}

impl Keystore {
    /// A record with what can be found out of its versions: which keys they are, and which CKA_IDs these have now.
    pub(super) fn completed(&self, key: &Key, mut record: Record) -> Record {
        for entry in &mut record.versions {
            let Some(version) = key.version(entry.version).filter(|version| version.secret.is_some()) else {
                continue;
            };
            entry.id.clone_from(&version.id);
            if !entry.binding.is_known() {
                entry.binding = self.bind(&key.label, version);
            }
        }
        record
    }

    /// The binding of objects that were just proven.
    pub(super) fn bind_new(&self, version: &KeyVersion) -> Binding {
        let public = version.public.as_ref().and_then(|public| public.public_key()?.ok());
        match (&version.secret, public) {
            (_, Some(public)) => Binding { spki_sha256: Some(public.fingerprint()), ..Binding::default() },
            (Some(secret), None) if secret.kind.is_secret() => {
                self.bind_secret(secret, version.companion_key.as_deref())
            }
            _ => Binding::default(),
        }
    }

    fn bind_secret(&self, secret: &KeyObject, companion: Option<&KeyObject>) -> Binding {
        let is_aes = matches!(secret.kind, KeyKind::Aes { .. }) && secret.usage.encrypt;
        let check_value = if is_aes { self.session().key_check(secret.handle).ok() } else { None };
        let companion_check = companion.and_then(|companion| self.session().mac_check(companion.handle).ok());
        Binding { check_value, companion_check, spki_sha256: None }
    }

    /// The selection, if its secret key is the one that the record was written for; else the same with the right key, where
    /// another program gave that another CKA_ID. A key in the place of another is refused.
    pub(super) fn confirmed(&self, selected: Selected) -> Result<Selected> {
        if self.is_recorded_secret(&selected.key, selected.version())? {
            return Ok(selected);
        }
        let mut keys = self.inventory()?.keys;
        self.detach_impostors(&mut keys)?;
        let identity = selected.key.identity();
        let is_it = |key: &Key| key.record.is_some() && key.identity() == identity;
        let right = keys.into_iter().find(is_it).map(|key| Selected { key, ..selected.clone() });
        right.filter(|right| right.version().secret.is_some()).ok_or_else(|| {
            let (label, version) = (selected.key.label.clone(), selected.version);
            Error::OtherSecretKey { label, version }.into()
        })
    }

    /// Whether what lies under the CKA_ID of a recorded secret key is that key, and its companion, as far as they can be
    /// tried.
    fn is_recorded_secret(&self, key: &Key, version: &KeyVersion) -> Result<bool> {
        let Binding { check_value, companion_check, .. } = key.binding(version.version);
        let is_it = |found: crate::token::Result<[u8; CHECK_LEN]>, expected| match found {
            Ok(found) => Ok(found == expected),
            Err(error) if error.is_lost_connection() => Err(error),
            // It may not encrypt now, or the token has no mechanism for this.
            Err(_) => Ok(true),
        };
        if let (Some(secret), Some(expected)) = (version.secret.as_deref(), check_value)
            && !is_it(self.session().key_check(secret.handle), expected)?
        {
            return Ok(false);
        }
        match (version.companion_key.as_deref(), companion_check) {
            (Some(companion), Some(expected)) => {
                Ok(companion.is_guarded() && is_it(self.session().mac_check(companion.handle), expected)?)
            }
            _ => Ok(true),
        }
    }

    /// Refuses a key of which a version is another key than its record was written for.
    pub(super) fn require_own_secrets(&self, key: &Key) -> Result<()> {
        for version in &key.versions {
            if !self.is_recorded_secret(key, version)? {
                let (label, version) = (key.label.clone(), version.version);
                return Err(Error::OtherSecretKey { label, version }.into());
            }
        }
        Ok(())
    }

    /// Takes secret keys from records that were not written for them, and finds those that were.
    pub(super) fn detach_impostors(&self, keys: &mut Vec<Key>) -> Result<()> {
        let mut impostors = Vec::new();
        for key in keys.iter_mut().filter(|key| key.record.is_some()) {
            for number in 0..key.versions.len() {
                if !self.is_recorded_secret(key, &key.versions[number])? {
                    impostors.extend(key.versions[number].secret.take());
                }
            }
        }
        keys.extend(impostors.into_iter().map(|secret| Key::foreign(Some(secret), None)));
        self.relink_secrets(keys)
    }

    /// Finds secret keys again that another program gave another CKA_ID, or imported once more: those of the same kind are
    /// tried against the check value in the record, the ones with the key's label first.
    pub(super) fn relink_secrets(&self, keys: &mut Vec<Key>) -> Result<()> {
        for at in 0..keys.len() {
            let Some(record) = keys[at].record().cloned() else { continue };
            for entry in &record.versions {
                let Some(expected) = entry.binding.check_value else { continue };
                let is_there = |version: &KeyVersion| version.secret.is_some();
                if keys[at].version(entry.version).is_some_and(is_there) {
                    continue;
                }
                let Some(found) = self.secret_with_check(keys, &record.label, expected)? else { continue };
                let secret = keys[found].current_mut().secret.take();
                let version = keys[at].versions.iter_mut().find(|version| version.version == entry.version);
                if let (Some(version), Some(secret)) = (version, secret) {
                    version.id = secret.id.clone();
                    version.secret = Some(secret);
                }
            }
        }
        keys.retain(|key| {
            key.record.is_some() || key.versions.iter().any(|version| version.object().is_some())
        });
        Ok(())
    }

    /// The unrecorded key with this check value.
    fn secret_with_check(
        &self,
        keys: &[Key],
        label: &str,
        expected: [u8; CHECK_LEN],
    ) -> Result<Option<usize>> {
        let secret = |key: &Key| {
            key.current().secret.clone().filter(|secret| key.record.is_none() && secret.usage.encrypt)
        };
        let mut candidates: Vec<(bool, usize, Handle)> = keys
            .iter()
            .enumerate()
            .filter_map(|(at, key)| {
                let secret = secret(key).filter(|secret| matches!(secret.kind, KeyKind::Aes { .. }))?;
                Some((key.label != label, at, secret.handle))
            })
            .collect();
        candidates.sort_unstable();
        for (_, at, handle) in candidates.into_iter().take(MAX_CANDIDATES) {
            match self.session().key_check(handle) {
                Ok(found) if found == expected => return Ok(Some(at)),
                Err(error) if error.is_lost_connection() => return Err(error.into()),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The binding of a version, as far as the token lets it be found out: nothing that is not proven.
    pub(super) fn bind(&self, label: &str, version: &KeyVersion) -> Binding {
        let Some(secret) = &version.secret else { return Binding::default() };
        if secret.kind.is_secret() {
            return self.bind_secret(secret, version.companion_key.as_deref());
        }
        let proven = self.public_half_of(label, version, &Binding::default()).ok();
        let proven = proven.filter(|half| half.voucher > Voucher::Nothing);
        Binding { spki_sha256: proven.map(|half| half.key.fingerprint()), ..Binding::default() }
    }
}

mod hex {
    //! Bytes of a fixed number as lower-case hexadecimal text.

    use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer, const N: usize>(
        bytes: &Option<[u8; N]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_str(&HEXLOWER.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<Option<[u8; N]>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(D::Error::custom)?;
        let length = bytes.len();
        let exact = bytes.try_into();
        exact.map(Some).map_err(|_| D::Error::custom(format!("{length} bytes where {N} are due")))
    }
}
