//! The terminal with echo off; it is restored on every way out, Ctrl-C included.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use rpassword::{ConfigBuilder, read_password_with_config};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Secret;

const INTERRUPT: u8 = 0x03;

/// The controlling terminal, opened apart from standard input and output.
#[derive(Debug)]
pub(super) struct Terminal(File);

impl Terminal {
    pub(super) fn open() -> io::Result<Self> {
        Self::at(Path::new("/dev/tty"))
    }

    pub(super) fn at(path: &Path) -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open(path).map(Self)
    }

    /// One line without echo. Ctrl-C is an error of kind `Interrupted`, Ctrl-D on an empty line `UnexpectedEof`.
    pub(super) fn read_hidden(&self, prompt: &str) -> io::Result<Secret> {
        let hidden = Hidden::start(&self.0)?;
        (&self.0).write_all(prompt.as_bytes())?;
        let config = ConfigBuilder::new().input_reader(Keys(self.0.try_clone()?)).output_discard().build();
        let typed = read_password_with_config(config);
        drop(hidden);
        (&self.0).write_all(b"\n")?;
        typed.map(|text| Secret::new(text.into_bytes()))
    }
}

/// Echo, line editing and signals off while it lives. The signals too, because one that ends the process would
/// leave the terminal silent.
struct Hidden<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn start(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        // Flush: keys typed before the prompt are not an answer to it.
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // Best effort: the terminal may be gone.
        let _ = tcsetattr(self.terminal, OptionalActions::Drain, &self.before);
    }
}

/// Ctrl-C must come back as an error before rpassword sees it: it would raise SIGINT with the echo still off.
struct Keys(File);

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        if buffer[..count].contains(&INTERRUPT) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok(count)
    }
}

/// A pseudoterminal for tests: this side types and looks.
#[cfg(test)]
pub(super) mod pseudo {
    use std::{
        ffi::OsString,
        fs::File,
        io::{Read, Write},
        os::unix::ffi::OsStringExt,
        path::{Path, PathBuf},
        time::{Duration, Instant},
    };

    use rustix::{
        fs::{OFlags, fcntl_getfl, fcntl_setfl},
        pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
        termios::{LocalModes, tcgetattr},
    };

    pub(in crate::secret) struct Pty {
        master: File,
        /// Kept open: a pseudoterminal forgets its modes when its other side is closed.
        slave: File,
        path: PathBuf,
        shown: String,
    }

    impl Pty {
        pub(in crate::secret) fn open() -> Self {
            let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudoterminal");
            grantpt(&master).expect("granted");
            unlockpt(&master).expect("unlocked");
            let name = ptsname(&master, Vec::new()).expect("a name").into_bytes();
            let path = PathBuf::from(OsString::from_vec(name));
            let slave = File::open(&path).expect("the other side");
            let flags = fcntl_getfl(&master).expect("flags");
            fcntl_setfl(&master, flags | OFlags::NONBLOCK).expect("set");
            Self { master: File::from(master), slave, path, shown: String::new() }
        }

        pub(in crate::secret) fn path(&self) -> &Path {
            &self.path
        }

        pub(in crate::secret) fn echoes(&self) -> bool {
            tcgetattr(&self.slave).expect("modes").local_modes.contains(LocalModes::ECHO)
        }

        /// Types once the question stands on the screen: what comes before it is flushed.
        pub(in crate::secret) fn answer(&mut self, question: &str, text: &str) {
            let start = Instant::now();
            while !self.shown().contains(question) {
                assert!(start.elapsed() < Duration::from_secs(10), "no question {question:?}");
                std::thread::sleep(Duration::from_millis(1));
            }
            self.master.write_all(text.as_bytes()).expect("typed");
        }

        /// Everything that the terminal has shown so far.
        pub(in crate::secret) fn shown(&mut self) -> &str {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = self.master.read(&mut bytes) {
                self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
            &self.shown
        }
    }
}
