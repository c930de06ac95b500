//! Settings: an option overrides the environment, then the profile, then the default. `config show` prints the origin of
//! each and never a PIN. The configuration file is changed completely or not at all.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::support::{
    TestEnv, field, path_text,
    terminal::Terminal,
    token::{self, on_both_tokens},
};

/// The value and origin of one setting, as `config show --json` prints them.
fn setting(env: &TestEnv, name: &str, args: &[&str]) -> (String, String) {
    let shown = env.run([&["config", "show", "--json"], args].concat()).success().json();
    let settings = shown.as_array().expect("array");
    let found = settings.iter().find(|setting| setting["name"] == name);
    let found: &Value = found.unwrap_or_else(|| panic!("no {name} in {shown}"));
    (field(found, "value").to_owned(), field(found, "origin").to_owned())
}

fn with_profile(text: &str) -> TestEnv {
    let env = TestEnv::new();
    fs::create_dir_all(env.path("home/config/kmsctl")).expect("directory");
    env.write("../home/config/kmsctl/config.toml", text);
    env
}

#[test]
fn an_option_overrides_the_environment_and_the_profile() {
    let mut env = with_profile("default-profile = \"prod\"\n[profile.prod]\ntoken = \"of-profile\"\n");
    assert_eq!(setting(&env, "token", &[]).0, "token \"of-profile\"");
    env.set("KMSCTL_TOKEN", "of-environment");
    let (value, origin) = setting(&env, "token", &[]);
    assert!(value.contains("of-environment") && origin.contains("environment"), "{value} {origin}");
    let (value, origin) = setting(&env, "token", &["--token", "of-option"]);
    assert!(value.contains("of-option") && origin == "command line", "{value} {origin}");
}

#[test]
fn a_profile_replaces_all_token_options() {
    let source = token::softhsm();
    source.create("web", "ec-p256");
    let env = with_profile(&format!(
        "[profile.hsm]\nmodule = {:?}\ntoken = \"test\"\npin-file = {:?}\n",
        source.variable("KMSCTL_MODULE"),
        source.variable("KMSCTL_PIN_FILE"),
    ));
    let sign = ["sign", "--label", "web", "--in", "/dev/null"];
    let in_softhsm = || env.with("SOFTHSM2_CONF", source.variable("SOFTHSM2_CONF"));
    in_softhsm().run(sign.iter().chain(&["--profile", "hsm"])).success();
    in_softhsm().with("KMSCTL_PROFILE", "hsm").run(sign).success();
    in_softhsm().run(sign).fails(6);
    in_softhsm().run(sign.iter().chain(&["--profile", "hsn"])).fails(2).saying("hsn");
}

#[test]
fn a_misspelt_key_is_an_error() {
    for (text, part) in [
        ("[profile.prod]\ntokn = \"x\"\n", "tokn"),
        ("profle = 1\n", "profle"),
        ("[profile.prod]\nslot = \"three\"\n", "slot"),
        ("= not TOML", "config.toml"),
        ("[profile.prod]\npin = \"1234567\"\n", "pin"),
    ] {
        let env = with_profile(text);
        let refused = env.run(["config", "show", "--profile", "prod"]).fails(2).saying(part);
        assert!(!refused.stderr_text().contains("1234567"), "a PIN in the error\n{refused}");
    }
}

#[test]
fn pins_are_shown_by_source_only() {
    let env = TestEnv::new();
    for args in [vec![], vec!["--json"]] {
        let shown = env
            .with("KMSCTL_PIN", "s3cret-pin")
            .with("KMSCTL_SO_PIN", "s3cret-so-pin")
            .run(["config", "show"].iter().chain(&args))
            .success();
        assert!(!shown.text().contains("s3cret"), "{shown}");
        assert!(shown.text().contains("KMSCTL_PIN"), "{shown}");
    }
    let command = ["config", "show", "--pin-command", "pass show s3cret"];
    assert!(!env.run(command).success().text().contains("s3cret"));
}

