//! A key that moves keeps its tag: `key wrap --all-versions`, components and files, between the embedded token and
//! SoftHSM2 in both directions.

use serde_json::{Value, json};

use crate::support::{
    KMSCTL, TestEnv,
    fault::{take_calls, watched},
    field, oracle,
    terminal::Terminal,
    token,
};

token::on_both_tokens!(
    a_key_imported_again_decrypts_what_it_encrypted,
    a_key_is_on_a_token_once,
    changed_files_are_refused,
    a_file_of_an_earlier_release_still_unwraps,
    a_killed_unwrap_is_completed_by_the_same_command,
    exportable_keys_can_be_wrapped,
);

#[test]
fn whole_keys_move_from_the_embedded_token_to_softhsm() {
    assert_whole_keys_move(&token::embedded(), &token::softhsm());
}

#[test]
fn whole_keys_move_from_softhsm_to_the_embedded_token() {
    assert_whole_keys_move(&token::softhsm(), &token::embedded());
}

fn receive(to: &TestEnv, from: &TestEnv) {
    to.create("receiver", "rsa-2048");
    to.public_key("receiver");
    from.write("receiver.pem", to.read("receiver.pem"));
}

const SETTINGS: [&str; 7] =
    ["--exportable", "--memo", "for the web", "--auto-rotate", "on", "--rotation-period", "30"];

fn assert_whole_keys_move(from: &TestEnv, to: &TestEnv) {
    receive(to, from);
    receive(from, to);
    for (label, algorithm, more) in [
        ("rsa", "rsa-2048", &["--signature-algorithm", "PS256"][..]),
        ("ec", "ec-p256", &[]),
        ("hmac", "hmac-256", &[]),
        ("aes", "aes-256", &["--usage", "encrypt,decrypt"]),
        ("index", "aes-256", &["--convergent"]),
    ] {
        let create = ["key", "create", "--label", label, "--algorithm", algorithm];
        from.run([&create[..], &SETTINGS, more].concat()).success();
        let encrypts = ["rsa", "aes", "index"].contains(&label);
        let mut sealed = Vec::new();
        for version in 1..4 {
            if encrypts {
                let encrypt = ["encrypt", "--label", label, "--format", "text"];
                let context = if label == "rsa" { &[][..] } else { &["--context", "c"] };
                let text = from.run_with_stdin("secret", [&encrypt[..], context].concat()).success();
                sealed.push((text.line().to_owned(), context));
            }
            if version < 3 {
                from.run(["key", "rotate", "--label", label]).success();
            }
        }
        from.run(["key", "disable", "--label", label, "--key-version", "2"]).success();
        let shown = |env: &TestEnv| -> (Value, Value) {
            let key = env.run(["key", "show", "--label", label, "--json"]).success().json();
            let members = [
                "keyTag",
                "keyId",
                "version",
                "memo",
                "usage",
                "rotationPeriod",
                "nextRotationDate",
                "registerDate",
                "isConvergent",
                "signatureAlgorithm",
                "fingerprint",
                "status",
            ];
            let key = members.iter().map(|name| (*name, key[*name].clone())).collect::<Vec<_>>();
            let versions = env.run(["key", "versions", "--label", label, "--json"]).success().json();
            let versions = versions.as_array().cloned().unwrap_or_default().into_iter();
            let versions = versions.map(|one| json!([one["version"], one["status"], one["createdDate"]]));
            (json!(key), versions.collect())
        };
        let opens = |env: &TestEnv| {
            for (at, (text, context)) in sealed.iter().enumerate() {
                let opened = env.run_with_stdin(text, [&["decrypt"][..], context].concat());
                let code = if at == 1 { 7 } else { 0 };
                assert_eq!(opened.status.code(), Some(code), "{label}, version {}: {opened}", at + 1);
            }
        };
        let before = shown(from);
        opens(from);
        moved(from, to, label, &["--exportable"]);
        assert_eq!(shown(to), before, "{label}");
        opens(to);
        if label == "index" {
            let again =
                to.run_with_stdin("secret", ["encrypt", "--label", label, "--context", "c"]).success();
            assert_eq!(again.line(), sealed[2].0, "its companion has moved too");
        }
        to.run(["doctor"]).success();
        from.delete(label);
        moved(to, from, label, &[]);
        assert_eq!(shown(from), before, "{label}, back again");
        opens(from);
        from.run(["key", "rotate", "--label", label]).success();
        from.run(["key", "wrap", "--label", label, "--all-versions", "--wrapping-key", "receiver.pem"])
            .fails(7);
        for env in [from, to] {
            env.run(["doctor"]).success();
        }
    }
}

