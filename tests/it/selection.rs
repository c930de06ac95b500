//! Naming a key: exactly one match, or an error that lists the candidates; never "the first".

use crate::support::{TestEnv, field, token};

token::on_both_tokens!(
    by_label_id_and_uri,
    an_unknown_key_is_no_key,
    no_prefix_and_no_glob,
    label_and_id_must_both_match,
    several_matches_are_listed,
    nothing_named_is_an_error,
    an_older_version_that_is_not_there,
    a_uri_of_another_token_matches_nothing,
);

fn by_label_id_and_uri(env: &TestEnv) {
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

fn an_unknown_key_is_no_key(env: &TestEnv) {
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

fn no_prefix_and_no_glob(env: &TestEnv) {
    env.create("web", "ec-p256");
    for label in ["we", "web ", "WEB", "*", "we*", "w?b"] {
        env.run(["sign", "--label", label]).fails(4);
    }
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

fn nothing_named_is_an_error(env: &TestEnv) {
    env.create("web", "ec-p256");
    for command in ["key show", "key delete --yes", "sign"] {
        env.run(command.split(' ')).fails(2).saying("--label");
    }
}

fn an_older_version_that_is_not_there(env: &TestEnv) {
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
