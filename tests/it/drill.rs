//! The drills that the manual describes, from beginning to end: what was encrypted, published or backed up before is still
//! good afterwards, on another token.

use age::{secrecy::ExposeSecret, x25519};
use serde_json::Value;

use crate::support::{TestEnv, field, jose::Judge, output::Output, token};

token::on_both_tokens!(a_day_of_publication_loses_no_verifier);

#[test]
fn custodians_open_last_years_backup_on_a_new_softhsm_token() {
    assert_custodians_open_last_years_backup(&token::embedded(), &token::softhsm());
}

#[test]
fn custodians_open_last_years_backup_on_a_new_embedded_token() {
    assert_custodians_open_last_years_backup(&token::softhsm(), &token::embedded());
}

/// A ceremony: a key of software is split and imported, and its file destroyed. A year later the token is lost.
fn assert_custodians_open_last_years_backup(first: &TestEnv, second: &TestEnv) {
    let (identity, other) = (x25519::Identity::generate(), x25519::Identity::generate());
    let secret =
        [&identity, &other].map(|identity| identity.to_string().expose_secret().to_owned()).join("\n");
    first.write("admins", format!("# the second custodian\n{}\n", identity.to_public()));
    first.write("others", other.to_public().to_string());
    first.write("pass", "correct horse battery staple");
    first.write("pass2", "battery staple correct horse");
    first.write("data", (0..300_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    first.shell("head -c 32 /dev/urandom >app.key").success();
    for (out, custodian) in [
        ("a", "-R admins -R others"),
        ("b", "--component-passphrase-file pass --component-passphrase-file pass2"),
    ] {
        let split = format!(
            "component split --in app.key --algorithm aes-256 --shares 2 --out-dir {out} {custodian}"
        );
        first.run(split.split(' ')).success();
    }
    first.on_day(0, "key import --label app --in app.key --algorithm aes-256").success();
    first.shell("shred -u app.key").success();
    first.on_day(0, "encrypt --label app --in data --out backup.age").success();
    first.on_day(0, "encrypt --label app --in admins --context admins --out text.kms").success();
    // The whole ceremony, joined again on a token that has never seen the key.
    for (out, keys) in [
        ("a", "--identity custodian"),
        ("b", "--component-passphrase-file pass --component-passphrase-file pass2"),
    ] {
        second.write("custodian", &secret);
        for file in ["pass", "pass2", "data", "admins", "backup.age", "text.kms"] {
            second.write(file, first.read(file));
        }
        for index in [1, 2] {
            second.write(&format!("{index}.age"), first.read(&format!("{out}/component-{index}-of-2.age")));
        }
        second.on_day(365, "decrypt --in backup.age").fails(4);
        let join = format!("key import --label restored --component 1.age --component 2.age {keys}");
        second.on_day(365, &join).success();
        assert!(second.on_day(365, "decrypt --in backup.age").success().stdout == first.read("data"));
        let text = second.on_day(365, "decrypt --in text.kms --context admins").success();
        assert!(text.stdout == first.read("admins"));
        second.delete("restored");
    }
}

/// A rotation by hand with a day between publication and use. A verifier fetches the JWK Set once a day, at any hour: before
/// or after each step.
fn a_day_of_publication_loses_no_verifier(env: &TestEnv) {
    env.on_day(0, "key create --label issuer --algorithm ec-p256").success();
    let publish = |name: &str| drop(env.run(["jwks", "--label", "issuer", "--out", name]).success());
    let issue = || {
        let token = env.run("jwt sign --label issuer --ttl 1h --claim n=1".split(' ')).success();
        token.line().to_owned()
    };
    let verify = |set: &str, token: &str| Judge::PyJwt.verify(env, set, token, "ES256");
    let old = issue();
    publish("before-stage");
    env.on_day(1, "key rotate --label issuer --stage").success();
    publish("after-stage");
    // Until promotion, verifiers have either set.
    for set in ["before-stage", "after-stage"] {
        for token in [&old, &issue()] {
            verify(set, token).success();
        }
    }
    // A day later the set from before the stage is in no cache.
    env.on_day(2, "key promote --label issuer").success();
    publish("after-promotion");
    let new = issue();
    let kid = |token: &str| -> Value { env.run(["jwt", "decode", token, "--json"]).success().json() };
    assert_ne!(field(&kid(&old)["header"], "kid"), field(&kid(&new)["header"], "kid"));
    for set in ["after-stage", "after-promotion"] {
        for token in [&old, &new] {
            verify(set, token).success();
        }
    }
    // What the day is for.
    let lost: Output = verify("before-stage", &new);
    assert!(!lost.status.success(), "{lost}");
}
