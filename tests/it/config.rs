//! Settings: option over environment over profile over default, each shown with where it came from; never a PIN.

use serde_json::Value;

use crate::support::{TestEnv, field, path_text, token};

/// The value and origin of one setting, as `config show --json` tells.
fn setting(env: &TestEnv, name: &str, args: &[&str]) -> (String, String) {
    let shown = env.run([&["config", "show", "--json"], args].concat()).success().json();
    let settings = shown.as_array().expect("array");
    let found = settings.iter().find(|setting| setting["name"] == name);
    let found: &Value = found.unwrap_or_else(|| panic!("no {name} in {shown}"));
    (field(found, "value").to_owned(), field(found, "origin").to_owned())
}

fn with_profile(text: &str) -> TestEnv {
    let env = TestEnv::new();
    std::fs::create_dir_all(env.path("home/config/kmsctl")).expect("directory");
    env.write("../home/config/kmsctl/config.toml", text);
    env
}

#[test]
fn the_stronger_source_wins() {
    let mut env = with_profile("default-profile = \"prod\"\n[profile.prod]\ntoken = \"of-profile\"\n");
    assert_eq!(setting(&env, "token", &[]).0, "token \"of-profile\"");
    env.set("KMSCTL_TOKEN", "of-environment");
    let (value, origin) = setting(&env, "token", &[]);
    assert!(value.contains("of-environment") && origin.contains("environment"), "{value} {origin}");
    let (value, origin) = setting(&env, "token", &["--token", "of-option"]);
    assert!(value.contains("of-option") && origin == "command line", "{value} {origin}");
}

#[test]
fn a_profile_is_all_that_a_command_needs() {
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
fn a_misspelt_key_is_no_silent_default() {
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
fn pins_are_named_by_their_source_only() {
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
fn the_file_may_be_elsewhere() {
    let env = TestEnv::new();
    let file = env.write("mine.toml", "[profile.a]\nlock-timeout = 7\n");
    let args = ["--config", path_text(&file), "--profile", "a"];
    assert_eq!(setting(&env, "lock-timeout", &args).0, "7 s");
    assert_eq!(env.run(["config", "path", "--config", "mine.toml"]).success().line(), "mine.toml");
    env.run(["config", "show", "--config", "nowhere.toml"]).fails(2).saying("nowhere.toml");
}
