//! Commands in hints. When pasted, they must use the same token as this run, so they repeat the options that select it.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    sync::OnceLock,
};

use super::{shell_options, shell_word};

/// The options that every printed command repeats, each with a space before it.
#[derive(Debug, Default)]
struct Carried {
    all: String,
    without_pin: String,
}

static CARRIED: OnceLock<Carried> = OnceLock::new();
static ARGUMENTS: OnceLock<Vec<OsString>> = OnceLock::new();

/// Sets the arguments of this run, without the name of the program. Only the first call has an effect.
pub fn keep_arguments(arguments: impl IntoIterator<Item = OsString>) {
    let _ = ARGUMENTS.set(arguments.into_iter().collect());
}

/// The command of this run with more options, to paste.
pub fn this_run_with<V: AsRef<OsStr>>(options: impl IntoIterator<Item = (&'static str, V)>) -> String {
    let arguments = ARGUMENTS.get().map_or(&[][..], Vec::as_slice);
    let words: Vec<_> =
        std::iter::once("kmsctl".to_owned()).chain(arguments.iter().map(shell_word)).collect();
    words.join(" ") + &shell_options(options)
}

/// Sets the options that every printed command repeats. Only the first call has an effect.
pub fn carry(options: &[(&'static str, OsString)]) {
    let join = |wanted: &dyn Fn(&str) -> bool| {
        let options = options.iter().filter(|(name, _)| wanted(name));
        shell_options(options.map(|(name, value)| (*name, value)))
    };
    let carried = Carried { all: join(&|_| true), without_pin: join(&|name| name != "--pin-file") };
    let _ = CARRIED.set(carried);
}

/// A command to paste: `kmsctl key list --store /x`. The words of `command` must already be quoted.
pub fn kmsctl(command: impl fmt::Display) -> String {
    format!("kmsctl {command}{}", CARRIED.get().map_or("", |carried| &carried.all))
}

/// Like [`kmsctl`] without `--pin-file`, for commands that need no user PIN, and for hints after a PIN was refused.
pub fn kmsctl_without_pin(command: impl fmt::Display) -> String {
    format!("kmsctl {command}{}", CARRIED.get().map_or("", |carried| &carried.without_pin))
}

/// Whether a later command can read the PIN file of this name too: it cannot if it is a shell's `<(…)`.
pub fn is_reusable(path: &OsStr) -> bool {
    let text = path.to_string_lossy();
    text != "-" && !["/dev/fd/", "/dev/stdin", "/proc/"].iter().any(|start| text.starts_with(start))
}
