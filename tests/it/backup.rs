//! `token backup` and `token restore`: the whole embedded token on another machine, or nothing.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, thread};

use age::secrecy::SecretString;
use serde_json::Value;

use crate::{
    storage::in_own_namespace,
    support::{TestEnv, field, output::Output, path_text, terminal::Terminal, token},
};

pub(crate) const IDENTITY: &str =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
pub(crate) const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
const OTHER_IDENTITY: &str = "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6";
const PASSPHRASE: &str = "correct horse battery staple";

/// A token with a key, and the files that the tests name.
pub(crate) fn with_key() -> TestEnv {
    let env = token::embedded();
    env.create("web", "ec-p256");
    for (name, text) in [("pass", PASSPHRASE), ("id", IDENTITY), ("other.id", OTHER_IDENTITY), ("data", "d")]
    {
        env.write(name, text);
    }
    env
}

pub(crate) fn backup(env: &TestEnv, out: &str) {
    env.run(["token", "backup", "--recipient", RECIPIENT, "--out", out]).success();
}

pub(crate) fn restore(env: &TestEnv, file: &str, store: &str) -> Output {
    env.run(["token", "restore", "--identity", "id", "--in", file, "--store", store])
}

/// Nothing at all, or a directory in which there is no token.
#[track_caller]
pub(crate) fn has_no_token(env: &TestEnv, store: &str) {
    assert!(!env.file(store).join("token.sql").exists(), "{store}");
    env.run(["token", "show", "--store", store]).fails(6).saying("no token in");
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// Encrypted with the passphrase, by the `age` crate.
pub(crate) fn age_file(plaintext: &[u8]) -> Vec<u8> {
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
        assert_eq!(
            fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            mode,
            "{}",
            path.display()
        );
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
    env.write("short", "sevenéé");
    let backup = ["token", "backup", "--out", "none.age", "--passphrase-file", "short"];
    env.run(backup).fails(2).saying("fewer than 8 characters");
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
    let refused = env.run(["token", "backup", "--recipient", IDENTITY]).fails(2).saying("which is secret");
    assert!(!refused.stderr_text().contains("GFPYY"), "{refused}");
    let with_records = env.with("KMSCTL_RECORDS", "records");
    let backup = ["token", "backup", "--recipient", RECIPIENT, "--out", "r.age"];
    with_records.run(backup).success().saying("the records in records are not in the backup");
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
