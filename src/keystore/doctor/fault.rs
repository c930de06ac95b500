//! What can be wrong with a token and the keys on it.

use std::{fmt, path::PathBuf};

use crate::{
    model::{KeyId, Timestamp, Version},
    token::{self, Class, PinState, UserType},
};

/// How much a finding matters; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something does not work, or protects less than it should.
    Error,
    /// It works, and somebody should see to it.
    Warning,
    /// Worth knowing.
    Info,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// What a record is that another of the same key makes void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// It names nothing that the newest lacks: it can go without a trace.
    Covered,
    /// It names objects that the newest does not.
    Rival,
    /// One of the two is of a schema that this program does not know.
    Foreign,
}

/// A finding that says all of itself where it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    pub level: Level,
    pub code: &'static str,
    pub label: Option<String>,
    pub text: String,
    pub remedy: Option<String>,
    pub is_repairable: bool,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Pin {
        user: UserType,
        state: PinState,
    },
    PinToBeChanged,
    WriteProtected,
    NoGenerator,
    /// Schedules and states count from dates that lie ahead.
    ClockBehind {
        now: Timestamp,
        newest: Timestamp,
    },
    /// `newest` is the revision that counts.
    SupersededRecord {
        label: String,
        revision: u64,
        newest: u64,
        leftover: Leftover,
    },
    DamagedRecord {
        label: String,
        reason: String,
    },
    /// The same of a file, which does not tell its key's label.
    DamagedRecordFile {
        path: PathBuf,
        reason: String,
    },
    NewerRecord {
        label: String,
        schema: u32,
    },
    /// A record with none of the objects that it names: a deletion was cut short, or another program destroyed them.
    NothingLeft {
        label: String,
        /// The CKA_ID that the record has for the first version.
        id: KeyId,
        /// Keys of the same kind without a record, which may be it.
        unrecorded: Vec<KeyId>,
    },
    MissingObject {
        label: String,
        version: Option<Version>,
        what: &'static str,
        is_needed: bool,
        /// The CKA_ID that the record has for it.
        id: KeyId,
        /// As for [`Self::NothingLeft`].
        unrecorded: Vec<KeyId>,
    },
    /// A renaming was cut short: some objects have another label than the record.
    OtherLabel {
        label: String,
        found: String,
    },
    /// A rotation was cut short, or is going on elsewhere.
    Stray {
        label: String,
        id: KeyId,
        what: String,
    },
    /// A creation was cut short before the record, or is going on elsewhere.
    Unfinished {
        label: String,
        id: KeyId,
        is_lone_half: bool,
    },
    /// Keys that other programs made, or that lost their records.
    Unrecorded {
        labels: Vec<String>,
    },
    SharedLabel {
        label: String,
        ids: Vec<KeyId>,
    },
    SharedId {
        id: KeyId,
        labels: Vec<String>,
    },
    NoId {
        label: String,
    },
    /// An object that the token lists and does not show.
    Unreadable {
        class: Class,
        error: token::Error,
    },
    /// `CKA_SENSITIVE` is FALSE: whoever is logged in can read the key.
    Readable {
        label: String,
        version: Version,
    },
    Extractable {
        label: String,
        version: Version,
        is_wanted: bool,
    },
    /// `CKA_WRAP` and `CKA_DECRYPT`: what the key wraps, it also shows in the clear.
    WrapsAndDecrypts {
        label: String,
        version: Version,
    },
    /// The record forbids what the token would do.
    UsableThoughForbidden {
        label: String,
        version: Version,
    },
    /// The record allows what the token would refuse.
    UnusableThoughAllowed {
        label: String,
        version: Version,
    },
    /// The token would do what the key was not made for.
    MoreThanRecorded {
        label: String,
        version: Version,
    },
    /// Something that nobody vouches for, or that contradicts what does.
    Unproven(Unproven),
    RotationOverdue {
        label: String,
        due: Timestamp,
    },
    PurgeDue {
        label: String,
        due: Timestamp,
    },
}

impl Fault {
    pub const fn level(&self) -> Level {
        match self {
            Self::Pin { state: PinState::Locked | PinState::FinalTry, .. }
            | Self::DamagedRecord { .. }
            | Self::DamagedRecordFile { .. }
            | Self::NothingLeft { .. }
            | Self::MissingObject { is_needed: true, .. }
            | Self::Readable { .. }
            | Self::UsableThoughForbidden { .. }
            | Self::UnusableThoughAllowed { .. }
            | Self::ClockBehind { .. } => Level::Error,
            Self::Unproven(found) => found.level,
            Self::Unrecorded { .. }
            | Self::Unreadable { .. }
            | Self::NoGenerator
            | Self::WriteProtected
            | Self::Extractable { is_wanted: true, .. } => Level::Info,
            _ => Level::Warning,
        }
    }

