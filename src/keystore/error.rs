//! Errors when finding, creating and changing keys.

use std::{fmt, path::PathBuf};

use super::{clock::ClockDoubt, refusal::Refusal, selection::Selection};
use crate::{
    algorithm::{Algorithm, KeyKind, SignatureAlgorithm},
    encoding,
    model::{Fingerprint, KeyId, Status, Usage, Version},
    token,
    trust::Untrusted,
};

/// Name of a public key object in [`Error::MissingObject`].
pub const PUBLIC_HALF: &str = "public half";

/// One line of a list of candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub label: String,
    pub id: KeyId,
    pub kind: Option<KeyKind>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or_else(|| "unknown kind".to_owned(), |kind| kind.to_string());
        write!(f, "{:?}, {kind}", self.label)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no key with {selection}")]
    NotFound { selection: Selection, near: Vec<String> },
    #[error("{} keys with {selection}", candidates.len())]
    Ambiguous { selection: Selection, candidates: Vec<Candidate> },
    /// Several public keys match. They may be versions of one key, which only a login shows.
    #[error("{count} public keys with {selection}; only a login tells their versions apart")]
    AmbiguousWithoutLogin { selection: Selection, count: usize },
    /// No key on this token has the tag in a ciphertext.
    #[error("no key on this token has the tag {tag}")]
    TagNotFound { tag: String },
    /// Several keys have the tag: another tool gave them the same CKA_ID.
    #[error("{} keys have the tag {tag}", candidates.len())]
    TagAmbiguous { tag: String, candidates: Vec<Candidate> },
    #[error("key {label:?} has no version {version}; the newest is {newest}")]
    NoVersion { label: String, version: Version, newest: Version },
    /// `fits`: `--if-not-exists` would accept the key.
    #[error("key {label:?} already exists (CKA_ID {id})")]
    LabelExists { label: String, id: KeyId, fits: bool },
    /// Without its record: the CKA_ID says that this is in a directory.
    #[error(
        "key {label:?} already exists (CKA_ID {id}), and its record is in a directory that is not used here"
    )]
    RecordedElsewhere { label: String, id: KeyId },
    /// Like `LabelExists`, but without its options in the hint: for a rename, or a request of a cloud KMS.
    #[error("key {label:?} already exists (CKA_ID {id})")]
    LabelTaken { label: String, id: KeyId },
    /// `--if-not-exists` found a key with another algorithm.
    #[error("key {label:?} already exists and is not {asked}{}", found.map(|kind| format!(" but {kind}")).unwrap_or_default())]
    OtherAlgorithm { label: String, asked: Algorithm, found: Option<KeyKind> },
    /// The existing key cannot be used instead of a new one.
    #[error("key {label:?} already exists and cannot be used instead: {reason}")]
    NoSubstitute { label: String, reason: &'static str },
    /// The existing key differs from the imported one.
    #[error("key {label:?} (CKA_ID {id}) already exists and is a different key")]
    OtherKey { label: String, id: KeyId },
    /// Another key on the token has the identity of the one being imported.
    #[error("this key is already on the token: {label:?} (CKA_ID {id})")]
    KeyPresent { label: String, id: KeyId },
    #[error("CKA_ID {id} already belongs to key {label:?}")]
    IdExists { id: KeyId, label: String },
    /// A record names the CKA_ID, but its object is gone.
    #[error("CKA_ID {id} belongs to version {version} of key {label:?}, which is no longer on the token")]
    IdRecorded { id: KeyId, label: String, version: Version },
    /// A private half, a public half or a secret key that the record names is not on the token.
    #[error("the {what} of key {label:?}, version {version}, is not on the token")]
    MissingObject { label: String, version: Version, what: &'static str },
    /// The same of the public half of a version that does not sign any more, which the key may do without.
    #[error("the {PUBLIC_HALF} of key {label:?}, version {version}, is not on the token")]
    OlderHalfMissing { label: String, version: Version },
    /// The key's state forbids the operation.
    #[error("{}key {label:?} is {status}: cannot {operation}", version.map(|version| format!("version {version} of ")).unwrap_or_default())]
    State { label: String, version: Option<Version>, status: Status, operation: &'static str },
    /// The signature algorithm does not fit the key.
    #[error("key {label:?} cannot sign with {asked}: it is {}", kind_or_unknown(*kind))]
    UnfitAlgorithm { label: String, asked: SignatureAlgorithm, kind: Option<KeyKind> },
    /// The key's usage does not include the operation.
    #[error("key {label:?} may not {operation} (usage: {usage})")]
    Usage { label: String, usage: Usage, operation: &'static str },
    /// The token created a key with other attributes than requested.
    #[error("the token did not make key {label:?} as requested: {}", deviations.join(", "))]
    NotAsRequested { label: String, deviations: Vec<String> },
    /// The token makes such keys, but not this one.
    #[error("the token cannot create this {kind} key")]
    RequestRefused { kind: KeyKind, reasons: Vec<String>, source: token::Error },
    /// The token created a key that then could not be used.
    #[error("the token made key {label:?} but cannot {operation} with it")]
    Unusable { label: String, operation: &'static str, source: Option<token::Error> },
    /// The caller expected another public key.
    #[error("the public key of {label:?}, version {version}, has the fingerprint {found}, not {expected}")]
    OtherFingerprint { label: String, version: Version, expected: Fingerprint, found: Fingerprint },
    /// The public half on the token belongs to another key.
    #[error("the public key stored with version {version} of key {label:?} belongs to another key: {}", difference(label, expected.as_ref(), found))]
    PublicKeyMismatch {
        label: String,
        version: Version,
        /// `None` if the mismatch was found by a trial signature.
        expected: Option<Fingerprint>,
        found: Vec<Fingerprint>,
    },
    /// The operation requires a proven public half, and nothing proves it.
    #[error(
        "nothing proves that the public key with fingerprint {found} belongs to version {version} of key {label:?}"
    )]
    PublicKeyUnproven { label: String, version: Version, found: Fingerprint },
    /// The secret key or private half is not CKA_PRIVATE, and no record vouches for it.
    #[error(
        "nothing proves that version {version} of key {label:?} is the key you mean: it is not CKA_PRIVATE, so anyone \
         who reaches the token can put it there without the PIN"
    )]
    KeyUnproven { label: String, version: Version },
    /// The secret key with a recorded CKA_ID is not the one in the record.
    #[error("the secret key of version {version} of key {label:?} was replaced by another key")]
    OtherSecretKey { label: String, version: Version },
    /// The public numbers on the token are not a key that kmsctl can use.
    #[error("the public key stored with version {version} of key {label:?} is not valid")]
    BadPublicKey {
        label: String,
        version: Version,
        #[source]
        reason: encoding::Error,
    },
    /// The rules of `lifecycle` do not allow the change.
    #[error("{}", refusal.describe(label))]
    Refused { label: String, refusal: Refusal },
    /// A scheduled destruction is due, but the clock is doubtful.
    #[error("cannot confirm that key {label:?} is due for destruction: {doubt}")]
    ClockDoubted { label: String, doubt: ClockDoubt },
    /// Keys are due for rotation. The result of a query, not a failure.
    #[error("{} due for rotation", if *count == 1 { "1 key is".to_owned() } else { format!("{count} keys are") })]
    RotationsDue { count: usize },
    /// Another process changed or destroyed the key at the same time; this one changed nothing.
    #[error("another process changed key {label:?} at the same time")]
    Conflict { label: String },
    /// Another process has completed the rotation that this one began.
    #[error("another process completed the rotation of key {label:?} at the same time")]
    RotationTaken { label: String },
    /// A rotation that was interrupted, or is running elsewhere, made the next version in another way than asked.
    #[error("a rotation of key {label:?} to version {version} was interrupted, or is running elsewhere")]
    RotationPending { label: String, version: Version },
    /// What an interrupted rotation left cannot be the next version.
    #[error(
        "an interrupted rotation left version {version} of key {label:?} (CKA_ID {id}), which cannot be used: {reason}"
    )]
    RotationLeft { label: String, id: KeyId, version: Version, reason: String },
    /// By its record the key may be destroyed, but it is still enabled on the token.
    #[error("key {label:?}{} is revoked, but programs can still use it on the token",
        version.map(|version| format!(", version {version},")).unwrap_or_default())]
    StillUsable { label: String, version: Option<Version> },
    /// The token does not let the staged version sign or encrypt.
    #[error("version {version} of key {label:?} cannot be promoted: the token does not let it be used")]
    NotPromoted { label: String, version: Version },
    /// kmsctl cannot create keys of this kind, so there can be no next version.
    #[error("key {label:?} cannot be rotated: it is {}, which kmsctl cannot create", kind_or_unknown(*kind))]
    NotCreatable { label: String, kind: Option<KeyKind> },
    /// A record cannot name a key that shares its CKA_ID with another, and `--id` does not select one of them for destruction.
    #[error("CKA_ID {id} of key {label:?} is not unique: key {other:?} has it too")]
    IdShared { label: String, id: KeyId, other: String },
    /// A creation failed, and the token did not destroy its objects.
    #[error("creating key {label:?} failed ({reason}), and the token did not destroy its {} (CKA_ID {id})", what.join(" and "))]
    LeftBehind { label: String, id: KeyId, what: Vec<&'static str>, reason: String },
    /// Objects of a key are on the token after its destruction, and it does not destroy them.
    #[error("key {label:?} was not destroyed completely: its {} (CKA_ID {id}) is still on the token", what.join(" and "))]
    NotDestroyed { label: String, id: KeyId, what: Vec<&'static str> },
    /// On this token the new version would lack attributes that protect or restrict the old one.
    #[error("key {label:?} cannot be rotated: the token would make the new version without {}", lost.join(", "))]
    WouldWeaken { label: String, lost: Vec<&'static str> },
    /// Older versions only verify and decrypt.
    #[error("version {version} of key {label:?} no longer signs: version {newest} replaced it")]
    Superseded { label: String, version: Version, newest: Version },
    /// The CKA_ID of an object cannot be read, so a record cannot name it.
    #[error("the CKA_ID of key {label:?} cannot be read, so no record can name the key")]
    IdUnread { label: String },
    /// The token does not allow labels to be changed.
    #[error("the token does not allow label {label:?} to be changed")]
    LabelFixed { label: String, source: token::Error },
    /// The token keeps one name for label and CKA_ID, so no two keys or versions can have the label.
    #[error("the token keeps one object for each label, so {label:?} cannot have another")]
    LabelIsId { label: String },
    /// A CKA_ID was requested on a token that keeps one name for label and CKA_ID.
    #[error("the token keeps one name for label and CKA_ID, so key {label:?} cannot have another CKA_ID")]
    IdIsLabel { label: String },
    /// The label that a later version needs on this token.
    #[error(
        "version {version} of key {label:?} needs the label {taken:?}, which another key has (CKA_ID {id})"
    )]
    VersionLabelTaken { label: String, version: Version, taken: String, id: KeyId },
    /// The token does not create a second key with the label of the first.
    #[error("the token refused a new version of key {label:?}")]
    NoNewVersion { label: String, reasons: Vec<String>, source: token::Error },
    #[error("the token cannot encrypt with an AES key as kmsctl does: it lacks {missing}")]
    NoEncryption { missing: &'static str },
    #[error("the token has no room for the record of key {label:?}")]
    NoRoom { label: String, source: token::Error },
    #[error("the token cannot wrap {kind} keys, so the key could never leave it")]
    NoExport { kind: KeyKind, source: token::Error },
    #[error("the token cannot hold convergent keys: it {lacks}")]
    NotConvergent { lacks: String, source: Option<token::Error> },
    #[error("the {record} is damaged: {reason}")]
    RecordDamaged { record: String, reason: String },
    /// The record was written without the PIN.
    #[error("the record of key {label:?} was not written with the PIN of this token")]
    RecordNotAuthentic { label: String },
    /// The record is in a file, and older than the last change of the key.
    #[error(
        "the token refuses uses of key {label:?}, version {version}, that its record file allows: the file may be an old one"
    )]
    RecordOutdated { label: String, version: Version },
    /// The CKA_ID says that the key has a record in the directory of this run.
    #[error(
        "the record of key {label:?} is missing from the directory of records, or is that of another key"
    )]
    RecordMissing { label: String },
    /// The token has a key that authenticates record files.
    #[error("the records of this token are not in {}: nothing was ever written there", directory.display())]
    RecordsElsewhere { directory: PathBuf },
    /// Its record is lost, or another program made it for nothing.
    #[error("the token allows no use of key {label:?}, and no record says which to allow")]
    UsesUnknown { label: String },
    /// The token has a key that authenticates record files, and this run reads none.
    #[error("the records of keys on this token are in a directory, and none is given")]
    RecordsUnread,
    #[error("the key that authenticates the records is not on the token")]
    RecordKeyLost,
    #[error("the record of key {label:?} has schema {schema}, written by a newer kmsctl; it is not changed")]
    RecordNewer { label: String, schema: u32 },
    /// A record was written but cannot be read back.
    #[error("the record of key {label:?} was stored but cannot be read back")]
    RecordLost { label: String },
    /// A change failed half-way; either the old or the new record may be current.
    #[error("the change of key {label:?} failed and may be incomplete")]
    RecordUnsettled { label: String },
    /// The token does not store data objects, and no records directory is set.
    #[error("the token cannot store data objects, which hold the records of keys")]
    NoRecords {
        /// `None` if the token is known for it.
        source: Option<token::Error>,
    },
    /// Another user could have created or changed the records.
    #[error(transparent)]
    RecordFileUntrusted(Untrusted),
    #[error("cannot access record file {}", path.display())]
    RecordFile { path: PathBuf, source: std::io::Error },
}

