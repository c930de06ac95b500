//! The states of a key across runs, and what the token itself refuses in each.

use serde_json::Value;

use crate::support::{DAY, KMSCTL, START, TestEnv, field, oracle, process, terminal::Terminal, token};

token::on_both_tokens!(
    the_whole_life_of_each_kind,
    what_is_so_already_changes_nothing,
    a_disabled_version_is_not_used,
    a_disabled_key_verifies_nothing_even_without_a_login,
    purge_due_destroys_revoked_keys_on_their_date,
    a_rename_applies_to_all_versions,
    update_changes_memo_and_schedule,
    a_clock_set_back_rotates_and_destroys_nothing_early,
    a_version_that_lost_its_objects,
    lists_by_status_and_version,
);

#[track_caller]
fn show(env: &TestEnv, label: &str) -> Value {
    env.run(["key", "show", "--label", label, "--json"]).success().json()
}

/// `version:status` of each version, the oldest first.
#[track_caller]
fn versions(env: &TestEnv, label: &str) -> String {
    let json = env.run(["key", "versions", "--label", label, "--json"]).success().json();
    let mut all: Vec<_> = json
        .as_array()
        .expect("an array")
        .iter()
        .map(|version| format!("{}:{}", version["version"], &field(version, "status")[..1]))
        .collect();
    all.reverse();
    all.join(" ")
}

fn the_whole_life_of_each_kind(env: &TestEnv) {
    env.write("message", "m");
    env.write("large", vec![7; 100_000]);
    let kinds = [("rsa-2048", true, true), ("ec-p256", true, false)].into_iter();
    for (algorithm, signs, encrypts) in
        kinds.chain(env.encrypting().iter().map(|name| (*name, *name == "rsa-2048", true)))
    {
        env.create("k", algorithm);
        write_outputs(env, "first", signs, encrypts);
        for version in 2..=6 {
            let rotated = env.run("key rotate --label k --json".split(' ')).success().json();
            assert_eq!(rotated["version"], version);
        }
        assert_eq!(versions(env, "k"), "1:E 2:E 3:E 4:E 5:E 6:E");
        assert_eq!(env.keys().len(), 1, "versions are listed as keys");
        write_outputs(env, "last", signs, encrypts);
        check_outputs(env, ["first", "last"], signs, encrypts);
        if signs {
            let last = "verify --label k --signature last.sig --in message";
            env.run(format!("{last} --key-version 6").split(' ')).success();
            env.run(format!("{last} --key-version 1").split(' ')).exits(3);
        }
        env.run("key disable --label k --key-version 2".split(' ')).success();
        env.run("key disable --label k".split(' ')).success();
        assert_eq!(versions(env, "k"), "1:D 2:D 3:D 4:D 5:D 6:D");
        env.run("key enable --label k".split(' ')).success();
        assert_eq!(versions(env, "k"), "1:E 2:D 3:E 4:E 5:E 6:E", "each version returns to its own status");
        env.run("key revoke --label k".split(' ')).success();
        assert_eq!(field(&show(env, "k"), "status"), "REVOKE");
        env.run("key restore --label k".split(' ')).success();
        assert_eq!(field(&show(env, "k"), "status"), "DISABLE");
        env.run("key enable --label k".split(' ')).success();
        check_outputs(env, ["first", "last"], signs, encrypts);
        env.run("key revoke --label k".split(' ')).success();
        let gone = env.run("key purge --label k --yes --json".split(' ')).success().json();
        let objects = gone["destroyed"].as_array().expect("a list").len();
        assert_eq!(
            objects,
            if algorithm == "aes-256" { 7 } else { 13 },
            "not all versions and the record were destroyed: {gone}"
        );
        assert!(env.keys().is_empty());
    }
}

/// Signs and encrypts with the newest version: a text, and a file too large to encrypt in the token.
fn write_outputs(env: &TestEnv, name: &str, signs: bool, encrypts: bool) {
    if signs {
        env.run(format!("sign --label k --in message --out {name}.sig").split(' ')).success();
    }
    if encrypts {
        env.run(format!("encrypt --label k --in message --out {name}.txt").split(' ')).success();
        env.run(format!("encrypt --label k --in large --out {name}.age").split(' ')).success();
    }
}

fn check_outputs(env: &TestEnv, names: [&str; 2], signs: bool, encrypts: bool) {
    for name in names {
        if signs {
            env.run(format!("verify --label k --signature {name}.sig --in message").split(' ')).success();
        }
        for (sealed, plain) in [("txt", "message"), ("age", "large")].into_iter().filter(|_| encrypts) {
            let opened = env.run(format!("decrypt --in {name}.{sealed}").split(' ')).success();
            assert!(opened.stdout == env.read(plain), "{name}.{sealed}");
        }
    }
}

