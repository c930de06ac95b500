//! `key wrap` and `key unwrap`, between the embedded token and SoftHSM2 in both directions.

use crate::support::{TestEnv, field, judge, token};

token::on_both_tokens!(
    another_implementation_unwraps_a_key,
    only_exportable_keys_can_be_wrapped_and_are_marked_in_lists,
);

#[test]
fn keys_move_from_the_embedded_token_to_softhsm() {
    assert_keys_move(&token::embedded(), &token::softhsm());
}

#[test]
fn keys_move_from_softhsm_to_the_embedded_token() {
    assert_keys_move(&token::softhsm(), &token::embedded());
}

fn assert_keys_move(from: &TestEnv, to: &TestEnv) {
    to.create("receiver", "rsa-2048");
    let receiver = to.run(["key", "show", "--label", "receiver", "--pem"]).success().stdout;
    from.write("receiver.pem", receiver);
    for algorithm in ["rsa-2048", "ec-p256", "aes-256", "hmac-256"] {
        from.run(["key", "create", "--label", algorithm, "--algorithm", algorithm, "--exportable"]).success();
        let args =
            ["key", "wrap", "--label", algorithm, "--wrapping-key", "receiver.pem", "--out", "wrapped"];
        from.run(args).success();
        to.write("wrapped", from.read("wrapped"));
        to.run(["key", "unwrap", "--in", "wrapped"]).success();
        let form = if ["aes-256", "hmac-256"].contains(&algorithm) { "--kcv" } else { "--pem" };
        let shown = |env: &TestEnv| env.run(["key", "show", "--label", algorithm, form]).success().stdout;
        assert_eq!(shown(from), shown(to), "{algorithm}");
        from.run(["key", "unwrap", "--in", "wrapped", "--label", "back"]).fails(4);
    }
    let text = String::from_utf8(to.read("wrapped")).expect("text");
    to.write("wrapped", text.replacen("Key-Check: ", "Key-Check: 00", 1));
    to.run(["key", "unwrap", "--in", "wrapped", "--label", "forged"]).fails(2);
    from.create("kept", "ec-p256");
    from.run(["key", "wrap", "--label", "kept", "--wrapping-key", "receiver.pem"])
        .fails(7)
        .saying("not exportable");
    assert_eq!(to.labels(), ["aes-256", "ec-p256", "hmac-256", "receiver", "rsa-2048"]);
}

/// Python's cryptography unwraps the same key that was imported.
fn another_implementation_unwraps_a_key(env: &TestEnv) {
    env.write("receiver.key", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    env.write("receiver.pub", include_bytes!("../fixtures/keys/rsa-2048.pub.pem"));
    env.write("pair.key", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    env.write("aes.key", [7; 32]);
    env.write("hmac.key", [7; 32]);
    for (label, more) in
        [("pair", &[][..]), ("aes", &["--algorithm", "aes-256"]), ("hmac", &["--algorithm", "hmac-256"])]
    {
        let file = format!("{label}.key");
        let import = ["key", "import", "--label", label, "--in", &file, "--exportable"];
        env.run([&import[..], more].concat()).success();
        let wrap = ["key", "wrap", "--label", label, "--wrapping-key", "receiver.pub", "--out", "wrapped"];
        env.run(wrap).success();
        let judge = judge::judge("unwrap.py");
        let opened = judge::python(env, &[&judge, "receiver.key", "wrapped"]).success();
        let expected = match label {
            "aes" | "hmac" => format!("{}\n", "07".repeat(32)).into_bytes(),
            _ => include_bytes!("../fixtures/keys/p256.pub.pem").to_vec(),
        };
        assert_eq!(opened.stdout, expected, "{label}");
    }
}

fn only_exportable_keys_can_be_wrapped_and_are_marked_in_lists(env: &TestEnv) {
    env.write("receiver.pub", include_bytes!("../fixtures/keys/rsa-2048.pub.pem"));
    env.run(["key", "create", "--label", "leaves", "--algorithm", "aes-256", "--exportable"]).success();
    env.create("stays", "aes-256");
    let coloured = env.run(["key", "list", "--color", "always"]).success();
    let line = |label: &str| {
        let found = coloured.text().lines().find(|line| line.contains(label));
        found.unwrap_or_else(|| panic!("no {label}\n{coloured}")).to_owned()
    };
    assert!(line("leaves").contains("\u{1b}[31menabled, exportable\u{1b}[0m"), "{coloured}");
    assert!(!line("stays").contains("exportable") && !line("stays").contains("\u{1b}[31m"), "{coloured}");
    let wrap = |label: &str| {
        env.run(["key", "wrap", "--label", label, "--wrapping-key", "receiver.pub", "--out", "wrapped"])
    };
    wrap("stays").fails(7).saying("not exportable");
    env.run(["key", "disable", "--label", "leaves"]).success();
    wrap("leaves").fails(7);
    assert!(!env.file("wrapped").exists());
    env.run(["key", "enable", "--label", "leaves"]).success();
    wrap("leaves").success();
    // The next version is exportable too.
    env.run(["key", "rotate", "--label", "leaves"]).success();
    wrap("leaves").success();
    let versions = env.run(["key", "versions", "--label", "leaves", "--json"]).success().json();
    for version in versions.as_array().expect("a list") {
        let number = version["version"].to_string();
        let args =
            ["key", "wrap", "--label", "leaves", "--wrapping-key", "receiver.pub", "--key-version", &number];
        let id = field(version, "ckaId");
        env.run(args).success().saying(&format!("wrapped version {number} of key \"leaves\" (CKA_ID {id})"));
    }
    for wrong_key in ["stays", "receiver.pub/"] {
        let args = ["key", "wrap", "--label", "leaves", "--wrapping-key", wrong_key];
        assert!(!env.run(args).status.success(), "{wrong_key}");
    }
}
