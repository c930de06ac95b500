//! Signals: what an interrupted run leaves on the token, and the state of the terminal after it.

use std::os::unix::process::ExitStatusExt;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    oracle, path_text,
    terminal::Terminal,
    token,
};

token::on_both_tokens!(sigterm_during_a_write, sigint_during_a_write);

fn sigterm_during_a_write(env: &TestEnv) {
    signal_each_write(env, 15);
}

fn sigint_during_a_write(env: &TestEnv) {
    signal_each_write(env, 2);
}

struct Write {
    /// The command to run before.
    first: &'static [&'static str],
    args: &'static [&'static str],
    /// The calls that change the token, on both kinds of token.
    calls: &'static [&'static str],
}

const CREATE_NEW: &[&str] = &["create", "--label", "new", "--algorithm", "aes-256"];
const DISABLE: &[&str] = &["disable", "--label", "web"];
const ENABLE: &[&str] = &["enable", "--label", "web"];
const REVOKE: &[&str] = &["revoke", "--label", "web"];
/// Sets attributes, writes the new record, destroys the old one.
const CHANGES: &[&str] = &["C_SetAttributeValue", "C_CreateObject", "C_DestroyObject"];

const WRITES: [Write; 11] = [
    Write { first: &[], args: CREATE_NEW, calls: &["C_GenerateKey", "C_CreateObject"] },
    Write {
        first: &[],
        args: &["update", "--label", "web", "--memo", "m"],
        calls: &["C_CreateObject", "C_DestroyObject"],
    },
    Write {
        first: &[],
        args: &["rotate", "--label", "web"],
        calls: &["C_GenerateKey", "C_CreateObject", "C_DestroyObject"],
    },
    Write { first: &[], args: DISABLE, calls: CHANGES },
    Write { first: DISABLE, args: ENABLE, calls: CHANGES },
    Write { first: ENABLE, args: REVOKE, calls: CHANGES },
    // The key stays disabled, so its attributes do not change.
    Write {
        first: REVOKE,
        args: &["restore", "--label", "web"],
        calls: &["C_CreateObject", "C_DestroyObject"],
    },
    Write { first: CREATE_NEW, args: &["delete", "--label", "new", "--yes"], calls: &["C_DestroyObject"] },
    // A temporary key unwraps the imported key.
    Write {
        first: &[],
        args: &["import", "--label", "new", "--in", "in.key"],
        calls: &["C_UnwrapKey", "C_DestroyObject", "C_CreateObject"],
    },
    Write {
        first: &["revoke", "--label", "new"],
        args: &["purge", "--label", "new", "--yes"],
        calls: &["C_DestroyObject"],
    },
    Write {
        first: &[],
        args: &["unwrap", "--in", "wrapped", "--label", "new"],
        calls: &["C_UnwrapKey", "C_DestroyObject", "C_CreateObject"],
    },
];

/// Ends each kind of write at each call that changes the token. Existing keys stay; a repair and the same command succeed.
fn signal_each_write(env: &TestEnv, signal: i32) {
    env.create("web", "aes-256");
    make_key_files(env);
    let sealed = env.run_with_stdin("old text", ["encrypt", "--label", "web"]).success().text().to_owned();
    for write in &WRITES {
        if !write.first.is_empty() {
            // The previous write may already have done this.
            env.run(["key"].iter().chain(write.first)).exits_any(&[0, 7, 8]);
        }
        let args: Vec<_> = ["key"].iter().chain(write.args).collect();
        for function in write.calls {
            let fault = format!("{function}:1 signal-before {signal}");
            let ended = watched(env).with("KMSCTL_FAULT", &fault).run(&args);
            assert_eq!(ended.status.signal(), Some(signal), "{fault}\n{ended}");
            assert!(ended.stdout.is_empty(), "{ended}");
            env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
        }
        // At its last call, a change or deletion may already be complete; a new key is complete only with its record.
        env.run(&args).exits_any(if write.calls.ends_with(&["C_CreateObject"]) { &[0] } else { &[0, 4, 7] });
        take_calls(env);
    }
    env.run(["key", "enable", "--label", "web"]).exits_any(&[0, 7]);
    assert_eq!(env.run_with_stdin(&sealed, ["decrypt"]).success().text(), "old text");
    assert_eq!(env.labels(), ["new", "receiver", "web"]);
}

/// Makes the input files of `import` and `unwrap`; the wrapped key is deleted afterwards.
fn make_key_files(env: &TestEnv) {
    let generate = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "in.key"];
    oracle::tool(env, "openssl", &generate);
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    env.run(["key", "create", "--label", "out", "--algorithm", "ec-p256", "--exportable"]).success();
    env.run(["key", "wrap", "--label", "out", "--wrapping-key", "receiver.pem", "--out", "wrapped"])
        .success();
    env.run(["key", "delete", "--label", "out", "--yes"]).success();
}

/// Presses Ctrl-C at a prompt of a command in a shell: it exits with 130 and restores the terminal.
fn interrupt_at(env: &TestEnv, line: &str, prompt: &str) {
    // The pseudo-terminal starts without echo: turn it on, so that only kmsctl can have turned it off.
    let script = format!(
        "stty echo; {line}; code=$?; stty -a | grep -q ' echo ' && stty -a | grep -q ' icanon ' && exit $code"
    );
    let mut command = env.command("bash", ["-c", &script]);
    command.env_remove("KMSCTL_PIN_FILE");
    let mut terminal = Terminal::start(command);
    terminal.sees(prompt);
    terminal.presses_ctrl('c');
    let (said, code) = terminal.ends();
    assert_eq!(code, 130, "{line}: wrong exit code, or the terminal was not restored\n{said}");
}

#[test]
fn ctrl_c_at_a_prompt_restores_the_terminal() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let generate = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret -out locked.pem";
    env.shell(generate).success();
    let pin = path_text(&env.path("pin")).to_owned();
    interrupt_at(&env, "kmsctl key list", "ser PIN");
    interrupt_at(&env, &format!("kmsctl --pin-file {pin} key import --label k --in locked.pem"), "assphrase");
    interrupt_at(&env, &format!("kmsctl --pin-file {pin} key delete --label web"), "web");
    interrupt_at(&env, &format!("kmsctl --pin-file {pin} token set-pin"), "ew user PIN");
    assert_eq!(env.labels(), ["web"]);
}
