//! `reencrypt` moves ciphertext to the newest version, one file or a directory, and leaves the body of an envelope alone.

use std::fs;

use serde_json::{Value, json};

use crate::{
    encrypt::encrypt,
    support::{TestEnv, field, token},
};

token::on_both_tokens!(
    a_text_moves_to_the_newest_version,
    an_envelope_keeps_its_body,
    check_reports_and_changes_nothing,
    a_directory_is_reencrypted_file_by_file,
    json_of_one_file_uses_the_same_statuses,
    verify_refuses_a_damaged_body,
    a_failure_does_not_stop_the_rest,
    a_damaged_ciphertext_is_refused,
);

fn rotated(env: &TestEnv, algorithm: &str) -> (String, Vec<u8>) {
    env.create("app", algorithm);
    let text = encrypt(env, "app", b"secret");
    let envelope =
        env.run_with_stdin("long", ["encrypt", "--label", "app", "--format", "age"]).success().stdout;
    env.run(["key", "rotate", "--label", "app"]).success();
    (text, envelope)
}

fn a_text_moves_to_the_newest_version(env: &TestEnv) {
    let (text, _) = rotated(env, "aes-256");
    let moved = env.run_with_stdin(&text, ["reencrypt"]).success().silent();
    assert!(moved.line().starts_with("kms:v2:"));
    assert_eq!(env.run_with_stdin(moved.line(), ["decrypt"]).success().stdout, b"secret");
    let again = env.run_with_stdin(moved.line(), ["reencrypt"]).success();
    assert_eq!(again.line(), moved.line(), "current ciphertext was changed");
    let bound =
        env.run_with_stdin("x", ["encrypt", "--label", "app", "--key-version", "1", "--context", "c"]);
    let bound = bound.success();
    env.run_with_stdin(bound.line(), ["reencrypt"]).fails(3);
    let moved = env.run_with_stdin(bound.line(), ["reencrypt", "--context", "c"]).success();
    assert_eq!(env.run_with_stdin(moved.line(), ["decrypt", "--context", "c"]).success().stdout, b"x");
}

fn an_envelope_keeps_its_body(env: &TestEnv) {
    for algorithm in env.encrypting() {
        let (_, envelope) = rotated(env, algorithm);
        env.write("sealed", &envelope);
        env.run(["reencrypt", "--in", "sealed", "--out", "moved"])
            .success()
            .saying("the body was copied, not checked; `--verify` checks it");
        let moved = env.read("moved");
        let body = |bytes: &[u8]| bytes[bytes.len() - 16 - 4 - 16..].to_vec();
        assert_eq!(body(&moved), body(&envelope), "the body was changed");
        assert!(String::from_utf8_lossy(&moved).contains("-> kmsctl v2 "));
        assert_eq!(env.run(["decrypt", "--in", "moved"]).success().stdout, b"long");
        env.run(["key", "disable", "--label", "app", "--key-version", "1"]).success();
        assert_eq!(env.run(["decrypt", "--in", "moved"]).success().stdout, b"long");
        env.run(["decrypt", "--in", "sealed"]).fails(7);
        env.run(["key", "delete", "--label", "app", "--yes"]).success();
    }
}

fn check_reports_and_changes_nothing(env: &TestEnv) {
    let (text, envelope) = rotated(env, "aes-256");
    for old in [text.as_bytes(), &envelope] {
        env.write("old", old);
        env.run(["reencrypt", "--check", "--in", "old"]).fails(3);
        assert_eq!(env.read("old"), old);
        env.run(["reencrypt", "--in", "old", "--out", "old"]).success();
        env.run(["reencrypt", "--check", "--in", "old"]).success();
    }
}

fn a_directory_is_reencrypted_file_by_file(env: &TestEnv) {
    let (text, envelope) = rotated(env, "aes-256");
    fs::create_dir_all(env.file("secrets/below")).expect("made");
    env.write("secrets/a.kms", format!("{text}\n"));
    env.write("secrets/below/b.age", &envelope);
    env.write("secrets/notes.txt", "no ciphertext");
    env.write("secrets/empty", "");
    let check = env.run(["reencrypt", "--check", "--json", "--in", "secrets"]).exits(3);
    let check = check.json();
    assert_eq!(
        (&check["outdated"], &check["skipped"], &check["reencrypted"]),
        (&2.into(), &2.into(), &0.into())
    );
    assert_eq!(statuses(&check), ["outdated", "outdated", "skipped", "skipped"]);
    env.run(["reencrypt", "--in", "secrets"])
        .success()
        .saying("2 re-encrypted, 0 current, 2 skipped, 0 failed")
        .saying("the bodies of age files were not checked; `--verify` checks them");
    for (name, plaintext) in [("secrets/a.kms", b"secret".as_slice()), ("secrets/below/b.age", b"long")] {
        assert_eq!(env.run(["decrypt", "--in", name]).success().stdout, plaintext);
    }
    assert_eq!(env.read("secrets/notes.txt"), b"no ciphertext");
    let names: Vec<_> = fs::read_dir(env.file("secrets")).expect("listed").collect();
    assert_eq!(names.len(), 4, "a file was left behind");
    env.run(["reencrypt", "--check", "--in", "secrets"]).success();
    env.write("secrets/broken.kms", &text[..text.len() - 1]);
    let again = env.run(["reencrypt", "--json", "--in", "secrets"]).exits(3);
    let again = serde_json::from_slice::<Value>(&again.stdout).expect("JSON");
    assert_eq!(statuses(&again), ["current", "current", "failed", "skipped", "skipped"]);
}

