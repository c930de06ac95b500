//! A child process: signals are forwarded to it, and its exit code is returned.

use std::{
    fs, io,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus},
};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::{
    consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2},
    iterator::{
        SignalsInfo,
        exfiltrator::{WithOrigin, origin::Origin},
    },
    low_level::siginfo::Cause,
};

use crate::model::{Code, Coded, Diagnosis};

pub type Signals = SignalsInfo<WithOrigin>;

/// The command could not be started; exit 127, as with a shell.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {}", program.display())]
pub struct NotStarted {
    program: PathBuf,
    source: io::Error,
}

impl Coded for NotStarted {
    fn diagnosis(&self) -> Diagnosis {
        Code::CommandNotStarted.into()
    }
}

/// From now on these signals do not end this process; those that arrive before [`run_child`] are forwarded then. A signal
/// that the caller had ignored, as `nohup` does with SIGHUP, stays ignored, here and in the child.
pub fn catch_signals() -> io::Result<Signals> {
    let ignored = ignored_signals();
    // Where the caller ignores SIGCHLD, the system would reap the child and its exit code would be lost.
    let is_heard = |signal: &i32| *signal == SIGCHLD || ignored & (1 << (signal - 1)) == 0;
    Signals::new(
        [SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]
            .iter()
            .filter(|signal| is_heard(signal)),
    )
}

/// One bit per signal, the lowest for signal 1. Zero if the system does not say.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// Runs the command to its end. Returns its exit code, or 128 + N where signal N ended it.
pub fn run_child(mut command: Command, mut signals: Signals) -> Result<u8, NotStarted> {
    let failed = |command: &Command, source| NotStarted { program: command.get_program().into(), source };
    let mut child = command.spawn().map_err(|source| failed(&command, source))?;
    for origin in signals.forever() {
        if let Some(status) = child.try_wait().map_err(|source| failed(&command, source))? {
            return Ok(code(status));
        }
        pass_on(&origin, &child);
    }
    // `forever` ends only when its handle is closed, which never happens.
    child.wait().map(code).map_err(|source| failed(&command, source))
}

/// Signals from the terminal, such as Ctrl-C, reach the command anyway; all others are forwarded. A child that has not been
/// reaped keeps its process ID, so no other process can be hit.
fn pass_on(origin: &Origin, child: &Child) {
    if origin.signal == SIGCHLD || matches!(origin.cause, Cause::Kernel) {
        return;
    }
    let signal = match origin.signal {
        SIGHUP => Signal::HUP,
        SIGINT => Signal::INT,
        SIGQUIT => Signal::QUIT,
        SIGUSR1 => Signal::USR1,
        SIGUSR2 => Signal::USR2,
        _ => Signal::TERM,
    };
    // It may have just ended; the next SIGCHLD will say so.
    let _ = kill_process(Pid::from_child(child), signal);
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(u8::MAX)
}
