//! Which recipients `encrypt` and `reencrypt` take, and which keys of the token they keep.

use age::{Identity, x25519};
use serde_json::json;

use crate::{
    recipient_changes::{by_age, custodian, opens_on_the_token, plaintext, reencrypt, seal},
    support::{TestEnv, token},
};

token::on_both_tokens!(
    recipients_files_are_read_as_age_reads_them,
    a_recipient_is_added_once,
    the_public_key_of_a_disabled_key_is_refused,
    a_disabled_key_of_the_token_stays,
    recipients_that_are_not_supported_are_named,
);

fn recipients_files_are_read_as_age_reads_them(env: &TestEnv) {
    let (one, first) = custodian();
    env.shell("ssh-keygen -q -t ed25519 -N '' -C 'a comment' -f id").success();
    env.shell("ssh-keygen -q -t ecdsa -N '' -C '' -f unusable").success();
    let own = format!("# admins\r\n\n  {first}\n").into_bytes();
    env.write("admins", [own, env.read("id.pub"), env.read("unusable.pub")].concat());
    let ssh = age::ssh::Identity::from_buffer(&env.read("id")[..], None).expect("a key");
    env.create("app", "aes-256");
    env.write("plain", plaintext());
    env.run("encrypt --label app --in plain --out sealed -R admins".split(' '))
        .success()
        .saying("skipped: line 5 (ecdsa-sha2-nistp256)");
    let opens = || {
        let file = env.read("sealed");
        assert!(by_age(&file, &one) == Some(plaintext()) && by_age(&file, &ssh) == Some(plaintext()));
        opens_on_the_token(env);
    };
    opens();
    reencrypt(env, &["--new-file-key", "--drop-recipients", "--recipients-file", "admins"]).success();
    opens();
    // Components: a file for each custodian.
    env.write("first", &first);
    env.write("key", (0..32).collect::<Vec<u8>>());
    let split = "component split --in key --algorithm aes-256 --shares 2 --out-dir parts";
    env.run(split.split(' ').chain(["-R", "admins"])).fails(2).saying("2 components need 2 recipients files");
    env.run(split.split(' ').chain(["-R", "admins", "-R", "first"]))
        .fails(2)
        .saying(&format!("recipient {first} would decrypt two components"));
    let (_, second) = custodian();
    env.write("second", &second);
    env.run(split.split(' ').chain(["-R", "admins", "-R", "second"])).success();
    for identity in [&one as &dyn Identity, &ssh] {
        assert!(by_age(&env.read("parts/component-1-of-2.age"), identity).is_some());
    }
    assert!(by_age(&env.read("parts/component-2-of-2.age"), &ssh).is_none());
    // A secret in the wrong file is not repeated, and neither is what cannot be read.
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    for (text, why) in [(secret, "line 1 is an identity"), ("age1x", "line 1"), ("# none", "no recipient")] {
        env.write("wrong", text);
        let refused = env.run_with_stdin("x", "encrypt --label app -R wrong".split(' ')).fails(2).saying(why);
        assert!(!refused.to_string().contains("GFPYY"));
    }
    env.run_with_stdin("x", "encrypt --label app -R missing".split(' ')).fails(1);
}

fn stanzas(env: &TestEnv, kind: &str) -> usize {
    let shown = env.run("inspect --in sealed --json".split(' ')).success().json();
    shown["recipients"].as_array().expect("recipients").iter().filter(|one| **one == json!(kind)).count()
}

