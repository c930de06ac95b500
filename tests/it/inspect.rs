//! `inspect`: what a ciphertext says about itself, without a PIN or a token.

use crate::{
    encrypt::encrypt,
    support::{TestEnv, field, token},
};

token::on_both_tokens!(texts_and_envelopes, inspect_works_without_a_token, damaged_ciphertexts_are_refused);

fn texts_and_envelopes(env: &TestEnv) {
    let aes = env.create("app", "aes-256");
    env.create("web", "rsa-2048");
    let look = |sealed: &[u8]| {
        env.write("sealed", sealed);
        let seen = env.without("KMSCTL_PIN_FILE").run(["inspect", "--in", "sealed", "--json", "--no-input"]);
        seen.success().json()
    };
    let seen = look(encrypt(env, "app", b"secret").as_bytes());
    assert_eq!((field(&seen, "format"), field(&seen, "keyTag")), ("text", field(&aes, "keyTag")));
    assert_eq!((&seen["version"], &seen["plaintextBytes"]), (&1.into(), &6.into()));
    assert!(seen["context"].is_null(), "a text does not record whether it has a context");
    let seen = look(encrypt(env, "web", b"secret").as_bytes());
    assert_eq!((field(&seen, "label"), field(&seen, "algorithm")), ("web", "RSA-OAEP-SHA256"));
    for (context, used) in [(&["--context", "c"][..], true), (&[], false)] {
        let args = [&["encrypt", "--label", "web", "--format", "age"], context].concat();
        let envelope = env.run_with_stdin(vec![0; 70_000], args).success().stdout;
        let seen = look(&envelope);
        assert_eq!((field(&seen, "format"), field(&seen, "label")), ("age", "web"));
        assert_eq!((&seen["context"], &seen["plaintextBytes"]), (&used.into(), &70_000.into()));
        assert_eq!(seen["ciphertextBytes"], envelope.len());
        // The same through a pipe, where the size is not known in advance.
        let piped = env.run_with_stdin(&envelope, ["inspect", "--json"]).success().json();
        assert_eq!(piped, seen);
    }
}

fn inspect_works_without_a_token(env: &TestEnv) {
    env.create("web", "rsa-2048");
    let text = encrypt(env, "web", b"x");
    env.write("sealed", &text);
    let away = env.without("KMSCTL_PIN_FILE").with("KMSCTL_MODULE", "/nonexistent.so");
    let seen = away.run(["inspect", "--in", "sealed"]).success().silent();
    assert!(seen.text().contains("Version:"), "{seen}");
    assert!(!seen.text().contains("Label:"), "{seen}");
}

fn damaged_ciphertexts_are_refused(env: &TestEnv) {
    env.run_with_stdin("hello", ["inspect"]).fails(2);
    env.run_with_stdin(format!("kms:v1:{}:A", "a".repeat(52)), ["inspect"]).fails(3);
}
