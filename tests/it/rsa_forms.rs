//! RSA blocks of one format (text or envelope, current or of the previous release) never decrypt as another.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest, Sha256};

use crate::support::{
    TestEnv, age,
    age::{FILE_KEY, stanza},
    field, token,
};

token::on_both_tokens!(
    an_envelope_does_not_pass_for_a_text,
    a_text_does_not_pass_for_an_envelope,
    no_format_passes_for_another,
    ciphertext_of_earlier_releases_decrypts,
    plaintext_that_looks_like_an_envelope_block_is_not_encrypted_as_text,
);

const MARK: &[u8] = b"kmsctl:envelope:";

/// The arguments and the body of kmsctl's stanza in an envelope.
fn wrapped(envelope: &[u8]) -> (String, Vec<u8>) {
    let text = String::from_utf8_lossy(envelope);
    let (_, rest) = text.split_once("-> kmsctl ").expect("a stanza");
    let mut lines = rest.lines();
    let words = lines.next().expect("words").to_owned();
    let mut body = String::new();
    for line in lines {
        body.push_str(line);
        if line.len() < 64 {
            break;
        }
    }
    (words, BASE64_NOPAD.decode(body.as_bytes()).expect("base64"))
}

fn as_text(tag: &str, block: &[u8]) -> String {
    format!("kms:v1:{tag}:{}", BASE64URL_NOPAD.encode(block))
}

fn old_block(tag: &str, context: &str) -> Vec<u8> {
    let bound = format!("age:v1:{tag}:{context}");
    age::seal_block(&[&FILE_KEY[..], &Sha256::digest(bound)].concat())
}

/// Asserts that every command that decrypts texts refuses this one.
fn refused_as_text(env: &TestEnv, text: &str) {
    env.run_with_stdin(text, ["decrypt"]).fails(3).saying("not a text");
    env.run_with_stdin(text, ["decrypt", "--context", "c"]).fails(3);
    env.run_with_stdin(text, ["reencrypt"]).fails(3);
    env.run_with_stdin(text, ["reencrypt", "--check", "--verify"]).fails(3);
    env.write("a.kms", text);
    env.write("b.kms", text);
    env.run(["decrypt", "--in", "a.kms", "--in", "b.kms", "--out", "."]).fails(3);
    assert!(!env.file("a").exists() && !env.file("b").exists());
    let answer = env.run_with_stdin(format!("{{\"op\":\"decrypt\",\"ciphertext\":\"{text}\"}}\n"), ["batch"]);
    assert!(answer.text().contains("NOT_AUTHENTIC") && !answer.text().contains("\"plaintext\""), "{answer}");
    let again = format!("{{\"op\":\"reencrypt\",\"ciphertext\":\"{text}\"}}\n");
    assert!(env.run_with_stdin(again, ["batch"]).text().contains("NOT_AUTHENTIC"));
}

fn an_envelope_does_not_pass_for_a_text(env: &TestEnv) {
    let [_, tag] = age::import(env);
    let pem = env.public_key("rsa");
    for by in [["--label", "rsa"], ["--public-key", pem.as_str()]] {
        for context in [&[][..], &["--context", "c"]] {
            let seal = [&["encrypt", "--format", "age"], &by[..], context].concat();
            let (words, block) = wrapped(&env.run_with_stdin("secret", seal).success().stdout);
            let stanza_tag = words.split(' ').nth(1).expect("a tag");
            refused_as_text(env, &as_text(stanza_tag, &block));
            refused_as_text(env, &as_text(&tag, &block));
        }
    }
    for context in ["", "c", "another context"] {
        refused_as_text(env, &as_text(&tag, &old_block(&tag, context)));
    }
}

/// The block of a text as the body of a stanza, in either envelope format.
fn a_text_does_not_pass_for_an_envelope(env: &TestEnv) {
    let [_, tag] = age::import(env);
    for plaintext in [FILE_KEY.to_vec(), [&FILE_KEY[..], &[0; 32]].concat(), vec![b'a'; 48], vec![b'a'; 64]] {
        env.write("plain", &plaintext);
        let block = age::seal_block(&plaintext);
        for form in ["rsa-oaep-sha256", "rsa-oaep-sha256-2"] {
            let file = age::file(&stanza(&format!("kmsctl v1 {tag} {form}"), &block), b"forged");
            env.run_with_stdin(&file, ["decrypt"]).fails(3).saying("not authentic");
            env.run_with_stdin(&file, ["decrypt", "--context", "c"]).fails(3);
        }
    }
}

