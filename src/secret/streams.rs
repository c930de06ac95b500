//! The run's own standard output and error, kept apart from what modules print.
//!
//! Some PKCS#11 modules write to the standard streams (tpm2-pkcs11 does at every failure). Data on stdout and the one JSON
//! object on stderr must stay whole, so file descriptors 1 and 2 lead nowhere while a module is loaded.

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal},
    os::fd::AsFd,
    sync::OnceLock,
};

struct Own {
    stdout: File,
    stderr: File,
}

static OWN: OnceLock<Own> = OnceLock::new();

/// From now on, only what is written through [`stdout`] and [`stderr`] reaches the caller.
pub fn divert() -> io::Result<()> {
    let own = Own { stdout: stdout()?, stderr: stderr()? };
    if OWN.set(own).is_ok() {
        let nowhere = OpenOptions::new().write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdout(&nowhere)?;
        rustix::stdio::dup2_stderr(&nowhere)?;
    }
    Ok(())
}

/// Whether [`divert`] was called, so that children must be given the streams.
pub(super) fn are_diverted() -> bool {
    OWN.get().is_some()
}

pub fn stdout() -> io::Result<File> {
    match OWN.get() {
        Some(own) => own.stdout.try_clone(),
        None => Ok(io::stdout().as_fd().try_clone_to_owned()?.into()),
    }
}

pub fn stderr() -> io::Result<File> {
    match OWN.get() {
        Some(own) => own.stderr.try_clone(),
        None => Ok(io::stderr().as_fd().try_clone_to_owned()?.into()),
    }
}

pub fn stdout_is_terminal() -> bool {
    stdout().is_ok_and(|stdout| stdout.is_terminal())
}
