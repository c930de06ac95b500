//! `kmsctl ephemeral`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::values;

/// Run a command with a fresh embedded token, then destroy the token
///
/// For tests and CI: the command finds the token and its random PIN through KMSCTL_STORE, KMSCTL_PIN_FILE and
/// KMSCTL_SO_PIN_FILE in its environment; variables that would select another token are taken out of it. Signals are
/// passed on to the command, and its exit code is the result (128 + N for a command that signal N ended). Token and PIN
/// are destroyed when it ends, also when kmsctl itself is killed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Tests that need keys" => "kmsctl ephemeral -- ./integration-tests.sh",
    "A signature with a key that never existed before or after" =>
        "kmsctl ephemeral -- sh -c 'kmsctl key create --label ci --algorithm ec-p256 -q >&2; kmsctl sign --label ci' < README.md",
])]
pub struct Ephemeral {
    /// Label of the token
    #[arg(long, value_name = "NAME", value_parser = values::token_label, default_value = "ephemeral")]
    pub label: String,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}