    /// A name for scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Pin { .. } => "PIN_STATE",
            Self::PinToBeChanged => "PIN_TO_BE_CHANGED",
            Self::WriteProtected => "WRITE_PROTECTED",
            Self::NoGenerator => "NO_GENERATOR",
            Self::ClockBehind { .. } => "CLOCK_BEHIND",
            Self::SupersededRecord { .. } => "SUPERSEDED_RECORD",
            Self::DamagedRecord { .. } | Self::DamagedRecordFile { .. } => "DAMAGED_RECORD",
            Self::NewerRecord { .. } => "NEWER_RECORD",
            Self::NothingLeft { .. } => "NOTHING_LEFT",
            Self::MissingObject { .. } => "MISSING_OBJECT",
            Self::OtherLabel { .. } => "OTHER_LABEL",
            Self::Stray { .. } => "STRAY_OBJECT",
            Self::Unfinished { .. } => "UNFINISHED",
            Self::Unrecorded { .. } => "NO_RECORD",
            Self::SharedLabel { .. } => "SHARED_LABEL",
            Self::SharedId { .. } => "SHARED_ID",
            Self::NoId { .. } => "NO_ID",
            Self::Unreadable { .. } => "UNREADABLE_OBJECT",
            Self::Readable { .. } => "READABLE",
            Self::Extractable { .. } => "EXTRACTABLE",
            Self::WrapsAndDecrypts { .. } => "WRAPS_AND_DECRYPTS",
            Self::UsableThoughForbidden { .. } => "USABLE_THOUGH_FORBIDDEN",
            Self::UnusableThoughAllowed { .. } => "UNUSABLE_THOUGH_ALLOWED",
            Self::MoreThanRecorded { .. } => "MORE_THAN_RECORDED",
            Self::Unproven(found) => found.code,
            Self::RotationOverdue { .. } => "ROTATION_OVERDUE",
            Self::PurgeDue { .. } => "PURGE_DUE",
        }
    }

    /// Whether it would have the token follow what a record says, which must then be believed.
    pub(super) const fn follows_the_record(&self) -> bool {
        matches!(
            self,
            Self::OtherLabel { .. }
                | Self::UsableThoughForbidden { .. }
                | Self::UnusableThoughAllowed { .. }
                | Self::MoreThanRecorded { .. }
                | Self::RotationOverdue { .. }
                | Self::PurgeDue { .. }
                | Self::NothingLeft { .. }
                | Self::Stray { .. }
                | Self::SupersededRecord { .. }
        )
    }

    /// Whether [`super::Keystore::repair`] tries to mend it.
    pub const fn is_repairable(&self) -> bool {
        if let Self::Unproven(found) = self {
            return found.is_repairable;
        }
        matches!(
            self,
            Self::SupersededRecord { leftover: Leftover::Covered, .. }
                | Self::OtherLabel { .. }
                | Self::UsableThoughForbidden { .. }
                | Self::UnusableThoughAllowed { .. }
                | Self::MoreThanRecorded { .. }
        )
    }

    /// The label of the key that it is about.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::SupersededRecord { label, .. }
            | Self::DamagedRecord { label, .. }
            | Self::NewerRecord { label, .. }
            | Self::NothingLeft { label, .. }
            | Self::MissingObject { label, .. }
            | Self::OtherLabel { label, .. }
            | Self::Stray { label, .. }
            | Self::Unfinished { label, .. }
            | Self::SharedLabel { label, .. }
            | Self::NoId { label }
            | Self::Readable { label, .. }
            | Self::Extractable { label, .. }
            | Self::WrapsAndDecrypts { label, .. }
            | Self::UsableThoughForbidden { label, .. }
            | Self::UnusableThoughAllowed { label, .. }
            | Self::MoreThanRecorded { label, .. }
            | Self::RotationOverdue { label, .. }
            | Self::PurgeDue { label, .. } => Some(label),
            Self::Unproven(found) => found.label.as_deref(),
            _ => None,
        }
    }
}

