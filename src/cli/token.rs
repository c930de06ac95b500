//! `kmsctl token`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::values;

/// Set up and look at tokens
#[derive(Debug, Subcommand)]
pub enum Command {
    Init(Init),
    List(List),
    Show(Show),
    SetPin(SetPin),
    Unlock(Unlock),
}

impl Command {
    /// Whether it can change the token.
    pub(super) const fn changes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Init(_) | Self::SetPin(_) | Self::Unlock(_) => true,
        }
    }
}

/// Create the embedded token, or initialise the module's
///
/// The user PIN comes from the PIN options, is generated, or is asked for. A module's token also needs the security
/// officer's PIN: the present one, or the one to set on a new token. A token that is already initialised is left alone.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "A token for scripts, with a PIN nobody has to type" =>
        "kmsctl token init --label prod --generate-pin ~/.config/kmsctl/pin",
    "A token of SoftHSM; both PINs are asked for" =>
        "kmsctl token init --label prod --module /usr/lib/softhsm/libsofthsm2.so",
])]
pub struct Init {
    /// Label of the new token, up to 32 bytes
    #[arg(long, value_name = "NAME", value_parser = values::token_label)]
    pub label: String,

    /// Make a random user PIN and write it to a file of mode 0600
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["pin_file", "pin_fd", "pin_command"])]
    pub generate_pin: Option<PathBuf>,
}

/// List the tokens that are present
///
/// --all-modules looks for PKCS#11 modules where p11-kit's configuration and the vendors' usual places point, and tells for
/// each token that they show which options select it. Each module is loaded by a process of its own, so one that crashes
/// or hangs only says so. Nothing is logged in to.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "What a module offers" => "kmsctl token list --module /usr/lib/softhsm/libsofthsm2.so",
    "All that can be found on this machine" => "kmsctl token list --all-modules",
])]
pub struct List {
    /// Look through all modules that are installed
    #[arg(long, conflicts_with_all = ["module", "store", "module_args", "token", "slot"])]
    pub all_modules: bool,

    /// Seconds that a module may take (default 10)
    #[arg(long, value_name = "SECONDS", requires = "all_modules")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: Option<u64>,
}

/// Show one token: its identity, PIN state and abilities
#[derive(Debug, Args)]
#[command(after_help = examples![
    "The embedded token" => "kmsctl token show",
    "One of a module's tokens, for a script" =>
        "kmsctl token show --module /usr/lib/softhsm/libsofthsm2.so --token prod --json",
])]
pub struct Show {}

/// Where a new user PIN comes from when it is not asked for.
#[derive(Debug, Args)]
#[group(id = "new_pin", multiple = false)]
pub struct NewPin {
    /// New user PIN from a file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub new_pin_file: Option<PathBuf>,

    /// New user PIN from an open file descriptor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub new_pin_fd: Option<i32>,

    /// Make a random user PIN and write it to a file of mode 0600
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub generate_pin: Option<PathBuf>,
}

/// Change the user PIN
///
/// The present PIN comes from the PIN options or is asked for; the new one from --new-pin-file, --new-pin-fd or
/// --generate-pin, or is asked for twice.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Both PINs are asked for" => "kmsctl token set-pin",
    "From one file to another" => "kmsctl token set-pin --pin-file old-pin --new-pin-file new-pin",
])]
pub struct SetPin {
    #[command(flatten)]
    pub new_pin: NewPin,
}

/// Let the security officer set a new user PIN
///
/// For a PIN that is locked or forgotten. The security officer's PIN comes from --so-pin-file, --so-pin-fd or
/// KMSCTL_SO_PIN or KMSCTL_SO_PIN_FILE, or is asked for; the new user PIN from --new-pin-file, --new-pin-fd or --generate-pin, or is asked
/// for twice.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Both PINs are asked for" => "kmsctl token unlock",
    "From files" => "kmsctl token unlock --so-pin-file so-pin --new-pin-file pin",
])]
pub struct Unlock {
    #[command(flatten)]
    pub new_pin: NewPin,
}
