//! `token list` and `token show`, and how a token is selected: by label, serial number, URI or slot, never by a guess.

use serde_json::Value;

use crate::support::{TestEnv, field, path_text, token};

token::on_both_tokens!(
    shows_the_fields_of_the_token,
    needs_no_pin,
    prints_a_table,
    a_variable_selects_the_token
);

fn shows_the_fields_of_the_token(env: &TestEnv) {
    let shown = env.run(["token", "show", "--json"]).success().silent().json();
    assert_eq!(shown["label"], "test");
    assert!(!field(&shown, "serial").is_empty() && !field(&shown, "model").is_empty(), "{shown}");
    let listed = env.run(["token", "list", "--json"]).success().silent().json();
    let same =
        listed.as_array().expect("array").iter().find(|token| token["label"] == "test").expect("in the list");
    for name in ["serial", "model", "manufacturer", "slot"] {
        assert_eq!(same[name], shown[name], "{name}");
    }
}

fn needs_no_pin(env: &TestEnv) {
    for command in [["token", "list"], ["token", "show"]] {
        env.without("KMSCTL_PIN_FILE").run(command.iter().chain(&["--no-input"])).success();
    }
}

fn prints_a_table(env: &TestEnv) {
    for command in [["token", "list"], ["token", "show"]] {
        let output = env.run(command).success();
        assert!(output.text().contains("test"), "{output}");
    }
}

fn a_variable_selects_the_token(env: &TestEnv) {
    env.with("KMSCTL_TOKEN", "test").run(["token", "show"]).success();
    env.with("KMSCTL_TOKEN", "elsewhere").run(["token", "show"]).fails(6).saying("elsewhere");
    env.with("KMSCTL_TOKEN", "elsewhere").run(["token", "show", "--token", "test"]).success();
}

/// An environment with the two tokens `test` and `second` in one module.
fn two_tokens() -> TestEnv {
    let env = token::softhsm();
    env.run(["token", "init", "--label", "second", "--so-pin-file", "so-pin"]).success();
    env
}

fn show(env: &TestEnv, args: &[&str]) -> Value {
    env.run([&["token", "show", "--json"], args].concat()).success().json()
}

#[test]
fn several_tokens_need_a_selection() {
    let env = two_tokens();
    for command in
        [vec!["token", "show"], vec!["key", "list"], vec!["sign", "--label", "x"], vec!["random", "8"]]
    {
        let refused = env.run(&command).fails(6).saying("test").saying("second");
        assert!(refused.stderr_text().contains("--token"), "{refused}");
    }
    env.run(["key", "create", "--label", "x", "--algorithm", "ec-p256"]).fails(6);
}

#[test]
fn selects_by_serial_uri_and_slot() {
    let env = two_tokens();
    let second = show(&env, &["--token", "second"]);
    let serial = field(&second, "serial");
    let slot = second["slot"].to_string();
    for choice in [
        vec!["--token", serial],
        vec!["--token", "pkcs11:token=second"],
        vec!["--token", &format!("pkcs11:serial={serial}")],
        vec!["--token", "pkcs11:token=second;model=SoftHSM%20v2"],
        vec!["--slot", &slot],
    ] {
        assert_eq!(show(&env, &choice)["label"], "second", "{choice:?}");
    }
    for unknown in ["third", "pkcs11:token=second;serial=0", "pkcs11:token=secon", ""] {
        let output = env.run(["token", "show", "--token", unknown]);
        assert!(matches!(output.status.code(), Some(2 | 6)), "{output}");
    }
    env.run(["token", "show", "--slot", "4242"]).fails(6).saying("4242");
}

#[test]
fn a_uri_may_name_the_module() {
    let env = two_tokens();
    let uri = format!("pkcs11:token=second?module-path={}", path_text(&token::softhsm_module()));
    let shown =
        env.without("KMSCTL_MODULE").run(["token", "show", "--json", "--token", &uri]).success().json();
    assert_eq!(shown["label"], "second");
}

#[test]
fn equal_labels_need_the_serial_number() {
    let env = token::softhsm();
    env.shell(&format!(
        "softhsm2-util --init-token --free --label test --so-pin {} --pin {}",
        token::SO_PIN,
        token::PIN
    ))
    .success();
    let refused = env.run(["token", "show", "--token", "test"]).fails(6);
    let tokens = env.run(["token", "list", "--json"]).success().json();
    for token in tokens.as_array().expect("array").iter().filter(|token| token["label"] == "test") {
        let serial = field(token, "serial");
        assert!(refused.stderr_text().contains(serial), "{refused}");
        assert_eq!(show(&env, &["--token", serial])["serial"], serial);
    }
}

#[test]
fn without_a_token_the_hint_is_token_init() {
    for env in [TestEnv::new(), token::blank_softhsm()] {
        env.run(["token", "show"]).fails(6).saying("token init");
        env.run(["key", "list"]).fails(6).saying("token init");
        let listed = env.run(["token", "list", "--json"]).success().json();
        let labels: Vec<_> =
            listed.as_array().expect("array").iter().filter(|token| token["label"] == "test").collect();
        assert!(labels.is_empty());
        assert!(!env.path("home/data/kmsctl").exists(), "a reading command made a store");
    }
}

/// p11-kit's trust module holds certificates and needs no login: a PIN in the environment must not break it.
#[test]
fn a_token_without_login_can_be_read() {
    let env = token::softhsm();
    let module = ["x86_64-linux-gnu/", "aarch64-linux-gnu/", ""]
        .map(|place| format!("/usr/lib/{place}pkcs11/p11-kit-trust.so"))
        .into_iter()
        .find(|path| std::path::Path::new(path).exists())
        .expect("p11-kit's modules are not installed: `./dev test` installs them");
    let listed = env.run(["key", "list", "--json", "--module", &module]).success().json();
    assert_eq!(listed, serde_json::json!([]));
}

#[test]
fn files_that_are_not_modules_are_refused() {
    let env = TestEnv::new();
    env.write("text.so", "no library");
    let module = |path: &str| env.run(["token", "list", "--module", path]);
    module("/nonexistent/module.so").fails(6).saying("/nonexistent/module.so");
    module("text.so").fails(6).saying("text.so");
    module(".").fails(6);
    module("").exits(2);
    module("/usr/lib/x86_64-linux-gnu/libcrypto.so.3").fails(6).saying("libcrypto");
}
