//! The configuration file: strict TOML, so that a misspelt key is an error and not a silent default.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::{Table, Value};

use super::{ConfigError, Environment};
use crate::cli::{ColorWhen, Global, key::SortField};

const KEYS: [&str; 2] = ["default-profile", "profile"];
const PROFILE_KEYS: [&str; 12] = [
    "store",
    "module",
    "module-args",
    "token",
    "slot",
    "records",
    "pin-file",
    "pin-command",
    "lock-timeout",
    "color",
    "output",
    "sort",
];

/// `[profile.NAME]`. Paths are as written until [`Profile::with_paths_from`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Profile {
    #[serde(skip)]
    pub(super) name: String,
    pub(super) store: Option<PathBuf>,
    pub(super) module: Option<PathBuf>,
    pub(super) module_args: Option<String>,
    pub(super) token: Option<String>,
    pub(super) slot: Option<u64>,
    pub(super) records: Option<PathBuf>,
    pub(super) pin_file: Option<PathBuf>,
    pub(super) pin_command: Option<String>,
    pub(super) lock_timeout: Option<u64>,
    pub(super) color: Option<Color>,
    pub(super) output: Option<Format>,
    pub(super) sort: Option<Sort>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// Written as the option of `key list` is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Sort(pub(super) SortField);

impl TryFrom<String> for Sort {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        SortField::named(&name).map(Self).ok_or_else(|| format!("keys cannot be sorted by {name:?}"))
    }
}

impl From<Color> for ColorWhen {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// The configuration file of this run, whether or not it exists.
pub fn config_path(global: &Global, env: &Environment) -> Result<PathBuf, ConfigError> {
    let default = || env.config_directory().map(|directory| directory.join("config.toml"));
    named_path(global, env).or_else(default).ok_or(ConfigError::NoHome)
}

fn named_path(global: &Global, env: &Environment) -> Option<PathBuf> {
    global.config.clone().or_else(|| env.config.clone())
}

/// The profile in force, if there is one. A missing file is an error only when it was asked for by name.
pub(super) fn load_profile(global: &Global, env: &Environment) -> Result<Option<Profile>, ConfigError> {
    let wanted = global.profile.as_deref().or(env.profile.as_deref());
    let needed = named_path(global, env).is_some() || wanted.is_some();
    let path = match config_path(global, env) {
        Err(ConfigError::NoHome) if !needed => return Ok(None),
        path => path?,
    };
    match read_config(&path) {
        Ok(text) => File::parse(&path, &text)?.profile(wanted, env),
        Err(error) if error.is_not_there() && !needed => Ok(None),
        Err(error) => Err(error),
    }
}

/// The text of a configuration. A device that never ends is none.
pub fn read_config(path: &Path) -> Result<String, ConfigError> {
    const LONGEST: u64 = 1 << 20;
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    if text.len() as u64 > LONGEST {
        return Err(malformed(path, &format!("longer than {LONGEST} bytes")));
    }
    Ok(text)
}

/// The names of all profiles, sorted.
pub fn profile_names(global: &Global, env: &Environment) -> Result<Vec<String>, ConfigError> {
    let path = config_path(global, env)?;
    let text = read_config(&path)?;
    let mut names: Vec<_> = File::parse(&path, &text)?.profiles.keys().cloned().collect();
    names.sort();
    Ok(names)
}

/// Every profile of a file, each checked for what can be told without looking at others. The default one must be there.
pub(super) fn all_profiles(path: &Path, text: &str, env: &Environment) -> Result<Vec<Profile>, ConfigError> {
    let file = File::parse(path, text)?;
    if let Some(name) = &file.default_profile {
        file.get(name, env)?;
    }
    file.profiles.keys().map(|name| file.get(name, env)).collect()
}

struct File<'a> {
    path: &'a Path,
    default_profile: Option<String>,
    profiles: Table,
}

