//! Envelopes: any size through files and pipes, and every way to damage one.

use crate::support::{TestEnv, field, token};

token::on_both_tokens!(
    sizes_around_the_chunks,
    no_byte_of_the_header_can_be_changed,
    a_changed_or_truncated_body_is_detected,
    chunks_cannot_be_reordered,
    a_truncated_stream_fails_after_its_authentic_chunks,
    encrypt_and_decrypt_in_one_pipe,
    an_age_file_for_other_recipients_is_refused,
    an_endless_header_is_refused,
    eight_at_once,
);

const CHUNK: usize = 64 * 1024;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 31 + n / 251).to_le_bytes()[0]).collect()
}

#[track_caller]
fn seal(env: &TestEnv, label: &str, plaintext: &[u8]) -> Vec<u8> {
    env.run_with_stdin(plaintext, ["encrypt", "--label", label, "--format", "age"]).success().stdout
}

fn header_len(envelope: &[u8]) -> usize {
    let mac = envelope.windows(5).position(|window| window == b"\n--- ").expect("a MAC line");
    mac + 1 + envelope[mac + 1..].iter().position(|byte| *byte == b'\n').expect("a line end") + 1
}

fn sizes_around_the_chunks(env: &TestEnv) {
    for algorithm in env.encrypting() {
        let key = env.create(algorithm, algorithm);
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000] {
            let plaintext = bytes(length);
            let envelope = seal(env, algorithm, &plaintext);
            let stanza = format!("\n-> kmsctl v1 {} ", field(&key, "keyTag"));
            assert!(String::from_utf8_lossy(&envelope[..envelope.len().min(300)]).contains(&stanza));
            env.write("sealed", &envelope);
            env.run(["decrypt", "--in", "sealed", "--out", "opened"]).success().silent();
            assert!(env.read("opened") == plaintext, "{algorithm}, {length}");
        }
    }
}

fn no_byte_of_the_header_can_be_changed(env: &TestEnv) {
    env.create("app", "aes-256");
    let envelope = seal(env, "app", b"x");
    for at in 0..header_len(&envelope) + 16 {
        let mut changed = envelope.clone();
        // A different bit in each byte, so that every bit position is covered.
        changed[at] ^= 1 << (at % 8);
        let output = env.run_with_stdin(&changed, ["decrypt"]);
        assert!(output.stdout.is_empty(), "byte {at}\n{output}");
        // With another first line it is not an age file, and a changed stanza may name another key.
        let code = output.status.code().expect("no signal");
        let allowed: &[i32] = if at < 22 {
            &[2, 3]
        } else if at < 22 + 10 + 3 + 53 {
            &[2, 3, 4]
        } else {
            &[3]
        };
        assert!(allowed.contains(&code), "byte {at}\n{output}");
    }
}

fn a_changed_or_truncated_body_is_detected(env: &TestEnv) {
    env.create("app", "aes-256");
    let envelope = seal(env, "app", &bytes(2 * CHUNK + 5));
    let body = header_len(&envelope);
    env.write("target", "old");
    let refused = |changed: &[u8], what: &str| {
        env.write("changed", changed);
        let output = env.run(["decrypt", "--in", "changed", "--out", "target"]);
        assert_eq!(output.status.code(), Some(3), "{what}\n{output}");
        assert_eq!(env.read("target"), b"old", "{what}");
    };
    for at in (body..envelope.len()).step_by(9_973).chain([envelope.len() - 1]) {
        let mut changed = envelope.clone();
        changed[at] ^= 0x80;
        refused(&changed, &format!("byte {at}"));
    }
    let chunk = CHUNK + 16;
    for length in [
        1,
        body - 1,
        body,
        body + 15,
        body + 16,
        body + 17,
        body + 16 + chunk,
        body + 16 + 2 * chunk,
        envelope.len() - 1,
    ] {
        refused(&envelope[..length.max(22)], &format!("the first {length} bytes"));
    }
    refused(&[&envelope[..], b"x"].concat(), "one byte more");
}

fn chunks_cannot_be_reordered(env: &TestEnv) {
    env.create("app", "aes-256");
    let envelope = seal(env, "app", &bytes(3 * CHUNK));
    let (head, chunks) = envelope.split_at(header_len(&envelope) + 16);
    let chunks: Vec<_> = chunks.chunks(CHUNK + 16).collect();
    assert_eq!(chunks.len(), 3);
    for order in [&[1, 0, 2][..], &[0, 2, 1], &[0, 1], &[0, 2], &[0, 0, 1, 2], &[0, 1, 2, 2]] {
        let mut moved = head.to_vec();
        moved.extend(order.iter().flat_map(|at| chunks[*at]));
        env.write("moved", moved);
        env.run(["decrypt", "--in", "moved", "--out", "target"]).fails(3);
        assert!(!env.file("target").exists(), "{order:?}");
    }
}

/// Authentic chunks may be printed before the end is reached; the exit code reports that the rest is missing.
fn a_truncated_stream_fails_after_its_authentic_chunks(env: &TestEnv) {
    env.create("app", "aes-256");
    let plaintext = bytes(4 * CHUNK);
    let mut envelope = seal(env, "app", &plaintext);
    envelope.truncate(envelope.len() - CHUNK - 16);
    let output = env.run_with_stdin(&envelope, ["decrypt"]).exits(3).saying("truncated");
    assert!(plaintext.starts_with(&output.stdout), "printed more than the authentic chunks");
    let mut small = seal(env, "app", b"one chunk");
    let last = small.len() - 1;
    small[last] ^= 1;
    env.run_with_stdin(&small, ["decrypt"]).fails(3);
}

fn encrypt_and_decrypt_in_one_pipe(env: &TestEnv) {
    env.create("app", "aes-256");
    env.write("plain", bytes(3_000_000));
    env.shell("set -o pipefail; cat plain | kmsctl encrypt --label app | kmsctl decrypt | cmp - plain")
        .success()
        .silent();
}

fn an_age_file_for_other_recipients_is_refused(env: &TestEnv) {
    let header = "age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n\
                  EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n\
                  --- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n";
    env.run_with_stdin(header, ["decrypt"]).fails(2).saying("not encrypted for a key of a token");
}

/// Endless headers are neither read to their end nor kept in memory.
fn an_endless_header_is_refused(env: &TestEnv) {
    let stanza = "-> x\n\n".repeat(100_000);
    env.run_with_stdin(format!("age-encryption.org/v1\n{stanza}"), ["decrypt"]).fails(2).saying("65536");
    let line = "a".repeat(1_000_000);
    env.run_with_stdin(format!("age-encryption.org/v1\n-> {line}"), ["inspect"]).fails(2);
}

fn eight_at_once(env: &TestEnv) {
    env.create("app", "aes-256");
    std::thread::scope(|scope| {
        for index in 0..8 {
            scope.spawn(move || {
                let plaintext = bytes(100_000 + index);
                let envelope = seal(env, "app", &plaintext);
                assert!(env.run_with_stdin(&envelope, ["decrypt"]).success().stdout == plaintext, "{index}");
            });
        }
    });
}
