//! The key that authenticates record files, on tokens that choose CKA_IDs, rename nothing or destroy nothing.

use std::{fs, path::PathBuf};

use crate::support::{TestEnv, fault::ruled, field, oracle::pkcs11_tool, output::Output, path_text, token};

const LABEL: &str = "kmsctl record authentication";
/// Nothing is renamed; a CKA_ID has two bytes.
const SMALL: &str = "small-hsm";
const LABEL_IS_ID: &str = "label-reads-as-id label-alone-changes no-data-objects C_CopyObject";

fn env_with_records() -> TestEnv {
    let mut env = token::softhsm();
    let records = env.path("records");
    env.set("KMSCTL_RECORDS", path_text(&records));
    env.write("message", "m");
    env
}

fn create(label: &str) -> [&str; 6] {
    ["key", "create", "--label", label, "--algorithm", "ec-p256"]
}

/// The labels of all secret keys, as another program lists them.
fn secret_labels(env: &TestEnv) -> Vec<String> {
    let listed = pkcs11_tool(env, &["--list-objects", "--type", "secrkey"]);
    listed
        .text()
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix("label:")?.trim().to_owned()))
        .collect()
}

#[test]
fn it_is_no_key_of_the_user() {
    for rules in [SMALL, LABEL_IS_ID] {
        let env = env_with_records();
        let ruled = |args: &[&str]| ruled(&env, rules).run(args);
        ruled(&create("web")).success();
        assert_eq!(secret_labels(&env), [LABEL], "{rules}");
        let listed = ruled(&["key", "list", "--all", "--json"]).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{rules}: {listed}");
        for command in ["delete", "revoke", "disable"] {
            ruled(&["key", command, "--label", LABEL]).fails(4);
        }
        ruled(&create(LABEL)).fails(2).saying("is the label of the key that authenticates records");
        let doctor = ruled(&["doctor"]).success();
        assert!(!doctor.text().contains("made by other programs"), "{doctor}");
    }
}

/// Records on the token need none, so that the first record file does not wait for them.
#[test]
fn records_may_move_to_files_where_nothing_is_renamed() {
    let env = token::softhsm();
    let ruled = |args: &[&str]| ruled(&env, SMALL).run(args);
    ruled(&create("old")).success();
    ruled(&[&create("new")[..], &["--records", "records"]].concat()).success();
    assert_eq!(secret_labels(&env), [LABEL]);
    for label in ["old", "new"] {
        ruled(&["sign", "--label", label, "--in", "/etc/hostname", "--records", "records"]).success();
    }
}

/// Record files from before there was a key for them get a MAC, also where the pending key cannot be renamed.
#[test]
fn a_later_key_seals_all_files() {
    let env = env_with_records();
    ruled(&env, "small-hsm without=0x251").run(create("old")).success();
    assert!(secret_labels(&env).is_empty());
    let ruled = |args: &[&str]| ruled(&env, SMALL).run(args);
    ruled(&create("new")).success();
    assert_eq!(secret_labels(&env), [LABEL]);
    for label in ["old", "new"] {
        ruled(&["key", "disable", "--label", label]).success();
    }
    assert!(!ruled(&["doctor"]).success().text().contains("RECORD_WITHOUT_MAC"));
}

#[test]
fn a_lost_key_is_said_and_replaced() {
    for rules in [SMALL, LABEL_IS_ID] {
        let env = env_with_records();
        let ruled = |args: &[&str]| ruled(&env, rules).run(args);
        ruled(&create("web")).success();
        pkcs11_tool(&env, &["--delete-object", "--type", "secrkey", "--label", LABEL]);
        let lost = "the key that authenticates the records is not on the token";
        ruled(&["sign", "--label", "web", "--in", "message"]).fails(6).saying(lost);
        ruled(&create("shop")).fails(6).saying(lost);
        ruled(&["doctor"]).exits(3).showing("kmsctl doctor --repair");
        ruled(&["doctor", "--repair"]).success();
        ruled(&create("shop")).success();
        for label in ["web", "shop"] {
            ruled(&["sign", "--label", label, "--in", "message"]).success();
        }
        assert_eq!(secret_labels(&env), [LABEL], "{rules}");
    }
}

