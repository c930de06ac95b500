//! `kmsctl key show`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::cli::select::{self, VersionSelection};

/// A program that a public key is used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Recipe {
    Openssl,
    Ssh,
}

/// Show a key's details or its public key
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(group = select::required())]
#[command(group = clap::ArgGroup::new("form").args(["pem", "der", "jwk", "ssh", "recipe", "kcv"]))]
#[command(after_help = examples![
    "The details" => "kmsctl key show --label web",
    "The public key for OpenSSL" => "kmsctl key show --label web --pem | openssl pkey -pubin -text -noout",
    "What two custodians of an AES key compare" => "kmsctl key show --label data --kcv",
    "The public key of an older version, to a file" =>
        "kmsctl key show --label web --key-version 1 --der --out web.der",
    "The public key to the clipboard, also over SSH" => "kmsctl key show --label web --pem --copy",
    "Sign with OpenSSL and the same key of a module" =>
        "kmsctl key show --label web --module /usr/lib/softhsm/libsofthsm2.so --for openssl",
])]
pub struct Show {
    #[command(flatten)]
    pub key: VersionSelection,

    /// Public key as PEM (SubjectPublicKeyInfo)
    #[arg(long)]
    pub pem: bool,

    /// Public key as DER (SubjectPublicKeyInfo)
    #[arg(long)]
    pub der: bool,

    /// Public key as JSON Web Key
    #[arg(long)]
    pub jwk: bool,

    /// Public key as a line for authorized_keys
    #[arg(long)]
    pub ssh: bool,

    /// Key check value of an AES key: three bytes, for comparing by voice
    #[arg(long)]
    pub kcv: bool,

    /// Commands that use the key with another program
    #[arg(long = "for", value_name = "PROGRAM")]
    pub recipe: Option<Recipe>,

    /// Also copy the public key, or the commands, to the clipboard
    #[arg(long, conflicts_with = "der")]
    pub copy: bool,

    /// File to write to
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}
