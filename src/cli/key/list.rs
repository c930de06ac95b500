//! `kmsctl key list`.

use clap::{Args, ValueEnum};

use crate::{algorithm::Algorithm, cli::values, model::Status};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SortField {
    #[default]
    Label,
    Algorithm,
    Id,
    /// Oldest first
    Created,
    Status,
    /// Soonest first
    NextRotation,
}

impl SortField {
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Algorithm => "algorithm",
            Self::Id => "id",
            Self::Created => "created",
            Self::Status => "status",
            Self::NextRotation => "next-rotation",
        }
    }
}

/// List the keys of the token
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Everything" => "kmsctl key list",
    "Some, with versions and schedules" => "kmsctl key list --label 'prod-*' --status enable --wide",
    "Labels for a script" => "kmsctl key list --json | jq -r '.[].label'",
])]
pub struct List {
    /// Only labels that match; * stands for any characters, ? for one
    #[arg(long, value_name = "GLOB")]
    pub label: Option<String>,

    /// Only keys of this algorithm
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm())]
    pub algorithm: Option<Algorithm>,

    /// Only keys in this state
    #[arg(long, value_name = "STATUS", value_parser = values::status())]
    pub status: Option<Status>,

    /// Order of the list (default label, or what the profile says)
    #[arg(long, value_name = "FIELD")]
    pub sort: Option<SortField>,

    /// Every version of a key, and keys that kmsctl has no use for
    #[arg(long)]
    pub all: bool,

    /// More columns: version, next rotation, usage, memo
    #[arg(long)]
    pub wide: bool,
}