/// What it is and what it means, in one sentence.
impl fmt::Display for Fault {
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin { user, state: PinState::Locked } => write!(f, "the {user} is locked"),
            Self::Pin { user, state: PinState::FinalTry } => write!(f, "one try is left for the {user}"),
            Self::Pin { user, .. } => write!(f, "a wrong {user} was entered since the last good one"),
            Self::PinToBeChanged => f.write_str("the token asks for a new user PIN before it is used"),
            Self::WriteProtected => {
                f.write_str("the token is write-protected: no key can be made or changed")
            }
            Self::NoGenerator => f.write_str("the token says that it has no random number generator"),
            Self::ClockBehind { now, newest } => write!(
                f,
                "the clock of this machine says {now}, but something was recorded on {newest}: schedules do not run"
            ),
            Self::SupersededRecord { revision, newest, leftover: Leftover::Covered, .. } => {
                write!(f, "revision {revision} of its record was left behind; revision {newest} counts")
            }
            Self::SupersededRecord { revision, newest, leftover: Leftover::Rival, .. } => write!(
                f,
                "revision {revision} of its record names objects that revision {newest}, which counts, does not: \
                 two changes met"
            ),
            Self::SupersededRecord { revision, newest, leftover: Leftover::Foreign, .. } => write!(
                f,
                "revision {revision} of its record lies beside revision {newest}, which counts; a newer kmsctl wrote one \
                 of them, and can tell whether the other is still needed"
            ),
            Self::DamagedRecord { reason, .. } => unreadable(f, "its record", reason),
            Self::DamagedRecordFile { path, reason } => {
                unreadable(f, &format!("the record file {}", path.display()), reason)
            }
            Self::NewerRecord { schema, .. } => {
                write!(f, "its record has schema {schema}, written by a newer kmsctl; it is not changed")
            }
            Self::NothingLeft { .. } => {
                f.write_str("it has a record, but none of its objects is on the token")
            }
            Self::MissingObject { version: Some(version), what, .. } => {
                write!(f, "the {what} of version {version} is not on the token")
            }
            Self::MissingObject { version: None, what, .. } => write!(f, "its {what} is not on the token"),
            Self::OtherLabel { found, .. } => {
                write!(f, "an object of it has the label {found:?}: a renaming was cut short")
            }
            Self::Stray { id, what, .. } => write!(
                f,
                "{what} with CKA_ID {id}: a rotation was cut short before its record, or is going on elsewhere"
            ),
            Self::Unfinished { id, is_lone_half, .. } => {
                let what =
                    if *is_lone_half { "it is a public half alone" } else { "it works and has no record" };
                write!(f, "{what} (CKA_ID {id}): its creation was cut short, or is going on elsewhere")
            }
            Self::Unrecorded { labels } => {
                write!(
                    f,
                    "{} made by other programs, or not by a whole run, have no record: ",
                    keys(labels.len())
                )?;
                f.write_str(&some_of(labels))
            }
            Self::SharedLabel { ids, .. } => {
                write!(f, "{} have this label: it selects none of them", keys(ids.len()))
            }
            Self::SharedId { id, labels } => write!(
                f,
                "CKA_ID {id} belongs to {}: {}; programs that go by it may take the wrong one",
                keys(labels.len()),
                some_of(labels)
            ),
            Self::NoId { .. } => f.write_str("it has no CKA_ID, by which other programs find the other half"),
            Self::Unreadable { class, error } => write!(
                f,
                "a {} cannot be read ({error}): its key type may be unknown to this module",
                class.name()
            ),
            Self::Readable { version, .. } => {
                write!(
                    f,
                    "version {version} is not CKA_SENSITIVE: whoever is logged in can read it in the clear"
                )
            }
            Self::Extractable { version, is_wanted: true, .. } => {
                write!(f, "version {version} may leave the token, wrapped, as it was asked for")
            }
            Self::Extractable { version, is_wanted: false, .. } => {
                write!(f, "version {version} is CKA_EXTRACTABLE: it may leave the token")
            }
            Self::WrapsAndDecrypts { version, .. } => write!(
                f,
                "version {version} may both wrap and decrypt: whatever it wraps can be had in the clear"
            ),
            Self::UsableThoughForbidden { version, .. } => {
                write!(f, "version {version} is not enabled, but the token lets every program use it")
            }
            Self::UnusableThoughAllowed { version, .. } => {
                write!(f, "version {version} is enabled, but the token refuses some of its uses")
            }
            Self::MoreThanRecorded { version, .. } => {
                write!(f, "version {version} can do more on the token than it was made for")
            }
            Self::Unproven(found) => f.write_str(&found.text),
            Self::RotationOverdue { due, .. } => write!(f, "its rotation was due on {due}"),
            Self::PurgeDue { due, .. } => write!(f, "it was to be destroyed on {due}"),
        }
    }
}

fn unreadable(f: &mut fmt::Formatter<'_>, record: &str, reason: &str) -> fmt::Result {
    write!(
        f,
        "{record} cannot be read ({reason}): the key's state, memo, schedule and older versions are unknown"
    )
}

fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// The first names of a list that may be long.
fn some_of(labels: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = labels.iter().take(SHOWN).map(|label| format!("{label:?}")).collect();
    let more = if labels.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// An examination ended with findings that somebody should see to: the answer to a question, no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultsFound {
    pub errors: usize,
    pub warnings: usize,
}

impl fmt::Display for FaultsFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let Self { errors, warnings } = *self;
        write!(f, "{errors} error{} and {warnings} warning{} found", plural(errors), plural(warnings))
    }
}

impl std::error::Error for FaultsFound {}
