//! Other users of the machine: what they own or can write is not trusted, and nothing private goes through their hands.
//!
//! The other user is a real one (`nobody`), whose processes these tests start; so they need root, and say so where they
//! are not.

use std::{
    fs::{self, Permissions},
    io::Read,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, lchown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::support::{
    KMSCTL, TestEnv, path_text, process,
    token::{embedded, softhsm},
};

/// `nobody`, and the group of the same number.
const OTHER: u32 = 65_534;

#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn is_root() -> bool {
    let is_root = fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0);
    if !is_root {
        eprintln!("skipped: only root can start processes of another user");
    }
    is_root
}

/// Runs a line of shell as the other user.
#[track_caller]
fn other(script: &str) {
    let mut command = Command::new("sh");
    let status = command.args(["-c", script]).current_dir("/").uid(OTHER).gid(OTHER).status();
    assert!(status.expect("a shell").success(), "{script}");
}

fn other_in_background(script: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir("/").uid(OTHER).gid(OTHER);
    command.stdout(Stdio::piped()).spawn().expect("a shell")
}

/// A directory like /tmp: open to all, sticky.
fn shared_directory() -> tempfile::TempDir {
    let directory = tempfile::Builder::new().prefix("kmsctl-it-shared-").tempdir().expect("a directory");
    mode(directory.path(), 0o1777);
    directory
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

fn give(path: &Path, user: u32) {
    lchown(path, Some(user), None).expect("only root can");
}

#[track_caller]
fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).expect("there").mode() & 0o777
}

/// Each way to make a file or directory untrusted, and the way back.
fn spoiled(path: &Path, act: impl Fn(&str)) {
    let before = fs::metadata(path).expect("there").mode() & 0o7777;
    // Not root's own group, which has no other member.
    chown(path, None, Some(OTHER)).expect("only root can");
    for bits in [0o020, 0o002, 0o022] {
        mode(path, before | bits);
        act("can write to");
        mode(path, before);
    }
    give(path, OTHER);
    act("belongs to user nobody");
    give(path, 0);
}

#[test]
fn records_of_others_destroy_nothing() {
    if !is_root() {
        return;
    }
    let mut env = softhsm();
    env.set("KMSCTL_RECORDS", "records");
    env.run("key create --label k --algorithm aes-256 --memo m".split(' ')).success();
    env.run("key revoke --label k --after 1".split(' ')).success();
    let records = env.file("records");
    let entries = || fs::read_dir(&records).expect("records").map(|entry| entry.expect("an entry").path());
    let record = entries().find(|path| path.extension().is_some()).expect("a record");
    let lock = entries().find(|path| path.ends_with(".lock")).expect("a lock");
    let refused = |what: &str| {
        env.on_day(30, "key purge --due --yes").fails(2).saying("is not trusted").saying(what);
    };
    spoiled(&record, refused);
    spoiled(&records, refused);
    // A lock that another user can open is one that this user can hold for ever.
    for (bits, owner) in [(0o666, 0), (0o600, OTHER)] {
        mode(&lock, bits);
        give(&lock, owner);
        env.on_day(30, "key purge --due --yes").fails(2).saying(".lock is not trusted");
        mode(&lock, 0o600);
        give(&lock, 0);
    }
    // A link of another user, in the place of the directory.
    let shared = shared_directory();
    mode(shared.path(), 0o1777);
    let link = shared.path().join("records");
    mode(&env.path(""), 0o755);
    other(&format!("ln -s {} {}", path_text(&records), path_text(&link)));
    let purge = ["key", "purge", "--due", "--yes", "--records", path_text(&link)];
    env.with("KMSCTL_TEST_NOW", "9999999999999").run(purge).fails(2).saying("belongs to user nobody");
    // All that time nothing was destroyed.
    assert!(env.on_day(30, "key purge --due --yes").success().text().contains('k'));
}

#[test]
fn a_store_that_others_can_write_is_refused_with_the_command_that_mends_it() {
    if !is_root() {
        return;
    }
    let env = embedded();
    env.create("k", "ec-p256");
    let store = env.path("home/data/kmsctl");
    for path in [&store, &store.join("token.sql"), &store.join("lock"), &env.path("home/data")] {
        spoiled(path, |what| {
            let refused = env.run("key list".split(' ')).fails(2).saying("the store").saying(what);
            let text = refused.stderr_text();
            let hint = text.lines().find_map(|line| line.strip_prefix("hint: `")).expect("a hint");
            env.shell(hint.strip_suffix('`').expect("a command")).success();
            env.run("key list".split(' ')).success();
        });
    }
    let refused = env.path("home/open");
    fs::create_dir(&refused).expect("made");
    mode(&refused, 0o777);
    let store = refused.join("store");
    env.run(["token", "init", "--label", "x", "--store", path_text(&store)]).fails(2).saying("every user");
    assert!(!store.exists());
}

