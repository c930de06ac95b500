//! `kmsctl sign` and `kmsctl verify`.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use super::{
    Assignment, EcdsaForm, Encoding,
    select::{self, VersionSelection},
    values,
};
use crate::algorithm::SignatureAlgorithm;

/// What a signature is handed out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SignFormat {
    /// The signature itself
    #[default]
    Raw,
    /// A JSON Web Signature in compact form, with header and data (RFC 7515)
    Jws,
}

/// What is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum VerifyFormat {
    /// A JWS where it has the form of one, else a signature
    #[default]
    Auto,
    /// The signature itself
    Raw,
    /// A JSON Web Signature in compact form (RFC 7515)
    Jws,
}

/// Sign data with a key of the token
///
/// The data is hashed here and signed in the token. Every signature is verified with the public key before it is
/// printed. Several files are signed with one login: a line with the file's name for each, or with --out DIR a file
/// NAME.sig for each.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "A file, for OpenSSL" => "kmsctl sign --label web --in release.tar --encoding binary --out release.sig",
    "A pipe" => "tar c src | kmsctl sign --label web",
    "A digest that another program made" =>
        "kmsctl sign --label web --algorithm PS256 --digest --in release.sha256",
    "Several files at once" => "kmsctl sign --label web --in a.tar --in b.tar --out signatures",
    "A JSON Web Signature beside its data" =>
        "kmsctl sign --label web --format jws --detached --in release.tar --out release.jws",
])]
pub struct Sign {
    #[command(flatten)]
    pub key: VersionSelection,

    /// Signature algorithm; the key's own if not given: RS256 for RSA unless another was chosen
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub algorithm: Option<SignatureAlgorithm>,

    /// The input is a digest: 32 raw bytes for SHA-256, or its hex or base64
    #[arg(long)]
    pub digest: bool,

    /// File to sign, may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Vec<PathBuf>,

    /// File for the signature, a directory for those of several files; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// What to write: the signature, or a JWS
    #[arg(long, value_name = "FORMAT", default_value = "raw")]
    pub format: SignFormat,

    /// Leave the data out of the JWS and sign it as it is (RFC 7797)
    #[arg(long)]
    pub detached: bool,

    /// The kid of the JWS: thumbprint (RFC 7638, as in jwks), ckaid, or a text of your own
    #[arg(long, value_name = "thumbprint|ckaid|TEXT", default_value = "thumbprint")]
    pub kid: String,

    /// A member of the JWS's header: JSON where the value is JSON, else text
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub header: Vec<Assignment>,

    /// Sign that many files at a time; the number of processors if not given
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub jobs: Option<usize>,

    /// How the signature is written
    #[arg(long, value_name = "ENCODING", default_value = "base64")]
    pub encoding: Encoding,

    /// Form of an ECDSA signature
    #[arg(long, value_name = "FORM", default_value = "der")]
    pub ecdsa: EcdsaForm,
}

/// Check a signature: exit 0 if it is valid, 3 if not
///
/// The answer names the algorithm, the key and its fingerprint, and the SHA-256 of the data. With --public-key no token is
/// needed; with a key of the token no PIN, if the token shows public keys to everyone.
///
/// A JWS that holds its payload must hold the very data of --in or of standard input. Without --in, a terminal and an empty
/// standard input count as no data: the answer is then about the payload.
#[derive(Debug, Args)]
#[command(group = select::required_or("public_key"))]
#[command(after_help = examples![
    "With a key of the token" => "kmsctl verify --label web --signature release.sig --in release.tar",
    "With a public key alone" => "kmsctl verify --public-key web.pem --signature release.sig --in release.tar",
    "A JWS, whose payload must be the file" =>
        "kmsctl verify --label web --signature order.jws --in release.tar",
])]
pub struct Verify {
    #[command(flatten)]
    pub key: VersionSelection,

    /// File with the public key: PEM, DER, a certificate, a JWK or an OpenSSH line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["label", "id", "uri", "key_version"])]
    pub public_key: Option<PathBuf>,

    /// The signature or a file with it, in base64, base64url, hex or binary; or a JWS
    #[arg(long, value_name = "FILE|TEXT", value_hint = ValueHint::FilePath, allow_hyphen_values = true)]
    pub signature: OsString,

    /// Signature algorithm; the key's own if not given: RS256 for RSA unless another was chosen
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub algorithm: Option<SignatureAlgorithm>,

    /// The input is a digest: 32 raw bytes for SHA-256, or its hex or base64
    #[arg(long)]
    pub digest: bool,

    /// What the signature is
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub format: VerifyFormat,

    /// File that was signed; standard input if not given and not in the JWS
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,
}
