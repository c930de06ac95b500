//! `decrypt` detects what was changed, swapped or removed, and prints nothing of it.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    encrypt::encrypt,
    support::{TestEnv, field, oracle, process, token},
};

token::on_both_tokens!(
    no_bit_of_a_text_can_be_changed,
    no_rsa_block_can_be_changed,
    a_context_cannot_be_changed,
    headers_cannot_be_swapped,
    each_version_decrypts_what_it_encrypted,
    deleted_keys_are_named,
    other_input_is_not_a_ciphertext,
    a_failed_run_does_not_touch_the_target,
    input_may_arrive_one_byte_at_a_time,
    keys_of_other_tools_encrypt_and_decrypt,
);

/// Flips every bit. In the last part the answer is always "not authentic", even if the changed character is not base64. A
/// changed header may name another key or version, or not be a header.
fn no_bit_of_a_text_can_be_changed(env: &TestEnv) {
    env.create("app", "aes-256");
    let text = encrypt(env, "app", b"x").into_bytes();
    let last_part = text.iter().rposition(|byte| *byte == b':').expect("a colon") + 1;
    let (mut requests, mut places) = (String::new(), Vec::new());
    for (at, bit) in (0..text.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut altered = text.clone();
        altered[at] ^= 1 << bit;
        match String::from_utf8(altered) {
            Ok(altered) => {
                requests.push_str(&json!({"op": "decrypt", "ciphertext": altered}).to_string());
                requests.push('\n');
                places.push((at, bit));
            }
            // Bytes that are not UTF-8 do not fit in a JSON request, so a sample of them is tried directly.
            Err(error) if at % 10 == 0 => {
                let output = env.run_with_stdin(error.into_bytes(), ["decrypt"]);
                assert!(output.stdout.is_empty(), "byte {at}, bit {bit}\n{output}");
                let code = output.status.code().expect("no signal");
                assert!(allowed(at, last_part).contains(&code.into()), "byte {at}, bit {bit}\n{output}");
            }
            Err(_) => {}
        }
    }
    let output = env.run_with_stdin(requests, ["batch"]).exits(3);
    let answers: Vec<Value> =
        output.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), places.len());
    for (answer, (at, bit)) in answers.iter().zip(places) {
        let code =
            answer["error"]["exit"].as_i64().unwrap_or_else(|| panic!("byte {at}, bit {bit}: {answer}"));
        assert!(allowed(at, last_part).contains(&code), "byte {at}, bit {bit}: {answer}");
    }
}

fn allowed(at: usize, last_part: usize) -> &'static [i64] {
    if at < last_part { &[2, 3, 4] } else { &[3] }
}

fn no_rsa_block_can_be_changed(env: &TestEnv) {
    env.create("web", "rsa-2048");
    let text = encrypt(env, "web", b"x");
    for at in (text.len() - 342..text.len()).step_by(31) {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'Q' } else { b'A' };
        env.run_with_stdin(&changed, ["decrypt"]).fails(3);
    }
    for length in [0, 1, 341] {
        env.run_with_stdin(&text[..text.len() - 342 + length], ["decrypt"]).fails(3);
    }
}

fn a_context_cannot_be_changed(env: &TestEnv) {
    env.create("app", "aes-256");
    for format in ["text", "age"] {
        let args = ["encrypt", "--label", "app", "--context", "a:b", "--format", format];
        let sealed = env.run_with_stdin("x", args).success().stdout;
        assert_eq!(env.run_with_stdin(&sealed, ["decrypt", "--context", "a:b"]).success().stdout, b"x");
        // The last five differ in one bit.
        for wrong in ["a:c", "a", ":a:b", "a:b:", "`:b", "A:b", "a;b", "a:\"", "q:b"] {
            env.run_with_stdin(&sealed, ["decrypt", "--context", wrong]).fails(3);
        }
        env.run_with_stdin(&sealed, ["decrypt"]).fails(3);
        let without =
            env.run_with_stdin("x", ["encrypt", "--label", "app", "--format", format]).success().stdout;
        env.run_with_stdin(&without, ["decrypt", "--context", "a:b"]).fails(3);
    }
}

fn headers_cannot_be_swapped(env: &TestEnv) {
    let (one, two) = (env.create("one", "aes-256"), env.create("two", "aes-256"));
    let text = encrypt(env, "one", b"x");
    let moved = text.replace(field(&one, "keyTag"), field(&two, "keyTag"));
    env.run_with_stdin(&moved, ["decrypt"]).fails(3);
    env.run(["key", "rotate", "--label", "one"]).success();
    env.run_with_stdin(text.replace("kms:v1", "kms:v2"), ["decrypt"]).fails(3);
    env.run_with_stdin(text.replace("kms:v1", "kms:v3"), ["decrypt"]).fails(4).saying("version 3");
    assert_eq!(env.run_with_stdin(&text, ["decrypt"]).success().stdout, b"x");
}

