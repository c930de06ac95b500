//! A creation that fails says what it left on the token, and says that nothing was left only where that is so.

use crate::support::{TestEnv, fault::watched, token};

token::on_both_tokens!(what_cannot_be_destroyed_is_named, nothing_is_left_where_it_can,);

/// Signatures that are wrong: a new key is not taken.
const WRONG: (&str, &str) = ("KMSCTL_FAULT_LIES", "C_Sign=ffff");
/// `CKR_ACTION_PROHIBITED`.
const KEPT: (&str, &str) = ("KMSCTL_FAULT", "C_DestroyObject:1+ fail-before 0x1b");

const CREATIONS: [&[&str]; 3] = [
    &["key", "create", "--label", "new", "--algorithm", "ec-p256"],
    &["key", "create", "--label", "new-rsa", "--algorithm", "rsa-2048"],
    &["key", "import", "--label", "imported", "--in", "p256.pem"],
];

fn what_cannot_be_destroyed_is_named(env: &TestEnv) {
    env.write("p256.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    for (index, args) in CREATIONS.iter().enumerate() {
        let failed = watched(env).with(WRONG.0, WRONG.1).with(KEPT.0, KEPT.1).run(*args).fails(6);
        let said = failed.stderr_text();
        assert!(said.contains("private key") && said.contains("left"), "{said}");
        assert!(!said.contains("nothing was left"), "{said}");
        let labels = env.labels();
        assert_eq!(labels.len(), index + 1, "{labels:?}: {said}");
        // What the hint says works once the token lets it.
        let id = said.split("key delete --id ").nth(1).expect("a hint");
        let id: String = id.chars().take_while(char::is_ascii_hexdigit).collect();
        assert!(env.keys().iter().any(|key| key["ckaId"] == id.as_str()), "{said}");
    }
    for key in env.keys() {
        env.run(["key", "delete", "--yes", "--id", key["ckaId"].as_str().expect("an id")]).success();
    }
}

fn nothing_is_left_where_it_can(env: &TestEnv) {
    env.write("p256.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    for args in CREATIONS {
        let failed = watched(env).with(WRONG.0, WRONG.1).run(args).fails(6);
        assert!(failed.stderr_text().contains("nothing was left"), "{failed}");
        assert!(env.labels().is_empty(), "{failed}");
    }
}

/// The record of the embedded token's key is checked by a MAC, which would be wrong, too.
#[test]
fn a_rotation_names_what_it_left() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let rotate = ["key", "rotate", "--label", "web"];
    let failed = watched(&env).with(WRONG.0, WRONG.1).with(KEPT.0, KEPT.1).run(rotate).fails(6);
    assert!(failed.stderr_text().contains("the token did not destroy"), "{failed}");
    let failed = watched(&env).with(WRONG.0, WRONG.1).run(rotate).fails(6);
    assert!(failed.stderr_text().contains("nothing was left"), "{failed}");
}
