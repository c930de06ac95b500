//! `encrypt`: the limits of texts, RSA without a login, convergent keys, and other implementations that decrypt the results.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use data_encoding::BASE64URL_NOPAD;

use crate::support::{TestEnv, field, oracle, token};

token::on_both_tokens!(
    a_text_names_its_key_and_version,
    every_kind_of_key_at_its_limit,
    rsa_needs_a_login_or_a_fingerprint,
    a_public_key_file_needs_no_token,
    openssl_decrypts_an_rsa_text,
    what_openssl_encrypts_is_decrypted,
    another_aes_gcm_decrypts_a_text,
    a_p256_key_is_refused,
    a_disabled_key_is_refused,
    a_convergent_key_encrypts_equal_data_equally,
    a_convergent_key_requires_a_context,
    rsa_with_a_context_makes_an_age_file,
    json_names_the_key,
    several_files_are_encrypted,
    several_files_are_decrypted,
    several_files_for_a_public_key,
);

/// Key tag and payload of a text.
#[track_caller]
pub(crate) fn parts(text: &str) -> (String, Vec<u8>) {
    let parts: Vec<_> = text.trim_end().split(':').collect();
    assert_eq!(parts.len(), 4, "{text}");
    assert_eq!(parts[0], "kms", "{text}");
    (parts[2].to_owned(), BASE64URL_NOPAD.decode(parts[3].as_bytes()).expect("base64url"))
}

#[track_caller]
pub(crate) fn encrypt(env: &TestEnv, label: &str, plaintext: &[u8]) -> String {
    env.run_with_stdin(plaintext, ["encrypt", "--label", label]).success().silent().line().to_owned()
}

#[track_caller]
fn decrypt(env: &TestEnv, ciphertext: &[u8]) -> Vec<u8> {
    env.run_with_stdin(ciphertext, ["decrypt"]).success().silent().stdout
}

fn a_text_names_its_key_and_version(env: &TestEnv) {
    for algorithm in env.encrypting() {
        let key = env.create(algorithm, algorithm);
        let text = encrypt(env, algorithm, b"secret");
        assert!(text.starts_with(&format!("kms:v1:{}:", field(&key, "keyTag"))), "{text}");
        assert_ne!(text, encrypt(env, algorithm, b"secret"), "two ciphertexts are equal");
        assert_eq!(decrypt(env, text.as_bytes()), b"secret");
    }
}

fn every_kind_of_key_at_its_limit(env: &TestEnv) {
    for (algorithm, limit) in [("aes-256", 32 * 1024), ("rsa-2048", 190), ("rsa-4096", 446)] {
        env.create(algorithm, algorithm);
        for length in [0, 1, limit] {
            let plaintext: Vec<u8> = (0..length).map(|n: usize| n.to_le_bytes()[0]).collect();
            let text = encrypt(env, algorithm, &plaintext);
            assert_eq!(decrypt(env, text.as_bytes()), plaintext, "{algorithm}, {length}");
        }
        let more = vec![7; limit + 1];
        env.run_with_stdin(&more, ["encrypt", "--label", algorithm, "--format", "text"])
            .fails(2)
            .saying(&limit.to_string());
        let envelope = env.run_with_stdin(&more, ["encrypt", "--label", algorithm]).success().stdout;
        assert!(envelope.starts_with(b"age-encryption.org/v1\n"), "{algorithm}");
        assert_eq!(decrypt(env, &envelope), more);
    }
}

/// Without a login, a public key on the token is trusted only by its fingerprint.
fn rsa_needs_a_login_or_a_fingerprint(env: &TestEnv) {
    let key = env.create("web", "rsa-2048");
    env.write("message", "no PIN here");
    let encrypt = ["encrypt", "--label", "web", "--in", "message", "--no-input"];
    let run = |more: &[&str]| env.without("KMSCTL_PIN_FILE").run([&encrypt[..], more].concat());
    run(&[]).fails(5).saying("--fingerprint");
    run(&["--fingerprint", &"00".repeat(32)]).fails(6).saying(field(&key, "fingerprint"));
    run(&["--fingerprint", "00"]).fails(2);
    let made = run(&["--fingerprint", &field(&key, "fingerprint").to_uppercase()]).success();
    assert_eq!(parts(made.line()).0, field(&key, "keyTag"));
    assert_eq!(decrypt(env, made.text().as_bytes()), b"no PIN here");
    env.create("data", "aes-256");
    for label in ["data", "absent"] {
        let secret = ["encrypt", "--label", label, "--in", "message", "--no-input"];
        let refused = env.without("KMSCTL_PIN_FILE").run(secret).fails(5).saying("no user PIN given");
        assert!(!refused.stderr_text().contains("public key"), "{refused}");
    }
}

