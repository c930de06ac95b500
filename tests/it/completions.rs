//! Completions with names from the token, requested as the shell scripts request them.

use std::fs;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    output::Output,
    terminal::Terminal,
    token::{embedded, softhsm},
};

/// Completes the last word of a line, as bash's script does.
fn complete(env: &TestEnv, line: &[&str]) -> Output {
    let index = (line.len() - 1).to_string();
    let words = ["--"].iter().chain(line);
    env.with("KMSCTL_COMPLETE", "bash")
        .with("_CLAP_COMPLETE_INDEX", index)
        .with("_CLAP_IFS", "\n")
        .run(words)
        .success()
}

fn names(output: &Output) -> Vec<&str> {
    output.text().lines().collect()
}

#[test]
fn labels_ids_and_versions_come_from_the_token_without_a_login() {
    for env in [embedded(), softhsm()] {
        env.create("web-1", "ec-p256");
        env.create("web-2", "ec-p256");
        let id = env.keys()[0]["ckaId"].as_str().expect("text").to_owned();
        assert_eq!(names(&complete(&env, &["kmsctl", "sign", "--label", "we"])), ["web-1", "web-2"]);
        assert_eq!(names(&complete(&env, &["kmsctl", "key", "show", "--label", "web-1", "--id", ""])), [id]);
        assert_eq!(
            names(&complete(&env, &["kmsctl", "sign", "--label", "web-1", "--key-version", ""])),
            ["1"]
        );
        assert_eq!(names(&complete(&env, &["kmsctl", "key", "list", "--token", ""])), ["test"]);
    }
}

#[test]
fn key_create_does_not_complete_existing_labels() {
    let env = embedded();
    env.create("web", "ec-p256");
    let offered = complete(&env, &["kmsctl", "key", "create", "--label", ""]);
    assert!(!offered.text().contains("web"), "{}", offered.text());
}

#[test]
fn profiles_come_from_the_configuration() {
    let env = TestEnv::new();
    let config = env.write("config.toml", "[profile.prod]\nslot = 1\n[profile.staging]\nslot = 2\n");
    let config = config.to_str().expect("UTF-8");
    let offered = complete(&env, &["kmsctl", "--config", config, "key", "list", "--profile", ""]);
    assert_eq!(names(&offered), ["prod", "staging"]);
}

#[test]
fn commands_and_options_are_completed_without_any_token() {
    let env = TestEnv::new();
    assert!(names(&complete(&env, &["kmsctl", "key", "cr"])).contains(&"create"));
    assert!(names(&complete(&env, &["kmsctl", "sign", "--alg"])).contains(&"--algorithm"));
    let nothing = complete(&env, &["kmsctl", "sign", "--label", ""]);
    assert_eq!(nothing.text().trim(), "");
}

#[test]
fn completion_does_not_wait_for_a_locked_token() {
    let env = embedded();
    let ask = "exec 9<> \"$(kmsctl config show --json | jq -r '.[] | select(.name == \"store\") | .value')/lock\"; \
               flock 9; \
               KMSCTL_COMPLETE=bash _CLAP_COMPLETE_INDEX=3 _CLAP_IFS=' ' kmsctl -- kmsctl sign --label ''; \
               echo \"ended with $? while the lock was held\"";
    assert_eq!(env.shell(ask).success().line(), "ended with 0 while the lock was held");
}

/// Each call takes ten seconds, so the module is busy when the answer is due. The run exits without candidates long before
/// the first call returns.
#[test]
fn completion_does_not_wait_for_a_busy_module() {
    for env in [embedded(), softhsm()] {
        env.create("web-1", "ec-p256");
        let asked = watched(&env)
            .with("KMSCTL_FAULT_DELAY_US", "10000000")
            .with("KMSCTL_COMPLETE", "bash")
            .with("_CLAP_COMPLETE_INDEX", "3")
            .with("_CLAP_IFS", "\n")
            .run(["--", "kmsctl", "sign", "--label", ""]);
        assert_eq!((asked.status.code(), asked.text().trim()), (Some(0), ""), "{asked}");
        assert!(asked.stderr.is_empty(), "{asked}");
        // A call is logged when it returns.
        assert!(
            !env.path("calls").exists() || take_calls(&env).is_empty(),
            "completion waited for the module"
        );
    }
}

#[test]
fn every_script_calls_kmsctl_at_each_tab() {
    let env = embedded();
    env.create("web-1", "ec-p256");
    for shell in ["bash", "zsh", "fish"] {
        let script = env.run(["completions", shell]).success();
        assert!(script.text().contains("KMSCTL_COMPLETE"), "{shell}");
    }
    // Accepted for older scripts.
    env.run(["completions", "--live", "bash"]).success();
}

/// Bash splits words at `=` and `:`.
#[test]
fn bash_completes_words_with_colons_and_equals_signs() {
    let env = embedded();
    env.create("team:web=1", "ec-p256");
    env.create("team:api", "ec-p256");
    let mut bash =
        Terminal::start(env.with("TERM", "xterm").command("bash", ["--norc", "--noprofile", "-i"]));
    bash.types("source <(kmsctl completions bash)");
    for (number, typed) in ["--label=te\tw\t", "--label te\tw\t", "--label team:we\t", "--label=team:web=\t"]
        .into_iter()
        .enumerate()
    {
        bash.presses(&format!("kmsctl key show {typed}"));
        bash.types(&format!(" --json --out shown{number}; echo en''ded{number}"));
        bash.sees(&format!("ended{number}"));
        let shown = fs::read(env.file(&format!("shown{number}"))).unwrap_or_default();
        let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap_or_default();
        assert_eq!(shown["label"], "team:web=1", "{typed}");
    }
    bash.types("exit 0");
    assert_eq!(bash.ends().1, 0);
}

