//! A failed creation reports what it left on the token, and says "nothing was left" only if that is true.

use crate::support::{TestEnv, fault::watched, token};

token::on_both_tokens!(objects_that_cannot_be_destroyed_are_reported, a_failed_creation_leaves_nothing,);

/// Wrong signatures: kmsctl rejects the new key.
const WRONG_SIGNATURES: (&str, &str) = ("KMSCTL_FAULT_LIES", "C_Sign=ffff");
/// The token refuses to destroy objects: `CKR_ACTION_PROHIBITED`.
const DESTROY_FAILS: (&str, &str) = ("KMSCTL_FAULT", "C_DestroyObject:1+ fail-before 0x1b");

const CREATIONS: [&[&str]; 3] = [
    &["key", "create", "--label", "new", "--algorithm", "ec-p256"],
    &["key", "create", "--label", "new-rsa", "--algorithm", "rsa-2048"],
    &["key", "import", "--label", "imported", "--in", "p256.pem"],
];

fn objects_that_cannot_be_destroyed_are_reported(env: &TestEnv) {
    env.write("p256.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    for (index, args) in CREATIONS.iter().enumerate() {
        let failed = watched(env)
            .with(WRONG_SIGNATURES.0, WRONG_SIGNATURES.1)
            .with(DESTROY_FAILS.0, DESTROY_FAILS.1)
            .run(*args)
            .fails(6);
        let said = failed.stderr_text();
        assert!(said.contains("private key") && said.contains("did not destroy"), "{said}");
        assert!(!said.contains("nothing was left"), "{said}");
        let labels = env.labels();
        assert_eq!(labels.len(), index + 1, "{labels:?}: {said}");
        // The command in the hint works once the token allows it.
        let id = said.split("key delete --id ").nth(1).expect("a hint");
        let id: String = id.chars().take_while(char::is_ascii_hexdigit).collect();
        assert!(env.keys().iter().any(|key| key["ckaId"] == id.as_str()), "{said}");
    }
    for key in env.keys() {
        env.run(["key", "delete", "--yes", "--id", key["ckaId"].as_str().expect("an id")]).success();
    }
}

fn a_failed_creation_leaves_nothing(env: &TestEnv) {
    env.write("p256.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    for args in CREATIONS {
        let failed = watched(env).with(WRONG_SIGNATURES.0, WRONG_SIGNATURES.1).run(args).fails(6);
        assert!(failed.stderr_text().contains("nothing was left"), "{failed}");
        assert!(env.labels().is_empty(), "{failed}");
    }
}

/// Only on SoftHSM: the embedded token's records have a MAC, which the wrong signatures would break too.
#[test]
fn a_failed_rotation_reports_what_it_left() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let rotate = ["key", "rotate", "--label", "web"];
    let failed = watched(&env)
        .with(WRONG_SIGNATURES.0, WRONG_SIGNATURES.1)
        .with(DESTROY_FAILS.0, DESTROY_FAILS.1)
        .run(rotate)
        .fails(6);
    assert!(failed.stderr_text().contains("the token did not destroy"), "{failed}");
    // What it left is tested like a new version.
    let failed = watched(&env).with(WRONG_SIGNATURES.0, WRONG_SIGNATURES.1).run(rotate).fails(4);
    assert!(failed.stderr_text().contains("an interrupted rotation left version 2"), "{failed}");
    env.run(rotate).success();
    env.run(["doctor"]).success();
    let failed = watched(&env).with(WRONG_SIGNATURES.0, WRONG_SIGNATURES.1).run(rotate).fails(6);
    assert!(failed.stderr_text().contains("nothing was left"), "{failed}");
}

/// A process that is killed within a call leaves an object of SoftHSM without label and CKA_ID.
#[test]
fn an_object_without_names_can_be_destroyed() {
    let env = token::softhsm();
    crate::support::oracle::pkcs11_tool(&env, &["--keygen", "--key-type", "AES:32"]);
    let uri = "pkcs11:type=secret-key;object=";
    env.run(["doctor"]).exits(3).showing(&format!("kmsctl key delete --uri '{uri}'"));
    env.run(["key", "delete", "--uri", uri, "--yes"]).success();
    env.run(["doctor"]).success();
}
