//! `kmsctl completions` and `kmsctl man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::Shell;

/// Print a completion script for a shell
///
/// The script asks kmsctl at each Tab. Commands, options and values need no token. Labels, CKA_IDs, versions and tokens
/// come from the token's public objects, without a login or a PIN; profiles come from the configuration.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For every bash session" => "kmsctl completions bash >> ~/.bashrc",
    "For every zsh session, if ~/.zfunc is in $fpath" =>
        "kmsctl completions zsh > ~/.zfunc/_kmsctl",
    "For every fish session" =>
        "kmsctl completions fish > ~/.config/fish/completions/kmsctl.fish",
])]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,

    /// Accepted for older scripts: completion always asks kmsctl
    #[arg(long, hide = true)]
    pub live: bool,
}

/// Write the man pages into a directory, or print the main one
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For every user; `man kmsctl` then finds them" => "kmsctl man /usr/local/share/man",
    "Read the main page at once" => "kmsctl man | man -l -",
])]
pub struct Man {
    /// Directory for the pages; they go below it by their section (man1, man5, man7), as `man -M` wants them
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}
