//! `datakey`: a key to use elsewhere, and its ciphertext to store.

use std::os::unix::fs::PermissionsExt;

use data_encoding::BASE64;

use crate::support::{TestEnv, field, token};

token::on_both_tokens!(
    the_ciphertext_decrypts_to_the_key,
    the_key_is_printed_only_on_request,
    the_plaintext_key_is_written_to_a_private_file,
    other_sizes_are_refused,
);

fn the_ciphertext_decrypts_to_the_key(env: &TestEnv) {
    for algorithm in env.encrypting() {
        env.create(algorithm, algorithm);
        for bits in ["128", "256", "512"] {
            let args = ["datakey", "--label", algorithm, "--bits", bits, "--plaintext", "--json"];
            let made = env.run(args).success().json();
            let key = BASE64.decode(field(&made, "plaintext").as_bytes()).expect("base64");
            assert_eq!(key.len().to_string(), (bits.parse::<usize>().expect("a number") / 8).to_string());
            assert_eq!(env.run_with_stdin(field(&made, "ciphertext"), ["decrypt"]).success().stdout, key);
        }
    }
}

fn the_key_is_printed_only_on_request(env: &TestEnv) {
    env.create("app", "aes-256");
    let made = env.run(["datakey", "--label", "app"]).success().silent();
    assert!(made.line().starts_with("kms:v1:"));
    let json = env.run(["datakey", "--label", "app", "--json"]).success().json();
    assert!(json.get("plaintext").is_none(), "{json}");
    let both = env.run(["datakey", "--label", "app", "--plaintext"]).success();
    let (ciphertext, key) = both.text().split_once('\n').expect("two lines");
    let opened = env.run_with_stdin(ciphertext, ["decrypt"]).success().stdout;
    assert_eq!(BASE64.encode(&opened), key.trim_end());
    assert_ne!(env.run(["datakey", "--label", "app"]).success().line(), ciphertext);
}

fn the_plaintext_key_is_written_to_a_private_file(env: &TestEnv) {
    env.create("app", "aes-256");
    let made = env.run(["datakey", "--label", "app", "--plaintext", "--out", "key"]).success();
    let permissions = env.file("key").metadata().expect("written").permissions();
    assert_eq!(permissions.mode() & 0o777, 0o600);
    assert_eq!(env.run_with_stdin(made.line(), ["decrypt"]).success().stdout, env.read("key"));
    env.run(["datakey", "--label", "app", "--out", "sealed"]).success();
    assert!(env.read("sealed").starts_with(b"kms:v1:"));
}

fn other_sizes_are_refused(env: &TestEnv) {
    env.create("app", "aes-256");
    env.run(["datakey", "--label", "app", "--bits", "192"]).fails(2);
}
