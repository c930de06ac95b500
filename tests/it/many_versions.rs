//! What is asked for one version of a key takes the same calls however often the key has been rotated: 24 versions cost what
//! six do, in `./dev test full` 600.

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    field, is_full, token,
};

token::on_both_tokens!(
    a_pair_costs_the_same,
    a_secret_key_costs_the_same,
    other_versions_are_still_found,
    namesakes_are_still_found,
    a_rotation_retires_a_version_that_was_not_read,
);

const FEW: usize = 6;

fn many() -> usize {
    if is_full() { 600 } else { 24 }
}

fn rotate(env: &TestEnv, label: &str, times: usize) {
    for _ in 0..times {
        env.run(["key", "rotate", "--label", label, "--quiet"]).success();
    }
}

/// The calls of each command. `{id}` is the CKA_ID of the version that signs and encrypts.
fn calls(env: &TestEnv, label: &str, lines: &[&str]) -> Vec<Vec<String>> {
    let calls_of = |line: &&str| {
        let key = env.run(["key", "show", "--label", label, "--json"]).success().json();
        let line = line.replace("{id}", field(&key, "ckaId"));
        watched(env).run(line.split(' ')).success();
        take_calls(env).into_iter().map(|call| call.function).collect()
    };
    lines.iter().map(calls_of).collect()
}

#[track_caller]
fn cost_the_same(env: &TestEnv, label: &str, lines: &[&str]) {
    let few = calls(env, label, lines);
    rotate(env, label, many() - FEW);
    for ((line, few), many) in lines.iter().zip(few).zip(calls(env, label, lines)) {
        assert_eq!(few, many, "{line}: {} calls, then {}", few.len(), many.len());
    }
}

fn a_pair_costs_the_same(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    rotate(env, "web", FEW - 1);
    let lines = [
        "sign --label web --in message --out signature",
        "sign --id {id} --in message",
        "verify --label web --in message --signature signature",
        "verify --id {id} --in message --signature signature",
        "jwt sign --label web --sub alice --ttl 15m",
        "jwt sign --id {id} --sub alice --ttl 15m",
        "key show --label web",
        "key show --id {id} --pem",
        "key rotate --label web",
        "key rotate --id {id}",
    ];
    cost_the_same(env, "web", &lines);
    env.run(["doctor"]).success();
}

fn a_secret_key_costs_the_same(env: &TestEnv) {
    env.run(["key", "create", "--label", "data", "--algorithm", "aes-256", "--convergent"]).success();
    env.write("message", "m");
    env.run("encrypt --label data --context c --in message --out old".split(' ')).success();
    rotate(env, "data", FEW - 1);
    let lines = [
        "encrypt --label data --context c --in message --out new",
        "encrypt --id {id} --context c --in message",
        "decrypt --context c --in new",
        "decrypt --context c --in old",
        "decrypt --label data --context c --in new",
        "decrypt --id {id} --context c --in new",
        "key show --label data",
        "key rotate --label data",
        "key rotate --id {id}",
    ];
    cost_the_same(env, "data", &lines);
    env.run(["doctor"]).success();
}

/// What an older version signed or encrypted is found without naming the version.
fn other_versions_are_still_found(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("data", "aes-256");
    env.write("message", "m");
    env.run("sign --label web --in message --out signature".split(' ')).success();
    env.run("sign --label web --in message --format jws --out jws".split(' ')).success();
    env.run("encrypt --label data --in message --out sealed".split(' ')).success();
    let token = env.run("jwt sign --label web --sub a --ttl 1h".split(' ')).success().line().to_owned();
    rotate(env, "web", FEW);
    rotate(env, "data", FEW);
    env.run("verify --label web --in message --signature signature".split(' ')).success();
    env.run("verify --label web --signature jws".split(' ')).success();
    env.run(["jwt", "verify", "--label", "web", &token]).success();
    env.run("verify --label web --key-version 1 --in message --signature signature".split(' ')).success();
    env.run("verify --label web --key-version 2 --in message --signature signature".split(' ')).exits(3);
    env.run("decrypt --label data --in sealed".split(' ')).success();
    env.run("key show --label web --key-version 99".split(' ')).fails(4).saying("7");
    let versions = env.run("key versions --label web --json".split(' ')).success().json();
    assert_eq!(versions.as_array().map(Vec::len), Some(FEW + 1));
    env.run("key disable --label web".split(' ')).success();
    env.run("sign --label web --in message".split(' ')).fails(7);
    let shown = env.run("key show --label web --json".split(' ')).success().json();
    assert_eq!(shown["isEnforcedByToken"], true);
}

/// Another key with the label, which takes the PIN to create, makes the name ambiguous.
fn namesakes_are_still_found(env: &TestEnv) {
    env.create("web", "ec-p256");
    rotate(env, "web", FEW);
    env.run(["sign", "--label", "web"]).success();
    let create = "key create --label web --algorithm aes-256 --allow-duplicate-label";
    env.run(create.split(' ')).success();
    for line in ["sign --label web", "key show --label web", "key rotate --label web"] {
        env.run(line.split(' ')).fails(4);
    }
}

fn a_rotation_retires_a_version_that_was_not_read(env: &TestEnv) {
    env.run("key create --label data --algorithm aes-256".split(' ')).success();
    env.run("key update --label data --keep 3".split(' ')).success();
    rotate(env, "data", FEW + 2);
    let versions = env.run("key versions --label data --json".split(' ')).success().json();
    let retired = versions.as_array().expect("an array").iter().filter(|one| one["status"] == "RETIRED");
    assert!(retired.count() >= FEW - 1, "{versions:#}");
    let said = format!("version {} is retired (`--keep 3`)", FEW + 1);
    env.run("key rotate --label data".split(' ')).success().saying(&said);
    env.run(["doctor"]).success();
}
