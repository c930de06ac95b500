//! The environment variables that kmsctl knows, read once.

use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{cli::ColorWhen, model::Timestamp, secret::Secret};

/// The variables that say which token is meant and where its PIN is.
pub const TARGET_VARIABLES: [&str; 11] = [
    "KMSCTL_STORE",
    "KMSCTL_MODULE",
    "KMSCTL_MODULE_ARGS",
    "KMSCTL_TOKEN",
    "KMSCTL_RECORDS",
    "KMSCTL_CONFIG",
    "KMSCTL_PROFILE",
    "KMSCTL_PIN",
    "KMSCTL_PIN_FILE",
    "KMSCTL_SO_PIN",
    "KMSCTL_SO_PIN_FILE",
];

/// What modules read to find their configuration, their device or their server. Paths and addresses, no secrets.
const MODULE_VARIABLES: [&str; 19] = [
    "SOFTHSM2_CONF",
    "KRYOPTIC_CONF",
    "OPENSC_CONF",
    "YUBIHSM_PKCS11_CONF",
    "TPM2_PKCS11_STORE",
    "TPM2_PKCS11_TCTI",
    "TPM2_PKCS11_BACKEND",
    "P11NETHSM_CONFIG_FILE",
    "P11_KIT_SERVER_ADDRESS",
    "PKCS11_PROXY_SOCKET",
    "PKCS11_PROXY_TLS_PSK_FILE",
    "KMS_PKCS11_CONFIG",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "ChrystokiConfigurationPath",
    "CS_PKCS11_R2_CFG",
    "CS_PKCS11_R3_CFG",
    "NFAST_HOME",
    "CKNFAST_LOADSHARING",
    "LD_LIBRARY_PATH",
];

/// The shell whose script asks for completions.
pub fn completion_shell() -> Option<OsString> {
    std::env::var_os(crate::cli::complete::VARIABLE)
}

/// A variable that is set to nothing counts as not set, except for a PIN: there it is a mistake worth an error.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub store: Option<PathBuf>,
    pub module: Option<PathBuf>,
    pub module_args: Option<String>,
    pub token: Option<String>,
    pub records: Option<PathBuf>,
    pub config: Option<PathBuf>,
    pub profile: Option<String>,
    pub pin: Option<Secret>,
    pub pin_file: Option<PathBuf>,
    pub so_pin: Option<Secret>,
    pub so_pin_file: Option<PathBuf>,
    pub home: Option<PathBuf>,
    pub xdg_data_home: Option<PathBuf>,
    pub xdg_config_home: Option<PathBuf>,
    pub xdg_runtime_dir: Option<PathBuf>,
    pub xdg_state_home: Option<PathBuf>,
    pub credentials_directory: Option<PathBuf>,
    /// For another program that is to use the same module.
    pub module_variables: Vec<(&'static str, OsString)>,
    pub no_color: bool,
    pub clicolor_force: bool,
    pub visual: Option<String>,
    pub editor: Option<String>,
    pub term: Option<String>,
    pub columns: Option<u16>,
    /// The time that tests pretend it is. Release builds have no way to set it.
    pub test_now: Option<Timestamp>,
}

impl Environment {
    /// Children never get the PIN variables: see [`crate::secret::command`].
    pub fn capture() -> Self {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        let path = |name| set(name).map(PathBuf::from);
        // What is not UTF-8 then names nothing that exists, and the error shows it.
        let text = |name| set(name).map(|value| value.to_string_lossy().into_owned());
        let secret = |name| lookup(name).map(|value| Secret::new(value.into_vec()));
        // The XDG specification has relative directories ignored.
        let directory = |name| path(name).filter(|path| path.is_absolute());
        Self {
            store: path("KMSCTL_STORE"),
            module: path("KMSCTL_MODULE"),
            module_args: text("KMSCTL_MODULE_ARGS"),
            token: text("KMSCTL_TOKEN"),
            records: path("KMSCTL_RECORDS"),
            config: path("KMSCTL_CONFIG"),
            profile: text("KMSCTL_PROFILE"),
            pin: secret("KMSCTL_PIN"),
            pin_file: path("KMSCTL_PIN_FILE"),
            so_pin: secret("KMSCTL_SO_PIN"),
            so_pin_file: path("KMSCTL_SO_PIN_FILE"),
            home: directory("HOME"),
            xdg_data_home: directory("XDG_DATA_HOME"),
            xdg_config_home: directory("XDG_CONFIG_HOME"),
            xdg_runtime_dir: directory("XDG_RUNTIME_DIR"),
            xdg_state_home: directory("XDG_STATE_HOME"),
            credentials_directory: directory("CREDENTIALS_DIRECTORY"),
            module_variables: MODULE_VARIABLES
                .into_iter()
                .filter_map(|name| Some((name, set(name)?)))
                .collect(),
            no_color: set("NO_COLOR").is_some(),
            clicolor_force: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            visual: text("VISUAL"),
            editor: text("EDITOR"),
            term: text("TERM"),
            columns: text("COLUMNS").and_then(|columns| columns.parse().ok()),
            test_now: text("KMSCTL_TEST_NOW")
                .filter(|_| cfg!(debug_assertions))
                .and_then(|millis| millis.parse().ok().map(Timestamp::from_millis)),
        }
    }