impl<'a> File<'a> {
    /// Checks all keys of all profiles, not only of the one that is used.
    fn parse(path: &'a Path, text: &str) -> Result<Self, ConfigError> {
        let mut table: Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Malformed {
            path: path.to_owned(),
            line: error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count()),
            message: error.message().to_owned(),
        })?;
        check_keys(path, "", &table, &KEYS)?;
        let default_profile = match table.remove("default-profile") {
            None => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(malformed(path, "default-profile is not a string")),
        };
        let profiles = match table.remove("profile") {
            None => Table::new(),
            Some(Value::Table(profiles)) => profiles,
            Some(_) => return Err(malformed(path, "profile is not a table: write [profile.NAME]")),
        };
        for (name, profile) in &profiles {
            let table = profile.as_table().ok_or_else(|| {
                malformed(path, &format!("profile.{name} is not a table: write [profile.{name}]"))
            })?;
            check_keys(path, &format!("profile.{name}."), table, &PROFILE_KEYS)?;
            let is_void =
                |(key, value): &(&String, &Value)| *key != "module-args" && value.as_str() == Some("");
            if let Some((key, _)) = table.iter().find(is_void) {
                return Err(malformed(path, &format!("profile.{name}.{key} is empty")));
            }
        }
        Ok(Self { path, default_profile, profiles })
    }

    fn profile(&self, wanted: Option<&str>, env: &Environment) -> Result<Option<Profile>, ConfigError> {
        wanted.or(self.default_profile.as_deref()).map(|name| self.get(name, env)).transpose()
    }

    fn get(&self, name: &str, env: &Environment) -> Result<Profile, ConfigError> {
        let Some(table) = self.profiles.get(name) else {
            let nearest = nearest(name, self.profiles.keys().map(String::as_str));
            return Err(ConfigError::NoProfile {
                path: self.path.to_owned(),
                name: name.to_owned(),
                nearest,
            });
        };
        let profile: Profile = table.clone().try_into().map_err(|error: toml::de::Error| {
            malformed(
                self.path,
                &format!("profile.{name}: {}", error.to_string().trim_end().replace('\n', " ")),
            )
        })?;
        self.refuse_what_others_could_plant(&profile)?;
        let profile = Profile { name: name.to_owned(), ..profile };
        Ok(profile.with_paths_from(self.path.parent(), env.home.as_deref()))
    }

    /// A command and a module are code that runs in this process's name.
    fn refuse_what_others_could_plant(&self, profile: &Profile) -> Result<(), ConfigError> {
        let key = match profile {
            Profile { pin_command: Some(_), .. } => "pin-command",
            Profile { module: Some(_), .. } => "module",
            _ => return Ok(()),
        };
        if self.path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o002 != 0) {
            return Err(ConfigError::WritableByOthers { path: self.path.to_owned(), key });
        }
        Ok(())
    }
}

impl Profile {
    /// `~/` is the home directory; a relative path is beside the file.
    fn with_paths_from(mut self, directory: Option<&Path>, home: Option<&Path>) -> Self {
        let paths = [&mut self.store, &mut self.module, &mut self.records, &mut self.pin_file];
        for path in paths.into_iter().flatten() {
            let base = match path.strip_prefix("~") {
                Ok(rest) => home.map(|home| home.join(rest)),
                Err(_) => directory.map(|directory| directory.join(&*path)),
            };
            *path = base.unwrap_or_else(|| path.clone());
        }
        self
    }
}

fn malformed(path: &Path, message: &str) -> ConfigError {
    ConfigError::Malformed { path: path.to_owned(), line: None, message: message.to_owned() }
}

fn check_keys(path: &Path, prefix: &str, table: &Table, known: &[&str]) -> Result<(), ConfigError> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(ConfigError::UnknownKey {
            path: path.to_owned(),
            key: format!("{prefix}{key}"),
            nearest: nearest(key, known.iter().copied()),
        }),
    }
}

