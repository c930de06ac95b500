//! The token before each race: a key in each state, as a SoftHSM or embedded token, and what the key made before.

use std::collections::BTreeMap;

use super::{
    commands::{LABEL, Race, Start},
    model::State,
};
use crate::support::{
    TestEnv,
    fault::{Call, take_calls, watched},
    field,
    machine::{after_login, on, words},
    saved::Saved,
};

const DATA: &str = "bWVzc2FnZQ==";

/// A saved token and what its keys are.
struct Prepared {
    saved: Saved,
    state: State,
    id: String,
    /// The output of each version.
    made: Vec<String>,
}

pub(super) struct World<'env> {
    pub(super) env: &'env TestEnv,
    prepared: BTreeMap<(Start, bool), Prepared>,
    /// The calls of each outer command alone.
    calls: BTreeMap<Race, Vec<Call>>,
    /// Objects on the token that belong to other keys.
    others: usize,
    pub(super) repairs: usize,
}

impl<'env> World<'env> {
    pub(super) fn new(env: &'env TestEnv) -> Self {
        env.create("receiver", "rsa-2048");
        env.public_key("receiver");
        env.write("import.key", include_bytes!("../../fixtures/keys/p256.pkcs8.pem"));
        let create = "key create --label moved --algorithm ec-p256 --exportable";
        env.run(create.split(' ')).success();
        let wrap = "key wrap --label moved --wrapping-key receiver.pem --out wrapped";
        env.run(wrap.split(' ')).success();
        env.delete("moved");
        let others = Saved::named(env, "others").objects().0;
        let (prepared, calls) = (BTreeMap::new(), BTreeMap::new());
        let mut world = Self { env, prepared, calls, others, repairs: 0 };
        for is_secret in [false, true] {
            world.prepare(is_secret);
        }
        world
    }

    fn prepare(&mut self, is_secret: bool) {
        let env = self.env;
        self.save(Start::Absent, is_secret, "", &[]);
        let mut made = Vec::new();
        env.create(LABEL, if is_secret { "aes-256" } else { "ec-p256" });
        made.push(self.output(is_secret));
        let line = |line: &str| env.run(words(line, LABEL)).success();
        line("key rotate --label @");
        made.push(self.output(is_secret));
        let id = field(&line("key show --label @ --json").json(), "ckaId").to_owned();
        self.save(Start::Enabled, is_secret, &id, &made);
        line("key rotate --stage --label @");
        self.save(Start::Staged, is_secret, &id, &made);
        let in_files = env.has("KMSCTL_RECORDS");
        let recording = if in_files { "C_SignInit" } else { "C_CreateObject" };
        let torn = [
            (Start::Stray, recording, "key rotate --label @"),
            (Start::Unenforced, recording, "key disable --label @"),
            (Start::Superseded, "C_DestroyObject", "key update --memo changed --label @"),
        ];
        // A record file is replaced at once, and no repair adds uses by one.
        for (start, call, change) in torn.into_iter().take(if in_files { 1 } else { 3 }) {
            let restore = || self.prepared[&(Start::Enabled, is_secret)].saved.restore();
            restore();
            watched(env).run(words(change, LABEL)).success();
            let call = take_calls(env).iter().rposition(|one| one.function == call).expect("called");
            restore();
            let run = watched(env).with("KMSCTL_FAULT", format!("{} kill-before", call + 1));
            assert_eq!(run.run(words(change, LABEL)).status.code(), None, "{change}: not killed");
            take_calls(env);
            self.save(start, is_secret, &id, &made);
        }
        self.prepared[&(Start::Enabled, is_secret)].saved.restore();
        line("key disable --label @");
        self.save(Start::Disabled, is_secret, &id, &made);
        line("key revoke --label @");
        self.save(Start::Revoked, is_secret, &id, &made);
        self.prepared[&(Start::Absent, is_secret)].saved.restore();
    }

    /// A signature or ciphertext of the current version.
    fn output(&self, is_secret: bool) -> String {
        let work = if is_secret { "encrypt" } else { "sign" };
        let made = self.env.run_with_stdin("message", [work, "--label", LABEL]).success();
        made.text().trim_end().to_owned()
    }

    fn save(&mut self, start: Start, is_secret: bool, id: &str, made: &[String]) {
        let saved = Saved::named(self.env, &format!("{start:?}-{is_secret}"));
        let state = State::of(self.env).expect("a right state");
        let prepared = Prepared { saved, state, id: id.to_owned(), made: made.to_vec() };
        self.prepared.insert((start, is_secret), prepared);
    }

    /// Whether the key can be in the state that the race starts from.
    pub(super) fn has(&self, race: &Race) -> bool {
        self.prepared.contains_key(&(race.start, race.is_secret))
    }

