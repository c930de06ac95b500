//! The embedded token, killed at random moments: no call boundary helps it there.

use std::{collections::BTreeMap, process::Stdio, thread, time::Duration};

use super::is_full;
use crate::support::{KMSCTL, TestEnv, field, path_text, token};

/// A generator of its own, so that a failure can be repeated from the seed that it prints.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos();
        let seed = u64::from(std::process::id()) ^ u64::try_from(now & u128::from(u64::MAX)).expect("masked");
        println!("seed {seed}");
        Self(seed | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64 (Marsaglia 2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Starts the command and kills it after so long. Whether it had come to a good end before.
fn killed_after(env: &TestEnv, args: &[&str], delay: Duration) -> bool {
    let mut command = env.command(KMSCTL, args);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    thread::sleep(delay);
    child.kill().expect("ours to kill");
    let status = child.wait().expect("ended");
    assert!(status.success() || status.code().is_none(), "{args:?}: {status}");
    status.success()
}

#[test]
fn writers_lose_nothing() {
    let env = token::embedded();
    let rounds = if is_full() { 1000 } else { 60 };
    let mut dice = Dice::new();
    env.create("keep", "aes-256");
    let sealed = env.run_with_stdin("old text", ["encrypt", "--label", "keep"]).success().text().to_owned();
    let mut certain: BTreeMap<String, Option<String>> = BTreeMap::from([("keep".to_owned(), None)]);
    let mut kills = 0;
    for round in 0..rounds {
        let delay = Duration::from_micros(dice.below(60_000));
        let name = format!("key-{round}");
        let known: Vec<_> = certain.keys().filter(|label| *label != "keep").cloned().collect();
        let victim = known.get(usize::try_from(dice.below(97)).expect("small") % known.len().max(1)).cloned();
        let victim = victim.unwrap_or_default();
        let choice = if victim.is_empty() { 0 } else { dice.below(5) };
        let done = match choice {
            0 => {
                let done =
                    killed_after(&env, &["key", "create", "--label", &name, "--algorithm", "ec-p256"], delay);
                if done {
                    certain.insert(name, None);
                }
                done
            }
            1 => killed_after(&env, &["key", "rotate", "--label", "keep"], delay),
            2 => {
                let done = killed_after(&env, &["key", "update", "--label", &victim, "--memo", &name], delay);
                certain.insert(victim, done.then_some(name));
                done
            }
            3 => {
                let done = killed_after(&env, &["key", "disable", "--label", "keep"], delay);
                // Whatever came of it, the next command finds a key that it can enable.
                let enabled = env.run(["key", "enable", "--label", "keep"]);
                assert!(matches!(enabled.status.code(), Some(0 | 7)), "{enabled}");
                done
            }
            _ => {
                let done = killed_after(&env, &["key", "delete", "--label", &victim, "--yes"], delay);
                certain.remove(&victim);
                done
            }
        };
        kills += usize::from(!done);
        let keys = env.keys();
        for (label, memo) in &certain {
            let key = keys.iter().find(|key| field(key, "label") == label);
            let key = key.unwrap_or_else(|| panic!("{label} is lost in round {round}"));
            assert!(memo.as_ref().is_none_or(|memo| field(key, "memo") == memo), "{key}");
        }
    }
    let repaired = |report: &serde_json::Value| report["repaired"].as_array().map_or(0, Vec::len);
    env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
    let second = env.run(["doctor", "--repair", "--json"]).exits_any(&[0, 3]).json();
    assert_eq!(repaired(&second), 0, "{second:#}");
    assert_eq!(env.run_with_stdin(&sealed, ["decrypt"]).success().text(), "old text");
    for label in certain.keys().filter(|label| *label != "keep") {
        env.run(["sign", "--label", label]).success();
    }
    println!("embedded token: {kills} of {rounds} writers killed, {} keys kept", certain.len());
}

#[test]
fn a_token_in_the_making_can_be_made_again() {
    let rounds = if is_full() { 100 } else { 8 };
    let mut dice = Dice::new();
    let mut kills = 0;
    for round in 0..rounds {
        let mut env = TestEnv::new();
        let (pin, so_pin) = (env.write("pin", token::PIN), env.write("so-pin", token::SO_PIN));
        env.set("KMSCTL_PIN_FILE", path_text(&pin)).set("KMSCTL_SO_PIN_FILE", path_text(&so_pin));
        let init = ["token", "init", "--label", "t"];
        let done = killed_after(&env, &init, Duration::from_micros(dice.below(150_000)));
        kills += usize::from(!done);
        let again = env.run(init);
        assert!(matches!(again.status.code(), Some(0 | 8)), "round {round}\n{again}");
        env.create("web", "ec-p256");
        env.run(["doctor"]).success();
    }
    println!("embedded token: {kills} of {rounds} initialisations killed");
}