fn a_public_key_file_needs_no_token(env: &TestEnv) {
    env.create("web", "rsa-2048");
    let pem = env.public_key("web");
    env.write("message", "for web only");
    for format in ["text", "age"] {
        let elsewhere = env.without("KMSCTL_PIN_FILE").with("KMSCTL_MODULE", "/nonexistent.so");
        let args =
            ["encrypt", "--public-key", &pem, "--in", "message", "--out", "sealed", "--format", format];
        elsewhere.run(args).success().silent();
        assert_eq!(decrypt(env, &env.read("sealed")), b"for web only", "{format}");
    }
}

fn openssl_decrypts_an_rsa_text(env: &TestEnv) {
    import_rsa(env);
    let (_, block) = parts(&encrypt(env, "known", b"for openssl"));
    env.write("block", block);
    let opened = oracle::tool(
        env,
        "openssl",
        &[&["pkeyutl", "-decrypt", "-inkey", "rsa.pem", "-in", "block"][..], OAEP].concat(),
    );
    assert_eq!(opened.stdout, b"for openssl");
}

fn what_openssl_encrypts_is_decrypted(env: &TestEnv) {
    import_rsa(env);
    let (tag, _) = parts(&encrypt(env, "known", b""));
    env.write("plain", "from openssl");
    let sealed = oracle::tool(
        env,
        "openssl",
        &[&["pkeyutl", "-encrypt", "-inkey", "rsa.pem", "-in", "plain"][..], OAEP].concat(),
    );
    let text = format!("kms:v1:{tag}:{}\n", BASE64URL_NOPAD.encode(&sealed.stdout));
    assert_eq!(decrypt(env, text.as_bytes()), b"from openssl");
}

const OAEP: &[&str] = &[
    "-pkeyopt",
    "rsa_padding_mode:oaep",
    "-pkeyopt",
    "rsa_oaep_md:sha256",
    "-pkeyopt",
    "rsa_mgf1_md:sha256",
];

fn import_rsa(env: &TestEnv) {
    env.write("rsa.pem", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    env.run(["key", "import", "--label", "known", "--in", "rsa.pem"]).success();
}

fn another_aes_gcm_decrypts_a_text(env: &TestEnv) {
    let key: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).expect("small"));
    env.write("aes.key", key);
    env.run(["key", "import", "--label", "known", "--algorithm", "aes-256", "--in", "aes.key"]).success();
    let made =
        env.run_with_stdin("attack at dawn", ["encrypt", "--label", "known", "--context", "db"]).success();
    let text = made.line();
    let (_, payload) = parts(text);
    // AAD as in kmsctl-inspect(1): everything up to and including the last colon, then the context.
    let header = &text[..=text.rfind(':').expect("a colon")];
    let aad = format!("{header}db");
    let payload_of = |aad| Payload { msg: &payload[12..], aad };
    let judge = Aes256Gcm::new(&key.into());
    let opened = judge.decrypt(Nonce::from_slice(&payload[..12]), payload_of(aad.as_bytes()));
    assert_eq!(opened.expect("authentic"), b"attack at dawn");
    assert!(judge.decrypt(Nonce::from_slice(&payload[..12]), payload_of(header.as_bytes())).is_err());
    // And in the other direction.
    let sealed = judge
        .encrypt(Nonce::from_slice(&[9; 12]), Payload { msg: b"from outside", aad: header.as_bytes() })
        .expect("encrypts");
    let text = format!("{header}{}", BASE64URL_NOPAD.encode(&[&[9; 12][..], &sealed].concat()));
    assert_eq!(decrypt(env, text.as_bytes()), b"from outside");
}

fn a_p256_key_is_refused(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.run_with_stdin("x", ["encrypt", "--label", "ec"]).fails(7).saying("ec-p256");
    let pem = env.public_key("ec");
    env.run_with_stdin("x", ["encrypt", "--public-key", &pem]).fails(7).saying("ec-p256");
}

fn a_disabled_key_is_refused(env: &TestEnv) {
    for algorithm in env.encrypting() {
        env.create(algorithm, algorithm);
        let text = encrypt(env, algorithm, b"sealed before");
        env.run(["key", "disable", "--label", algorithm]).success();
        env.run_with_stdin("x", ["encrypt", "--label", algorithm]).fails(7);
        env.run_with_stdin(&text, ["decrypt"]).fails(7);
        env.run(["key", "enable", "--label", algorithm]).success();
        assert_eq!(decrypt(env, text.as_bytes()), b"sealed before");
    }
}

