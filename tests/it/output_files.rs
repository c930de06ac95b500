//! `--out` and standard output: files are written completely or not at all, and binary data stays off the terminal.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use crate::support::{KMSCTL, TestEnv, field, path_text, terminal::Terminal, token};

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
fn a_file_beyond_the_size_limit_is_an_error_with_a_message() {
    let env = with_key();
    env.create("app", "aes-256");
    env.write("out", "old");
    let before = files(&env);
    let refused = env.shell(
        "head -c 200000 /dev/zero | (ulimit -f 100; exec kmsctl encrypt --label app --format age --out out)",
    );
    refused.fails(1).saying("cannot write out").saying("File too large");
    assert_eq!(env.read("out"), b"old");
    assert_eq!(files(&env), before);
    // The command of `ephemeral` inherits the limit, and the signal as it was.
    let child = env
        .shell("ulimit -f 100; ulimit -c 0; exec kmsctl ephemeral -- sh -c 'head -c 200000 /dev/zero > big'");
    assert_eq!(child.status.code(), Some(128 + 25), "{child}");
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
    let create = "kmsctl key create --label made --algorithm ec-p256 --json > /dev/full";
    env.shell(create).fails(1).saying("the command took effect").saying("No space left");
    env.run(["key", "show", "--label", "made"]).success();
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
    symlink("target", env.file("link")).expect("link");
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

/// The files that a run takes its keys, secrets and settings from.
#[test]
fn output_does_not_replace_what_the_run_uses() {
    let env = with_key();
    let token = path_text(&env.path("home/data/kmsctl/token.sql")).to_owned();
    env.write("passphrase", "correct horse");
    env.write("pin", env.read(env.variable("KMSCTL_PIN_FILE")));
    env.write("config.toml", "");
    fs::hard_link(env.file("pin"), env.file("linked")).expect("linked");
    symlink(&token, env.file("link")).expect("linked");
    env.create("kem", "ml-kem-768");
    env.run(["key", "show", "--label", "kem", "--pem", "--out", "key.pem"]).success();
    let before = files(&env);
    let store = fs::read(&token).expect("readable");
    for (line, file) in [
        ("token backup --passphrase-file passphrase --out", token.as_str()),
        ("token backup --passphrase-file passphrase --out", "passphrase"),
        ("token backup --passphrase-file passphrase --out", "link"),
        ("sign --label ec --out", &token),
        ("sign --label ec --out", &token.replace("token.sql", "tries")),
        ("sign --label ec --out", &token.replace("token.sql", "new")),
        ("sign --label ec --pin-file pin --out", "pin"),
        ("sign --label ec --pin-file pin --out", "linked"),
        ("sign --label ec --config config.toml --out", "config.toml"),
        ("sign --label ec --records records --out", "records/new"),
        ("key show --label ec --pem --out", &token),
        ("random 16 --out", &token),
        ("encrypt --public-key key.pem --out", "key.pem"),
        ("batch --out", &token),
    ] {
        let content = fs::read(env.file(file)).ok();
        let arguments: Vec<_> = line.split(' ').chain([file]).collect();
        let refused = env.run(arguments).fails(2).saying("it would damage the ");
        assert_eq!(fs::read(env.file(file)).ok(), content, "{line} {file}: {refused}");
    }
    assert_eq!(fs::read(&token).expect("readable"), store);
    assert_eq!(files(&env), before);
    let refused = env.run(["random", "16", "--out", &token]).fails(2);
    refused.saying("it would damage the store").saying("hint: name another file for the output");
}

#[test]
fn damaged_counts_of_wrong_pins_are_not_locked_pins() {
    let env = with_key();
    fs::write(env.path("home/data/kmsctl/tries"), "age-encryption.org/v1").expect("written");
    let refused = env.run(["sign", "--label", "ec", "--json"]).fails(6);
    assert_eq!(field(&refused.error(), "code"), "STORE_DAMAGED");
    refused.saying("tries");
}
