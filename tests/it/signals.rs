//! Signals: what a run leaves that is ended in the middle, and the terminal that it leaves.

use std::os::unix::process::ExitStatusExt;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    field, path_text,
    terminal::Terminal,
    token,
};

token::on_both_tokens!(sigterm_in_the_middle_of_a_write, sigint_in_the_middle_of_a_write);

fn sigterm_in_the_middle_of_a_write(env: &TestEnv) {
    ended_by(env, 15);
}

fn sigint_in_the_middle_of_a_write(env: &TestEnv) {
    ended_by(env, 2);
}

/// Ends each kind of write at each call that changes the token. Old keys stay, and a repair and the same command finish.
fn ended_by(env: &TestEnv, signal: i32) {
    const WRITES: [&[&str]; 6] = [
        &["key", "create", "--label", "new", "--algorithm", "aes-256"],
        &["key", "update", "--label", "web", "--memo", "m"],
        &["key", "rotate", "--label", "web"],
        &["key", "disable", "--label", "web"],
        &["key", "enable", "--label", "web"],
        &["key", "delete", "--label", "new", "--yes"],
    ];
    env.create("web", "aes-256");
    let sealed = env.run_with_stdin("old text", ["encrypt", "--label", "web"]).success().text().to_owned();
    for args in WRITES {
        for function in ["C_GenerateKey", "C_CreateObject", "C_SetAttributeValue", "C_DestroyObject"] {
            let fault = format!("{function}:1 signal-before {signal}");
            let ended = watched(env).with("KMSCTL_FAULT", fault).run(args);
            assert!(ended.stdout.is_empty() || ended.status.success(), "{ended}");
            if ended.status.success() {
                // This write makes no such call.
                break;
            }
            if ended.status.signal().is_some() {
                assert_eq!(ended.status.signal(), Some(signal), "{ended}");
                env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
            }
        }
        env.run(args).exits_any(&[0, 4, 7, 8]);
        take_calls(env);
    }
    assert_eq!(env.run_with_stdin(&sealed, ["decrypt"]).success().text(), "old text");
    assert_eq!(env.keys().iter().map(|key| field(key, "label")).collect::<Vec<_>>(), ["web"]);
}

/// Presses Ctrl-C at a question of a command that runs in a shell: it ends with 130, and the terminal is as it was.
fn interrupted_at(env: &TestEnv, line: &str, question: &str) {
    // The pseudo-terminal is made without echo: switched on, so that only kmsctl can have switched it off.
    let script = format!(
        "stty echo; {line}; code=$?; stty -a | grep -q ' echo ' && stty -a | grep -q ' icanon ' && exit $code"
    );
    let mut command = env.command("bash", ["-c", &script]);
    command.env_remove("KMSCTL_PIN_FILE");
    let mut terminal = Terminal::start(command);
    terminal.sees(question);
    terminal.presses_ctrl('c');
    let (said, code) = terminal.ends();
    assert_eq!(code, 130, "{line}: the exit code, or the terminal is not as it was\n{said}");
}

#[test]
fn ctrl_c_at_a_prompt_gives_the_terminal_back() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let generate = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret -out locked.pem";
    env.shell(generate).success();
    let pin = path_text(&env.path("pin")).to_owned();
    interrupted_at(&env, "kmsctl key list", "ser PIN");
    interrupted_at(
        &env,
        &format!("kmsctl --pin-file {pin} key import --label k --in locked.pem"),
        "assphrase",
    );
    interrupted_at(&env, &format!("kmsctl --pin-file {pin} key delete --label web"), "web");
    interrupted_at(&env, &format!("kmsctl --pin-file {pin} token set-pin"), "ew user PIN");
    assert_eq!(env.labels(), ["web"]);
}
