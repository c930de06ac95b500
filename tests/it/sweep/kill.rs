//! Kills writers of the embedded token at random moments, not only between PKCS#11 calls.

use std::{
    collections::BTreeMap,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::is_full;
use crate::support::{KMSCTL, TestEnv, field, oracle, path_text, rng::Rng, token};

/// Starts the command and kills it after `delay`. Returns whether it had already succeeded.
fn killed_after(env: &TestEnv, args: &[&str], delay: Duration) -> bool {
    let mut command = env.command(KMSCTL, args);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    thread::sleep(delay);
    child.kill().expect("killing the command");
    let status = child.wait().expect("ended");
    assert!(status.success() || status.code().is_none(), "{args:?}: {status}");
    status.success()
}

/// Keys and the random writers that are killed on them: `keep` changes its state and versions, others are made and deleted.
struct KillTest {
    env: TestEnv,
    rng: Rng,
    /// The range of kill delays: twice as long as a command takes on this machine.
    window: Duration,
    /// The keys that must exist, each with its expected memo if that is known.
    expected: BTreeMap<String, Option<String>>,
    /// The label under which each command made its key last.
    holders: BTreeMap<&'static str, String>,
    kills: BTreeMap<&'static str, (usize, usize)>,
}

/// Every command that writes keys.
const WRITERS: [&str; 12] = [
    "create", "import", "unwrap", "rotate", "promote", "update", "disable", "enable", "revoke", "restore",
    "purge", "delete",
];

impl KillTest {
    fn new() -> Self {
        let env = token::embedded();
        let start = Instant::now();
        env.create("keep", "aes-256");
        let window = start.elapsed() * 2;
        let generate =
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "in.key"];
        oracle::tool(&env, "openssl", &generate);
        env.create("receiver", "rsa-2048");
        env.public_key("receiver");
        env.run(["key", "create", "--label", "out", "--algorithm", "aes-256", "--exportable"]).success();
        env.run(["key", "wrap", "--label", "out", "--wrapping-key", "receiver.pem", "--out", "wrapped"])
            .success();
        // A key is on a token once.
        env.delete("out");
        let expected = ["keep", "receiver"].map(|label| (label.to_owned(), None));
        Self {
            env,
            window,
            rng: Rng::new(),
            expected: expected.into(),
            holders: BTreeMap::new(),
            kills: BTreeMap::new(),
        }
    }

    /// Runs one random writer and kills it at a random moment, unless it ends first.
    fn round(&mut self, round: usize) {
        let choice = usize::try_from(self.rng.below(WRITERS.len() as u64)).expect("small");
        let (command, name) = (WRITERS[choice], format!("key-{round}"));
        match command {
            "create" => self.makes(command, &name, &["--algorithm", "ec-p256"]),
            "import" => self.makes(command, &name, &["--in", "in.key"]),
            "unwrap" => self.makes(command, &name, &["--in", "wrapped"]),
            "update" => {
                let Some(victim) = self.victim() else { return };
                let done = self.run_and_kill(command, &["--label", &victim, "--memo", &name]);
                self.expected.insert(victim, done.then_some(name));
            }
            "purge" | "delete" => {
                let Some(victim) = self.victim() else { return };
                if command == "purge" {
                    self.env.run(["key", "revoke", "--label", &victim]).success();
                }
                self.expected.remove(&victim);
                self.run_and_kill(command, &["--label", &victim, "--yes"]);
            }
            _ => self.changes_state(command),
        }
    }

    fn makes(&mut self, command: &'static str, name: &str, args: &[&str]) {
        let args = [&["--label", name], args].concat();
        if let Some(holder) = self.holders.insert(command, name.to_owned()).filter(|_| command != "create") {
            // A key is on a token once, and a killed deletion may have left it.
            self.env.run(["key", "delete", "--label", &holder, "--yes"]).exits_any(&[0, 4]);
            self.expected.remove(&holder);
        }
        if !self.run_and_kill(command, &args) {
            // Running the same command again makes the key, completes it, or finds it complete.
            self.env.run([&["key", command], &args[..]].concat()).exits_any(&[0, 8]);
        }
        self.expected.insert(name.to_owned(), None);
    }

    /// Whatever state the killed command left, `restore`, `enable` and `promote` then work on the key.
    fn changes_state(&mut self, command: &'static str) {
        let first = match command {
            "enable" => Some("disable"),
            "restore" => Some("revoke"),
            "promote" => Some("rotate --stage"),
            _ => None,
        };
        if let Some(first) = first {
            let line = format!("key {first} --label keep");
            // A version may be staged already: an earlier promotion was killed.
            self.env.run(line.split(' ')).exits_any(&[0, 7]);
        }
        self.run_and_kill(command, &["--label", "keep"]);
        for back in ["restore", "enable", "promote"] {
            self.env.run(["key", back, "--label", "keep"]).exits_any(&[0, 7]);
        }
        self.env.run(["sign", "--label", "receiver"]).success();
    }

    /// A random key that may be changed or deleted.
    fn victim(&mut self) -> Option<String> {
        let known: Vec<_> = self.expected.keys().filter(|label| label.starts_with("key-")).cloned().collect();
        let index = self.rng.below(known.len().max(1) as u64);
        known.get(usize::try_from(index).expect("small")).cloned()
    }

    /// Whether the command succeeded before it was killed.
    fn run_and_kill(&mut self, command: &'static str, args: &[&str]) -> bool {
        let delay = self.window * u32::try_from(self.rng.below(1000)).expect("small") / 1000;
        let done = killed_after(&self.env, &[&["key", command], args].concat(), delay);
        let (killed, runs) = self.kills.entry(command).or_default();
        *killed += usize::from(!done);
        *runs += 1;
        done
    }

    fn assert_no_key_is_lost(&self, round: usize) {
        let keys = self.env.keys();
        for (label, memo) in &self.expected {
            let key = keys.iter().find(|key| field(key, "label") == label);
            let key = key.unwrap_or_else(|| panic!("{label} is lost in round {round}"));
            assert!(memo.as_ref().is_none_or(|memo| field(key, "memo") == memo), "{key}");
            assert!(key["registerDate"].is_u64(), "{label} has no record in round {round}");
        }
    }

    fn assert_every_key_works(&self) {
        for label in self.expected.keys() {
            let key = self.env.run(["key", "show", "--label", label, "--json"]).success().json();
            let work = if key["type"] == "SECRET" { "encrypt" } else { "sign" };
            self.env.run([work, "--label", label]).success();
        }
    }
}

