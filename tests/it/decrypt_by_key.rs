//! `decrypt --label`: the named key is tried, whichever key the ciphertext names.

use crate::support::{TestEnv, token};

token::on_both_tokens!(
    an_imported_key_decrypts_what_its_original_encrypted,
    every_usable_version_is_tried,
    unsuitable_keys_and_options_are_refused
);

/// The same key under another label, as after a move between tokens.
fn import(env: &TestEnv, label: &str) {
    env.write("aes.key", (0..32).collect::<Vec<u8>>());
    env.run(["key", "import", "--label", label, "--algorithm", "aes-256", "--in", "aes.key"]).success();
    env.write("rsa.key", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    env.run(["key", "import", "--label", &format!("{label}-rsa"), "--in", "rsa.key"]).success();
}

fn an_imported_key_decrypts_what_its_original_encrypted(env: &TestEnv) {
    import(env, "old");
    let mut sealed = Vec::new();
    for label in ["old", "old-rsa"] {
        for format in
            [&["--format", "text"][..], &["--format", "age"], &["--format", "age", "--context", "c"]]
        {
            let seal = [&["encrypt", "--label", label], format].concat();
            let made = env.run_with_stdin("secret", seal).success().stdout;
            sealed.push((label.replace("old", "new"), made, format.contains(&"c")));
        }
    }
    for label in ["old", "old-rsa"] {
        env.run(["key", "delete", "--label", label, "--yes"]).success();
    }
    import(env, "new");
    env.create("other", "aes-256");
    env.create("other-rsa", "rsa-2048");
    for (label, sealed, has_context) in &sealed {
        let open = |label: &str, more: &[&str]| {
            let context = if *has_context { &["--context", "c"][..] } else { &[] };
            env.run_with_stdin(sealed, [&["decrypt", "--label", label], more, context].concat())
        };
        // It has the tag that it had.
        assert_eq!(open("other", &[]).status.code(), Some(3));
        env.run_with_stdin(
            sealed,
            [&["decrypt"][..], if *has_context { &["--context", "c"] } else { &[] }].concat(),
        )
        .success();
        assert_eq!(open(label, &[]).success().stdout, b"secret", "{label}");
        assert_eq!(open(label, &["--key-version", "1"]).success().stdout, b"secret");
        let json = open(label, &["--json", "--out", "opened"]).success().json();
        assert_eq!((&json["label"], env.read("opened")), (&label.as_str().into(), b"secret".to_vec()));
        for other in ["other", "other-rsa"] {
            open(other, &[]).fails(3);
        }
        env.write("a.kms", sealed);
        env.write("b.kms", sealed);
        let context = if *has_context { &["--context", "c"][..] } else { &[] };
        let several = ["decrypt", "--label", label, "--in", "a.kms", "--in", "b.kms", "--out", "."];
        env.run([&several[..], context].concat()).success();
        assert_eq!((env.read("a"), env.read("b")), (b"secret".to_vec(), b"secret".to_vec()));
    }
}

fn every_usable_version_is_tried(env: &TestEnv) {
    import(env, "old");
    let text = env.run_with_stdin("secret", ["encrypt", "--label", "old"]).success();
    env.delete("old");
    env.delete("old-rsa");
    import(env, "new");
    for _ in 0..2 {
        env.run(["key", "rotate", "--label", "new"]).success();
    }
    // Encrypted with version 1; the header may claim another version.
    for version in ["v1", "v3"] {
        let text = text.line().replacen("v1", version, 1);
        let code = if version == "v1" { 0 } else { 3 };
        env.run_with_stdin(&text, ["decrypt", "--label", "new"]).exits(code);
    }
    env.run_with_stdin(text.line(), ["decrypt", "--label", "new", "--key-version", "2"]).fails(3);
    env.run_with_stdin(text.line(), ["decrypt", "--label", "new", "--key-version", "9"]).fails(4);
    env.run(["key", "disable", "--label", "new", "--key-version", "1"]).success();
    env.run_with_stdin(text.line(), ["decrypt", "--label", "new", "--key-version", "1"]).fails(7);
    env.run_with_stdin(text.line(), ["decrypt", "--label", "new"]).fails(7).saying("version 1");
    env.run(["key", "disable", "--label", "new"]).success();
    env.run_with_stdin(text.line(), ["decrypt", "--label", "new"]).fails(7).saying("disabled");
}

fn unsuitable_keys_and_options_are_refused(env: &TestEnv) {
    env.create("aes", "aes-256");
    env.create("ec", "ec-p256");
    let text = env.run_with_stdin("secret", ["encrypt", "--label", "aes"]).success();
    env.run_with_stdin(text.line(), ["decrypt", "--label", "nobody"]).fails(4);
    env.run_with_stdin(text.line(), ["decrypt", "--label", "ec"]).fails(7);
    env.run_with_stdin(text.line(), ["decrypt", "--key-version", "1"]).fails(2).saying("--label LABEL");
    env.run_with_stdin("hello", ["decrypt", "--label", "aes"]).fails(2);
}
