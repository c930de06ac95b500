//! `token backup` and `token restore`: the whole embedded token on another machine, or nothing.

use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path, thread};

use age::secrecy::SecretString;
use serde_json::Value;

use crate::{
    storage::in_own_namespace,
    support::{TestEnv, field, output::Output, path_text, terminal::Terminal, token},
};

const IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
const OTHER_IDENTITY: &str = "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6";
const PASSPHRASE: &str = "correct horse battery staple";

/// A token with a key, and the files that the tests name.
fn with_key() -> TestEnv {
    let env = token::embedded();
    env.create("web", "ec-p256");
    for (name, text) in [("pass", PASSPHRASE), ("id", IDENTITY), ("other.id", OTHER_IDENTITY), ("data", "d")]
    {
        env.write(name, text);
    }
    env
}

fn backup(env: &TestEnv, out: &str) {
    env.run(["token", "backup", "--recipient", RECIPIENT, "--out", out]).success();
}

fn restore(env: &TestEnv, file: &str, store: &str) -> Output {
    env.run(["token", "restore", "--identity", "id", "--in", file, "--store", store])
}

/// Nothing at all, or a directory in which there is no token.
#[track_caller]
fn has_no_token(env: &TestEnv, store: &str) {
    assert!(!env.file(store).join("token.sql").exists(), "{store}");
    env.run(["token", "show", "--store", store]).fails(6).saying("no token in");
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// Encrypted with the passphrase, by the `age` crate.
fn age_file(plaintext: &[u8]) -> Vec<u8> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
    recipient.set_work_factor(10);
    age::encrypt(&recipient, plaintext).expect("encrypted")
}

#[test]
fn another_machine_goes_on_where_the_first_was() {
    let first = with_key();
    first
        .on_day(0, "key create --label data --algorithm aes-256 --auto-rotate --rotation-period 30")
        .success();
    first.on_day(0, "encrypt --label data --in data --out old.kms").success();
    first.on_day(31, "key rotate --due").success();
    first.on_day(31, "encrypt --label data --in data --format age --out new.age").success();
    first.run(["key", "show", "--label", "web", "--pem", "--out", "web.pem"]).success();
    first.write("wrong", "not-the-pin");
    for _ in 0..2 {
        first.run(["key", "list", "--pin-file", "wrong"]).fails(5);
    }
    let said = first.run(["token", "backup", "--recipient", RECIPIENT, "--out", "kms.age", "--json"]);
    let said = said.success().json();
    assert_eq!((&said["recipients"][0], field(&said, "out")), (&RECIPIENT.into(), "kms.age"));
    assert_eq!(fs::metadata(first.file("kms.age")).expect("written").permissions().mode() & 0o777, 0o600);

    let mut second = TestEnv::new();
    for file in ["kms.age", "id", "old.kms", "new.age", "data", "web.pem"] {
        second.write(file, first.read(file));
    }
    let pin = second.write("pin", fs::read(first.variable("KMSCTL_PIN_FILE")).expect("the PIN"));
    fs::set_permissions(&pin, fs::Permissions::from_mode(0o600)).expect("set");
    second.set("KMSCTL_PIN_FILE", path_text(&pin));
    let restored = second.run(["token", "restore", "--in", "kms.age", "--identity", "id", "--json"]);
    let restored = restored.success().json();
    assert_eq!(restored["serial"], said["serial"]);
    assert_eq!(restored["backupDate"], said["backupDate"]);
    assert_eq!(restored["userPin"], first.run(["token", "show", "--json"]).success().json()["userPin"]);
    let store = second.path("home/data/kmsctl");
    assert_eq!(names(&store), ["lock", "token.sql", "tries"]);
    assert_eq!(fs::read(store.join("tries")).expect("counts"), [0, 2]);
    for (path, mode) in
        [(store.clone(), 0o700), (store.join("token.sql"), 0o600), (store.join("tries"), 0o600)]
    {
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, mode, "{path:?}");
    }

    let keys = |env: &TestEnv| env.on_day(40, "key list --json").success().json();
    assert_eq!(keys(&first), keys(&second));
    for file in ["old.kms", "new.age"] {
        assert_eq!(second.run(["decrypt", "--in", file]).success().text(), "d", "{file}");
    }
    second.run(["sign", "--label", "web", "--in", "data", "--out", "sig"]).success();
    let verify = ["verify", "--public-key", "web.pem", "--signature", "sig", "--in", "data"];
    second.run(verify).success();
    assert_eq!(second.on_day(59, "key rotate --due --json").success().text(), "[]\n");
    assert_eq!(second.on_day(61, "key rotate --due --json").success().json()[0]["version"], 3);
    second.on_day(61, "doctor").success();
}