fn what_is_so_already_changes_nothing(env: &TestEnv) {
    env.create("k", "ec-p256");
    env.run("key rotate --label k".split(' ')).success();
    let cases = [
        ("key enable --label k", "key \"k\" is already enabled\n", false),
        ("key disable --label k --key-version 1", "version 1 of key \"k\" is already disabled\n", true),
        ("key disable --label k", "key \"k\" is already disabled\n", true),
        ("key revoke --label k --after 9", "key \"k\" is already revoked; `kmsctl key purge --due` ", true),
        ("key revoke --label k", "key \"k\" is already revoked; `kmsctl key purge --due` ", false),
        ("key revoke --label k --after 30", "key \"k\" is already revoked; `kmsctl key purge --due` ", true),
        ("key restore --label k", "key \"k\" is already disabled\n", true),
        ("key enable --label k", "key \"k\" is already enabled\n", true),
        ("key enable --label k --key-version 1", "version 1 of key \"k\" is already enabled\n", true),
        ("key update --label k --memo m", "key \"k\" already has these settings\n", true),
        ("key create --label k --algorithm ec-p256 --if-not-exists", "already exists\n", false),
    ];
    for (line, again, changes) in cases {
        let json = |line: &str| env.run(format!("{line} --json").split(' ')).success().json();
        assert_eq!(json(line)["changed"], changes, "{line}");
        let before = json("key show --label k");
        let output = env.run(line.split(' ')).success();
        assert!(output.stderr_text().contains(again) && output.stdout.is_empty(), "{output}");
        assert_eq!(json(line)["changed"], false, "{line}");
        assert_eq!(json("key show --label k"), before, "{line}");
        assert!(env.run(format!("{line} -q").split(' ')).success().stderr.is_empty());
    }
    env.run("key revoke --label k".split(' ')).success();
    env.run("key enable --label k".split(' ')).fails(7).saying("kmsctl key restore --label k");
}

