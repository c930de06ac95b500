//! The commands that change keys, and the states of a key in which they do.

use crate::support::rng::Rng;

/// The label of the key that all commands change.
pub(super) const LABEL: &str = "web";
/// The label that a renaming gives, and that a new key may want.
pub(super) const OTHER: &str = "other";
pub(super) const MEMO: &str = "changed";

/// The state of the key before both commands. It has two versions, and a staged third one in `Staged`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    Absent,
    Enabled,
    Staged,
    Disabled,
    Revoked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Command {
    Create,
    Import,
    Unwrap,
    Rename,
    Memo,
    Disable,
    Enable,
    Rotate,
    Stage,
    Promote,
    Revoke,
    Restore,
    Delete,
    Purge,
    DeleteVersion,
}

use Command::{
    Create, Delete, DeleteVersion, Disable, Enable, Import, Memo, Promote, Purge, Rename, Restore, Revoke,
    Rotate, Stage, Unwrap,
};
use Start::{Absent, Disabled, Enabled, Revoked, Staged};

impl Command {
    pub(super) const ALL: [Self; 15] = [
        Create,
        Import,
        Unwrap,
        Rename,
        Memo,
        Disable,
        Enable,
        Rotate,
        Stage,
        Promote,
        Revoke,
        Restore,
        Delete,
        Purge,
        DeleteVersion,
    ];

    pub(super) const fn makes_a_key(self) -> bool {
        matches!(self, Create | Import | Unwrap)
    }

    pub(super) const fn destroys_the_key(self) -> bool {
        matches!(self, Delete | Purge)
    }

    /// The states in which the command succeeds alone.
    const fn starts(self) -> &'static [Start] {
        match self {
            Create | Import | Unwrap => &[Absent],
            Rename | Memo | Revoke => &[Enabled, Disabled, Staged],
            Disable => &[Enabled, Staged],
            Enable => &[Disabled],
            Rotate | Stage => &[Enabled],
            Promote => &[Staged],
            Restore | Purge => &[Revoked],
            Delete | DeleteVersion => &[Enabled, Revoked, Staged, Disabled],
        }
    }

    const fn line(self) -> &'static str {
        match self {
            Create => "key create --algorithm ec-p256",
            Import => "key import --in import.key",
            Unwrap => "key unwrap --in wrapped",
            Rename => "key update --rename other",
            Memo => "key update --memo changed",
            Disable => "key disable",
            Enable => "key enable",
            Rotate => "key rotate",
            Stage => "key rotate --stage",
            Promote => "key promote",
            Revoke => "key revoke",
            Restore => "key restore",
            Delete => "key delete --yes",
            Purge => "key purge --yes",
            DeleteVersion => "key delete --key-version 1 --yes",
        }
    }
}

/// One command within another: `outer` stops before one of its calls while `inner` runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Race {
    pub(super) outer: Command,
    pub(super) inner: Command,
    pub(super) start: Start,
    /// The label that new keys get.
    pub(super) new_label: &'static str,
    pub(super) is_secret: bool,
    /// The key is named by the CKA_ID of its second version, else by its label.
    pub(super) by_id: bool,
}

impl Race {
    /// Every ordered pair, over one key, over one label, and over a key and a label.
    pub(super) fn all() -> Vec<Self> {
        let pairs = Command::ALL.iter().flat_map(|outer| Command::ALL.map(|inner| (*outer, inner)));
        pairs.flat_map(|(outer, inner)| Self::of_pair(outer, inner)).collect()
    }

    /// Whether `KMSCTL_TEST_RACE` names this pair, or none.
    pub(super) fn is_wanted(&self) -> bool {
        let wanted = std::env::var("KMSCTL_TEST_RACE");
        wanted.map_or(true, |pair| pair == format!("{:?}/{:?}", self.outer, self.inner))
    }

    fn of_pair(outer: Command, inner: Command) -> Vec<Self> {
        let start = match (outer.makes_a_key(), inner.makes_a_key()) {
            (true, true) => Absent,
            (true, false) => inner.starts()[0],
            (false, true) => outer.starts()[0],
            (false, false) => {
                let both = outer.starts().iter().find(|start| inner.starts().contains(start));
                *both.unwrap_or(&outer.starts()[0])
            }
        };
        let makes_one = outer.makes_a_key() != inner.makes_a_key();
        let new_labels: &[_] = if makes_one { &[LABEL, OTHER] } else { &[LABEL] };
        let parity = outer as usize + inner as usize;
        // The CKA_ID of a version names the whole key only as long as there is no later one.
        let adds_version = [outer, inner].iter().any(|command| matches!(command, Rotate | Promote));
        let race = |new_label: &&'static str| Self {
            outer,
            inner,
            start,
            new_label,
            is_secret: parity.is_multiple_of(3),
            by_id: parity.is_multiple_of(2) && !adds_version,
        };
        new_labels.iter().map(race).collect()
    }

    /// A race that differs in what does not matter for the result.
    pub(super) fn varied(self, rng: &mut Rng) -> Self {
        Self { by_id: self.by_id && rng.below(2) == 0, is_secret: rng.below(2) == 0, ..self }
    }

    pub(super) fn args<'args>(&self, command: Command, id: &'args str) -> Vec<&'args str> {
        let named = if command.makes_a_key() {
            ["--label", self.new_label]
        } else if self.by_id {
            ["--id", id]
        } else {
            ["--label", LABEL]
        };
        command.line().split(' ').chain(named).chain(["--json"]).collect()
    }
}