#[test]
fn wrong_pins_count_on_after_a_restore() {
    let env = with_key();
    env.write("wrong", "not-the-pin");
    let wrong = |store: &str| env.run(["key", "list", "--pin-file", "wrong", "--store", store]).fails(5);
    let original = env.path("home/data/kmsctl");
    for _ in 0..4 {
        wrong(path_text(&original));
    }
    backup(&env, "kms.age");
    restore(&env, "kms.age", "restored").success();
    for _ in 0..5 {
        wrong("restored");
    }
    env.run(["key", "list", "--store", "restored"]).fails(5).saying("one try is left");
    env.run(["key", "list"]).success();
}

#[test]
fn a_backup_is_a_plain_age_file_around_the_database() {
    let env = with_key();
    backup(&env, "kms.age");
    env.run(["token", "backup", "--passphrase-file", "pass", "--out", "pass.age"]).success();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = project.join("target/judges/python/bin/python");
    assert!(python.exists(), "run `./dev test` once: it installs pyca/cryptography");
    let judge = format!("{} {}", path_text(&python), path_text(&project.join("tests/judges/age.py")));
    for (file, secret) in [("kms.age", IDENTITY), ("pass.age", PASSPHRASE)] {
        env.shell(&format!("{judge} {file} '{secret}' > plain && tail -n +2 plain > token.sql")).success();
        let line = env.shell("head -n 1 plain").success().json();
        assert_eq!((&line["kmsctlBackup"], field(&line, "label")), (&1.into(), "test"), "{line}");
        assert_eq!(line["size"], fs::metadata(env.file("token.sql")).expect("there").len());
        env.shell("mkdir -m 700 by-hand; chmod 600 token.sql; mv token.sql by-hand").success();
        env.run(["sign", "--label", "web", "--in", "data", "--store", "by-hand"]).success();
        env.shell("rm -r by-hand").success();
    }
}

#[test]
fn what_other_programs_encrypted_again_is_restored() {
    let env = with_key();
    backup(&env, "kms.age");
    let identity: age::x25519::Identity = IDENTITY.parse().expect("an identity");
    let plain = age::decrypt(&identity, &env.read("kms.age")).expect("decrypted");
    let recipient: age::x25519::Recipient = RECIPIENT.parse().expect("a recipient");
    env.write("armored.age", age::encrypt_and_armor(&recipient, &plain).expect("encrypted"));
    restore(&env, "armored.age", "armored").success();
    env.write("again.age", age_file(&plain));
    let by_passphrase = ["--passphrase-file", "pass", "--in", "again.age", "--store", "again"];
    env.run([&["token", "restore"][..], &by_passphrase].concat()).success();
    assert_eq!(names(&env.file("again")), names(&env.file("armored")));
}

#[test]
fn ssh_keys_are_recipients_and_identities() {
    let env = with_key();
    for kind in ["ed25519", "rsa"] {
        env.shell(&format!("ssh-keygen -q -t {kind} -N '' -C '' -f {kind}")).success();
        let line = String::from_utf8(env.read(&format!("{kind}.pub"))).expect("text");
        let file = format!("{kind}.age");
        let recipients = ["--recipient", RECIPIENT, "--recipient", line.trim()];
        env.run([&["token", "backup", "--out", &file][..], &recipients].concat()).success();
        for identity in ["id", kind] {
            let store = format!("{kind}-{identity}");
            let restore = ["token", "restore", "--in", &file, "--identity", identity, "--store", &store];
            env.run(restore).success();
        }
    }
    env.shell("ssh-keygen -q -t ed25519 -N secret -f locked").success();
    let restore = ["token", "restore", "--in", "rsa.age", "--identity", "locked", "--store", "none"];
    env.run(restore).fails(2).saying("the SSH key is encrypted");
    has_no_token(&env, "none");
}

