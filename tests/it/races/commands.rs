//! The commands that change keys, and the states of a key in which they do.

use std::{fmt, ops::Deref};

use super::model::Key;
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
    /// Enabled, and a rotation was killed before it wrote its record.
    Stray,
    /// Enabled, and a disabling was killed before it wrote its record.
    Unenforced,
    /// Enabled, and a change was killed before it destroyed the old record.
    Superseded,
}

use Start::{Absent, Disabled, Enabled, Revoked, Staged, Stray, Superseded, Unenforced};

/// What a command does to the keys.
pub(super) enum Effect {
    Makes,
    Renames,
    /// Destroys the whole key: only one whose deletion was requested, or any.
    Destroys {
        revoked: bool,
    },
    /// Changes a key that keeps its label. `None` if it must be refused.
    Changes(fn(&mut Key) -> Option<()>),
    /// Completes what was interrupted, on all keys.
    Repairs,
}

use Effect::{Changes, Destroys, Makes, Renames, Repairs};

/// A command: the line without the selection of the key, the states in which it succeeds alone, and what it does.
pub(super) struct Row {
    name: &'static str,
    line: &'static str,
    starts: &'static [Start],
    pub(super) effect: Effect,
}

const fn row(name: &'static str, line: &'static str, starts: &'static [Start], effect: Effect) -> Row {
    Row { name, line, starts, effect }
}

static ROWS: [Row; 16] = [
    row("Create", "key create --algorithm ec-p256", &[Absent], Makes),
    row("Import", "key import --in import.key", &[Absent], Makes),
    row("Unwrap", "key unwrap --in wrapped", &[Absent], Makes),
    row("Rename", "key update --rename other", &[Enabled, Disabled, Staged], Renames),
    row("Memo", "key update --memo changed", &[Enabled, Disabled, Staged], Changes(Key::set_memo)),
    row("Disable", "key disable", &[Enabled, Staged], Changes(Key::disable)),
    row("Enable", "key enable", &[Disabled], Changes(Key::enable)),
    row("Rotate", "key rotate", &[Enabled], Changes(Key::rotate)),
    row("Stage", "key rotate --stage", &[Enabled], Changes(Key::stage)),
    row("Promote", "key promote", &[Staged], Changes(Key::promote)),
    row("Revoke", "key revoke", &[Enabled, Disabled, Staged], Changes(Key::revoke)),
    row("Restore", "key restore", &[Revoked], Changes(Key::restore)),
    row("Delete", "key delete --yes", &[Enabled, Revoked, Staged, Disabled], Destroys { revoked: false }),
    row("Purge", "key purge --yes", &[Revoked], Destroys { revoked: true }),
    row(
        "DeleteVersion",
        "key delete --key-version 1 --yes",
        &[Enabled, Revoked, Staged, Disabled],
        Changes(Key::delete_version),
    ),
    row("Repair", "doctor --repair", &[Stray, Unenforced, Superseded], Repairs),
];

/// The index of its row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Command(usize);

impl Deref for Command {
    type Target = Row;

    fn deref(&self) -> &Row {
        &ROWS[self.0]
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Command {
    fn all() -> impl Iterator<Item = Self> {
        (0..ROWS.len()).map(Self)
    }

    pub(super) const fn makes_a_key(self) -> bool {
        matches!(ROWS[self.0].effect, Makes)
    }

    pub(super) const fn destroys_the_key(self) -> bool {
        matches!(ROWS[self.0].effect, Destroys { .. })
    }

    pub(super) const fn repairs(self) -> bool {
        matches!(ROWS[self.0].effect, Repairs)
    }

    pub(super) fn deletes_a_version(self) -> bool {
        self.name == "DeleteVersion"
    }

    fn adds_version(self) -> bool {
        ["Rotate", "Promote", "Repair"].contains(&self.name)
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
        let pairs = Command::all().flat_map(|outer| Command::all().map(move |inner| (outer, inner)));
        pairs.flat_map(|(outer, inner)| Self::of_pair(outer, inner)).collect()
    }

    /// Whether `KMSCTL_TEST_RACE` names this pair, or none.
    pub(super) fn is_wanted(&self) -> bool {
        let wanted = std::env::var(super::ONE_PAIR);
        wanted.map_or(true, |pair| {
            let Self { outer, inner, .. } = self;
            let is = |command: &Command, name: &str| name == "*" || command.name == name;
            pair.split_once('/').is_some_and(|(one, other)| is(outer, one) && is(inner, other))
        })
    }

    fn of_pair(outer: Command, inner: Command) -> Vec<Self> {
        let makes_one = outer.makes_a_key() != inner.makes_a_key();
        let repairs = outer.repairs() || inner.repairs();
        let new_labels: &[_] = if makes_one && !repairs { &[LABEL, OTHER] } else { &[LABEL] };
        // The CKA_ID of a version names the whole key only as long as there is no later one.
        let adds_version = outer.adds_version() || inner.adds_version();
        let (mut races, mut parity) = (Vec::new(), outer.0 + inner.0);
        for start in starts(outer, inner) {
            races.extend(new_labels.iter().map(|new_label| Self {
                outer,
                inner,
                start,
                new_label,
                is_secret: parity.is_multiple_of(3),
                by_id: parity.is_multiple_of(2) && !adds_version,
            }));
            parity += 1;
        }
        races
    }

    /// A race that differs in what does not matter for the result.
    pub(super) fn varied(self, rng: &mut Rng) -> Self {
        Self { by_id: self.by_id && rng.below(2) == 0, is_secret: rng.below(2) == 0, ..self }
    }

    pub(super) fn args<'args>(&self, command: Command, id: &'args str) -> Vec<&'args str> {
        let named: &[_] = if command.repairs() {
            &[]
        } else if command.makes_a_key() {
            &["--label", self.new_label]
        } else if self.by_id {
            &["--id", id]
        } else {
            &["--label", LABEL]
        };
        command.line.split(' ').chain(named.iter().copied()).chain(["--json"]).collect()
    }
}

/// The states in which two commands meet: one in which both succeed if there is one, and each that a repair mends.
fn starts(outer: Command, inner: Command) -> Vec<Start> {
    let repaired = || [outer, inner].into_iter().find(|command| !command.repairs());
    match (outer.makes_a_key(), inner.makes_a_key()) {
        _ if outer.repairs() && inner.repairs() => outer.starts.to_vec(),
        _ if outer.repairs() || inner.repairs() => {
            let Some(other) = repaired() else { return Vec::new() };
            let is_torn = other.starts.contains(&Enabled);
            let torn = if is_torn { [Stray, Unenforced, Superseded].as_slice() } else { &[] };
            // A repair finds what the other command has not completed yet.
            let plain = if inner.repairs() || !is_torn { &other.starts[..1] } else { &[] };
            [torn, plain].concat()
        }
        (true, true) => vec![Absent],
        (true, false) => vec![inner.starts[0]],
        (false, true) => vec![outer.starts[0]],
        (false, false) => {
            let both = outer.starts.iter().find(|start| inner.starts.contains(start));
            vec![*both.unwrap_or(&outer.starts[0])]
        }
    }
}
