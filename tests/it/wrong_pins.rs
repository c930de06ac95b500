//! Wrong PINs of the embedded token: each one counts, even in parallel, and after ten the PIN is locked.

use std::{
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use crate::support::{KMSCTL, TestEnv, token::embedded};

/// An environment with a wrong PIN in the file `wrong`; `KMSCTL_PIN_FILE` names the right one.
fn test_env() -> TestEnv {
    let env = embedded();
    env.write("wrong", "not the PIN");
    env.write("data", "data");
    env
}

const LIST: [&str; 4] = ["key", "list", "--pin-file", "wrong"];

/// Starts `count` parallel runs with a wrong PIN, which may use the final try.
fn run_with_wrong_pin(env: &TestEnv, count: usize) {
    let start = |_| -> Child {
        let mut command = env.command(KMSCTL, LIST.iter().chain(&["--use-final-try"]));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs")
    };
    let all: Vec<_> = (0..count).map(start).collect();
    for mut one in all {
        assert_eq!(one.wait().expect("ended").code(), Some(5));
    }
}

fn run_with_right_pin(env: &TestEnv) -> crate::support::output::Output {
    env.run(["key", "list", "--use-final-try"])
}

#[test]
fn parallel_wrong_pins_are_all_counted() {
    let env = test_env();
    // Nine wrong PINs leave one try; the right PIN resets the count.
    for _ in 0..3 {
        run_with_wrong_pin(&env, 9);
        env.run(["key", "list"]).fails(5).saying("one try is left");
        run_with_right_pin(&env).success();
        env.run(["key", "list"]).success();
    }
    run_with_wrong_pin(&env, 10);
    run_with_right_pin(&env).fails(5).saying("locked");
}

#[test]
fn a_hundred_wrong_pins_lock_the_pin_and_the_so_unlocks_it() {
    let env = test_env();
    run_with_wrong_pin(&env, 100);
    let locked = run_with_right_pin(&env).fails(5).saying("locked");
    assert!(locked.stderr_text().contains("token unlock"), "{locked}");
    assert_eq!(env.run(["key", "list", "--json", "--use-final-try"]).exits(5).error()["code"], "PIN_LOCKED");
    env.write("new", "a new PIN");
    env.run("token unlock --so-pin-file so-pin --new-pin-file new".split(' ')).success();
    env.run("key list --pin-file new".split(' ')).success();
    run_with_wrong_pin(&env, 9);
    env.run("key list --pin-file new --use-final-try".split(' ')).success();
}

#[test]
fn right_pins_are_accepted_in_parallel_with_wrong_ones() {
    let env = test_env();
    env.create("ec", "ec-p256");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    env.run("sign --label ec --in data --use-final-try".split(' ')).success();
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| run_with_wrong_pin(&env, 4));
        }
    });
    run_with_right_pin(&env).success();
    run_with_wrong_pin(&env, 9);
    env.run(["key", "list"]).fails(5).saying("one try is left");
}

#[test]
fn a_killed_run_does_not_reset_the_count() {
    let env = test_env();
    run_with_wrong_pin(&env, 6);
    for millis in 0..20 {
        let mut command = env.command(KMSCTL, LIST);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
        thread::sleep(Duration::from_millis(millis * 3));
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    // At least six tries were counted, and no killed run still holds the lock.
    run_with_wrong_pin(&env, 4);
    run_with_right_pin(&env).fails(5).saying("locked");
}

/// The login says why it failed; the state of the PIN would say the same.
#[test]
fn a_pin_that_is_wrong_or_locked_is_one_problem() {
    let env = embedded();
    let wrong = env.write("wrong", "not-the-pin");
    let with_wrong = || env.with("KMSCTL_PIN_FILE", wrong.clone());
    with_wrong().run(["doctor"]).exits(3).saying("1 problem found");
    for _ in 0..9 {
        with_wrong().run(["key", "list"]).fails(5);
    }
    assert!(env.run(["doctor"]).exits(3).saying("1 problem found").text().contains("one try is left"));
    with_wrong().run(["key", "list", "--use-final-try"]).fails(5);
    assert!(env.run(["doctor"]).exits(3).saying("1 problem found").text().contains("is locked"));
}