/// Stanzas whose arguments were changed to another format, version or use of a context.
fn no_format_passes_for_another(env: &TestEnv) {
    let [_, tag] = age::import(env);
    let sealed = |context: &str| {
        let bound = format!("age:v1:{tag}:{context}");
        age::seal_block(&[MARK, &FILE_KEY[..], &Sha256::digest(bound)].concat())
    };
    let opens = |words: &str, block: &[u8], args: &[&str]| {
        let file = age::file(&stanza(&format!("kmsctl {words}"), block), b"secret");
        env.run_with_stdin(&file, [&["decrypt"], args].concat())
    };
    let (new, old) = (format!("v1 {tag} rsa-oaep-sha256-2"), format!("v1 {tag} rsa-oaep-sha256"));
    let context = ["--context", "c"];
    assert_eq!(opens(&new, &sealed(""), &[]).success().stdout, b"secret");
    assert_eq!(opens(&format!("{new} context"), &sealed("c"), &context).success().stdout, b"secret");
    opens(&old, &sealed(""), &[]).fails(3);
    opens(&new, &old_block(&tag, ""), &[]).fails(3);
    opens(&format!("{old} context"), &sealed("c"), &context).fails(3);
    opens(&old, &sealed("c"), &[]).fails(3);
    opens(&new, &sealed("c"), &[]).fails(3);
    opens(&new, &sealed(""), &context).fails(3);
    opens(&format!("{new} context"), &sealed(""), &context).fails(3);
    opens(&format!("v1 {tag} aes-gcm"), &sealed(""), &[]).fails(3);
    opens(&format!("v1 {tag} rsa-oaep-sha256-3"), &sealed(""), &[]).fails(3);
    env.run(["key", "rotate", "--label", "rsa"]).success();
    opens(&format!("v2 {tag} rsa-oaep-sha256-2"), &sealed(""), &[]).fails(3);
    assert_eq!(opens(&new, &sealed(""), &[]).success().stdout, b"secret");
}

fn ciphertext_of_earlier_releases_decrypts(env: &TestEnv) {
    let [_, tag] = age::import(env);
    let old = |context: &str, word: &str| {
        let words = format!("kmsctl v1 {tag} rsa-oaep-sha256{word}");
        age::file(&stanza(&words, &old_block(&tag, context)), b"secret")
    };
    for (file, args) in [(old("", ""), &[][..]), (old("c", " context"), &["--context", "c"])] {
        assert_eq!(env.run_with_stdin(&file, [&["decrypt"], args].concat()).success().stdout, b"secret");
        env.write("old", &file);
        env.run([&["reencrypt", "--check", "--in", "old"], args].concat()).fails(3);
        env.run([&["reencrypt", "--verify", "--in", "old", "--out", "old"], args].concat()).success();
        let (words, block) = wrapped(&env.read("old"));
        assert!(words.starts_with(&format!("v1 {tag} rsa-oaep-sha256-2")), "{words}");
        assert!(age::open_block(&block).starts_with(MARK));
        env.run([&["reencrypt", "--check", "--in", "old"], args].concat()).success();
        assert_eq!(env.run([&["decrypt", "--in", "old"], args].concat()).success().stdout, b"secret");
    }
    for plaintext in [
        b"".as_slice(),
        b"secret",
        &[0; 32],
        &[0xff; 47],
        &[0xff; 49],
        &[0xff; 64],
        b"48 characters: that is as long as an old block..",
        &[b'a'; 190],
    ] {
        let text = as_text(&tag, &age::seal_block(plaintext));
        assert_eq!(env.run_with_stdin(text, ["decrypt"]).success().stdout, plaintext, "{plaintext:?}");
    }
}

fn plaintext_that_looks_like_an_envelope_block_is_not_encrypted_as_text(env: &TestEnv) {
    age::import(env);
    let pem = env.public_key("rsa");
    let marked = [MARK, b"anything"].concat();
    for plaintext in [&[0xff; 48][..], MARK, &marked, &[MARK, &[7; 48]].concat()] {
        for by in [["--label", "rsa"], ["--public-key", pem.as_str()]] {
            let auto = [&["encrypt"], &by[..]].concat();
            let sealed = env.run_with_stdin(plaintext, &auto).success().stdout;
            assert!(sealed.starts_with(b"age-encryption.org/v1\n"), "{plaintext:?}");
            assert_eq!(env.run_with_stdin(&sealed, ["decrypt"]).success().stdout, plaintext);
            let text = [&auto[..], &["--format", "text"]].concat();
            env.run_with_stdin(plaintext, text).fails(2).saying("`--format age` encrypts any data");
            env.write("one", plaintext);
            env.write("two", plaintext);
            let several = [&auto[..], &["--in", "one", "--in", "two", "--out", "sealed"]].concat();
            env.shell("mkdir -p sealed").success();
            env.run(several).success();
            assert!(env.file("sealed/one.age").exists() && env.file("sealed/two.age").exists());
            env.shell("rm -r sealed").success();
        }
    }
    // AES-GCM authenticates the format, so these plaintexts are safe as texts.
    let sealed = env.run_with_stdin([0xff; 48], ["encrypt", "--label", "aes"]).success();
    assert!(sealed.line().starts_with("kms:v1:"));
    for length in [47, 49, 190] {
        let sealed = env.run_with_stdin(vec![0xff; length], ["encrypt", "--label", "rsa"]).success();
        assert!(sealed.line().starts_with("kms:v1:"), "{length}");
    }
    let key = env.run(["datakey", "--label", "rsa", "--plaintext", "--json"]).success().json();
    let opened = env.run_with_stdin(field(&key, "ciphertext"), ["decrypt", "--json"]).success().json();
    assert_eq!(opened["plaintext"], key["plaintext"]);
}