    fn of(&self, race: &Race) -> &Prepared {
        &self.prepared[&(race.start, race.is_secret)]
    }

    pub(super) fn id(&self, race: &Race) -> &str {
        &self.of(race).id
    }

    pub(super) fn before(&self, race: &Race) -> &State {
        &self.of(race).state
    }

    pub(super) fn restore(&self, race: &Race) {
        self.of(race).saved.restore();
    }

    /// The calls of the outer command when it runs alone, and the number of the first one after the login. Of a repair, those
    /// before it tries what the token can.
    pub(super) fn calls(&mut self, race: &Race) -> (Vec<Call>, usize) {
        let key = Race { inner: race.outer, ..*race };
        if !self.calls.contains_key(&key) {
            self.restore(race);
            // It may be refused: the label of a new key may be in use until the other command has run, and a version that is not
            // staged may be pending.
            on(self.env, "one").run(race.args(race.outer, self.id(race))).exits_any(&[0, 1, 8]);
            let mut calls = take_calls(self.env);
            let is_trial = |call: &Call| call.function.starts_with("C_Generate");
            if let Some(trial) = calls.iter().position(is_trial).filter(|_| race.outer.repairs()) {
                calls.truncate(trial);
            }
            self.calls.insert(key, calls);
        }
        let calls = self.calls[&key].clone();
        let first = after_login(&calls);
        (calls, first)
    }

    /// `doctor` must find nothing, or its repair must be enough; no object may be left that belongs to no key; and what the
    /// key made must still work, and each key make something new.
    pub(super) fn check(&mut self, race: &Race, found: &State) -> Result<(), String> {
        if race.start == Start::Stray {
            // The rotation of a disabled key is not completed.
            self.enable(found)?;
        }
        let found = &self.repair(race, found)?;
        let (count, expected) = (self.of(race).saved.objects().0, self.others + found.objects());
        if count != expected {
            return Err(format!("{count} objects, not {expected}"));
        }
        let requests = requests(self.of(race), found);
        self.enable(found)?;
        let answers = self.env.run_with_stdin(requests.join("\n"), ["batch", "--jobs", "1"]);
        if requests.is_empty() || answers.status.success() {
            return Ok(());
        }
        Err(format!("does not work: {requests:#?}\n{answers}"))
    }

    /// Returns what is there then: a repair may complete the rotation that was interrupted before.
    fn repair(&mut self, race: &Race, found: &State) -> Result<State, String> {
        let first = self.env.run(["doctor", "--json"]);
        if !first.status.success() {
            self.repairs += 1;
            self.env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
            let second = self.env.run(["doctor"]);
            if !second.status.success() {
                return Err(format!("not repaired\n{}\n{second}", first.json()["findings"]));
            }
        }
        if first.status.success() && race.start != Start::Stray {
            return Ok(found.clone());
        }
        let (repaired, mut expected) = (State::of(self.env)?, found.clone());
        if race.start == Start::Stray {
            for key in expected.0.values_mut() {
                "ENABLE".clone_into(&mut key.status);
                key.complete();
            }
        }
        if repaired == expected {
            Ok(repaired)
        } else {
            Err(format!("changed by a repair: {expected:?} {repaired:?}"))
        }
    }

    fn enable(&self, found: &State) -> Result<(), String> {
        for (label, key) in &found.0 {
            let steps: &[_] = match key.status.as_str() {
                "REVOKE" => &["restore", "enable"],
                "DISABLE" => &["enable"],
                _ => &[],
            };
            for step in steps {
                let output = self.env.run(["key", step, "--label", label]);
                if !output.status.success() {
                    return Err(output.to_string());
                }
            }
        }
        Ok(())
    }
}

/// Requests of a batch that must succeed.
fn requests(prepared: &Prepared, found: &State) -> Vec<String> {
    let subject = prepared.state.0.get(LABEL).map(|key| &key.tag);
    let mut requests = Vec::new();
    for (label, key) in &found.0 {
        let new = if key.is_secret { "encrypt" } else { "sign" };
        requests.push(format!(r#"{{"op":"{new}","label":"{label}","data":"{DATA}"}}"#));
        let is_subject = subject == Some(&key.tag);
        for (version, made) in (1..).zip(&prepared.made) {
            if !is_subject || !key.versions.contains_key(&version) {
                continue;
            }
            requests.push(if key.is_secret {
                format!(r#"{{"op":"decrypt","ciphertext":"{made}"}}"#)
            } else {
                format!(
                    r#"{{"op":"verify","label":"{label}","version":{version},"data":"{DATA}","signature":"{made}"}}"#
                )
            });
        }
    }
    requests
}
