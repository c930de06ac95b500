//! The sources of a PIN and their order, and where it must never end up: argv, output, a second attempt.

use std::{fs, process::Stdio};

use crate::support::{KMSCTL, TestEnv, process, terminal::Terminal, token};

token::on_both_tokens!(
    every_source_works,
    the_first_source_wins,
    a_failing_source_is_an_error,
    no_source_is_an_error,
    a_wrong_pin_costs_one_attempt,
    a_typed_pin_is_not_echoed,
    a_wrong_typed_pin_is_not_asked_for_again,
    a_prompt_leaves_input_and_output_alone,
    no_option_takes_a_pin,
    standard_input_cannot_be_both_pin_and_message,
);

const WRONG: &str = "wrong-pin-1";
const SIGN: [&str; 3] = ["sign", "--label", "web"];

/// Makes the key `web` and the file `wrong`, and returns the PIN.
fn with_key(env: &TestEnv) -> String {
    env.create("web", "ec-p256");
    env.write("wrong", WRONG);
    fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).expect("PIN file").trim_end().to_owned()
}

fn every_source_works(env: &TestEnv) {
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

fn a_failing_source_is_an_error(env: &TestEnv) {
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

fn no_source_is_an_error(env: &TestEnv) {
    with_key(env);
    let refused = env.without("KMSCTL_PIN_FILE").run(SIGN).fails(5);
    assert!(refused.stderr_text().contains("--pin-file"), "{refused}");
    env.without("KMSCTL_PIN_FILE").run(SIGN.iter().chain(&["--no-input"])).fails(5);
}

/// The embedded token counts wrong PINs, SoftHSM only sets a flag. A successful login resets both.
fn a_wrong_pin_costs_one_attempt(env: &TestEnv) {
    with_key(env);
    let refused = env.run(SIGN.iter().chain(&["--pin-file", "wrong"])).fails(5);
    assert!(!refused.stderr_text().contains(WRONG), "{refused}");
    assert!(refused.stderr_text().contains("PIN"), "{refused}");
    env.run(SIGN).success();
}

#[test]
fn after_nine_wrong_pins_the_final_try_needs_a_terminal() {
    let env = token::embedded();
    let pin = with_key(&env);
    // The token allows ten tries: it would lock here if a run used two.
    for _ in 0..9 {
        env.run(SIGN.iter().chain(&["--pin-file", "wrong"])).fails(5);
    }
    let refused = env.run(SIGN).fails(5).saying("--use-final-try");
    assert!(refused.stderr_text().contains("hint:"), "{refused}");
    for option in [vec!["--pin-command", "cat wrong"], vec!["--pin-file", "wrong"]] {
        env.run(SIGN.iter().chain(&option)).fails(5).saying("--use-final-try");
    }
    env.with("KMSCTL_PIN", &pin).run(SIGN).fails(5).saying("--use-final-try");
    // The token would be locked now if one of these had tried to log in.
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
fn use_final_try_works_without_a_terminal() {
    let env = token::embedded();
    with_key(&env);
    for _ in 0..9 {
        env.run(SIGN.iter().chain(&["--pin-file", "wrong"])).fails(5);
    }
    env.run(SIGN.iter().chain(&["--use-final-try"])).success();
    env.run(SIGN).success();
}

fn a_typed_pin_is_not_echoed(env: &TestEnv) {
    let pin = with_key(env);
    // The pseudo-terminal starts without echo: turn it on, so that only kmsctl can have hidden the PIN.
    let line = "stty echo; kmsctl sign --label web --in wrong; stty -a | grep -o ' echo '";
    let mut terminal = Terminal::start(env.without("KMSCTL_PIN_FILE").command("bash", ["-c", line]));
    let before = terminal.sees("User PIN");
    terminal.types(&pin);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 0, "the echo stays off\n{screen}");
    assert!(!screen.contains(&pin) && !before.contains(&pin), "the PIN is on the screen\n{screen}");
}

fn a_wrong_typed_pin_is_not_asked_for_again(env: &TestEnv) {
    with_key(env);
    let command = env.without("KMSCTL_PIN_FILE").command(KMSCTL, SIGN.iter().chain(&["--in", "wrong"]));
    let mut terminal = Terminal::start(command);
    terminal.sees("User PIN");
    terminal.types(WRONG);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 5, "{screen}");
    assert!(!screen.contains("User PIN"), "asked again, which allows a second attempt\n{screen}");
    env.run(SIGN).success();
}

/// The prompt is on the terminal while the message comes from a pipe and the signature goes to a file.
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

fn standard_input_cannot_be_both_pin_and_message(env: &TestEnv) {
    let pin = with_key(env);
    env.run_with_stdin(&pin, SIGN.iter().chain(&["--pin-fd", "0"])).fails(2);
}

/// The PIN is not in the arguments, which other users can read, nor the SO PIN in the environment of the PIN command.
#[test]
fn the_process_list_does_not_show_the_pin() {
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

/// A crash must not write the PIN to a file.
#[test]
fn core_dumps_are_disabled() {
    let env = token::embedded();
    let pin = with_key(&env);
    env.write("mine", &pin);
    let probe = "grep 'Max core' /proc/$PPID/limits > limits; cat mine";
    env.run(SIGN.iter().chain(&["--pin-command", probe])).success();
    let limits = String::from_utf8(env.read("limits")).expect("text");
    let soft_limit = limits.trim_start_matches("Max core file size").split_whitespace().next();
    assert_eq!(soft_limit, Some("0"), "{limits}");
}

#[test]
fn verbose_output_does_not_show_the_pin() {
    let env = token::softhsm();
    let pin = with_key(&env);
    let output = env.with("RUST_BACKTRACE", "1").run(SIGN.iter().chain(&["-v", "-v"])).success();
    assert!(!output.stderr_text().contains(&pin), "{output}");
    let refused = env.run(SIGN.iter().chain(&["-v", "-v", "--pin-file", "wrong"])).fails(5);
    assert!(!refused.stderr_text().contains(WRONG), "{refused}");
}

#[test]
fn ctrl_c_at_the_prompt_restores_the_echo() {
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
fn a_pin_may_arrive_slowly_through_a_pipe() {
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
