//! Imported keys, checked by other tools: files from Python's cryptography, attributes by `pkcs11-tool`, and files with
//! inconsistent numbers.

use std::{ffi::OsStr, path::PathBuf, sync::LazyLock};

use crate::support::{
    KMSCTL, TestEnv,
    fault::{self, watched},
    field, judge, oracle, saved,
    terminal::Terminal,
    token,
};

token::on_both_tokens!(
    key_files_of_python_are_imported,
    inconsistent_key_files_are_refused,
    imported_keys_are_sensitive_and_not_extractable,
    each_import_mechanism_creates_the_same_key,
    a_key_that_does_not_decrypt_is_destroyed,
    a_passphrase_is_not_echoed,
    fingerprints_match_the_file,
    random_bytes_are_refused_in_little_memory,
);

const LABELS: [(&str, &str); 3] = [("py-rsa", "RS256"), ("py-rsa-large", "PS512"), ("py-ec", "ES256")];

/// The files of `tests/judges/keys.py`, made once: the search for primes takes longer than the tests.
static MADE: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let env = TestEnv::new();
    judge::python(&env, &[&judge::judge("keys.py"), "."]).success();
    let named = |path: PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str).expect("a name").to_owned();
        let content = env.read(&name);
        (name, content)
    };
    saved::files(&env.file("")).into_iter().map(named).collect()
});

/// Writes them to the working directory.
fn make(env: &TestEnv) {
    for (name, content) in MADE.iter() {
        env.write(name, content);
    }
    env.write("right", "right\n");
}

fn import(env: &TestEnv, label: &str, file: &str) {
    let args = ["key", "import", "--label", label, "--in", file, "--passphrase-file", "right"];
    env.run(args).success();
}

fn key_files_of_python_are_imported(env: &TestEnv) {
    make(env);
    env.write("message", "signed by an imported key");
    for (key, algorithm) in LABELS {
        for form in ["pkcs8", "traditional", "encrypted"] {
            for encoding in ["pem", "der"] {
                let file = format!("{key}-{form}-{encoding}");
                import(env, &file, &file);
                let public = format!("{key}.pub");
                let shown = env.run(["key", "show", "--label", &file, "--pem"]).success().stdout;
                assert_eq!(shown, env.read(&public), "{file}");
                let sign = ["sign", "--label", &file, "--algorithm", algorithm, "--in", "message"];
                env.run([&sign[..], &["--encoding", "binary", "--out", "signature"]].concat()).success();
                assert!(oracle::accepts(env, algorithm, &public, "signature", "message"), "{file}");
                env.delete(&file);
            }
        }
    }
}

fn inconsistent_key_files_are_refused(env: &TestEnv) {
    make(env);
    for (file, why) in [
        ("bad-even-modulus", "is even"),
        ("bad-even-primes", "is even"),
        ("bad-other-modulus", "not the product of its primes"),
        ("bad-exponent-one", "public exponent is below 3"),
        ("bad-private-exponent", "is not the inverse of its public exponent"),
        ("bad-crt", "CRT values do not belong to its primes"),
        ("bad-halves", "public half is that of another key"),
        ("bad-point", "not on the curve"),
        ("bad-zero", "not between 1 and"),
        ("bad-order", "not between 1 and"),
    ] {
        env.run(["key", "import", "--label", "bad", "--in", file]).fails(2).saying(why);
    }
    assert!(env.labels().is_empty());
}

/// An imported key existed outside the token, so PKCS#11 forbids `CKA_NEVER_EXTRACTABLE` and `CKA_ALWAYS_SENSITIVE`.
fn imported_keys_are_sensitive_and_not_extractable(env: &TestEnv) {
    make(env);
    env.write("aes.key", [7; 32]);
    let rsa = ["--label", "pair", "--in", "py-rsa-pkcs8-pem"];
    let ec = ["--label", "curve", "--in", "py-ec-pkcs8-pem"];
    let aes = ["--label", "secret", "--in", "aes.key", "--algorithm", "aes-256"];
    for key in [&rsa[..], &ec, &aes] {
        env.run([&["key", "import"], key].concat()).success();
    }
    for (label, kind, usage) in [
        ("pair", "privkey", "decrypt, sign"),
        ("curve", "privkey", "sign"),
        ("secret", "secrkey", "encrypt, decrypt"),
    ] {
        // `extractable` would be printed beside `sensitive`.
        assert_eq!(printed_attribute(env, kind, label, "Access:"), "sensitive", "{label}");
        assert_eq!(printed_attribute(env, kind, label, "Usage:"), usage, "{label}");
    }
    // The public keys are stored, too, for programs that look for them.
    let listed = oracle::pkcs11_tool(env, &["--list-objects", "--type", "pubkey"]);
    assert_eq!(listed.text().matches("Public Key Object").count(), 2, "{listed}");
}

