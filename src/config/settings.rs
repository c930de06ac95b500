//! What this run works with: the strongest source of each setting has been found.

use std::{fmt, path::PathBuf, time::Duration};

use crate::{
    model::{Code, Coded, Diagnosis},
    secret::{PinSource, Prompt},
    setting::{self, ColorWhen, Mode, Setting, Values},
    shell::kmsctl_without_pin,
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
    /// `default-profile` of the configuration file.
    DefaultProfile,
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
            Self::DefaultProfile => f.write_str("default-profile"),
            Self::Uri => f.write_str("PKCS#11 URI"),
            Self::SystemdCredential => f.write_str("systemd credential"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A line of `config show`. For a PIN, the value is its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    pub name: &'static str,
    pub value: String,
    pub origin: Origin,
    /// What other sources say and is not used because of this one, the strongest first.
    pub overrides: Vec<Overridden>,
}

/// A value that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    pub name: &'static str,
    pub value: String,
    pub origin: Origin,
}

/// A PIN source that is for one token only: a profile's, while another source names the token.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// The token that the profile is for.
    pub token: TokenChoice,
    pub pin: PinSource,
    pub pin_name: String,
}

#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    pub target: Target,
    pub token: TokenChoice,
    /// [`PinSource::Prompt`] when nothing else is given.
    pub pin: PinSource,
    /// How the source of the PIN is named, such as `KMSCTL_PIN_FILE (/run/pin)`.
    pub pin_name: String,
    /// Comes before `pin` if the token turns out to be the one that it is for.
    pub reserved_pin: Option<Reserved>,
    pub so_pin: PinSource,
    pub so_pin_name: String,
    pub records: Option<PathBuf>,
    /// Who may own and write the store or the records directory, beside root and the caller.
    pub sharing: Sharing,
    pub lock_timeout: Duration,
    pub use_final_try: bool,
    pub no_input: bool,
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    /// What came of settings that stand for themselves, the defaults included.
    pub values: Values,
    /// The profile in use, and the file that it is in.
    pub profile: Option<ProfileInUse>,
    /// Every setting with its value and where it came from, for `config show`.
    pub report: Vec<Reported>,
}

/// A profile that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileInUse {
    pub name: String,
    pub file: PathBuf,
}

impl Settings {
    /// Refuses a command that changes the token where the profile is for use only.
    pub fn allow(&self, changes: bool) -> Result<(), UseOnly> {
        match (self.mode(), &self.profile) {
            (Mode::Use, Some(profile)) if changes => Err(UseOnly { profile: profile.name.clone() }),
            _ => Ok(()),
        }
    }

    /// Whether the profile allows to change the token.
    pub fn mode(&self) -> Mode {
        self.values.choice(&setting::MODE).unwrap_or_default()
    }

    /// Where the value of a setting came from.
    pub fn origin(&self, setting: &Setting) -> Origin {
        let reported = self.report.iter().find(|one| one.name == setting.shown_as());
        reported.map_or(Origin::Default, |one| one.origin.clone())
    }

    /// What says where the token is: a store or a module.
    pub fn origin_of_place(&self) -> Origin {
        match self.target {
            Target::Embedded { .. } => self.origin(&setting::STORE),
            Target::Module { .. } => self.origin(&setting::MODULE),
        }
    }

    /// How a person is asked for a PIN of `subject`, which must be safe for a terminal.
    pub fn prompt(&self, subject: impl Into<String>) -> Prompt {
        Prompt::new(subject).unless(self.no_input)
    }

    /// Whether a stream gets colour.
    pub fn use_color(&self, is_terminal: bool) -> bool {
        use_color(self.values.choice(&setting::COLOR).unwrap_or_default(), is_terminal)
    }
}

/// The profile in use has `mode = "use"`, and the command would change its token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("profile {profile:?} does not allow changes: its mode is \"use\"")]
pub struct UseOnly {
    pub profile: String,
}

impl Coded for UseOnly {
    fn diagnosis(&self) -> Diagnosis {
        Code::UseOnly.hint(format!("`{}` shows why this profile is used", kmsctl_without_pin("config show")))
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
