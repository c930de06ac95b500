//! Where a PIN comes from, in which order, and where it must never go: argv, output, a second attempt.

use std::{fs, process::Stdio};

use crate::support::{KMSCTL, TestEnv, process, terminal::Terminal, token};

token::on_both_tokens!(
    every_source_gives_it,
    the_first_source_wins,
    a_source_that_fails_is_no_reason_to_try_the_next,
    without_any_source_there_is_an_error,
    a_wrong_pin_is_one_attempt,
    a_person_types_it_unseen,
    a_person_types_a_wrong_one,
    a_prompt_leaves_input_and_output_alone,
    no_option_takes_a_pin,
    standard_input_serves_once,
);

const WRONG: &str = "wrong-pin-1";
const SIGN: [&str; 3] = ["sign", "--label", "web"];

/// A key `web`, no PIN in the environment, and the PIN for the test to give.
fn with_key(env: &TestEnv) -> String {
    env.create("web", "ec-p256");
    env.write("wrong", WRONG);
    fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).expect("PIN file").trim_end().to_owned()
}

fn every_source_gives_it(env: &TestEnv) {
    let pin = with_key(env);
    for content in [pin.clone(), format!("{pin}\n"), format!("{pin}\r\n")] {
        env.write("mine", content);
        env.without("KMSCTL_PIN_FILE").run(SIGN.iter().chain(&["--pin-file", "mine"])).success();
    }
    let shell = |line: &str| env.shell(&format!("unset KMSCTL_PIN_FILE; {line}"));
    shell("kmsctl sign --label web --in /dev/null --pin-fd 0 < mine").success();
    shell("kmsctl sign --label web --pin-fd 7 7< mine < /dev/null").success();
    shell("kmsctl sign --label web --pin-file <(cat mine) < /dev/null").success();
    shell("kmsctl sign --label web --pin-command 'cat mine' < /dev/null").success();
    let bare = || env.without("KMSCTL_PIN_FILE");
    bare().with("KMSCTL_PIN", &pin).run(SIGN).success();
    bare().with("KMSCTL_PIN_FILE", "mine").run(SIGN).success();
    fs::create_dir(env.file("credentials")).expect("directory");
    env.write("credentials/kmsctl-pin", &pin);
    bare().with("CREDENTIALS_DIRECTORY", env.file("credentials")).run(SIGN).success();
    let uri = format!("pkcs11:token=test?pin-source=file:{}", env.file("mine").display());
    bare().run(SIGN.iter().chain(&["--token", uri.as_str()])).success();
}

fn the_first_source_wins(env: &TestEnv) {
    let pin = with_key(env);
    let good = env.variable("KMSCTL_PIN_FILE");
    let order = env.with("KMSCTL_PIN", WRONG).with("KMSCTL_PIN_FILE", "wrong");
    order.run(SIGN.iter().chain(&["--pin-file", good])).success();
    let order = env.with("KMSCTL_PIN", WRONG);
    order.run(SIGN.iter().chain(&["--pin-command", &format!("echo {pin}")])).success();
    env.with("KMSCTL_PIN", &pin).with("KMSCTL_PIN_FILE", "wrong").run(SIGN).success();
    fs::create_dir(env.file("credentials")).expect("directory");
    env.write("credentials/kmsctl-pin", WRONG);
    env.with("CREDENTIALS_DIRECTORY", env.file("credentials")).run(SIGN).success();
}

fn a_source_that_fails_is_no_reason_to_try_the_next(env: &TestEnv) {
    with_key(env);
    let sign = |option: &str, value: &str| env.run(SIGN.iter().chain(&[option, value])).fails(5);
    sign("--pin-file", "nowhere").saying("nowhere");
    sign("--pin-file", ".");
    sign("--pin-command", "exit 3");
    sign("--pin-command", "true");
    sign("--pin-fd", "97").saying("97");
    env.write("empty", "\n");
    sign("--pin-file", "empty").saying("empty");
    env.write("long", "x".repeat(100_000));
    sign("--pin-file", "long").saying("long");
    env.with("KMSCTL_PIN", "").run(SIGN).fails(5);
}

