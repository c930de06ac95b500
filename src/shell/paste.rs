//! Commands that people are told to run. Pasted, they must end on the token of this run, so they carry the options that
//! named it.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    sync::OnceLock,
};

use super::shell_option;

/// What every command that is printed carries, each part with a blank before it.
#[derive(Debug, Default)]
struct Carried {
    all: String,
    without_pin: String,
}

static CARRIED: OnceLock<Carried> = OnceLock::new();

/// Options of this run's command line, to be repeated in each command that it prints. The first call counts.
pub fn carry(options: &[(&'static str, OsString)]) {
    let join = |wanted: &dyn Fn(&str) -> bool| {
        let options = options.iter().filter(|(name, _)| wanted(name));
        options.flat_map(|(name, value)| [" ".to_owned(), shell_option(name, value)]).collect()
    };
    let carried = Carried { all: join(&|_| true), without_pin: join(&|name| name != "--pin-file") };
    let _ = CARRIED.set(carried);
}

/// A command to be pasted: `kmsctl key list --store /x`. `command` is what a shell reads, its own words quoted already.
pub fn kmsctl(command: impl fmt::Display) -> String {
    format!("kmsctl {command}{}", CARRIED.get().map_or("", |carried| &carried.all))
}

/// The same for commands that no user logs in for: a PIN that was refused is not named again.
pub fn kmsctl_without_pin(command: impl fmt::Display) -> String {
    format!("kmsctl {command}{}", CARRIED.get().map_or("", |carried| &carried.without_pin))
}

/// Whether a PIN file of this name is there for a later command, too: a shell's `<(…)` is not.
pub fn is_lasting(path: &OsStr) -> bool {
    let text = path.to_string_lossy();
    text != "-" && !["/dev/fd/", "/dev/stdin", "/proc/"].iter().any(|start| text.starts_with(start))
}