#[test]
fn killed_writers_lose_no_key() {
    let mut test = KillTest::new();
    let env = &test.env;
    let sealed = env.run_with_stdin("old text", ["encrypt", "--label", "keep"]).success().text().to_owned();
    let rounds = if is_full() { 1000 } else { 88 };
    for round in 0..rounds {
        test.round(round);
        test.assert_no_key_is_lost(round);
    }
    let env = &test.env;
    let repaired = |report: &serde_json::Value| report["repaired"].as_array().map_or(0, Vec::len);
    env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
    let second = env.run(["doctor", "--repair", "--json"]).exits_any(&[0, 3]).json();
    assert_eq!(repaired(&second), 0, "{second:#}");
    assert_eq!(env.run_with_stdin(&sealed, ["decrypt"]).success().text(), "old text");
    test.assert_every_key_works();
    let (kills, runs) = test.kills.values().fold((0, 0), |(a, b), (kills, runs)| (a + kills, b + runs));
    println!("embedded token: {kills} of {runs} writers killed, {} keys kept", test.expected.len());
    for (command, (kills, runs)) in &test.kills {
        println!("embedded token, {command}: {kills} of {runs} killed");
    }
}

#[test]
fn a_killed_init_can_be_repeated() {
    let rounds = if is_full() { 100 } else { 8 };
    let mut rng = Rng::new();
    let mut kills = 0;
    for round in 0..rounds {
        let mut env = TestEnv::new();
        let (pin, so_pin) = (env.write("pin", token::PIN), env.write("so-pin", token::SO_PIN));
        env.set("KMSCTL_PIN_FILE", path_text(&pin)).set("KMSCTL_SO_PIN_FILE", path_text(&so_pin));
        let init = ["token", "init", "--label", "t"];
        let done = killed_after(&env, &init, Duration::from_micros(rng.below(150_000)));
        kills += usize::from(!done);
        let again = env.run(init);
        assert!(matches!(again.status.code(), Some(0 | 8)), "round {round}\n{again}");
        env.create("web", "ec-p256");
        env.run(["doctor"]).success();
    }
    println!("embedded token: {kills} of {rounds} initialisations killed");
}
