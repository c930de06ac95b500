//! The examples of kmsctl-pin(7) run as they stand there. The programs that they name are stand-ins here, which answer to the
//! very words of the page and to no others.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use crate::support::{TestEnv, path_text, token::embedded};

/// What each program is asked for the PIN with, as its own manual has it.
const QUESTIONS: [(&str, &str); 4] = [
    ("secret-tool", "lookup service kmsctl token prod"),
    ("pass", "show kmsctl/prod"),
    ("op", "read op://Private/kmsctl/pin"),
    ("vault", "kv get -field=pin secret/kmsctl"),
];

/// The lines of the section EXAMPLES that a shell would read.
fn lines() -> Vec<String> {
    let page = include_str!("../../man/kmsctl-pin.7");
    let examples = page.split(".SH EXAMPLES\n").nth(1).and_then(|rest| rest.split(".SH ").next());
    let lines = examples.expect("examples").lines().filter(|line| !line.starts_with('.'));
    lines.map(|line| line.replace("\\-", "-")).collect()
}

/// A world with a token, the key `release`, and no PIN in the environment.
fn world() -> TestEnv {
    let mut env = embedded();
    env.create("release", "ec-p256");
    fs::copy(env.path("pin"), env.file("pin")).expect("copied");
    env.write("app.tar", "data");
    let bin = env.path("bin");
    fs::create_dir(&bin).expect("made");
    for (program, question) in QUESTIONS {
        let pin = env.path("pin").display().to_string();
        let script = format!("#!/bin/sh\ntest \"$*\" = '{question}' && cat {pin}\n");
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
fn commands_give_the_pin() {
    let env = world();
    let examples = lines();
    for (program, question) in QUESTIONS {
        let line = examples.iter().find(|line| line.contains(&format!("'{program} {question}'")));
        run(&env, line.unwrap_or_else(|| panic!("no example asks {program} so")));
    }
    let others = examples.iter().filter(|line| line.contains("--pin-command"));
    assert_eq!(others.count(), QUESTIONS.len(), "an example that nothing here answers");
}

#[test]
fn files_descriptors_and_secrets_of_ci_give_it() {
    let env = world();
    for start in ["kmsctl key list --pin-fd", "KMSCTL_PIN=\"$HSM_PIN\" kmsctl sign"] {
        let line = lines().into_iter().find(|line| line.starts_with(start)).expect(start);
        run(&env, &line);
    }
    assert!(env.file("app.tar.sig").exists());
}

/// systemd puts the credential into a directory and names that in the environment.
#[test]
fn a_credential_of_systemd_gives_it() {
    let env = world();
    let examples = lines();
    let has =
        |start: &str| examples.iter().find_map(|line| line.strip_prefix(start)).expect(start).to_owned();
    let name = has("LoadCredentialEncrypted=");
    fs::create_dir(env.file("credentials")).expect("made");
    fs::copy(env.file("pin"), env.file("credentials").join(name)).expect("copied");
    let command = has("ExecStart=/usr/bin/");
    env.shell(&format!("unset KMSCTL_PIN_FILE; export CREDENTIALS_DIRECTORY=$PWD/credentials; {command}"))
        .success();
}
