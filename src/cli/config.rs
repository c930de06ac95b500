//! `kmsctl config`.

use clap::{Args, Subcommand};

use super::key::SortField;

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

/// Look at the configuration and change it
#[derive(Debug, Subcommand)]
pub enum Command {
    Show(Show),
    Path(Path),
    Edit(Edit),
    AddProfile(AddProfile),
}

/// Print each setting, where it came from and what it overrides
///
/// The strongest source of a setting wins: an option, the profile that --profile names, the environment, the profile that
/// KMSCTL_PROFILE or default-profile names, the default. A source that says where the token is (a store or a module) makes
/// void what weaker ones say about it: store, module, its arguments, token, slot and records.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "What a profile changes" => "kmsctl config show --profile prod",
])]
pub struct Show {}

/// Print the name of the configuration file
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Where to write it" => "kmsctl config path",
])]
pub struct Path {}

/// Edit the configuration file
///
/// Opens a copy in the editor that VISUAL or EDITOR names (else vi) and checks it. A valid copy replaces the file in one
/// step. Otherwise the file stays as it was, and the copy is edited again or kept.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "With an editor for this once" => "EDITOR='code --wait' kmsctl config edit",
    "The same in your usual one" => "kmsctl config edit",
])]
pub struct Edit {}

/// Write the given options into a profile
///
/// The profile gets the options that stand on this command line: --store or --module, --module-args, --token, --slot,
/// --records, --shared-group, --mode, --pin-file or --pin-command, --lock-timeout, --color, --json and --sort. What the
/// environment says is not written. The rest of the file stays as it is, comments included.
#[derive(Debug, Default, Args)]
#[command(after_help = examples![
    "A token of an HSM, with its PIN in a password store" =>
        "kmsctl config add-profile prod --module /usr/lib/softhsm/libsofthsm2.so --token prod --pin-command 'pass show kmsctl/prod'",
    "A token that others administer: no command that changes it" =>
        "kmsctl config add-profile shared --module /usr/lib/softhsm/libsofthsm2.so --token prod --mode use",
    "The embedded token, as the default profile" =>
        "kmsctl config add-profile mine --store ~/keys --pin-file ~/keys.pin --default",
])]
pub struct AddProfile {
    /// Name of the profile, for --profile
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Order of `key list`
    #[arg(long, value_name = "FIELD")]
    pub sort: Option<SortField>,

    /// With `use`, commands that change the token are refused
    #[arg(long, value_name = "MODE")]
    pub mode: Option<Mode>,

    /// Group whose members share the store or the records directory
    #[arg(long, value_name = "NAME")]
    pub shared_group: Option<String>,

    /// Make it the default profile
    #[arg(long)]
    pub default: bool,

    /// Write over a profile of that name
    #[arg(long)]
    pub replace: bool,
}
