//! One script on each kind of token must give the same messages, exit codes and output formats.

use crate::support::{TestEnv, output::normalise, token};

/// A newcomer's commands, including mistakes. Each line runs in its own shell, in this order.
const SCRIPT: &[&str] = &[
    "kmsctl key list --json",
    "kmsctl key create --label web --algorithm ec-p256 --json",
    "kmsctl key create --label rsa --algorithm rsa-2048",
    "kmsctl key create --label data --algorithm aes-256 --json",
    "kmsctl key create --label web --algorithm aes-256",
    "kmsctl key create --label web --algorithm ec-p256 --if-not-exists --json",
    "kmsctl key create --label dup --algorithm ec-p256 --id 01",
    "kmsctl key create --label dup --algorithm ec-p256 --id 02 --allow-duplicate-label",
    "kmsctl key list --sort label",
    "kmsctl key list --json --sort label",
    "kmsctl key show --label web",
    "kmsctl key show --label dup",
    "kmsctl key show --label data --json",
    "kmsctl key show --label data --pem",
    "kmsctl key show --label nobody --json",
    "printf m > message",
    "kmsctl sign --label rsa --in message --out rsa.sig",
    "kmsctl sign --label web --in message --out web.sig",
    "kmsctl sign --label data --in message",
    "kmsctl sign --label dup --in message --json",
    "kmsctl verify --label rsa --in message --signature rsa.sig",
    "kmsctl verify --label web --in message --signature web.sig",
    "kmsctl verify --label web --in message --signature rsa.sig --json",
    "kmsctl random 16 | wc -c",
    "kmsctl key delete --id 01 --yes",
    "kmsctl key delete --label dup --yes --json",
    "kmsctl key delete --label dup --yes --json",
    "kmsctl sign --label web --pin-file message --in message",
    "kmsctl key list --json --sort label",
];

fn transcript(env: &TestEnv) -> String {
    let parts: Vec<_> =
        SCRIPT.iter().map(|line| format!("$ {line}\n{}\n", env.shell(line).normalised())).collect();
    parts.concat()
}

/// Replaces what may differ between the tokens: their identity and type.
fn without_identity(transcript: &str) -> String {
    let mut text =
        transcript.replace("\"BASIC\"", "\"[PROTECTION]\"").replace("\"COMMON_HSM\"", "\"[PROTECTION]\"");
    for pattern in [r"pkcs11:[^\s\x22]*", r"PIN for token \x22test\x22.*"] {
        let pattern = regex::Regex::new(pattern).expect("pattern");
        text = pattern.replace_all(&text, "[OF THE TOKEN]").into_owned();
    }
    normalise(&text)
}

#[test]
fn the_same_script_gives_the_same_results() {
    let embedded = without_identity(&transcript(&token::embedded()));
    let softhsm = without_identity(&transcript(&token::softhsm()));
    for (one, other) in embedded.split("\n$ ").zip(softhsm.split("\n$ ")) {
        assert_eq!(one, other);
    }
    assert_eq!(embedded, softhsm);
}