/// An attribute of an object, as `pkcs11-tool` prints it.
#[track_caller]
fn printed_attribute(env: &TestEnv, kind: &str, label: &str, about: &str) -> String {
    let listed = oracle::pkcs11_tool(env, &["--list-objects", "--type", kind]);
    let value = |object: &str, name: &str| {
        object.lines().find_map(|line| line.trim().strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    let object = listed
        .text()
        .split(" Key Object")
        .find(|object| value(object, "label:").as_deref() == Some(label))
        .unwrap_or_else(|| panic!("no {label}\n{listed}"));
    value(object, about).unwrap_or_else(|| panic!("no {about}\n{listed}"))
}

/// `-v` names the mechanism. If the token refuses one, the next is tried.
fn each_import_mechanism_creates_the_same_key(env: &TestEnv) {
    make(env);
    // SoftHSM supports OAEP with SHA-1 only, which is the second attempt.
    let hash = if env.has("KMSCTL_MODULE") { "SHA-1" } else { "SHA-256" };
    let by_rsa = format!("one-time RSA key (CKM_RSA_AES_KEY_WRAP, {hash})");
    let first = if env.has("KMSCTL_MODULE") { "CKM_AES_KEY_WRAP_PAD" } else { "CKM_AES_KEY_WRAP_KWP" };
    let next = if env.has("KMSCTL_MODULE") { "C_CreateObject" } else { "CKM_AES_CBC_PAD" };
    // CKR_MECHANISM_INVALID at the first C_UnwrapKey, and a token that lists no mechanism at all.
    let refused = ("KMSCTL_FAULT", "C_UnwrapKey:1 fail-before 0x70", next);
    let none = ("KMSCTL_FAULT_LIES", "C_GetMechanismList#0", "C_CreateObject");
    let well = ("KMSCTL_FAULT", "C_UnwrapKey:99 fail-before 0x70", first);
    let rsa = ("KMSCTL_FAULT_RSA_AES", "yes", by_rsa.as_str());
    for (number, (name, value, mechanism)) in [well, refused, none, rsa].into_iter().enumerate() {
        for (key, _) in LABELS {
            let (label, file) = (format!("{key}-{number}"), format!("{key}-pkcs8-pem"));
            let args = ["--verbose", "key", "import", "--label", &label, "--in", &file];
            watched(env).with(name, value).run(args).success().saying("imported by").saying(mechanism);
            drop(fault::take_calls(env));
            let shown = env.run(["key", "show", "--label", &label, "--json"]).success().json();
            assert_eq!(field(&shown, "publicKey").as_bytes(), env.read(&format!("{key}.pub")));
            assert_eq!(printed_attribute(env, "privkey", &label, "Access:"), "sensitive", "{label}");
            env.delete(&label);
        }
    }
}

fn a_key_that_does_not_decrypt_is_destroyed(env: &TestEnv) {
    make(env);
    let args = ["key", "import", "--label", "box", "--in", "py-rsa-pkcs8-pem", "--usage", "encrypt,decrypt"];
    let lies = watched(env).with("KMSCTL_FAULT_LIES", "C_Decrypt=0001020304");
    lies.run(args).fails(6).saying("cannot decrypt what was encrypted for it");
    assert!(!oracle::pkcs11_tool(env, &["--list-objects"]).text().contains("box"));
    env.run(args).success();
}

fn a_passphrase_is_not_echoed(env: &TestEnv) {
    make(env);
    let typing = |passphrase: &str| {
        let args = ["key", "import", "--label", "typed", "--in", "py-ec-encrypted-pem"];
        let mut terminal = Terminal::start(env.command(KMSCTL, args));
        let before = terminal.sees("assphrase");
        terminal.types(passphrase);
        let (screen, code) = terminal.ends();
        assert!(!before.contains(passphrase) && !screen.contains(passphrase), "{screen}");
        (screen, code)
    };
    let (screen, code) = typing("not it");
    assert!(code == 2 && screen.contains("does not decrypt"), "{screen}");
    let (screen, code) = typing("right");
    assert_eq!(code, 0, "{screen}");
    assert_eq!(env.labels(), ["typed"]);
}

/// The SHA-256 of the SubjectPublicKeyInfo, which two people can compare by voice.
fn fingerprints_match_the_file(env: &TestEnv) {
    make(env);
    import(env, "pair", "py-rsa-pkcs8-der");
    let by_openssl =
        env.shell("openssl pkey -pubin -in py-rsa.pub -outform DER | sha256sum | cut -c1-64").success();
    let json = env.run(["key", "show", "--label", "pair", "--json"]).success().json();
    assert_eq!(field(&json, "fingerprint"), by_openssl.line());
    let shown = env.run(["key", "show", "--label", "pair"]).success();
    let line = shown
        .text()
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("Fingerprint:"))
        .expect("a fingerprint");
    let digits: String = line.chars().filter(char::is_ascii_hexdigit).collect();
    assert!(by_openssl.line().starts_with(&digits.to_lowercase()) && digits.len() >= 32, "{line}");
}

fn random_bytes_are_refused_in_little_memory(env: &TestEnv) {
    env.shell("head -c 104857600 /dev/urandom > noise").success();
    for input in ["noise", "- < noise"] {
        for kind in [
            format!("--in {input}"),
            format!("--algorithm aes-256 --in {input}"),
            format!("--component noise --component {input}"),
        ] {
            let peak = env.peak_memory(2, &format!("key import --label noise {kind}"));
            assert!(peak < 48 * 1024, "{kind}: {peak} KiB at the peak");
        }
    }
    assert!(env.labels().is_empty());
}
