//! `kmsctl key import`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::NewKey;
use crate::{
    algorithm::Algorithm,
    cli::{PassphraseOptions, values},
    model::Label,
};

/// Bring a private key or an AES key into the token
///
/// Takes an RSA-2048, RSA-4096 or P-256 key, encrypted or not, in PEM or DER (PKCS#8, PKCS#1, SEC1), PKCS#12, OpenSSH's
/// format, a private JWK, or the JSON key file of a cloud service account; an AES-256 key as 32 bytes, hexadecimal,
/// base64 or a JWK. The file must hold exactly one private key. Certificates and text beside it are skipped and named. What
/// a JWK says about its use narrows what the key may do.
///
/// Both halves of a pair are stored, and used once before the command succeeds. A key whose numbers contradict each other,
/// or whose primes are not prime, is refused. --component joins the components of a key instead, from `kmsctl component
/// split` or an AES key's in hexadecimal.
///
/// The key in the token is sensitive and cannot be extracted; the file stays as it is and should be destroyed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "A key that OpenSSL made" => "kmsctl key import --label web --in web.key",
    "An encrypted key" => "kmsctl key import --label web --in web.key --passphrase-file web.pass",
    "A PKCS#12 file" => "kmsctl key import --label web --in web.p12 --passphrase-file web.pass",
    "What a file holds, without a token" => "kmsctl key import --check --in web.key",
    "The components of three custodians" =>
        "kmsctl key import --label web --component one.pem --component two.pem --component three.pem",
    "Hexadecimal components of an AES key, and the check value of the joined key" =>
        "kmsctl key import --label data --component one.txt --component two.txt --kcv 91c087",
    "An AES key from another program" =>
        "other-program | kmsctl key import --label data --algorithm aes-256",
])]
pub struct Import {
    /// Label of the new key, up to 255 bytes
    #[arg(long, value_name = "LABEL", required_unless_present = "check")]
    pub label: Option<Label>,

    /// Only say what the file holds, and whether it can be imported; needs neither token nor PIN
    #[arg(long)]
    pub check: bool,

    /// What the key is; must be given for an AES key
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm())]
    pub algorithm: Option<Algorithm>,

    /// Key file; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,

    /// File of a key component; given once for each, in place of a key file
    #[arg(long = "component", value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["input", "passphrase_file", "passphrase_fd"])]
    pub components: Vec<PathBuf>,

    /// Check value of the AES key, six hexadecimal digits; or of each component in order, then of the key
    #[arg(long = "kcv", value_name = "HEX", value_parser = values::check_value)]
    pub check_values: Vec<String>,

    #[command(flatten)]
    pub passphrase: PassphraseOptions,

    #[command(flatten)]
    pub settings: NewKey,
}
