//! What tells a key version from every other, wherever its objects are and whatever they are called.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{
    Keystore,
    error::Error,
    key::{Key, KeyVersion},
    record::Record,
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
            (_, Some(public)) => Binding { spki_sha256: Some(public.fingerprint()), check_value: None },
            (Some(secret), None) if secret.kind.is_secret() => self.bind_secret(secret),
            _ => Binding::default(),
        }
    }

    fn bind_secret(&self, secret: &KeyObject) -> Binding {
        let is_aes = matches!(secret.kind, KeyKind::Aes { .. }) && secret.usage.encrypt;
        let check_value = if is_aes { self.session().key_check(secret.handle).ok() } else { None };
        Binding { check_value, spki_sha256: None }
    }

    /// Refuses a secret key that anyone can replace without the PIN and that is not the one its record was written for.
    pub(super) fn confirm_secret(&self, key: &Key, version: &KeyVersion) -> Result<()> {
        let Some(secret) = version.secret.as_deref().filter(|secret| !secret.is_guarded()) else {
            return Ok(());
        };
        let Some(expected) = key.binding(version.version).check_value else { return Ok(()) };
        match self.session().key_check(secret.handle) {
            Ok(found) if found != expected => {
                Err(Error::OtherSecretKey { label: key.label.clone(), version: version.version }.into())
            }
            _ => Ok(()),
        }
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
            return self.bind_secret(secret);
        }
        let proven = self.public_half_of(label, version, &Binding::default()).ok();
        let proven = proven.filter(|half| half.voucher > Voucher::Nothing);
        Binding { spki_sha256: proven.map(|half| half.key.fingerprint()), check_value: None }
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
