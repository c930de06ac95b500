//! What two commands may leave: the result of those that reported success, one after the other in some order.

use std::collections::BTreeMap;

use serde_json::Value;

use super::commands::{Command, Effect, LABEL, MEMO, OTHER, Race, Start};
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
        if command.repairs() {
            if let Some(key) = next.0.get_mut(LABEL).filter(|_| race.start == Start::Stray) {
                key.complete();
            }
            return Some(next);
        }
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
        match command.effect {
            Effect::Renames => {
                let key = next.0.remove(&label)?;
                let is_free = label == OTHER || !next.0.contains_key(OTHER);
                (key.status != "REVOKE" && is_free).then_some(())?;
                next.0.insert(OTHER.to_owned(), key);
            }
            Effect::Destroys { revoked } => {
                let key = next.0.remove(&label)?;
                (!revoked || key.status == "REVOKE").then_some(())?;
            }
            Effect::Changes(change) => {
                let changed = change(next.0.get_mut(&label)?);
                // Two deletions of one version that help each other.
                (changed.is_some() || !anew && race.outer == race.inner && race.outer.deletes_a_version())
                    .then_some(())?;
            }
            Effect::Makes | Effect::Repairs => {}
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

/// The changes of a key that keeps its label. `None` if they must be refused.
impl Key {
    fn is_any(&self, states: &[&str]) -> Option<()> {
        states.contains(&self.status.as_str()).then_some(())
    }

    fn moves(&mut self, from: &[&str], to: &str) -> Option<()> {
        self.is_any(from)?;
        to.clone_into(&mut self.status);
        Some(())
    }

    fn is_staged(&self) -> bool {
        self.versions.values().any(|status| status == "STAGED")
    }

    fn add(&mut self, status: &str) -> Option<()> {
        self.is_any(&["ENABLE"])?;
        let next = 1 + self.versions.keys().last().copied().unwrap_or(0);
        (!self.is_staged()).then(|| drop(self.versions.insert(next, status.to_owned())))
    }

    pub(super) fn set_memo(&mut self) -> Option<()> {
        self.is_any(&["ENABLE", "DISABLE"])?;
        MEMO.clone_into(&mut self.memo);
        Some(())
    }

    pub(super) fn disable(&mut self) -> Option<()> {
        self.moves(&["ENABLE", "DISABLE"], "DISABLE")
    }

    pub(super) fn enable(&mut self) -> Option<()> {
        self.moves(&["ENABLE", "DISABLE"], "ENABLE")
    }

    pub(super) fn revoke(&mut self) -> Option<()> {
        self.moves(&["ENABLE", "DISABLE", "REVOKE"], "REVOKE")
    }

    pub(super) fn restore(&mut self) -> Option<()> {
        self.moves(&["REVOKE", "DISABLE"], "DISABLE")
    }

    pub(super) fn rotate(&mut self) -> Option<()> {
        self.add("ENABLE")
    }

    pub(super) fn stage(&mut self) -> Option<()> {
        self.add("STAGED")
    }

    pub(super) fn promote(&mut self) -> Option<()> {
        self.is_any(&["ENABLE"])?;
        self.is_staged().then(|| self.versions.values_mut().for_each(|status| "ENABLE".clone_into(status)))
    }

    pub(super) fn delete_version(&mut self) -> Option<()> {
        (self.versions.len() > 1).then(|| self.versions.remove(&1))?.map(drop)
    }

    /// Completes the rotation that was interrupted after version 2.
    pub(super) fn complete(&mut self) {
        if self.versions.keys().last() == Some(&2) {
            let _ = self.rotate();
        }
    }
}

/// How a command ended.
pub(super) struct Ended<'a> {
    pub(super) command: Command,
    pub(super) output: &'a Output,
}

impl Ended<'_> {
    /// A repair is done, too, if it leaves something to say.
    fn is_done(&self) -> bool {
        let code = self.output.status.code();
        code == Some(0) || code == Some(3) && self.command.repairs()
    }

    fn is_conflict(&self) -> bool {
        let error = self.output.error();
        // While the other machine is between the attributes of a key and its record file, the file looks like an old one.
        let is_between =
            error["code"] == "RECORD_NOT_AUTHENTIC" && field(&error, "message").contains("an old one");
        error["code"] == "KEY_CONFLICT" || is_between
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
    let mut results: Vec<_> = orders
        .iter()
        .filter_map(|order| {
            order.iter().try_fold(before.clone(), |state, index| after(&state, done[*index], false))
        })
        .collect();
    // A repair completes a rotation, which ends with a conflict then.
    if let ([repair], [other]) = (&done[..], &failed[..])
        && repair.command.repairs()
        && other.is_conflict()
    {
        results.extend(after(before, other, false));
    }
    if !results.contains(found) {
        return Err(format!("found {found:#?}\nallowed {results:#?}"));
    }
    for one in failed {
        let refuses = |state: &State| [true, false].iter().any(|anew| after(state, one, *anew).is_none());
        let by_other = |other: &&Ended<'_>| after(before, other, false).is_some_and(|state| refuses(&state));
        let is_refused = refuses(before) || done.iter().any(by_other);
        let is_explained = match one.output.status.code() {
            _ if one.is_conflict() => !done.is_empty(),
            Some(4 | 7 | 8) => is_refused,
            _ => false,
        };
        if !is_explained {
            return Err(format!("{:?} failed without a reason", one.command));
        }
    }
    Ok(())
}
