//! Which token and PIN a run uses when options, profiles and variables conflict, and what `mode = "use"` forbids.

use std::{fs, os::unix::fs::PermissionsExt};

use kmsctl::commands::each_grammar;
use serde_json::Value;

use crate::support::{
    TestEnv, field, path_text,
    token::{self, PIN, softhsm_module},
};

/// An embedded token and a SoftHSM token in one environment, with a key `victim` on each, and the profiles `hsm` and
/// `store`. The variables select SoftHSM.
fn two_tokens() -> TestEnv {
    let mut env = token::softhsm();
    let (hsm_pin, store_pin) = (env.path("pin"), env.path("store-pin"));
    let store = env.path("the store");
    let init = ["token", "init", "--label", "soft", "--so-pin-file", "so-pin", "--generate-pin"];
    let place = [path_text(&store_pin), "--store", path_text(&store)];
    env.without("KMSCTL_PIN_FILE").run(init.iter().chain(&place)).success();
    let config = format!(
        "[profile.hsm]\nmodule = {:?}\ntoken = \"test\"\npin-command = \"cat {}\"\n\
         [profile.store]\nstore = {:?}\npin-file = {:?}\n",
        path_text(&softhsm_module()),
        path_text(&hsm_pin),
        path_text(&store),
        path_text(&store_pin),
    );
    env.write("config.toml", config);
    let config = path_text(&env.file("config.toml")).to_owned();
    env.set("KMSCTL_CONFIG", &config);
    env.create("victim", "ec-p256");
    let create = ["key", "create", "--label", "victim", "--algorithm", "ec-p256", "--profile", "store"];
    env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").run(create).success();
    env
}

/// The labels on the token of a profile, without the variables that select a token or PIN.
fn labels(env: &TestEnv, profile: &str) -> Vec<String> {
    let list = ["key", "list", "--json", "--profile", profile];
    let listed = env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").run(list).success().json();
    let listed = listed.as_array().expect("array").clone();
    listed.iter().map(|key| field(key, "label").to_owned()).collect()
}

const DELETE: [&str; 5] = ["key", "delete", "--label", "victim", "--yes"];

#[test]
fn profile_option_overrides_store_variable() {
    let env = two_tokens();
    let store = env.path("the store");
    let run = env.without("KMSCTL_MODULE").with("KMSCTL_STORE", &store);
    run.with("KMSCTL_PIN_FILE", env.path("store-pin"))
        .run(DELETE.iter().chain(&["--profile", "hsm"]))
        .success();
    assert_eq!(labels(&env, "store"), ["victim"]);
    assert!(labels(&env, "hsm").is_empty());
}

#[test]
fn profile_option_overrides_module_variable() {
    let env = two_tokens();
    let run = env.with("KMSCTL_TOKEN", "test").with("KMSCTL_RECORDS", env.file("records"));
    run.run(DELETE.iter().chain(&["--profile", "store"])).success();
    assert_eq!(labels(&env, "hsm"), ["victim"]);
    assert!(labels(&env, "store").is_empty());
}

#[test]
fn store_option_overrides_profile_and_variables() {
    let env = two_tokens();
    let store = env.path("the store");
    let pin = env.path("store-pin");
    let typed = ["--store", path_text(&store), "--pin-file", path_text(&pin), "--profile", "hsm"];
    // KMSCTL_TOKEN, which names a token of the module, does not apply to the store.
    env.with("KMSCTL_TOKEN", "nowhere").run(DELETE.iter().chain(&typed)).success();
    assert_eq!(labels(&env, "hsm"), ["victim"]);
    assert!(labels(&env, "store").is_empty());
}

#[test]
fn module_variable_overrides_profile_variable() {
    let env = two_tokens();
    let run = env.with("KMSCTL_PROFILE", "store").with("KMSCTL_TOKEN", "test");
    run.run(DELETE).success();
    assert_eq!(labels(&env, "store"), ["victim"]);
    assert!(labels(&env, "hsm").is_empty());
}

#[test]
fn a_pin_variable_is_not_sent_to_the_token_of_a_profile_option() {
    let env = two_tokens();
    env.write("wrong", "wrong-pin-1");
    let sign = ["sign", "--label", "victim", "--profile", "hsm", "--in", "wrong"];
    env.with("KMSCTL_PIN_FILE", "wrong").run(sign).success();
    env.with("KMSCTL_PIN", "wrong-pin-1").run(sign).success();
    // No login try was used up.
    let shown = env.run(["token", "show", "--json"]).success().json();
    assert_eq!(shown["userPin"], "ok", "{shown}");
}

