//! `kmsctl ephemeral`: a token for one command, removed without a trace.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{KMSCTL, TestEnv, path_text, token::embedded};

/// The ephemeral tokens in the runtime and temporary directories.
fn leftovers(env: &TestEnv) -> Vec<PathBuf> {
    ["run", "tmp"]
        .iter()
        .flat_map(|place| fs::read_dir(env.path(place)).expect("a directory"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains("ephemeral")))
        .collect()
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_token_is_removed_after_the_command() {
    let env = TestEnv::new();
    let script = "kmsctl key create --label ci --algorithm ec-p256 --quiet >&2 &&
        printf data | kmsctl sign --label ci && ls \"$KMSCTL_STORE\" >&2 && stat -c %a \"$(dirname \"$KMSCTL_STORE\")\"";
    let output = env.run(["ephemeral", "--no-input", "--", "sh", "-c", script]).success();
    let lines: Vec<_> = output.text().lines().collect();
    assert!(lines[0].len() > 80, "{lines:?}");
    assert_eq!(lines[1], "700");
    assert_eq!(leftovers(&env), Vec::<PathBuf>::new());
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let env = TestEnv::new();
    for (script, code) in
        [("exit 0", 0), ("exit 3", 3), ("exit 250", 250), ("kill -9 $$", 137), ("kill -TERM $$", 143)]
    {
        assert_eq!(env.run(["ephemeral", "--", "sh", "-c", script]).status.code(), Some(code), "{script}");
    }
    let missing = env.run(["ephemeral", "--", "no-such-command"]);
    assert_eq!(missing.status.code(), Some(127));
    assert!(missing.stderr_text().contains("cannot start no-such-command"), "{}", missing.stderr_text());
    assert_eq!(leftovers(&env), Vec::<PathBuf>::new());
}

#[test]
fn the_command_does_not_inherit_token_settings() {
    let env = embedded();
    let config = env.write(
        "config.toml",
        "default-profile = 'x'\n[profile.x]\nmodule = '/nonexistent.so'\ntoken = 'other'\n",
    );
    let output = env
        .with("KMSCTL_MODULE", "/nonexistent.so")
        .with("KMSCTL_TOKEN", "other")
        .with("KMSCTL_PROFILE", "none")
        .with("KMSCTL_PIN", "wrong")
        .with("XDG_CONFIG_HOME", config.parent().expect("a directory"))
        .run(["ephemeral", "--label", "fresh", "--", "kmsctl", "token", "list", "--json"])
        .success();
    assert_eq!(output.json()[0]["label"], "fresh");
    env.run(["ephemeral", "--store", "elsewhere", "--", "true"]).fails(2);
    env.run(["ephemeral", "--pin-file", "pin", "--", "true"]).fails(2);
    env.run(["ephemeral"]).fails(2);
}

#[test]
fn neither_home_nor_runtime_directory_nor_terminal_is_needed() {
    let env = TestEnv::new();
    let home = env.path("home");
    fs::set_permissions(&home, fs::Permissions::from_mode(0o500)).expect("read-only");
    let args = ["ephemeral", "--", "kmsctl", "key", "list", "--no-input"];
    env.run(args).success();
    let without = "env -u HOME -u XDG_RUNTIME_DIR -u XDG_DATA_HOME -u XDG_CONFIG_HOME kmsctl";
    env.shell(&format!("{without} {}", args.join(" "))).success();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).expect("as before");
}

