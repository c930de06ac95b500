//! No PIN stays in the process's memory after the login, and none reaches its children.

use std::process::Command;

use crate::support::{
    KMSCTL, TestEnv,
    fault::{take_calls, watched},
    path_text, process,
    terminal::Terminal,
    token,
};

token::on_both_tokens!(
    a_pin_is_erased_after_the_login,
    a_typed_pin_is_erased_after_the_login,
    set_pin_erases_both_pins,
);

/// The PIN with its bits inverted, so that passing it to the fault module does not itself put the PIN into memory.
fn inverted(pin: &[u8]) -> String {
    let inverted: Vec<_> = pin.iter().map(|byte| !byte).collect();
    data_encoding::HEXLOWER.encode(&inverted)
}

fn pin_of(env: &TestEnv) -> Vec<u8> {
    std::fs::read(env.variable("KMSCTL_PIN_FILE")).expect("the PIN").trim_ascii_end().to_vec()
}

/// How many copies of the PIN the fault module found in memory in the last run.
#[track_caller]
fn found(env: &TestEnv) -> u64 {
    let scans: Vec<_> = take_calls(env).into_iter().filter(|call| call.function == "scan").collect();
    assert_eq!(scans.len(), 1, "the call was never reached");
    scans[0].rv.expect("a count")
}

/// Where memory is scanned and whether the PIN must be found: during the login, to prove that the scan works, but not later.
const PLACES: [(&str, bool); 3] =
    [("C_Login:1", true), ("C_FindObjectsInit:1", false), ("C_Finalize:1", false)];

fn a_pin_is_erased_after_the_login(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let pin = env.variable("KMSCTL_PIN_FILE");
    let command = format!("cat {pin}");
    let sources: [&[&str]; 3] = [&["--pin-file", pin], &["--pin-command", &command], &["--pin-fd", "0"]];
    for source in sources {
        for (place, is_there) in PLACES {
            let fault = format!("{place} scan {}", inverted(&pin_of(env)));
            let args = [&["sign", "--label", "web", "--in", "message"], source].concat();
            let mut run = watched(env).with("KMSCTL_FAULT", fault).command(KMSCTL, &args);
            run.env_remove("KMSCTL_PIN_FILE");
            process::run(run, &pin_of(env), env.root()).success();
            let found = found(env);
            assert_eq!(found > 0, is_there, "found {found} times at {place}, {source:?}");
        }
    }
}

fn typed(env: &TestEnv, fault: &str, args: &[&str], lines: &[(&str, &str)]) {
    let mut command: Command = watched(env).with("KMSCTL_FAULT", fault).command(KMSCTL, args);
    command.env_remove("KMSCTL_PIN_FILE");
    let mut terminal = Terminal::start(command);
    for (question, line) in lines {
        terminal.sees(question);
        terminal.types(line);
    }
    let (said, code) = terminal.ends();
    assert_eq!(code, 0, "{said}");
}

fn a_typed_pin_is_erased_after_the_login(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let pin = String::from_utf8(pin_of(env)).expect("text");
    for (place, is_there) in PLACES {
        let fault = format!("{place} scan {}", inverted(pin.as_bytes()));
        typed(env, &fault, &["sign", "--label", "web", "--in", "message"], &[("ser PIN", &pin)]);
        let found = found(env);
        assert_eq!(found > 0, is_there, "found {found} times at {place}");
    }
}

fn set_pin_erases_both_pins(env: &TestEnv) {
    let mut old = pin_of(env);
    for round in 0..2 {
        let new = format!("another-pin-{round}").into_bytes();
        for (wanted, file) in [(&old, "old"), (&new, "new")] {
            env.write(file, wanted);
        }
        let wanted = if round == 0 { &old } else { &new };
        let fault = format!("C_Finalize:1 scan {}", inverted(wanted));
        let (old_file, new_file) = (env.file("old"), env.file("new"));
        let args =
            ["token", "set-pin", "--pin-file", path_text(&old_file), "--new-pin-file", path_text(&new_file)];
        watched(env).with("KMSCTL_FAULT", fault).run(args).success();
        assert_eq!(found(env), 0, "round {round}");
        old = new;
    }
}