/// Names that anyone can give a key without a PIN, or a file.
const HOSTILE: [&str; 9] = [
    "b0$(touch${IFS}ran)",
    "b1`touch ran`",
    "b2;touch ran;",
    "b3 'it' is \"quoted\"",
    "b4*",
    "b5|touch ran&",
    "b6';touch ran;'",
    "b7\";touch ran;\"",
    "b8\\$(touch ran)",
];

/// In real shells, with TAB and Return.
#[test]
fn no_name_is_run_as_a_command() {
    let env = embedded();
    for label in HOSTILE {
        env.create(label, "ec-p256");
        env.write(&format!("f{label}"), label);
    }
    // Not offered, because it would be read as an option.
    env.run(["key", "create", "--label=-b9", "--algorithm", "ec-p256"]).success();
    assert!(!complete(&env, &["kmsctl", "key", "show", "--label", ""]).text().contains("-b9"));
    for (shell, arguments, load) in [
        ("bash", &["--norc", "--noprofile", "-i"][..], "source <(kmsctl completions bash)"),
        ("zsh", &["-f", "-i"], "autoload -U compinit; compinit -u -D; source <(kmsctl completions zsh)"),
        ("fish", &["--no-config", "-i"], "kmsctl completions fish | source"),
    ] {
        if !has(&env, shell) {
            continue;
        }
        let mut terminal = Terminal::start(env.with("TERM", "xterm").command(shell, arguments));
        terminal.types(load);
        for (number, label) in HOSTILE.iter().enumerate() {
            let out = format!("{shell}-{number}");
            terminal.presses(&format!("kmsctl key show --label b{number}\t"));
            terminal.types(&format!(" --json --out {out}; echo en''ded{number}"));
            terminal.sees(&format!("ended{number}"));
            let shown = fs::read(env.file(&out)).unwrap_or_default();
            let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap_or_default();
            assert_eq!(shown["label"], **label, "{shell}");
            // A file name, for an option that takes a file.
            terminal.presses(&format!("kmsctl sign --label b0\t --in fb{number}\t"));
            terminal.types(&format!(" --out {out}; echo sig''ned{number}"));
            terminal.sees(&format!("signed{number}"));
            let file = format!("f{label}");
            env.run(["verify", "--label", HOSTILE[0], "--in", &file, "--signature", &out]).success();
        }
        // Nothing is run after an open quote or a partly typed name either.
        for typed in ["'b2", "\"b2", "\"b0", "'b6", "b3\\ \\'"] {
            terminal.presses(&format!("kmsctl key show --label {typed}\t\t"));
            terminal.presses_ctrl('u');
        }
        terminal.types("echo la''st");
        terminal.sees("last");
        terminal.types("exit 0");
        assert!(!env.file("ran").exists(), "{shell} ran a name");
    }
}

/// Whether the shell is installed. `./dev test` installs it; without it the tests are skipped with a message.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn has(env: &TestEnv, shell: &str) -> bool {
    let found = env.shell(&format!("command -v {shell}")).status.success();
    if !found {
        eprintln!("SKIPPED: {shell} is not installed, its completions were not tested");
    }
    found
}

#[test]
fn fish_completes_commands_and_labels() {
    let env = embedded();
    env.create("web-1", "ec-p256");
    if !has(&env, "fish") {
        return;
    }
    env.write("script", env.run(["completions", "fish"]).success().stdout);
    let offered = |line: &str| {
        let command = format!("source script; complete --do-complete '{line}'");
        let output = env.shell(&format!("fish --no-config -c \"{command}\"")).success();
        output
            .text()
            .lines()
            .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(offered("kmsctl key cr"), ["create"]);
    assert!(offered("kmsctl sign --enc").contains(&"--encoding".to_owned()));
    assert_eq!(offered("kmsctl sign --label w"), ["web-1"]);
}

#[test]
fn zsh_completes_commands_and_labels() {
    let env = embedded();
    env.create("web-1", "ec-p256");
    if !has(&env, "zsh") {
        return;
    }
    env.write("_kmsctl", env.run(["completions", "zsh"]).success().stdout);
    let start = |load: &str| {
        let mut zsh = Terminal::start(env.with("TERM", "xterm").command("zsh", ["-f", "-i"]));
        zsh.types(&format!("PS1=; autoload -U compinit; {load}; print rea''dy"));
        zsh.sees("ready");
        zsh
    };
    let completes = |zsh: &mut Terminal, typed: &str, whole: &str| {
        zsh.presses(&format!("{typed}\t"));
        zsh.sees(whole);
        zsh.presses_ctrl('u');
    };
    let leave = |mut zsh: Terminal| {
        zsh.types("exit 0");
        assert_eq!(zsh.ends().1, 0);
    };
    let mut zsh = start("fpath=($PWD $fpath); compinit -u -D");
    completes(&mut zsh, "kmsctl key cr", "create");
    completes(&mut zsh, "kmsctl sign --enco", "--encoding");
    leave(zsh);
    let mut zsh = start("compinit -u -D; source ./_kmsctl");
    completes(&mut zsh, "kmsctl key cr", "create");
    completes(&mut zsh, "kmsctl sign --label w", "web-1");
    leave(zsh);
}