#[test]
fn a_wrong_passphrase_or_identity_restores_nothing() {
    let env = with_key();
    backup(&env, "kms.age");
    env.run(["token", "backup", "--passphrase-file", "pass", "--out", "pass.age"]).success();
    env.write("wrong", "correct horse battery stable");
    env.write("bad.id", "AGE-SECRET-KEY-1");
    for (file, option, secret, code) in [
        ("kms.age", "--identity", "other.id", 5),
        ("kms.age", "--passphrase-file", "pass", 5),
        ("pass.age", "--passphrase-file", "wrong", 5),
        ("pass.age", "--identity", "id", 5),
        ("kms.age", "--identity", "bad.id", 2),
        ("kms.age", "--identity", "data", 2),
        ("kms.age", "--no-input", "", 2),
        ("pass.age", "--no-input", "", 2),
    ] {
        let mut args = vec!["token", "restore", "--in", file, "--store", "none", option];
        args.extend(Some(secret).filter(|secret| !secret.is_empty()));
        let output = env.run(args).fails(code);
        assert!(
            !output.stderr_text().contains("KEY-1G") && !output.stderr_text().contains("KEY-1X"),
            "{output}"
        );
        assert!(!env.file("none").exists(), "{file} {option} {secret}");
    }
}

#[test]
fn a_damaged_truncated_or_swapped_file_restores_nothing() {
    let env = with_key();
    backup(&env, "kms.age");
    let file = env.read("kms.age");
    let header = file.windows(5).position(|bytes| bytes == b"\n--- ").expect("a header");
    let mut wrong = vec![("empty".to_owned(), Vec::new()), ("text".to_owned(), b"hello\n".to_vec())];
    for length in [10, header + 3, header + 60, file.len() / 2, file.len() - 1] {
        wrong.push((format!("cut at {length}"), file[..length].to_vec()));
    }
    for place in [5, header + 10, header + 60, file.len() / 2, file.len() - 1] {
        let mut file = file.clone();
        file[place] ^= 1;
        wrong.push((format!("changed at {place}"), file));
    }
    wrong.push(("longer".to_owned(), [&file[..], b"x"].concat()));
    for (what, content) in wrong {
        env.write("wrong.age", content);
        let output = restore(&env, "wrong.age", "none");
        assert_eq!(output.status.code(), Some(3), "{what}\n{output}");
        assert!(!env.file("none").exists(), "{what}");
    }
    // A stanza that was changed looks like one for another recipient.
    let mut changed = file.clone();
    changed[header - 3] ^= 1;
    env.write("wrong.age", changed);
    restore(&env, "wrong.age", "none").exits_any(&[3, 5]);
    assert!(!env.file("none").exists());
}

#[test]
fn a_file_that_is_no_backup_or_a_newer_one_restores_nothing() {
    let env = with_key();
    backup(&env, "kms.age");
    let identity: age::x25519::Identity = IDENTITY.parse().expect("an identity");
    let plain = age::decrypt(&identity, &env.read("kms.age")).expect("decrypted");
    let at = plain.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let (line, database) = plain.split_at(at);
    let line = std::str::from_utf8(line).expect("text");
    let with = |from: &str, to: &str| {
        assert!(line.contains(from), "{line}");
        [line.replace(from, to).as_bytes(), database].concat()
    };
    let mut broken = plain.clone();
    broken[at + 5000..at + 9000].fill(7);
    env.shell("sqlite3 other.sql 'CREATE TABLE t (x)'").success();
    let other = env.read("other.sql");
    let of_other = |size: usize| {
        let line = line.replace(&format!("\"size\":{}", database.len()), &format!("\"size\":{size}"));
        [line.as_bytes(), &other].concat()
    };
    let cases: [(&str, Vec<u8>, i32); 9] = [
        ("a text", b"hello".to_vec(), 3),
        ("nothing", Vec::new(), 3),
        ("the database alone", database.to_vec(), 3),
        ("a newer format", with("\"kmsctlBackup\":1", "\"kmsctlBackup\":2"), 2),
        ("no format", with("\"kmsctlBackup\":1", "\"kmsctlBackup\":\"one\""), 3),
        ("a cut database", plain[..plain.len() - 4096].to_vec(), 3),
        ("more than a database", [&plain[..], b"x"].concat(), 3),
        ("broken pages", broken, 3),
        ("another database", of_other(other.len()), 3),
    ];
    for (what, content, code) in cases {
        env.write("wrong.age", age_file(&content));
        let args = ["token", "restore", "--passphrase-file", "pass", "--in", "wrong.age", "--store", "none"];
        let output = env.run(args);
        assert_eq!(output.status.code(), Some(code), "{what}\n{output}");
        assert!(!env.file("none").exists(), "{what}");
    }
}

#[test]
fn a_trigger_in_the_database_is_refused() {
    let env = with_key();
    let database = env.path("home/data/kmsctl/token.sql");
    let sql = "CREATE TRIGGER t AFTER INSERT ON objects BEGIN DELETE FROM objects; END";
    env.shell(&format!("sqlite3 {} '{sql}'", path_text(&database))).success();
    env.run(["token", "backup", "--recipient", RECIPIENT, "--out", "kms.age"])
        .fails(6)
        .saying("it has a trigger or a view");
    assert!(!env.file("kms.age").exists());
    let found = env.run(["doctor"]).exits(3);
    assert!(found.text().contains("it has a trigger or a view"), "{found}");
}

