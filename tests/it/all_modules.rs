//! `token list --all-modules` loads each installed module in a separate process and prints the options for each token.

use std::fs;

use serde_json::Value;

use crate::support::{
    KMSCTL, TestEnv, fault, field, path_text, process,
    token::{self, embedded, softhsm, softhsm_module},
};

fn found(env: &TestEnv) -> Vec<Value> {
    let listed = env.without("KMSCTL_MODULE").run(["token", "list", "--all-modules", "--json"]).success();
    listed.json().as_array().expect("array").clone()
}

fn find_module<'all>(all: &'all [Value], part: &str) -> &'all Value {
    let fits = |module: &&Value| field(module, "path").contains(part);
    all.iter().find(fits).unwrap_or_else(|| panic!("no {part} in {all:?}"))
}

/// Runs `key list` with only the printed options to select the token.
fn options_select(env: &TestEnv, token: &Value) {
    let options =
        token["options"].as_array().expect("options").iter().map(|option| option.as_str().expect("text"));
    let mut command = env.command(KMSCTL, ["key", "list", "--json"]);
    command.args(options).env_remove("KMSCTL_MODULE");
    let keys = process::run(command, b"", env.root()).success().json();
    assert_eq!(keys[0]["label"], "web", "{token}");
}

#[test]
fn the_printed_options_select_each_token() {
    let env = softhsm();
    env.create("web", "ec-p256");
    let all = found(&env);
    let softhsm = find_module(&all, "libsofthsm2");
    let tokens = softhsm["tokens"].as_array().expect("array");
    let ours = tokens.iter().find(|token| token["label"] == token::LABEL).expect("the token");
    options_select(&env, ours);
    assert!(tokens.iter().any(|token| token["initialized"] == false), "SoftHSM's empty slot");
    let text = env.run(["token", "list", "--all-modules"]).success();
    let module = path_text(&softhsm_module()).rsplit('/').next().expect("a name").to_owned();
    assert!(text.text().contains(&format!("{module} --token test\n")), "{text}");
    assert!(text.text().contains("kmsctl token init --label NAME --module"), "{text}");
    assert!(text.stderr_text().contains("add-profile"), "{text}");

    let env = embedded();
    env.create("web", "ec-p256");
    let all = found(&env);
    assert_eq!(all[0]["name"], "embedded token");
    options_select(&env, &all[0]["tokens"][0]);
}

/// SoftHSM, and a p11-kit configuration with the fault module, a missing file and a file that is not a library.
fn with_bad_module() -> TestEnv {
    let env = softhsm();
    let modules = env.path("home/config/pkcs11/modules");
    fs::create_dir_all(&modules).expect("made");
    let module = fault::module();
    fs::write(modules.join("bad.module"), format!("module: {}\n", module.display())).expect("written");
    fs::write(modules.join("gone.module"), "module: /nonexistent/hsm.so\n").expect("written");
    fs::write(modules.join("text.module"), format!("module: {}\n", modules.join("bad.module").display()))
        .expect("written");
    env
}

#[test]
fn crashing_hanging_and_unloadable_modules_are_reported() {
    let env = with_bad_module();
    for (variable, value, reason) in [
        ("KMSCTL_FAULT", "C_Initialize:1 kill-before", "crashed (signal 9)"),
        ("KMSCTL_FAULT_DELAY_US", "600000000", "did not answer in 2 s"),
        ("KMSCTL_FAULT", "C_Initialize:1 fail-before 0x5", "CKR_GENERAL_ERROR"),
    ] {
        let listed = env
            .with(variable, value)
            .with("KMSCTL_FAULT_MODULE", softhsm_module())
            .run(["token", "list", "--all-modules", "--timeout", "2", "--json"])
            .success()
            .silent();
        let all = listed.json().as_array().expect("array").clone();
        let bad = find_module(&all, "kmsctl_fault");
        assert!(field(bad, "error").contains(reason), "{bad}");
        assert_eq!(bad["tokens"], Value::Array(Vec::new()));
        assert!(field(find_module(&all, "/nonexistent/hsm.so"), "error").contains("there is no module"));
        assert!(field(find_module(&all, "bad.module"), "error").contains("cannot load"));
        let softhsm = find_module(&all, "libsofthsm2");
        assert!(softhsm["tokens"].as_array().is_some_and(|tokens| !tokens.is_empty()), "{softhsm}");
    }
}

#[test]
fn a_configured_module_names_its_configuration_file() {
    let env = with_bad_module();
    let listed = env
        .with("KMSCTL_FAULT_MODULE", softhsm_module())
        .run(["token", "list", "--all-modules", "--json"])
        .success();
    let all = listed.json().as_array().expect("array").clone();
    let ours = find_module(&all, "kmsctl_fault");
    assert_eq!(ours["name"], "bad");
    assert!(field(ours, "configuredIn").ends_with("bad.module"));
    assert_eq!(ours["tokens"][0]["label"], token::LABEL);
}

#[test]
fn all_modules_excludes_options_that_select_one() {
    let env = TestEnv::new();
    for args in ["--module m.so", "--store s", "--token t"] {
        env.run(["token", "list", "--all-modules"].into_iter().chain(args.split(' '))).fails(2);
    }
    env.run(["token", "list", "--timeout", "1"]).fails(2);
}