fn a_recipient_is_added_once(env: &TestEnv) {
    let (_, first): (x25519::Identity, _) = custodian();
    seal(env, &[&first, &first]);
    assert_eq!(stanzas(env, "X25519"), 1);
    let (two, second) = custodian();
    env.write("admins", format!("{second}\n{second}\n"));
    let twice = ["--recipient", &second, "--recipient", &second, "-R", "admins"];
    reencrypt(env, &twice).success();
    assert_eq!(stanzas(env, "X25519"), 2);
    let all = [&twice[..], &["--drop-recipients", "--new-file-key"]].concat();
    reencrypt(env, &all).success().saying("2 recipients replaced by 1");
    assert_eq!(stanzas(env, "X25519"), 1);
    assert!(by_age(&env.read("sealed"), &two) == Some(plaintext()));
    // So is a public key, also that of the key of the token.
    env.create("rsa", "rsa-2048");
    env.public_key("rsa");
    let both =
        "encrypt --label rsa --public-key rsa.pem --public-key rsa.pem --in plain --out both --format age";
    env.run(both.split(' ')).success();
    let header = env.read("both");
    let of_token = header.windows(10).filter(|window| window == b"-> kmsctl ").count();
    assert_eq!(of_token, 1);
}

fn the_public_key_of_a_disabled_key_is_refused(env: &TestEnv) {
    seal(env, &[]);
    env.create("rsa", "rsa-2048");
    env.public_key("rsa");
    let before = env.read("sealed");
    for state in ["key disable --label rsa", "key revoke --label rsa"] {
        env.run(state.split(' ')).success();
        for more in [&[][..], &["--new-file-key"]] {
            reencrypt(env, &[&["--public-key", "rsa.pem"], more].concat()).fails(7).saying("\"rsa\"");
        }
        let encrypt = "encrypt --label app --public-key rsa.pem --in plain --out new --format age";
        env.run(encrypt.split(' ')).fails(7).saying("\"rsa\"");
        assert!(env.read("sealed") == before && !env.file("new").exists());
    }
}

fn a_disabled_key_of_the_token_stays(env: &TestEnv) {
    let (_, first) = custodian();
    env.create("app", "aes-256");
    env.create("rsa", "rsa-2048");
    env.public_key("rsa");
    env.write("plain", plaintext());
    let encrypt = "encrypt --label app --public-key rsa.pem --in plain --out sealed --recipient";
    env.run(encrypt.split(' ').chain([first.as_str()])).success();
    let opens_by_rsa = || {
        let opened = env.run("decrypt --in sealed --label rsa".split(' '));
        opened.status.success() && opened.stdout == plaintext()
    };
    env.run("key disable --label rsa".split(' ')).success();
    reencrypt(env, &["--drop-recipients"]).success().saying("1 recipient dropped");
    assert_eq!(stanzas(env, "X25519"), 0);
    env.run("key enable --label rsa".split(' ')).success();
    assert!(opens_by_rsa());
    env.run("key disable --label rsa".split(' ')).success();
    // Nothing can be encrypted with it. It may be enabled again, so only a revoked key is left out, which is said.
    let before = env.read("sealed");
    for more in [&[][..], &["--drop-recipients"]] {
        reencrypt(env, &[&["--new-file-key"], more].concat()).fails(7).saying("\"rsa\"").saying("key enable");
    }
    assert!(env.read("sealed") == before);
    env.run("key enable --label rsa".split(' ')).success();
    env.run("key revoke --label rsa".split(' ')).success();
    reencrypt(env, &["--new-file-key"]).fails(7).saying("\"rsa\"");
    reencrypt(env, &["--new-file-key", "--drop-recipients", "-q"])
        .success()
        .saying("a key of this token was dropped: key \"rsa\"");
    opens_on_the_token(env);
    env.run("key restore --label rsa".split(' ')).success();
    env.run("key enable --label rsa".split(' ')).success();
    assert!(!opens_by_rsa());
}

fn recipients_that_are_not_supported_are_named(env: &TestEnv) {
    env.create("app", "aes-256");
    for recipient in ["age1pq1qqqqqq", "age1yubikey1qqqqqq"] {
        let kind = recipient.trim_end_matches('q');
        let encrypt = ["encrypt", "--label", "app", "--recipient", recipient];
        env.run_with_stdin("x", encrypt).fails(2).saying(kind).saying("not support");
        env.write("admins", recipient);
        env.run_with_stdin("x", "encrypt --label app -R admins".split(' '))
            .fails(2)
            .saying("line 1")
            .saying(kind);
    }
}