/// A token that destroys nothing for its users: the record does not say that it did.
#[test]
fn a_deletion_that_the_token_refuses_changes_nothing() {
    let env = env_with_records();
    pkcs11_tool(&env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "sign", "--id", "02"]);
    let ruled = |args: &[&str]| ruled(&env, "card").run(args);
    ruled(&["key", "update", "--label", "sign", "--memo", "x"]).success();
    ruled(&["key", "delete", "--label", "sign", "--yes"]).fails(6);
    ruled(&["sign", "--label", "sign", "--in", "message"]).success();
    let key = ruled(&["key", "show", "--label", "sign", "--json"]).json();
    assert_eq!((&key["status"], &key["memo"]), (&"ENABLE".into(), &"x".into()), "{key}");
}

/// Whoever can write to the directory can take a record away, but not what it forbids.
#[test]
fn a_key_without_its_record_file_is_not_used() {
    let env = env_with_records();
    env.create("web", "ec-p256");
    env.create("box", "aes-256");
    let sealed = env.run(["encrypt", "--label", "box", "--in", "message"]).success().text().to_owned();
    env.write("sealed", &sealed);
    env.run(["key", "disable", "--label", "web"]).success();
    let [one, other] = env.record_files().try_into().expect("two records");
    let swapped = (fs::read(&one).expect("record"), fs::read(&other).expect("record"));
    let write = |one_of: &[u8], other_of: &[u8]| {
        fs::write(&one, one_of).expect("written");
        fs::write(&other, other_of).expect("written");
    };
    let all: [(&str, &dyn Fn()); 3] = [
        ("emptied", &|| write(b"", b"")),
        ("swapped", &|| write(&swapped.1, &swapped.0)),
        ("removed", &|| {
            fs::remove_file(&one).expect("removed");
            fs::remove_file(&other).expect("removed");
        }),
    ];
    for (what, change) in all {
        change();
        for args in [
            &["sign", "--label", "web", "--in", "message"][..],
            &["encrypt", "--label", "box", "--in", "message"],
            &["decrypt", "--in", "sealed"],
            &["decrypt", "--label", "box", "--in", "sealed"],
            &["key", "enable", "--label", "web"],
            &["key", "rotate", "--label", "box"],
            &["key", "delete", "--label", "box", "--yes"],
            &["key", "update", "--label", "box", "--rename", "other"],
        ] {
            let refused = env.run(args);
            assert!([Some(4), Some(6)].contains(&refused.status.code()), "{what}: {refused}");
        }
        env.run(["doctor"]).exits(3);
        env.run(["doctor", "--repair"]).exits(3);
    }
    write(&swapped.0, &swapped.1);
    env.run(["decrypt", "--in", "sealed"]).success();
    env.run(["sign", "--label", "web", "--in", "message"]).fails(7);
    env.run(["doctor"]).success();
}

/// To rename a version would take it from its record, which can be put back.
#[test]
fn without_its_record_file_no_version_is_to_be_renamed() {
    let env = env_with_records();
    env.run(create("web")).success();
    env.run(["key", "rotate", "--label", "web"]).success();
    fs::rename(env.path("records"), env.path("elsewhere")).expect("moved");
    let report = env.run(["doctor"]).exits(3);
    assert!(!report.text().contains("--rename"), "{report}");
    fs::rename(env.path("elsewhere"), env.path("records")).expect("put back");
    env.run(["doctor"]).success();
}

/// A key with two versions whose record is in a file, and something that is encrypted by each of them.
fn in_a_file() -> TestEnv {
    let env = env_with_records();
    env.run("key create --label b --algorithm aes-256".split(' ')).success();
    env.run("encrypt --label b --in message --out first".split(' ')).success();
    env.run("key rotate --label b".split(' ')).success();
    env.run("encrypt --label b --in message --out second".split(' ')).success();
    env
}

fn without_records(env: &TestEnv, line: &str) -> Output {
    env.without("KMSCTL_RECORDS").run(line.split(' '))
}

fn newest_id(env: &TestEnv) -> String {
    field(&env.run("key show --label b --json".split(' ')).success().json(), "ckaId").to_owned()
}

