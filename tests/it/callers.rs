//! Unusual callers (signals ignored, no home, no terminal, another umask) and modules that disturb the process.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    time::{Duration, Instant},
};

use crate::support::{
    KMSCTL, TestEnv,
    fault::watched,
    output::Output,
    process,
    token::{PIN, embedded, softhsm},
};

/// Runs kmsctl with signals ignored. bash cannot ignore SIGCHLD for what it starts; Python can.
fn ignoring(env: &TestEnv, signals: &str, arguments: &[&str]) -> Output {
    const START: &str = "import os, signal, sys\n\
         for name in sys.argv[1].split(): signal.signal(getattr(signal, 'SIG' + name), signal.SIG_IGN)\n\
         os.execvp('kmsctl', ['kmsctl'] + sys.argv[2:])";
    let mut command = env.command("python3", ["-c", START, signals]);
    command.args(arguments).env_remove("KMSCTL_PIN_FILE");
    process::run(command, b"", &env.path(""))
}

#[test]
fn ignored_signals_neither_hang_a_run_nor_hide_errors() {
    let env = softhsm();
    env.create("ec", "ec-p256");
    env.write("data", "data");
    let start = Instant::now();
    for signals in ["CHLD", "PIPE", "INT", "CHLD PIPE INT HUP TERM"] {
        let run = |arguments: &[&str]| ignoring(&env, signals, arguments);
        run(&["ephemeral", "--", "true"]).exits(0);
        run(&["ephemeral", "--", "sh", "-c", "exit 7"]).exits(7);
        run(&["ephemeral", "--", "kmsctl", "key", "create", "--label", "k", "--algorithm", "aes-256"])
            .exits(0);
        let pin_command = format!("sleep 0.1; echo {PIN}");
        run(&["sign", "--label", "ec", "--in", "data", "--pin-command", &pin_command]).success();
        run(&["sign", "--label", "ec", "--in", "data", "--pin-command", "exit 3"]).fails(5);
        run(&["token", "list", "--all-modules"]).exits(0);
    }
    assert!(start.elapsed() < Duration::from_secs(100), "a run waited for a process that had ended");
}

#[test]
fn a_run_works_without_home_or_terminal_and_with_any_umask() {
    let env = embedded();
    env.write("data", "data");
    let store = env.path("home/data/kmsctl");
    let pin = env.path("pin");
    for umask in ["000", "077", "777"] {
        let line = format!(
            "umask {umask}; setsid env -i PATH=\"$PATH\" KMSCTL_STORE='{}' KMSCTL_PIN_FILE='{}' kmsctl key create \
             --label k{umask} --algorithm ec-p256 < /dev/null && setsid env -i PATH=\"$PATH\" KMSCTL_STORE='{}' \
             KMSCTL_PIN_FILE='{}' kmsctl random 8 --out random-{umask} < /dev/null",
            store.display(),
            pin.display(),
            store.display(),
            pin.display(),
        );
        env.shell(&line).success();
        let mode = fs::metadata(env.file(&format!("random-{umask}"))).expect("written").mode();
        assert_eq!(mode & 0o777, 0o600);
        for file in ["token.sql", "lock", "tries"] {
            assert_eq!(fs::metadata(store.join(file)).expect("there").mode() & 0o777, 0o600, "{file}");
        }
    }
}

/// The result is printed before `C_Finalize`.
#[test]
fn a_crash_in_c_finalize_does_not_change_the_result() {
    for env in [embedded(), softhsm()] {
        env.create("ec", "ec-p256");
        env.create("aes", "aes-256");
        env.write("data", "data");
        let signature = env.run("sign --label ec --in data".split(' ')).success().line().to_owned();
        env.write("sig", &signature);
        for signal in [11, 6, 7] {
            let crash_at = |call| {
                watched(&env).with("KMSCTL_FAULT", format!("C_Finalize:{call} signal-before {signal}"))
            };
            let crash = || crash_at(1);
            crash().run("sign --label ec --in data".split(' ')).success().silent();
            crash().run("encrypt --label aes --in data --out sealed".split(' ')).success();
            crash().run("decrypt --in sealed".split(' ')).success().silent();
            crash().run("verify --label ec --in sig --signature sig".split(' ')).exits(3);
            crash().run("sign --label none --in data".split(' ')).fails(4);
            let label = format!("new{signal}");
            // On SoftHSM, the look for another key with this label takes a new connection.
            let last = if env.has("KMSCTL_MODULE") { 2 } else { 1 };
            crash_at(last).run(["key", "create", "--label", &label, "--algorithm", "aes-256"]).success();
            assert!(env.labels().contains(&label));
        }
    }
}

#[test]
fn a_module_that_changes_signal_handling_does_no_harm() {
    let env = softhsm();
    env.create("ec", "ec-p256");
    env.write("batch", "{\"op\":\"random\",\"bytes\":99999}\n".repeat(20));
    for call in ["C_Initialize:1", "C_Login:1"] {
        let with = |what: &str| watched(&env).with("KMSCTL_FAULT", format!("{call} {what}"));
        // The default for SIGPIPE would end the run silently when the reader closes the pipe.
        let line = "set -o pipefail; kmsctl batch --in batch | head -c 10 > /dev/null";
        let shell = with("defaults 13").command("bash", ["-c", line]);
        process::run(shell, b"", &env.path("")).exits(1).saying("cannot write standard output");
        let mut sign = with("ignores 17")
            .without("KMSCTL_PIN_FILE")
            .command(KMSCTL, "key list --pin-command".split(' '));
        sign.arg(format!("echo {PIN}"));
        process::run(sign, b"", &env.path("")).success();
    }
}

#[test]
fn ephemeral_leaves_no_core_and_cannot_be_traced() {
    let env = embedded();
    let limits = env.run(["ephemeral", "--", "sh", "-c", "cat /proc/$PPID/limits"]).success();
    let core = limits.text().lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // In /proc, the files of a process that is not dumpable belong to root, so its memory cannot be read.
    let mut command = env.command(KMSCTL, ["ephemeral", "--", "sh", "-c", "stat -c %u /proc/$PPID/mem"]);
    command.env("TMPDIR", "/tmp").env_remove("XDG_RUNTIME_DIR");
    let owner = process::run(command, b"", &env.path("")).success();
    assert_eq!(owner.line(), "0");
}
