//! `kmsctl component`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{PassphraseOptions, values};
use crate::algorithm::Algorithm;

/// Split a key among custodians
#[derive(Debug, Subcommand)]
pub enum Command {
    Split(Split),
    Show(Show),
}

/// Split a key file into components, one for each custodian
///
/// Without --threshold all components are needed to join the key, and fewer say nothing of it (exclusive or). With it, any
/// that many are enough (Shamir's scheme). `kmsctl key import --component` joins them inside the token's process; the
/// joined key never touches a disk. Destroy the key file afterwards.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Three custodians, all of them needed" => "kmsctl component split --in web.key --shares 3 --out-dir ceremony",
    "Five custodians, any three of them" =>
        "kmsctl component split --in web.key --shares 5 --threshold 3 --out-dir ceremony",
])]
pub struct Split {
    /// Key file; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,

    /// What the key is; must be given for an AES key
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm())]
    pub algorithm: Option<Algorithm>,

    /// Components in all, 2 to 255
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..))]
    pub shares: u8,

    /// Components that are needed to join the key, at least 2; all if not given
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(2..))]
    pub threshold: Option<u8>,

    /// Directory for the component files; made if it is not there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out_dir: PathBuf,

    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Show what a component belongs to and its check value, never its secret
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Before a ceremony" => "kmsctl component show component-1-of-3.pem",
])]
pub struct Show {
    /// Component file; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}
