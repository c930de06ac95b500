//! The configuration file: TOML, where an unknown key is an error so that a misspelt one is not ignored.

use std::{
    ffi::OsString,
    io::{self, Read},
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use super::{ConfigError, Environment};
use crate::{
    cli::Global,
    model::similar,
    setting::{self, Kind, Setting, Values},
    trust::{self, Sharing},
};

const KEYS: [&str; 2] = ["default-profile", "profile"];

/// `[profile.NAME]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) values: Values,
}

/// The path of the configuration file, which may not exist.
pub fn config_path(global: &Global, env: &Environment) -> Result<PathBuf, ConfigError> {
    let default = || env.config_directory().map(|directory| directory.join("config.toml"));
    named_path(global, env).or_else(default).ok_or(ConfigError::NoHome)
}

fn named_path(global: &Global, env: &Environment) -> Option<PathBuf> {
    let path = |values: &Values| values.path(&setting::CONFIG);
    path(&global.values).or_else(|| path(&env.values))
}

/// The part of the configuration file that this run uses.
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) profile: Option<Profile>,
    pub(super) default_profile: Option<String>,
}

/// Loads the profile in use, if there is one. A missing file is an error only if the caller named it or a profile.
pub(super) fn load_profile(global: &Global, env: &Environment) -> Result<Option<Loaded>, ConfigError> {
    let named = |values: &Values| values.text(&setting::PROFILE);
    let wanted = named(&global.values).or_else(|| named(&env.values));
    let wanted = wanted.as_deref();
    let needed = named_path(global, env).is_some() || wanted.is_some();
    let path = match config_path(global, env) {
        Err(ConfigError::NoHome) if !needed => return Ok(None),
        path => path?,
    };
    trust::keep(&path, "the configuration file");
    match read_config(&path) {
        Ok(text) => {
            let file = File::parse(&path, &text)?;
            let profile = file.profile(wanted, env)?;
            let default_profile = file.default_profile;
            Ok(Some(Loaded { path, profile, default_profile }))
        }
        Err(error) if error.is_not_found() && !needed => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the text of a configuration file. It can run commands and load modules, so other users must not be able to write to
/// it. The size is limited, because a device may never end.
pub fn read_config(path: &Path) -> Result<String, ConfigError> {
    const MAX_BYTES: u64 = 1 << 20;
    let file = trust::open(path, "the configuration file", Sharing::NONE)
        .map_err(|error| ConfigError::of_trust(path, error))?;
    let mut text = String::new();
    file.take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    if text.len() as u64 > MAX_BYTES {
        return Err(malformed(path, &format!("longer than {MAX_BYTES} bytes")));
    }
    Ok(text)
}

/// Fails if other users could have written the module of a profile. A missing file is reported by the loader.
pub(super) fn check_module(module: &Path) -> Result<(), ConfigError> {
    match trust::check(module, "the module", trust::Kind::File, Sharing::NONE) {
        Err(trust::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        checked => checked.map_err(|error| ConfigError::of_trust(module, error)),
    }
}

/// The names of all profiles, sorted.
pub fn profile_names(global: &Global, env: &Environment) -> Result<Vec<String>, ConfigError> {
    let path = config_path(global, env)?;
    let text = read_config(&path)?;
    let mut names: Vec<_> = File::parse(&path, &text)?.profiles.keys().cloned().collect();
    names.sort();
    Ok(names)
}

/// Every profile of a file, each checked for itself. The default profile must exist.
pub(super) fn all_profiles(path: &Path, text: &str, env: &Environment) -> Result<Vec<Profile>, ConfigError> {
    let file = File::parse(path, text)?;
    if let Some(name) = &file.default_profile {
        file.get(name, env).map_err(ConfigError::of_default)?;
    }
    file.profiles.keys().map(|name| file.get(name, env)).collect()
}

struct File<'a> {
    path: &'a Path,
    default_profile: Option<String>,
    profiles: Table,
}

impl<'a> File<'a> {
    /// Checks the keys of all profiles, not only of the one in use.
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
            let keys: Vec<_> = setting::keys().map(|setting| setting.name).collect();
            check_keys(path, &format!("profile.{name}."), table, &keys)?;
            let is_empty = |(key, value): &(&String, &Value)| {
                *key != setting::MODULE_ARGS.name && value.as_str() == Some("")
            };
            if let Some((key, _)) = table.iter().find(is_empty) {
                return Err(malformed(path, &format!("profile.{name}.{key} is empty")));
            }
        }
        Ok(Self { path, default_profile, profiles })
    }

    fn profile(&self, wanted: Option<&str>, env: &Environment) -> Result<Option<Profile>, ConfigError> {
        match (wanted, &self.default_profile) {
            (Some(name), _) => self.get(name, env).map(Some),
            (None, Some(name)) => self.get(name, env).map(Some).map_err(ConfigError::of_default),
            (None, None) => Ok(None),
        }
    }

    fn get(&self, name: &str, env: &Environment) -> Result<Profile, ConfigError> {
        let Some(table) = self.profiles.get(name) else {
            let (path, name) = (self.path.to_owned(), name.to_owned());
            let nearest = nearest(&name, self.profiles.keys().map(String::as_str));
            let profiles = self.profiles.keys().cloned().collect();
            return Err(ConfigError::NoProfile { path, name, nearest, profiles });
        };
        let table = table.as_table().into_iter().flatten();
        let settings =
            table.filter_map(|(key, value)| Some((setting::keys().find(|one| one.name == key)?, value)));
        let read = |(setting, value)| match self.value(setting, value, env) {
            Ok(value) => Ok((setting, value)),
            Err(wanted) => {
                let key = setting.name;
                Err(malformed(self.path, &format!("profile.{name}.{key}: expected {wanted}, found {value}")))
            }
        };
        let values = settings.map(read).collect::<Result<_, _>>()?;
        Ok(Profile { name: name.to_owned(), values })
    }

    /// Converts a value to the form that an option has. The error says what was expected.
    fn value(&self, setting: &Setting, value: &Value, env: &Environment) -> Result<OsString, String> {
        if matches!(setting.kind, Kind::Number | Kind::Seconds) {
            let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
            return number.map(|number| number.to_string().into()).ok_or_else(|| "a whole number".to_owned());
        }
        let text = value.as_str().ok_or("a string")?;
        let choices: Vec<_> = setting.choices().into_iter().map(|(name, _)| name).collect();
        if !choices.is_empty() && !choices.contains(&text) {
            return Err(choices.join(", "));
        }
        Ok(if setting.is_path() { self.absolute(Path::new(text), env).into() } else { text.into() })
    }

    /// `~/` is the home directory; other relative paths are relative to the directory of the file.
    fn absolute(&self, path: &Path, env: &Environment) -> PathBuf {
        let base = match path.strip_prefix("~") {
            Ok(rest) => env.directory(&setting::HOME).map(|home| home.join(rest)),
            Err(_) => self.path.parent().map(|directory| directory.join(path)),
        };
        base.unwrap_or_else(|| path.to_owned())
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

/// The most similar name.
fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    similar(word, names).first().map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::model::Coded;

    fn load(text: &str, wanted: Option<&str>) -> Result<Option<Profile>, ConfigError> {
        let env = Environment::of(&[("HOME", "/home/ada")]);
        File::parse(Path::new("/etc/kmsctl/config.toml"), text)?.profile(wanted, &env)
    }

    fn message(text: &str, wanted: Option<&str>) -> String {
        load(text, wanted).expect_err(text).to_string()
    }

    #[test]
    fn a_profile_is_chosen_by_name_or_by_default() {
        let text = "default-profile = 'a'\n[profile.a]\nslot = 1\n[profile.b]\nslot = 2";
        assert_eq!(
            load(text, None).expect("valid").and_then(|profile| profile.values.number(&setting::SLOT)),
            Some(1)
        );
        assert_eq!(
            load(text, Some("b")).expect("valid").and_then(|profile| profile.values.number(&setting::SLOT)),
            Some(2)
        );
        assert!(load("[profile.a]\nslot = 1", None).expect("valid").is_none());
    }

    #[test]
    fn paths_are_relative_to_the_file_or_home() {
        let text = "[profile.a]\nstore = 'token'\npin-file = '~/pin'\nmodule = '/lib/m.so'";
        let profile = load(text, Some("a")).expect("valid").expect("present");
        assert_eq!(profile.values.path(&setting::STORE), Some("/etc/kmsctl/token".into()));
        assert_eq!(profile.values.path(&setting::PIN_FILE), Some("/home/ada/pin".into()));
        assert_eq!(profile.values.path(&setting::MODULE), Some("/lib/m.so".into()));
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
            assert!(text.starts_with(&format!("{file}: profile.x.")), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
        assert_eq!(
            message("[profile.prod]\n", Some("prd")),
            "no profile \"prd\" in configuration /etc/kmsctl/config.toml (did you mean \"prod\"?)"
        );
        for (text, hint) in [("[profile.a]\n[profile.b]\n", "a, b"), ("", "no profiles yet")] {
            let said = load(text, Some("zz9")).expect_err(text).diagnosis().hint;
            assert!(said.is_some_and(|said| said.contains(hint)), "{hint}");
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("config.toml");
        let load = |mode| {
            fs::write(&path, "[profile.x]\nslot = 1").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            read_config(&path)
        };
        assert!(load(0o644).is_ok());
        for mode in [0o664, 0o646, 0o666] {
            assert!(matches!(load(mode), Err(ConfigError::Untrusted(_))), "{mode:o}");
        }
    }

    #[test]
    fn a_missing_file_is_an_error_only_if_it_was_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let unnamed = Environment::of(&[("XDG_CONFIG_HOME", &dir.path().display().to_string())]);
        assert!(load_profile(&Global::default(), &unnamed).expect("fine").is_none());
        assert!(load_profile(&Global::default(), &Environment::default()).expect("fine").is_none());
        let named = Global::of([(&setting::CONFIG, dir.path().join("c.toml"))]);
        assert!(matches!(load_profile(&named, &unnamed), Err(ConfigError::Unreadable { .. })));
        let profile = Global::of([(&setting::PROFILE, "x")]);
        assert!(matches!(load_profile(&profile, &unnamed), Err(ConfigError::Unreadable { .. })));
    }
}
