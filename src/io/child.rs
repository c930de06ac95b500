//! A child process that gets our signals and gives us its exit code.

use std::{
    fmt, fs, io,
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

pub type Signals = SignalsInfo<WithOrigin>;

/// The command could not be started; exit 127, as with a shell.
#[derive(Debug)]
pub struct NotStarted {
    program: PathBuf,
    source: io::Error,
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start {}", self.program.display())
    }
}

impl std::error::Error for NotStarted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// From now on these signals end nothing by themselves; those that come before [`run_child`] wait for it. What the caller
/// has made this process ignore, as `nohup` does with SIGHUP, stays ignored, here and in the child.
pub fn catch_signals() -> io::Result<Signals> {
    let ignored = ignored_signals();
    // A child's end is always heard of: where a caller ignores SIGCHLD, the system would take the child away unseen.
    let is_heard = |signal: &i32| *signal == SIGCHLD || ignored & (1 << (signal - 1)) == 0;
    Signals::new(
        [SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]
            .iter()
            .filter(|signal| is_heard(signal)),
    )
}

/// A bit for each signal, the lowest for signal 1. Where the system does not tell, none is taken for ignored.
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
    // `forever` ends only when its handle is closed, which nobody does.
    child.wait().map(code).map_err(|source| failed(&command, source))
}

/// What the terminal sends, such as Ctrl-C, it sends to the command too; everything else is passed on. A child that has
/// not been waited for keeps its number, so no stranger is hit.
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
    // It may have ended this moment; the next SIGCHLD tells.
    let _ = kill_process(Pid::from_child(child), signal);
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(u8::MAX)
}
