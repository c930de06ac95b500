//! What two commands may leave: the result of those that reported success, one after the other in some order.

use std::collections::BTreeMap;

use serde_json::Value;

use super::commands::{Command, LABEL, MEMO, OTHER, Race};
use crate::support::{TestEnv, field, output::Output};

/// A key as `key list` and `key versions` show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) tag: String,
    pub(super) status: String,
    pub(super) memo: String,
    pub(super) is_secret: bool,
    /// The own states of the versions.
    pub(super) versions: BTreeMap<u64, String>,
}

/// The keys that the commands change or make, by label.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State(pub(super) BTreeMap<String, Key>);

impl State {
    /// The keys on the token. Two keys with one label, or a key without a record, are never right.
    pub(super) fn of(env: &TestEnv) -> Result<Self, String> {
        let mut keys = BTreeMap::new();
        for key in env.keys() {
            let label = field(&key, "label").to_owned();
            if ![LABEL, OTHER].contains(&label.as_str()) {
                continue;
            }
            if !key["registerDate"].is_u64() {
                return Err(format!("no record: {key}"));
            }
            let versions = env.run(["key", "versions", "--id", field(&key, "ckaId"), "--json"]);
            if !versions.status.success() {
                return Err(format!("{key}\n{versions}"));
            }
            let known = Key {
                tag: field(&key, "keyTag").to_owned(),
                status: field(&key, "status").to_owned(),
                memo: field(&key, "memo").to_owned(),
                is_secret: key["type"] == "SECRET",
                versions: of_versions(&versions.json()),
            };
            if let Some(other) = keys.insert(label, known) {
                return Err(format!("one label twice: {other:?} and {key}"));
            }
        }
        Ok(Self(keys))
    }

    /// The objects that these keys consist of: a record each, and the halves of each version.
    pub(super) fn objects(&self) -> usize {
        self.0.values().map(|key| 1 + key.versions.len() * if key.is_secret { 1 } else { 2 }).sum()
    }

    /// The state after a command that succeeds; `None` if it must be refused. `tag` is that of the key that it may make. A
    /// command has chosen its key, the `subject`, before the other one gives it another label or destroys it; `anew` is for
    /// one that chooses it after that.
    fn after(&self, command: Command, race: &Race, subject: &str, tag: &str, anew: bool) -> Option<Self> {
        let mut next = self.clone();
        if command.makes_a_key() {
            let key = Key {
                tag: tag.to_owned(),
                status: "ENABLE".to_owned(),
                memo: String::new(),
                is_secret: false,
                versions: [(1, "ENABLE".to_owned())].into(),
            };
            let was = next.0.insert(race.new_label.to_owned(), key);
            return was.is_none().then_some(next);
        }
        let is_named = |(label, key): &(&String, &Key)| {
            if race.by_id || !anew { key.tag == subject } else { *label == LABEL }
        };
        let Some(label) = self.0.iter().find(is_named).map(|(label, _)| label.clone()) else {
            // Two deletions that help each other.
            let both_delete = [race.outer, race.inner].iter().all(|one| one.destroys_the_key());
            return (both_delete && !anew).then_some(next);
        };
        match command {
            Command::Rename => {
                let key = next.0.remove(&label)?;
                let is_free = label == OTHER || !next.0.contains_key(OTHER);
                (key.status != "REVOKE" && is_free).then_some(())?;
                next.0.insert(OTHER.to_owned(), key);
            }
            Command::Delete => drop(next.0.remove(&label)),
            Command::Purge => {
                let key = next.0.remove(&label)?;
                (key.status == "REVOKE").then_some(())?;
            }
            // Two deletions that help each other.
            Command::DeleteVersion
                if !anew && race.outer == race.inner && !next.0[&label].versions.contains_key(&1) => {}
            _ => next.0.get_mut(&label)?.change(command)?,
        }
        Some(next)
    }
}

