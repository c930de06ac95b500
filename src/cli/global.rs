//! Options that every command takes, before or after its name.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use crate::{encoding::is_lasting, model::Uri};

const TOKEN: &str = "Token";
const PIN: &str = "PIN";
const GENERAL: &str = "General";

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorWhen {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Global {
    /// Directory of the embedded token
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = TOKEN)]
    #[arg(hide_short_help = true, conflicts_with = "module")]
    pub store: Option<PathBuf>,

    /// PKCS#11 module of the token, in place of the embedded one
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = TOKEN)]
    #[arg(hide_short_help = true)]
    pub module: Option<PathBuf>,

    /// Argument string for the module's C_Initialize
    #[arg(long, global = true, value_name = "TEXT", help_heading = TOKEN, hide_short_help = true)]
    #[arg(allow_hyphen_values = true)]
    pub module_args: Option<String>,

    /// Token by its label, its serial number or a PKCS#11 URI
    #[arg(long, global = true, value_name = "LABEL|URI", help_heading = TOKEN, hide_short_help = true)]
    pub token: Option<String>,

    /// Token by its slot number; numbers change, labels do not
    #[arg(long, global = true, value_name = "N", help_heading = TOKEN, hide_short_help = true)]
    #[arg(conflicts_with = "token")]
    pub slot: Option<u64>,

    /// Directory for the keys' records, where the token stores no data objects
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = TOKEN)]
    #[arg(hide_short_help = true)]
    pub records: Option<PathBuf>,

    /// Seconds to wait for another kmsctl that is writing to the token (default 30)
    #[arg(long, global = true, value_name = "SECONDS", help_heading = TOKEN, hide_short_help = true)]
    pub lock_timeout: Option<u64>,

    /// User PIN from a file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = PIN)]
    #[arg(hide_short_help = true)]
    pub pin_file: Option<PathBuf>,

    /// User PIN from an open file descriptor
    #[arg(long, global = true, value_name = "N", help_heading = PIN, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(i32).range(0..))]
    pub pin_fd: Option<i32>,

    /// User PIN from the output of a shell command
    #[arg(long, global = true, value_name = "CMD", value_hint = ValueHint::CommandString, help_heading = PIN)]
    #[arg(hide_short_help = true)]
    pub pin_command: Option<String>,

    /// Security officer's PIN from a file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = PIN)]
    #[arg(hide_short_help = true)]
    pub so_pin_file: Option<PathBuf>,

    /// Security officer's PIN from an open file descriptor
    #[arg(long, global = true, value_name = "N", help_heading = PIN, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(i32).range(0..))]
    pub so_pin_fd: Option<i32>,

    /// Use a stored PIN even if a wrong one would lock the token
    #[arg(long, global = true, help_heading = PIN, hide_short_help = true)]
    pub use_final_try: bool,

    /// Configuration file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = GENERAL)]
    #[arg(hide_short_help = true)]
    pub config: Option<PathBuf>,

    /// Profile of the configuration file; stronger than the environment
    #[arg(long, global = true, value_name = "NAME", help_heading = GENERAL, hide_short_help = true)]
    pub profile: Option<String>,

    /// Print JSON
    #[arg(long, global = true, help_heading = GENERAL)]
    pub json: bool,

    /// Say nothing but errors
    #[arg(short, long, global = true, help_heading = GENERAL, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say what is done; twice, also the PKCS#11 calls
    #[arg(short, long, global = true, help_heading = GENERAL, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Never ask anything on the terminal
    #[arg(long, global = true, help_heading = GENERAL, hide_short_help = true)]
    pub no_input: bool,

    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", help_heading = GENERAL, hide_short_help = true)]
    pub color: Option<ColorWhen>,
}

impl Global {
    /// The options that say which token is meant, and where its PIN and the settings are, for commands that are printed to be
    /// run. A key's URI says so, too.
    pub fn carried(&self, key: Option<&Uri>) -> Vec<(&'static str, OsString)> {
        let path = |path: &Option<PathBuf>| path.clone().map(PathBuf::into_os_string);
        let text = |text: &Option<String>| text.clone().map(OsString::from);
        let slot = self.slot.map(|slot| slot.to_string().into());
        let in_key = |get: fn(&Uri) -> Option<OsString>| key.and_then(get);
        let module = path(&self.module).or_else(|| in_key(|uri| uri.module_path.clone().map(Into::into)));
        let token =
            text(&self.token).or_else(|| in_key(|uri| uri.of_token().map(|uri| uri.to_string().into())));
        let pin_file = path(&self.pin_file).filter(|path| is_lasting(path));
        [
            ("--config", path(&self.config)),
            ("--profile", text(&self.profile)),
            ("--store", path(&self.store)),
            ("--module", module),
            ("--module-args", text(&self.module_args)),
            ("--token", token),
            ("--slot", slot),
            ("--records", path(&self.records)),
            ("--pin-file", pin_file),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}
