//! `token restore` of what is not a whole backup, and both commands when they are stopped: nothing is restored, nothing is left.

use std::{io::Write, thread};

use crate::{
    backup::{IDENTITY, RECIPIENT, age_file, backup, has_no_token, names, restore, with_key},
    storage::in_own_namespace,
    support::{path_text, token},
};

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

/// `ulimit -f` is in KiB.
#[test]
fn a_run_beyond_the_file_size_limit_fails_and_leaves_nothing() {
    let env = with_key();
    backup(&env, "kms.age");
    let limited = |limit: u32, command: &str| {
        let output = env.shell(&format!("ulimit -f {limit}; exec kmsctl {command}"));
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1 | 6)), "{limit} {output}");
        code == Some(0)
    };
    let mut failed = 0;
    for limit in (0..100).step_by(7) {
        let out = format!("out-{limit}.age");
        let store = format!("store-{limit}");
        if !limited(limit, &format!("token backup --recipient {RECIPIENT} --out {out}")) {
            assert!(!env.file(&out).exists(), "{limit}");
            failed += 1;
        }
        if !limited(limit, &format!("token restore --in kms.age --identity id --store {store}")) {
            has_no_token(&env, &store);
            failed += 1;
        }
        if !env.file(&store).join("token.sql").exists() {
            restore(&env, "kms.age", &store).success();
        }
        env.run(["sign", "--label", "web", "--in", "data", "--store", &store]).success();
        assert_eq!(names(&env.file(&store)), ["lock", "token.sql", "tries"], "{limit}");
    }
    assert!(failed > 5, "{failed}");
    assert_eq!(names(&env.path("tmp")), Vec::<String>::new());
}

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
