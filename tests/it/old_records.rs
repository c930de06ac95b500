//! Record files of an earlier time that someone put back: no command gives back on the token what a later change took away,
//! unless it says so itself.

use std::{fs, path::PathBuf};

use crate::{
    odd_records::run,
    support::{TestEnv, field, token},
};

token::on_both_tokens!(
    no_other_change_gives_uses_back,
    a_rotation_gives_old_versions_nothing_back,
    a_completed_rotation_gives_old_versions_nothing_back,
    an_old_deletion_destroys_nothing,
    an_old_deletion_of_a_version_destroys_nothing,
    what_gives_uses_back_or_takes_them_says_so,
    without_its_record_a_key_is_not_called_enabled,
);

/// Creates a key, with more options, and encrypts by its first version. Returns its record file.
fn encrypted(env: &TestEnv, options: &str) -> PathBuf {
    env.write("message", "m");
    run(env, &format!("key create --label k --algorithm aes-256{options}")).success();
    run(env, "encrypt --label k --in message --out sealed").success();
    env.record_files().remove(0)
}

fn refused(env: &TestEnv, line: &str) {
    let refused = run(env, &format!("{line} --json")).fails(6);
    assert_eq!(field(&refused.error(), "code"), "RECORD_NOT_AUTHENTIC", "{line}");
}

fn no_other_change_gives_uses_back(env: &TestEnv) {
    let file = encrypted(env, "");
    run(env, "key rotate --label k").success();
    for forbids in ["key disable --label k", "key revoke --label k"] {
        let old = fs::read(&file).expect("a record");
        run(env, forbids).success();
        fs::write(&file, old).expect("put back");
        for line in [
            "key update --label k --memo x",
            "key update --label k --rename n",
            "key update --label k --auto-rotate on",
            "key update --label k --stage-days 0",
            "key disable --label k --key-version 1",
            "key revoke --label k --key-version 1",
            "key rotate --label k",
            "decrypt --in sealed",
        ] {
            refused(env, line);
        }
        run(env, "key disable --label k").success();
        run(env, "key enable --label k").success();
        run(env, "decrypt --in sealed").success();
    }
}

fn a_rotation_gives_old_versions_nothing_back(env: &TestEnv) {
    let file = encrypted(env, " --auto-rotate --rotation-period 1");
    run(env, "key rotate --label k").success();
    let old = fs::read(&file).expect("a record");
    run(env, "key revoke --label k --key-version 1").success();
    fs::write(&file, old).expect("put back");
    refused(env, "key rotate --label k");
    refused(env, "decrypt --in sealed");
}

fn a_completed_rotation_gives_old_versions_nothing_back(env: &TestEnv) {
    let file = encrypted(env, "");
    let old = fs::read(&file).expect("a record");
    run(env, "key rotate --label k").success();
    run(env, "key revoke --label k --key-version 1").success();
    fs::write(&file, old).expect("put back");
    run(env, "key rotate --label k").success();
    refused(env, "decrypt --in sealed");
    run(env, "encrypt --label k --in message").success();
}

/// What `doctor --repair` does about a record that forbids what the token allows: nothing. Returns the commands that it names.
fn undecided(env: &TestEnv) -> String {
    run(env, "doctor --repair").exits(3).showing("an old record was put back");
    let report = run(env, "doctor --json").exits(3).json();
    let findings = report["findings"].as_array().expect("findings").iter();
    let mut findings = findings.filter(|finding| finding["code"] == "USABLE_THOUGH_FORBIDDEN");
    field(findings.next().expect("a finding"), "remedy").to_owned()
}

/// Runs the commands between these two words of a remedy.
fn obey(env: &TestEnv, remedy: &str, (after, before): (&str, &str)) {
    let part = remedy.split_once(after).expect("a choice").1.split(before).next().unwrap_or_default();
    for command in part.split(", then ") {
        run(env, command.trim().strip_prefix("kmsctl ").expect("a command")).success();
    }
}

