//! Ciphertext formats as kmsctl-inspect(1) describes them: its test vectors, and a second implementation written from that
//! page.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::{
    encrypt::parts,
    support::{TestEnv, judge, oracle, token},
};

token::on_both_tokens!(a_second_implementation_decrypts_everything);

/// Recomputes the vectors in the manual.
#[test]
fn the_test_vectors_of_aes_texts() {
    let manual = TestEnv::new().run(["inspect", "--help"]).success();
    let (_, vectors) = manual.text().split_once("Test vectors:").expect("test vectors");
    // A value may be on the line below its name.
    let words: Vec<_> = vectors.split_whitespace().collect();
    let values = |name: &str| -> Vec<&str> {
        words.windows(2).filter(|pair| pair[0] == name).map(|pair| pair[1]).collect()
    };
    let hex = |name: &str| -> Vec<Vec<u8>> {
        let decode = |value: &str| HEXLOWER.decode(value.as_bytes()).expect("hexadecimal");
        values(name).into_iter().map(decode).collect()
    };
    let (plaintext, context) = ("attack at dawn", values("context")[0]);
    assert!(vectors.contains(plaintext));
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&hex("companion")[0]).expect("any length");
    mac.update(
        &[&(context.len() as u64).to_be_bytes()[..], context.as_bytes(), plaintext.as_bytes()].concat(),
    );
    let nonces = hex("nonce");
    assert_eq!((nonces.len(), &nonces[1][..]), (2, &mac.finalize().into_bytes()[..12]));
    let cipher = Aes256Gcm::new_from_slice(&hex("key")[0]).expect("32 bytes");
    for (nonce, text) in nonces.iter().zip(values("text")) {
        let (head, body) = text.rsplit_once(':').expect("a head");
        let aad = format!("{head}:{context}");
        let payload = Payload { msg: plaintext.as_bytes(), aad: aad.as_bytes() };
        let sealed = cipher.encrypt(nonce.as_slice().into(), payload).expect("sealed");
        assert_eq!(body, BASE64URL_NOPAD.encode(&[nonce.clone(), sealed].concat()));
    }
}

#[test]
fn the_test_vectors_of_rsa_blocks() {
    let manual = TestEnv::new().run(["inspect", "--help"]).success();
    let (_, vectors) = manual.text().split_once("Test vectors:").expect("test vectors");
    let words: Vec<_> = vectors.split_whitespace().collect();
    let after = |name: &str| {
        words.iter().enumerate().filter(|(_, word)| **word == name).map(|(at, _)| at + 1).collect::<Vec<_>>()
    };
    let file_key = words[after("file-key")[0]];
    let (bound, blocks) = (after("bound-to"), after("rsa-block"));
    assert_eq!((bound.len(), blocks.len()), (2, 2));
    for (bound, block) in bound.into_iter().zip(blocks) {
        let block =
            HEXLOWER.decode([words[block], words[block + 1]].concat().as_bytes()).expect("hexadecimal");
        let expected = [
            b"kmsctl:envelope:".as_slice(),
            &HEXLOWER.decode(file_key.as_bytes()).expect("hexadecimal"),
            &Sha256::digest(words[bound]),
        ];
        assert_eq!(block, expected.concat());
    }
}

/// `pkcs11-tool` computes the nonce with the companion key, which never leaves the token.
#[test]
fn another_program_computes_the_nonce_of_a_convergent_key() {
    let env = token::softhsm();
    env.run(["key", "create", "--label", "index", "--algorithm", "aes-256", "--convergent"]).success();
    let listed = oracle::pkcs11_tool(&env, &["--list-objects"]);
    let (_, companion) = listed.text().split_once("Generic secret").expect("a companion key");
    let id = companion.lines().find_map(|line| line.trim().strip_prefix("ID:")).expect("a CKA_ID").trim();
    env.write("message", [&6_u64.to_be_bytes()[..], b"e-mail", b"alice"].concat());
    let args = ["--sign", "-m", "SHA256-HMAC", "--id", id, "-i", "message", "-o", "mac"];
    oracle::pkcs11_tool(&env, &args);
    let sealed =
        env.run_with_stdin("alice", ["encrypt", "--label", "index", "--context", "e-mail"]).success();
    assert_eq!(parts(sealed.line()).1[..12], env.read("mac")[..12]);
}