#[test]
fn an_existing_store_is_not_touched() {
    let env = with_key();
    backup(&env, "kms.age");
    let before = env.keys();
    env.run(["token", "restore", "--identity", "id", "--in", "kms.age"])
        .fails(8)
        .saying("already holds a token");
    assert_eq!(env.keys(), before);
    env.shell("mkdir -m 700 used; touch used/file").success();
    restore(&env, "kms.age", "used").fails(8).saying("is not empty");
    assert_eq!(names(&env.file("used")), ["file"]);
    env.shell("mkdir -m 700 empty").success();
    restore(&env, "kms.age", "empty").success();
}

#[test]
fn the_token_of_a_module_is_refused() {
    let env = token::softhsm();
    for args in
        [vec!["token", "backup", "--recipient", RECIPIENT], vec!["token", "restore", "--identity", "id"]]
    {
        env.run(args).fails(6).saying("only the embedded token").saying("kmsctl-backup(7)");
    }
}

#[test]
fn a_passphrase_is_asked_for_twice() {
    let env = with_key();
    let start = |args: &[&str]| Terminal::start(env.command(crate::support::KMSCTL, args));
    let mut terminal = start(&["token", "backup", "--out", "kms.age"]);
    terminal.sees("Passphrase for the backup: ");
    terminal.types(PASSPHRASE);
    terminal.sees("Repeat the passphrase: ");
    terminal.types("another");
    let (text, code) = terminal.ends();
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("the two entries of the passphrase differ"), "{text}");
    assert!(!env.file("kms.age").exists());
    let mut terminal = start(&["token", "backup", "--out", "kms.age"]);
    for prompt in ["Passphrase for the backup: ", "Repeat the passphrase: "] {
        terminal.sees(prompt);
        terminal.types(PASSPHRASE);
    }
    assert_eq!(terminal.ends().1, 0);
    let mut terminal = start(&["token", "restore", "--in", "kms.age", "--store", "restored"]);
    terminal.sees("Passphrase for kms.age: ");
    terminal.types(PASSPHRASE);
    assert_eq!(terminal.ends().1, 0);
    let refused = env.run(["token", "backup", "--out", "none.age", "--no-input", "--json"]).exits(2).error();
    assert!(field(&refused, "hint").contains("--recipient RECIPIENT"), "{refused}");
    env.write("empty", "\n");
    env.run(["token", "backup", "--out", "none.age", "--passphrase-file", "empty"])
        .fails(2)
        .saying("is empty");
    assert!(!env.file("none.age").exists());
}

#[test]
fn pipes_links_and_standard_streams() {
    let env = with_key();
    let backup = format!("kmsctl token backup --recipient {RECIPIENT}");
    env.shell(&format!("{backup} | kmsctl token restore --in - --identity id --store piped")).success();
    env.shell(&format!(
        "{backup} --out - > out.age; kmsctl token restore --identity - --in out.age --store b < id"
    ))
    .success();
    env.shell(&format!("mkfifo p; cat p > fifo.age & {backup} --out p; wait")).success();
    restore(&env, "fifo.age", "fifo").success();
    env.shell("mkfifo q; cat out.age > q & kmsctl token restore --in q --identity id --store q.store; wait")
        .success();
    env.shell(&format!("ln -s target.age link.age; {backup} --out link.age")).success();
    assert!(env.file("link.age").is_symlink());
    restore(&env, "target.age", "linked").success();
    env.shell("kmsctl token restore --in - --identity - --store none < out.age")
        .fails(2)
        .saying("cannot be both");
    env.run(["token", "backup", "--recipient", RECIPIENT, "--json"]).fails(2).saying("--out");
    env.run(["token", "backup", "--recipient", IDENTITY]).fails(2).saying("which is secret");
    env.shell(&format!("{backup} | head -c 10 > /dev/null; test ${{PIPESTATUS[0]}} = 1")).exits_any(&[0, 1]);
    env.run(["token", "backup", "--recipient", RECIPIENT, "--out", "."]).fails(1);
    assert_eq!(names(&env.path("tmp")), Vec::<String>::new(), "no copy is left");
}