fn without_any_source_there_is_an_error(env: &TestEnv) {
    with_key(env);
    let refused = env.without("KMSCTL_PIN_FILE").run(SIGN).fails(5);
    assert!(refused.stderr_text().contains("--pin-file"), "{refused}");
    env.without("KMSCTL_PIN_FILE").run(SIGN.iter().chain(&["--no-input"])).fails(5);
}

/// The embedded token counts; SoftHSM raises a flag. One wrong run must cost one try, and a right one resets it.
fn a_wrong_pin_is_one_attempt(env: &TestEnv) {
    with_key(env);
    let refused = env.run(SIGN.iter().chain(&["--pin-file", "wrong"])).fails(5);
    assert!(!refused.stderr_text().contains(WRONG), "{refused}");
    assert!(refused.stderr_text().contains("PIN"), "{refused}");
    env.run(SIGN).success();
}

#[test]
fn nine_wrong_pins_leave_a_final_try_that_only_a_person_may_use() {
    let env = token::embedded();
    let pin = with_key(&env);
    // Ten tries: were a run to use two, the token would lock on the way.
    for _ in 0..9 {
        env.run(SIGN.iter().chain(&["--pin-file", "wrong"])).fails(5);
    }
    let refused = env.run(SIGN).fails(5).saying("--use-final-try");
    assert!(refused.stderr_text().contains("hint:"), "{refused}");
    for option in [vec!["--pin-command", "cat wrong"], vec!["--pin-file", "wrong"]] {
        env.run(SIGN.iter().chain(&option)).fails(5).saying("--use-final-try");
    }
    env.with("KMSCTL_PIN", &pin).run(SIGN).fails(5).saying("--use-final-try");
    // Had one of these been a login, the token would be locked now.
    let mut terminal = Terminal::start(
        env.without("KMSCTL_PIN_FILE").command(KMSCTL, SIGN.iter().chain(&["--in", "wrong"])),
    );
    terminal.sees("User PIN");
    terminal.types(&pin);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    env.run(SIGN).success();
}

#[test]
fn a_program_may_use_the_final_try_when_allowed() {
    let env = token::embedded();
    with_key(&env);
    for _ in 0..9 {
        env.run(SIGN.iter().chain(&["--pin-file", "wrong"])).fails(5);
    }
    env.run(SIGN.iter().chain(&["--use-final-try"])).success();
    env.run(SIGN).success();
}

fn a_person_types_it_unseen(env: &TestEnv) {
    let pin = with_key(env);
    // The pseudo-terminal is made without echo: switch it on, so that only kmsctl can have hidden the PIN.
    let line = "stty echo; kmsctl sign --label web --in wrong; stty -a | grep -o ' echo '";
    let mut terminal = Terminal::start(env.without("KMSCTL_PIN_FILE").command("bash", ["-c", line]));
    let before = terminal.sees("User PIN");
    terminal.types(&pin);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 0, "the echo is off afterwards\n{screen}");
    assert!(!screen.contains(&pin) && !before.contains(&pin), "the PIN stands on the screen\n{screen}");
}

fn a_person_types_a_wrong_one(env: &TestEnv) {
    with_key(env);
    let command = env.without("KMSCTL_PIN_FILE").command(KMSCTL, SIGN.iter().chain(&["--in", "wrong"]));
    let mut terminal = Terminal::start(command);
    terminal.sees("User PIN");
    terminal.types(WRONG);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 5, "{screen}");
    assert!(!screen.contains("User PIN"), "asked again: a second attempt\n{screen}");
    env.run(SIGN).success();
}

/// Prompt on the terminal, message from a pipe, signature to a file, all in one run.
fn a_prompt_leaves_input_and_output_alone(env: &TestEnv) {
    let pin = with_key(env);
    env.write("message", "m");
    let line = "printf m | kmsctl sign --label web > sig 2> said";
    let mut terminal = Terminal::start(env.without("KMSCTL_PIN_FILE").command("bash", ["-c", line]));
    terminal.sees("User PIN");
    terminal.types(&pin);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    env.run(["verify", "--label", "web", "--in", "message", "--signature", "sig"]).exits(0);
    assert_eq!(env.read("said"), b"");
}

