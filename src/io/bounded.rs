//! A child process that may crash or hang: its output is collected within limits of time and size.

use std::{
    io::{self, Read},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::retry::{Policy, Retry};

/// Bytes kept of each stream. No list of tokens is that long.
const MAX_OUTPUT: u64 = 1 << 20;

/// How the child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Exited {
        stdout: Vec<u8>,
        stderr: Vec<u8>,
    },
    /// By a signal, such as 11 for a segmentation fault.
    Crashed {
        signal: i32,
    },
    /// It and its children were killed at the time limit.
    TimedOut,
}

/// Runs the command in its own process group, with an empty standard input, for at most `timeout`.
pub fn run_bounded(mut command: Command, timeout: Duration) -> io::Result<Ended> {
    let mut retry = Retry::new(Policy::POLL);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    loop {
        if let Some(status) = child.try_wait()? {
            if let Some(signal) = status.signal() {
                return Ok(Ended::Crashed { signal });
            }
            // A process that the child left behind may hold the pipes open.
            let take = |pipe: &Receiver<Vec<u8>>| pipe.recv_timeout(timeout.saturating_sub(retry.elapsed()));
            return match (take(&stdout), take(&stderr)) {
                (Ok(stdout), Ok(stderr)) => Ok(Ended::Exited { stdout, stderr }),
                _ => Ok(Ended::TimedOut),
            };
        }
        if !retry.again_within(timeout) {
            kill(&mut child)?;
            return Ok(Ended::TimedOut);
        }
    }
}

fn kill(child: &mut Child) -> io::Result<()> {
    // The child may have just ended; it has not been reaped, so its process ID cannot have been reused.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    child.wait().map(drop)
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // Keep what was read before the error.
            let _ = pipe.take(MAX_OUTPUT).read_to_end(&mut bytes);
        }
        sender.send(bytes)
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str, timeout: Duration) -> Ended {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run_bounded(command, timeout).expect("sh is there")
    }

    #[test]
    fn whatever_a_child_does_it_ends() {
        let patient = Duration::from_secs(30);
        let said = Ended::Exited { stdout: b"out\n".to_vec(), stderr: b"err\n".to_vec() };
        assert_eq!(shell("echo out; echo err >&2; exit 3", patient), said);
        assert_eq!(shell("kill -SEGV $$", patient), Ended::Crashed { signal: 11 });
        let start = Instant::now();
        assert_eq!(shell("sleep 60", Duration::from_millis(100)), Ended::TimedOut);
        assert_eq!(shell("sleep 60 & exit 0", Duration::from_millis(100)), Ended::TimedOut);
        assert!(start.elapsed() < patient);
    }
}