/// The tag of a key of an earlier release is a hash of its token and CKA_ID.
#[test]
fn a_key_of_an_earlier_release_keeps_its_tag() {
    let (env, to) = (token::softhsm(), token::embedded());
    receive(&to, &env);
    env.run("key create --label old --algorithm aes-256 --exportable".split(' ')).success();
    let show = ["key", "show", "--label", "old", "--json"];
    let new = env.run(show).success().json();
    let id = field(&new, "ckaId");
    oracle::pkcs11_tool(&env, &["--delete-object", "--type", "data", "--label", "old"]);
    let record = json!({"schema": 2, "identity": format!("id:{id}"), "revision": 1, "label": "old",
        "algorithm": "aes-256", "usage": ["encrypt", "decrypt"], "exportable": true, "created": 1,
        "status": "ENABLE", "statusSince": 1,
        "versions": [{"version": 1, "id": id, "status": "ENABLE", "created": 1}]});
    env.write("record", record.to_string());
    let write = ["--write-object", "record", "--type", "data", "--label", "old", "--private"];
    oracle::pkcs11_tool(&env, &[&write[..], &["--application-label", "kmsctl"]].concat());
    let old = env.run(show).success().json();
    assert_ne!(old["keyTag"], new["keyTag"]);
    let seal = || env.run_with_stdin("secret", ["encrypt", "--label", "old"]).success().line().to_owned();
    let first = seal();
    env.run(["key", "rotate", "--label", "old"]).success();
    let second = seal();
    for text in [&first, &second] {
        assert!(text.contains(field(&old, "keyTag")), "{text}");
        assert_eq!(env.run_with_stdin(text, ["decrypt"]).success().text(), "secret");
    }
    moved(&env, &to, "old", &["--exportable"]);
    let there = to.run(show).success().json();
    assert_eq!((&there["keyTag"], &there["keyId"]), (&old["keyTag"], &old["keyId"]));
    for text in [first, second] {
        assert_eq!(to.run_with_stdin(text, ["decrypt"]).success().text(), "secret");
    }
    // And back: the key is the same one.
    receive(&env, &to);
    to.run("key wrap --label old --all-versions --wrapping-key receiver.pem --out wrapped".split(' '))
        .success();
    env.write("wrapped", to.read("wrapped"));
    env.delete("old");
    env.run(["key", "unwrap", "--in", "wrapped"]).success();
    assert_eq!(env.run(show).success().json()["keyTag"], old["keyTag"]);
}

/// Moves all versions of a key.
fn moved(from: &TestEnv, to: &TestEnv, label: &str, more: &[&str]) {
    let wrap = ["key", "wrap", "--label", label, "--all-versions", "--wrapping-key", "receiver.pem"];
    from.run([&wrap[..], &["--out", "wrapped"]].concat()).success();
    to.write("wrapped", from.read("wrapped"));
    to.run([&["key", "unwrap", "--in", "wrapped"], more].concat()).success();
}

