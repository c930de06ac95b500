//! `kmsctl key create`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::NewKey;
use crate::{algorithm::Algorithm, cli::values, model::Label};

/// Create a key inside the token
///
/// The key is made by the token, sensitive and never extractable. It has all the usages that its algorithm is made
/// for (RSA: sign, verify, encrypt, decrypt; P-256: sign, verify; AES: encrypt, decrypt) unless --usage narrows them.
#[derive(Debug, Args)]
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

    #[command(flatten)]
    pub settings: NewKey,

    /// Body of a cloud KMS's Create Key request, in place of all other options
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = [
        "label", "algorithm", "id", "usage", "signature_algorithm", "memo", "convergent", "auto_rotate", "rotation_period",
        "allow_duplicate_label", "if_not_exists", "exportable",
    ])]
    pub request: Option<PathBuf>,
}
