//! `token set-pin` and `token unlock`: the new PIN works, the old one does not, and keys are kept.

use crate::support::{KMSCTL, TestEnv, terminal::Terminal, token};

token::on_both_tokens!(
    set_pin_replaces_the_pin,
    the_old_pin_must_be_right,
    an_invalid_new_pin_changes_nothing,
    the_security_officer_sets_a_new_pin,
    the_security_officers_pin_must_be_right,
    generate_pin_replaces_the_pin,
    set_pin_asks_on_a_terminal,
);

const NEW: &str = "another-horse-8";

fn signs_with(env: &TestEnv, pin: &str) -> Option<i32> {
    env.write("tried", pin);
    env.run(["sign", "--label", "web", "--pin-file", "tried"]).status.code()
}

fn initial_pin(env: &TestEnv) -> String {
    std::fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).expect("PIN file")
}

fn set_pin_replaces_the_pin(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("new", NEW);
    env.run(["token", "set-pin", "--new-pin-file", "new"]).success();
    assert_eq!(signs_with(env, NEW), Some(0));
    assert_eq!(signs_with(env, &initial_pin(env)), Some(5));
    assert_eq!(signs_with(env, NEW), Some(0));
}

fn the_old_pin_must_be_right(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("new", NEW);
    env.write("wrong", "wrong-pin-1");
    env.run(["token", "set-pin", "--pin-file", "wrong", "--new-pin-file", "new"]).fails(5);
    assert_eq!(signs_with(env, NEW), Some(5));
    assert_eq!(signs_with(env, &initial_pin(env)), Some(0));
}

fn an_invalid_new_pin_changes_nothing(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("empty", "");
    env.run(["token", "set-pin", "--new-pin-file", "empty"]).fails(5);
    env.run(["token", "set-pin", "--new-pin-file", "nowhere"]).fails(5).saying("nowhere");
    env.without("KMSCTL_PIN_FILE")
        .run(["token", "set-pin", "--new-pin-file", "empty", "--no-input"])
        .fails(5);
    assert_eq!(signs_with(env, &initial_pin(env)), Some(0));
}

fn the_security_officer_sets_a_new_pin(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("new", NEW);
    let unlock = ["token", "unlock", "--so-pin-file", "so-pin", "--new-pin-file", "new"];
    env.without("KMSCTL_PIN_FILE").run(unlock).success();
    assert_eq!(signs_with(env, NEW), Some(0));
    assert_eq!(signs_with(env, &initial_pin(env)), Some(5));
    assert_eq!(env.run(["key", "list", "--json", "--pin-file", "new"]).success().json()[0]["label"], "web");
    env.write("newer", "a-third-horse");
    let unlock = ["token", "unlock", "--new-pin-file", "newer"];
    env.with("KMSCTL_SO_PIN", token::SO_PIN).run(unlock).success();
    assert_eq!(signs_with(env, "a-third-horse"), Some(0));
}

fn the_security_officers_pin_must_be_right(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("new", NEW);
    env.write("wrong", "wrong-pin-1");
    env.run(["token", "unlock", "--so-pin-file", "wrong", "--new-pin-file", "new"]).fails(5);
    env.run(["token", "unlock", "--new-pin-file", "new", "--no-input"]).fails(5);
    assert_eq!(signs_with(env, NEW), Some(5));
    assert_eq!(signs_with(env, &initial_pin(env)), Some(0));
}

fn generate_pin_replaces_the_pin(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.run(["token", "set-pin", "--generate-pin", "made"]).success();
    env.run(["sign", "--label", "web", "--pin-file", "made"]).success();
    env.run(["sign", "--label", "web"]).fails(5);
    // A failed set-pin must not leave a PIN file, nor overwrite the one with the current PIN.
    env.write("wrong", "wrong-pin-1");
    env.run(["token", "set-pin", "--pin-file", "wrong", "--generate-pin", "unused"]).fails(5);
    assert!(!env.file("unused").exists());
    env.run(["token", "set-pin", "--pin-file", "made", "--generate-pin", "made"]).fails(8);
    env.run(["sign", "--label", "web", "--pin-file", "made"]).success();
}

fn set_pin_asks_on_a_terminal(env: &TestEnv) {
    env.create("web", "ec-p256");
    let old = initial_pin(env);
    let command = env.without("KMSCTL_PIN_FILE").command(KMSCTL, ["token", "set-pin"]);
    let mut terminal = Terminal::start(command);
    terminal.sees("User PIN");
    terminal.types(old.trim_end());
    terminal.sees("New user PIN");
    terminal.types(NEW);
    terminal.sees("epeat");
    terminal.types(NEW);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(signs_with(env, NEW), Some(0));
}

/// The embedded token locks after ten wrong PINs; the security officer unlocks it and no key is lost.
#[test]
fn the_security_officer_unlocks_a_locked_token() {
    let env = token::embedded();
    env.create("web", "ec-p256");
    for _ in 0..10 {
        assert_eq!(signs_with_final_try(&env, "wrong-pin-1"), Some(5));
    }
    env.run(["sign", "--label", "web"]).fails(5).saying("token unlock");
    let shown = env.run(["token", "show", "--json"]).success().json();
    assert!(shown.to_string().to_lowercase().contains("locked"), "{shown}");
    env.run([
        "token",
        "unlock",
        "--so-pin-file",
        "so-pin",
        "--new-pin-file",
        env.variable("KMSCTL_PIN_FILE"),
    ])
    .success();
    env.run(["sign", "--label", "web"]).success();
}

fn signs_with_final_try(env: &TestEnv, pin: &str) -> Option<i32> {
    env.write("tried", pin);
    env.run(["sign", "--label", "web", "--pin-file", "tried", "--use-final-try"]).status.code()
}
