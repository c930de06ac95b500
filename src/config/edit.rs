//! Adds and replaces profiles in the configuration file. Everything else in it, including comments, stays unchanged.

use std::{ffi::OsStr, io, path::Path};

use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::{ConfigError, Environment, file, layer::Layer};
use crate::setting::{self, Kind, Setting, Values};

/// The content of a new configuration file.
pub const TEMPLATE: &str = "\
# Settings of kmsctl; kmsctl-config(5) explains them.
#
# default-profile = \"prod\"
#
# [profile.prod]
# module = \"/usr/lib/softhsm/libsofthsm2.so\"
# token = \"prod\"
# pin-command = \"pass show kmsctl/prod\"
";

/// A profile to write: each key with its value, in the order of the manual page.
#[derive(Debug, Clone, Default)]
pub struct NewProfile(Vec<(&'static str, Item)>);

impl NewProfile {
    /// Takes the global options of a command line, and those that only set keys of a profile. Relative paths are relative to
    /// the working directory, as in all options, and are written as absolute paths.
    pub fn from_options(global: &Values, own: &Values) -> io::Result<Self> {
        let mut keys = Vec::new();
        for setting in setting::keys() {
            if let Some(value) = own.raw(setting).or_else(|| global.raw(setting)) {
                keys.extend(item(setting, value)?.map(|item| (setting.name, item)));
            }
        }
        Ok(Self(keys))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that are set, and their values.
    pub fn to_json(&self) -> Json {
        let json = |item: &Item| match (item.as_str(), item.as_integer()) {
            (Some(text), _) => Json::from(text),
            (None, number) => Json::from(number),
        };
        self.0.iter().map(|(key, item)| ((*key).to_owned(), json(item))).collect()
    }

    /// Replaces the keys of `table`.
    fn put_into(&self, table: &mut dyn TableLike) {
        let old: Vec<_> = table.iter().map(|(key, _)| key.to_owned()).collect();
        for key in old.iter().filter(|key| self.0.iter().all(|(new, _)| new != key)) {
            table.remove(key);
        }
        for (key, item) in &self.0 {
            put(table, key, item.clone());
        }
    }
}

/// `None` for numbers above TOML's limit of 2^63 - 1, which no slot or timeout has.
fn item(setting: &Setting, given: &OsStr) -> io::Result<Option<Item>> {
    let given =
        if setting.is_path() { std::path::absolute(given)?.into_os_string() } else { given.to_owned() };
    let text =
        given.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a path is not UTF-8"))?;
    Ok(match setting.kind {
        Kind::Number | Kind::Seconds => text.parse::<i64>().ok().map(value),
        _ => Some(value(text)),
    })
}

/// Sets a key. Comments next to it stay.
fn put(table: &mut dyn TableLike, key: &str, mut item: Item) {
    let Some(present) = table.get_mut(key) else {
        table.insert(key, item);
        return;
    };
    if let (Some(new), Some(old)) = (item.as_value_mut(), present.as_value()) {
        *new.decor_mut() = old.decor().clone();
    }
    *present = item;
}

/// Adds the profile to the text of a configuration file. Fails if a profile of that name exists, unless `replace` is set.
pub fn with_profile(
    path: &Path,
    text: &str,
    name: &str,
    profile: &NewProfile,
    replace: bool,
    is_default: bool,
) -> Result<String, ConfigError> {
    let mut document = parse(path, text)?;
    let mut implicit = Table::new();
    implicit.set_implicit(true);
    let profiles = document.entry("profile").or_insert(Item::Table(implicit));
    // `check` has ensured that they are tables.
    if let Some(profiles) = profiles.as_table_like_mut() {
        match profiles.get_mut(name).and_then(Item::as_table_like_mut) {
            Some(_) if !replace => {
                return Err(ConfigError::ProfileExists { path: path.to_owned(), name: name.to_owned() });
            }
            Some(present) => profile.put_into(present),
            None => {
                let mut table = Table::new();
                profile.put_into(&mut table);
                if !text.trim().is_empty() {
                    table.decor_mut().set_prefix("\n");
                }
                profiles.insert(name, Item::Table(table));
            }
        }
    }
    if is_default {
        put(document.as_table_mut(), "default-profile", value(name));
    }
    let text = document.to_string();
    check(path, &text)?;
    Ok(text)
}

/// Sets one key of an existing profile in the text of a configuration file.
pub fn with_key(
    path: &Path,
    text: &str,
    name: &str,
    setting: &Setting,
    to: &str,
) -> Result<String, ConfigError> {
    let mut document = parse(path, text)?;
    if let Some(profile) = document
        .get_mut("profile")
        .and_then(Item::as_table_like_mut)
        .and_then(|profiles| profiles.get_mut(name))
        .and_then(Item::as_table_like_mut)
    {
        put(profile, setting.name, value(to));
    }
    let text = document.to_string();
    check(path, &text)?;
    Ok(text)
}

/// Checked by the normal reader first, so that mistakes give the same errors as in other commands.
fn parse(path: &Path, text: &str) -> Result<DocumentMut, ConfigError> {
    check(path, text)?;
    text.parse().map_err(|error: toml_edit::TomlError| ConfigError::Malformed {
        path: path.to_owned(),
        line: None,
        message: error.message().to_owned(),
    })
}

/// Fails unless every profile in the text is valid. Files that they name, such as modules, need not exist.
pub fn check(path: &Path, text: &str) -> Result<(), ConfigError> {
    for profile in file::all_profiles(path, text, &Environment::default())? {
        Layer::of_profile(profile)?.check()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(token: &str) -> NewProfile {
        let global = [
            (&setting::MODULE, "/m.so"),
            (&setting::TOKEN, token),
            (&setting::PIN_COMMAND, "pass show \"x\""),
            (&setting::LOCK_TIMEOUT, "5"),
            (&setting::OUTPUT, "json"),
        ];
        let own = [(&setting::SORT, "created")];
        NewProfile::from_options(&Values::from_iter(global), &Values::from_iter(own)).expect("valid")
    }

    fn add(text: &str, replace: bool, is_default: bool) -> Result<String, ConfigError> {
        with_profile(Path::new("c.toml"), text, "prod", &profile("p"), replace, is_default)
    }

    const PROFILE: &str = "[profile.prod]\nmodule = \"/m.so\"\ntoken = \"p\"\npin-command = 'pass show \"x\"'\n\
                           lock-timeout = 5\noutput = \"json\"\nsort = \"created\"\n";

    #[test]
    fn a_profile_is_appended() {
        assert_eq!(add("", false, false).expect("added"), PROFILE);
        let old = "# mine\n[profile.a] # first\nslot = 1\n";
        assert_eq!(add(old, false, false).expect("added"), format!("{old}\n{PROFILE}"));
        let template = add(TEMPLATE, false, true).expect("added");
        assert!(template.contains("default-profile = \"prod\"\n"), "{template}");
        assert!(template.contains("# Settings of kmsctl"), "{template}");
        assert!(check(Path::new("c.toml"), &template).is_ok());
    }

    #[test]
    fn an_existing_profile_is_replaced_only_on_request() {
        let old = "# above\n[profile.prod]\n# the token\ntoken = \"old\"\nslot-is-gone = 1\n";
        assert!(matches!(add(old, true, false), Err(ConfigError::UnknownKey { .. })));
        let old = "# above\n[profile.prod]\n# the token\ntoken = \"old\"\nrecords = \"r\"\n\n# next\n[profile.b]\nslot = 1\n";
        assert!(matches!(add(old, false, false), Err(ConfigError::ProfileExists { .. })));
        let new = add(old, true, false).expect("replaced");
        assert!(new.starts_with("# above\n[profile.prod]\n# the token\ntoken = \"p\"\n"), "{new}");
        assert!(new.ends_with("\n# next\n[profile.b]\nslot = 1\n") && !new.contains("records"), "{new}");
    }

    #[test]
    fn inline_and_dotted_tables_are_kept() {
        let new = add("profile = { a = { slot = 1 } }\n", false, false).expect("added");
        check(Path::new("c.toml"), &new).expect("valid");
        assert!(new.contains("a = { slot = 1 }") && new.contains("/m.so"), "{new}");
        let new = add("profile.a.slot = 1\n", false, true).expect("added");
        check(Path::new("c.toml"), &new).expect("valid");
        let name =
            with_profile(Path::new("c.toml"), "", "my token.1", &profile("p"), false, true).expect("added");
        assert!(name.contains("[profile.\"my token.1\"]"), "{name}");
    }

    #[test]
    fn invalid_profiles_are_refused() {
        for bad in [
            "[profile.a]\ntoken = 't'\nslot = 1\n",
            "[profile.a]\nstore = 's'\nmodule = 'm'\n",
            "[profile.a]\npin-file = 'f'\npin-command = 'c'\n",
            "[profile.a]\ntoken = 'pkcs11:nonsense'\n",
            "[profile.a]\nsort = 'size'\n",
            "[profile.a]\nmode = 'look'\n",
            "default-profile = 'b'\n[profile.a]\nslot = 1\n",
        ] {
            assert!(check(Path::new("c.toml"), bad).is_err(), "{bad}");
        }
    }
}
