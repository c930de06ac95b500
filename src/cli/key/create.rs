//! `kmsctl key create`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::{
    cli::values,
    model::{Algorithm, KeyId, Label, Usage},
};

/// Create a key inside the token
///
/// The key is made by the token, sensitive and never extractable. It has all the usages that its algorithm is made
/// for (RSA: sign, verify, encrypt, decrypt; P-256: sign, verify; AES: encrypt, decrypt) unless --usage narrows them.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = examples![
    "A key for signatures only" => "kmsctl key create --label web --algorithm rsa-4096 --usage sign,verify",
    "A key that gets a new version every 30 days" =>
        "kmsctl key create --label data --algorithm aes-256 --auto-rotate --rotation-period 30",
    "In a script that may run twice" => "kmsctl key create --label web --algorithm ec-p256 --if-not-exists",
    "The request body of a cloud KMS" => "kmsctl key create --request create-key.json",
])]
pub struct Create {
    /// Label of the new key, up to 255 bytes
    #[arg(long, value_name = "LABEL", required_unless_present = "request")]
    pub label: Option<Label>,

    /// What the key is
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm(), required_unless_present = "request")]
    pub algorithm: Option<Algorithm>,

    /// CKA_ID of the new key, in hexadecimal; made up if not given
    #[arg(long, value_name = "HEX")]
    pub id: Option<KeyId>,

    /// What the key may do: a list of sign, verify, encrypt, decrypt
    #[arg(long, value_name = "LIST")]
    pub usage: Option<Usage>,

    /// Note, up to 100 characters
    #[arg(long, value_name = "TEXT", value_parser = values::memo)]
    pub memo: Option<String>,

    /// Same context and plaintext give the same ciphertext (AES only)
    #[arg(long)]
    pub convergent: bool,

    /// Make a new version on a schedule
    #[arg(long)]
    pub auto_rotate: bool,

    /// Days between scheduled versions, 1 to 730 (default 90)
    #[arg(long, value_name = "DAYS", requires = "auto_rotate", value_parser = clap::value_parser!(u32).range(1..=730))]
    pub rotation_period: Option<u32>,

    /// Create the key even if another has this label; --id then tells them apart
    #[arg(long)]
    pub allow_duplicate_label: bool,

    /// Succeed without a change if there is a key of this label and algorithm
    #[arg(long, conflicts_with = "allow_duplicate_label")]
    pub if_not_exists: bool,

    /// Body of a cloud KMS's Create Key request, in place of all other options
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = [
        "label", "algorithm", "id", "usage", "memo", "convergent", "auto_rotate", "rotation_period",
        "allow_duplicate_label", "if_not_exists",
    ])]
    pub request: Option<PathBuf>,
}
