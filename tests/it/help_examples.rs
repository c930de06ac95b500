//! Every example in every `--help` runs and succeeds, in an environment with the keys and files that it names.

use std::{fs, path::Path, sync::Mutex, thread};

use kmsctl::commands::{each_grammar, grammar};

use crate::support::{
    KMSCTL, TestEnv, path_text, process,
    terminal::Terminal,
    token::{SO_PIN, blank_softhsm, embedded, softhsm_module},
};

/// An example: the command that it belongs to, and the line.
type Example = (String, String);

fn examples() -> Vec<Example> {
    let mut found = Vec::new();
    for (path, command) in each_grammar() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines =
            help.lines().map(str::trim).filter(|line| line.contains("kmsctl ") && !line.starts_with('#'));
        found.extend(lines.map(|line| (path.clone(), line.to_owned())));
    }
    assert!(found.len() > 100, "{}", found.len());
    found
}

/// Creates the environment of most examples. Each example runs in a copy of it.
const PREPARE: &str = r#"
    kmsctl key create --label web --algorithm rsa-2048 --exportable; kmsctl key rotate --label web
    for label in data app; do kmsctl key create --label $label --algorithm aes-256; done
    for label in old mobile; do kmsctl key create --label $label --algorithm ec-p256; done
    kmsctl key create --label receiver --algorithm rsa-2048; kmsctl key show --label receiver --pem --out receiver.pem
    kmsctl key show --label web --pem --out web.pem
    mkdir srv ceremony-done secrets signatures sealed bin; echo text | tee release.tar a.tar b.tar README.md srv/file src db.conf mail.conf >/dev/null
    printf 'hunter2' >password; echo secret >secret.txt; openssl dgst -sha256 -binary -out release.sha256 release.tar
    kmsctl sign --label web --in release.tar --encoding binary --out release.sig
    kmsctl sign --label web --format jws --in release.tar --out order.jws
    kmsctl encrypt --label app --context db --in password --out password.kms
    tar c srv | kmsctl encrypt --label app --format age --out srv.tar.age
    kmsctl encrypt --label app --in password --out secrets/one.kms
    kmsctl encrypt --label app --in db.conf --in mail.conf --out sealed
    kmsctl jwt sign --label web --iss https://id.example --aud api --ttl 1h >token.jwt
    kmsctl jwks --label web --out jwks.json; echo '{"roles":["a"]}' >claims.json
    openssl genrsa -out web.key 2048
    openssl pkcs8 -topk8 -in web.key -passout pass:secret -out encrypted.key; printf secret >web.pass
    openssl req -new -x509 -key web.key -subj /CN=web -out web.crt
    openssl pkcs12 -export -inkey web.key -in web.crt -passout pass:secret -out web.p12
    kmsctl component split --in web.key --shares 3 --out-dir ceremony-done; cp ceremony-done/component-1-of-3.pem .
    i=0; for name in one two three; do i=$((i+1)); cp ceremony-done/component-$i-of-3.pem $name.pem; done
    kmsctl key wrap --label web --wrapping-key receiver.pem --out web.wrapped
    printf '%s\n' '{"op":"random","bytes":8}' >requests.ndjson
    echo '{"keyName":"key1","keyType":"AES256","isAutoRotation":false,"protectionType":"BASIC"}' >create-key.json
    printf '#!/bin/sh\nkmsctl key list\n' >integration-tests.sh
    printf '#!/bin/sh\ncat requests.ndjson\n' >bin/make-requests
    printf '#!/bin/sh\nhead -c 32 /dev/urandom\n' >bin/other-program
    for editor in code vi; do echo '#!/bin/sh' >bin/$editor; done; printf '#!/bin/sh\ncat >/dev/null\n' >bin/wl-copy
    printf '#!/bin/sh\nkmsctl key create --label ci --algorithm ec-p256 -q >&2; kmsctl sign --label ci --in "$1"\n' >sign-artefact.sh
    chmod +x integration-tests.sh sign-artefact.sh bin/*; mkdir -p ~/.zfunc ~/.config/kmsctl ~/.config/fish/completions
    mkdir -p "$XDG_CONFIG_HOME/kmsctl"; printf '[profile.prod]\nstore = "%s/kmsctl"\ntoken = "test"\n' "$XDG_DATA_HOME" >"$XDG_CONFIG_HOME/kmsctl/config.toml"
    cp "$KMSCTL_PIN_FILE" pin; cp pin old-pin; printf 'another-pin-5' >new-pin; printf passphrase >pass
    printf '#!/bin/sh\ncat >/dev/null\n' >bin/ssh; chmod +x bin/ssh
    echo AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX >backup.id
    echo age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj >admins.txt
    kmsctl encrypt --label app --format age --in password --out db.age
"#;

/// Preparations for examples, by the words that they begin with. The longest match is used.
const BEFORE: &[(&str, &str)] = &[
    ("kmsctl key create --label", "for label in web data; do kmsctl key delete --label $label --yes; done"),
    ("other-program", "kmsctl key delete --label data --yes"),
    ("kmsctl key import", "for label in web data; do kmsctl key delete --label $label --yes; done"),
    (
        "kmsctl key import --label web --in web.key --passphrase-file",
        "kmsctl key delete --label web --yes; mv encrypted.key web.key",
    ),
    (
        "kmsctl key import --label data --component",
        "kmsctl key delete --label data --yes; printf '%032d' 0 | sed s/0/01/g >one.txt; sed s/1/2/g one.txt >two.txt",
    ),
    ("kmsctl key unwrap", "kmsctl key delete --label web --yes"),
    ("kmsctl key enable --label web", "kmsctl key disable --label web"),
    ("kmsctl key enable --label web --key-version 1", "kmsctl key disable --label web --key-version 1"),
    ("kmsctl key purge", "kmsctl key revoke --label old"),
    ("kmsctl key restore", "kmsctl key revoke --label old"),
    ("kmsctl key restore --label web --key-version 1", "kmsctl key revoke --label web --key-version 1"),
    ("kmsctl key update --label web --stage-days", "kmsctl key update --label web --auto-rotate on"),
    ("kmsctl key update --label web --reset-schedule", "kmsctl key update --label web --auto-rotate on"),
    ("kmsctl key promote", "kmsctl key rotate --label web --stage"),
    ("kmsctl token init", "rm -rf \"$XDG_DATA_HOME/kmsctl\""),
    (
        "kmsctl token restore",
        "kmsctl token backup --passphrase-file pass --out kms.age; rm -rf \"$XDG_DATA_HOME/kmsctl\"",
    ),
    (
        "kmsctl token restore --in kms.age --identity",
        "kmsctl token backup --out kms.age --recipient \
         age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj; rm -rf \"$XDG_DATA_HOME/kmsctl\"",
    ),
    ("kmsctl config add-profile prod", "rm \"$XDG_CONFIG_HOME/kmsctl/config.toml\""),
];

/// Examples that need a terminal: each prompt, and what is typed.
fn typed(line: &str, pin: &str) -> Option<Vec<(&'static str, String)>> {
    let text = str::to_owned;
    let new = || vec![("New user PIN", text("another-pin-5")), ("Repeat", text("another-pin-5"))];
    match line {
        "kmsctl key delete --label old" | "kmsctl key purge --label old" => {
            Some(vec![("to confirm", text("old"))])
        }
        "kmsctl token backup --out kms.age" => {
            Some(vec![("Passphrase for the backup", text("passphrase")), ("Repeat", text("passphrase"))])
        }
        "kmsctl token restore --in kms.age" => Some(vec![("Passphrase for kms.age", text("passphrase"))]),
        "kmsctl key delete --label web --key-version 1" => Some(vec![("to confirm", text("web"))]),
        "kmsctl token set-pin" => Some([vec![("User PIN", text(pin))], new()].concat()),
        "kmsctl token unlock" => Some([vec![("SO PIN", text(SO_PIN))], new()].concat()),
        _ => None,
    }
}

/// Replaces paths and durations in an example with those of the test environment.
fn here(line: &str, module: &Path) -> String {
    line.replace("/usr/lib/softhsm/libsofthsm2.so", path_text(module))
        .replace("/usr/local/share/man", "share/man")
        .replace("/etc/app/secrets", "secrets")
        .replace("tar c /srv", "tar c srv")
        .replace("/run/app", "signatures")
        .replace("/tmp/drill", "drill")
        .replace("--seconds 5 --sessions 1,16,64", "--seconds 0.01 --sessions 1,4")
        .replace("--seconds 0.2", "--seconds 0.01")
}

/// Whether an example uses SoftHSM instead of the embedded token.
fn needs_module(line: &str) -> bool {
    line.contains("--module /usr/lib/softhsm") && !line.contains("add-profile")
}

fn before(line: &str) -> &'static str {
    let fits = BEFORE.iter().filter(|(words, _)| line.starts_with(words));
    fits.max_by_key(|(words, _)| words.len()).map_or(":", |(_, script)| script)
}

/// A copy of the environment, for one example.
fn copy(master: &TestEnv) -> TestEnv {
    let mut env = TestEnv::new();
    let (from, to) = (path_text(master.root()).to_owned(), path_text(env.root()).to_owned());
    env.shell(&format!(
        "cp -a {from}/work/. {from}/pin {from}/so-pin {to}/work/ 2>/dev/null; cp -a {from}/home/. {to}/home/"
    ))
    .exits(0);
    let (pin, path) = (path_text(&env.file("pin")).to_owned(), env.variable("PATH").to_owned());
    // Without a terminal there must be an editor that needs none.
    env.set("KMSCTL_PIN_FILE", &pin).set("PATH", &format!("{to}/work/bin:{path}")).set("EDITOR", "vi");
    env
}

/// SoftHSM with the token `prod` and the key `web`, or blank for `kmsctl token init`.
fn softhsm_for(line: &str) -> TestEnv {
    let mut env = blank_softhsm();
    let so_pin = path_text(&env.file("so-pin")).to_owned();
    env.set("KMSCTL_SO_PIN_FILE", &so_pin);
    if !line.starts_with("kmsctl token init") {
        env.shell("kmsctl token init --label prod && kmsctl key create --label web --algorithm rsa-2048")
            .success();
    }
    env
}

/// Why an example fails, if it does.
fn failure(master: &TestEnv, line: &str) -> Option<String> {
    let env = if needs_module(line) { softhsm_for(line) } else { copy(master) };
    let prepared = env.shell(before(line));
    if !prepared.status.success() {
        return Some(format!("{line}\nbefore it: {prepared}"));
    }
    let script = match line {
        "kmsctl bench" => "kmsctl bench --seconds 0.01".to_owned(),
        line => here(line, &softhsm_module()),
    };
    let pin = fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).unwrap_or_default();
    if let Some(dialogue) = (!needs_module(line)).then(|| typed(line, pin.trim())).flatten() {
        let words = script.split(' ').skip(1);
        let mut command = env.command(KMSCTL, words);
        if line.starts_with("kmsctl token") {
            command.env_remove("KMSCTL_PIN_FILE");
        }
        let mut terminal = Terminal::start(command);
        for (question, answer) in dialogue {
            terminal.sees(question);
            terminal.types(&answer);
        }
        let (rest, code) = terminal.ends();
        return (code != 0).then(|| format!("{line}\nexit {code}: {rest}"));
    }
    let bash = env.command("bash", ["-o", "pipefail", "-c", &script]);
    let output = process::run(bash, br#"{"sub":"alice"}"#, env.root());
    (!output.status.success()).then(|| format!("{line}\n{output}"))
}

#[test]
fn every_example_of_every_help_text_runs() {
    let master = embedded();
    let made = master.shell(&format!("set -e; exec 2>&1; {PREPARE}"));
    assert!(made.status.success(), "{made}");
    let examples = Mutex::new(examples());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let Some((_, line)) = examples.lock().expect("no panic").pop() else { break };
                    failures.lock().expect("no panic").extend(failure(&master, &line));
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic");
    assert!(failures.is_empty(), "{} examples fail:\n\n{}", failures.len(), failures.join("\n\n"));
}

/// The examples in `kmsctl --help` build on each other.
#[test]
fn the_examples_of_the_main_help_run_in_order() {
    let env = TestEnv::new();
    env.write("README.md", "text");
    let help = grammar().get_after_help().expect("examples").to_string();
    let lines = help.lines().skip(1).map(str::trim).filter(|line| !line.starts_with('#'));
    let script = lines.fold("set -e".to_owned(), |script, line| format!("{script}\n{line}"));
    assert!(env.shell(&script).success().text().ends_with("Verified OK\n"));
}

/// The tests of `cli` check that each command has an example; this one checks that the example is run.
#[test]
fn every_command_has_an_example_that_runs() {
    let with_example: Vec<_> = examples().into_iter().map(|(command, _)| command).collect();
    let commands = each_grammar();
    assert!(commands.len() > 40, "{}", commands.len());
    for (command, _) in commands {
        assert!(with_example.contains(&command), "{command}");
    }
}
