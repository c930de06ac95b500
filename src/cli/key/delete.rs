//! `kmsctl key delete`.

use clap::Args;

use crate::cli::select::{self, Selection};

/// Destroy a key at once: all versions, both halves, its record
///
/// Always verifies the user PIN, and asks for the label to be typed. Without a terminal, --yes is required.
/// `kmsctl key revoke` destroys later and can be taken back.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "Asks for the PIN and for the label" => "kmsctl key delete --label old",
    "In a script" => "kmsctl key delete --label old --yes --pin-file pin",
])]
pub struct Delete {
    #[command(flatten)]
    pub key: Selection,

    /// Do not ask for the label
    #[arg(long)]
    pub yes: bool,
}
