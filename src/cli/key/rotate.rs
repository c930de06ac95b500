//! `kmsctl key rotate` and `kmsctl key versions`.

use clap::Args;

use crate::cli::select::{self, Selection};

/// Make a new version of a key
///
/// The new version signs and encrypts from now on; older ones still verify and decrypt. A rotation by hand does not
/// move the schedule.
#[derive(Debug, Args)]
#[command(group = select::required_or("due"))]
#[command(after_help = examples![
    "One key, now" => "kmsctl key rotate --label web",
    "All keys whose day has come, from cron" => "kmsctl key rotate --due --no-input --pin-file pin",
    "What that would do" => "kmsctl key rotate --due --dry-run",
    "Whether there is anything to do, for a script" => "kmsctl key rotate --due --check --quiet",
])]
pub struct Rotate {
    #[command(flatten)]
    pub key: Selection,

    /// Every key whose scheduled rotation has come
    #[arg(long, conflicts_with_all = ["label", "label_hex", "id", "uri"])]
    pub due: bool,

    /// Print what would be done and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Change nothing; exit 3 if a scheduled rotation is due
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,
}

/// List a key's versions
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "All versions, newest first" => "kmsctl key versions --label web",
])]
pub struct Versions {
    #[command(flatten)]
    pub key: Selection,
}