/// It would get a second record, on the token, or leave the file behind.
#[test]
fn without_the_directory_a_key_gets_no_second_record() {
    let env = in_a_file();
    let id = newest_id(&env);
    env.create("gone", "ec-p256");
    let gone = env.run("key show --label gone --json".split(' ')).success().json();
    for line in [
        &format!("key disable --id {id}"),
        &format!("key enable --id {id}"),
        &format!("key revoke --id {id}"),
        &format!("key update --id {id} --memo x"),
        &format!("key update --id {id} --rename x"),
        &format!("key rotate --id {id}"),
        &format!("key delete --id {id} --yes"),
        &format!("key delete --id {} --yes", field(&gone, "ckaId")),
        "key rotate --label gone",
        "key delete --label gone --yes",
    ] {
        let refused = without_records(&env, &format!("{line} --json")).fails(6).error();
        assert_eq!(field(&refused, "code"), "RECORD_UNREADABLE", "{line}");
        assert!(field(&refused, "hint").contains("--records DIR"), "{line}: {refused}");
    }
    let report = without_records(&env, "doctor --json").exits(3);
    assert!(report.text().contains("RECORDS_ELSEWHERE"), "{report}");
    // To use it changes nothing.
    without_records(&env, &format!("encrypt --id {id} --in message --out third")).success();
    without_records(&env, "sign --label gone --in message").success();
    // A key with a record on the token is changed as ever.
    for line in [
        "key create --label on-token --algorithm ec-p256",
        "key rotate --label on-token",
        "key disable --label on-token",
        "key delete --label on-token --yes",
    ] {
        without_records(&env, line).success();
    }
    env.run(["doctor"]).success();
    for sealed in ["first", "second"] {
        env.run(["decrypt", "--in", sealed]).success();
    }
}

/// The object file of the key that authenticates records, which is removed.
fn hide_record_key(env: &TestEnv) -> (PathBuf, Vec<u8>) {
    let objects = || -> Vec<(PathBuf, Vec<u8>)> {
        let token =
            fs::read_dir(env.path("softhsm")).expect("tokens").next().expect("a token").expect("entry");
        let entries = fs::read_dir(token.path()).expect("objects").map(|entry| entry.expect("entry").path());
        let objects = entries.filter(|path| path.extension().is_some_and(|extension| extension == "object"));
        objects.map(|path| (path.clone(), fs::read(path).expect("an object"))).collect()
    };
    let before = objects();
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--label", LABEL]);
    let after = objects();
    before.into_iter().find(|(path, _)| after.iter().all(|(left, _)| left != path)).expect("its file")
}

/// As an earlier release left it.
#[test]
fn a_second_record_of_a_key_is_taken_back() {
    for lines in [
        &["key update --id @ --memo x"][..],
        &["key disable --id @"],
        &["key revoke --id @"],
        &["key rotate --id @"],
        &["key rotate --id @", "key rotate --id @"],
    ] {
        let env = in_a_file();
        let id = newest_id(&env);
        let (path, key) = hide_record_key(&env);
        for line in lines {
            without_records(&env, &line.replace('@', &id)).success();
        }
        fs::write(path, key).expect("put back");
        let report = env.run(["doctor", "--json"]).exits(3).json();
        let findings = report["findings"].as_array().expect("findings").iter();
        let codes: Vec<_> =
            findings.filter(|finding| finding["level"] != "info").map(|one| field(one, "code")).collect();
        assert_eq!(codes, ["SECOND_RECORD"], "{lines:?}");
        env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
        // What is left for the user to decide.
        for _ in 0..2 {
            let report = env.run(["doctor", "--json"]).exits_any(&[0, 3]).json();
            for finding in report["findings"].as_array().expect("findings") {
                let remedy = finding["remedy"].as_str().and_then(|remedy| remedy.split_once("kmsctl "));
                if let Some((_, command)) = remedy {
                    drop(env.run(command.replace("NEW_LABEL", "c").split(' ')));
                }
            }
        }
        env.run(["doctor"]).success();
        for sealed in ["first", "second"] {
            env.run(["decrypt", "--in", sealed]).success();
        }
        env.run("encrypt --label b --in message".split(' ')).success();
        env.run("key rotate --label b".split(' ')).success();
    }
}