#[test]
fn the_config_option_names_another_file() {
    let env = TestEnv::new();
    let file = env.write("mine.toml", "[profile.a]\nlock-timeout = 7\n");
    let args = ["--config", path_text(&file), "--profile", "a"];
    assert_eq!(setting(&env, "lock-timeout", &args).0, "7 s");
    assert_eq!(env.run(["config", "path", "--config", "mine.toml"]).success().line(), "mine.toml");
    env.run(["config", "show", "--config", "nowhere.toml"]).fails(2).saying("nowhere.toml");
    // An endless device is read only up to the limit.
    for command in [&["config", "show"][..], &["config", "edit"], &["key", "list"]] {
        let endless = env.with("EDITOR", "true").run([command, &["--config", "/dev/zero"]].concat());
        endless.fails(2).saying("longer than 1048576 bytes");
    }
}

on_both_tokens![a_profile_is_written_from_options_and_used];

fn a_profile_is_written_from_options_and_used(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("app", "ec-p256");
    let place = match env.variable_if_set("KMSCTL_MODULE") {
        Some(module) => ["--module", module].map(str::to_owned),
        None => ["--store".to_owned(), path_text(&env.path("home/data/kmsctl")).to_owned()],
    };
    let pin_file = env.variable("KMSCTL_PIN_FILE");
    let add = [
        "config",
        "add-profile",
        "mine",
        "--token",
        token::LABEL,
        "--pin-file",
        pin_file,
        "--sort",
        "created",
    ];
    let added = env.run(add.iter().copied().chain(place.iter().map(String::as_str))).success();
    assert!(added.stdout.is_empty(), "{added}");
    let file = env.path("home/config/kmsctl/config.toml");
    assert_eq!(fs::metadata(&file).expect("written").permissions().mode() & 0o777, 0o600);
    let list = env
        .without("KMSCTL_MODULE")
        .command(crate::support::KMSCTL, ["key", "list", "--profile", "mine", "--json"]);
    let mut list = list;
    list.env_remove("KMSCTL_PIN_FILE");
    let listed = crate::support::process::run(list, b"", env.root()).success().json();
    let labels: Vec<_> = listed.as_array().expect("array").iter().map(|key| field(key, "label")).collect();
    assert_eq!(labels, ["web", "app"], "sorted by creation time, as the profile says");
}

const OLD: &str = "# mine\ndefault-profile = \"a\" # for now\n\n[profile.a]\nslot = 1 # the first\n";

#[test]
fn add_profile_keeps_the_rest_of_the_file() {
    let env = with_profile(OLD);
    let read = || fs::read_to_string(env.path("home/config/kmsctl/config.toml")).expect("there");
    let add = |args: &str| env.run(["config", "add-profile"].into_iter().chain(args.split(' ')));
    add("b --module m.so --token t").success();
    let module = path_text(&env.file("m.so")).to_owned();
    assert_eq!(read(), format!("{OLD}\n[profile.b]\nmodule = \"{module}\"\ntoken = \"t\"\n"));
    let before = read();
    add("b --token other").fails(8).saying("b").saying("--replace");
    assert_eq!(
        env.run(["config", "add-profile", "b", "--slot", "1", "--json"]).exits(8).error()["code"],
        "PROFILE_EXISTS"
    );
    add("c").fails(2).saying("--module");
    add("c --pin-fd 3").fails(2).saying("--pin-fd");
    add("c --token t --slot 1").fails(2);
    add("c --pin-file a --pin-command b").fails(2).saying("exclude");
    assert_eq!(read(), before, "an error changes nothing");
    add("b --token other --replace --default").success();
    assert_eq!(
        read(),
        before
            .replace("\"a\"", "\"b\"")
            .replace(&format!("module = \"{module}\"\n"), "")
            .replace("\"t\"", "\"other\"")
    );
    let shown = env.run(["config", "add-profile", "d", "--slot", "7", "--json"]).success().silent().json();
    assert_eq!(shown["settings"], serde_json::json!({"slot": 7, "output": "json"}));
}

