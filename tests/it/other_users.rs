//! Other users of the machine: files that they own or can write are not trusted, and nothing private is written to them.
//!
//! These tests start processes of another user (`nobody`), which needs root; without root they print that they are skipped.

use std::{
    fs::{self, Permissions},
    io::Read,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, lchown},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::support::{
    KMSCTL, TestEnv, path_text, process,
    token::{embedded, softhsm},
};

/// The user `nobody` and the group with the same ID.
const OTHER: u32 = 65_534;

#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn is_root() -> bool {
    let is_root = fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0);
    if !is_root {
        eprintln!("skipped: only root can start processes of another user");
    }
    is_root
}

/// Runs a line of shell as the other user.
#[track_caller]
fn as_other_user(script: &str) {
    let mut command = Command::new("sh");
    let status = command.args(["-c", script]).current_dir("/").uid(OTHER).gid(OTHER).status();
    assert!(status.expect("a shell").success(), "{script}");
}

fn start_as_other_user(script: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir("/").uid(OTHER).gid(OTHER);
    command.stdout(Stdio::piped()).spawn().expect("a shell")
}

/// A directory like /tmp: writable by everyone, sticky.
pub(crate) fn shared_directory() -> tempfile::TempDir {
    let directory = tempfile::Builder::new().prefix("kmsctl-it-shared-").tempdir().expect("a directory");
    mode(directory.path(), 0o1777);
    directory
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

fn set_owner(path: &Path, user: u32) {
    lchown(path, Some(user), None).expect("only root can");
}

#[track_caller]
fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).expect("there").mode() & 0o777
}

/// Runs `act` for each way to make the file or directory untrusted, then restores it.
fn for_each_untrusted_mode(path: &Path, act: impl Fn(&str)) {
    let before = fs::metadata(path).expect("there").mode() & 0o7777;
    // Not root's group: it has no other members, so its write permission is trusted.
    chown(path, None, Some(OTHER)).expect("only root can");
    for bits in [0o020, 0o002, 0o022] {
        mode(path, before | bits);
        act("can write to");
        mode(path, before);
    }
    set_owner(path, OTHER);
    act("belongs to user nobody");
    set_owner(path, 0);
}

#[test]
fn untrusted_records_destroy_nothing() {
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
        env.on_day(30, "key purge --due --yes --trust-clock").fails(2).saying("is not trusted").saying(what);
    };
    for_each_untrusted_mode(&record, refused);
    for_each_untrusted_mode(&records, refused);
    // A user who can open a lock file can hold the lock forever.
    for (bits, owner) in [(0o666, 0), (0o600, OTHER)] {
        mode(&lock, bits);
        set_owner(&lock, owner);
        env.on_day(30, "key purge --due --yes --trust-clock").fails(2).saying(".lock is not trusted");
        mode(&lock, 0o600);
        set_owner(&lock, 0);
    }
    // Another user's symlink in place of the directory.
    let shared = shared_directory();
    mode(shared.path(), 0o1777);
    let link = shared.path().join("records");
    mode(&env.path(""), 0o755);
    as_other_user(&format!("ln -s {} {}", path_text(&records), path_text(&link)));
    let purge = ["key", "purge", "--due", "--yes", "--records", path_text(&link)];
    env.with("KMSCTL_TEST_NOW", "9999999999999").run(purge).fails(2).saying("belongs to user nobody");
    // None of the refused runs destroyed the key.
    assert!(env.on_day(30, "key purge --due --yes --trust-clock").success().stderr_text().contains("\"k\""));
}

