//! What identifies the key of a version, independent of its CKA_ID and label.

use serde::{Deserialize, Serialize};

use crate::{
    algorithm::PublicKey,
    encoding::KeyMaterial,
    token::{CHECK_LEN, first_of},
};

/// Stored in the record for each version: public objects prove nothing by themselves, and other programs may renumber,
/// relabel or reimport what a record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// For a key pair: SHA-256 of the SubjectPublicKeyInfo.
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub spki_sha256: Option<[u8; 32]>,
    /// For a pair whose public key fits here ([`PublicKey::bare`]): the key, which some tokens keep in no other object.
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub public_key: Option<[u8; 32]>,
    /// For a secret key: [`crate::token::Session::key_check`].
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub check_value: Option<[u8; CHECK_LEN]>,
    /// For the HMAC companion of a convergent key: [`crate::token::Session::key_check`].
    #[serde(skip_serializing_if = "Option::is_none", with = "hex")]
    pub companion_check: Option<[u8; CHECK_LEN]>,
}

impl Binding {
    pub fn of_public(key: &PublicKey) -> Self {
        Self { spki_sha256: Some(key.fingerprint()), public_key: key.bare(), ..Self::default() }
    }

    /// The public key of the pair, if the record has it.
    pub fn public_key(&self) -> Option<PublicKey> {
        let key = PublicKey::of_bare(self.public_key?).ok()?;
        (self.spki_sha256 == Some(key.fingerprint())).then_some(key)
    }

    /// Of a key outside the token, with the companion of a convergent one.
    pub fn of_material(material: &KeyMaterial, companion: Option<&KeyMaterial>) -> Self {
        let pair = material.public_key().map(Self::of_public).unwrap_or_default();
        let check_value = material.check_block().as_ref().map(first_of);
        let companion_check = companion.and_then(KeyMaterial::check_block).as_ref().map(first_of);
        Self { check_value, companion_check, ..pair }
    }

    /// What is known of this one, else of the other.
    #[must_use]
    pub fn or(self, other: Option<Self>) -> Self {
        let other = other.unwrap_or_default();
        Self {
            spki_sha256: self.spki_sha256.or(other.spki_sha256),
            public_key: self.public_key.or(other.public_key),
            check_value: self.check_value.or(other.check_value),
            companion_check: self.companion_check.or(other.companion_check),
        }
    }

    /// Whether no value that both have differs.
    pub fn agrees(&self, other: &Self) -> bool {
        self.or(Some(*other)) == other.or(Some(*self))
    }

    /// Whether a public key that was found is another one than that of the pair.
    pub(super) fn contradicts(&self, found: Option<PublicKey>) -> bool {
        self.spki_sha256.zip(found).is_some_and(|(expected, found)| found.fingerprint() != expected)
    }

    pub const fn is_known(&self) -> bool {
        self.spki_sha256.is_some() || self.check_value.is_some()
    }
}

mod hex {
    //! Byte arrays as lower-case hexadecimal text.

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
        exact.map(Some).map_err(|_| D::Error::custom(format!("{length} bytes instead of {N}")))
    }
}
