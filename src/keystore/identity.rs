//! Machine-readable names of keys and tokens: key tag, key number, keystore number. None of them is secret.

use std::{path::Path, str::FromStr};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{
    encoding::{KeyMaterial, KeyTag},
    model::{Invalid, KeyId, Timestamp, Version},
    token::TokenInfo,
};

/// The lifelong identity of a key, from which its tag and number follow.
///
/// `tag:` and the tag for a new key: the tag of its first version, the same on every token. `id:` and the CKA_ID of the
/// first version for a key of an earlier release or another program, whose tag is a hash of the token and the identity.
/// Such a key keeps tag and number on another token as `tag:TAG:NUMBER`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    /// Bytes of randomness in the CKA_ID of a version.
    pub const SALT_LEN: usize = 8;
    /// Bytes of the CKA_ID of a version.
    pub const VERSION_ID_LEN: usize = Self::SALT_LEN + 8;

    /// Falls back to the label if another tool set no CKA_ID.
    pub fn of_first(id: &KeyId, label: &str) -> Self {
        Self(if id.is_empty() { format!("label:{label}") } else { format!("id:{id}") })
    }

    /// The identity of a new key.
    pub fn of_tag(tag: &KeyTag) -> Self {
        Self(format!("{TAG}{tag}"))
    }

    /// The tag, and the number if it does not follow from the tag; `None` if both follow from the token.
    pub(super) fn carried(&self) -> Option<(KeyTag, Option<u64>)> {
        let (tag, number) = match self.0.strip_prefix(TAG)?.split_once(':') {
            Some((tag, number)) => (tag, Some(number.parse().ok()?)),
            None => (self.0.strip_prefix(TAG)?, None),
        };
        Some((tag.parse().ok()?, number))
    }

    /// Whether a key with this first version can have it: the tag of a public key is that key's alone.
    pub fn fits(&self, first: &KeyMaterial) -> bool {
        let tag = self.carried().map(|(tag, _)| tag);
        tag.is_some_and(|tag| !tag.is_of_public_key() || KeyTag::of_material(first) == Some(tag))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `TAG` or `TAG:NUMBER`, of a key that was on another token.
impl FromStr for Identity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let identity = Self(format!("{TAG}{text}"));
        match identity.carried() {
            Some((_, None | Some(1..MAX_NUMBER))) => Ok(identity),
            _ => Err(Invalid::new(
                "not a key tag of 52 characters, alone or with `:` and the number of the key",
            )),
        }
    }
}

const TAG: &str = "tag:";
/// Numbers of keys are smaller, so that every JSON parser represents them exactly.
const MAX_NUMBER: u64 = 1 << 53;

/// A version that a rotation makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Below 2^31.
    pub version: Version,
    pub is_staged: bool,
}

/// What the CKA_ID of a new key says where no record of it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// Its creation was interrupted, or is running elsewhere.
    Unrecorded,
    /// Its record is, or would be, in a directory that this run does not use.
    RecordedElsewhere,
}

/// Derives the names of a token and its keys, the same on every machine that uses the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    token: String,
    /// The directory for new records; empty if they go to the token.
    records: String,
}

impl Namespace {
    pub fn new(token: &TokenInfo) -> Self {
        Self { token: token.identity(), records: String::new() }
    }

    /// With the directory for new records, which is the same for the same command.
    #[must_use]
    pub fn with_records(self, directory: &Path) -> Self {
        let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        Self { records: absolute.display().to_string(), ..self }
    }

    #[cfg(test)]
    pub(super) fn of(token: &str) -> Self {
        Self { token: token.to_owned(), records: String::new() }
    }

    fn hash(&self, what: &str, of: &str) -> [u8; 32] {
        hash(what, &self.token, of)
    }

    /// 52 characters of lower-case base32, the same for all versions of a key.
    pub fn key_tag(&self, identity: &Identity) -> KeyTag {
        match identity.carried() {
            Some((tag, _)) => tag,
            None => KeyTag::of_hash(&self.hash("key tag", identity.as_str())),
        }
    }

