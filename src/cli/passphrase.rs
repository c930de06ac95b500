//! Sources of the passphrase of an encrypted private key.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Without either, kmsctl asks on the terminal, but only if the key is encrypted.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct PassphraseOptions {
    /// Passphrase of an encrypted key, from a file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,

    /// Passphrase of an encrypted key, from an open file descriptor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub passphrase_fd: Option<i32>,
}