#[test]
fn a_broken_file_is_not_changed() {
    let env = with_profile("[profile.a]\ntokn = 1\n");
    env.run(["config", "add-profile", "b", "--slot", "1"]).fails(2).saying("did you mean \"token\"?");
    assert!(
        env.run(["config", "path"]).success().line().ends_with("config.toml"),
        "config path works with a broken file"
    );
}

/// Runs `config edit` with a shell script as the editor; `$1` is `--wait`, `$2` the file.
fn edit(env: &TestEnv, editor: &str) -> crate::support::output::Output {
    env.write("editor", format!("#!/bin/sh\n{editor}\n"));
    fs::set_permissions(env.file("editor"), fs::Permissions::from_mode(0o700)).expect("mode");
    env.with("EDITOR", format!("{} --wait", path_text(&env.file("editor")))).run(["config", "edit"])
}

#[test]
fn an_edit_is_saved_only_if_valid() {
    let env = with_profile(OLD);
    let directory = env.path("home/config/kmsctl");
    let read = || fs::read_to_string(directory.join("config.toml")).expect("there");
    let names = || fs::read_dir(&directory).expect("directory").count();
    edit(&env, "test \"$1\" = --wait && sed -i s/1/2/ \"$2\"").success();
    assert_eq!(read(), OLD.replace('1', "2"));
    edit(&env, "true").success().saying("nothing was changed");
    edit(&env, "exit 3").fails(2).saying("nothing was changed");
    assert_eq!(names(), 1, "no copy is left");
    let failed = edit(&env, "echo 'tokn = 1' >> \"$2\"").fails(2).saying("did you mean \"token\"?");
    assert_eq!(read(), OLD.replace('1', "2"), "an invalid copy replaces nothing");
    let stderr = failed.stderr_text();
    let kept = directory.join("edited.toml");
    assert!(stderr.contains(&format!("your edits are in {}", path_text(&kept))), "{stderr}");
    assert!(fs::read_to_string(&kept).expect("the copy is kept").ends_with("tokn = 1\n"));
    edit(&env, "printf '%s\\n' 'default-profile = \"gone\"' > \"$2\"")
        .fails(2)
        .saying("default-profile names \"gone\", and there is no such profile")
        .saying("edited.toml");
    assert!(fs::read_to_string(&kept).expect("the last one").contains("gone"));
    assert_eq!(names(), 2, "only the last one is kept");
    let other =
        format!("echo '# other' >> {}; echo '# mine' >> \"$2\"", path_text(&directory.join("config.toml")));
    edit(&env, &other).fails(2).saying("changed by another process").saying("edited.toml");
    assert!(read().ends_with("# other\n"));
    env.run(["config", "edit", "--no-input"]).fails(2).saying("add-profile");
    let unset = env.without("EDITOR").without("VISUAL");
    unset.run(["config", "edit"]).fails(2).saying("vi needs a terminal").saying("add-profile");
}

#[test]
fn a_new_file_starts_from_a_template() {
    let env = TestEnv::new();
    edit(&env, "grep -q kmsctl-config \"$2\" && echo '[profile.x]' >> \"$2\" && echo 'slot = 3' >> \"$2\"")
        .success();
    assert_eq!(setting(&env, "token", &["--profile", "x"]).0, "slot 3");
}

#[test]
fn an_invalid_edit_can_be_corrected_at_once() {
    let mut env = with_profile(OLD);
    let editor = "if grep -q tokn \"$1\"; then sed -i s/tokn/token/ \"$1\"; else echo 'tokn = \"t\"' >> \"$1\"; sed -i '/slot/d' \"$1\"; fi";
    env.set("EDITOR", &format!("sh -c '{}' sh", editor.replace('\'', "'\\''")));
    let mut terminal = Terminal::start(env.command(crate::support::KMSCTL, ["config", "edit"]));
    terminal.sees("did you mean \"token\"?");
    terminal.sees("Edit it again? [Y/n]");
    terminal.types("");
    let (rest, code) = terminal.ends();
    assert_eq!(code, 0, "{rest}");
    assert_eq!(setting(&env, "token", &[]).0, "token \"t\"");
}
