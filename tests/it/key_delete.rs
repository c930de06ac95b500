//! `key delete` destroys one whole key and nothing else, after a login and a confirmation.

use crate::support::{KMSCTL, TestEnv, field, oracle, terminal::Terminal, token};

token::on_both_tokens!(
    removes_the_whole_key,
    without_a_terminal_yes_is_required,
    without_a_pin_nothing_is_deleted,
    a_wrong_pin_deletes_nothing,
    the_label_can_be_reused,
    typing_the_label_confirms,
    typing_anything_else_keeps_the_key,
    the_prompt_does_not_hold_the_lock,
    ctrl_c_at_the_prompt_deletes_nothing,
);

fn removes_the_whole_key(env: &TestEnv) {
    env.create("web", "rsa-2048");
    env.create("data", "aes-256");
    env.create("other", "ec-p256");
    for label in ["web", "data"] {
        let output = env.run(["key", "delete", "--label", label, "--yes"]).success();
        assert!((output.text().to_owned() + &output.stderr_text()).contains(label), "{output}");
        env.run(["key", "show", "--label", label]).fails(4);
    }
    assert_eq!(env.labels(), ["other"]);
    env.run(["key", "delete", "--label", "web", "--yes"]).fails(4);
    env.run(["sign", "--label", "other"]).success();
    let deleted = env.run(["key", "delete", "--label", "other", "--yes", "--json"]).success().json();
    assert!(deleted.to_string().contains("other"), "{deleted}");
    assert_eq!(env.keys().len(), 0);
}

fn without_a_terminal_yes_is_required(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.run(["key", "delete", "--label", "web"]).fails(2).saying("--yes");
    env.run_with_stdin("web\n", ["key", "delete", "--label", "web"]).fails(2).saying("--yes");
    assert_eq!(env.labels(), ["web"]);
}

fn without_a_pin_nothing_is_deleted(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.without("KMSCTL_PIN_FILE").run(["key", "delete", "--label", "web", "--yes", "--no-input"]).fails(5);
    assert_eq!(env.labels(), ["web"]);
}

fn a_wrong_pin_deletes_nothing(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("wrong", "wrong-pin-1");
    env.run(["key", "delete", "--label", "web", "--yes", "--pin-file", "wrong"]).fails(5);
    assert_eq!(env.labels(), ["web"]);
}

fn the_label_can_be_reused(env: &TestEnv) {
    let first = env.create("web", "ec-p256");
    env.run(["key", "delete", "--label", "web", "--yes"]).success();
    let second = env.create("web", "ec-p256");
    assert_ne!(field(&first, "publicKey"), field(&second, "publicKey"));
    assert_ne!(field(&first, "keyTag"), field(&second, "keyTag"));
}

fn typing_the_label_confirms(env: &TestEnv) {
    env.create("web", "ec-p256");
    let mut terminal = Terminal::start(env.command(KMSCTL, ["key", "delete", "--label", "web"]));
    terminal.sees("web");
    terminal.types("web");
    let (rest, code) = terminal.ends();
    assert_eq!(code, 0, "{rest}");
    assert_eq!(env.keys().len(), 0);
}

fn typing_anything_else_keeps_the_key(env: &TestEnv) {
    env.create("web", "ec-p256");
    for answer in ["yes", "", "WEB"] {
        let mut terminal = Terminal::start(env.command(KMSCTL, ["key", "delete", "--label", "web"]));
        terminal.sees("web");
        terminal.types(answer);
        let (rest, code) = terminal.ends();
        assert_ne!(code, 0, "{rest}");
    }
    assert_eq!(env.labels(), ["web"]);
}

fn the_prompt_does_not_hold_the_lock(env: &TestEnv) {
    env.create("web", "ec-p256");
    let mut terminal = Terminal::start(env.command(KMSCTL, ["key", "delete", "--label", "web"]));
    terminal.sees("web");
    let create = ["key", "create", "--lock-timeout", "20", "--label", "other", "--algorithm", "ec-p256"];
    env.run(create).success();
    env.run(["key", "rotate", "--label", "web"]).success();
    terminal.types("web");
    let (rest, code) = terminal.ends();
    assert_eq!(code, 0, "{rest}");
    let left = env.run(["key", "list", "--all", "--json"]).success().json();
    assert_eq!(
        left.as_array().map(Vec::len),
        Some(1),
        "the version made during the prompt was not deleted: {left}"
    );
    assert_eq!(field(&left[0], "label"), "other");
}

fn ctrl_c_at_the_prompt_deletes_nothing(env: &TestEnv) {
    env.create("web", "ec-p256");
    let mut terminal = Terminal::start(env.command(KMSCTL, ["key", "delete", "--label", "web"]));
    terminal.sees("Type web to confirm");
    terminal.presses_ctrl('c');
    let (rest, code) = terminal.ends();
    assert_eq!(code, 130, "{rest}");
    assert_eq!(env.labels(), ["web"]);
    env.run(["key", "rotate", "--label", "web"]).success();
}

#[test]
fn nothing_of_the_key_is_left_on_the_token() {
    let env = token::softhsm();
    env.create("web", "rsa-2048");
    env.create("data", "aes-256");
    env.run(["key", "delete", "--label", "web", "--yes"]).success();
    env.run(["key", "delete", "--label", "data", "--yes"]).success();
    assert_eq!(oracle::pkcs11_tool(&env, &["--list-objects"]).text(), "");
}

#[test]
fn a_duplicate_label_is_not_deleted_by_label() {
    let env = token::embedded();
    let first = env.create("web", "ec-p256");
    env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256", "--allow-duplicate-label"])
        .success();
    env.run(["key", "delete", "--label", "web", "--yes"]).fails(4).saying(field(&first, "ckaId"));
    env.run(["key", "delete", "--id", field(&first, "ckaId"), "--yes"]).success();
    assert_eq!(env.keys().len(), 1);
    assert_ne!(env.keys()[0]["ckaId"], first["ckaId"]);
}
