//! The names that a key and its token have for machines: key tag, key number, keystore number. None of them is secret.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::{
    model::{KeyId, Timestamp},
    token::TokenInfo,
};

/// What a key is known by for all of its life: the CKA_ID of its first version. Nothing else is visible with and without
/// a login alike, so an RSA encryption, which needs none, names its key as everything else does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    /// Bytes of randomness in the CKA_ID of a version.
    pub const SALT_LEN: usize = 8;
    /// Bytes of the CKA_ID of a version.
    pub const VERSION_ID_LEN: usize = Self::SALT_LEN + 8;

    /// Another tool may have set no CKA_ID; then the label must do.
    pub fn of_first(id: &KeyId, label: &str) -> Self {
        Self(if id.is_empty() { format!("label:{label}") } else { format!("id:{id}") })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The names of a token and of the keys on it, the same on every machine that reaches the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    token: String,
}

impl Namespace {
    pub fn new(token: &TokenInfo) -> Self {
        Self { token: token.identity() }
    }

    fn hash(&self, what: &str, identity: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for part in ["kmsctl", what, &self.token, identity] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    /// 52 characters of lower-case base32, the same for all versions of a key.
    pub fn key_tag(&self, identity: &Identity) -> String {
        BASE32_NOPAD.encode(&self.hash("key tag", identity.as_str())).to_ascii_lowercase()
    }

    /// A positive integer below 2^53, exact in every JSON reader.
    pub fn key_number(&self, identity: &Identity) -> u64 {
        (first_u64(&self.hash("key number", identity.as_str())) >> 11).max(1)
    }

    /// A positive 32-bit integer that stands for the token.
    pub fn keystore_number(&self) -> u32 {
        let [a, b, c, d, ..] = self.hash("keystore number", "");
        u32::from_be_bytes([a, b, c, d]).max(1)
    }

    /// The CKA_ID of a new version: 8 random bytes and 8 that tell whose it is. A crash between the creation of a version
    /// and that of its record leaves objects that are known by it.
    pub fn version_id(&self, identity: &Identity, salt: &[u8]) -> KeyId {
        self.marked_id("version", identity.as_str(), salt)
    }

    fn marked_id(&self, what: &str, of: &str, salt: &[u8]) -> KeyId {
        let mark = self.hash(what, &format!("{of} {}", HEXLOWER.encode(salt)));
        KeyId::from_bytes([salt, &mark[..8]].concat())
    }

    /// The CKA_ID of the key that makes the MACs of records.
    pub fn record_key_id(&self) -> KeyId {
        self.marked_id("record key", "", &[0; Identity::SALT_LEN])
    }

    /// Whether a CKA_ID was made by [`Self::version_id`] for this key.
    pub fn is_version_id(&self, identity: &Identity, id: &KeyId) -> bool {
        let bytes = id.as_bytes();
        bytes.len() == Identity::VERSION_ID_LEN
            && self.version_id(identity, &bytes[..Identity::SALT_LEN]) == *id
    }

    /// The CKA_ID of the first version of a new key: 8 random bytes and 8 that tell under which label it was made, and on
    /// which day. A crash between the creation of the key and that of its record leaves a key that is known by it.
    pub fn first_id(&self, label: &str, now: Timestamp, salt: &[u8]) -> KeyId {
        self.first_id_of_day(label, day(now), salt)
    }

    fn first_id_of_day(&self, label: &str, day: u64, salt: &[u8]) -> KeyId {
        self.marked_id("first version", &format!("{label} {day}"), salt)
    }

    /// Whether a CKA_ID was made by [`Self::first_id`] under this label, today or yesterday.
    pub fn is_fresh_id(&self, label: &str, now: Timestamp, id: &KeyId) -> bool {
        let bytes = id.as_bytes();
        let days = [day(now), day(now).saturating_sub(1)];
        bytes.len() == Identity::VERSION_ID_LEN
            && days.iter().any(|day| self.first_id_of_day(label, *day, &bytes[..Identity::SALT_LEN]) == *id)
    }

    /// DER of the object identifier `2.25.<UUID>` (ITU-T X.667) under which the record of a key is found without reading
    /// every record.
    pub fn record_object_id(&self, key_tag: &str) -> Vec<u8> {
        let hash = self.hash("record", key_tag);
        let mut number = hash[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let mut digits = vec![(number & 0x7f) as u8];
        while {
            number >>= 7;
            number > 0
        } {
            digits.push((number & 0x7f) as u8 | 0x80);
        }
        // 2.25 is one subidentifier: 2 · 40 + 25.
        digits.push(105);
        digits.reverse();
        let mut der = vec![0x06, u8::try_from(digits.len()).unwrap_or(u8::MAX)];
        der.append(&mut digits);
        der
    }
}

/// Days since 1970.
fn day(time: Timestamp) -> u64 {
    time.seconds() / Timestamp::DAY.as_secs()
}

fn first_u64(hash: &[u8; 32]) -> u64 {
    hash[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace() -> Namespace {
        Namespace { token: "maker\u{1f}model\u{1f}1\u{1f}prod".to_owned() }
    }

    fn identity(byte: u8) -> Identity {
        Identity::of_first(&KeyId::from_bytes([byte; 16]), "any")
    }

    #[test]
    fn tags_have_the_documented_form_and_differ() {
        let (one, other) = (identity(1), identity(2));
        let tag = namespace().key_tag(&one);
        assert_eq!(tag.len(), 52);
        assert!(tag.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte)));
        assert_ne!(tag, namespace().key_tag(&other));
        assert!((1..1 << 53).contains(&namespace().key_number(&one)));
    }

    #[test]
    fn tags_stay_what_they_are() {
        // Ciphertext names keys by tag: a change here makes old data unreadable.
        let tag = namespace().key_tag(&identity(1));
        assert_eq!(tag, "zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq");
    }

    #[test]
    fn a_version_is_known_by_its_id() {
        let (one, other) = (identity(1), identity(2));
        let id = namespace().version_id(&one, &[7; Identity::SALT_LEN]);
        assert_eq!(id.as_bytes().len(), 16);
        assert!(namespace().is_version_id(&one, &id));
        assert!(!namespace().is_version_id(&other, &id));
        assert!(!namespace().is_version_id(&one, &KeyId::from_bytes([7; 16])));
        assert!(!namespace().is_version_id(&one, &KeyId::default()));
    }

    #[test]
    fn a_new_key_is_known_by_its_id_for_a_day() {
        let salt = [7; Identity::SALT_LEN];
        let made = Timestamp::from_millis(1_800_000_000_000);
        let id = namespace().first_id("web", made, &salt);
        let is_fresh = |label, days| namespace().is_fresh_id(label, made.after_days(days), &id);
        assert!(is_fresh("web", 0) && is_fresh("web", 1));
        assert!(!is_fresh("web", 2) && !is_fresh("other", 0));
        for stranger in [KeyId::from_bytes([7; 16]), KeyId::default(), KeyId::from_bytes(salt)] {
            assert!(!namespace().is_fresh_id("web", made, &stranger), "{stranger}");
        }
        let of_version = namespace().version_id(&identity(1), &salt);
        assert!(!namespace().is_fresh_id("web", made, &of_version));
    }

    #[test]
    fn record_identifiers_are_der() {
        let oid = namespace().record_object_id("tag");
        assert_eq!(oid[0], 0x06);
        assert_eq!(usize::from(oid[1]), oid.len() - 2);
        assert_eq!(oid[2], 105);
        assert_eq!(oid.last().map(|byte| byte & 0x80), Some(0));
    }
}
