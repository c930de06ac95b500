//! `kmsctl explain`.

use clap::Args;

/// Explain an error: what it means, its usual causes, what to do
///
/// CODE is the `code` of an error in JSON, an exit code, or a return value of PKCS#11 by its name (CKR_PIN_LOCKED) or
/// number (0xa4). Without CODE, all error codes are listed. Works offline and without a token.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "An error's code" => "kmsctl explain KEY_NOT_FOUND",
    "What the token answered" => "kmsctl explain CKR_PIN_LOCKED",
    "The exit code of the last command" => "kmsctl explain 5",
    "All codes, for a script" => "kmsctl explain --json",
])]
pub struct Explain {
    /// Error code, exit code or CKR_ name
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}