/// The PIN is sent to the profile's token, however the token is named, and to no other token.
#[test]
fn the_pin_of_a_profile_is_sent_to_its_token_only() {
    let env = two_tokens();
    let serial = field(&env.run(["token", "show", "--json"]).success().json(), "serial").to_owned();
    let second = ["token", "init", "--label", "second", "--so-pin-file", "so-pin", "--pin-file"];
    env.write("second-pin", "another-pin-2");
    env.without("KMSCTL_PIN_FILE").run(second.iter().chain(&["second-pin"])).success();
    let list = |token: &str| {
        let run = env.without("KMSCTL_PIN_FILE").without("KMSCTL_MODULE");
        run.run(["key", "list", "--json", "--profile", "hsm", "--token", token, "--no-input"])
    };
    assert_eq!(list(&serial).success().json().as_array().map(Vec::len), Some(1));
    let show = ["config", "show", "--json", "--profile", "hsm", "--token", &serial];
    let shown = env.without("KMSCTL_PIN_FILE").run(show).success().json();
    let pin = shown.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == "pin")).expect("a PIN");
    assert_eq!(pin["value"], "the PIN command for token \"test\", else the terminal", "{shown}");
    let uri = format!("pkcs11:serial={serial}");
    assert_eq!(list(&uri).success().json().as_array().map(Vec::len), Some(1));
    env.without("KMSCTL_PIN_FILE")
        .run(["sign", "--label", "x", "--profile", "hsm", "--token", "second", "--no-input"])
        .fails(5)
        .saying("no user PIN given");
    let shown = env.run(["token", "show", "--token", "second", "--json"]).success().json();
    assert_eq!(shown["userPin"], "ok", "{shown}");
}

/// Each source of a wrong PIN, and how the error names it.
#[test]
fn a_refused_pin_names_its_source() {
    let env = two_tokens();
    let wrong = env.write("wrong", "wrong-pin-1");
    let text = path_text(&wrong);
    let profiles = format!(
        "[profile.file]\npin-file = {text:?}\n[profile.command]\npin-command = \"echo wrong-pin-1\"\n\
         [profile.uri]\ntoken = \"pkcs11:token=test?pin-source={text}\"\n"
    );
    env.write("profiles.toml", profiles);
    fs::create_dir(env.file("credentials")).expect("made");
    env.write("credentials/kmsctl-pin", "wrong-pin-1");
    let sign = |before: &str, after: &str| {
        let line = format!("{before} kmsctl sign --label victim --in wrong {after}");
        env.shell(&format!("unset KMSCTL_PIN_FILE; {line}")).fails(5)
    };
    let refused = [
        (sign("", "--pin-file wrong"), "from --pin-file wrong"),
        (sign("", "--pin-fd 7 7< wrong"), "from --pin-fd 7"),
        (sign("", "--pin-fd 0 < wrong"), "from standard input"),
        (sign("", "--pin-command 'cat wrong'"), "from --pin-command"),
        (sign("KMSCTL_PIN=wrong-pin-1", ""), "from KMSCTL_PIN"),
        (sign("KMSCTL_PIN_FILE=wrong", ""), "from KMSCTL_PIN_FILE (wrong)"),
        (sign("", "--config profiles.toml --profile file"), "from pin-file of profile file ("),
        (
            sign("KMSCTL_CONFIG=profiles.toml KMSCTL_PROFILE=command", ""),
            "from pin-command of profile command",
        ),
        (sign("", "--config profiles.toml --profile uri"), "from pin-source of the PKCS#11 URI ("),
        (sign("CREDENTIALS_DIRECTORY=$PWD/credentials", ""), "from the systemd credential kmsctl-pin"),
    ];
    for (output, name) in refused {
        let output = output.saying("wrong user PIN for token \"test\"").saying(name);
        assert!(!output.stderr_text().contains("wrong-pin-1"), "{output}");
    }
    let unlock = ["token", "unlock", "--new-pin-file", "wrong", "--so-pin-file", "wrong"];
    env.run(unlock).fails(5).saying("wrong SO PIN").saying("from --so-pin-file wrong");
}

#[test]
fn config_show_lists_overridden_settings() {
    let env = two_tokens();
    let store = env.path("the store");
    let run = || {
        let run = env.with("KMSCTL_STORE", &store).with("KMSCTL_TOKEN", "t").with("KMSCTL_RECORDS", "/r");
        run.with("KMSCTL_PIN", "s3cret-pin").with("KMSCTL_PROFILE", "store")
    };
    let show = ["config", "show", "--profile", "hsm", "--lock-timeout", "3"];
    let shown = run().run(show.iter().chain(&["--json"])).success().json();
    let rows = shown.as_array().expect("array");
    let overrides = |name: &str| -> Vec<String> {
        let row =
            rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no {name} in {shown}"));
        let list = row["overrides"].as_array().expect("a list");
        let words = |one: &Value| format!("{} {}", field(one, "name"), field(one, "origin"));
        list.iter().map(words).collect()
    };
    assert_eq!(overrides("profile"), ["profile environment"]);
    assert_eq!(overrides("module"), ["module environment", "store environment"]);
    assert_eq!(overrides("token"), ["token environment"]);
    assert_eq!(overrides("records"), ["records environment"]);
    assert_eq!(overrides("pin"), ["pin environment", "pin environment"]);
    assert!(overrides("lock-timeout").is_empty());
    let table = run().run(show).success();
    assert!(table.text().contains(&format!("store {} (environment)", store.display())), "{table}");
    assert!(!table.text().contains("s3cret") && !shown.to_string().contains("s3cret"), "{table}");
}

