//! `kmsctl completions` and `kmsctl man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::Shell;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For this bash session" => "kmsctl completions bash > /tmp/kmsctl.bash && . /tmp/kmsctl.bash",
    "With the labels of the token, for every bash session" =>
        "kmsctl completions --live bash >> ~/.bashrc",
    "For every zsh session" => "kmsctl completions zsh > ~/.zfunc/_kmsctl",
])]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,

    /// A script that asks kmsctl at each Tab, and so knows the token's labels, CKA_IDs, versions, and the profiles
    #[arg(long)]
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
