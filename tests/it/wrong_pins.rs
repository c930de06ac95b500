//! Wrong PINs of the embedded token: each counts, also beside others, and after ten the PIN is locked.

use std::{
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use crate::support::{KMSCTL, TestEnv, token::embedded};

/// A world with a wrong PIN in `wrong`. That of the fixture is right.
fn world() -> TestEnv {
    let env = embedded();
    env.write("wrong", "not the PIN");
    env.write("data", "data");
    env
}

const LIST: [&str; 4] = ["key", "list", "--pin-file", "wrong"];

/// As many runs at once as are asked for, each with a wrong PIN, and whatever was said of the final try.
fn wrong(env: &TestEnv, count: usize) {
    let start = |_| -> Child {
        let mut command = env.command(KMSCTL, LIST.iter().chain(&["--use-final-try"]));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs")
    };
    let all: Vec<_> = (0..count).map(start).collect();
    for mut one in all {
        assert_eq!(one.wait().expect("ended").code(), Some(5));
    }
}

fn good(env: &TestEnv) -> crate::support::output::Output {
    env.run(["key", "list", "--use-final-try"])
}

#[test]
fn parallel_wrong_pins_are_counted_one_by_one() {
    let env = world();
    // Nine leave one, at each of many moments; a good PIN takes all of them back.
    for _ in 0..3 {
        wrong(&env, 9);
        env.run(["key", "list"]).fails(5).saying("one try is left");
        good(&env).success();
        env.run(["key", "list"]).success();
    }
    wrong(&env, 10);
    good(&env).fails(5).saying("locked");
}

#[test]
fn a_hundred_wrong_pins_lock_the_pin_and_the_so_unlocks_it() {
    let env = world();
    wrong(&env, 100);
    let locked = good(&env).fails(5).saying("locked");
    assert!(locked.stderr_text().contains("token unlock"), "{locked}");
    assert_eq!(env.run(["key", "list", "--json", "--use-final-try"]).exits(5).error()["code"], "PIN_LOCKED");
    env.write("new", "a new PIN");
    env.run("token unlock --so-pin-file so-pin --new-pin-file new".split(' ')).success();
    env.run("key list --pin-file new".split(' ')).success();
    wrong(&env, 9);
    env.run("key list --pin-file new --use-final-try".split(' ')).success();
}

#[test]
fn right_pins_beside_wrong_ones_are_accepted() {
    let env = world();
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
            scope.spawn(|| wrong(&env, 4));
        }
    });
    good(&env).success();
    wrong(&env, 9);
    env.run(["key", "list"]).fails(5).saying("one try is left");
}

#[test]
fn a_killed_run_takes_nothing_back() {
    let env = world();
    wrong(&env, 6);
    for millis in 0..20 {
        let mut command = env.command(KMSCTL, LIST);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
        thread::sleep(Duration::from_millis(millis * 3));
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    // At least the six are counted, and the lock is free.
    wrong(&env, 4);
    good(&env).fails(5).saying("locked");
}
