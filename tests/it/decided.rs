//! What two machines, or a killed run and the next one, agree on: nightly jobs that meet, and objects that a killed rotation
//! left.

use std::cell::Cell;

use crate::support::{
    DAY, START, TestEnv,
    fault::{Call, sample, take_calls, watched},
    field, is_full,
    machine::{Within, on},
    oracle::pkcs11_tool,
    token,
};

token::on_both_tokens!(
    a_nightly_rotation_during_another_succeeds,
    a_nightly_purge_during_another_succeeds,
    a_killed_rotation_is_completed_by_two_at_once,
    a_repair_completes_a_killed_rotation,
    the_next_rotation_completes_a_killed_one,
    a_killed_deletion_is_completed,
    a_key_that_two_machines_unwrap_arrives_once,
    a_key_that_two_machines_import_under_two_labels_arrives_once,
    an_id_that_two_machines_ask_for_is_given_once,
    a_shared_id_does_not_select_a_key_to_delete,
    a_purge_within_a_revocation_is_a_purge_after_it,
);

/// A key that is due, and the calls of the job alone after its login.
fn due(env: &TestEnv, label: &str) {
    let create = "key create --algorithm ec-p256 --auto-rotate --rotation-period 1 --label";
    env.on_day(0, &format!("{create} {label}")).success();
}

fn on_next_day<'env>(env: &'env TestEnv, machine: &str) -> crate::support::Run<'env> {
    on(env, machine).with("KMSCTL_TEST_NOW", (START + DAY).to_string())
}

/// A job on one machine during the same job on the other. Both succeed.
#[track_caller]
fn both_succeed(env: &TestEnv, line: &'static str, prepare: impl Fn(), check: impl Fn(&str)) {
    let tomorrow = (START + DAY).to_string();
    Within::new(env, line, line).with("KMSCTL_TEST_NOW", tomorrow).run(
        |_| prepare(),
        |ended| {
            assert_eq!(ended.codes(), [Some(0); 2], "{}", ended.when());
            check(&ended.when());
        },
    );
}

fn a_nightly_rotation_during_another_succeeds(env: &TestEnv) {
    both_succeed(
        env,
        "key rotate --due",
        || {
            destroy(env, "k");
            due(env, "k");
        },
        |when| assert_eq!(versions(env), 2, "{when}"),
    );
}

fn a_killed_rotation_is_completed_by_two_at_once(env: &TestEnv) {
    both_succeed(
        env,
        "key rotate --due",
        || {
            destroy(env, "k");
            let create = "key create --algorithm aes-256 --auto-rotate --rotation-period 1 --label k";
            env.on_day(0, create).success();
            let run = on_next_day(env, "one").with("KMSCTL_FAULT", "C_CreateObject:1 kill-before");
            assert_eq!(run.run("key rotate --due".split(' ')).status.code(), None, "not killed");
            take_calls(env);
        },
        |when| assert_eq!(versions(env), 2, "{when}"),
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
        Within::new(env, line, line).at_one_in(8).run(
            |_| destroy(env, "k"),
            |ended| {
                let when = ended.when();
                assert_eq!(ended.codes(), [Some(0), Some(loser)], "{when}");
                assert_eq!((versions(env), count(env)), (2, before + 2), "{when}");
                assert_eq!(env.run("decrypt --in sealed".split(' ')).success().text(), "data", "{when}");
                env.run("encrypt --label k --in data --out again".split(' ')).success();
            },
        );
        env.run(["doctor"]).success();
        env.delete("k");
    }
}

fn destroy(env: &TestEnv, label: &str) {
    env.run(["key", "delete", "--label", label, "--yes"]).exits_any(&[0, 4]);
}

/// Two commands that take the same at once.
#[track_caller]
fn one_arrives(env: &TestEnv, inner: &'static str, outer: &'static str) {
    Within::new(env, inner, outer).at_one_in(5).run(
        |_| env.labels().iter().for_each(|label| env.delete(label)),
        |ended| {
            let when = ended.when();
            assert_eq!(ended.codes(), [Some(0), Some(8)], "{when}");
            let listed = pkcs11_tool(env, &["--list-objects", "--type", "privkey"]);
            let private = listed.text().lines().filter(|line| line.trim_start().starts_with("label:"));
            assert_eq!((env.labels().len(), private.count()), (1, 1), "{when}");
            if is_full() {
                env.run(["doctor"]).success();
            }
        },
    );
    env.run(["doctor"]).success();
}

fn a_key_that_two_machines_import_under_two_labels_arrives_once(env: &TestEnv) {
    let [one, other] = ["key import --label a --in key.pem", "key import --label b --in key.pem"];
    env.write("key.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    one_arrives(env, other, one);
    one_arrives(env, one, one);
}

fn an_id_that_two_machines_ask_for_is_given_once(env: &TestEnv) {
    let [one, other] = [
        "key create --algorithm ec-p256 --id beef --label a",
        "key create --algorithm ec-p256 --id beef --label b",
    ];
    one_arrives(env, other, one);
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

/// Only the revocation lets the other machine purge the key: it took effect, although nothing of it is left.
fn a_purge_within_a_revocation_is_a_purge_after_it(env: &TestEnv) {
    let recorded = |calls: &[Call]| {
        calls.iter().position(|call| call.function == "C_CreateObject").expect("a record") + 1
    };
    let purged = Cell::new(0);
    let create = |_: &str| {
        destroy(env, "k");
        drop(env.create("k", "ec-p256"));
    };
    Within::new(env, "key purge --label k --yes", "key revoke --label k").from(recorded).run(
        create,
        |ended| {
            let is_purged = ended.inner.status.success();
            assert!(ended.outer.status.success(), "{}", ended.when());
            assert_eq!(env.keys().is_empty(), is_purged, "{}", ended.when());
            purged.set(purged.get() + usize::from(is_purged));
        },
    );
    assert!(purged.get() > 1, "{purged:?}");
}