/// The candidate that was probably meant.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = candidates.map(|candidate| (strsim::jaro(word, candidate), candidate));
    let best = scored.filter(|(score, _)| *score > 0.7).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, wanted: Option<&str>) -> Result<Option<Profile>, ConfigError> {
        let env = Environment { home: Some("/home/ada".into()), ..Environment::default() };
        File::parse(Path::new("/etc/kmsctl/config.toml"), text)?.profile(wanted, &env)
    }

    fn message(text: &str, wanted: Option<&str>) -> String {
        load(text, wanted).expect_err(text).to_string()
    }

    #[test]
    fn a_profile_is_chosen_by_name_or_by_default() {
        let text = "default-profile = 'a'\n[profile.a]\nslot = 1\n[profile.b]\nslot = 2";
        assert_eq!(load(text, None).expect("valid").and_then(|profile| profile.slot), Some(1));
        assert_eq!(load(text, Some("b")).expect("valid").and_then(|profile| profile.slot), Some(2));
        assert!(load("[profile.a]\nslot = 1", None).expect("valid").is_none());
    }

    #[test]
    fn paths_are_beside_the_file_or_in_the_home_directory() {
        let text = "[profile.a]\nstore = 'token'\npin-file = '~/pin'\nmodule = '/lib/m.so'";
        let profile = load(text, Some("a")).expect("valid").expect("present");
        assert_eq!(profile.store, Some("/etc/kmsctl/token".into()));
        assert_eq!(profile.pin_file, Some("/home/ada/pin".into()));
        assert_eq!(profile.module, Some("/lib/m.so".into()));
    }

    #[test]
    fn mistakes_are_named() {
        let file = "configuration /etc/kmsctl/config.toml";
        for (text, expected) in [
            ("profle = 1", format!("{file}: unknown key \"profle\" (did you mean \"profile\"?)")),
            (
                "[profile.x]\nmodul = 'm'",
                format!("{file}: unknown key \"profile.x.modul\" (did you mean \"module\"?)"),
            ),
            ("[profile.x]\nzzz = 'm'", format!("{file}: unknown key \"profile.x.zzz\"")),
            ("profile = 1", format!("{file}: profile is not a table: write [profile.NAME]")),
            ("[profile.x]\nmodule-args = ''\nmodule = ''", format!("{file}: profile.x.module is empty")),
        ] {
            assert_eq!(message(text, None), expected);
        }
        let syntax = message("default-profile = 'a'\n[profile", None);
        assert!(syntax.starts_with(&format!("{file}, line 2: ")), "{syntax}");
        for bad in ["slot = 'x'", "slot = -1", "color = 'pink'", "output = 'xml'", "lock-timeout = 'soon'"] {
            let text = message(&format!("[profile.x]\n{bad}"), Some("x"));
            assert!(text.starts_with(&format!("{file}: profile.x: ")), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
        assert_eq!(
            message("[profile.prod]\n", Some("prd")),
            "no profile \"prd\" in the configuration /etc/kmsctl/config.toml (did you mean \"prod\"?)"
        );
    }

    #[test]
    fn code_is_not_taken_from_a_file_that_others_can_write() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("config.toml");
        let env = Environment {
            config: Some(path.clone()),
            profile: Some("x".to_owned()),
            ..Environment::default()
        };
        let load = |text: &str, mode| {
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            load_profile(&Global::default(), &env)
        };
        let command = "[profile.x]\npin-command = 'pass show pin'";
        assert!(load(command, 0o644).is_ok());
        assert!(matches!(
            load(command, 0o646),
            Err(ConfigError::WritableByOthers { key: "pin-command", .. })
        ));
        let module = "[profile.x]\nmodule = '/tmp/m.so'";
        assert!(matches!(load(module, 0o666), Err(ConfigError::WritableByOthers { key: "module", .. })));
        assert!(load("[profile.x]\nslot = 1", 0o666).is_ok());
    }

    #[test]
    fn a_missing_file_matters_only_when_it_was_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let unnamed = Environment { xdg_config_home: Some(dir.path().into()), ..Environment::default() };
        assert!(load_profile(&Global::default(), &unnamed).expect("fine").is_none());
        assert!(load_profile(&Global::default(), &Environment::default()).expect("fine").is_none());
        let named = Global { config: Some(dir.path().join("c.toml")), ..Global::default() };
        assert!(matches!(load_profile(&named, &unnamed), Err(ConfigError::Unreadable { .. })));
        let profile = Global { profile: Some("x".to_owned()), ..Global::default() };
        assert!(matches!(load_profile(&profile, &unnamed), Err(ConfigError::Unreadable { .. })));
    }
}