    /// A positive integer below 2^53.
    pub fn key_number(&self, identity: &Identity) -> u64 {
        let hash = match identity.carried() {
            Some((_, Some(number))) => return number,
            Some((tag, None)) => hash("key number", "", tag.as_str()),
            None => self.hash("key number", identity.as_str()),
        };
        (first_u64(&hash) >> 11).max(1)
    }

    /// The identity with which a key keeps its tag and number on another token.
    pub fn portable(&self, identity: &Identity) -> Identity {
        match identity.carried() {
            Some(_) => identity.clone(),
            None => Identity(format!("{TAG}{}:{}", self.key_tag(identity), self.key_number(identity))),
        }
    }

    /// A positive 32-bit integer that identifies the token.
    pub fn keystore_number(&self) -> u32 {
        let [a, b, c, d, ..] = self.hash("keystore number", "");
        u32::from_be_bytes([a, b, c, d]).max(1)
    }

    /// The CKA_ID of the HMAC companion of a first version, and of later versions of earlier releases: 8 random bytes, and 8
    /// bytes derived from them and the CKA_ID of the first version.
    pub fn version_id(&self, first: &KeyId, salt: &[u8]) -> KeyId {
        self.marked_id("version", Identity::of_first(first, "").as_str(), salt)
    }

    /// The CKA_ID of a new version: 4 random bytes, 4 with its number and whether it is staged, and 8 bytes derived from these
    /// and the CKA_ID of the first version. It says what objects are that a crash left without a record.
    pub fn next_id(&self, first: &KeyId, next: Next, random: &[u8]) -> KeyId {
        let number = next.version.number() << 1 | u32::from(next.is_staged);
        let salt = [&random[..Identity::SALT_LEN - 4], &number.to_be_bytes()].concat();
        self.marked_id("next version", Identity::of_first(first, "").as_str(), &salt)
    }

    /// What the CKA_ID of a version says, if [`Self::next_id`] made it for this key.
    pub fn next_of(&self, first: &KeyId, id: &KeyId) -> Option<Next> {
        let bytes: &[u8; Identity::VERSION_ID_LEN] = id.as_bytes().try_into().ok()?;
        let number = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        let next = Next { version: Version::new(number >> 1)?, is_staged: number & 1 == 1 };
        (self.next_id(first, next, bytes) == *id).then_some(next)
    }

    fn marked_id(&self, what: &str, of: &str, salt: &[u8]) -> KeyId {
        let mark = self.hash(what, &format!("{of} {}", HEXLOWER.encode(salt)));
        KeyId::from_bytes([salt, &mark[..8]].concat())
    }

    /// The CKA_ID of the key for record MACs.
    pub fn record_key_id(&self) -> KeyId {
        self.marked_id("record key", "", &[0; Identity::SALT_LEN])
    }

    /// Whether a CKA_ID was generated by [`Self::version_id`] or [`Self::next_id`] for this key.
    pub fn is_version_id(&self, first: &KeyId, id: &KeyId) -> bool {
        let bytes = id.as_bytes();
        bytes.len() == Identity::VERSION_ID_LEN
            && (self.next_of(first, id).is_some()
                || self.version_id(first, &bytes[..Identity::SALT_LEN]) == *id)
    }

    /// The CKA_ID of the first version of a new key: 8 random bytes, 4 bytes derived from them, the label and the day, and 4
    /// from these and the place of its record. It identifies a key that a crash left without a record.
    pub fn first_id(&self, label: &str, now: Timestamp, salt: &[u8]) -> KeyId {
        let mark = self.first_mark(label, day(now), salt);
        KeyId::from_bytes([salt, &mark, &self.place_mark(&self.records, &mark, salt)].concat())
    }

    fn first_mark(&self, label: &str, day: u64, salt: &[u8]) -> [u8; 4] {
        first_four(self.hash("first version", &format!("{label} {day} {}", HEXLOWER.encode(salt))))
    }

