//! `kmsctl key wrap` and `kmsctl key unwrap`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::NewKey;
use crate::{
    cli::select::{self, VersionSelection},
    model::Label,
};

/// Wrap an exportable key for another token
///
/// Writes a file that only the holder of the private half of --wrapping-key can open: an AES key under RSA-OAEP with
/// SHA-256, and the key under that one (RFC 5649). Works for keys that were created or imported with --exportable.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "On the token that has the key" =>
        "kmsctl key wrap --label web --wrapping-key receiver.pem --out web.wrapped",
    "The receiver's public key, on the other token" => "kmsctl key show --label receiver --pem > receiver.pem",
])]
pub struct Wrap {
    #[command(flatten)]
    pub key: VersionSelection,

    /// RSA public key of the receiver, 2048 bits or more: PEM, DER, a certificate, a JWK or an OpenSSH line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub wrapping_key: PathBuf,

    /// File to write to; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// Bring in a key that was wrapped for a key of this token
///
/// The file says for which key it was made; that key's private half opens it. The key keeps its label and usage unless
/// the options say otherwise, and is sensitive and not extractable unless --exportable is given.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "With the label that it had" => "kmsctl key unwrap --in web.wrapped",
    "Under another label" => "kmsctl key unwrap --in web.wrapped --label web-2",
])]
pub struct Unwrap {
    /// File that `key wrap` wrote; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,

    /// Label of the new key; the one that it had if not given
    #[arg(long, value_name = "LABEL")]
    pub label: Option<Label>,

    #[command(flatten)]
    pub settings: NewKey,
}