#[test]
fn a_copy_is_consistent_while_others_write() {
    let env = with_key();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 0..6 {
                let label = format!("k{number}");
                env.run(["key", "create", "--label", &label, "--algorithm", "ec-p256"]).success();
                env.run(["key", "rotate", "--label", &label]).success();
                env.run(["key", "update", "--label", &label, "--memo", "m"]).success();
            }
        });
        let mut number = 0;
        while !writer.is_finished() || number < 3 {
            let (file, store) = (format!("{number}.age"), format!("store-{number}"));
            backup(&env, &file);
            restore(&env, &file, &store).success();
            env.run(["doctor", "--store", &store]).success();
            let used = env.run(["sign", "--label", "web", "--in", "data", "--store", &store]);
            used.success();
            number += 1;
        }
        writer.join().expect("no panic");
    });
    backup(&env, "last.age");
    restore(&env, "last.age", "last").success();
    let there: Value = env.run(["key", "list", "--json", "--store", "last"]).success().json();
    assert_eq!(there, Value::from(env.keys()));
}

/// A process that writes beyond the limit of `ulimit -f` (in KiB) is killed at once, wherever it is.
#[test]
fn a_run_that_is_killed_leaves_nothing() {
    let env = with_key();
    backup(&env, "kms.age");
    let limited = |limit: u32, command: &str| {
        env.shell(&format!("ulimit -f {limit}; ulimit -c 0; exec kmsctl {command}")).status.success()
    };
    let mut killed = 0;
    for limit in (0..100).step_by(7) {
        let out = format!("out-{limit}.age");
        let store = format!("store-{limit}");
        if !limited(limit, &format!("token backup --recipient {RECIPIENT} --out {out}")) {
            assert!(!env.file(&out).exists(), "{limit}");
            killed += 1;
        }
        if !limited(limit, &format!("token restore --in kms.age --identity id --store {store}")) {
            has_no_token(&env, &store);
            killed += 1;
        }
        if !env.file(&store).join("token.sql").exists() {
            restore(&env, "kms.age", &store).success();
        }
        env.run(["sign", "--label", "web", "--in", "data", "--store", &store]).success();
        assert_eq!(names(&env.file(&store)), ["lock", "token.sql", "tries"], "{limit}");
    }
    assert!(killed > 5, "{killed}");
    assert_eq!(names(&env.path("tmp")), Vec::<String>::new());
}

/// Killed while it waits for the rest of the file.
#[test]
fn a_restore_that_is_killed_between_two_pieces_leaves_no_token() {
    let env = with_key();
    backup(&env, "kms.age");
    let file = env.read("kms.age");
    for length in [0, 100, file.len() / 2, file.len() - 1] {
        let args = ["token", "restore", "--in", "-", "--identity", "id", "--store", "none"];
        let mut command = env.command(crate::support::KMSCTL, args);
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("started");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(&file[..length]).expect("written");
        let lock = env.file("none").join("lock");
        while !lock.exists() {
            thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        drop(stdin);
        has_no_token(&env, "none");
    }
    restore(&env, "kms.age", "none").success();
    assert_eq!(names(&env.file("none")), ["lock", "token.sql", "tries"]);
}

#[test]
fn a_full_disk_leaves_nothing() {
    let env = with_key();
    backup(&env, "kms.age");
    let script = format!(
        r#"
        mount -t tmpfs -o size=100k,mode=700 none "$TMPDIR"
        dd if=/dev/zero of="$TMPDIR/ballast" bs=4k 2> /dev/null || true
        try() {{ code=0; "$@" 2> said || code=$?; echo "$code $(head -n 1 said)"; }}
        try kmsctl token restore --in kms.age --identity id --store "$TMPDIR/store"
        try kmsctl token backup --recipient {RECIPIENT} --out copy.age
        export TMPDIR_FULL=$TMPDIR; export TMPDIR=$PWD
        try kmsctl token backup --recipient {RECIPIENT} --out "$TMPDIR_FULL/full.age"
        ls "$TMPDIR_FULL"; ls copy.age 2> /dev/null || true"#
    );
    let Some(output) = in_own_namespace(&env, &script) else { return };
    let text = output.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("6 ") && lines[1].starts_with("6 ") && lines[2].starts_with("1 "),
        "{output}"
    );
    assert_eq!(lines[3..], ["ballast"], "{output}");
}

#[test]
fn a_read_only_store_is_backed_up() {
    let env = with_key();
    let script = format!(
        r#"
        mount --bind "$STORE" "$STORE"
        mount -o remount,bind,ro "$STORE"
        kmsctl token backup --recipient {RECIPIENT} --out kms.age"#
    );
    let Some(output) = in_own_namespace(&env, &script) else { return };
    output.success();
    restore(&env, "kms.age", "restored").success();
}