fn an_old_deletion_destroys_nothing(env: &TestEnv) {
    let file = encrypted(env, "");
    run(env, "key revoke --label k").success();
    let old = fs::read(&file).expect("a record");
    let purge = || run(env, "key purge --label k --yes").fails(7).saying("programs can still use it");
    let put_back = || {
        run(env, "key restore --label k").success();
        run(env, "key enable --label k").success();
        fs::write(&file, &old).expect("put back");
    };
    put_back();
    purge();
    let remedy = undecided(env);
    purge();
    obey(env, &remedy, ("to keep it: ", ";"));
    run(env, "doctor").success();
    run(env, "decrypt --in sealed").success();
    run(env, "key revoke --label k").success();
    put_back();
    obey(env, &undecided(env), ("to have it destroyed: ", ";"));
    run(env, "doctor").success();
    run(env, "key purge --label k --yes").success();
}

fn an_old_deletion_of_a_version_destroys_nothing(env: &TestEnv) {
    let file = encrypted(env, "");
    run(env, "key rotate --label k").success();
    let purge = || {
        let late = env.with("KMSCTL_RECORDS", "records").with("KMSCTL_TEST_NOW", "1900000000000");
        late.run("key purge --due --trust-clock --yes".split(' '))
    };
    for (forbids, allows) in [("revoke", &["restore", "enable"][..]), ("disable", &["enable"])] {
        let of_version = |command: &str| run(env, &format!("key {command} --label k --key-version 1"));
        of_version(forbids).success();
        let old = fs::read(&file).expect("a record");
        for command in allows {
            of_version(command).success();
        }
        fs::write(&file, old).expect("put back");
        undecided(env);
        run(env, &format!("key update --label k --memo {forbids}")).success();
        run(env, "key rotate --label k").success();
        let remedy = undecided(env);
        if forbids == "revoke" {
            purge().fails(7).saying("version 1, is revoked, but programs can still use it");
            obey(env, &remedy, ("to keep it: ", ";"));
        } else {
            obey(env, &remedy, ("to allow these uses: ", ";"));
        }
        run(env, "doctor").success();
        run(env, "decrypt --in sealed").success();
    }
}

fn what_gives_uses_back_or_takes_them_says_so(env: &TestEnv) {
    let file = encrypted(env, "");
    run(env, "key rotate --label k").success();
    for (of, what) in [("", "key \"k\""), (" --key-version 1", "version 1 of key \"k\"")] {
        let enabled = fs::read(&file).expect("a record");
        run(env, &format!("key disable --label k{of}")).success();
        let disabled = fs::read(&file).expect("a record");
        for (record, command) in [(&enabled, "enable"), (&disabled, "disable")].repeat(2) {
            // The record says already what is asked for.
            fs::write(&file, record).expect("put back");
            let line = format!("key {command} --label k{of}");
            run(env, &line).success().saying(&format!("{command}d {what}"));
            let again = run(env, &format!("{line} --json")).success().json();
            assert_eq!(again["changed"], false, "{line}");
        }
        fs::write(&file, &enabled).expect("put back");
        let done = run(env, &format!("key enable --label k{of} --json")).success().json();
        assert_eq!(done["changed"], true, "{what}");
    }
    run(env, "doctor").success();
    run(env, "decrypt --in sealed").success();
}

fn without_its_record_a_key_is_not_called_enabled(env: &TestEnv) {
    let file = encrypted(env, "");
    run(env, "key rotate --label k").success();
    run(env, "key disable --label k").success();
    let id = field(&run(env, "key show --label k --json").success().json(), "ckaId").to_owned();
    let record = fs::read(&file).expect("a record");
    fs::remove_file(&file).expect("removed");
    let refused = run(env, &format!("key enable --id {id} --json")).fails(6).error();
    assert_eq!(field(&refused, "code"), "RECORD_UNREADABLE");
    fs::write(&file, record).expect("put back");
    run(env, "key enable --label k").success();
    run(env, "decrypt --in sealed").success();
}