fn each_version_decrypts_what_it_encrypted(env: &TestEnv) {
    for algorithm in env.encrypting() {
        env.create(algorithm, algorithm);
        let first = encrypt(env, algorithm, b"first");
        env.run(["key", "rotate", "--label", algorithm]).success();
        let second = encrypt(env, algorithm, b"second");
        assert!(second.starts_with("kms:v2:"), "{second}");
        for (text, plaintext) in [(&first, b"first".as_slice()), (&second, b"second")] {
            assert_eq!(env.run_with_stdin(text, ["decrypt"]).success().stdout, plaintext);
        }
        env.run(["key", "disable", "--label", algorithm, "--key-version", "1"]).success();
        env.run_with_stdin(&first, ["decrypt"]).fails(7);
        assert_eq!(env.run_with_stdin(&second, ["decrypt"]).success().stdout, b"second");
    }
}

fn deleted_keys_are_named(env: &TestEnv) {
    let key = env.create("app", "aes-256");
    let text = encrypt(env, "app", b"x");
    let envelope = env.run_with_stdin("x", ["encrypt", "--label", "app", "--format", "age"]).success().stdout;
    env.run(["key", "delete", "--label", "app", "--yes"]).success();
    for gone in [text.as_bytes(), &envelope] {
        env.run_with_stdin(gone, ["decrypt"]).fails(4).saying(field(&key, "keyTag"));
    }
}

fn other_input_is_not_a_ciphertext(env: &TestEnv) {
    for bad in ["", "hello", "kms:", "kms:v1", "kms:v1:tag:AAAA", "age-encryption.org/v2\n", "vault:v1:AAAA"]
    {
        env.run_with_stdin(bad, ["decrypt"]).fails(2);
    }
    env.run_with_stdin(vec![b'k'; 1 << 20], ["decrypt"]).fails(2);
}

fn a_failed_run_does_not_touch_the_target(env: &TestEnv) {
    env.create("app", "aes-256");
    let mut text = encrypt(env, "app", b"new");
    text.pop();
    env.write("target", "old");
    env.run_with_stdin(&text, ["decrypt", "--out", "target"]).fails(3);
    assert_eq!(env.read("target"), b"old");
    env.run_with_stdin(&text, ["decrypt", "--out", "other"]).fails(3);
    assert!(!env.file("other").exists());
}

fn input_may_arrive_one_byte_at_a_time(env: &TestEnv) {
    env.create("app", "aes-256");
    let drip = |input: &str, args: &str| {
        let feed = "while IFS= read -r -n1 -d '' c; do printf %s \"$c\"; done";
        env.shell(&format!("{feed} < {input} | kmsctl {args}"))
    };
    env.write("plain", "slow\nbut whole");
    for format in ["text", "age"] {
        drip("plain", &format!("encrypt --label app --format {format} --out sealed")).success();
        // The shell loop passes only text unchanged.
        if format == "text" {
            assert_eq!(drip("sealed", "decrypt").success().stdout, b"slow\nbut whole");
        }
        let sealed = env.read("sealed");
        let mut child = env
            .command(crate::support::KMSCTL, ["decrypt"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("started");
        let mut stdin = child.stdin.take().expect("piped");
        let writer = thread::spawn(move || {
            use std::io::Write;
            for byte in sealed {
                stdin.write_all(&[byte]).expect("read to its end");
                thread::sleep(Duration::from_micros(50));
            }
        });
        let output = process::finish(child, "kmsctl decrypt".to_owned(), env.root()).success();
        writer.join().expect("written");
        assert_eq!(output.stdout, b"slow\nbut whole", "{format}");
    }
}

/// Keys without a record, and with a CKA_ID that kmsctl did not choose.
fn keys_of_other_tools_encrypt_and_decrypt(env: &TestEnv) {
    let aes = ["--keygen", "--key-type", "AES:32", "--label", "foreign", "--id", "77", "--private"];
    oracle::pkcs11_tool(env, &[&aes[..], &["--usage-decrypt"]].concat());
    let rsa = ["--keypairgen", "--key-type", "rsa:2048", "--label", "pair", "--id", "78", "--usage-decrypt"];
    oracle::pkcs11_tool(env, &rsa);
    for label in ["foreign", "pair"] {
        let sealed = env.run_with_stdin("theirs", ["encrypt", "--label", label]).success();
        assert_eq!(env.run_with_stdin(&sealed.stdout, ["decrypt"]).success().stdout, b"theirs", "{label}");
    }
}