fn a_disabled_version_is_not_used(env: &TestEnv) {
    env.write("message", "m");
    env.create("k", "ec-p256");
    env.run("sign --label k --in message --out sig".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    env.run("verify --label k --signature sig --in message".split(' ')).success();
    let disabled = env.run("key disable --label k --key-version 1 --json".split(' ')).success().json();
    assert_eq!((&disabled["version"], field(&disabled, "status")), (&1.into(), "DISABLE"));
    assert_eq!(disabled["isEnforcedByToken"], true);
    env.run("sign --label k --key-version 1 --in message".split(' ')).fails(7).saying("version 1");
    env.run("verify --label k --signature sig --in message".split(' ')).fails(7).saying("version 1");
    env.run("verify --label k --key-version 1 --signature sig --in message".split(' ')).fails(7);
    env.run("sign --label k --in message".split(' ')).success();
    env.run("key enable --label k --key-version 1".split(' ')).success();
    env.run("verify --label k --signature sig --in message".split(' ')).success();
}

fn a_disabled_key_verifies_nothing_even_without_a_login(env: &TestEnv) {
    env.write("message", "m");
    env.create("k", "rsa-2048");
    env.run("sign --label k --in message --out sig".split(' ')).success();
    let verify = || {
        let line = "verify --label k --signature sig --in message --no-input";
        env.without("KMSCTL_PIN_FILE").run(line.split(' '))
    };
    verify().success();
    env.run("key disable --label k".split(' ')).success();
    verify().fails(7);
    env.run("key enable --label k".split(' ')).success();
    verify().success();
}

fn purge_due_destroys_revoked_keys_on_their_date(env: &TestEnv) {
    for (label, days) in [("soon", "1"), ("later", "30"), ("kept", "")] {
        env.create(label, "ec-p256");
        if !days.is_empty() {
            let revoked = env.on_day(0, &format!("key revoke --label {label} --after {days} --json"));
            let date = revoked.success().json()["deletionDate"].as_u64().expect("a date");
            assert_eq!(date, START + days.parse::<u64>().expect("a number") * DAY);
        }
    }
    env.on_day(0, "key purge --due --yes").success();
    assert_eq!(env.labels().len(), 3);
    env.on_day(1, "key purge --due").fails(2).saying("--yes");
    let purged = env.on_day(1, "key purge --due --yes --json").success().json();
    assert_eq!(field(&purged[0], "label"), "soon");
    assert_eq!(env.labels(), ["kept", "later"]);
    env.on_day(29, "key purge --yes").success();
    env.on_day(30, "key purge --yes").success();
    assert_eq!(env.labels(), ["kept"]);
}

fn a_rename_applies_to_all_versions(env: &TestEnv) {
    env.write("message", "m");
    env.create("old", "ec-p256");
    env.create("taken", "ec-p256");
    env.run("sign --label old --in message --out sig".split(' ')).success();
    env.run("key rotate --label old".split(' ')).success();
    let tag = field(&show(env, "old"), "keyTag").to_owned();
    env.run("key update --label old --rename taken".split(' ')).fails(8);
    env.run("key update --label old --rename new".split(' ')).success();
    assert_eq!(env.labels(), ["new", "taken"]);
    assert_eq!(field(&show(env, "new"), "keyTag"), tag);
    assert_eq!(versions(env, "new"), "1:E 2:E");
    env.run("verify --label new --signature sig --in message".split(' ')).success();
    env.run("key show --label old".split(' ')).fails(4);
    env.run("key rotate --label new".split(' ')).success();
    env.create("old", "ec-p256");
}

fn update_changes_memo_and_schedule(env: &TestEnv) {
    env.create("k", "aes-256");
    env.run("key update --label k --rotation-period 10".split(' ')).fails(2).saying("--auto-rotate on");
    env.on_day(5, "key update --label k --auto-rotate on --rotation-period 10 --memo note").success();
    let key = show(env, "k");
    assert_eq!((field(&key, "memo"), &key["rotationPeriod"]), ("note", &10.into()));
    assert_eq!(key["nextRotationDate"], START + 15 * DAY);
    env.run(["key", "update", "--label", "k", "--memo", ""]).success();
    env.run("key update --label k --auto-rotate off".split(' ')).success();
    let key = show(env, "k");
    assert_eq!((field(&key, "memo"), &key["nextRotationDate"]), ("", &Value::Null));
}

fn a_clock_set_back_rotates_and_destroys_nothing_early(env: &TestEnv) {
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 10").success();
    env.on_day(10, "key rotate --due").success();
    for day in [0, 5, 10, 19] {
        env.on_day(day, "key rotate --due --check").success();
        env.on_day(day, "key rotate --due").success();
    }
    assert_eq!(versions(env, "k"), "1:E 2:E");
    // Revoked with a clock in 1970: the key must still be kept for its whole waiting period.
    env.with("KMSCTL_TEST_NOW", "0").run("key revoke --label k".split(' ')).success();
    env.on_day(12, "key purge --due --yes").success();
    assert_eq!(env.labels(), ["k"]);
    env.on_day(13, "key purge --due --yes").success();
    assert!(env.keys().is_empty());
}

/// Another program destroyed both objects of version 1.
fn a_version_that_lost_its_objects(env: &TestEnv) {
    env.write("message", "m");
    let first = env.create("k", "ec-p256");
    env.run("sign --label k --in message --out first.sig".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    env.run("sign --label k --in message --out last.sig".split(' ')).success();
    for kind in ["privkey", "pubkey"] {
        oracle::pkcs11_tool(env, &["--delete-object", "--type", kind, "--id", field(&first, "ckaId")]);
    }

    assert_eq!(versions(env, "k"), "1:E 2:E");
    env.run("sign --label k --in message".split(' ')).success();
    env.run("verify --label k --signature last.sig --in message".split(' ')).success();
    env.run("sign --label k --key-version 1 --in message".split(' ')).fails(7).saying("version 1");
    env.run("verify --label k --key-version 1 --signature first.sig --in message".split(' ')).fails(4);
    env.run("verify --label k --signature first.sig --in message".split(' ')).fails(4);
    env.run(["key", "show", "--id", field(&first, "ckaId")]).fails(4);
    // The key stays usable and can be deleted as a whole.
    env.run("key disable --label k".split(' ')).success();
    env.run("key enable --label k".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    assert_eq!(versions(env, "k"), "1:E 2:E 3:E");
    env.run("key delete --label k --yes".split(' ')).success();
    assert!(env.keys().is_empty());
}

fn lists_by_status_and_version(env: &TestEnv) {
    env.on_day(0, "key create --label a --algorithm ec-p256 --auto-rotate --rotation-period 30").success();
    env.on_day(0, "key create --label b --algorithm aes-256 --auto-rotate --rotation-period 20").success();
    env.on_day(0, "key create --label c --algorithm ec-p256").success();
    env.run("key rotate --label a".split(' ')).success();
    env.run("key disable --label c".split(' ')).success();
    let labels = |line: &str| -> Vec<String> {
        let json = env.run(line.split(' ')).success().json();
        json.as_array().expect("an array").iter().map(|key| field(key, "label").to_owned()).collect()
    };
    assert_eq!(labels("key list --json --sort next-rotation"), ["b", "a", "c"]);
    assert_eq!(labels("key list --json --status disable"), ["c"]);
    assert_eq!(labels("key list --json --algorithm aes-256"), ["b"]);
    assert_eq!(labels("key list --json --all"), ["a", "a", "b", "c"]);
    for more in ["--wide", "--sort next-rotation"] {
        let listed = env.run(format!("key list --label a {more}").split(' ')).success();
        assert!(listed.text().contains("2027-02-14T08:00:00Z"), "{listed}");
    }
}

/// kmsctl's `disable` also stops other programs, because the token enforces it.
#[test]
fn the_token_refuses_a_disabled_key_to_other_programs() {
    let env = token::softhsm();
    let id = field(&env.create("k", "rsa-2048"), "ckaId").to_owned();
    env.write("data", [0; 32]);
    let sign = || {
        let module = token::softhsm_module();
        let module = module.to_str().expect("UTF-8");
        let args = ["--module", module, "--login", "--pin", token::PIN, "--token-label", token::LABEL];
        let what = ["--sign", "--mechanism", "RSA-PKCS", "--id", &id, "-i", "data", "-o", "sig"];
        process::run(env.command("pkcs11-tool", args.iter().chain(&what)), b"", env.root())
    };
    sign().success();
    env.run("key disable --label k".split(' ')).success();
    assert!(!sign().status.success());
    env.run("key enable --label k".split(' ')).success();
    sign().success();
    env.run("key revoke --label k".split(' ')).success();
    assert!(!sign().status.success());
}

/// Keys made by other tools can be rotated and disabled too, and get a record when they first need one.
#[test]
fn keys_of_other_tools_can_be_rotated_and_disabled() {
    let env = token::softhsm();
    let make = ["--keypairgen", "--key-type", "rsa:2048", "--label", "theirs", "--id", "0a0b"];
    oracle::pkcs11_tool(&env, &make);
    env.write("message", "m");
    env.run("sign --label theirs --in message --out sig".split(' ')).success();
    let before = show(&env, "theirs");
    assert_eq!(before["status"], Value::Null);
    assert_eq!(versions(&env, "theirs"), "1:E");
    let enabled = env.run("key enable --label theirs --json".split(' ')).success().json();
    assert_eq!(
        (&enabled["changed"], &enabled["status"]),
        (&false.into(), &Value::Null),
        "no record was made"
    );

    env.run("key rotate --label theirs".split(' ')).success();
    let after = show(&env, "theirs");
    assert_eq!((&after["version"], field(&after, "status")), (&2.into(), "ENABLE"));
    assert_eq!(after["keyTag"], before["keyTag"], "a new tag makes older ciphertext unreadable");
    env.run("verify --label theirs --signature sig --in message".split(' ')).success();
    env.run("key disable --label theirs --key-version 1".split(' ')).success();
    // pkcs11-tool also set CKA_UNWRAP, which would bypass the disabling.
    assert_eq!(usage_by_pkcs11_tool(&env, "0a0b"), "none");
    let usage = usage_by_pkcs11_tool(&env, field(&after, "ckaId"));
    assert_eq!(usage, "decrypt, sign, unwrap", "the rotation changed the usage");
    env.run("key enable --label theirs --key-version 1".split(' ')).success();
    assert!(usage_by_pkcs11_tool(&env, "0a0b").contains("unwrap"), "the original usage was not restored");
}

/// The usage of a private key, as `pkcs11-tool` lists it.
fn usage_by_pkcs11_tool(env: &TestEnv, id: &str) -> String {
    let objects = oracle::pkcs11_tool(env, &["--list-objects", "--type", "privkey"]);
    let mut lines = objects.text().lines().map(str::trim).skip_while(|line| !line.ends_with(id));
    let usage = lines.find_map(|line| line.strip_prefix("Usage:")).expect("a usage");
    usage.trim().to_owned()
}

/// `purge` asks for confirmation like `delete`.
#[test]
fn purge_asks_for_confirmation() {
    let env = token::embedded();
    env.create("k", "ec-p256");
    env.run("key revoke --label k".split(' ')).success();
    let mut terminal = Terminal::start(env.command(KMSCTL, ["key", "purge", "--label", "k"]));
    terminal.sees("Type k to confirm");
    terminal.types("no");
    assert_eq!(terminal.ends().1, 2);
    assert_eq!(env.labels(), ["k"]);
}
