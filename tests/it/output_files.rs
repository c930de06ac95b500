//! `--out` and standard output: files are written completely or not at all, and binary data stays off the terminal.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::support::{KMSCTL, TestEnv, terminal::Terminal, token};

fn with_key() -> TestEnv {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    env
}

/// The sorted file names of the working directory, including any temporary file left behind.
fn files(env: &TestEnv) -> Vec<String> {
    let names = fs::read_dir(env.path("work")).expect("working directory");
    let mut names: Vec<_> =
        names.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn a_failed_run_leaves_the_old_file() {
    let env = with_key();
    env.write("sig", "old");
    let before = files(&env);
    env.run(["sign", "--label", "nobody", "--out", "sig"]).fails(4);
    env.run(["sign", "--label", "ec", "--in", "nowhere", "--out", "sig"]).fails(1);
    assert_eq!(env.read("sig"), b"old");
    assert_eq!(files(&env), before);
}

#[test]
fn a_successful_run_replaces_the_file_and_leaves_nothing_else() {
    let env = with_key();
    env.write("sig", "old");
    let before = files(&env);
    env.run(["sign", "--label", "ec", "--out", "sig"]).success();
    assert_ne!(env.read("sig"), b"old");
    assert_eq!(files(&env), before);
}

#[test]
fn input_and_output_may_be_one_file() {
    let env = with_key();
    env.write("message", "m");
    env.write("copy", "m");
    env.run(["sign", "--label", "ec", "--in", "message", "--out", "message"]).success();
    env.run(["verify", "--label", "ec", "--in", "copy", "--signature", "message"]).exits(0);
}

#[test]
fn a_missing_directory_is_named() {
    let env = with_key();
    env.run(["sign", "--label", "ec", "--out", "no/such/place"]).fails(1).saying("no/such/place");
    env.run(["sign", "--label", "ec", "--out", "."]).fails(1);
}

#[test]
fn a_full_disk_is_an_error() {
    let env = with_key();
    env.run(["sign", "--label", "ec", "--out", "/dev/full"]).fails(1).saying("/dev/full");
    env.shell("kmsctl key list > /dev/full").fails(1);
    env.shell("kmsctl key list --json > /dev/full").fails(1);
    env.shell("kmsctl --help > /dev/full").fails(1);
}

#[test]
fn devices_and_pipes_are_not_replaced() {
    let env = with_key();
    env.run(["sign", "--label", "ec", "--out", "/dev/null"]).success();
    env.shell("mkfifo pipe; cat pipe > got & kmsctl sign --label ec --out pipe < /dev/null; wait").success();
    assert!(!env.read("got").is_empty());
    assert!(fs::metadata("/dev/null").expect("still there").permissions().mode() & 0o666 == 0o666);
}

#[test]
fn a_symlink_is_followed_not_replaced() {
    let env = with_key();
    env.write("target", "old");
    std::os::unix::fs::symlink("target", env.file("link")).expect("link");
    env.run(["sign", "--label", "ec", "--out", "link"]).success();
    assert!(fs::symlink_metadata(env.file("link")).expect("link").is_symlink());
    assert_ne!(env.read("target"), b"old");
}

#[test]
fn a_dash_means_a_standard_stream() {
    let env = with_key();
    env.write("message", "m");
    let signed = env.run_with_stdin("m", ["sign", "--label", "ec", "--in", "-", "--out", "-"]).success();
    env.run(["verify", "--label", "ec", "--in", "message", "--signature", signed.line()]).exits(0);
    assert!(!env.file("-").exists());
}

#[test]
fn binary_output_to_a_terminal_is_refused() {
    let env = with_key();
    env.write("message", "m");
    let sign = ["sign", "--label", "ec", "--in", "message", "--encoding", "binary"];
    let (screen, code) = Terminal::start(env.command(KMSCTL, sign)).ends();
    assert_eq!(code, 2, "{screen}");
    assert!(screen.contains("--out -"), "{screen}");
    let der = Terminal::start(env.command(KMSCTL, ["key", "show", "--label", "ec", "--der"])).ends();
    assert_eq!(der.1, 2, "{}", der.0);
    let text = Terminal::start(env.command(KMSCTL, ["sign", "--label", "ec", "--in", "message"])).ends();
    assert_eq!(text.1, 0, "{}", text.0);
}
