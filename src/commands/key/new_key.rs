//! Options of a new key, created or imported.

use clap::Args;

use crate::{
    algorithm::SignatureAlgorithm,
    cli::{UsageError, values},
    keystore::Record,
    model::{KeyId, Usage},
};

#[derive(Debug, Clone, Args)]
#[group(skip)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate flag")]
pub(super) struct NewKey {
    /// CKA_ID of the new key, in hexadecimal; chosen by kmsctl if not given
    #[arg(long, value_name = "HEX", value_parser = values::new_key_id)]
    pub(super) id: Option<KeyId>,

    /// What the key may do: sign, verify, encrypt, decrypt, separated by commas
    #[arg(long, value_name = "LIST")]
    pub(super) usage: Option<Usage>,

    /// Algorithm that an RSA key signs JWTs with, and the default of `sign` (RS256 if not given)
    #[arg(long, value_name = "ALG", value_parser = values::key_signature_algorithm())]
    pub(super) signature_algorithm: Option<SignatureAlgorithm>,

    /// Note, up to 100 characters
    #[arg(long, value_name = "TEXT", value_parser = values::memo)]
    pub(super) memo: Option<String>,

    /// Encrypt equal plaintexts with equal contexts to equal ciphertexts (AES only)
    #[arg(long)]
    pub(super) convergent: bool,

    /// Rotate the key on a schedule, by `kmsctl key rotate --due`
    #[arg(long, value_name = "on|off", num_args = 0..=1, default_missing_value = "on", value_parser = values::on_off())]
    pub(super) auto_rotate: Option<bool>,

    /// Days between scheduled rotations, 1 to 730 (default 90)
    #[arg(long, value_name = "DAYS", requires = "auto_rotate", value_parser = clap::value_parser!(u32).range(1..=730))]
    pub(super) rotation_period: Option<u32>,

    /// Create the key even if another key has this label; select it by --id then
    #[arg(long)]
    pub(super) allow_duplicate_label: bool,

    /// Succeed if the key exists; it must be enabled, with this label and algorithm
    #[arg(long, conflicts_with = "allow_duplicate_label")]
    pub(super) if_not_exists: bool,

    /// Allow the key to leave the token, encrypted by `kmsctl key wrap`
    #[arg(long)]
    pub(super) exportable: bool,
}

/// Refuses a rotation period without a schedule.
pub(super) fn check_schedule(auto_rotate: Option<bool>, period: Option<u32>) -> Result<(), UsageError> {
    if auto_rotate == Some(false) && period.is_some() {
        return Err(UsageError::new("a key that is rotated by hand has no rotation period")
            .hinted("`--rotation-period` goes with `--auto-rotate on`"));
    }
    Ok(())
}

impl NewKey {
    /// Takes unset options from the record of the key.
    pub(super) fn or_recorded(self, record: &Record) -> Self {
        let auto_rotate = self.auto_rotate.unwrap_or(record.auto_rotation);
        Self {
            usage: self.usage.or(Some(record.usage)),
            signature_algorithm: self.signature_algorithm.or(record.signature_algorithm),
            memo: self.memo.or_else(|| Some(record.memo.clone())),
            convergent: self.convergent || record.convergent,
            auto_rotate: Some(auto_rotate),
            rotation_period: self.rotation_period.or(auto_rotate.then_some(record.rotation_period)),
            ..self
        }
    }
}
