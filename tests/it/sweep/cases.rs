//! The commands that write, each with its setup.

use serde_json::Value;

use super::{Case, LABEL, NEW_LABEL, sweep};
use crate::support::{TestEnv, oracle, path_text, token};

token::on_both_tokens!(
    create,
    convergent,
    import,
    unwrap,
    unwrap_all,
    rotate,
    disable,
    enable,
    revoke,
    restore,
    update,
    rename,
    delete,
    purge,
    stage,
    promote,
    retire,
    delete_version,
    revoke_version,
);

fn has(name: &str, value: &str) -> impl Fn(Option<&Value>) -> bool {
    move |key| key.is_some_and(|key| key[name] == value)
}

/// A new key is complete once it has its record: only the record holds the registration date.
fn is_recorded(key: Option<&Value>) -> bool {
    key.is_some_and(|key| key["registerDate"].is_u64())
}

fn create(env: &TestEnv) {
    let args = &["key", "create", "--label", LABEL, "--algorithm", "ec-p256"];
    sweep(env, &Case { name: "create", args, is_done: is_recorded, keeps: false, again: 8 });
}

/// A convergent key is two objects and a record, all of them required.
fn convergent(env: &TestEnv) {
    let args = &["key", "create", "--label", LABEL, "--algorithm", "aes-256", "--convergent"];
    sweep(env, &Case { name: "create --convergent", args, is_done: is_recorded, keeps: false, again: 8 });
}

fn import(env: &TestEnv) {
    let file = env.file("import.key");
    let generate = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"];
    oracle::tool(env, "openssl", &[&generate[..], &[path_text(&file)]].concat());
    let args = &["key", "import", "--label", LABEL, "--in", "import.key"];
    sweep(env, &Case { name: "import", args, is_done: is_recorded, keeps: false, again: 8 });
}

fn unwrap(env: &TestEnv) {
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    env.run(["key", "create", "--label", LABEL, "--algorithm", "ec-p256", "--exportable"]).success();
    env.run(["key", "wrap", "--label", LABEL, "--wrapping-key", "receiver.pem", "--out", "wrapped"])
        .success();
    env.run(["key", "delete", "--label", LABEL, "--yes"]).success();
    let args = &["key", "unwrap", "--in", "wrapped"];
    sweep(env, &Case { name: "unwrap", args, is_done: is_recorded, keeps: false, again: 8 });
}

/// Two versions of two objects each.
fn unwrap_all(env: &TestEnv) {
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    let create = "key create --label web --algorithm aes-256 --convergent --exportable";
    env.run(create.split(' ')).success();
    env.run(["key", "rotate", "--label", LABEL]).success();
    let wrap = "key wrap --label web --all-versions --wrapping-key receiver.pem --out wrapped";
    env.run(wrap.split(' ')).success();
    env.delete(LABEL);
    let args = &["key", "unwrap", "--in", "wrapped"];
    sweep(env, &Case { name: "unwrap of all versions", args, is_done: is_recorded, keeps: false, again: 8 });
}

fn rotate(env: &TestEnv) {
    env.run(["key", "create", "--label", LABEL, "--algorithm", "aes-256", "--convergent"]).success();
    let args = &["key", "rotate", "--label", LABEL];
    let is_done = |key: Option<&Value>| key.is_some_and(|key| key["version"].as_u64() >= Some(2));
    sweep(env, &Case { name: "rotate", args, is_done, keeps: true, again: 0 });
}

fn stage(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    let args = &["key", "rotate", "--label", LABEL, "--stage"];
    let is_done = |key: Option<&Value>| key.is_some_and(|key| key["stagedVersion"] == 2);
    sweep(env, &Case { name: "rotate --stage", args, is_done, keeps: true, again: 7 });
}

fn promote(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    env.run(["key", "rotate", "--label", LABEL, "--stage"]).success();
    let args = &["key", "promote", "--label", LABEL];
    let is_done = |key: Option<&Value>| key.is_some_and(|key| key["version"] == 2);
    sweep(env, &Case { name: "promote", args, is_done, keeps: true, again: 7 });
}

