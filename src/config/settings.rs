//! What this run works with: the strongest source of each setting has been found.

use std::{fmt, path::PathBuf, time::Duration};

use crate::{
    cli::{ColorWhen, key::SortField},
    secret::{PinSource, Prompt},
    token::TokenChoice,
    trust::Sharing,
};

/// Where the token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Embedded { dir: PathBuf },
    Module { path: PathBuf, args: Option<String> },
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Option,
    Environment,
    Profile(String),
    Uri,
    SystemdCredential,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("command line"),
            Self::Environment => f.write_str("environment"),
            Self::Profile(name) => write!(f, "profile {name}"),
            Self::Uri => f.write_str("PKCS#11 URI"),
            Self::SystemdCredential => f.write_str("systemd credential"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A line of `config show`. For a PIN, the value is its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub value: String,
    pub origin: Origin,
}

#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    pub target: Target,
    pub token: TokenChoice,
    /// [`PinSource::Prompt`] when nothing else is given.
    pub pin: PinSource,
    pub so_pin: PinSource,
    pub records: Option<PathBuf>,
    /// Who may own and write the store or the records directory, beside root and the caller.
    pub sharing: Sharing,
    pub lock_timeout: Duration,
    pub use_final_try: bool,
    pub no_input: bool,
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    pub color: ColorWhen,
    /// The order of `key list`.
    pub sort: SortField,
    /// Every setting with its value and where it came from.
    pub origins: Vec<Setting>,
}

impl Settings {
    /// How a person is asked for a PIN of `subject`, which must be safe for a terminal.
    pub fn prompt(&self, subject: impl Into<String>) -> Prompt {
        Prompt::new(subject).unless(self.no_input)
    }

    /// Whether a stream gets colour.
    pub fn use_color(&self, is_terminal: bool) -> bool {
        use_color(self.color, is_terminal)
    }
}

/// Whether a stream gets colour.
pub fn use_color(when: ColorWhen, is_terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => is_terminal,
    }
}
