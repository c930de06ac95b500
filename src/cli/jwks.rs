//! `kmsctl jwks`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::values;
use crate::algorithm::SignatureAlgorithm;
use crate::model::{KeyIdPrefix, Label, Uri};

/// What a key of a set is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum KidForm {
    /// RFC 7638, with SHA-256
    #[default]
    Thumbprint,
    /// The CKA_ID in hexadecimal
    Ckaid,
}

/// Print public keys as a JWK Set, for those who verify
///
/// All enabled versions of the named keys, or of every key that signs, each key's newest version first. The bytes are the
/// same for the same keys, so the set can be published and compared. Publish it before a rotation takes effect and keep
/// older versions in it until the last token that they signed has expired. The alg of an RSA key is the one that
/// `key create` or `key update --signature-algorithm` chose.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "All keys that sign" => "kmsctl jwks --out jwks.json",
    "Two keys, also their disabled versions" => "kmsctl jwks --label web --label mobile --include-disabled",
])]
pub struct Jwks {
    /// Key by its label; may be repeated
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<Label>,

    /// Key by its CKA_ID in hexadecimal, or by at least the first six digits of it; may be repeated
    #[arg(long, value_name = "HEX")]
    pub id: Vec<KeyIdPrefix>,

    /// Key by a PKCS#11 URI; may be repeated
    #[arg(long, value_name = "URI")]
    pub uri: Vec<Uri>,

    /// Also versions and keys that are disabled or wait for their deletion
    #[arg(long)]
    pub include_disabled: bool,

    /// The alg of the keys that it fits, in place of their own: for signatures by `sign --format jws`
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub algorithm: Option<SignatureAlgorithm>,

    /// The kid of each key
    #[arg(long, value_name = "FORM", default_value = "thumbprint")]
    pub kid: KidForm,

    /// File for the set; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}