/// The home is `/proc`, where not even root can create files.
#[test]
fn everything_works_with_a_home_that_is_not_writable() {
    let mut env = TestEnv::new();
    let store = env.path("store");
    env.set("HOME", "/proc").set("KMSCTL_STORE", path_text(&store));
    let work = "unset XDG_RUNTIME_DIR XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME; set -e; exec </dev/null
        export KMSCTL_PIN_FILE=pin
        kmsctl token init --label t --generate-pin pin --no-input
        for algorithm in ec-p256 aes-256; do
            kmsctl key create --label $algorithm --algorithm $algorithm --no-input
        done
        kmsctl key list; kmsctl key rotate --label aes-256 --no-input
        echo data > data; kmsctl sign --label ec-p256 --in data --out sig --no-input
        kmsctl verify --label ec-p256 --in data --signature sig
        kmsctl encrypt --label aes-256 --in data --no-input | kmsctl decrypt --no-input
        kmsctl token list --all-modules; kmsctl doctor --no-input; kmsctl config show; kmsctl man pages
        kmsctl --config here.toml config add-profile x --slot 1 && kmsctl --config here.toml --profile x config show";
    env.shell(work).success();
    env.without("XDG_CONFIG_HOME")
        .run(["config", "add-profile", "x", "--slot", "1"])
        .fails(1)
        .saying("/proc");
}

#[test]
fn nohup_protects_the_command_from_a_hangup() {
    let env = TestEnv::new();
    let script = "touch there; while ! test -e go; do sleep 0.05; done; kill -HUP $$; touch done";
    let start = |program: &str, args: &[&str]| {
        let mut command = env.command(program, args);
        command.args(["ephemeral", "--", "sh", "-c", script]).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::null()).spawn().expect("started");
        wait_until("the command starts", || env.file("there").exists());
        kill_process(Pid::from_child(&child), Signal::HUP).expect("sent");
        fs::write(env.file("go"), "").expect("written");
        child
    };
    let ended = start("nohup", &[KMSCTL]).wait().expect("ended");
    assert!(ended.success() && env.file("done").exists(), "{ended}");
    for file in ["there", "go", "done"] {
        fs::remove_file(env.file(file)).expect("removed");
    }
    let ended = start(KMSCTL, &[]).wait().expect("ended");
    assert_eq!(ended.code(), Some(129), "a hangup that is not ignored reaches the command");
    assert_eq!(leftovers(&env), Vec::<PathBuf>::new());
}

/// Starts a command that creates `there` at its start and `caught` at a signal, and waits until it runs.
fn start_waiting(env: &TestEnv) -> Child {
    let script = "trap 'echo term > caught; exit 9' TERM; trap 'echo int > caught; exit 8' INT; touch there; \
                  while :; do sleep 0.05; done";
    let child = env
        .command(KMSCTL, ["ephemeral", "--", "sh", "-c", script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    wait_until("the command starts", || env.file("there").exists());
    assert_eq!(leftovers(env).len(), 1);
    child
}

#[test]
fn signals_reach_the_command_and_the_token_is_removed() {
    for (signal, caught, code) in [(Signal::TERM, "term\n", 9), (Signal::INT, "int\n", 8)] {
        let env = TestEnv::new();
        let mut child = start_waiting(&env);
        kill_process(Pid::from_child(&child), signal).expect("sent");
        assert_eq!(child.wait().expect("ended").code(), Some(code));
        assert_eq!(fs::read_to_string(env.file("caught")).expect("caught"), caught);
        assert_eq!(leftovers(&env), Vec::<PathBuf>::new());
    }
}

#[test]
fn the_token_of_a_killed_run_is_removed() {
    let env = TestEnv::new();
    let mut child = start_waiting(&env);
    let token = leftovers(&env).remove(0);
    child.kill().expect("killed");
    child.wait().expect("ended");
    wait_until("the guard removes the token", || !token.exists());
    stop_command(&env);
}

/// The command of a killed run lives on. Kills what runs in the working directory.
fn stop_command(env: &TestEnv) {
    let work = env.path("work");
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let cwd = fs::read_link(entry.path().join("cwd"));
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        if let (Ok(cwd), Some(process)) = (cwd, number)
            && is_within(&cwd, &work)
        {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

fn is_within(path: &Path, parent: &Path) -> bool {
    path.starts_with(parent)
}