fn a_convergent_key_encrypts_equal_data_equally(env: &TestEnv) {
    convergent(env);
    let sealed = |plaintext: &str, context: &str| {
        env.run_with_stdin(plaintext, ["encrypt", "--label", "index", "--context", context])
            .success()
            .line()
            .to_owned()
    };
    let one = sealed("alice", "email");
    assert_eq!(one, sealed("alice", "email"));
    for other in [sealed("alicf", "email"), sealed("alice", "emaik"), sealed("lalice", "emai")] {
        let (nonce, other_nonce) = (parts(&one).1[..12].to_vec(), parts(&other).1[..12].to_vec());
        assert_ne!(nonce, other_nonce, "a nonce was used for two plaintexts");
    }
    let opened = env.run_with_stdin(&one, ["decrypt", "--context", "email"]).success();
    assert_eq!(opened.stdout, b"alice");
    env.run_with_stdin(&one, ["decrypt", "--context", "emaik"]).fails(3);
}

fn a_convergent_key_requires_a_context(env: &TestEnv) {
    convergent(env);
    let seal = |context: &str| env.run_with_stdin("x", ["encrypt", "--label", "index", "--context", context]);
    seal(&"c".repeat(50)).success();
    seal(&"c".repeat(51)).fails(2);
    seal("").fails(2);
    env.run_with_stdin("x", ["encrypt", "--label", "index"]).fails(2).saying("context");
    let large = vec![1; 32 * 1024 + 1];
    env.run_with_stdin(large, ["encrypt", "--label", "index", "--context", "c"]).fails(2).saying("32768");
    env.run_with_stdin("x", ["encrypt", "--label", "index", "--context", "c", "--format", "age"]).fails(2);
}

fn convergent(env: &TestEnv) {
    env.run(["key", "create", "--label", "index", "--algorithm", "aes-256", "--convergent"]).success();
}

fn rsa_with_a_context_makes_an_age_file(env: &TestEnv) {
    env.create("web", "rsa-2048");
    env.run_with_stdin("x", ["encrypt", "--label", "web", "--context", "c", "--format", "text"])
        .fails(2)
        .saying("context");
    let sealed = env.run_with_stdin("x", ["encrypt", "--label", "web", "--context", "c"]).success().stdout;
    assert!(sealed.starts_with(b"age-encryption.org/v1\n"));
    assert_eq!(env.run_with_stdin(&sealed, ["decrypt", "--context", "c"]).success().stdout, b"x");
    for wrong in [&["decrypt"][..], &["decrypt", "--context", "d"]] {
        env.run_with_stdin(&sealed, wrong).fails(3);
    }
    let text = encrypt(env, "web", b"x");
    env.run_with_stdin(text, ["decrypt", "--context", "c"]).fails(3);
}

fn json_names_the_key(env: &TestEnv) {
    let key = env.create("app", "aes-256");
    let made = env.run_with_stdin("x", ["encrypt", "--label", "app", "--json"]).success().json();
    assert_eq!(field(&made, "keyTag"), field(&key, "keyTag"));
    assert_eq!((field(&made, "format"), &made["version"]), ("text", &1.into()));
    let opened = env.run_with_stdin(field(&made, "ciphertext"), ["decrypt", "--json"]).success().json();
    assert_eq!((field(&opened, "plaintext"), field(&opened, "label")), ("eA==", "app"));
    env.run_with_stdin("x", ["encrypt", "--label", "app", "--json", "--format", "age"]).fails(2);
}

const ENCRYPT_SEVERAL: [&str; 8] = ["encrypt", "--in", "small", "--in", "large", "--in", "empty", "--out"];

fn write_several(env: &TestEnv) {
    env.write("small", "a secret");
    env.write("large", vec![7; 200_000]);
    env.write("empty", "");
    std::fs::create_dir(env.file("sealed")).expect("made");
}

fn check_several(env: &TestEnv) {
    for (name, sealed) in [("small", "small.kms"), ("large", "large.age"), ("empty", "empty.kms")] {
        let opened = decrypt(env, &env.read(&format!("sealed/{sealed}")));
        assert!(opened == env.read(name), "{name}");
    }
    assert_eq!(std::fs::read_dir(env.file("sealed")).expect("listed").count(), 3);
}

const DECRYPT_SEVERAL: [&str; 7] =
    ["decrypt", "--in", "sealed/small.kms", "--in", "sealed/large.age", "--in", "sealed/empty.kms"];

