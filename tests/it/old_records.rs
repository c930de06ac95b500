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