fn a_second_implementation_decrypts_everything(env: &TestEnv) {
    env.write("aes.key", (0..32).collect::<Vec<u8>>());
    env.run(["key", "import", "--label", "aes", "--algorithm", "aes-256", "--in", "aes.key"]).success();
    env.write("index.key", (1..33).collect::<Vec<u8>>());
    let import = ["key", "import", "--label", "index", "--algorithm", "aes-256", "--in", "index.key"];
    env.run([&import[..], &["--convergent"]].concat()).success();
    env.write("rsa.key", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    env.run(["key", "import", "--label", "rsa", "--in", "rsa.key"]).success();
    for (label, key, format, context) in [
        ("aes", "aes.key", "text", ""),
        ("aes", "aes.key", "text", "a:b"),
        ("index", "index.key", "text", "column"),
        ("rsa", "rsa.key", "text", ""),
        ("aes", "aes.key", "age", ""),
        ("aes", "aes.key", "age", "a:b"),
        ("rsa", "rsa.key", "age", ""),
        ("rsa", "rsa.key", "age", "a:b"),
    ] {
        let sizes: &[usize] = if format == "text" { &[0, 1, 190] } else { &[0, 1, 65_536, 200_000] };
        for size in sizes {
            let plaintext: Vec<u8> = (0..*size).map(|n| (n * 7 + n / 256).to_le_bytes()[0]).collect();
            env.write("plain", &plaintext);
            let mut args = vec!["encrypt", "--label", label, "--in", "plain", "--out", "sealed"];
            args.extend(["--format", format]);
            if !context.is_empty() {
                args.extend(["--context", context]);
            }
            env.run(args).success();
            assert!(second_implementation(env, key, context) == plaintext, "{label} {format} {size}");
        }
    }
}

/// Both ways and both sizes, with the public half alone and with the key of the token.
#[test]
fn a_second_implementation_of_ml_kem() {
    let env = token::embedded();
    for name in ["ml-kem-768", "ml-kem-1024"] {
        let fixture =
            |kind: &str| format!("{}/tests/fixtures/keys/{name}.{kind}.pem", env!("CARGO_MANIFEST_DIR"));
        let (private, public) = (fixture("pkcs8"), fixture("pub"));
        env.run(["key", "import", "--label", name, "--in", &private]).success();
        for (key, context, format) in [
            (["--label", name], "", "text"),
            (["--label", name], "a:b", "text"),
            (["--public-key", &public], "a:b", "text"),
            (["--label", name], "a:b", "age"),
            (["--public-key", &public], "", "age"),
        ] {
            env.write("plain", "attack at dawn");
            let bound: &[&str] = if context.is_empty() { &[] } else { &["--context", context] };
            let args = ["encrypt", key[0], key[1], "--in", "plain", "--out", "sealed", "--format", format];
            env.run([&args[..], bound].concat()).success();
            assert_eq!(second_implementation(&env, &private, context), b"attack at dawn", "{key:?} {format}");
            env.run([&["decrypt", "--in", "sealed"], bound].concat()).success();
            if format == "text" {
                let sealed = String::from_utf8(env.read("sealed")).expect("text");
                let (header, _) = sealed.rsplit_once(':').expect("a header");
                let header = format!("{header}:");
                let theirs = judge(&env, &["seal", &header, &private, "plain", context]);
                let opened = env.run_with_stdin(&theirs, [&["decrypt"], bound].concat()).success();
                assert_eq!(opened.stdout, b"attack at dawn");
            }
        }
    }
}

/// The vector of the manual, by the second implementation and by kmsctl.
#[test]
fn the_test_vector_of_ml_kem() {
    let manual = TestEnv::new().run(["inspect", "--help"]).success();
    let (_, vector) = manual.text().split_once("\n  ml-kem ").expect("a vector");
    let (vector, _) = vector.split_once("\n\n").expect("an end");
    let text: String = vector.split_whitespace().collect();
    let env = token::embedded();
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys/ml-kem-768.pkcs8.pem");
    env.run(["key", "import", "--label", "k", "--in", key]).success();
    env.write("sealed", &text);
    assert_eq!(second_implementation(&env, key, "db"), b"attack at dawn");
    let opened = env.run("decrypt --label k --in sealed --context db".split(' ')).success();
    assert_eq!(opened.stdout, b"attack at dawn");
}

fn second_implementation(env: &TestEnv, key: &str, context: &str) -> Vec<u8> {
    judge(env, &[key, "sealed", context])
}

fn judge(env: &TestEnv, args: &[&str]) -> Vec<u8> {
    judge::python(env, &[&[judge::judge("ciphertext.py").as_str()], args].concat()).success().stdout
}
