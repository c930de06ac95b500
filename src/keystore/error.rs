//! What stands in the way of finding, making or changing a key.

use std::{fmt, path::PathBuf};

use super::{
    lifecycle::{Refusal, in_words},
    selection::Selection,
};
use crate::{
    algorithm::{Algorithm, KeyKind, SignatureAlgorithm},
    model::{Fingerprint, KeyId, Status, Version},
    token,
    trust::Untrusted,
};

/// One line of a list of candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub label: String,
    pub id: KeyId,
    pub kind: Option<KeyKind>,
}

#[derive(Debug)]
pub enum Error {
    NotFound {
        selection: Selection,
        near: Vec<String>,
    },
    Ambiguous {
        selection: Selection,
        candidates: Vec<Candidate>,
    },
    /// Several public keys fit, which may be the versions of one key: only a login tells.
    Unseen {
        selection: Selection,
        count: usize,
    },
    /// No key of this token has the tag that a ciphertext names.
    TagNotFound {
        tag: String,
    },
    /// Several keys have the tag: another tool gave them one CKA_ID.
    TagAmbiguous {
        tag: String,
        candidates: Vec<Candidate>,
    },
    NoVersion {
        label: String,
        version: Version,
        newest: Version,
    },
    LabelExists {
        label: String,
        id: KeyId,
    },
    /// The same where nothing can be asked for instead: a key is renamed, or a cloud KMS's request names it.
    LabelTaken {
        label: String,
        id: KeyId,
    },
    /// `--if-not-exists` met a key of another algorithm.
    OtherAlgorithm {
        label: String,
        asked: Algorithm,
        found: Option<KeyKind>,
    },
    /// The key that is there cannot serve instead of a new one.
    NoSubstitute {
        label: String,
        reason: &'static str,
    },
    /// The key that is there is not the one that was to be imported.
    OtherKey {
        label: String,
        id: KeyId,
    },
    IdExists {
        id: KeyId,
        label: String,
    },
    /// A record names a CKA_ID that no object has any more.
    IdRecorded {
        id: KeyId,
        label: String,
        version: Version,
    },
    /// A private half, a public half or a secret key that the record names is not on the token.
    MissingObject {
        label: String,
        version: Version,
        what: &'static str,
    },
    /// The key's state forbids the operation.
    State {
        label: String,
        version: Option<Version>,
        status: Status,
        operation: &'static str,
    },
    /// The key was not made for the operation.
    /// A signature algorithm that the key does not go with.
    UnfitAlgorithm {
        label: String,
        asked: SignatureAlgorithm,
        kind: Option<KeyKind>,
    },
    Usage {
        label: String,
        operation: &'static str,
    },
    /// The token made a key, but not the one that was asked for.
    NotAsAsked {
        label: String,
        deviations: Vec<String>,
    },
    /// The token made a key that then could not be used.
    Unusable {
        label: String,
        operation: &'static str,
        source: Option<token::Error>,
    },
    /// What the token shows as the public half belongs to another key.
    PublicKeyMismatch {
        label: String,
        version: Version,
        /// Unknown where only a trial failed.
        expected: Option<Fingerprint>,
        found: Vec<Fingerprint>,
    },
    /// Nothing vouches for the public half, and the operation needs it proven.
    PublicKeyUnproven {
        label: String,
        version: Version,
        found: Fingerprint,
    },
    /// A secret key that anybody can replace without a PIN, and that is not the recorded one.
    OtherSecretKey {
        label: String,
        version: Version,
    },
    /// The public numbers that the token states are no valid key.
    BadPublicKey {
        label: String,
        reason: crate::encoding::Error,
    },
    /// The rules of a key's life do not allow the change.
    Refused {
        label: String,
        refusal: Refusal,
    },
    /// Scheduled rotations have not happened: the answer to a question, no failure.
    RotationsDue {
        count: usize,
    },
    /// Somebody else changed or destroyed the key at the same moment; nothing was changed here.
    Conflict {
        label: String,
    },
    /// The record says that the key may be destroyed, and the token that it is in use.
    NotSwitchedOff {
        label: String,
    },
    /// The key is of a kind that kmsctl makes no keys of, so there can be no next version.
    NotMadeHere {
        label: String,
        kind: Option<KeyKind>,
    },
    /// A record cannot name a key whose CKA_ID another key has too.
    IdShared {
        label: String,
        id: KeyId,
        other: String,
    },
    /// A creation failed, and the token did not let its objects be destroyed again.
    LeftBehind {
        label: String,
        id: KeyId,
        what: Vec<&'static str>,
        reason: String,
    },
    /// The token gives a new version not all that protects or limits the old one.
    WouldWeaken {
        label: String,
        lost: Vec<&'static str>,
    },
    /// Older versions only verify and decrypt.
    Superseded {
        label: String,
        version: Version,
        newest: Version,
    },
    /// The token does not show the CKA_ID of one of its objects, by which a record would name it.
    IdUnread {
        label: String,
    },
    /// The token does not change labels.
    LabelFixed {
        label: String,
        source: token::Error,
    },
    /// The token lacks what a convergent key needs.
    NotConvergent {
        missing: &'static str,
    },
    RecordDamaged {
        label: String,
        reason: String,
    },
    /// Somebody wrote the record without the PIN.
    RecordNotAuthentic {
        label: String,
    },
    RecordNewer {
        label: String,
        schema: u32,
    },
    /// A record was written, and then was not there.
    RecordLost {
        label: String,
    },
    /// A change failed half-way, and the record may be the old or the new one.
    RecordUnsettled {
        label: String,
    },
    /// The token takes no data objects, and no directory is named instead.
    NoRecords {
        source: token::Error,
    },
    /// Another user could have made or changed the records.
    RecordFileUntrusted(Untrusted),
    RecordFile {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl fmt::Display for Error {
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { selection, .. } => write!(f, "no key with {selection}"),
            Self::Ambiguous { selection, candidates } => {
                write!(f, "{} keys with {selection}", candidates.len())
            }
            Self::Unseen { selection, count } => {
                write!(
                    f,
                    "{count} public keys with {selection}: without a login their versions cannot be told apart"
                )
            }
            Self::TagNotFound { tag } => write!(f, "no key with tag {tag} on this token"),
            Self::TagAmbiguous { tag, candidates } => write!(f, "{} keys with tag {tag}", candidates.len()),
            Self::NoVersion { label, version, newest } => {
                write!(f, "key {label:?} has no version {version}; the newest is {newest}")
            }
            Self::LabelExists { label, id } | Self::LabelTaken { label, id } => {
                write!(f, "a key with label {label:?} exists already, CKA_ID {id}")
            }
            Self::OtherAlgorithm { label, asked, found } => match found {
                Some(found) => write!(f, "key {label:?} exists already as {found}, not as {asked}"),
                None => write!(f, "key {label:?} exists already and is not {asked}"),
            },
            Self::NoSubstitute { label, reason } => {
                write!(f, "key {label:?} exists already and cannot be used in its place: {reason}")
            }
            Self::OtherKey { label, id } => {
                write!(f, "key {label:?}, CKA_ID {id}, exists already and is another key")
            }
            Self::IdRecorded { id, label, version } => write!(
                f,
                "CKA_ID {id} is that of version {version} of key {label:?}, which is not on the token any more"
            ),
            Self::IdExists { id, label } => write!(f, "CKA_ID {id} belongs to key {label:?} already"),
            Self::MissingObject { label, version, what } => {
                write!(f, "the {what} of key {label:?}, version {version}, is not on the token")
            }
            Self::State { label, version, status, operation } => {
                let state = in_words(*status);
                match version {
                    Some(version) => {
                        write!(f, "version {version} of key {label:?} is {state}: cannot {operation}")
                    }
                    None => write!(f, "key {label:?} is {state}: cannot {operation}"),
                }
            }
            Self::UnfitAlgorithm { label, asked, kind } => {
                let kind = kind.map_or_else(|| "of an unknown kind".to_owned(), |kind| kind.to_string());
                write!(f, "key {label:?} cannot sign by {asked}: it is {kind}")
            }
            Self::Usage { label, operation } => write!(f, "key {label:?} is not made to {operation}"),
            Self::NotAsAsked { label, deviations } => {
                write!(f, "the token did not make key {label:?} as asked: {}", deviations.join(", "))
            }
            Self::Unusable { label, operation, .. } => {
                write!(f, "the token made key {label:?} but cannot {operation} with it")
            }
            Self::PublicKeyMismatch { label, version, expected, found } => {
                let found = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
                write!(
                    f,
                    "the public key beside version {version} of key {label:?} belongs to another key: "
                )?;
                match expected {
                    Some(expected) => {
                        write!(f, "its fingerprint is {found}, that of {label:?} is {expected}")
                    }
                    None => {
                        write!(f, "its fingerprint is {found}, and the private key does not sign for it")
                    }
                }
            }
            Self::PublicKeyUnproven { label, version, found } => write!(
                f,
                "nothing proves that the public key with fingerprint {found} belongs to version {version} of key \
                 {label:?}"
            ),
            Self::OtherSecretKey { label, version } => {
                write!(f, "the secret key of version {version} of key {label:?} was replaced by another key")
            }
            Self::BadPublicKey { label, .. } => {
                write!(f, "the token states no valid public key for {label:?}")
            }
            Self::RecordDamaged { label, reason } => {
                write!(f, "the record of key {label:?} is damaged: {reason}")
            }
            Self::RecordNotAuthentic { label } => {
                write!(f, "the record of key {label:?} was not written with the PIN of this token")
            }
            Self::RecordNewer { label, schema } => {
                write!(
                    f,
                    "the record of key {label:?} has schema {schema}, written by a newer kmsctl; it is not changed"
                )
            }
            Self::RecordLost { label } => {
                write!(f, "the record of key {label:?} was stored but cannot be read back")
            }
            Self::Refused { label, refusal } => f.write_str(&refusal.describe(label)),
            Self::RotationsDue { count: 1 } => f.write_str("1 key is due for rotation"),
            Self::RotationsDue { count } => write!(f, "{count} keys are due for rotation"),
            Self::Conflict { label } => {
                write!(f, "key {label:?} was changed by somebody else at the same moment")
            }
            Self::NotSwitchedOff { label } => {
                write!(f, "key {label:?} is revoked by its record, but the token still lets programs use it")
            }
            Self::NotMadeHere { label, kind } => {
                let kind = kind.map_or_else(|| "of an unknown kind".to_owned(), |kind| kind.to_string());
                write!(f, "key {label:?} is {kind}, which kmsctl does not make: it can get no new version")
            }
            Self::IdShared { label, id, other } => {
                write!(f, "CKA_ID {id} of key {label:?} is not unique: key {other:?} has it too")
            }
            Self::LeftBehind { label, id, what, reason } => write!(
                f,
                "the creation of key {label:?} failed ({reason}), and its {} with CKA_ID {id} is left on the token, which \
                 did not destroy it",
                what.join(" and ")
            ),
            Self::WouldWeaken { label, lost } => write!(
                f,
                "key {label:?} cannot be rotated: the token does not give a new version {} of the current one",
                lost.join(", ")
            ),
            Self::Superseded { label, version, newest } => write!(
                f,
                "version {version} of key {label:?} does not sign any more: version {newest} replaced it"
            ),
            Self::IdUnread { label } => {
                write!(f, "the CKA_ID of key {label:?} cannot be read, so that no record can name the key")
            }
            Self::LabelFixed { label, .. } => write!(f, "the token does not change the label {label:?}"),
            Self::NotConvergent { missing } => {
                write!(f, "the token cannot hold convergent keys: it lacks {missing}")
            }
            Self::RecordUnsettled { label } => {
                write!(f, "the change of key {label:?} failed and may have been made by half")
            }
            Self::NoRecords { .. } => {
                f.write_str("the token stores no data objects, which hold the records of keys")
            }
            Self::RecordFileUntrusted(error) => error.fmt(f),
            Self::RecordFile { path, .. } => write!(f, "cannot access record file {}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unusable { source: Some(source), .. }
            | Self::NoRecords { source }
            | Self::LabelFixed { source, .. } => Some(source),
            Self::BadPublicKey { reason, .. } => Some(reason),
            Self::RecordFile { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Whether a change met another one of the same key, and changed nothing.
pub fn is_conflict(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Conflict { .. }))
}
