//! Record files of an earlier time that someone put back: no command gives back on the token what a later change took away,
//! unless it says so itself.

use std::{fs, path::PathBuf};

use crate::support::{TestEnv, field, output::Output, token};

token::on_both_tokens!(
    no_other_change_gives_uses_back,
    a_rotation_gives_old_versions_nothing_back,
    a_completed_rotation_gives_old_versions_nothing_back,
);

fn run(env: &TestEnv, line: &str) -> Output {
    env.with("KMSCTL_RECORDS", "records").run(line.split(' '))
}

fn record(env: &TestEnv) -> PathBuf {
    let files = fs::read_dir(env.file("records")).expect("records").map(|entry| entry.expect("entry").path());
    files
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .expect("a record")
}

fn refused(env: &TestEnv, line: &str) {
    let refused = run(env, &format!("{line} --json")).fails(6);
    assert_eq!(field(&refused.error(), "code"), "RECORD_NOT_AUTHENTIC", "{line}");
}

fn no_other_change_gives_uses_back(env: &TestEnv) {
    env.write("message", "m");
    run(env, "key create --label k --algorithm aes-256").success();
    run(env, "encrypt --label k --in message --out sealed").success();
    run(env, "key rotate --label k").success();
    let file = record(env);
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
    env.write("message", "m");
    run(env, "key create --label k --algorithm aes-256 --auto-rotate --rotation-period 1").success();
    run(env, "encrypt --label k --in message --out sealed").success();
    run(env, "key rotate --label k").success();
    let file = record(env);
    let old = fs::read(&file).expect("a record");
    run(env, "key revoke --label k --key-version 1").success();
    fs::write(&file, old).expect("put back");
    refused(env, "key rotate --label k");
    refused(env, "decrypt --in sealed");
}

fn a_completed_rotation_gives_old_versions_nothing_back(env: &TestEnv) {
    env.write("message", "m");
    run(env, "key create --label k --algorithm aes-256").success();
    run(env, "encrypt --label k --in message --out sealed").success();
    let file = record(env);
    let old = fs::read(&file).expect("a record");
    run(env, "key rotate --label k").success();
    run(env, "key revoke --label k --key-version 1").success();
    fs::write(&file, old).expect("put back");
    run(env, "key rotate --label k").success();
    refused(env, "decrypt --in sealed");
    run(env, "encrypt --label k --in message").success();
}
