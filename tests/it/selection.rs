//! Selecting a key: exactly one match, or an error that lists the candidates; never just the first one.

use crate::support::{TestEnv, field, output::Output, token};

token::on_both_tokens!(
    selects_by_label_id_and_uri,
    an_unknown_key_is_not_found,
    labels_match_exactly,
    an_id_prefix_selects_a_key,
    an_ambiguous_id_prefix_is_refused,
    label_and_id_must_both_match,
    several_matches_are_listed,
    no_selection_is_an_error,
    an_unknown_version_is_not_found,
    a_uri_of_another_token_matches_nothing,
    a_uri_without_label_and_id_selects_no_key,
);

fn selects_by_label_id_and_uri(env: &TestEnv) {
    let key = env.create("web", "ec-p256");
    env.create("other", "ec-p256");
    let (id, uri) = (field(&key, "ckaId"), field(&key, "uri"));
    for select in [
        vec!["--label", "web"],
        vec!["--id", id],
        vec!["--id", &id.to_uppercase()],
        vec!["--label", "web", "--id", id],
        vec!["--uri", uri],
        vec!["--uri", "pkcs11:object=web"],
        vec!["--uri", "pkcs11:object=web;type=private"],
        vec!["--label", "web", "--key-version", "1"],
    ] {
        let shown = env.run([vec!["key", "show", "--json"], select.clone()].concat()).success().json();
        assert_eq!(shown["ckaId"], id, "{select:?}");
    }
}

fn an_unknown_key_is_not_found(env: &TestEnv) {
    env.create("web", "ec-p256");
    for (option, name, shown) in
        [("--label", "wep", "wep"), ("--id", "ffff", "ffff"), ("--uri", "pkcs11:object=wep", "wep")]
    {
        for command in ["key show", "key delete --yes", "sign"] {
            let args: Vec<_> = command.split(' ').chain([option, name]).collect();
            env.run(&args).fails(4).saying(shown);
        }
    }
    assert_eq!(env.labels(), ["web"]);
}

fn labels_match_exactly(env: &TestEnv) {
    env.create("web", "ec-p256");
    for label in ["we", "web ", "WEB", "*", "we*", "w?b"] {
        env.run(["sign", "--label", label]).fails(4);
    }
}

fn create_with_id(env: &TestEnv, label: &str, id: &str) -> Output {
    env.run(["key", "create", "--label", label, "--algorithm", "ec-p256", "--id", id, "--json"])
}

fn an_id_prefix_selects_a_key(env: &TestEnv) {
    let id = field(&create_with_id(env, "web", "78496c3f01").success().json(), "ckaId").to_owned();
    env.create("other", "ec-p256");
    env.write("message", "m");
    for digits in ["78496c", "78496C3", "78:49:6c:3f", &id] {
        for command in ["sign", "key show", "key versions", "jwks", "key update --memo x"] {
            env.run(command.split(' ').chain(["--id", digits])).success();
        }
        env.run(["sign", "--label", "other", "--id", digits]).fails(4);
        env.run(["key", "show", "--uri", &format!("pkcs11:id=%78%49%6c;object={digits}")]).fails(4);
    }
    let answer = env.run_with_stdin("{\"op\":\"sign\",\"id\":\"78496c3\",\"data\":\"bQ==\"}\n", ["batch"]);
    assert!(answer.success().text().contains("\"signature\""));
    // Fewer than six digits must be a complete CKA_ID, so their number must be even.
    env.run(["sign", "--id", "7849"]).fails(4).saying("7849").saying("at least its first 6 digits");
    for digits in ["78496", "78496g", ""] {
        env.run(["sign", "--id", digits]).fails(2);
    }
    // The CKA_ID of a new key is always complete.
    create_with_id(env, "new", "78496c3").fails(2);
    create_with_id(env, "new", "78496c").success();
    let key = env.run(["key", "show", "--id", "78496c", "--json"]).success().json();
    assert_eq!(key["label"], "new", "a prefix took precedence over the exact CKA_ID");
    // A prefix of an older version's CKA_ID selects that version, like the complete CKA_ID.
    env.run(["key", "rotate", "--id", "78496c3"]).success();
    env.run(["sign", "--id", "78496c3", "--in", "message"]).fails(7).saying("version 1");
    // A destroyed key's whole CKA_ID may be a prefix of another one: run twice, a command destroys nothing more.
    env.run(["key", "delete", "--id", "78496c", "--yes"]).success();
    for command in ["key delete --yes", "key purge --yes", "key revoke"] {
        let refused = env.run(command.split(' ').chain(["--id", "78496c"])).fails(2);
        refused.saying("only a prefix").saying("give its CKA_ID");
    }
    let key = env.run(["key", "show", "--id", "78496c3", "--json"]).success().json();
    let older = ["key", "delete", "--id", field(&key, "ckaId"), "--yes"];
    env.run(older).fails(2).saying("is only version 1 of key \"web\"");
    assert_eq!(env.labels(), ["other", "web"]);
    env.run(["key", "delete", "--label", "web", "--yes"]).success();
    assert_eq!(env.labels(), ["other"]);
}