fn no_option_takes_a_pin(env: &TestEnv) {
    with_key(env);
    for option in ["--pin=1234567", "--user-pin=1234567", "--so-pin=1234567"] {
        let refused = env.run(SIGN.iter().chain(&[option])).fails(2);
        assert!(!refused.stderr_text().contains("1234567"), "{refused}");
    }
    let uri = "pkcs11:token=test?pin-value=1234567";
    let refused = env.run(SIGN.iter().chain(&["--token", uri])).fails(2);
    assert!(!refused.stderr_text().contains("1234567"), "{refused}");
}

fn standard_input_serves_once(env: &TestEnv) {
    let pin = with_key(env);
    env.run_with_stdin(&pin, SIGN.iter().chain(&["--pin-fd", "0"])).fails(2);
}

/// While it works, nothing that other users can read shows the PIN; the PIN command does not inherit it either.
#[test]
fn the_process_list_does_not_show_it() {
    let env = token::embedded();
    let pin = with_key(&env);
    let probe = "tr '\\0' '\\n' < /proc/$PPID/cmdline > seen-arguments; env > seen-environment; cat mine";
    env.write("mine", &pin);
    env.with("KMSCTL_SO_PIN", token::SO_PIN).run(SIGN.iter().chain(&["--pin-command", probe])).success();
    let arguments = String::from_utf8(env.read("seen-arguments")).expect("text");
    assert!(arguments.contains("sign") && !arguments.contains(&pin), "{arguments}");
    let environment = String::from_utf8(env.read("seen-environment")).expect("text");
    assert!(environment.contains("HOME=") && !environment.contains(token::SO_PIN), "{environment}");
}

/// A crash must not write the PIN to a file: core dumps are off, and other processes of the user may not attach.
#[test]
fn no_core_file() {
    let env = token::embedded();
    let pin = with_key(&env);
    env.write("mine", &pin);
    let probe = "grep 'Max core' /proc/$PPID/limits > limits; cat mine";
    env.run(SIGN.iter().chain(&["--pin-command", probe])).success();
    let limits = String::from_utf8(env.read("limits")).expect("text");
    let in_force = limits.trim_start_matches("Max core file size").split_whitespace().next();
    assert_eq!(in_force, Some("0"), "{limits}");
}

#[test]
fn most_verbose_output_does_not_show_it() {
    let env = token::softhsm();
    let pin = with_key(&env);
    let output = env.with("RUST_BACKTRACE", "1").run(SIGN.iter().chain(&["-v", "-v"])).success();
    assert!(!output.stderr_text().contains(&pin), "{output}");
    let refused = env.run(SIGN.iter().chain(&["-v", "-v", "--pin-file", "wrong"])).fails(5);
    assert!(!refused.stderr_text().contains(WRONG), "{refused}");
}

#[test]
fn a_person_who_gives_up_interrupts() {
    let env = token::embedded();
    with_key(&env);
    let line =
        "stty echo; kmsctl sign --label web --in wrong; code=$?; stty -a | grep -qo ' echo ' && exit $code";
    let mut terminal = Terminal::start(env.without("KMSCTL_PIN_FILE").command("bash", ["-c", line]));
    terminal.sees("User PIN");
    terminal.presses_ctrl('c');
    let (screen, code) = terminal.ends();
    assert_eq!(code, 130, "{screen}");
    env.run(SIGN).success();
}

#[test]
fn a_pin_from_a_pipe_may_come_slowly() {
    let env = token::embedded();
    let pin = with_key(&env);
    let mut command = env.command(KMSCTL, SIGN.iter().chain(&["--pin-fd", "0", "--in", "wrong"]));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("kmsctl");
    let mut stdin = child.stdin.take().expect("piped");
    for half in [&pin[..5], &pin[5..]] {
        std::io::Write::write_all(&mut stdin, half.as_bytes()).expect("pipe");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    drop(stdin);
    process::finish(child, process::shown(&command), env.root()).success();
}
