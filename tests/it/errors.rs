//! The shape of every error: text for people, one JSON object for scripts, and the same exit code in both.

use serde_json::Value;

use crate::support::{TestEnv, field, token};

/// Command lines that fail without special preparation, with their error code and exit code.
const FAILURES: &[(&str, &str, i32)] = &[
    ("sign --label web --in nowhere", "IO", 1),
    ("sign --label web --in /dev/null --out no/such/place", "IO", 1),
    ("nonsense", "USAGE", 2),
    ("key create --label web", "USAGE", 2),
    ("key create --label x --algorithm des", "USAGE", 2),
    ("sign --label web --algorithm RS256 --in /dev/null", "USAGE", 2),
    ("sign --label web --digest --in /dev/null", "USAGE", 2),
    ("key delete --label web", "USAGE", 2),
    ("verify --public-key message --signature AAAA --in message", "INVALID_INPUT", 2),
    ("verify --label web --signature message --in message", "SIGNATURE_INVALID", 3),
    ("sign --label nobody", "KEY_NOT_FOUND", 4),
    ("key show --label twice", "KEY_AMBIGUOUS", 4),
    ("sign --label web --key-version 7", "VERSION_NOT_FOUND", 4),
    ("sign --label web --pin-file nowhere", "PIN_INVALID", 5),
    ("sign --label web --pin-file message", "PIN_INCORRECT", 5),
    ("token show --module /nonexistent.so", "MODULE_NOT_FOUND", 6),
    ("token show --module ./message", "MODULE_UNUSABLE", 6),
    ("token show --token elsewhere", "TOKEN_NOT_FOUND", 6),
    ("sign --label data --in message", "KEY_USAGE", 7),
    ("key show --label data --pem", "KEY_USAGE", 7),
    ("key create --label web --algorithm ec-p256", "KEY_EXISTS", 8),
    ("token init --label web --generate-pin pin", "TOKEN_EXISTS", 8),
];

fn prepared() -> TestEnv {
    let env = token::embedded();
    env.create("web", "ec-p256");
    env.create("data", "aes-256");
    for _ in 0..2 {
        let create =
            ["key", "create", "--label", "twice", "--algorithm", "ec-p256", "--allow-duplicate-label"];
        env.run(create).success();
    }
    env.write("message", "no PIN, no key, no module");
    env
}

#[test]
fn a_json_error_is_one_object() {
    let env = prepared();
    for (line, code, exit) in FAILURES {
        let output = env.run(line.split(' ').chain(["--json"])).exits(*exit);
        let error = output.error();
        assert_eq!(error["code"], *code, "{output}");
        assert_eq!(error["exit"], *exit, "{output}");
        let names: Vec<_> = error.as_object().expect("object").keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "exit", "message", "causes", "hint", "ckr", "function"], "{output}");
        let message = field(&error, "message");
        assert!(!message.is_empty() && !message.ends_with('.') && !message.starts_with("error"), "{output}");
        assert_eq!(error["ckr"].is_null(), error["function"].is_null(), "{output}");
    }
}

#[test]
fn a_text_error_has_the_same_message() {
    let env = prepared();
    for (line, _, exit) in FAILURES {
        let text = env.run(line.split(' ')).fails(*exit);
        let error = env.run(line.split(' ').chain(["--json"])).error();
        let stderr = text.stderr_text();
        let message = field(&error, "message").replace(" --json", "");
        assert!(stderr.contains(&format!("error: {message}")), "{text}\n{error}");
        assert_eq!(stderr.contains("hint: "), error["hint"] != Value::Null, "{text}\n{error}");
    }
}

/// `--quiet` does not silence errors. Errors written to a pipe have no colour unless `--color always` is given.
#[test]
fn errors_are_plain_and_never_silenced() {
    let env = prepared();
    let output = env.run(["sign", "--label", "nobody", "--quiet"]).fails(4);
    assert!(output.stderr_text().starts_with("error: ") && !output.stderr.contains(&0x1b), "{output}");
    let output = env.run(["sign", "--label", "nobody", "--color", "always"]).fails(4);
    assert!(output.stderr.contains(&0x1b), "{output}");
}

/// A label written by another program must not move the cursor or imitate other output.
#[test]
fn hostile_labels_are_shown_escaped() {
    let env = token::softhsm();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2Jx\u{202e}y\nz";
    crate::support::oracle::pkcs11_tool(
        &env,
        &["--keypairgen", "--key-type", "EC:prime256v1", "--label", hostile, "--id", "66"],
    );
    for args in [vec!["key", "list"], vec!["key", "show", "--id", "66"], vec!["key", "delete", "--id", "66"]]
    {
        let output = env.run(&args);
        for stream in [&output.stdout, &output.stderr] {
            assert!(!stream.contains(&0x1b) && !stream.contains(&7), "{output}");
            assert!(!String::from_utf8_lossy(stream).contains('\u{202e}'), "{output}");
        }
    }
    let listed = env.keys();
    assert_eq!(field(&listed[0], "label"), hostile);
}

/// Commands in hints can be pasted, so a label in them is one quoted word.
#[test]
fn labels_in_hints_are_quoted_for_the_shell() {
    let env = token::embedded();
    let label = r#"it's $(touch pwned) "$HOME" \ ; touch pwned"#;
    env.create(label, "ec-p256");
    env.run(["key", "disable", "--label", label]).success();
    let refused = env.run(["sign", "--label", label, "--json"]).fails(7);
    let hint = field(&refused.error(), "hint").to_owned();
    let command = hint.trim_matches('`');
    assert!(command.starts_with("kmsctl key enable --label "), "{hint}");
    env.shell(command).success();
    env.run(["sign", "--label", label]).success();
    assert!(!env.file("pwned").exists());
}