/// The sorted statuses of the files.
fn statuses(report: &Value) -> Vec<&str> {
    let files = report["files"].as_array().expect("files");
    let mut statuses: Vec<_> = files.iter().map(|file| field(file, "status")).collect();
    statuses.sort_unstable();
    statuses
}

/// `--json` reports what was done to the file, as for a directory.
fn json_of_one_file_uses_the_same_statuses(env: &TestEnv) {
    let (text, envelope) = rotated(env, "aes-256");
    for (sealed, body) in [(text.as_bytes(), json!(null)), (&envelope, json!(false))] {
        env.write("old", sealed);
        let report = env.run(["reencrypt", "--check", "--json", "--in", "old"]).exits(3).json();
        assert_eq!((field(&report, "status"), &report["bodyVerified"]), ("outdated", &body));
        let run = |args: &[&str]| {
            let args = [&["reencrypt", "--json", "--in", "old", "--out", "old"], args].concat();
            env.run(args).success().json()
        };
        let report = run(&[]);
        assert_eq!((field(&report, "status"), &report["bodyVerified"]), ("reencrypted", &body));
        assert_eq!((&report["version"], &report["newestVersion"]), (&json!(1), &json!(2)));
        let report = run(&["--verify"]);
        assert_eq!(field(&report, "status"), "current");
        assert_eq!(report["bodyVerified"], if body.is_null() { json!(null) } else { json!(true) });
    }
}

/// With `--verify` a damaged body is an error and no file is replaced; without it the run reports that it was not checked.
fn verify_refuses_a_damaged_body(env: &TestEnv) {
    env.create("app", "aes-256");
    let plaintext = vec![7; 200_000];
    let sealed = env.run_with_stdin(&plaintext, ["encrypt", "--label", "app"]).success().stdout;
    env.run(["key", "rotate", "--label", "app"]).success();
    let flipped = |at: usize| {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1;
        bytes
    };
    let whole_chunks = sealed.len() - (200_000 % 65_536) - 16;
    for (damaged, has_impossible_length) in [
        (flipped(sealed.len() - 1), false),
        (flipped(sealed.len() - 100_000), false),
        (flipped(sealed.len() - 200_075), false),
        (sealed[..sealed.len() - 1].to_vec(), false),
        (sealed[..whole_chunks].to_vec(), false),
        ([&sealed[..], b"x"].concat(), false),
        (sealed[..whole_chunks + 16].to_vec(), true),
        (sealed[..whole_chunks + 3].to_vec(), true),
        (sealed[..sealed.len() - 200_000 - 4 * 16 - 1].to_vec(), true),
    ] {
        env.write("damaged", &damaged);
        for args in [&["--verify"][..], &["--verify", "--out", "new"], &["--check", "--verify"]] {
            env.run([&["reencrypt", "--in", "damaged"], args].concat()).exits(3);
            assert!(env.read("damaged") == damaged && !env.file("new").exists());
        }
        env.run(["reencrypt", "--verify", "--in", "damaged", "damaged"]).exits(3);
        assert!(env.read("damaged") == damaged);
        let copied = env.run(["reencrypt", "--in", "damaged", "--out", "new"]);
        let inspected = env.run(["inspect", "--in", "damaged"]);
        if has_impossible_length {
            copied.fails(3).saying("truncated");
            inspected.fails(3).saying("truncated");
            assert!(!env.file("new").exists());
        } else {
            copied.success().saying("not checked; `--verify` checks it");
            assert!(inspected.success().text().contains("format only"));
            fs::remove_file(env.file("new")).expect("a copy");
        }
    }
    env.write("whole", &sealed);
    env.run(["reencrypt", "--verify", "--in", "whole", "--out", "whole"]).success().silent();
    assert_eq!(env.run(["decrypt", "--in", "whole"]).success().stdout, plaintext);
}

fn a_failure_does_not_stop_the_rest(env: &TestEnv) {
    let (text, _) = rotated(env, "aes-256");
    let mut broken = text.clone();
    broken.pop();
    env.write("a", &broken);
    env.write("b", &text);
    env.run(["reencrypt", "--in", "a", "b"]).fails(3).saying("1 of 2");
    assert_eq!(env.read("a"), broken.as_bytes());
    assert!(env.read("b").starts_with(b"kms:v2:"));
    env.run(["reencrypt", "--in", "a", "b", "--out", "c"]).fails(2);
}

fn a_damaged_ciphertext_is_refused(env: &TestEnv) {
    env.create("app", "aes-256");
    let mut envelope =
        env.run_with_stdin("x", ["encrypt", "--label", "app", "--format", "age"]).success().stdout;
    let mut text = encrypt(env, "app", b"x");
    text.pop();
    env.run_with_stdin(&text, ["reencrypt"]).fails(3);
    let mac = envelope.windows(4).position(|window| window == b"--- ").expect("a MAC") + 6;
    envelope[mac] = if envelope[mac] == b'A' { b'B' } else { b'A' };
    env.run_with_stdin(&envelope, ["reencrypt"]).fails(3);
}