    fn place_mark(&self, records: &str, mark: &[u8], salt: &[u8]) -> [u8; 4] {
        let of = format!("{} {} {records}", HEXLOWER.encode(salt), HEXLOWER.encode(mark));
        first_four(self.hash("record of first version", &of))
    }

    /// Whether a CKA_ID was generated by [`Self::first_id`] for this label, today or yesterday.
    pub fn fresh(&self, label: &str, now: Timestamp, id: &KeyId) -> Option<Fresh> {
        let (salt, marks) = id.as_bytes().split_at_checked(Identity::SALT_LEN)?;
        let (mark, place) = marks.split_at_checked(4)?;
        let days = [day(now), day(now).saturating_sub(1)];
        days.iter().find(|day| self.first_mark(label, **day, salt) == *mark)?;
        // A record on the token would have been found.
        let is_here =
            [&self.records, ""].iter().any(|records| self.place_mark(records, mark, salt) == *place);
        Some(if is_here { Fresh::Unrecorded } else { Fresh::RecordedElsewhere })
    }

    /// Whether a CKA_ID was generated by [`Self::first_id`] for a key whose record goes to the directory of this run, at any time.
    pub fn is_recorded_here(&self, id: &KeyId) -> bool {
        let parts = id.as_bytes().split_at_checked(Identity::SALT_LEN);
        let parts = parts.and_then(|(salt, marks)| Some((salt, marks.split_at_checked(4)?)));
        !self.records.is_empty()
            && parts.is_some_and(|(salt, (mark, place))| self.place_mark(&self.records, mark, salt) == *place)
    }