fn kind_or_unknown(kind: Option<KeyKind>) -> String {
    kind.map_or_else(|| "of an unknown kind".to_owned(), |kind| kind.to_string())
}

/// The fingerprints in a public key mismatch.
fn difference(label: &str, expected: Option<&Fingerprint>, found: &[Fingerprint]) -> String {
    let found = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    match expected {
        Some(expected) => format!("its fingerprint is {found}, that of {label:?} is {expected}"),
        None => format!("its fingerprint is {found}, and the private key does not sign for it"),
    }
}

impl Error {
    /// Whether a use was refused because the key or version is to be destroyed.
    pub const fn is_of_revoked(&self) -> bool {
        matches!(self, Self::State { status: Status::Revoke, .. })
    }

    /// Whether a public object does not belong to the private key: it is that of another key, or no key at all.
    pub const fn is_wrong_public_half(&self) -> bool {
        match self {
            Self::PublicKeyMismatch { .. } => true,
            Self::BadPublicKey { reason, .. } => !matches!(reason, encoding::Error::UnsupportedKey(_)),
            _ => false,
        }
    }
}

/// Whether a change failed because of a concurrent one. Nothing was changed in that case.
pub fn is_conflict(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Conflict { .. }))
}

/// [`Error::Conflict`] in place of the error of a token on which an object of the key does not exist any more: another
/// machine has destroyed it since it was read.
pub(super) fn or_conflict(label: &str, error: anyhow::Error) -> anyhow::Error {
    let is_gone = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<token::Error>().is_some_and(token::Error::is_gone)
    };
    if error.chain().any(is_gone) { Error::Conflict { label: label.to_owned() }.into() } else { error }
}
