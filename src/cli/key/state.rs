//! `kmsctl key enable`, `disable`, `revoke`, `restore` and `purge`.

use clap::Args;

use crate::cli::select::{self, Selection, VersionSelection};

/// Allow a disabled key, or one of its versions, to be used again
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "The key, each version as it was before" => "kmsctl key enable --label web",
    "One version" => "kmsctl key enable --label web --key-version 1",
])]
pub struct Enable {
    #[command(flatten)]
    pub key: VersionSelection,
}

/// Forbid the use of a key, or of one of its older versions
///
/// The token itself refuses it then, to every program, where it can change a key's usage.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "The key with all versions" => "kmsctl key disable --label web",
    "One version; not the newest" => "kmsctl key disable --label web --key-version 1",
])]
pub struct Disable {
    #[command(flatten)]
    pub key: VersionSelection,
}

/// Request a key's deletion: it cannot be used, and is destroyed later
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "In three days" => "kmsctl key revoke --label old",
    "In a month" => "kmsctl key revoke --label old --after 30",
])]
pub struct Revoke {
    #[command(flatten)]
    pub key: Selection,

    /// Days until `kmsctl key purge --due` destroys it, 1 to 30
    #[arg(long, value_name = "DAYS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=30))]
    pub after: u32,
}

/// Cancel a requested deletion: the key is disabled, not destroyed
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "Keep the key after all" => "kmsctl key restore --label old",
])]
pub struct Restore {
    #[command(flatten)]
    pub key: Selection,
}

/// Destroy revoked keys: those whose time has come, or one at once
#[derive(Debug, Args)]
#[command(after_help = examples![
    "All whose time has come, from cron" => "kmsctl key purge --due --yes --no-input --pin-file pin",
    "One revoked key, now" => "kmsctl key purge --label old",
])]
pub struct Purge {
    /// Every revoked key whose time has come; this is what happens when no key is named
    #[arg(long, conflicts_with_all = ["label", "label_hex", "id", "uri"])]
    pub due: bool,

    #[command(flatten)]
    pub key: Selection,

    /// Do not ask for the label
    #[arg(long)]
    pub yes: bool,
}