#[test]
fn a_pipe_or_link_of_another_user_gets_nothing_private() {
    if !is_root() {
        return;
    }
    let env = embedded();
    env.create("k", "aes-256");
    env.write("secret", "the plaintext");
    env.run("encrypt --label k --in secret --out sealed".split(' ')).success();
    env.write("batch", "{\"op\":\"random\",\"bytes\":8}\n");
    let shared = shared_directory();
    let (pipe, link) = (shared.path().join("pipe"), shared.path().join("link"));
    let (caught, deep) = (shared.path().join("caught"), shared.path().join("deep"));
    other(&format!(
        "cd {} && mkfifo -m 666 pipe && touch caught && chmod 666 caught && ln -s caught link && mkdir dir && ln -s dir deep",
        path_text(shared.path())
    ));
    // It waits at the pipe for what comes.
    let mut thief = other_in_background(&format!("exec cat {}", path_text(&pipe)));
    for path in [&pipe, &link, &deep.join("new")] {
        let path = path_text(path);
        for line in [
            "decrypt --in sealed --out",
            "random 16 --out",
            "datakey --label k --plaintext --out",
            "batch --in batch --out",
            "token set-pin --generate-pin",
        ] {
            let mut arguments: Vec<_> = line.split(' ').collect();
            arguments.push(path);
            env.run(arguments).fails(2).saying("is not trusted").saying("user nobody");
        }
    }
    let init = ["token", "init", "--label", "new", "--store", "new-store", "--so-pin-file", "so-pin"];
    env.run(init.into_iter().chain(["--generate-pin", path_text(&pipe)])).fails(2).saying("user nobody");
    thief.kill().expect("still waiting");
    let mut got = Vec::new();
    thief.stdout.take().expect("piped").read_to_end(&mut got).expect("read");
    thief.wait().expect("ended");
    assert!(got.is_empty(), "{}", String::from_utf8_lossy(&got));
    assert_eq!(fs::read(&caught).expect("there"), b"");
    assert_eq!(fs::read_dir(shared.path().join("dir")).expect("there").count(), 0);
}

#[test]
fn private_output_is_for_the_caller_alone_and_its_own_pipes_work() {
    let env = embedded();
    env.create("k", "aes-256");
    env.write("secret", "the plaintext");
    env.run("encrypt --label k --in secret --out sealed".split(' ')).success();
    env.write("batch", "{\"op\":\"random\",\"bytes\":8}\n");
    for (line, out) in [
        ("decrypt --in sealed --out a", "a"),
        ("random 16 --out b", "b"),
        ("datakey --label k --plaintext --out c", "c"),
        ("batch --in batch --out d", "d"),
    ] {
        fs::write(env.file(out), "old").expect("written");
        mode(&env.file(out), 0o666);
        env.run(line.split(' ')).success();
        assert_eq!(mode_of(&env.file(out)), 0o600, "{line}");
    }
    let output = env.shell("mkfifo p; kmsctl decrypt --in sealed --out p & cat p; wait").success();
    assert_eq!(output.text(), "the plaintext");
    let output = env.shell("kmsctl decrypt --in sealed --out /dev/stdout | cat").success();
    assert_eq!(output.text(), "the plaintext");
    // A link of one's own is followed.
    let output = env.shell("ln -s a own; kmsctl decrypt --in sealed --out own; test -L own; cat a").success();
    assert_eq!(output.text(), "the plaintext");
}

#[test]
fn another_user_cannot_take_the_lock_first() {
    if !is_root() {
        return;
    }
    let shared = shared_directory();
    let mut env = softhsm();
    env.set("TMPDIR", path_text(shared.path()));
    let taken = shared.path().join("kmsctl-0");
    other(&format!("mkdir {}", path_text(&taken)));
    let create =
        |label: &str| ["key", "create", "--label", label, "--algorithm", "aes-256"].map(str::to_owned);
    // The home directory holds it, and where there is none another name.
    env.without("XDG_RUNTIME_DIR").run(create("a")).success();
    let state = env.path("home/state/kmsctl");
    assert!(fs::read_dir(&state).expect("the lock").count() == 1);
    give(&env.path("home/state"), OTHER);
    env.without("XDG_RUNTIME_DIR").run(create("b")).success();
    // A process that can open a lock can hold it. In the user's own directory that is a mistake worth an error.
    let own = env.path("run/kmsctl");
    mode(&own, 0o777);
    env.run(create("c")).fails(2).saying("the directory for locks").saying("every user can write");
    let found = env.run(["doctor"]).exits(3);
    assert!(found.text().contains("the lock for changes cannot be taken"), "{found}");
    assert!(found.text().contains("chmod go-w"), "{found}");
    mode(&own, 0o700);
    env.run(create("c")).success();
}