pub(super) fn of_versions(versions: &Value) -> BTreeMap<u64, String> {
    let versions = versions.as_array().expect("an array").iter();
    versions
        .map(|one| (one["version"].as_u64().expect("a number"), field(one, "ownStatus").to_owned()))
        .collect()
}

impl Key {
    /// Changes a key that keeps its label. `None` if the command must be refused.
    fn change(&mut self, command: Command) -> Option<()> {
        let is_staged = self.versions.values().any(|status| status == "STAGED");
        let next = 1 + self.versions.keys().last().copied().unwrap_or(0);
        let status = self.status.clone();
        let moves_to = |key: &mut Self, to: &str| to.clone_into(&mut key.status);
        match (command, status.as_str()) {
            (Command::Memo, "ENABLE" | "DISABLE") => MEMO.clone_into(&mut self.memo),
            (Command::Disable, "ENABLE" | "DISABLE") | (Command::Restore, "REVOKE" | "DISABLE") => {
                moves_to(self, "DISABLE");
            }
            (Command::Enable, "ENABLE" | "DISABLE") => moves_to(self, "ENABLE"),
            (Command::Revoke, _) => moves_to(self, "REVOKE"),
            (Command::Rotate, "ENABLE") if !is_staged => {
                drop(self.versions.insert(next, "ENABLE".to_owned()));
            }
            (Command::Stage, "ENABLE") if !is_staged => drop(self.versions.insert(next, "STAGED".to_owned())),
            (Command::Promote, "ENABLE") if is_staged => {
                self.versions.values_mut().for_each(|status| "ENABLE".clone_into(status));
            }
            (Command::DeleteVersion, _) if self.versions.len() > 1 => drop(self.versions.remove(&1)?),
            _ => return None,
        }
        Some(())
    }
}

/// How a command ended.
pub(super) struct Ended<'a> {
    pub(super) command: Command,
    pub(super) output: &'a Output,
}

impl Ended<'_> {
    fn is_done(&self) -> bool {
        self.output.status.success()
    }

    /// The tag of the key that it says it made.
    fn tag(&self) -> String {
        let makes = self.is_done() && self.command.makes_a_key();
        if makes { field(&self.output.json(), "keyTag").to_owned() } else { String::new() }
    }
}

/// Whether the state is one that the two commands may leave, given how they ended.
pub(super) fn judge(
    race: &Race,
    before: &State,
    ended: [&Ended<'_>; 2],
    found: &State,
) -> Result<(), String> {
    let subject = before.0.get(LABEL).map(|key| key.tag.clone()).unwrap_or_default();
    let after =
        |state: &State, one: &Ended<'_>, anew| state.after(one.command, race, &subject, &one.tag(), anew);
    let (done, failed): (Vec<_>, Vec<_>) = ended.into_iter().partition(|one| one.is_done());
    let orders: &[&[usize]] = match done.len() {
        0 => &[&[]],
        1 => &[&[0]],
        _ => &[&[0, 1], &[1, 0]],
    };
    let results: Vec<_> = orders
        .iter()
        .filter_map(|order| {
            order.iter().try_fold(before.clone(), |state, index| after(&state, done[*index], false))
        })
        .collect();
    if !results.contains(found) {
        return Err(format!("found {found:#?}\nallowed {results:#?}"));
    }
    for one in failed {
        let code = one.output.error()["code"].as_str().unwrap_or_default().to_owned();
        let refuses = |state: &State| [true, false].iter().any(|anew| after(state, one, *anew).is_none());
        let by_other = |other: &&Ended<'_>| after(before, other, false).is_some_and(|state| refuses(&state));
        let is_refused = refuses(before) || done.iter().any(by_other);
        let is_explained = match (code.as_str(), one.output.status.code()) {
            ("KEY_CONFLICT", _) => !done.is_empty(),
            (_, Some(4 | 7 | 8)) => is_refused,
            _ => false,
        };
        if !is_explained {
            return Err(format!("{:?} failed without a reason: {code}", one.command));
        }
    }
    Ok(())
}
