//! `kmsctl config`.

use clap::{Args, Subcommand};

use super::key::SortField;

/// Look at the configuration and change it
#[derive(Debug, Subcommand)]
pub enum Command {
    Show(Show),
    Path(Path),
    Edit(Edit),
    AddProfile(AddProfile),
}

/// Print each setting and where it came from; never a PIN
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
/// Opens a copy in the editor that VISUAL or EDITOR names (else vi), checks it, and puts it in the file's place in one
/// step if it is valid. If it is not, the file stays as it was, and the copy is edited again or kept.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "With an editor for this once" => "EDITOR='code --wait' kmsctl config edit",
    "The same in your usual one" => "kmsctl config edit",
])]
pub struct Edit {}

/// Write the given options into a profile
///
/// The profile gets the options that stand on this command line: --store or --module, --module-args, --token, --slot,
/// --records, --pin-file or --pin-command, --lock-timeout, --color, --json and --sort; not what the environment says. All
/// else in the file stays as it is, comments too.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "A token of an HSM, with its PIN in a password store" =>
        "kmsctl config add-profile prod --module /usr/lib/softhsm/libsofthsm2.so --token prod --pin-command 'pass show kmsctl/prod'",
    "The embedded token, in force where no other is named" =>
        "kmsctl config add-profile mine --store ~/keys --pin-file ~/keys.pin --default",
])]
pub struct AddProfile {
    /// Name of the profile, for --profile
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Order of `key list`
    #[arg(long, value_name = "FIELD")]
    pub sort: Option<SortField>,

    /// Make it the profile that is in force where none is named
    #[arg(long)]
    pub default: bool,

    /// Write over a profile of that name
    #[arg(long)]
    pub replace: bool,
}
