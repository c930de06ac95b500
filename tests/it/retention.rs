//! `key update --keep`, and the deletion of single versions.

use serde_json::Value;

use crate::support::{
    TestEnv,
    fault::{sample, take_calls, watched},
    field,
    oracle::pkcs11_tool,
    token,
};

token::on_both_tokens!(
    versions_that_only_sign_are_destroyed_after_the_wait,
    versions_that_decrypt_are_never_destroyed,
    one_older_version_is_deleted,
    a_deleted_version_takes_no_other_key_with_it,
    one_older_version_is_revoked_restored_and_purged,
    the_id_of_an_older_version_does_not_delete_the_key,
    a_version_may_be_deleted_again_after_a_kill,
);

/// The versions of a key, newest first, each by the first letter of its state; `T` is retired.
fn states(env: &TestEnv, label: &str) -> String {
    let versions = env.run(["key", "versions", "--label", label, "--json"]).success().json();
    let letter = |one: &Value| match field(one, "status") {
        "RETIRED" => "T".to_owned(),
        status => status[..1].to_owned(),
    };
    versions.as_array().expect("a list").iter().map(letter).collect()
}

fn published(env: &TestEnv, label: &str) -> usize {
    let set = env.run(["jwks", "--label", label]).success().json();
    set["keys"].as_array().expect("a list").len()
}

fn versions_that_only_sign_are_destroyed_after_the_wait(env: &TestEnv) {
    env.write("message", "m");
    env.on_day(0, "key create --label k --algorithm ec-p256").success();
    for bad in ["0", "1001", "some"] {
        env.on_day(0, &format!("key update --label k --keep {bad}")).fails(2);
    }
    let updated = env.on_day(0, "key update --label k --keep 2 --json").success().json();
    assert_eq!((&updated["keep"], &updated["changed"]), (&2.into(), &true.into()));
    env.on_day(0, "sign --label k --in message --out first.sig").success();
    env.on_day(0, "key rotate --label k").success();
    assert_eq!(states(env, "k"), "EE");
    env.on_day(0, "key rotate --label k").success().saying("version 1 is revoked (`--keep 2`)");
    assert_eq!((states(env, "k").as_str(), published(env, "k")), ("EER", 2));
    env.on_day(0, "verify --label k --key-version 1 --signature first.sig --in message").fails(7);
    env.on_day(0, "key list").success();
    env.on_day(2, "key purge --due --yes").success();
    assert_eq!(states(env, "k"), "EER");
    let planned = env.on_day(3, "key purge --due --dry-run --json").success().json();
    assert_eq!((&planned[0]["version"], &planned[0]["changed"]), (&1.into(), &false.into()));
    env.on_day(3, "doctor").exits(3).showing("its version 1 should have been destroyed");
    let purged = env.on_day(3, "key purge --due --yes --json").success().json();
    assert_eq!((&purged[0]["version"], &purged[0]["changed"]), (&1.into(), &true.into()));
    assert_eq!(states(env, "k"), "EE");
    env.on_day(3, "doctor").success();
    env.on_day(3, "sign --label k --in message").success();
    env.on_day(3, "key purge --due --yes").success().saying("no keys are due");
    // A staged version replaces none before its promotion.
    env.on_day(4, "key rotate --label k --stage").success();
    assert_eq!(states(env, "k"), "SEE");
    env.on_day(4, "key promote --label k").success();
    assert_eq!(states(env, "k"), "EER");
    env.on_day(4, "key update --label k --keep all").success();
    env.on_day(4, "key rotate --label k").success();
    assert_eq!(states(env, "k"), "EEER");
}

fn versions_that_decrypt_are_never_destroyed(env: &TestEnv) {
    env.write("message", "m");
    for algorithm in ["aes-256", "rsa-2048"] {
        env.on_day(0, &format!("key create --label k --algorithm {algorithm}")).success();
        env.on_day(0, "key update --label k --keep 1").success();
        env.on_day(0, "encrypt --label k --in message --out sealed").success();
        env.on_day(0, "key rotate --label k").success();
        assert_eq!(states(env, "k"), "ET");
        let shown = env.on_day(0, "key show --label k --key-version 1").success();
        assert!(!shown.text().contains("encrypt,"), "{shown}");
        env.on_day(0, "encrypt --label k --key-version 1 --in message")
            .fails(7)
            .saying("key versions --label k");
        env.on_day(99, "key purge --due --yes").success();
        assert_eq!(env.on_day(99, "decrypt --in sealed").success().text(), "m");
        env.on_day(99, "encrypt --label k --key-version 1 --in message").fails(7);
        let versions = env.on_day(99, "key versions --label k --json").success().json();
        let uses = versions[1]["usage"].as_array().expect("a list");
        assert!(!uses.contains(&"encrypt".into()) && uses.contains(&"decrypt".into()), "{uses:?}");
        if algorithm == "rsa-2048" {
            assert_eq!(published(env, "k"), 1);
        }
        env.on_day(99, "doctor").success();
        env.on_day(99, "key enable --label k --key-version 1").success();
        assert_eq!(states(env, "k"), "EE");
        env.on_day(99, "key delete --label k --yes").success();
    }
}

