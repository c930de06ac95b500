//! The fault sweep: every command that writes × each of its calls to the module × failing before the call, failing after
//! it took effect, being killed before it; on both tokens.
//!
//! After each run: no existing key is lost, no secret was printed or written, the exit code is correct, `doctor` reports
//! what is left, one repair is enough, and running the same command again succeeds. Each test prints its rows of the
//! matrix; `./dev sweep` shows them for every call. Without `./dev test full`, a test injects a fault into each call that
//! changes the token in one of the modes, and into one in seven of the others.

#![allow(clippy::print_stdout, reason = "the matrix is the output of the sweep")]

mod cases;
mod init;
mod kill;
mod world;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{
    TestEnv,
    fault::{Call, take_calls, watched},
    is_full,
    output::Output,
};
use world::World;

/// A command and how to check its effect.
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    /// Whether the command has taken effect, given its key as `key list --json` shows it; `None` if there is no such key.
    is_done: fn(Option<&Value>) -> bool,
    /// Whether the command's key must exist whatever happens.
    keeps: bool,
    /// The exit code, apart from 0, that is allowed when the command is run again after it took effect.
    again: i32,
}

/// The label of the key that each command works on.
const LABEL: &str = "web";
/// The label after a rename.
const NEW_LABEL: &str = "other";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    FailBefore,
    FailAfter,
    Kill,
}

impl Mode {
    const ALL: [Self; 3] = [Self::FailBefore, Self::FailAfter, Self::Kill];

    /// `CKR_GENERAL_ERROR` at even call numbers, `CKR_DEVICE_ERROR` at odd ones.
    fn fault(self, number: usize) -> String {
        let rv = if number.is_multiple_of(2) { "0x5" } else { "0x30" };
        match self {
            Self::FailBefore => format!("{number} fail-before {rv}"),
            Self::FailAfter => format!("{number} fail-after {rv}"),
            Self::Kill => format!("{number} kill-before"),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::FailBefore => "fail before",
            Self::FailAfter => "fail after",
            Self::Kill => "kill",
        }
    }
}

/// The results of the runs in one row of the matrix.
#[derive(Default)]
struct Counts {
    runs: usize,
    well: usize,
    failed: usize,
    killed: usize,
    left_something: usize,
    repaired: usize,
}

type Matrix = BTreeMap<(String, Mode), Counts>;

fn sweep(env: &TestEnv, case: &Case) {
    let world = World::of(env, case);
    watched(env).run(case.args).success();
    let calls = take_calls(env);
    assert!((case.is_done)(world.key().as_ref()), "{}: the command had no effect", case.name);
    let mut matrix = Matrix::new();
    for (number, call) in (1..).zip(&calls) {
        for mode in Mode::ALL {
            if is_full() || is_in_sample(number, call, mode) {
                let counts = matrix.entry((call.function.clone(), mode)).or_default();
                inject(&world, case, (number, call, mode), counts);
            }
        }
    }
    print(case.name, world.token(), calls.len(), &matrix);
}

/// Every call that changes the token in one mode, and one in seven of the others.
fn is_in_sample(number: usize, call: &Call, mode: Mode) -> bool {
    let turn = if call.changes_the_token() { number % 3 } else { number % 21 };
    turn == mode as usize
}

fn inject(world: &World<'_>, case: &Case, (number, call, mode): (usize, &Call, Mode), counts: &mut Counts) {
    world.restore();
    let what = format!("{}: {} at call {number}, {}", case.name, mode.name(), call.function);
    let ended = watched(world.env).with("KMSCTL_FAULT", mode.fault(number)).run(case.args);
    counts.runs += 1;
    match ended.status.code() {
        Some(0) => counts.well += 1,
        Some(code) => {
            assert!((1..=8).contains(&code) && ended.stderr_text().contains("error: "), "{what}\n{ended}");
            counts.failed += 1;
        }
        None => counts.killed += 1,
    }
    assert_eq!(ended.status.code().is_none(), mode == Mode::Kill, "{what}\n{ended}");
    world.assert_no_secret_leaked(&ended, &what);
    if !ended.status.success() && world.is_as_saved() {
        // Nothing changed, and the command is known to succeed from the saved state.
        return;
    }
    check(world, case, &what, &ended, counts);
}

/// Checks a run that changed the token: its exit code must be correct and what it left must be repairable.
fn check(world: &World<'_>, case: &Case, what: &str, ended: &Output, counts: &mut Counts) {
    let key = world.key();
    let is_done = (case.is_done)(key.as_ref());
    assert!(!ended.status.success() || is_done, "exit code 0, but nothing was done: {what}\n{ended}");
    assert!(key.is_some() || !case.keeps, "lost: {what}\n{ended}");
    let found = repair(world, what, counts);
    if !is_done {
        assert!(found || world.looks_as_saved(), "not reported by doctor: {what}\n{ended}");
    }
    counts.left_something += usize::from(found);
    world.assert_old_keys_work(what);
    if case.keeps {
        world.assert_subject_works(what);
    }
    let is_done = (case.is_done)(world.key().as_ref());
    let again = world.env.run(case.args);
    let code = again.status.code().unwrap_or(-1);
    assert!(
        code == 0 || is_done && code == case.again,
        "not repeatable, done: {is_done}: {what}\n{ended}\n{again}"
    );
    assert!((case.is_done)(world.key().as_ref()) || is_done, "{what}\n{again}");
}

/// Repairs; a second repair must change nothing. Returns whether the first one reported or repaired anything.
fn repair(world: &World<'_>, what: &str, counts: &mut Counts) -> bool {
    let doctor = || {
        let output = world.env.run(["doctor", "--repair", "--json"]);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{what}\n{output}");
        output.json()
    };
    let number = |report: &Value, field: &str| report[field].as_array().map_or(0, Vec::len);
    let first = doctor();
    let repaired = number(&first, "repaired");
    if repaired > 0 {
        counts.repaired += 1;
        let second = doctor();
        let left = (number(&second, "repaired"), &second["findings"]);
        assert_eq!(left, (0, &first["findings"]), "{what}\n{second:#}");
    }
    // What the token lacks says nothing about the interrupted command.
    let is_left = |finding: &Value| finding["code"] != "NOT_OFFERED";
    repaired > 0 || first["findings"].as_array().is_some_and(|findings| findings.iter().any(is_left))
}

fn print(command: &str, token: &str, calls: usize, matrix: &Matrix) {
    let total = |count: fn(&Counts) -> usize| matrix.values().map(count).sum::<usize>();
    println!(
        "sweep {token}, {command}: {calls} calls; {} runs: {} well, {} failed, {} killed; {} left something, {} repaired",
        total(|counts| counts.runs),
        total(|counts| counts.well),
        total(|counts| counts.failed),
        total(|counts| counts.killed),
        total(|counts| counts.left_something),
        total(|counts| counts.repaired),
    );
    for ((function, mode), counts) in matrix {
        println!(
            "  {function:<22} {:<12} {:>3} runs: {:>3} well {:>3} failed {:>3} killed {:>3} left {:>3} repaired",
            mode.name(),
            counts.runs,
            counts.well,
            counts.failed,
            counts.killed,
            counts.left_something,
            counts.repaired,
        );
    }
    assert!(total(|counts| counts.runs) > 0, "no fault was injected");
}