fn a_key_imported_again_decrypts_what_it_encrypted(env: &TestEnv) {
    env.write("aes.key", (0..32).collect::<Vec<u8>>());
    env.write("rsa.key", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    let other = token::embedded();
    for (label, more) in [("rsa", &[][..]), ("aes", &["--algorithm", "aes-256"])] {
        let file = format!("{label}.key");
        other.write(&file, env.read(&file));
        let import = [&["key", "import", "--label", label, "--in", &file], more].concat();
        let made = env.run(import.iter().chain(&["--json"])).success().json();
        let text = env.run_with_stdin("secret", ["encrypt", "--label", label]).success();
        let envelope =
            env.run_with_stdin("secret", ["encrypt", "--label", label, "--format", "age"]).success();
        assert!(text.text().starts_with(&format!("kms:v1:{}:", field(&made, "keyTag"))), "{text}");
        env.delete(label);
        env.run_with_stdin(text.line(), ["decrypt"]).fails(4).saying("decrypt --label");
        env.run(&import).success();
        // Components are joined on another token.
        let split = ["component", "split", "--in", &file, "--shares", "2", "--out-dir", label];
        env.run([&split[..], more].concat()).success();
        let component = |index: u8| format!("{label}/component-{index}-of-2.pem");
        let (one, two) = (component(1), component(2));
        for component in [&one, &two] {
            other.write(&component.replace('/', "-"), env.read(component));
        }
        let (one, two) = (one.replace('/', "-"), two.replace('/', "-"));
        let join = ["key", "import", "--label", "joined", "--component", &one, "--component", &two, "--json"];
        let joined = other.run(join).success().json();
        for name in ["keyTag", "keyId"] {
            assert_eq!(joined[name], made[name], "{label}");
        }
        for env in [env, &other] {
            assert_eq!(env.run_with_stdin(text.line(), ["decrypt"]).success().text(), "secret");
            assert_eq!(env.run_with_stdin(&envelope.stdout, ["decrypt"]).success().text(), "secret");
            let inspected = env.run_with_stdin(text.line(), ["inspect", "--json"]).success().json();
            assert_eq!(inspected["keyTag"], made["keyTag"]);
        }
        other.delete("joined");
    }
}

fn a_key_is_on_a_token_once(env: &TestEnv) {
    env.write("key", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    env.run(["key", "import", "--label", "one", "--in", "key"]).success();
    for more in [&[][..], &["--allow-duplicate-label"]] {
        let refused = env.run([&["key", "import", "--label", "two", "--in", "key", "--json"], more].concat());
        let error = refused.fails(8).error();
        assert_eq!(field(&error, "code"), "KEY_EXISTS");
        assert!(field(&error, "message").contains("\"one\""), "{error}");
    }
    env.run(["key", "import", "--label", "one", "--in", "key", "--if-not-exists"]).success();
    assert_eq!(env.labels(), ["one"]);
}

fn wrapped(env: &TestEnv) -> String {
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256", "--exportable"]).success();
    env.run(["key", "rotate", "--label", "web"]).success();
    let wrap = ["key", "wrap", "--label", "web", "--all-versions", "--wrapping-key", "receiver.pem"];
    let text = env.run(wrap).success().text().to_owned();
    env.delete("web");
    text
}

fn unwrap(env: &TestEnv, text: &str) -> crate::support::output::Output {
    env.run_with_stdin(text, ["key", "unwrap"])
}

fn changed_files_are_refused(env: &TestEnv) {
    let text = wrapped(env);
    env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256", "--exportable"]).success();
    let other = env.run(["key", "wrap", "--label", "web", "--wrapping-key", "receiver.pem"]).success();
    env.delete("web");
    let details =
        |text: &str| text[text.find("-----BEGIN KMSCTL KEY DETAILS").expect("details")..].to_owned();
    let (own, foreign) = (details(&text), details(other.text()));
    let mut flipped = text.clone().into_bytes();
    let at = text.len() - 200;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    // A check value that is too long to be one is malformed.
    unwrap(env, &text.replace("Key-Check: ", "Key-Check: 00")).fails(2);
    for changed in [
        text.replace("Label: web", "Label: other"),
        text.replace("Usage: sign,verify", "Usage: sign"),
        text.replace(&own, &foreign),
        String::from_utf8(flipped).expect("ASCII"),
        text[..text.len() - 40].to_owned(),
    ] {
        assert_ne!(changed, text);
        unwrap(env, &changed).fails(3);
    }
    assert_eq!(env.labels(), ["receiver"]);
    unwrap(env, &text).success();
    unwrap(env, &text).fails(8);
}

/// Nothing vouches for the headers of a file without details: they are given or confirmed.
fn a_file_of_an_earlier_release_still_unwraps(env: &TestEnv) {
    let text = wrapped(env);
    let old = text.split("-----BEGIN KMSCTL KEY DETAILS").next().expect("a block").replace("Format: 2\n", "");
    let refused = unwrap(env, &old).fails(2).saying("not authenticated");
    let hint = refused.stderr_text();
    let command = hint.split('`').find(|part| part.starts_with("kmsctl ")).expect("a command");
    assert!(command.contains("--label web --usage sign,verify"), "{command}");
    for given in [["--label", "web"], ["--usage", "sign,verify"]] {
        env.run_with_stdin(&old, [&["key", "unwrap"][..], &given].concat()).fails(2);
    }
    assert_eq!(env.labels(), ["receiver"]);
    env.write("old", &old);
    env.shell(&format!("{command} <old")).success();
    let key = env.run(["key", "show", "--label", "web", "--json"]).success().json();
    assert_eq!((field(&key, "label"), &key["version"]), ("web", &json!(1)));
    env.delete("web");
    // At a terminal both are shown.
    for (typed, code) in [("no", 2), ("web", 0)] {
        let mut terminal = Terminal::start(env.command(KMSCTL, ["key", "unwrap", "--in", "old"]));
        let asked = terminal.sees("to confirm");
        assert!(asked.contains("Label: web") && asked.contains("Usage: sign,verify"), "{asked}");
        terminal.types(typed);
        assert_eq!(terminal.ends().1, code);
    }
}

fn a_killed_unwrap_is_completed_by_the_same_command(env: &TestEnv) {
    let text = wrapped(env);
    env.write("wrapped", &text);
    let run = ["key", "unwrap", "--in", "wrapped"];
    watched(env).run(run).success();
    let calls = take_calls(env);
    env.delete("web");
    let changing: Vec<_> =
        (1..).zip(&calls).filter(|(_, call)| call.changes_the_token()).map(|(number, _)| number).collect();
    for number in changing {
        let fault = format!("{number} kill-before");
        drop(watched(env).with("KMSCTL_FAULT", fault).run(run));
        drop(take_calls(env));
        let found = env.labels().iter().filter(|label| *label == "web").count();
        let again = env.run(run);
        if !again.status.success() {
            again.fails(8);
            assert_eq!(found, 1, "call {number}");
        }
        let versions = env.run(["key", "versions", "--label", "web", "--json"]).success().json();
        assert_eq!(versions.as_array().map(Vec::len), Some(2), "call {number}");
        env.run(["doctor", "--repair"]).success();
        env.delete("web");
        assert_eq!(env.labels(), ["receiver"], "call {number}");
    }
}

/// What the token could never wrap is not made as if it could be.
fn exportable_keys_can_be_wrapped(env: &TestEnv) {
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    let mut refused = 0;
    for algorithm in ["rsa-2048", "ec-p256", "ed25519", "aes-256", "hmac-256", "ml-dsa-44", "ml-kem-768"] {
        let create = ["key", "create", "--label", "new", "--algorithm", algorithm];
        if env.run(create).status.code() == Some(6) {
            continue;
        }
        env.delete("new");
        let exportable = [&create[..], &["--exportable"]].concat();
        let made = env.run(&exportable);
        if made.status.success() {
            env.run("key wrap --label new --wrapping-key receiver.pem".split(' ')).success();
            env.run([&exportable[..], &["--if-not-exists"]].concat()).success();
            env.delete("new");
        } else {
            made.fails(6).saying("cannot wrap").saying("leave out `--exportable`");
            refused += 1;
        }
        assert_eq!(env.labels(), ["receiver"], "{algorithm}");
    }
    assert!(refused > 0, "every key can be wrapped");
    env.run("doctor".split(' ')).success();
}
