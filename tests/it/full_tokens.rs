//! A token without room: what only takes uses away is always possible, and no record is destroyed before its successor exists.

use std::{fs, path::PathBuf};

use crate::support::{
    TestEnv,
    fault::{own_and_foreign_pair, ruled, sample, take_calls},
    oracle::pkcs11_tool,
    path_text, token,
};

/// On a full token a key can be disabled and revoked, in the room of its record; what needs more room is refused, or goes to
/// a file.
#[test]
fn a_full_token() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let full = "room=3";
    ruled(&env, full).run(["key", "disable", "--label", "web"]).success();
    ruled(&env, full).run(["key", "revoke", "--label", "web"]).success();
    assert_eq!(env.keys()[0]["status"], "REVOKE");
    ruled(&env, full).run(["key", "restore", "--label", "web"]).success();
    let enabled = ruled(&env, full).run(["key", "enable", "--label", "web"]).fails(6);
    let enabled = enabled.saying("no room for the record of key \"web\"").saying("--records DIR");
    assert_eq!(env.keys()[0]["status"], "DISABLE", "{enabled}");
    ruled(&env, full).run(["key", "create", "--label", "new", "--algorithm", "ec-p256"]).fails(6);
    assert_eq!(env.labels(), ["web"]);
    ruled(&env, full).run(["key", "enable", "--label", "web", "--records", "records"]).success();
    let listed = env.run(["key", "list", "--records", "records", "--json"]).success().json();
    assert_eq!(listed[0]["status"], "ENABLE", "{listed}");
    env.write("message", "m");
    env.run(["sign", "--label", "web", "--in", "message", "--records", "records"]).success();
}

/// A record that is too long for the token goes to a file.
#[test]
fn a_record_that_is_too_long() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let memo = "x".repeat(100);
    let update = ["key", "update", "--label", "web", "--memo", &memo];
    let rules = "data-length=20";
    ruled(&env, rules).run(update).fails(6).saying("no room for the record");
    ruled(&env, rules).run([&update[..], &["--records", "records"]].concat()).success();
    let shown = env.run(["key", "show", "--label", "web", "--records", "records", "--json"]).success().json();
    assert_eq!(shown["memo"], memo.as_str());
}

/// The directory that takes records in the last resort.
fn last_resort(env: &TestEnv) -> PathBuf {
    PathBuf::from(env.variable("XDG_STATE_HOME")).join("kmsctl/records")
}

fn record_files(env: &TestEnv) -> usize {
    let names = fs::read_dir(last_resort(env)).into_iter().flatten().flatten();
    names.filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).count()
}

/// A token that takes no new object, even when one was destroyed.
const NO_ROOM: &str = "room=1";

/// The record is in a file then, and the key is disabled, revoked, enabled and deleted as any other. With its first record and
/// with a later one.
#[test]
fn a_token_that_has_never_room() {
    let env = own_and_foreign_pair();
    for label in ["web", "foreign"] {
        let change = |command: &str| ruled(&env, NO_ROOM).run(["key", command, "--label", label]);
        let sign = || ruled(&env, NO_ROOM).run(["sign", "--label", label, "--in", "message"]);
        let said = change("disable").success();
        let said = said.saying("no room for the record of key").saying("home/state/kmsctl/records");
        assert_eq!(record_files(&env), 1, "{said}");
        sign().fails(7);
        change("revoke").success();
        change("restore").success();
        change("enable").success();
        sign().success();
        change("disable").success();
        ruled(&env, NO_ROOM).run(["key", "delete", "--label", label, "--yes"]).success();
        assert_eq!(record_files(&env), 0);
    }
    assert_eq!(pkcs11_tool(&env, &["--list-objects"]).text(), "");
}

/// A scheduled rotation says that a record is in the user's own directory; what changes nothing does not.
#[test]
fn a_scheduled_rotation_says_where_the_record_is() {
    let env = token::softhsm();
    let create = "key create --label web --algorithm ec-p256 --auto-rotate --rotation-period 1";
    env.on_day(0, create).success();
    for change in ["disable", "enable"] {
        ruled(&env, NO_ROOM)
            .with("KMSCTL_TEST_NOW", crate::support::START.to_string())
            .run(["key", change, "--label", "web"])
            .success();
    }
    assert_eq!(record_files(&env), 1);
    env.on_day(1, "key rotate --due").success().saying("no room for the record of key \"web\"");
    let found = env.on_day(1, "key create --label web --algorithm ec-p256 --if-not-exists").success();
    assert!(!found.stderr_text().contains("no room"), "{found}");
}

/// One version of a key is disabled and destroyed without room, too.
#[test]
fn a_version_on_a_token_that_has_never_room() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    env.run(["key", "rotate", "--label", "web"]).success();
    let first = ["--label", "web", "--key-version", "1"];
    let ruled = |args: &[&str]| ruled(&env, NO_ROOM).run([args, &first[..]].concat());
    ruled(&["key", "disable"]).success();
    ruled(&["key", "delete", "--yes"]).success();
    assert_eq!(env.keys()[0]["version"], 2);
    assert_eq!(env.keys()[0]["status"], "ENABLE");
}

/// A record returns to the token whose room its predecessor gives back.
#[test]
fn a_record_stays_on_a_token_that_gives_room_back() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    ruled(&env, "room=3").run(["key", "disable", "--label", "web"]).success();
    assert_eq!(record_files(&env), 0);
    fs::remove_dir_all(last_resort(&env)).expect("the directory");
    assert_eq!(env.keys()[0]["status"], "DISABLE");
}

/// If the record can be stored nowhere, the command fails before anything is destroyed.
#[test]
fn a_record_that_can_be_stored_nowhere() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    // A file in place of the directory.
    let state = env.path("no-directory");
    fs::write(&state, "").expect("a file");
    let listed = || pkcs11_tool(&env, &["--list-objects"]).text().to_owned();
    let (before, shown) = (listed(), env.keys());
    for command in [&["key", "disable"][..], &["key", "revoke"], &["key", "update", "--memo", "x"]] {
        let run = ruled(&env, NO_ROOM).with("XDG_STATE_HOME", path_text(&state));
        run.run([command, &["--label", "web"]].concat())
            .fails(6)
            .saying("no room for the record of key \"web\"");
        assert_eq!((listed(), env.keys()), (before.clone(), shown.clone()), "{command:?}");
    }
}

/// A failure at any call of a command leaves the key with a record.
#[test]
fn the_record_survives_every_failure() {
    for rules in [NO_ROOM, "room=3"] {
        let first = token::softhsm();
        first.create("web", "ec-p256");
        let disable = ["key", "disable", "--label", "web"];
        ruled(&first, rules).run(disable).success();
        for number in sample(&take_calls(&first), 1) {
            let env = token::softhsm();
            env.create("web", "ec-p256");
            for fault in ["fail-before 0x30", "kill-after"] {
                let run = ruled(&env, rules).with("KMSCTL_FAULT", format!("{number} {fault}"));
                let _ = run.run(disable);
                let key = &env.keys()[0];
                assert!(!key["registerDate"].is_null(), "{rules}: call {number} {fault}: {key}");
            }
        }
    }
}
