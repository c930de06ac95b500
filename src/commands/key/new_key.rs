//! What can be said of a new key, created or imported.

use clap::Args;

use crate::{
    algorithm::SignatureAlgorithm,
    cli::values,
    model::{KeyId, Usage},
};

#[derive(Debug, Clone, Args)]
#[group(skip)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct NewKey {
    /// CKA_ID of the new key, in hexadecimal; made up if not given
    #[arg(long, value_name = "HEX", value_parser = values::new_key_id)]
    pub(super) id: Option<KeyId>,

    /// What the key may do: a list of sign, verify, encrypt, decrypt
    #[arg(long, value_name = "LIST")]
    pub(super) usage: Option<Usage>,

    /// What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub(super) signature_algorithm: Option<SignatureAlgorithm>,

    /// Note, up to 100 characters
    #[arg(long, value_name = "TEXT", value_parser = values::memo)]
    pub(super) memo: Option<String>,

    /// Same context and plaintext give the same ciphertext (AES only)
    #[arg(long)]
    pub(super) convergent: bool,

    /// Make a new version on a schedule
    #[arg(long)]
    pub(super) auto_rotate: bool,

    /// Days between scheduled versions, 1 to 730 (default 90)
    #[arg(long, value_name = "DAYS", requires = "auto_rotate", value_parser = clap::value_parser!(u32).range(1..=730))]
    pub(super) rotation_period: Option<u32>,

    /// Create the key even if another has this label; --id then tells them apart
    #[arg(long)]
    pub(super) allow_duplicate_label: bool,

    /// Succeed without a change if there is a key of this label and algorithm
    #[arg(long, conflicts_with = "allow_duplicate_label")]
    pub(super) if_not_exists: bool,

    /// Let the key leave the token, wrapped under a public key (`key wrap`)
    #[arg(long)]
    pub(super) exportable: bool,
}