/// The caller need not be root for any of this.
#[test]
fn an_ordinary_user_trusts_only_root() {
    if !is_root() {
        return;
    }
    let env = embedded();
    let user = 54_321;
    let run = |arguments: &[&str]| {
        let mut command = env.command(KMSCTL, arguments);
        command.uid(user).gid(user);
        process::run(command, b"", &env.path(""))
    };
    if Command::new(KMSCTL).arg("--version").uid(user).stdout(Stdio::null()).status().is_err() {
        return;
    }
    for path in everything_below(&env.path("")) {
        chown(&path, Some(user), Some(user)).expect("given");
    }
    run(&["key", "list"]).success();
    give(&env.path("home/data/kmsctl/token.sql"), 0);
    mode(&env.path("home/data/kmsctl/token.sql"), 0o644);
    run(&["key", "list"]).success();
    give(&env.path("home/data/kmsctl/token.sql"), OTHER);
    let refused = run(&["key", "list"]).fails(2).saying("belongs to user nobody");
    assert!(refused.stderr_text().contains("hint: `sudo chown 54321 "), "{refused}");
}

fn everything_below(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    if fs::symlink_metadata(path).expect("there").is_dir() {
        for entry in fs::read_dir(path).expect("readable") {
            all.extend(everything_below(&entry.expect("an entry").path()));
        }
    }
    all
}

#[test]
fn a_group_can_share_nothing_without_being_named() {
    let env: TestEnv = embedded();
    let store = env.path("home/data/kmsctl");
    mode(&store, 0o770);
    env.run("key list".split(' ')).fails(2).saying("the group of").saying("chmod g-w");
}

/// A link that another user left in a shared directory would choose the file that is overwritten.
#[test]
fn no_output_goes_through_a_link_of_another_user() {
    if !is_root() {
        return;
    }
    let env = embedded();
    env.run("key create --label ec --algorithm ec-p256".split(' ')).success();
    env.run("key create --label aes --algorithm aes-256".split(' ')).success();
    env.write("message", "m");
    env.run("encrypt --label aes --in message --out sealed".split(' ')).success();
    let victim = env.write("victim", "precious");
    let shared = shared_directory();
    let link = shared.path().join("link");
    other(&format!("ln -s {} {}", path_text(&victim), path_text(&link)));
    let several = shared.path().join("message.sig");
    other(&format!("ln -s {} {}", path_text(&victim), path_text(&several)));
    let out = path_text(&link);
    for line in [
        "sign --label ec --in message --out @",
        "encrypt --label aes --in message --out @",
        "reencrypt --in sealed --out @",
        "jwks --label ec --out @",
        "key show --label ec --pem --out @",
        "datakey --label aes --out @",
    ] {
        env.run(line.replace('@', out).split(' ')).fails(2).saying("not trusted");
        assert_eq!(fs::read(&victim).expect("the file"), b"precious", "{line}");
    }
    let directory = path_text(shared.path());
    let both = ["sign", "--label", "ec", "--in", "message", "--in", "sealed", "--out", directory];
    assert!(!env.run(both).status.success());
    assert_eq!(fs::read(&victim).expect("the file"), b"precious");
}

#[test]
fn no_token_is_made_in_a_directory_of_another_user() {
    if !is_root() {
        return;
    }
    let env = TestEnv::new();
    env.write("so-pin", "security-officer-9");
    let shared = shared_directory();
    let store = shared.path().join("store");
    other(&format!("mkdir -m 777 {}", path_text(&store)));
    let init = ["token", "init", "--label", "x", "--so-pin-file", "so-pin", "--generate-pin", "pin"];
    env.run(init.into_iter().chain(["--store", path_text(&store)])).fails(2).saying("not trusted");
    assert_eq!(fs::read_dir(&store).expect("the directory").count(), 0);
    assert!(!env.file("pin").exists());
}
