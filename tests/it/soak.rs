//! A simulated year of two machines on one SoftHSM2 token that share no lock, and a month on one whose records are files:
//! random commands, kills at random calls, full disks, restored copies of the token, and every night the due rotations and
//! deletions on both machines at once. What was signed and encrypted must go on to work; openssl and `PyJWT` judge what is new.

#![allow(clippy::print_stdout, reason = "the seed and the figures of a long run are its result")]

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
};

use crate::support::{
    DAY, START, TestEnv, field, is_full,
    jose::Judge,
    machine::on,
    oracle,
    output::Output,
    rng::{Rng, given, random_seed},
    saved::{self, Saved},
    token,
};

const LABELS: [&str; 6] = ["ec-1", "ec-2", "ec-3", "aes-1", "aes-2", "aes-3"];
const DATA: &str = "bWVzc2FnZQ==";

#[derive(Clone, Default)]
struct Model {
    /// What the keys made, by label, each as a request of a batch. None of a key that was to be destroyed.
    made: BTreeMap<&'static str, Vec<String>>,
    /// The keys that were to be revoked, which are destroyed at a later date.
    revoked: BTreeSet<&'static str>,
}

struct Soak<'env> {
    env: &'env TestEnv,
    rng: Rng,
    day: u64,
    model: Model,
    copy: Option<(Saved, Model, u64)>,
    counts: BTreeMap<&'static str, usize>,
}

