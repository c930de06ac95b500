//! Runs the examples of kmsctl-pin(7). The programs that they call are stubs, which print the PIN only when called with
//! exactly the arguments on the page.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use crate::support::{TestEnv, path_text, token::embedded};

/// Each program and the arguments that print the PIN, as in its own manual.
const PIN_COMMANDS: [(&str, &str); 4] = [
    ("secret-tool", "lookup service kmsctl token prod"),
    ("pass", "show kmsctl/prod"),
    ("op", "read op://Private/kmsctl/pin"),
    ("vault", "kv get -field=pin secret/kmsctl"),
];

/// The lines of the section EXAMPLES without the roff requests.
fn lines() -> Vec<String> {
    let page = include_str!("../../man/kmsctl-pin.7");
    let examples = page.split(".SH EXAMPLES\n").nth(1).and_then(|rest| rest.split(".SH ").next());
    let lines = examples.expect("examples").lines().filter(|line| !line.starts_with('.'));
    lines.map(|line| line.replace("\\-", "-")).collect()
}

/// An environment with a token, the key `release`, the stubs, and a copy of the PIN in the working directory.
fn test_env() -> TestEnv {
    let mut env = embedded();
    env.create("release", "ec-p256");
    fs::copy(env.path("pin"), env.file("pin")).expect("copied");
    env.write("app.tar", "data");
    let bin = env.path("bin");
    fs::create_dir(&bin).expect("made");
    for (program, arguments) in PIN_COMMANDS {
        let pin = env.path("pin").display().to_string();
        let script = format!("#!/bin/sh\ntest \"$*\" = '{arguments}' && cat {pin}\n");
        fs::write(bin.join(program), script).expect("written");
        fs::set_permissions(bin.join(program), Permissions::from_mode(0o700)).expect("mode");
    }
    let path = format!("{}:{}", path_text(&bin), env.variable("PATH"));
    env.set("PATH", &path);
    env
}

fn run(env: &TestEnv, line: &str) {
    env.shell(&format!("unset KMSCTL_PIN_FILE; export HSM_PIN=$(cat pin); {line} --no-input")).success();
}

#[test]
fn pin_command_examples_work() {
    let env = test_env();
    let examples = lines();
    for (program, arguments) in PIN_COMMANDS {
        let line = examples.iter().find(|line| line.contains(&format!("'{program} {arguments}'")));
        run(&env, line.unwrap_or_else(|| panic!("no example runs {program} with these arguments")));
    }
    let others = examples.iter().filter(|line| line.contains("--pin-command"));
    assert_eq!(others.count(), PIN_COMMANDS.len(), "an example has no stub");
}

#[test]
fn file_descriptor_and_ci_secret_examples_work() {
    let env = test_env();
    for start in ["kmsctl key list --pin-fd", "KMSCTL_PIN=\"$HSM_PIN\" kmsctl sign"] {
        let line = lines().into_iter().find(|line| line.starts_with(start)).expect(start);
        run(&env, &line);
    }
    assert!(env.file("app.tar.sig").exists());
}

/// systemd puts the credential into the directory named by `CREDENTIALS_DIRECTORY`.
#[test]
fn systemd_credential_example_works() {
    let env = test_env();
    let examples = lines();
    let value_of =
        |start: &str| examples.iter().find_map(|line| line.strip_prefix(start)).expect(start).to_owned();
    let name = value_of("LoadCredentialEncrypted=");
    fs::create_dir(env.file("credentials")).expect("made");
    fs::copy(env.file("pin"), env.file("credentials").join(name)).expect("copied");
    let command = value_of("ExecStart=/usr/bin/");
    env.shell(&format!("unset KMSCTL_PIN_FILE; export CREDENTIALS_DIRECTORY=$PWD/credentials; {command}"))
        .success();
}
