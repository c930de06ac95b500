//! The progress line of long-running commands, shown only on a terminal.

use std::{thread, time::Duration};

use crate::support::{
    KMSCTL, TestEnv,
    fault::watched,
    terminal::Terminal,
    token::{PIN, embedded, on_both_tokens, softhsm},
};

const ERASE: &str = "\r\u{1b}[K";

/// Runs a shell script on a terminal; returns the screen and the exit code.
fn seen(env: &TestEnv, script: &str) -> (String, i32) {
    Terminal::start(env.with("TERM", "xterm").command("bash", ["-c", script])).ends()
}

/// Writes more than a pipe's buffer to a pipe whose reader waits for 1.5 seconds.
fn slow_output(command: &str) -> String {
    format!(
        "mkfifo slow; (exec 3<slow; sleep 1.5; cat <&3 >taken) & {command} --out slow; code=$?; wait; exit $code"
    )
}

on_both_tokens![a_bar_shows_how_much_is_encrypted_and_decrypted, input_from_a_pipe_is_counted];

fn a_bar_shows_how_much_is_encrypted_and_decrypted(env: &TestEnv) {
    env.create("data", "aes-256");
    env.write("big", vec![7; 1 << 20]);
    let (screen, code) = seen(env, &slow_output("kmsctl encrypt --label data --in big"));
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("%  encrypting") && screen.contains(" of 1.00 MiB"), "{screen:?}");
    assert!(screen.ends_with(ERASE), "{screen:?}");
    std::fs::rename(env.file("taken"), env.file("big.age")).expect("renamed");
    std::fs::remove_file(env.file("slow")).expect("removed");
    let (screen, code) = seen(env, &slow_output("kmsctl decrypt --in big.age"));
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("%  decrypting"), "{screen:?}");
    assert_eq!(env.read("taken"), env.read("big"), "the progress line is in the data");
}

fn input_from_a_pipe_is_counted(env: &TestEnv) {
    env.create("data", "aes-256");
    let input = "(head -c 100000 /dev/zero; sleep 1.2)";
    let (screen, code) = seen(env, &format!("{input} | kmsctl encrypt --label data --out sealed"));
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("encrypting  97.6 KiB"), "{screen:?}");
    assert!(!screen.contains('%'), "a percentage of unknown length\n{screen:?}");
    let (screen, code) = seen(env, &format!("{input} | kmsctl sign --label data 2>&1 >/dev/null; true"));
    assert_eq!(code, 0, "{screen:?}");
}

/// The fault module delays each call.
#[test]
fn a_long_call_shows_a_spinner_but_a_prompt_does_not() {
    let env = softhsm();
    let create = ["key", "create", "--label", "web", "--algorithm", "ec-p256"];
    let mut command =
        watched(&env).with("KMSCTL_FAULT_DELAY_US", "60000").with("TERM", "xterm").command(KMSCTL, create);
    command.env_remove("KMSCTL_PIN_FILE");
    let mut terminal = Terminal::start(command);
    let before = terminal.sees("User PIN for ");
    assert!(!before.contains(ERASE), "{before:?}");
    thread::sleep(Duration::from_millis(700));
    terminal.types(PIN);
    let typing = terminal.sees("creating key \"web\", ec-p256");
    assert!(typing.matches(ERASE).count() == 1, "progress was drawn during the prompt: {typing:?}");
    let (rest, code) = terminal.ends();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains(&format!("{ERASE}created key")), "{rest:?}");
}

#[test]
fn due_rotations_are_counted() {
    let env = softhsm();
    for label in ["a", "b"] {
        let create = ["key", "create", "--label", label, "--algorithm", "ec-p256", "--auto-rotate"];
        env.run(create).success();
    }
    let slow = watched(&env)
        .with("KMSCTL_FAULT_DELAY_US", "30000")
        .with("KMSCTL_TEST_NOW", "4102444800000")
        .with("TERM", "xterm");
    let (screen, code) = Terminal::start(slow.command(KMSCTL, ["key", "rotate", "--due"])).ends();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("/2  rotating key \""), "{screen:?}");
    assert!(screen.contains("rotated key \"b\""), "{screen:?}");
}

#[test]
fn a_batch_into_a_file_is_counted() {
    let env = embedded();
    let requests =
        "(echo '{\"op\":\"random\",\"bytes\":8}'; sleep 1.2; echo '{\"op\":\"random\",\"bytes\":8}')";
    let (screen, code) = seen(&env, &format!("{requests} | kmsctl batch --out answers"));
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("answered  1  "), "{screen:?}");
    assert_eq!(env.read("answers").split(|byte| *byte == b'\n').count(), 3);
    let (screen, _) = seen(&env, &format!("{requests} | kmsctl batch"));
    assert!(!screen.contains(ERASE), "progress between answers on the same terminal\n{screen:?}");
}

/// `set -m` turns on job control, as in an interactive shell.
#[test]
fn a_background_job_shows_no_progress() {
    let env = embedded();
    env.create("data", "aes-256");
    let job = "(head -c 100000 /dev/zero; sleep 1.2) | kmsctl encrypt --label data --out sealed";
    let (screen, code) = seen(&env, &format!("set -m; {job} & wait $!"));
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("encrypting"), "{screen:?}");
    let (screen, code) = seen(&env, &format!("set -m; {job}"));
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("encrypting"), "{screen:?}");
}

#[test]
fn no_progress_without_a_terminal() {
    let env = embedded();
    env.create("data", "aes-256");
    let input = "(head -c 100000 /dev/zero; sleep 1)";
    for quiet in ["--quiet", "--json", "2>err", "-vv", "TERM=dumb"] {
        let (before, after) = if quiet.contains('=') { (quiet, "") } else { ("", quiet) };
        let script = format!("{input} | {before} kmsctl encrypt --label data --out sealed {after} >out");
        let (screen, code) = seen(&env, &script);
        assert_eq!(code, 0, "{quiet}: {screen}");
        assert!(!screen.contains("encrypting"), "{quiet}: {screen:?}");
    }
    assert_eq!(env.read("err"), b"", "progress was written to a file");
}