fn an_ambiguous_id_prefix_is_refused(env: &TestEnv) {
    for (label, id) in [("one", "abcdef0100"), ("two", "abcdef0200")] {
        create_with_id(env, label, id).success();
    }
    for command in ["sign", "key show", "key delete --yes", "jwks", "key rotate"] {
        let refused = env.run(command.split(' ').chain(["--id", "abcdef0"])).fails(4);
        refused.saying("abcdef0100").saying("abcdef0200").saying("\"two\"");
    }
    assert_eq!(env.labels(), ["one", "two"]);
    env.run(["sign", "--id", "abcdef01"]).success();
    env.run(["sign", "--id", "abcdef0", "--label", "two"]).success();
}

fn label_and_id_must_both_match(env: &TestEnv) {
    let web = env.create("web", "ec-p256");
    env.create("other", "ec-p256");
    env.run(["sign", "--label", "other", "--id", field(&web, "ckaId")]).fails(4);
}

fn several_matches_are_listed(env: &TestEnv) {
    let first = env.create("web", "ec-p256");
    let second = env
        .run([
            "key",
            "create",
            "--label",
            "web",
            "--algorithm",
            "ec-p256",
            "--allow-duplicate-label",
            "--json",
        ])
        .success()
        .json();
    for command in ["key show", "key delete --yes", "sign"] {
        let args: Vec<_> = command.split(' ').chain(["--label", "web"]).collect();
        let refused = env.run(&args).fails(4);
        let said = refused.stderr_text();
        assert!(said.contains(field(&first, "ckaId")) && said.contains(field(&second, "ckaId")), "{refused}");
    }
    assert_eq!(env.keys().len(), 2);
    env.run(["sign", "--id", field(&second, "ckaId")]).success();
}

fn no_selection_is_an_error(env: &TestEnv) {
    env.create("web", "ec-p256");
    for command in ["key show", "key delete --yes", "sign"] {
        env.run(command.split(' ')).fails(2).saying("--label");
    }
}

fn an_unknown_version_is_not_found(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.run(["sign", "--label", "web", "--key-version", "2"]).fails(4).saying("2");
    env.run(["sign", "--label", "web", "--key-version", "0"]).fails(2);
    env.run(["sign", "--label", "web", "--key-version", "-1"]).fails(2);
}

fn a_uri_of_another_token_matches_nothing(env: &TestEnv) {
    env.create("web", "ec-p256");
    let output = env.run(["sign", "--uri", "pkcs11:token=elsewhere;object=web"]);
    assert!(matches!(output.status.code(), Some(4 | 6)), "{output}");
}

/// It would select the only key of a token.
fn a_uri_without_label_and_id_selects_no_key(env: &TestEnv) {
    env.create("web", "ec-p256");
    for uri in ["pkcs11:", "pkcs11:token=test", "pkcs11:type=private"] {
        for command in ["key delete --yes", "key show", "sign"] {
            env.run(command.split(' ').chain(["--uri", uri])).fails(2).saying("object=LABEL");
        }
        let request = serde_json::json!({"op": "sign", "uri": uri, "data": "bQ=="}).to_string();
        let answer = env.run_with_stdin(format!("{request}\n"), ["batch"]);
        assert!(answer.text().contains("names no key"), "{answer}");
    }
    assert_eq!(env.labels(), ["web"]);
}
