//! `kmsctl encrypt` and `kmsctl decrypt`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{
    select::{self, VersionSelection},
    values,
};
use crate::model::{EncryptionContext, Fingerprint};

/// How a ciphertext is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum CipherFormat {
    /// Text while the data is small enough for it, else an age file
    #[default]
    Auto,
    /// One line, kms:v<version>:<key tag>:<base64url>
    Text,
    /// An age file, of any size
    Age,
}

/// Encrypt data with a key of the token
///
/// Small data becomes one line of text: up to 32 KiB with an AES key, in the token; up to 190 bytes with an RSA-2048 key
/// and 446 with an RSA-4096 key, here with the public half, which is proven to be that of the key. Anything larger becomes
/// an age file (https://age-encryption.org/v1) whose file key the token wraps; it is streamed, whatever its size.
/// kmsctl-inspect(1) describes both forms.
///
/// Several files are encrypted with one login. With --out DIR each becomes a file, NAME.kms for a text or NAME.age; without
/// it a line with the file's name for each.
#[derive(Debug, Args)]
#[command(group = select::required_or("public_key"))]
#[command(after_help = examples![
    "A password for a configuration file" => "kmsctl encrypt --label app --context db --in password --out password.kms",
    "A backup of any size" => "tar c /srv | kmsctl encrypt --label app --out srv.tar.age",
    "With a public key alone, on a machine without the token" =>
        "kmsctl encrypt --public-key web.pem --in secret.txt",
    "Several files at once" => "kmsctl encrypt --label app --in db.conf --in mail.conf --out sealed",
])]
pub struct Encrypt {
    #[command(flatten)]
    pub key: VersionSelection,

    /// File with an RSA public key: PEM, DER, a certificate, a JWK or an OpenSSH line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["label", "label_hex", "id", "uri", "key_version"])]
    pub public_key: Option<PathBuf>,

    /// Encrypt only if the public key has this fingerprint, as `kmsctl key show` prints it
    ///
    /// Without a PIN nothing else proves whose public key is on the token, so this option or --public-key is required then.
    #[arg(long, value_name = "HEX")]
    pub fingerprint: Option<Fingerprint>,

    /// File to encrypt, may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Vec<PathBuf>,

    /// File for the ciphertext, a directory for those of several files; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Encrypt that many files at a time; the number of processors if not given
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub jobs: Option<usize>,

    /// Text that must be given again to decrypt: authenticated, not stored
    ///
    /// A convergent key needs one of 1 to 50 bytes. RSA has no text form with a context: it becomes an age file.
    #[arg(long, value_name = "TEXT")]
    pub context: Option<EncryptionContext>,

    /// How the ciphertext is written
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub format: CipherFormat,
}

/// Decrypt what `kmsctl encrypt` made
///
/// The ciphertext says which key and version sealed it; each enabled version decrypts what it encrypted. A key that you
/// name is tried whatever the ciphertext says: all its enabled versions, or the one of --key-version. Nothing is given out
/// before it is authenticated. A file is written only when all of the input was authentic; standard output gets a long
/// envelope piece by piece, so check the exit status: 3 means that the output is not the whole.
///
/// Several files, named NAME.kms or NAME.age, become files NAME in the directory of --out, with one login.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "A file, in place only when all of it is authentic" => "kmsctl decrypt --in srv.tar.age --out srv.tar",
    "By a key that was imported from elsewhere" => "kmsctl decrypt --label app --context db --in password.kms",
    "A password, where it is needed" => "kmsctl decrypt --context db --in password.kms",
    "Several files at once" => "kmsctl decrypt --in sealed/db.conf.kms --in sealed/mail.conf.kms --out /run/app",
])]
pub struct Decrypt {
    #[command(flatten)]
    pub key: VersionSelection,

    /// File to decrypt, may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Vec<PathBuf>,

    /// File for the plaintext, of mode 0600, a directory for those of several files; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Decrypt that many files at a time; the number of processors if not given
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub jobs: Option<usize>,

    /// The context that was given to encrypt
    #[arg(long, value_name = "TEXT")]
    pub context: Option<EncryptionContext>,
}