impl Soak<'_> {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn run_on(&self, machine: &str, fault: Option<(&str, &str)>, line: &str) -> Output {
        let mut run = on(self.env, machine).with("KMSCTL_TEST_NOW", (START + self.day * DAY).to_string());
        if let Some((variable, fault)) = fault {
            run = run.with(variable, fault);
        }
        let output = run.run(line.split(' '));
        println!("day {}: {machine}: {line}: {:?} {fault:?}", self.day, output.status.code());
        output
    }

    fn machine(&mut self) -> &'static str {
        if self.rng.below(2) == 0 { "one" } else { "two" }
    }

    fn run_alone(&mut self, line: &str) -> Output {
        let machine = self.machine();
        self.run_on(machine, None, line)
    }

    /// A random command on a random key.
    fn command(&mut self) -> (String, &'static str) {
        let label = *self.rng.pick(&LABELS);
        let algorithm = if label.starts_with("ec") { "ec-p256" } else { "aes-256" };
        let create =
            format!("create --if-not-exists --auto-rotate --rotation-period 20 --algorithm {algorithm}");
        let name = *self.rng.pick(&[
            create.as_str(),
            create.as_str(),
            create.as_str(),
            "rotate",
            "rotate --stage",
            "promote",
            "update --memo changed",
            "disable",
            "enable",
            "enable",
            "revoke --after 5",
            "restore",
            "restore",
            "delete --yes",
            "purge --yes",
        ]);
        if name.starts_with("delete") || name.starts_with("purge") {
            self.model.made.remove(label);
        }
        if name.starts_with("revoke") {
            self.model.revoked.insert(label);
        }
        (format!("key {name} --label {label}"), label)
    }

    fn step(&mut self) {
        match self.rng.below(12) {
            0 => self.killed(),
            1 => self.on_a_full_disk(),
            2 => self.at_once(),
            3 => self.copied_or_restored(),
            4..8 => self.makes_something(),
            _ => {
                self.count("alone");
                let line = self.command().0;
                self.run_alone(&line).exits_any(&[0, 3, 4, 7, 8]);
            }
        }
    }

    fn killed(&mut self) {
        self.count("killed");
        let (line, machine, call) = (self.command().0, self.machine(), 6 + self.rng.below(60));
        self.run_on(machine, Some(("KMSCTL_FAULT", &format!("{call} kill-before"))), &line);
        self.run_alone(&line).exits_any(&[0, 1, 3, 4, 6, 7, 8]);
        self.repair();
    }

    fn on_a_full_disk(&mut self) {
        self.count("full disk");
        let (line, machine, left) = (self.command().0, self.machine(), self.rng.index(3));
        let room = saved::object_files(&self.env.path("softhsm")).0 + left;
        let rules = self.env.variable_if_set("KMSCTL_FAULT_RULES").unwrap_or_default();
        self.run_on(machine, Some(("KMSCTL_FAULT_RULES", &format!("{rules} room={room}"))), &line)
            .exits_any(&[0, 3, 4, 6, 7, 8]);
        self.repair();
    }

    fn at_once(&mut self) {
        self.count("at once");
        let ((one, _), (two, _)) = (self.command(), self.command());
        let this = &*self;
        let (one, two) = thread::scope(|scope| {
            let one = scope.spawn(|| this.run_on("one", None, &one));
            (this.run_on("two", None, &two), one.join().expect("no panic"))
        });
        for output in [one, two] {
            let is_conflict = output.status.code() == Some(1) && output.stderr_text().contains("another");
            assert!(is_conflict || [0, 3, 4, 7, 8].map(Some).contains(&output.status.code()), "{output}");
        }
        self.repair();
    }

    fn repair(&mut self) {
        let repaired = self.run_alone("doctor --repair --json").exits_any(&[0, 3]).json();
        if repaired["changed"] == true {
            self.count("repaired");
        }
    }

    fn copied_or_restored(&mut self) {
        match self.copy.take() {
            Some((copy, model, day)) if self.day < day + 25 => {
                self.count("restored copy");
                copy.restore();
                self.model = model;
            }
            _ => {
                let name = format!("copy-{}-{}", self.day, self.counts.values().sum::<usize>());
                self.copy = Some((Saved::named(self.env, &name), self.model.clone(), self.day));
            }
        }
    }

    /// A signature that openssl accepts, or a ciphertext.
    fn makes_something(&mut self) {
        let label = *self.rng.pick(&LABELS);
        self.env.write("message", "message");
        let is_secret = label.starts_with("aes");
        let line = if is_secret {
            format!("encrypt --label {label} --in message")
        } else {
            format!("sign --label {label} --in message --json")
        };
        let made = self.run_alone(&line).exits_any(&[0, 4, 7]);
        if !made.status.success() {
            return;
        }
        self.count("made");
        let request = if is_secret {
            format!(r#"{{"op":"decrypt","ciphertext":"{}"}}"#, made.line())
        } else {
            let (signature, version) = (made.json()["signature"].clone(), made.json()["version"].clone());
            self.judge(label, signature.as_str().expect("text"));
            format!(
                r#"{{"op":"verify","label":"{label}","version":{version},"data":"{DATA}","signature":{signature}}}"#
            )
        };
        self.model.made.entry(label).or_default().push(request);
    }

    fn judge(&mut self, label: &str, signature: &str) {
        let public = self.env.public_key(label);
        let bytes = data_encoding::BASE64.decode(signature.as_bytes()).expect("base64");
        self.env.write("signature", bytes);
        assert!(oracle::accepts(self.env, "ES256", &public, "signature", "message"), "openssl: {label}");
        if self.rng.below(6) == 0 {
            self.count("judged by PyJWT");
            // PyJWT compares the dates of a token with the real time, so this one is not of the simulated year.
            let line = format!("jwt sign --label {label} --claim n=1 --json");
            let token = self.env.run(line.split(' ')).success();
            let jwks = self.run_alone(&format!("jwks --label {label}")).success();
            self.env.write("jwks", jwks.text());
            let token = field(&token.json(), "token").to_owned();
            Judge::PyJwt.verify(self.env, "jwks", &token, "ES256").success();
        }
    }

    /// Both machines rotate and purge what is due, at the same time. Nothing may be left to do then.
    fn night(&mut self) {
        for line in ["key rotate --due", "key purge --due --trust-clock --yes"] {
            let this = &*self;
            let (one, two) = thread::scope(|scope| {
                let one = scope.spawn(|| this.run_on("one", None, line));
                (this.run_on("two", None, line), one.join().expect("no panic"))
            });
            one.success();
            two.success();
        }
        self.run_alone("key rotate --due --check").success();
    }

    /// Every key that was not destroyed is there, and what it made works while it is enabled.
    fn check(&mut self) {
        let keys = self.run_alone("key list --json").success().json();
        let mut labels = BTreeMap::new();
        for key in keys.as_array().expect("an array") {
            if key["label"] == "" && key["ckaId"] == "" && key["keyType"].is_null() {
                // SoftHSM writes defaults for what it misses in an object that another process is just creating.
                println!("day {}: SoftHSM has left {key}", self.day);
                continue;
            }
            let known = labels.insert(field(key, "label").to_owned(), field(key, "status").to_owned());
            assert!(known.is_none(), "day {}: one label twice: {keys:#}", self.day);
        }
        let Model { made, revoked } = &mut self.model;
        let is_there = |label: &str| labels.contains_key(label);
        let lost: Vec<_> =
            made.keys().filter(|label| !is_there(label) && !revoked.contains(*label)).collect();
        assert!(lost.is_empty(), "day {}: lost {lost:?}", self.day);
        made.retain(|label, _| is_there(label));
        revoked.retain(|label| labels.get(*label).is_some_and(|status| status == "REVOKE"));
        let enabled = self.model.made.iter().filter(|(label, _)| labels[**label] == "ENABLE");
        let requests: Vec<_> = enabled.flat_map(|(_, made)| made.clone()).collect();
        if !requests.is_empty() {
            let answers = self.env.run_with_stdin(requests.join("\n"), ["batch", "--jobs", "1"]);
            assert!(answers.status.success(), "day {}: {requests:#?}\n{answers}", self.day);
        }
    }

    fn live(&mut self, days: u64) {
        for day in 1..=days {
            self.day = day;
            for _ in 0..3 {
                self.step();
            }
            self.night();
            self.check();
        }
        self.repair();
        self.run_alone("doctor").success();
        println!("{days} days: {:?}", self.counts);
    }
}

fn live(env: &TestEnv, seed: u64, days: u64) {
    println!("seed {seed}");
    let rng = Rng::seeded(seed);
    let mut soak = Soak { env, rng, day: 0, model: Model::default(), copy: None, counts: BTreeMap::new() };
    soak.live(days);
}

#[test]
fn a_few_days_of_two_machines() {
    live(&token::softhsm(), 5, if is_full() { 30 } else { 6 });
}

#[test]
fn a_few_days_with_record_files() {
    live(&token::softhsm_with_record_files(), 4, if is_full() { 30 } else { 6 });
}

/// `./dev soak` runs it, and `KMSCTL_SOAK_SEED` and `KMSCTL_SOAK_DAYS` say which and how long.
#[test]
#[ignore = "takes minutes: `./dev soak` runs it"]
fn a_year_of_two_machines() {
    let seed = given("KMSCTL_SOAK_SEED").unwrap_or_else(|| random_seed() % 1_000_000);
    let days = given("KMSCTL_SOAK_DAYS").unwrap_or(365);
    live(&token::softhsm(), seed, days);
    live(&token::softhsm_with_record_files(), seed, days.div_ceil(12));
}