/// Every command, with valid arguments, and whether it changes the token or prepares to.
pub(crate) const COMMANDS: &[(&str, bool)] = &[
    ("token init --label other --slot 0 --generate-pin made", true),
    ("token list", false),
    ("token show", false),
    ("token set-pin --new-pin-file pin", true),
    ("token unlock --so-pin-file so-pin --new-pin-file pin", true),
    ("token backup --passphrase-file pin --out backup", false),
    ("token restore --in data --passphrase-file pin", true),
    ("key create --label new --algorithm ec-p256", true),
    ("key create --label victim --algorithm ec-p256 --if-not-exists", true),
    ("key create --request request.json", true),
    ("key import --label new --in key.pem", true),
    ("key list", false),
    ("key show --label victim", false),
    ("key delete --label victim --yes", true),
    ("key update --label victim --memo x", true),
    ("key rotate --label victim", true),
    ("key rotate --label victim --stage", true),
    ("key promote --label victim", true),
    ("key rotate --due", true),
    ("key rotate --due --check", false),
    ("key rotate --due --dry-run", false),
    ("key versions --label victim", false),
    ("key enable --label victim", true),
    ("key disable --label victim", true),
    ("key revoke --label victim", true),
    ("key restore --label victim", true),
    ("key purge --due --yes", true),
    ("key purge --label victim --yes", true),
    ("key wrap --label victim --wrapping-key key.pem", false),
    ("key import --check --in key.pem", false),
    ("key unwrap --in key.pem", true),
    ("key timer", true),
    ("sign --label victim --in data", false),
    ("verify --label victim --in data --signature data", false),
    ("encrypt --label victim --in data", false),
    ("decrypt --in data", false),
    ("reencrypt --in data", false),
    ("inspect --in data", false),
    ("datakey --label victim", false),
    ("jwt sign --label victim --claim a=b", false),
    ("jwt verify --label victim a.b.c", false),
    ("jwt decode a.b.c", false),
    ("jwks --label victim", false),
    ("batch --in data", false),
    ("random 8", false),
    ("doctor", false),
    ("doctor --repair", true),
    ("bench --seconds 0.01 --sessions 1", false),
    ("component split --in key.pem --shares 2 --out-dir parts", false),
    ("component show data", false),
    ("config show", false),
    ("config path", false),
    ("config edit", false),
    ("config add-profile x --slot 1", false),
    ("config learn", false),
    ("ephemeral -- true", false),
    ("explain 5", false),
    ("completions bash", false),
    ("man pages", false),
];

#[test]
fn a_use_only_profile_refuses_every_command_that_changes_its_token() {
    let env = two_tokens();
    let serial = |env: &TestEnv| env.run(["key", "show", "--label", "victim", "--json"]).success().json();
    let before = serial(&env);
    env.write("data", "data");
    // The PIN command records that it was run.
    let config = fs::read_to_string(env.file("config.toml")).expect("there");
    let config = config.replace("pin-command = \"cat", "mode = \"use\"\npin-command = \"touch asked; cat");
    env.write("config.toml", &config);
    for &(line, changes) in COMMANDS {
        let _ = fs::remove_file(env.file("asked"));
        let words: Vec<_> = line.split(' ').collect();
        // Options go first: these commands may end with another program's command line.
        let run = env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").with("EDITOR", "true");
        let output = match words[0] {
            "ephemeral" | "config" if words[1] != "show" => run.run(&words),
            _ => run.run(["--profile", "hsm", "--json"].iter().chain(&words)),
        };
        if changes {
            let error = output.fails(6).error();
            assert_eq!(error["code"], "USE_ONLY", "{line}");
            assert!(field(&error, "message").contains("\"hsm\""), "{error}");
            assert!(!env.file("asked").exists(), "{line} read the PIN first");
        } else {
            assert!(!output.stderr_text().contains("USE_ONLY"), "{output}");
        }
    }
    assert_eq!(serial(&env), before);
}

#[test]
fn every_command_is_in_the_table() {
    for (command, _) in each_grammar() {
        let is_of = |(line, _): &(&str, bool)| format!("{line} ").starts_with(&format!("{command} "));
        assert!(COMMANDS.iter().any(is_of), "{command} is not in the table");
    }
}

