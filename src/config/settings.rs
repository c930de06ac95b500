//! The settings of this run, resolved from all sources.

use std::{fmt, path::PathBuf, time::Duration};

use crate::{
    model::{Code, Coded, Diagnosis},
    secret::{PinSource, Prompt},
    setting::{self, ColorWhen, Mode, Setting, Values},
    shell::kmsctl_without_pin,
    token::{Known, TokenChoice},
    trust::{self, Sharing},
};

/// The place of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Embedded { dir: PathBuf },
    Module { path: PathBuf, args: Option<String> },
}

/// The source of a setting.
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
    /// Values of other sources that this one overrides, the strongest first.
    pub overrides: Vec<Overridden>,
}

/// A value that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    pub name: &'static str,
    pub value: String,
    pub origin: Origin,
}

/// The PIN source of a profile while another source names the token: it is only for the token of the profile.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// The token that the profile is for.
    pub token: TokenChoice,
    pub pin: PinSource,
    pub pin_name: String,
}

#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate setting")]
pub struct Settings {
    pub target: Target,
    pub token: TokenChoice,
    /// [`PinSource::Prompt`] if there is no other source.
    pub pin: PinSource,
    /// The name of the PIN source in errors, such as `KMSCTL_PIN_FILE (/run/pin)`.
    pub pin_name: String,
    /// Preferred to `pin` if the token turns out to be the one that it belongs to.
    pub reserved_pin: Option<Reserved>,
    pub so_pin: PinSource,
    pub so_pin_name: String,
    pub records: Option<PathBuf>,
    /// Who may own and write the store or the records directory, in addition to root and the caller.
    pub sharing: Sharing,
    /// What the profile says about the token.
    pub known: Known,
    pub lock_timeout: Duration,
    pub use_final_try: bool,
    pub no_input: bool,
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    /// The values of independent settings, including defaults.
    pub values: Values,
    /// The profile in use, and the file that it is in.
    pub profile: Option<ProfileInUse>,
    /// Every setting with its value and origin, for `config show`.
    pub report: Vec<Reported>,
}

/// The profile in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileInUse {
    pub name: String,
    pub file: PathBuf,
}

impl Settings {
    /// Fails if the command changes the token but the profile has `mode = "use"`.
    pub fn allow(&self, changes: bool) -> Result<(), UseOnly> {
        match (self.mode(), &self.profile) {
            (Mode::Use, Some(profile)) if changes => Err(UseOnly { profile: profile.name.clone() }),
            _ => Ok(()),
        }
    }

    /// Output of this run does not replace the files of the token, nor those with its PINs. A PIN file that has no content
    /// may be the one that `--generate-pin` makes.
    pub fn keep_files(&self) {
        if let Target::Embedded { dir } = &self.target {
            trust::keep(dir, "the store");
        }
        if let Some(directory) = &self.records {
            trust::keep(directory, "the records directory");
        }
        let reserved = self.reserved_pin.as_ref().map(|reserved| &reserved.pin);
        for source in [Some(&self.pin), Some(&self.so_pin), reserved].into_iter().flatten() {
            if let PinSource::File(path) = source
                && path.metadata().is_ok_and(|found| found.len() > 0)
            {
                trust::keep(path, "the PIN file");
            }
        }
    }

    /// Whether the profile allows changes to the token.
    pub fn mode(&self) -> Mode {
        self.values.choice(&setting::MODE).unwrap_or_default()
    }

    /// The origin of a setting's value.
    pub fn origin(&self, setting: &Setting) -> Origin {
        let reported = self.report.iter().find(|one| one.name == setting.shown_as());
        reported.map_or(Origin::Default, |one| one.origin.clone())
    }

    /// The origin of the store or module.
    pub fn origin_of_place(&self) -> Origin {
        match self.target {
            Target::Embedded { .. } => self.origin(&setting::STORE),
            Target::Module { .. } => self.origin(&setting::MODULE),
        }
    }

    /// The prompt for the PIN of `subject`, which must be safe to print on a terminal.
    pub fn prompt(&self, subject: impl Into<String>) -> Prompt {
        Prompt::new(subject).unless(self.no_input)
    }

    /// Whether to use colour on a stream.
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
        Code::UseOnly.hint(format!(
            "use another profile, or set `mode = \"manage\"` in this one; `{}` shows its file and why it is used",
            kmsctl_without_pin("config show")
        ))
    }
}

/// Whether to use colour on a stream.
pub fn use_color(when: ColorWhen, is_terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => is_terminal,
    }
}
