//! `kmsctl completions`.

use anyhow::{Context as _, Result};
use clap::Args;
use clap_complete::Shell;

use super::command::{Grammar, RunBare, bare};
use crate::{
    cli::{Global, complete, examples},
    io::Output,
};

/// Print a completion script for a shell
///
/// The script asks kmsctl at each Tab. Commands, options and values need no token. Labels, CKA_IDs, versions and tokens
/// come from the token's public objects, without a login or a PIN; profiles come from the configuration. AES and HMAC keys have
/// no public object: their names are typed.
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
    shell: Shell,

    /// Accepted for older scripts: completion always asks kmsctl
    #[arg(long, hide = true)]
    live: bool,
}

impl RunBare for Completions {
    fn run(&self, _: &Global, _: Grammar) -> Result<u8> {
        let script = complete::registration(self.shell).context("cannot make the script")?;
        Output::to(None).write(&script)?;
        Ok(0)
    }
}

bare!(Completions);