fn one_older_version_is_deleted(env: &TestEnv) {
    for (algorithm, options) in [("ec-p256", ""), ("aes-256", " --convergent")] {
        env.run(format!("key create --label k --algorithm {algorithm}{options}").split(' ')).success();
        env.create("other", algorithm);
        env.run("key delete --label k --key-version 1 --yes".split(' '))
            .fails(7)
            .saying("key rotate --label k");
        env.run("key rotate --label k".split(' ')).success();
        env.run("key rotate --label k".split(' ')).success();
        for line in ["key delete --label k --key-version 3 --yes", "key revoke --label k --key-version 3"] {
            env.run(line.split(' ')).fails(7).saying("newest");
        }
        env.run("key delete --label k --key-version 9 --yes".split(' ')).fails(4);
        env.run("key delete --label k --key-version 1".split(' ')).fails(2).saying("--yes");
        let deleted =
            env.run("key delete --label k --key-version 1 --yes --json".split(' ')).success().json();
        assert_eq!((&deleted["version"], &deleted["changed"]), (&1.into(), &true.into()));
        assert_eq!(deleted["destroyed"].as_array().map(Vec::len), Some(2));
        assert_eq!(states(env, "k"), "EE");
        env.run("key delete --label k --key-version 1 --yes".split(' ')).fails(4);
        env.run(["doctor"]).success();
        // Its number is not given again, and the key is found by its record.
        env.run("key rotate --label k".split(' ')).success();
        let key = env.run("key show --label k --json".split(' ')).success().json();
        assert_eq!(key["version"], 4);
        env.run("key update --label k --rename moved".split(' ')).success();
        env.run("key delete --label moved --yes".split(' ')).success();
        env.run("key delete --label other --yes".split(' ')).success();
        assert_eq!(env.run("key list --all --json".split(' ')).success().json(), Value::Array(Vec::new()));
    }
}

/// A key of another program that has the CKA_ID of a version is not destroyed with it.
fn a_deleted_version_takes_no_other_key_with_it(env: &TestEnv) {
    let pair = |label| {
        pkcs11_tool(env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", label, "--id", "01"]);
    };
    pair("k");
    env.run("key update --label k --memo recorded".split(' ')).success();
    pair("other");
    env.run("key rotate --label k".split(' ')).success();
    env.run("key delete --label k --key-version 1 --yes".split(' ')).success();
    assert_eq!(states(env, "k"), "E");
    env.write("message", "m");
    env.run("sign --label other --in message".split(' ')).success();
}

fn one_older_version_is_revoked_restored_and_purged(env: &TestEnv) {
    env.on_day(0, "key create --label k --algorithm ec-p256").success();
    env.on_day(0, "key rotate --label k").success();
    let revoked = env.on_day(0, "key revoke --label k --key-version 1 --after 10 --json").success().json();
    assert_eq!((field(&revoked, "status"), &revoked["changed"]), ("REVOKE", &true.into()));
    assert!(revoked["deletionDate"].is_u64());
    let again = env.on_day(1, "key revoke --label k --key-version 1 --json").success().json();
    assert_eq!((&again["changed"], &again["deletionDate"]), (&false.into(), &revoked["deletionDate"]));
    env.on_day(1, "key enable --label k --key-version 1")
        .fails(7)
        .saying("key restore --key-version 1 --label k");
    assert_eq!(published(env, "k"), 1);
    env.on_day(1, "key restore --label k --key-version 1").success();
    assert_eq!(states(env, "k"), "ED");
    env.on_day(1, "key enable --label k --key-version 1").success();
    env.on_day(1, "key restore --label k --key-version 1").fails(7).saying("not revoked");
    env.on_day(1, "key revoke --label k --key-version 1 --after 1").success();
    // A disabled key keeps its dates; a revoked one is destroyed with its versions.
    env.on_day(1, "key disable --label k").success();
    env.on_day(2, "key purge --due --yes").success();
    env.on_day(2, "key enable --label k").success();
    assert_eq!(states(env, "k"), "E");
    env.on_day(2, "doctor").success();
}

fn the_id_of_an_older_version_does_not_delete_the_key(env: &TestEnv) {
    let first = field(&env.create("k", "ec-p256"), "ckaId").to_owned();
    env.run("key rotate --label k".split(' ')).success();
    for line in ["key delete --yes --id", "key revoke --id"] {
        env.run([line, &first].join(" ").split(' ')).fails(2).saying("--key-version 1");
    }
    assert_eq!(states(env, "k"), "EE");
    env.run(["key", "delete", "--yes", "--id", &first, "--key-version", "1"]).success();
    assert_eq!(states(env, "k"), "E");
}

/// Whichever call is the last, the key works, and the same command finishes.
fn a_version_may_be_deleted_again_after_a_kill(env: &TestEnv) {
    const DELETE: &str = "key delete --label k --key-version 1 --yes";
    let prepared = || {
        env.create("k", "ec-p256");
        env.run("key rotate --label k".split(' ')).success();
    };
    env.write("message", "m");
    prepared();
    watched(env).run(DELETE.split(' ')).success();
    let calls = take_calls(env);
    env.run("key delete --label k --yes".split(' ')).success();
    let start = calls.iter().position(|call| call.function == "C_CreateObject").expect("a record");
    for call in sample(&calls, start + 1) {
        prepared();
        let killed_after = &calls[call - 1];
        let fault = format!("{call} kill-after");
        let killed = watched(env).with("KMSCTL_FAULT", &fault).run(DELETE.split(' '));
        assert!(matches!(killed.status.code(), None | Some(0)), "{killed}");
        take_calls(env);
        env.run("sign --label k --in message".split(' ')).success();
        env.run("key restore --label k --key-version 1".split(' ')).exits_any(&[4, 7]);
        env.run(DELETE.split(' ')).exits_any(&[0, 4]);
        assert_eq!(states(env, "k"), "E", "killed after {killed_after:?}");
        env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
        env.run(["doctor"]).success();
        env.run("key delete --label k --yes".split(' ')).success();
        assert!(env.keys().is_empty(), "killed after {killed_after:?}");
    }
}