/// Into files that only their owner can read. A failure keeps the file that already exists.
fn several_files_are_decrypted(env: &TestEnv) {
    env.create("app", "aes-256");
    write_several(env);
    env.run([&ENCRYPT_SEVERAL[..], &["sealed", "--label", "app"]].concat()).success();
    std::fs::create_dir(env.file("opened")).expect("made");
    let open = |args: &[&str]| env.run([&DECRYPT_SEVERAL[..], args].concat());
    open(&["--out", "opened"]).success().silent();
    for name in ["small", "large", "empty"] {
        let opened = format!("opened/{name}");
        assert!(env.read(&opened) == env.read(name), "{name}");
        let mode = std::fs::metadata(env.file(&opened)).expect("there").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600, "{name}");
    }
    let about = open(&["--out", "opened", "--json"]).success().json();
    let second = &about["plaintexts"][1];
    assert_eq!((field(second, "label"), field(second, "format")), ("app", "age"));
    assert_eq!(field(second, "out"), "opened/large");
    open(&[]).fails(2).saying("do not fit on one stream");
    open(&["--out", "sealed/large.age"]).fails(2).saying("not a directory");
    open(&["--out", "new"]).success();
    assert_eq!(env.read("new/large"), env.read("opened/large"));
    open(&["--in", "small", "--out", "opened"]).fails(2).saying("does not end in .kms or .age");
    let mut damaged = env.read("sealed/large.age");
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    env.write("sealed/large.age", damaged);
    env.write("opened/large", "old");
    open(&["--out", "opened", "--jobs", "1"]).fails(3).saying("sealed/large.age");
    assert_eq!(env.read("opened/large"), b"old");
    env.write("sealed/small.age", env.read("sealed/small.kms"));
    open(&["--in", "sealed/small.age", "--out", "opened"]).fails(2).saying("would both be written to");
}

fn several_files_are_encrypted(env: &TestEnv) {
    env.create("app", "aes-256");
    write_several(env);
    for jobs in ["1", "5"] {
        let args = [&ENCRYPT_SEVERAL[..], &["sealed", "--label", "app", "--jobs", jobs]].concat();
        env.run(args).success().silent();
        check_several(env);
    }
    // Without a directory, one line per file, in order.
    let lines = env.run(["encrypt", "--label", "app", "--in", "small", "--in", "empty"]).success();
    for (name, line) in ["small", "empty"].iter().zip(lines.text().lines()) {
        let (text, file) = line.split_once("  ").expect("two columns");
        assert_eq!((file, decrypt(env, text.as_bytes())), (*name, env.read(name)));
    }
    // A name cannot command the terminal.
    env.write("\u{1b}[31mred", "");
    let lines = env.run(["encrypt", "--label", "app", "--in", "small", "--in", "\u{1b}[31mred"]).success();
    assert!(lines.text().ends_with("  \\u{1b}[31mred\n"), "{}", lines.text());
    let args = ["encrypt", "--label", "app", "--in", "small", "--in", "empty", "--json"];
    let about = env.run(args).success().json();
    assert_eq!((field(&about, "label"), field(&about["ciphertexts"][1], "file")), ("app", "empty"));
    assert_eq!(decrypt(env, field(&about["ciphertexts"][0], "ciphertext").as_bytes()), b"a secret");
    let with = |args: &[&str]| env.run([&["encrypt", "--label", "app", "--in", "small"], args].concat());
    with(&["--in", "large"]).exits(2).saying("does not fit on a line");
    with(&["--in", "empty", "--format", "age"]).fails(2);
    with(&["--in", "empty", "--out", "small"]).fails(2).saying("not a directory");
    with(&["--in", "./small", "--out", "sealed"]).fails(2).saying("would both be written to");
    with(&["--in", "-"]).fails(2);
    with(&["--in", "missing", "--out", "sealed"]).exits(1).saying("missing");
    with(&["--in", "large", "--format", "text", "--out", "sealed"]).exits(2).saying("32768");
    check_several(env);
}

fn several_files_for_a_public_key(env: &TestEnv) {
    env.create("web", "rsa-2048");
    let pem = env.public_key("web");
    write_several(env);
    let key = env.run(["key", "show", "--label", "web", "--json"]).success().json();
    let fingerprint = field(&key, "fingerprint");
    for by in [&["--label", "web", "--fingerprint", fingerprint][..], &["--public-key", &pem]] {
        let args = [&ENCRYPT_SEVERAL[..], &["sealed"], by].concat();
        env.without("KMSCTL_PIN_FILE").run(args).success().silent();
        check_several(env);
    }
}
