//! SoftHSM writes the file of an object anew when an attribute is set, even if another process has destroyed the object since
//! the call began. A command that brings an object of a destroyed key back so removes it again.

use std::fs::File;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    machine::{Stopped, on},
    output::Output,
    saved, token,
};

/// Locks that SoftHSM needs to set an attribute of an object that exists now, but not to destroy it.
fn hold_locks(env: &TestEnv) -> Vec<File> {
    let locks = saved::files(&env.path("softhsm"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "lock"));
    locks
        .map(|path| {
            let file = File::options().write(true).open(path).expect("a lock file");
            rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::LockExclusive).expect("a free lock");
            file
        })
        .collect()
}

fn objects(env: &TestEnv) -> usize {
    let files = saved::files(&env.path("softhsm"));
    files.iter().filter(|path| path.extension().is_some_and(|end| end == "object")).count()
}

/// The command stops within its first call that sets an attribute, while the other machine destroys what it changes. Returns how
/// many objects that left.
#[track_caller]
fn stopped_around(env: &TestEnv, line: &str, destruction: &str) -> (Output, usize) {
    let locks = hold_locks(env);
    let outer = Stopped::at_a_lock(env, &on(env, "one"), &line.split(' ').collect::<Vec<_>>());
    on(env, "two").run(destruction.split(' ')).success();
    let left = objects(env);
    drop(locks);
    let outer = outer.resume();
    env.run(["doctor"]).success();
    (outer, left)
}

#[track_caller]
fn nothing_is_brought_back(algorithms: &[&str], prepare: impl Fn(&TestEnv), line: &str) {
    for algorithm in algorithms {
        let env = &token::softhsm();
        let empty = objects(env);
        env.create("k", algorithm);
        prepare(env);
        let (outer, left) = stopped_around(env, line, "key delete --label k --yes");
        assert_eq!((left, objects(env)), (empty, empty), "{algorithm} {line}\n{outer}");
        outer.exits_any(if line.starts_with("doctor") { &[0] } else { &[4, 7] });
    }
}

/// The key stays, with its other versions.
#[track_caller]
fn no_version_is_brought_back(algorithms: &[&str], version: u32, prepare: &str, line: &str) {
    for algorithm in algorithms {
        let env = &token::softhsm();
        env.create("k", algorithm);
        for command in ["rotate", "rotate", prepare].iter().filter(|command| !command.is_empty()) {
            env.run(["key", command, "--label", "k"]).success();
        }
        let destruction = format!("key delete --label k --key-version {version} --yes");
        let (outer, left) = stopped_around(env, line, &destruction);
        let refused = line.contains("--key-version");
        let outer = outer.exits_any(if refused { &[4] } else { &[0] });
        assert_eq!(objects(env), left, "{algorithm} {line}\n{outer}");
        assert_eq!(env.keys().len(), 1, "{algorithm} {line}\n{outer}");
    }
}

#[test]
fn of_one_version() {
    no_version_is_brought_back(EACH, 1, "", "key revoke --label k --key-version 1");
    no_version_is_brought_back(EACH, 2, "", "key disable --label k --key-version 2");
    no_version_is_brought_back(EACH, 1, "", "key disable --label k");
    no_version_is_brought_back(EACH, 1, "disable", "key enable --label k");
    no_version_is_brought_back(EACH, 1, "", "key update --label k --rename other");
    no_version_is_brought_back(&["ec-p256"], 2, "", "key rotate --label k");
}

/// The run that brought it back was killed: the key is used as before, and a repair knows what it is.
#[test]
fn a_version_that_is_left_is_destroyed_by_a_repair() {
    for (algorithm, version) in [("ec-p256", 1), ("aes-256", 1), ("aes-256", 2)] {
        let env = &token::softhsm();
        env.create("k", algorithm);
        for _ in 0..2 {
            env.run("key rotate --label k".split(' ')).success();
        }
        let locks = hold_locks(env);
        let run = on(env, "one").with("KMSCTL_FAULT", "C_SetAttributeValue:1 kill-after");
        let version = version.to_string();
        let args = ["key", "disable", "--label", "k", "--key-version", &version];
        let outer = Stopped::at_a_lock(env, &run, &args);
        let destruction = ["key", "delete", "--label", "k", "--key-version", &version, "--yes"];
        on(env, "two").run(destruction).success();
        let left = objects(env);
        drop(locks);
        assert_eq!(outer.resume().status.code(), None);
        assert_eq!(objects(env), left + 1, "nothing was brought back");
        let work = if algorithm == "aes-256" { "encrypt" } else { "sign" };
        env.run_with_stdin("m", [work, "--label", "k"]).success();
        env.run(["doctor"]).exits(3).showing("brought this back");
        env.run(["doctor", "--repair"]).success();
        assert_eq!(objects(env), left, "{algorithm} {version}");
        env.run(["doctor"]).success();
    }
}

/// The connection is lost after a conflict: the error names the connection.
#[test]
fn a_lost_connection_is_no_destroyed_key() {
    let env = &token::softhsm();
    env.create("k", "ec-p256");
    let run = |memo: &str, fault: &str| {
        let locks = hold_locks(env);
        let run = on(env, "one").with("KMSCTL_FAULT", fault);
        let outer = Stopped::at_a_lock(env, &run, &["key", "disable", "--label", "k"]);
        env.run(["key", "update", "--label", "k", "--memo", memo]).success();
        drop(locks);
        outer.resume()
    };
    run("one", "C_Sign:99 fail-before 0x5").success();
    let calls = take_calls(env);
    let withdrawn = calls.iter().position(|call| call.function == "C_DestroyObject").expect("a conflict");
    let before = calls[..withdrawn].iter().filter(|call| call.function == "C_FindObjectsInit").count();
    env.run(["key", "enable", "--label", "k"]).success();
    let lost = run("two", &format!("C_FindObjectsInit:{} lose 0x32", before + 1));
    lost.fails(6).saying("CKR_DEVICE_REMOVED");
}

const EACH: &[&str] = &["ec-p256", "aes-256"];

fn after(line: &str) -> impl Fn(&TestEnv) {
    move |env| drop(env.run(line.split(' ')).success())
}

#[test]
fn by_a_disabling() {
    nothing_is_brought_back(EACH, |_| (), "key disable --label k");
}

#[test]
fn by_an_enabling() {
    nothing_is_brought_back(EACH, after("key disable --label k"), "key enable --label k");
}

#[test]
fn by_a_revocation() {
    nothing_is_brought_back(EACH, after("key rotate --label k"), "key revoke --label k");
}

#[test]
fn by_a_renaming() {
    nothing_is_brought_back(EACH, |_| (), "key update --label k --rename other");
}

/// An older secret key keeps its attributes.
#[test]
fn by_a_rotation() {
    nothing_is_brought_back(&["ec-p256"], |_| (), "key rotate --label k");
}

#[test]
fn by_a_promotion() {
    nothing_is_brought_back(EACH, after("key rotate --label k --stage"), "key promote --label k");
}

#[test]
fn by_a_repair() {
    let kill = |env: &TestEnv| {
        env.run("key disable --label k".split(' ')).success();
        let run = watched(env).with("KMSCTL_FAULT", "C_CreateObject:1 kill-before");
        assert_eq!(run.run("key enable --label k".split(' ')).status.code(), None);
    };
    nothing_is_brought_back(EACH, kill, "doctor --repair");
}
