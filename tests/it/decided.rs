//! What two machines, or a killed run and the next one, agree on: nightly jobs that meet, and objects that a killed rotation
//! left.

use crate::support::{
    DAY, START, TestEnv,
    fault::{sample, take_calls, watched},
    field, is_full,
    machine::{Stopped, on},
    oracle::pkcs11_tool,
    token,
};

token::on_both_tokens!(
    a_nightly_rotation_during_another_succeeds,
    a_nightly_purge_during_another_succeeds,
    a_repair_completes_a_killed_rotation,
    the_next_rotation_completes_a_killed_one,
    a_killed_deletion_is_completed,
    a_key_that_two_machines_unwrap_arrives_once,
    a_key_that_two_machines_import_under_two_labels_arrives_once,
    an_id_that_two_machines_ask_for_is_given_once,
    a_shared_id_does_not_select_a_key_to_delete,
);

/// A key that is due, and the calls of the job alone after its login.
fn due(env: &TestEnv, label: &str) {
    let create = "key create --algorithm ec-p256 --auto-rotate --rotation-period 1 --label";
    env.on_day(0, &format!("{create} {label}")).success();
}

fn on_next_day<'env>(env: &'env TestEnv, machine: &str) -> crate::support::Run<'env> {
    on(env, machine).with("KMSCTL_TEST_NOW", (START + DAY).to_string())
}

/// Runs a job on one machine, stopped before each of a sample of its calls, while the other runs the same job. Both succeed.
#[track_caller]
fn both_succeed(env: &TestEnv, line: &str, prepare: impl Fn(), check: impl Fn(&str)) {
    prepare();
    on_next_day(env, "one").run(line.split(' ')).success();
    check("alone");
    let calls = take_calls(env);
    let login = calls.iter().position(|call| call.function == "C_Login").expect("a login");
    for call in sample(&calls, login + 2) {
        prepare();
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        let args: Vec<_> = line.split(' ').collect();
        let run = on_next_day(env, "one").with("KMSCTL_FAULT", format!("{call} signal-before 19"));
        let stopped = Stopped::started(env, &run, &args);
        let inner = on_next_day(env, "two").run(args);
        let outer = stopped.resume();
        assert!(inner.status.success() && outer.status.success(), "{when}\n{inner}\n{outer}");
        check(&when);
    }
}

fn a_nightly_rotation_during_another_succeeds(env: &TestEnv) {
    let versions = || {
        let versions = env.run("key versions --label k --json".split(' ')).success().json();
        versions.as_array().expect("an array").len()
    };
    both_succeed(
        env,
        "key rotate --due",
        || {
            env.run("key delete --label k --yes".split(' ')).exits_any(&[0, 4]);
            due(env, "k");
        },
        |when| assert_eq!(versions(), 2, "{when}"),
    );
}

fn a_nightly_purge_during_another_succeeds(env: &TestEnv) {
    both_succeed(
        env,
        "key purge --due --yes --trust-clock",
        || {
            env.create("k", "ec-p256");
            env.on_day(0, "key revoke --label k --after 1").success();
        },
        |when| assert!(env.keys().is_empty(), "{when}"),
    );
}

/// The private and public halves of the key on the token.
fn count(env: &TestEnv) -> usize {
    let listed = pkcs11_tool(env, &["--list-objects"]);
    listed.text().lines().filter(|line| line.split_whitespace().eq(["label:", "k"])).count()
}

#[track_caller]
fn after_kills(env: &TestEnv, mend: impl Fn() -> usize) {
    due(env, "k");
    watched(env)
        .with("KMSCTL_TEST_NOW", (START + DAY).to_string())
        .run("key rotate --due".split(' '))
        .success();
    let calls = take_calls(env);
    let first = calls.iter().position(|call| call.function == "C_GenerateKeyPair").expect("a new version");
    for call in sample(&calls, first + 1) {
        env.delete("k");
        due(env, "k");
        let killed = on_next_day(env, "one")
            .with("KMSCTL_FAULT", format!("{call} kill-before"))
            .run("key rotate --due".split(' '));
        assert_eq!(killed.status.code(), None, "not killed\n{killed}");
        let before = count(env);
        let versions = mend();
        let when = format!("killed before call {call}, {:?}", calls[call - 1]);
        assert!(count(env) >= before, "{when}");
        let doctor = || env.with("KMSCTL_TEST_NOW", (START + DAY).to_string()).run(["doctor", "--json"]);
        assert_eq!(count(env), 2 * versions, "{when}");
        let clean = doctor();
        assert!(!clean.text().contains("STRAY_OBJECT"), "{when}\n{clean}");
    }
}

fn versions(env: &TestEnv) -> usize {
    let versions = env.run("key versions --label k --json".split(' ')).success().json();
    versions.as_array().expect("an array").len()
}

fn a_repair_completes_a_killed_rotation(env: &TestEnv) {
    after_kills(env, || {
        on_next_day(env, "one").run(["doctor", "--repair"]).exits_any(&[0, 3]);
        versions(env)
    });
}

fn the_next_rotation_completes_a_killed_one(env: &TestEnv) {
    after_kills(env, || {
        on_next_day(env, "one").run("key rotate --due".split(' ')).success();
        assert_eq!(versions(env), 2);
        2
    });
}

