//! Envelopes that several keys open: keys of tokens, and recipients of age.

use std::io::Read;

use age::{Decryptor, Identity, x25519};

use crate::support::{TestEnv, token};

token::on_both_tokens!(age_opens_what_its_recipient_was_given, others_are_for_envelopes_without_a_context);

fn opened_by_age(envelope: &[u8], identity: &dyn Identity) -> Vec<u8> {
    let mut opened = Vec::new();
    let decryptor = Decryptor::new(envelope).expect("an age file");
    let mut body = decryptor.decrypt(std::iter::once(identity)).expect("a recipient");
    body.read_to_end(&mut opened).expect("authentic");
    opened
}

/// A classical and a post-quantum key, on two tokens: either opens the file.
#[test]
fn either_of_two_keys_opens_an_envelope() {
    let (one, other) = (token::softhsm(), token::embedded());
    one.create("rsa", "rsa-2048");
    other.create("kem", "ml-kem-768");
    let pem = other.run("key show --label kem --pem".split(' ')).success().stdout;
    one.write("kem.pem", pem);
    one.write("plain", vec![7; 100_000]);
    for context in ["", " --context db"] {
        let line = format!("encrypt --label rsa --public-key kem.pem --in plain --out sealed{context}");
        one.run(line.split(' ')).success();
        other.write("sealed", one.read("sealed"));
        for env in [&one, &other] {
            let opened = env.run(format!("decrypt --in sealed{context}").split(' ')).success();
            assert!(opened.stdout == one.read("plain"));
        }
    }
    let shown = one.run("inspect --in sealed --json".split(' ')).success().json();
    assert_eq!((&shown["tokenKeys"], &shown["label"]), (&2.into(), &"rsa".into()));
    // The key that opens it is described, wherever its stanza is.
    let there = other.run("inspect --in sealed --json".split(' ')).success().json();
    assert_eq!((&there["onToken"], &there["label"]), (&true.into(), &"kem".into()));
    assert_eq!(there["furtherKeyTags"], serde_json::json!([shown["keyTag"]]));
    other.run("inspect --in sealed".split(' ')).success().showing("Further key").showing(", version 1");
    // The same from two files, without a token.
    one.run("key show --label rsa --pem --out rsa.pem".split(' ')).success();
    let offline = "encrypt --public-key kem.pem --public-key rsa.pem --in plain --out sealed";
    one.run(offline.split(' ')).success();
    other.write("sealed", one.read("sealed"));
    for env in [&one, &other] {
        assert!(env.run("decrypt --in sealed".split(' ')).success().stdout == one.read("plain"));
    }
    // Each rewrites its own part of the header and keeps the rest.
    one.run("key rotate --label rsa".split(' ')).success();
    let sealed = "encrypt --label rsa --key-version 1 --public-key kem.pem --in plain --out sealed";
    one.run(sealed.split(' ')).exits_any(&[0, 7]);
    one.run("reencrypt --in sealed --out sealed".split(' ')).success();
    other.write("sealed", one.read("sealed"));
    for env in [&one, &other] {
        assert!(env.run("decrypt --in sealed".split(' ')).success().stdout == one.read("plain"));
    }
}

fn age_opens_what_its_recipient_was_given(env: &TestEnv) {
    env.create("app", "aes-256");
    let identity = x25519::Identity::generate();
    env.shell("ssh-keygen -q -t ed25519 -N '' -C '' -f id").success();
    let ssh = String::from_utf8(env.read("id.pub")).expect("a line");
    let ssh_identity = age::ssh::Identity::from_buffer(&env.read("id")[..], None).expect("a key");
    let recipient = identity.to_public().to_string();
    let args = [
        "encrypt",
        "--label",
        "app",
        "--recipient",
        &recipient,
        "--recipient",
        ssh.trim(),
        "--out",
        "sealed",
    ];
    env.run_with_stdin("attack at dawn", args).success();
    let opens = || {
        let sealed = env.read("sealed");
        assert_eq!(opened_by_age(&sealed, &identity), b"attack at dawn");
        assert_eq!(opened_by_age(&sealed, &ssh_identity), b"attack at dawn");
        assert_eq!(env.run("decrypt --in sealed".split(' ')).success().stdout, b"attack at dawn");
    };
    opens();
    env.run("key rotate --label app".split(' ')).success();
    env.run("reencrypt --in sealed --out sealed".split(' ')).success();
    assert!(String::from_utf8_lossy(&env.read("sealed")).contains("\n-> kmsctl v2 "));
    opens();
}

fn others_are_for_envelopes_without_a_context(env: &TestEnv) {
    env.create("app", "aes-256");
    env.run("key create --label index --algorithm aes-256 --convergent".split(' ')).success();
    let recipient = x25519::Identity::generate().to_public().to_string();
    let encrypt = |label: &str, more: &[&str]| {
        env.run_with_stdin("x", [&["encrypt", "--label", label, "--recipient", &recipient], more].concat())
    };
    encrypt("app", &["--context", "db"]).fails(2);
    encrypt("app", &["--format", "text"]).fails(2).saying("a text is for one key");
    encrypt("index", &[]).fails(2).saying("a convergent key");
    env.run_with_stdin("x", ["encrypt", "--label", "app", "--recipient", "age1x"]).fails(2);
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let refused = env.run_with_stdin("x", ["encrypt", "--label", "app", "--recipient", secret]).fails(2);
    assert!(!refused.to_string().replacen(secret, "", 1).contains(secret), "the secret is repeated");
    let twice = ["encrypt", "--label", "app", "--public-key", "a.pem", "--fingerprint", &"00".repeat(32)];
    env.run(twice).fails(2).saying("one key");
}