/// The PIN command gets no PIN in its environment and no variable that leads to one.
#[test]
fn children_get_no_pin() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let pin = String::from_utf8(pin_of(&env)).expect("text");
    let spy = format!(
        "tr '\\0' '\\n' < /proc/self/environ > {}; cat {}",
        path_text(&env.file("seen")),
        env.variable("KMSCTL_PIN_FILE")
    );
    let variables = ["KMSCTL_PIN", "KMSCTL_SO_PIN", "KMSCTL_SO_PIN_FILE"];
    let mut run = env.with("KMSCTL_PIN_FILE", "/nonexistent");
    for variable in variables {
        run = run.with(variable, &pin);
    }
    run.run(["--pin-command", &spy, "sign", "--label", "web"]).success();
    let seen = String::from_utf8(env.read("seen")).expect("text");
    assert!(seen.contains("HOME="), "{seen}");
    assert!(
        !seen.contains(&pin) && !seen.contains("KMSCTL_PIN") && !seen.contains("KMSCTL_SO_PIN"),
        "{seen}"
    );
}

/// The same for the editor, and for the command of `ephemeral`, which gets only the PIN of its ephemeral token.
#[test]
fn editors_and_commands_get_no_pin() {
    let env = token::softhsm();
    let pin = String::from_utf8(pin_of(&env)).expect("text");
    let disclosing = || {
        let variables = ["KMSCTL_PIN", "KMSCTL_SO_PIN"];
        let run = env.with("KMSCTL_PIN_FILE", env.path("pin")).with("KMSCTL_SO_PIN_FILE", env.file("so-pin"));
        variables.iter().fold(run, |run, variable| run.with(variable, &pin))
    };
    let seen = || String::from_utf8(env.read("seen")).expect("text");
    let spy = "tr '\\0' '\\n' < /proc/self/environ > seen; true";
    disclosing().with("EDITOR", spy).run(["config", "edit"]).success();
    assert!(seen().contains("HOME="), "{}", seen());
    assert!(
        !seen().contains(&pin) && !seen().contains("KMSCTL_PIN") && !seen().contains("KMSCTL_SO_PIN"),
        "{}",
        seen()
    );
    disclosing().run(["ephemeral", "--", "sh", "-c", spy]).success();
    let own = |name| {
        let value =
            seen().lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()));
        value.unwrap_or_else(|| panic!("no {name} in {}", seen()))
    };
    assert!(!seen().contains(&pin), "{}", seen());
    assert!(own("KMSCTL_PIN_FILE").contains("ephemeral") && own("KMSCTL_SO_PIN_FILE").contains("ephemeral"));
    assert!(!seen().contains("KMSCTL_PIN=") && !seen().contains("KMSCTL_SO_PIN="), "{}", seen());
}

/// No PIN is in the arguments or swappable, core dumps are off, and the user's other processes cannot read the memory.
#[test]
fn other_processes_cannot_see_the_pin() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let stopped = watched(&env).with("KMSCTL_FAULT", "C_FindObjectsInit:1 signal-before 19");
    let child = stopped.command(KMSCTL, ["sign", "--label", "web"]);
    let child = { child }.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).spawn();
    let child = child.expect("starts");
    process::wait_for_state(child.id(), 'T');
    let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", child.id()));
    let arguments = read("cmdline").expect("arguments");
    let pin = pin_of(&env);
    assert!(!arguments.windows(pin.len()).any(|window| window == pin));
    let status = String::from_utf8(read("status").expect("status")).expect("text");
    let locked = status.lines().find(|line| line.starts_with("VmLck:")).expect("a number");
    assert!(!locked.ends_with(" 0 kB"), "the PIN could reach swap: {locked}");
    let limits = String::from_utf8(read("limits").expect("limits")).expect("text");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // After `prctl(PR_SET_DUMPABLE, 0)` the files in /proc/PID belong to root.
    let owner = std::os::unix::fs::MetadataExt::uid(
        &std::fs::metadata(format!("/proc/{}/mem", child.id())).expect("mem"),
    );
    assert_eq!(owner, 0);
    process::signal(child.id(), "CONT");
    process::finish(child, "the stopped process".to_owned(), env.root()).success();
    take_calls(&env);
}