/// A deletion that was killed cannot be undone; each of these completes it.
fn a_killed_deletion_is_completed(env: &TestEnv) {
    for finish in [
        "key delete --label k --yes",
        "key purge --label k --yes",
        "key purge --due --yes",
        "doctor --repair",
    ] {
        env.create("k", "ec-p256");
        let killed = watched(env)
            .with("KMSCTL_FAULT", "C_DestroyObject:2 kill-before")
            .run("key delete --label k --yes".split(' '));
        assert_eq!(killed.status.code(), None, "not killed\n{killed}");
        for refused in ["key restore", "key enable", "key rotate", "key update --memo m", "key revoke"] {
            let line = format!("{refused} --label k");
            env.run(line.split(' ')).fails(7).saying("key delete --label k");
        }
        env.run(["doctor"]).exits(3).showing("its destruction was interrupted");
        env.run(finish.split(' ')).success();
        assert!(env.keys().is_empty(), "{finish}");
        env.run(["doctor"]).success();
    }
}

/// One machine unwraps a key with two versions, stopped before each of a sample of its calls, while the other unwraps it too.
fn a_key_that_two_machines_unwrap_arrives_once(env: &TestEnv) {
    env.write("data", "data");
    env.create("receiver", "rsa-2048");
    let public = env.run("key show --label receiver --pem".split(' ')).success();
    env.write("receiver.pem", public.text());
    for line in [
        "key create --label k --algorithm aes-256 --exportable",
        "key rotate --label k",
        "key wrap --label k --all-versions --wrapping-key receiver.pem --out wrapped",
        "encrypt --label k --in data --out sealed",
        "key delete --label k --yes",
    ] {
        env.run(line.split(' ')).success();
    }
    let before = count(env);
    for (line, loser) in [("key unwrap --in wrapped", 8), ("key unwrap --in wrapped --if-not-exists", 0)] {
        let args: Vec<_> = line.split(' ').collect();
        on(env, "one").run(&args).success();
        let calls = take_calls(env);
        let login = calls.iter().position(|call| call.function == "C_Login").expect("a login");
        let step = if is_full() { 1 } else { 8 };
        for call in sample(&calls, login + 2).into_iter().step_by(step) {
            env.delete("k");
            let stopped = Stopped::before_call(env, "one", call, &args);
            let inner = on(env, "two").run(&args);
            let outer = stopped.resume();
            let when = format!("{line}, before call {call}, {:?}\n{inner}\n{outer}", calls[call - 1]);
            let mut codes = [inner.status.code(), outer.status.code()];
            codes.sort_unstable();
            assert_eq!(codes, [Some(0), Some(loser)], "{when}");
            assert_eq!((versions(env), count(env)), (2, before + 2), "{when}");
            assert_eq!(env.run("decrypt --in sealed".split(' ')).success().text(), "data", "{when}");
            env.run("encrypt --label k --in data --out again".split(' ')).success();
        }
        env.run(["doctor"]).success();
        env.delete("k");
    }
}

/// One machine runs a command, stopped before each of a sample of its calls, while the other runs one that takes the same.
#[track_caller]
fn one_arrives(env: &TestEnv, outer: &[&str], inner: &[&str]) {
    let delete_all = || env.labels().iter().for_each(|label| env.delete(label));
    delete_all();
    on(env, "one").run(outer).success();
    let calls = take_calls(env);
    let login = calls.iter().position(|call| call.function == "C_Login").expect("a login");
    for call in sample(&calls, login + 2).into_iter().step_by(if is_full() { 1 } else { 5 }) {
        delete_all();
        let stopped = Stopped::before_call(env, "one", call, outer);
        let inner = on(env, "two").run(inner);
        let outer = stopped.resume();
        let when = format!("before call {call}, {:?}\n{inner}\n{outer}", calls[call - 1]);
        let mut codes = [inner.status.code(), outer.status.code()];
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(8)], "{when}");
        let listed = pkcs11_tool(env, &["--list-objects", "--type", "privkey"]);
        let private = listed.text().lines().filter(|line| line.trim_start().starts_with("label:")).count();
        assert_eq!((env.labels().len(), private), (1, 1), "{when}");
        if is_full() {
            env.run(["doctor"]).success();
        }
    }
    env.run(["doctor"]).success();
}

fn a_key_that_two_machines_import_under_two_labels_arrives_once(env: &TestEnv) {
    env.write("key.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    let import = |label| ["key", "import", "--label", label, "--in", "key.pem"];
    one_arrives(env, &import("a"), &import("b"));
    one_arrives(env, &import("a"), &import("a"));
}

fn an_id_that_two_machines_ask_for_is_given_once(env: &TestEnv) {
    let create = |label| ["key", "create", "--algorithm", "ec-p256", "--id", "beef", "--label", label];
    one_arrives(env, &create("a"), &create("b"));
}

/// Another key has the CKA_ID of a key with a record. Neither is destroyed by that CKA_ID; by its label, only the one with
/// the record is.
fn a_shared_id_does_not_select_a_key_to_delete(env: &TestEnv) {
    let id = field(&env.create("k", "ec-p256"), "ckaId").to_owned();
    pkcs11_tool(env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "k", "--id", &id]);
    let before = count(env);
    let delete = ["key", "delete", "--id", &id, "--yes", "--json"];
    let refused = env.run(delete).fails(4);
    assert_eq!(field(&refused.error(), "code"), "KEY_AMBIGUOUS");
    assert_eq!(count(env), before);
    let report = env.run(["doctor", "--json"]).exits(3);
    assert!(
        report.text().contains("SHARED_ID") && !report.text().contains(&format!("--id {id}")),
        "{report}"
    );
    env.run("key delete --label k --yes".split(' ')).success();
    assert_eq!(count(env), before - 2);
    env.run(delete).success();
    assert_eq!(count(env), before - 4);
}
