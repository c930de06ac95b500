//! Rotation in two steps: a version is published, and signs and encrypts once it is promoted.

use serde_json::Value;

use crate::support::{DAY, START, TestEnv, field, jose::Judge, token};

token::on_both_tokens!(
    a_staged_version_is_published_and_neither_signs_nor_encrypts,
    a_staged_version_can_be_given_up,
    a_schedule_stages_and_promotes,
    states_of_the_key_cover_a_staged_version,
    an_issuer_loses_no_verifier,
    the_token_enforces_a_staged_version,
);

fn line(env: &TestEnv, line: &str) -> Value {
    env.run(line.split(' ')).success().json()
}

/// The versions of a key, newest first: number and state.
fn versions(env: &TestEnv, label: &str) -> Vec<(u64, String)> {
    let versions = line(env, &format!("key versions --label {label} --json"));
    let version = |one: &Value| (one["version"].as_u64().expect("a number"), field(one, "status").to_owned());
    versions.as_array().expect("a list").iter().map(version).collect()
}

fn states(pairs: &[(u64, &str)]) -> Vec<(u64, String)> {
    pairs.iter().map(|(number, state)| (*number, (*state).to_owned())).collect()
}

fn a_staged_version_is_published_and_neither_signs_nor_encrypts(env: &TestEnv) {
    env.write("message", "m");
    for algorithm in ["ec-p256", "rsa-2048", "aes-256"] {
        env.create("k", algorithm);
        let planned = line(env, "key rotate --label k --stage --dry-run --json");
        assert_eq!((&planned[0]["step"], &planned[0]["version"]), (&"stage".into(), &2.into()));
        assert_eq!(versions(env, "k").len(), 1, "a dry run");
        let staged = line(env, "key rotate --label k --stage --json");
        assert_eq!((field(&staged, "status"), &staged["version"]), ("STAGED", &2.into()));
        assert_eq!(staged["changed"], true);
        assert_eq!(versions(env, "k"), states(&[(2, "STAGED"), (1, "ENABLE")]));
        let key = &env.keys()[0];
        assert_eq!(
            (&key["version"], &key["stagedVersion"], field(key, "status")),
            (&1.into(), &2.into(), "ENABLE")
        );
        env.run("key list".split(' ')).success().showing("version 2 staged");
        assert_eq!(line(env, "key list --status staged --json").as_array().map(Vec::len), Some(1));
        for refused in
            ["key rotate --label k", "key rotate --label k --stage", "key rotate --label k --dry-run"]
        {
            let error = env.run([refused, "--json"].join(" ").split(' ')).fails(7).error();
            assert_eq!(field(&error, "code"), "KEY_STATE");
            assert!(field(&error, "hint").contains("key promote --label k"), "{error}");
        }
        if algorithm != "aes-256" {
            env.run("sign --label k --in message --out sig".split(' ')).success();
            env.run("verify --label k --key-version 1 --signature sig --in message".split(' ')).success();
            let set = line(env, "jwks --label k");
            assert_eq!(set["keys"].as_array().map(Vec::len), Some(2));
            env.run("sign --label k --key-version 2 --in message".split(' ')).fails(7).saying("key promote");
        }
        if algorithm != "ec-p256" {
            let sealed = env.run("encrypt --label k --in message".split(' ')).success().text().to_owned();
            assert!(sealed.starts_with("kms:v1:"), "{sealed}");
            env.run("encrypt --label k --key-version 2 --in message".split(' '))
                .fails(7)
                .saying("key promote");
        }
        env.run(["doctor"]).success();
        let promoted = line(env, "key promote --label k --json");
        assert_eq!((&promoted["version"], &promoted["changed"]), (&2.into(), &true.into()));
        assert_eq!(promoted["stagedVersion"], Value::Null);
        assert_eq!(versions(env, "k"), states(&[(2, "ENABLE"), (1, "ENABLE")]));
        if algorithm != "aes-256" {
            env.run("sign --label k --in message --out second".split(' ')).success();
            env.run("verify --label k --key-version 2 --signature second --in message".split(' ')).success();
            env.run("verify --label k --signature sig --in message".split(' ')).success();
            env.run("sign --label k --key-version 1 --in message".split(' ')).fails(7);
        }
        if algorithm != "ec-p256" {
            let sealed = env.run("encrypt --label k --in message".split(' ')).success().text().to_owned();
            assert!(sealed.starts_with("kms:v2:"), "{sealed}");
        }
        let error = env.run("key promote --label k --json".split(' ')).fails(7).error();
        assert!(field(&error, "hint").contains("key rotate --stage --label k"), "{error}");
        env.run(["doctor"]).success();
        env.run("key rotate --label k".split(' ')).success();
        env.run("key delete --label k --yes".split(' ')).success();
    }
    assert!(env.keys().is_empty());
}

fn a_staged_version_can_be_given_up(env: &TestEnv) {
    env.write("message", "m");
    env.create("k", "ec-p256");
    env.run("key rotate --label k --stage".split(' ')).success();
    env.run("sign --label k --key-version 9 --in message".split(' ')).fails(4).saying("the newest is 2");
    env.run("key disable --label k --key-version 9".split(' ')).fails(4).saying("the newest is 2");
    env.run("key disable --label k --key-version 1".split(' '))
        .fails(7)
        .saying("version 1 is the newest enabled version of key \"k\" and cannot be disabled alone")
        .saying("key promote --label k");
    env.run("key disable --label k --key-version 2".split(' ')).success();
    env.run("sign --label k --in message --out sig".split(' ')).success();
    env.run("verify --label k --key-version 1 --signature sig --in message".split(' ')).success();
    assert_eq!(line(env, "jwks --label k")["keys"].as_array().map(Vec::len), Some(1));
    env.run("key enable --label k --key-version 2".split(' ')).success();
    assert_eq!(versions(env, "k")[0], (2, "STAGED".to_owned()), "enabling promotes nothing");
    env.run("key delete --label k --key-version 2 --yes".split(' ')).success();
    assert_eq!(versions(env, "k"), states(&[(1, "ENABLE")]));
    env.run("key rotate --label k --stage".split(' ')).success();
    env.run("key promote --label k".split(' ')).success();
    env.run("sign --label k --in message".split(' ')).success();
    env.run(["doctor"]).success();
}