/// A rotation that retires the first version, which must still decrypt.
fn retire(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    env.run(["key", "update", "--label", LABEL, "--keep", "1"]).success();
    let args = &["key", "rotate", "--label", LABEL];
    let is_done = |key: Option<&Value>| key.is_some_and(|key| key["version"].as_u64() >= Some(2));
    sweep(env, &Case { name: "rotate, --keep 1", args, is_done, keeps: true, again: 0 });
}

/// The key goes on with its newest version; the list does not show older ones.
fn delete_version(env: &TestEnv) {
    env.create(LABEL, "ec-p256");
    env.run(["key", "rotate", "--label", LABEL]).success();
    let args = &["key", "delete", "--label", LABEL, "--key-version", "1", "--yes"];
    let is_done = |key: Option<&Value>| key.is_some_and(|key| key["version"] == 2);
    sweep(env, &Case { name: "delete --key-version", args, is_done, keeps: true, again: 4 });
}

fn revoke_version(env: &TestEnv) {
    env.create(LABEL, "ec-p256");
    env.run(["key", "rotate", "--label", LABEL]).success();
    let args = &["key", "revoke", "--label", LABEL, "--key-version", "1"];
    let is_done = |key: Option<&Value>| key.is_some_and(|key| key["version"] == 2);
    sweep(env, &Case { name: "revoke --key-version", args, is_done, keeps: true, again: 0 });
}

fn disable(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    let args = &["key", "disable", "--label", LABEL];
    let is_done = |key: Option<&Value>| has("status", "DISABLE")(key);
    sweep(env, &Case { name: "disable", args, is_done, keeps: true, again: 0 });
}

fn enable(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    env.run(["key", "disable", "--label", LABEL]).success();
    let args = &["key", "enable", "--label", LABEL];
    let is_done = |key: Option<&Value>| has("status", "ENABLE")(key);
    sweep(env, &Case { name: "enable", args, is_done, keeps: true, again: 0 });
}

fn revoke(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    let args = &["key", "revoke", "--label", LABEL];
    let is_done = |key: Option<&Value>| has("status", "REVOKE")(key);
    sweep(env, &Case { name: "revoke", args, is_done, keeps: true, again: 0 });
}

fn restore(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    env.run(["key", "revoke", "--label", LABEL]).success();
    let args = &["key", "restore", "--label", LABEL];
    let is_done = |key: Option<&Value>| has("status", "DISABLE")(key);
    sweep(env, &Case { name: "restore", args, is_done, keeps: true, again: 0 });
}

fn update(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    let args = &["key", "update", "--label", LABEL, "--memo", "new"];
    let is_done = |key: Option<&Value>| has("memo", "new")(key);
    sweep(env, &Case { name: "update --memo", args, is_done, keeps: true, again: 0 });
}

fn rename(env: &TestEnv) {
    env.create(LABEL, "aes-256");
    let args = &["key", "update", "--label", LABEL, "--rename", NEW_LABEL];
    let is_done = |key: Option<&Value>| has("label", NEW_LABEL)(key);
    sweep(env, &Case { name: "update --rename", args, is_done, keeps: true, again: 4 });
}

fn delete(env: &TestEnv) {
    env.create(LABEL, "ec-p256");
    let args = &["key", "delete", "--label", LABEL, "--yes"];
    sweep(env, &Case { name: "delete", args, is_done: |key| key.is_none(), keeps: false, again: 4 });
}

fn purge(env: &TestEnv) {
    env.create(LABEL, "ec-p256");
    env.run(["key", "revoke", "--label", LABEL]).success();
    let args = &["key", "purge", "--label", LABEL, "--yes"];
    sweep(env, &Case { name: "purge", args, is_done: |key| key.is_none(), keeps: false, again: 4 });
}
