//! `kmsctl config`.

use clap::{Args, Subcommand};

/// Look at the configuration
#[derive(Debug, Subcommand)]
pub enum Command {
    Show(Show),
    Path(Path),
}

/// Print each setting and where it came from; never a PIN
#[derive(Debug, Args)]
#[command(after_help = examples![
    "What a profile changes" => "kmsctl config show --profile prod",
])]
pub struct Show {}

/// Print the name of the configuration file
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Where to write it" => "kmsctl config path",
])]
pub struct Path {}