#[test]
fn mode_is_use_or_manage() {
    let env = two_tokens();
    for (mode, code) in [("use", 0), ("manage", 0), ("look", 2)] {
        env.write("c.toml", format!("[profile.a]\nmode = \"{mode}\"\n"));
        let _ = env.run(["config", "show", "--config", "c.toml", "--profile", "a"]).exits(code);
    }
    let add = ["config", "add-profile", "b", "--slot", "1", "--mode", "use", "--shared-group", "root"];
    env.run(add).success();
    let written = fs::read_to_string(env.file("config.toml")).expect("there");
    assert!(
        written.contains("[profile.b]\nslot = 1\nshared-group = \"root\"\nmode = \"use\"\n"),
        "{written}"
    );
    let unknown = ["config", "add-profile", "c", "--slot", "1", "--shared-group", "no-such-group-here"];
    env.run(unknown).success();
    env.run(["config", "show", "--profile", "c"]).fails(2).saying("no-such-group-here");
}

/// Files that other users can write are refused, and the command in the hint fixes them.
#[test]
fn files_that_others_can_write_are_refused() {
    let env = two_tokens();
    let module = env.file("copy.so");
    fs::copy(softhsm_module(), &module).expect("copied");
    let pin = env.write("hsm-pin", PIN);
    let config = env.file("trusted.toml");
    let text = format!("[profile.copy]\nmodule = {module:?}\ntoken = \"test\"\npin-file = {pin:?}\n");
    fs::write(&config, text).expect("written");
    let modes = |mode: u32| {
        for path in [&module, &config, &pin] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
        }
    };
    modes(0o600);
    let sign =
        ["sign", "--label", "victim", "--in", "config.toml", "--config", "trusted.toml", "--profile", "copy"];
    let run = || env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").run(sign.iter().chain(&["--json"]));
    run().success();
    for path in [&module, &config, &pin] {
        for mode in [0o620, 0o602, 0o666] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
            let error = run().fails(2).error();
            assert_eq!(error["code"], "FILE_NOT_TRUSTED", "{error}");
            let hint = field(&error, "hint").trim_matches('`').to_owned();
            assert!(hint.starts_with("chmod "), "{hint}");
            env.shell(&hint).success();
            run().success();
        }
    }
    // Only root can change the owner of a file.
    let is_root = env.shell("id -u").success().line() == "0";
    for path in [&module, &config, &pin].into_iter().filter(|_| is_root) {
        std::os::unix::fs::chown(path, Some(12_345), None).expect("only root can");
        let error = run().fails(2).error();
        assert_eq!(error["code"], "FILE_NOT_TRUSTED", "{error}");
        env.shell(field(&error, "hint").trim_matches('`')).success();
        run().success();
    }
    // A trusted file in a directory where others can replace it is refused too.
    fs::create_dir(env.file("open")).expect("made");
    fs::copy(&config, env.file("open/c.toml")).expect("copied");
    fs::set_permissions(env.file("open"), fs::Permissions::from_mode(0o777)).expect("set");
    env.run(["config", "show", "--config", "open/c.toml"]).fails(2).saying("open");
}

/// What a profile has learnt about its only token does not choose it when there are two.
#[test]
fn a_second_token_is_ambiguous_for_a_profile_that_names_none() {
    let env = token::softhsm();
    let profile = format!("[profile.p]\nmodule = {:?}\n", path_text(&softhsm_module()));
    let config = path_text(&env.write("config.toml", profile)).to_owned();
    let run = || env.without("KMSCTL_MODULE").without("KMSCTL_TOKEN").with("KMSCTL_CONFIG", &config);
    run().run(["--profile", "p", "config", "learn"]).success();
    assert!(fs::read_to_string(&config).expect("the profile").contains("learnt"));
    run().run(["--profile", "p", "key", "list"]).success();
    env.run(["token", "init", "--label", "second", "--so-pin-file", "so-pin"]).success();
    let refused = run().run(["--profile", "p", "key", "list", "--json"]).fails(6);
    assert_eq!(refused.error()["code"], "TOKEN_AMBIGUOUS");
    run().run(["--profile", "p", "--token", token::LABEL, "key", "list"]).success();
}

/// The embedded token has nothing to learn, and its profile stays as it is.
#[test]
fn an_embedded_token_teaches_nothing() {
    let env = two_tokens();
    let before = env.read("config.toml");
    let learn = ["--profile", "store", "--json", "config", "learn"];
    let learnt = env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").run(learn).success().json();
    assert_eq!((&learnt["changed"], &learnt["facts"]), (&false.into(), &Value::Array(Vec::new())));
    assert_eq!(env.read("config.toml"), before);
}
