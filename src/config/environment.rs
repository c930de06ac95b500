//! The environment variables of kmsctl, read once. All of them are rows of [`crate::setting`], which the manual lists.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStringExt,
    path::PathBuf,
    time::SystemTime,
};

use super::clock;
use crate::{
    model::Timestamp,
    secret::Secret,
    setting::{self, HIDDEN_VARIABLES, Kind, MODULE_VARIABLES, Setting, VARIABLES, Values, Variable},
};

/// The shell whose completion script runs kmsctl, if one does.
pub fn completion_shell() -> Option<OsString> {
    std::env::var_os(setting::COMPLETE.name)
}

/// Empty variables count as unset, except for PINs: an empty PIN is an error.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The values of settings, except PINs.
    pub(super) values: Values,
    pub(super) secrets: BTreeMap<&'static str, Secret>,
    others: BTreeMap<&'static str, OsString>,
    /// Variables of PKCS#11 modules, to pass to another program that uses the same module.
    pub module_variables: Vec<(&'static str, OsString)>,
}

impl Environment {
    /// Child processes never get the PIN variables: see [`crate::secret::command`].
    pub fn capture() -> Self {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    pub(super) fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        let is_secret = |setting: &Setting| matches!(setting.kind, Kind::Secret);
        let secrets = setting::variables().filter(|(setting, _)| is_secret(setting));
        let plain = setting::variables().filter(|(setting, _)| !is_secret(setting));
        let others = VARIABLES.iter().chain(HIDDEN_VARIABLES).map(|variable| variable.name);
        let mut values: Values = plain.filter_map(|(setting, name)| Some((setting, set(name)?))).collect();
        let others: BTreeMap<_, _> = others.filter_map(|name| Some((name, set(name)?))).collect();
        if let Some(color) = color(|variable| others.get(variable.name).map(OsString::as_os_str)) {
            values.set(&setting::COLOR, color);
        }
        Self {
            values,
            secrets: secrets
                .filter_map(|(_, name)| Some((name, Secret::new(lookup(name)?.into_vec()))))
                .collect(),
            others,
            module_variables: MODULE_VARIABLES.iter().filter_map(|name| Some((*name, set(name)?))).collect(),
        }
    }

    /// Invalid UTF-8 is replaced by U+FFFD.
    pub fn text(&self, variable: &Variable) -> Option<String> {
        self.others.get(variable.name).map(|value| value.to_string_lossy().into_owned())
    }

    /// Relative directories are ignored, as the XDG specification requires.
    pub fn directory(&self, variable: &Variable) -> Option<PathBuf> {
        self.others.get(variable.name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// An XDG directory, or its default below the home directory.
    fn xdg_directory(&self, variable: &Variable, default: &str) -> Option<PathBuf> {
        let in_home = || self.directory(&setting::HOME).map(|home| home.join(default));
        self.directory(variable).or_else(in_home)
    }

    /// The width of tables, from COLUMNS.
    pub fn columns(&self) -> Option<u16> {
        self.text(&setting::COLUMNS)?.parse().ok()
    }

    /// When to use colour; `None` if no variable says so.
    pub fn color(&self) -> Option<setting::ColorWhen> {
        self.values.choice(&setting::COLOR)
    }

    /// Whether the terminal can overwrite a line.
    pub fn draws_over(&self) -> bool {
        self.text(&setting::TERM).is_none_or(|term| term != "dumb")
    }

    /// The time. Tests can set it, but not in release builds.
    pub fn now(&self) -> Timestamp {
        self.pretended().unwrap_or_else(|| SystemTime::now().into())
    }

    /// Whether the system says that [`now`](Self::now) is right.
    pub fn is_synchronised(&self) -> bool {
        self.pretended().is_none() && clock::is_synchronised()
    }

    fn pretended(&self) -> Option<Timestamp> {
        let text = self.text(&setting::TEST_NOW).filter(|_| cfg!(debug_assertions))?;
        text.parse().ok().map(Timestamp::from_millis)
    }

    /// `$XDG_DATA_HOME/kmsctl`, the default directory of the embedded token.
    pub fn data_directory(&self) -> Option<PathBuf> {
        self.xdg_directory(&setting::XDG_DATA_HOME, ".local/share").map(|parent| parent.join("kmsctl"))
    }

    /// `$XDG_STATE_HOME`, or its default.
    pub fn state_directory(&self) -> Option<PathBuf> {
        self.xdg_directory(&setting::XDG_STATE_HOME, ".local/state")
    }

    /// The directory of the user's p11-kit configuration.
    pub fn p11_kit_directory(&self) -> Option<PathBuf> {
        self.xdg_directory(&setting::XDG_CONFIG_HOME, ".config").map(|parent| parent.join("pkcs11"))
    }

    pub(super) fn config_directory(&self) -> Option<PathBuf> {
        self.xdg_directory(&setting::XDG_CONFIG_HOME, ".config").map(|parent| parent.join("kmsctl"))
    }
}

/// When to use colour by the conventions of <https://no-color.org> and <https://bixense.com/clicolors>.
fn color<'a>(value: impl Fn(&Variable) -> Option<&'a OsStr>) -> Option<&'static str> {
    let is_forced = value(&setting::CLICOLOR_FORCE).is_some_and(|value| value != "0");
    let is_dumb = value(&setting::TERM).is_some_and(|term| term == "dumb");
    if value(&setting::NO_COLOR).is_some() || is_dumb && !is_forced {
        return Some("never");
    }
    is_forced.then_some("always")
}

#[cfg(test)]
impl Environment {
    /// Only these variables.
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        Self::from_lookup(|wanted| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| OsString::from(value))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeSet};

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::of(variables)
    }

    /// A variable outside the tables would be missing in the manual.
    #[test]
    fn only_documented_variables_are_read() {
        let asked = RefCell::new(BTreeSet::new());
        Environment::from_lookup(|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        });
        let others = VARIABLES.iter().chain(HIDDEN_VARIABLES).map(|variable| variable.name);
        let rows = setting::variables().map(|(_, name)| name).chain(others);
        let rows: BTreeSet<_> = rows.chain(MODULE_VARIABLES.iter().copied()).map(str::to_owned).collect();
        assert_eq!(*asked.borrow(), rows);
    }

    #[test]
    fn empty_variables_are_unset_except_pins() {
        let environment = environment(&[("KMSCTL_TOKEN", ""), ("NO_COLOR", ""), ("KMSCTL_PIN", "")]);
        assert!(!environment.values.has(&setting::TOKEN));
        assert_eq!(environment.color(), None);
        assert!(environment.secrets["KMSCTL_PIN"].is_empty());
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
