//! Runs a program to its end: feeds its input, reads both outputs, and turns a hang into a failure.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::output::Output;

/// Longer than any command takes while other tests run in parallel.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Runs the command with `stdin` and returns its output. `root` is the path that output replaces by a placeholder.
pub(crate) fn run(mut command: Command, stdin: &[u8], root: &Path) -> Output {
    let shown = shown(&command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
    let mut to_child = child.stdin.take().expect("piped");
    let stdin = stdin.to_vec();
    // The write fails if the program ends without reading its input, which it may.
    thread::spawn(move || drop(to_child.write_all(&stdin)));
    finish(child, shown, root)
}

/// Waits for a child and reads its outputs; those that are not pipes count as empty.
pub(crate) fn finish(mut child: Child, shown: String, root: &Path) -> Output {
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let status = wait(&mut child, &shown);
    let text = |reader: Option<thread::JoinHandle<Vec<u8>>>| {
        reader.map(|reader| reader.join().expect("reader")).unwrap_or_default()
    };
    Output { command: shown, status, stdout: text(stdout), stderr: text(stderr), root: root.to_owned() }
}

fn wait(child: &mut Child, shown: &str) -> ExitStatus {
    let pid = Pid::from_child(child);
    let ended = pidfd_open(pid, PidfdFlags::empty()).expect("a child that was not waited for");
    let timeout = Timespec::try_from(TIMEOUT).expect("seconds");
    if poll(&mut [PollFd::new(&ended, PollFlags::IN)], Some(&timeout)) == Ok(0) {
        child.kill().expect("a child that runs");
        panic!("{shown}: still running after {} seconds", TIMEOUT.as_secs());
    }
    child.wait().expect("the status of a child")
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        pipe.read_to_end(&mut all).expect("reading what a child printed");
        all
    })
}

/// The command line for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    command.get_args().fold(program.into_owned(), |line, arg| format!("{line} {}", arg.to_string_lossy()))
}

/// Sends a signal by its name, such as `CONT`.
pub(crate) fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status().expect("kill runs");
    assert!(status.success(), "no process {pid} to signal");
}

/// Waits until a process is in the state with this letter in `proc(5)`.
#[track_caller]
pub(crate) fn wait_for_state(pid: u32, state: char) {
    wait_for_states(pid, &[state]);
}

#[track_caller]
pub(crate) fn wait_for_states(pid: u32, states: &[char]) {
    wait_until(|| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
        // The process name in parentheses may itself hold parentheses and spaces.
        let rest = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
        if rest.is_some_and(|rest| rest.starts_with(states)) { Ok(()) } else { Err(stat) }
    });
}

/// Waits until a process waits for a file lock that another one holds, as `proc_locks(5)` lists it.
#[track_caller]
pub(crate) fn wait_for_lock(pid: u32) {
    let pid = pid.to_string();
    wait_until(|| {
        let locks = std::fs::read_to_string("/proc/locks").expect("/proc/locks");
        let is_it = |line: &str| line.contains("->") && line.split(' ').any(|word| word == pid);
        if locks.lines().any(is_it) { Ok(()) } else { Err(locks) }
    });
}

#[track_caller]
fn wait_until(is_so: impl Fn() -> Result<(), String>) {
    let end = Instant::now() + TIMEOUT;
    while let Err(shown) = is_so() {
        assert!(Instant::now() < end, "never: {shown}");
        thread::sleep(Duration::from_millis(2));
    }
}
