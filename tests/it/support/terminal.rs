//! Runs the program on a pseudo-terminal, where the test reads the screen and types.

use std::process::Command;

use rexpect::{process::WaitStatus, session::PtySession};

/// How long a test waits for text on the screen, in milliseconds.
const SCREEN_TIMEOUT: u64 = 60_000;

pub(crate) struct Terminal(PtySession);

impl Terminal {
    /// Starts the command with the pseudo-terminal as its controlling terminal and all three standard streams.
    pub(crate) fn start(command: Command) -> Self {
        Self(rexpect::session::spawn_command(command, Some(SCREEN_TIMEOUT)).expect("a pseudo-terminal"))
    }

    /// Waits for the text on the screen and returns the output before it.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> String {
        self.0.exp_string(text).unwrap_or_else(|error| panic!("waiting for {text:?}: {error}"))
    }

    /// Types a line and the Enter key.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) {
        self.0.send_line(line).expect("typing");
    }

    /// Presses keys, without Enter.
    #[track_caller]
    pub(crate) fn presses(&mut self, keys: &str) {
        self.0.send(keys).expect("typing");
        self.0.flush().expect("typing");
    }

    /// Presses a key with Ctrl.
    #[track_caller]
    pub(crate) fn presses_ctrl(&mut self, key: char) {
        self.0.send_control(key).expect("typing");
    }

    /// Reads to the end; returns the remaining output and the exit code (128 plus the number for a signal, as in a shell).
    #[track_caller]
    pub(crate) fn ends(mut self) -> (String, i32) {
        let rest = self.0.exp_eof().unwrap_or_else(|error| panic!("waiting for the end: {error}"));
        match self.0.process().wait().expect("exit status") {
            WaitStatus::Exited(_, code) => (rest, code),
            WaitStatus::Signaled(_, signal, _) => (rest, 128 + signal as i32),
            other => panic!("not an exit: {other:?}\n{rest}"),
        }
    }
}
