//! What keeps secrets inside this process: children without PINs in their environment, no core files.

use std::{
    ffi::OsStr,
    io,
    process::Command,
    sync::{Arc, Once},
};

use rustix::process::{DumpableBehavior, Resource, Rlimit};
use signal_hook::consts::SIGCHLD;

use super::streams;
use crate::setting;

/// The only way in which kmsctl starts another program: without PINs in its environment, and with the run's streams.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    keep_children();
    let mut command = Command::new(program);
    for variable in setting::pin_variables() {
        command.env_remove(variable);
    }
    if streams::are_diverted()
        && let (Ok(stdout), Ok(stderr)) = (streams::stdout(), streams::stderr())
    {
        command.stdout(stdout).stderr(stderr);
    }
    command
}

/// Where the caller ignores SIGCHLD, the system reaps children itself and their exit codes are lost. An empty handler
/// prevents that.
fn keep_children() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Best effort: without it, only the exit code may be lost, which is reported.
        let _ = signal_hook::flag::register(SIGCHLD, Arc::default());
    });
}

/// Switches core files off for this process, and so that a crash handler gets none either (`core_pattern` with a
/// pipe ignores the limit). The hard limit stays: children would inherit it, and they hold no secrets.
pub fn harden() -> io::Result<()> {
    let maximum = rustix::process::getrlimit(Resource::Core).maximum;
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum })?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_get_no_pin_variable() {
        let command = command("true");
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).collect();
        for variable in ["KMSCTL_PIN", "KMSCTL_PIN_FILE", "KMSCTL_SO_PIN", "KMSCTL_SO_PIN_FILE"] {
            assert!(removed.iter().any(|(name, _)| *name == variable), "{variable}");
        }
    }

    #[test]
    fn core_files_are_off() {
        harden().expect("allowed to everyone");
        assert_eq!(rustix::process::getrlimit(Resource::Core).current, Some(0));
        assert_eq!(rustix::process::dumpable_behavior().expect("readable"), DumpableBehavior::NotDumpable);
    }
}
