//! Options that only a profile has.

use clap::{Args, ValueEnum};

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

/// What a profile's token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Every command
    Manage,
    /// No command that changes the token
    Use,
}

impl Mode {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Use => "use",
        }
    }
}

/// What a profile says beside the global options.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub struct ProfileOptions {
    /// Order of `key list`
    #[arg(long, value_name = "FIELD")]
    pub sort: Option<SortField>,

    /// With `use`, commands that change the token are refused
    #[arg(long, value_name = "MODE")]
    pub mode: Option<Mode>,

    /// Group whose members share the store or the records directory
    #[arg(long, value_name = "NAME")]
    pub shared_group: Option<String>,
}
