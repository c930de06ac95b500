//! `token init` of a module's second token, with faults at its calls; the first token and its key must be unaffected. The
//! embedded token is initialised without a module that could inject faults: `super::kill` kills it at random.

use super::{Mode, is_full};
use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    field,
    saved::Saved,
    token::{self, LABEL},
};

const INIT: [&str; 6] = ["token", "init", "--label", "second", "--so-pin-file", "so-pin"];

#[test]
fn initialises_a_second_token() {
    let env = token::softhsm();
    env.create("keep", "ec-p256");
    let saved = Saved::of(&env);
    watched(&env).run(INIT).success();
    let calls = take_calls(&env);
    let mut runs = 0;
    for (number, call) in (1..).zip(&calls) {
        for mode in Mode::ALL {
            if is_full() || call.changes_the_token() || number % 9 == mode as usize {
                saved.restore();
                let what = format!("token init: {} at call {number}, {}", mode.name(), call.function);
                inject(&env, &mode.fault(number), &what);
                runs += 1;
            }
        }
    }
    println!("sweep SoftHSM2, token init: {} calls; {runs} runs", calls.len());
}

fn inject(env: &TestEnv, fault: &str, what: &str) {
    let ended = watched(env).with("KMSCTL_FAULT", fault).run(INIT);
    assert!(matches!(ended.status.code(), None | Some(0..=8)), "{what}\n{ended}");
    let make_a_key = || {
        let args = ["--token", "second", "key", "create", "--label", "new", "--algorithm", "ec-p256"];
        env.run(args).status.code()
    };
    if ended.status.success() {
        assert_eq!(make_a_key(), Some(0), "exit code 0, but nothing was done: {what}");
    } else {
        let again = env.run(INIT);
        assert!(matches!(again.status.code(), Some(0 | 8)), "not repeatable: {what}\n{ended}\n{again}");
        assert_eq!(make_a_key(), Some(0), "{what}\n{ended}\n{again}");
    }
    let tokens = env.run(["token", "list", "--json"]).success().json();
    let labels = tokens.as_array().expect("tokens").iter().map(|token| field(token, "label"));
    assert_eq!(labels.filter(|label| *label == "second").count(), 1, "{what}\n{tokens:#}");
    env.run(["--token", LABEL, "sign", "--label", "keep"]).success();
}