#[test]
fn an_untrusted_store_is_refused_with_a_command_that_fixes_it() {
    if !is_root() {
        return;
    }
    let env = embedded();
    env.create("k", "ec-p256");
    let store = env.path("home/data/kmsctl");
    for path in [&store, &store.join("token.sql"), &store.join("lock"), &env.path("home/data")] {
        for_each_untrusted_mode(path, |what| {
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
fn private_output_is_not_written_to_another_users_pipe_or_link() {
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
    as_other_user(&format!(
        "cd {} && mkfifo -m 666 pipe && touch caught && chmod 666 caught && ln -s caught link && mkdir dir && ln -s dir deep",
        path_text(shared.path())
    ));
    // Waits for data on the pipe.
    let mut thief = start_as_other_user(&format!("exec cat {}", path_text(&pipe)));
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
fn private_output_is_readable_by_the_caller_only() {
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
    // The caller's own symlink is followed.
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
    as_other_user(&format!("mkdir {}", path_text(&taken)));
    let create =
        |label: &str| ["key", "create", "--label", label, "--algorithm", "aes-256"].map(str::to_owned);
    // The lock is below the home directory, or under another name if that is not usable.
    env.without("XDG_RUNTIME_DIR").run(create("a")).success();
    let state = env.path("home/state/kmsctl");
    assert!(fs::read_dir(&state).expect("the lock").count() == 1);
    set_owner(&env.path("home/state"), OTHER);
    env.without("XDG_RUNTIME_DIR").run(create("b")).success();
    // Anyone who can open a lock can hold it, so an open lock directory of the caller is an error.
    let own = env.path("run/kmsctl");
    mode(&own, 0o777);
    env.run(create("c")).fails(2).saying("the directory for locks").saying("every user can write");
    let found = env.run(["doctor"]).exits(3);
    assert!(found.text().contains("the lock for changes cannot be taken"), "{found}");
    assert!(found.text().contains("chmod go-w"), "{found}");
    mode(&own, 0o700);
    env.run(create("c")).success();
}

/// The same checks apply when the caller is not root.
#[test]
fn an_ordinary_user_trusts_only_itself_and_root() {
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
    env.shell(&format!("chown -R {user}:{user} {}", path_text(&env.path("")))).success();
    run(&["key", "list"]).success();
    set_owner(&env.path("home/data/kmsctl/token.sql"), 0);
    mode(&env.path("home/data/kmsctl/token.sql"), 0o644);
    run(&["key", "list"]).success();
    set_owner(&env.path("home/data/kmsctl/token.sql"), OTHER);
    let refused = run(&["key", "list"]).fails(2).saying("belongs to user nobody");
    assert!(refused.stderr_text().contains("hint: `sudo chown 54321 "), "{refused}");
}

#[test]
fn a_group_writable_store_is_refused() {
    let env: TestEnv = embedded();
    let store = env.path("home/data/kmsctl");
    mode(&store, 0o770);
    env.run("key list".split(' ')).fails(2).saying("the group of").saying("chmod g-w");
}

/// Following another user's symlink in a shared directory would overwrite a file of that user's choice.
#[test]
fn output_does_not_follow_another_users_link() {
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
    as_other_user(&format!("ln -s {} {}", path_text(&victim), path_text(&link)));
    let several = shared.path().join("message.sig");
    as_other_user(&format!("ln -s {} {}", path_text(&victim), path_text(&several)));
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
fn token_init_refuses_another_users_directory() {
    if !is_root() {
        return;
    }
    let env = TestEnv::new();
    env.write("so-pin", "security-officer-9");
    let shared = shared_directory();
    let store = shared.path().join("store");
    as_other_user(&format!("mkdir -m 777 {}", path_text(&store)));
    let init = ["token", "init", "--label", "x", "--so-pin-file", "so-pin", "--generate-pin", "pin"];
    env.run(init.into_iter().chain(["--store", path_text(&store)])).fails(2).saying("not trusted");
    assert_eq!(fs::read_dir(&store).expect("the directory").count(), 0);
    assert!(!env.file("pin").exists());
}

#[test]
fn backups_go_to_and_come_from_the_callers_own_places() {
    if !is_root() {
        return;
    }
    let env = embedded();
    env.write("pass", "a passphrase");
    let backup = |out: &str| env.run(["token", "backup", "--passphrase-file", "pass", "--out", out]);
    let shared = shared_directory();
    let there = path_text(shared.path());
    as_other_user(&format!(
        "cd {there} && mkfifo -m 666 pipe && touch caught && ln -s caught link && mkdir dir"
    ));
    for name in ["pipe", "link"] {
        backup(&format!("{there}/{name}")).fails(2).saying("nobody");
    }
    backup(&format!("{there}/own.age")).success();
    assert_eq!(mode_of(&shared.path().join("own.age")), 0o600);
    let restore = |store: &str| {
        let file = format!("{there}/own.age");
        env.run(["token", "restore", "--passphrase-file", "pass", "--in", &file, "--store", store])
    };
    restore(&format!("{there}/dir")).fails(2).saying("belongs to user nobody");
    restore(&format!("{there}/own")).success();
    // Another user can neither read the store nor the backup.
    fs::set_permissions(env.root(), Permissions::from_mode(0o755)).expect("set");
    for args in
        ["backup --out /dev/null --passphrase-fd 0 --store own", "restore --in own.age --store dir/mine"]
    {
        let script =
            format!("cd {there} && ! echo secret | HOME={there}/dir {KMSCTL} token {args} 2> dir/said");
        as_other_user(&script);
        let said = fs::read_to_string(shared.path().join("dir/said")).expect("text");
        assert!(said.contains("Permission denied"), "{said}");
    }
}

#[test]
fn passphrase_and_identity_files_are_trusted_like_pin_files() {
    let env = embedded();
    env.write("pass", "correct horse");
    env.run(["token", "backup", "--passphrase-file", "pass", "--out", "by-stdin.age"]).success();
    let restore = ["token", "restore", "--in", "by-stdin.age", "--store", "restored", "--passphrase-file"];
    env.run_with_stdin("correct horse\n", [&restore[..], &["-"]].concat()).success();
    mode(&env.file("pass"), 0o666);
    let backup = |option: &str, file: &Path| {
        let arguments = ["token", "backup", option, path_text(file), "--out", "refused.age"];
        env.run(arguments).fails(2).saying("is not trusted")
    };
    backup("--passphrase-file", &env.file("pass"));
    env.run([&restore[..4], &["--store", "again", "--identity", "pass"]].concat())
        .fails(2)
        .saying("the identity file pass is not trusted");
    assert!(!env.file("refused.age").exists());
    if is_root() {
        let shared = shared_directory();
        let pipe = shared.path().join("pipe");
        as_other_user(&format!("mkfifo -m 600 {}", path_text(&pipe)));
        let mut writer = start_as_other_user(&format!("exec sleep 60 > {}", path_text(&pipe)));
        backup("--passphrase-file", &pipe);
        writer.kill().expect("started here");
        writer.wait().expect("ended");
    }
}