    /// What is wanted of colour; `None` where nothing is said.
    pub fn color(&self) -> Option<ColorWhen> {
        match self {
            Self { no_color: true, .. } => Some(ColorWhen::Never),
            Self { clicolor_force: true, .. } => Some(ColorWhen::Always),
            Self { term: Some(term), .. } if term == "dumb" => Some(ColorWhen::Never),
            _ => None,
        }
    }

    /// Whether the terminal, if there is one, can go back in a line.
    pub fn draws_over(&self) -> bool {
        self.term.as_deref().is_none_or(|term| term != "dumb")
    }

    /// The time that this run takes for its start.
    pub fn now(&self) -> Timestamp {
        self.test_now.unwrap_or_else(|| SystemTime::now().into())
    }

    /// `$XDG_DATA_HOME/kmsctl`, where the embedded token is by default.
    pub fn data_directory(&self) -> Option<PathBuf> {
        own_directory(self.xdg_data_home.as_deref(), self.home.as_deref(), ".local/share")
    }

    /// `$XDG_STATE_HOME`, or its default in the home directory.
    pub fn state_directory(&self) -> Option<PathBuf> {
        let home = || self.home.as_ref().map(|home| home.join(".local/state"));
        self.xdg_state_home.clone().or_else(home)
    }

    /// Where the user's own modules are configured for p11-kit.
    pub fn p11_kit_directory(&self) -> Option<PathBuf> {
        let home = || self.home.as_ref().map(|home| home.join(".config"));
        self.xdg_config_home.clone().or_else(home).map(|directory| directory.join("pkcs11"))
    }

    pub(super) fn config_directory(&self) -> Option<PathBuf> {
        own_directory(self.xdg_config_home.as_deref(), self.home.as_deref(), ".config")
    }
}

fn own_directory(xdg: Option<&Path>, home: Option<&Path>, default: &str) -> Option<PathBuf> {
    xdg.map(Path::to_owned)
        .or_else(|| home.map(|home| home.join(default)))
        .map(|parent| parent.join("kmsctl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::from_lookup(|wanted| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn nothing_is_not_a_value_but_an_empty_pin_is() {
        let environment = environment(&[("KMSCTL_TOKEN", ""), ("NO_COLOR", ""), ("KMSCTL_PIN", "")]);
        assert_eq!(environment.token, None);
        assert!(!environment.no_color);
        assert!(environment.pin.is_some_and(|pin| pin.is_empty()));
    }

    #[test]
    fn debug_shows_no_pin() {
        let environment = environment(&[("KMSCTL_PIN", "hunter2"), ("KMSCTL_SO_PIN", "hunter3")]);
        assert!(!format!("{environment:?}").contains("hunter"));
    }

    #[test]
    fn directories_follow_xdg_then_home() {
        let home = ("HOME", "/home/ada");
        assert_eq!(environment(&[home]).data_directory(), Some("/home/ada/.local/share/kmsctl".into()));
        let xdg = environment(&[home, ("XDG_DATA_HOME", "/data")]);
        assert_eq!(xdg.data_directory(), Some("/data/kmsctl".into()));
        let relative = environment(&[home, ("XDG_DATA_HOME", "data")]);
        assert_eq!(relative.data_directory(), Some("/home/ada/.local/share/kmsctl".into()));
        assert_eq!(environment(&[]).data_directory(), None);
    }

    #[test]
    fn tests_can_set_the_clock() {
        let environment = environment(&[("KMSCTL_TEST_NOW", "1741156631314")]);
        assert_eq!(environment.now(), Timestamp::from_millis(1_741_156_631_314));
    }
}