fn a_schedule_stages_and_promotes(env: &TestEnv) {
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 30").success();
    env.on_day(0, "key update --label k --stage-days 30").fails(2).saying("30 days");
    let updated = env.on_day(0, "key update --label k --stage-days 5 --json").success().json();
    assert_eq!((&updated["stageDays"], &updated["stagingDate"]), (&5.into(), &(START + 25 * DAY).into()));
    assert_eq!(
        env.on_day(0, "key update --label k --stage-days 5 --json").success().json()["changed"],
        false
    );
    let due = |day| env.on_day(day, "key rotate --due --json").success().json();
    let check = |day, code| drop(env.on_day(day, "key rotate --due --check").exits(code));
    check(24, 0);
    check(25, 3);
    env.on_day(25, "key rotate --due --dry-run").success().showing("stage");
    assert_eq!((field(&due(25)[0], "step"), versions(env, "k").len()), ("stage", 2));
    assert_eq!(env.keys()[0]["promotionDate"], START + 30 * DAY);
    assert_eq!(due(26), Value::Array(Vec::new()));
    check(29, 0);
    check(30, 3);
    let planned = env.on_day(30, "key rotate --due --dry-run --json").success().json();
    assert_eq!((field(&planned[0], "step"), &planned[0]["version"]), ("promote", &2.into()));
    env.on_day(30, "doctor").exits(3).showing("the promotion of the staged version was due");
    let promoted = due(30);
    assert_eq!((field(&promoted[0], "step"), &promoted[0]["version"]), ("promote", &2.into()));
    assert_eq!(promoted[0]["nextRotationDate"], START + 60 * DAY);
    assert_eq!(due(30), Value::Array(Vec::new()));
    // Late: verifiers get their five days all the same.
    assert_eq!(field(&due(70)[0], "step"), "stage");
    check(74, 0);
    assert_eq!(field(&due(75)[0], "step"), "promote");
    env.on_day(75, "doctor").success();
    env.on_day(76, "key update --label k --auto-rotate off").success();
    env.on_day(76, "key update --label k --stage-days 5").fails(2).saying("--auto-rotate on");
}

fn states_of_the_key_cover_a_staged_version(env: &TestEnv) {
    env.write("message", "m");
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 10").success();
    env.on_day(0, "key rotate --label k --stage").success();
    env.on_day(1, "key disable --label k").success();
    assert_eq!(versions(env, "k"), states(&[(2, "DISABLE"), (1, "DISABLE")]));
    env.on_day(1, "key promote --label k").fails(7);
    env.on_day(1, "doctor").success();
    // The schedule goes on, as for a rotation at once, and the key stays disabled.
    env.on_day(10, "key rotate --due").success();
    env.on_day(10, "sign --label k --in message").fails(7);
    env.on_day(10, "key enable --label k").success();
    assert_eq!(versions(env, "k"), states(&[(2, "ENABLE"), (1, "ENABLE")]));
    env.on_day(10, "key rotate --label k --stage").success();
    env.on_day(10, "key revoke --label k").success();
    env.on_day(10, "key promote --label k").fails(7);
    env.on_day(10, "key restore --label k").success();
    env.on_day(10, "key enable --label k").success();
    assert_eq!(versions(env, "k")[0], (3, "STAGED".to_owned()));
    env.on_day(10, "doctor").success();
    env.on_day(10, "key delete --label k --yes").success();
    assert!(env.keys().is_empty());
}

/// A verifier fetches the set once a day. With a day between publication and first use it knows every key in time.
fn an_issuer_loses_no_verifier(env: &TestEnv) {
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 4").success();
    env.on_day(0, "key update --label k --stage-days 1").success();
    let mut issued: Vec<(u64, String)> = Vec::new();
    for day in 0..10 {
        // The verifier's set is from before tonight's job.
        env.run("jwks --label k --out cached.json".split(' ')).success();
        env.on_day(day, "key rotate --due").success();
        let token = env.run("jwt sign --label k --ttl 1h --claim n=1".split(' ')).success().line().to_owned();
        issued.push((day, token));
        for (of, token) in &issued {
            Judge::PyJwt.verify(env, "cached.json", token, "ES256").success();
            assert!(*of <= day);
        }
    }
    assert_eq!(versions(env, "k").len(), 3, "two rotations");
}

/// Other programs meet the same limits.
fn the_token_enforces_a_staged_version(env: &TestEnv) {
    env.create("k", "rsa-2048");
    env.run("key rotate --label k --stage".split(' ')).success();
    let usage = |number: usize| {
        let versions = line(env, "key versions --label k --json");
        versions[2 - number]["usage"].as_array().expect("a list").clone()
    };
    assert_eq!(usage(2), ["verify", "decrypt"]);
    assert_eq!(usage(1), ["sign", "verify", "encrypt", "decrypt"]);
    env.run("key promote --label k".split(' ')).success();
    assert_eq!(usage(2), ["sign", "verify", "encrypt", "decrypt"]);
    assert_eq!(usage(1), ["verify", "encrypt", "decrypt"]);
}