    /// DER of the object identifier `2.25.<UUID>` (ITU-T X.667) by which the record of a key is found without reading
    /// all records.
    pub fn record_object_id(&self, key_tag: &KeyTag) -> Vec<u8> {
        let hash = self.hash("record", key_tag.as_str());
        let mut number = hash[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let mut digits = vec![(number & 0x7f) as u8];
        while {
            number >>= 7;
            number > 0
        } {
            digits.push((number & 0x7f) as u8 | 0x80);
        }
        // 2.25 is encoded as one subidentifier: 2 · 40 + 25.
        digits.push(105);
        digits.reverse();
        let mut der = vec![0x06, u8::try_from(digits.len()).unwrap_or(u8::MAX)];
        der.append(&mut digits);
        der
    }
}

/// Each part is hashed with its length, so that different parts never give the same bytes.
fn hash(what: &str, token: &str, of: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in ["kmsctl", what, token, of] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Days since 1970.
fn day(time: Timestamp) -> u64 {
    time.seconds() / Timestamp::DAY.as_secs()
}

fn first_four([a, b, c, d, ..]: [u8; 32]) -> [u8; 4] {
    [a, b, c, d]
}

fn first_u64(hash: &[u8; 32]) -> u64 {
    hash[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace() -> Namespace {
        Namespace::of("maker\u{1f}model\u{1f}1\u{1f}prod")
    }

    fn identity(byte: u8) -> Identity {
        Identity::of_first(&KeyId::from_bytes([byte; 16]), "any")
    }

    #[test]
    fn tags_have_the_documented_form_and_differ() {
        let (one, other) = (identity(1), identity(2));
        let tag = namespace().key_tag(&one);
        assert_eq!(tag.as_str().parse(), Ok(tag.clone()));
        assert_ne!(tag, namespace().key_tag(&other));
        assert!((1..1 << 53).contains(&namespace().key_number(&one)));
    }

    #[test]
    fn tags_are_stable() {
        // Ciphertexts name keys by tag: a change would make old data unreadable.
        let tag = namespace().key_tag(&identity(1));
        assert_eq!(tag.as_str(), "zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq");
    }

    #[test]
    fn tag_and_number_are_the_same_on_another_token() {
        let other = Namespace::of("another");
        let of_block = Identity::of_tag(&KeyTag::of_check(&[7; 16]));
        assert_eq!(of_block.as_str(), "tag:p2qnegdpjwpmbpbd6lrzbymhabhyst4wx4asmo5fixywovkvk4xq");
        for old in [identity(1), of_block] {
            let moved = namespace().portable(&old);
            assert_eq!(namespace().key_tag(&old), other.key_tag(&moved));
            assert_eq!(namespace().key_number(&old), other.key_number(&moved));
            assert_eq!(other.portable(&moved), moved);
        }
        assert_ne!(namespace().key_tag(&identity(1)), other.key_tag(&identity(1)));
        // A name that is not a tag could lead a record file elsewhere.
        let planted = Identity("tag:../../x".to_owned());
        assert_eq!(namespace().key_tag(&planted).as_str().len(), 52);
    }

    #[test]
    fn a_version_is_recognised_by_its_id() {
        let (one, other) = (KeyId::from_bytes([1; 16]), KeyId::from_bytes([2; 16]));
        let id = namespace().version_id(&one, &[7; Identity::SALT_LEN]);
        assert_eq!(id.as_bytes().len(), 16);
        assert!(namespace().is_version_id(&one, &id));
        assert!(!namespace().is_version_id(&other, &id));
        assert!(!namespace().is_version_id(&one, &KeyId::from_bytes([7; 16])));
        assert!(!namespace().is_version_id(&one, &KeyId::default()));
    }

    #[test]
    fn the_id_of_a_version_says_which_it_is() {
        let (one, other) = (KeyId::from_bytes([1; 16]), KeyId::from_bytes([2; 16]));
        for (version, is_staged) in [(2, false), (2, true), (40_000, false), (u32::MAX >> 1, true)] {
            let next = Next { version: Version::new(version).expect("not 0"), is_staged };
            let id = namespace().next_id(&one, next, &[7; Identity::SALT_LEN]);
            assert_eq!(namespace().next_of(&one, &id), Some(next));
            assert_eq!(namespace().next_of(&other, &id), None);
            assert!(namespace().is_version_id(&one, &id) && !namespace().is_version_id(&other, &id));
        }
        let unnumbered = namespace().version_id(&one, &[7; Identity::SALT_LEN]);
        assert_eq!(namespace().next_of(&one, &unnumbered), None);
    }

    #[test]
    fn a_new_key_is_recognised_by_its_id_for_a_day() {
        let salt = [7; Identity::SALT_LEN];
        let made = Timestamp::from_millis(1_800_000_000_000);
        let id = namespace().first_id("web", made, &salt);
        let is_fresh = |label, days| namespace().fresh(label, made.after_days(days), &id).is_some();
        assert!(is_fresh("web", 0) && is_fresh("web", 1));
        assert!(!is_fresh("web", 2) && !is_fresh("other", 0));
        for stranger in [KeyId::from_bytes([7; 16]), KeyId::default(), KeyId::from_bytes(salt)] {
            assert_eq!(namespace().fresh("web", made, &stranger), None, "{stranger}");
        }
        let of_version = namespace().version_id(&KeyId::from_bytes([1; 16]), &salt);
        assert_eq!(namespace().fresh("web", made, &of_version), None);
        let with = |directory: &str| namespace().with_records(Path::new(directory));
        let [on_token, in_files] = [id, with("/records").first_id("web", made, &salt)];
        for (names, on_token_is, in_files_is) in [
            (namespace(), Fresh::Unrecorded, Fresh::RecordedElsewhere),
            (with("/records"), Fresh::Unrecorded, Fresh::Unrecorded),
            (with("/other"), Fresh::Unrecorded, Fresh::RecordedElsewhere),
        ] {
            assert_eq!(names.fresh("web", made, &on_token), Some(on_token_is));
            assert_eq!(names.fresh("web", made, &in_files), Some(in_files_is));
        }
    }

    #[test]
    fn record_identifiers_are_der() {
        let oid = namespace().record_object_id(&KeyTag::of_hash(&[1; 32]));
        assert_eq!(oid[0], 0x06);
        assert_eq!(usize::from(oid[1]), oid.len() - 2);
        assert_eq!(oid[2], 105);
        assert_eq!(oid.last().map(|byte| byte & 0x80), Some(0));
    }
}
