//! The values of one source, by setting.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use super::{Choice, Setting};

/// Values as text. The source has checked that they fit the kind of their setting. Never contains a PIN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<&'static str, OsString>);

impl Values {
    pub fn set(&mut self, setting: &Setting, value: impl Into<OsString>) {
        self.0.insert(setting.name, value.into());
    }

    pub fn take(&mut self, setting: &Setting) -> Option<OsString> {
        self.0.remove(setting.name)
    }

    pub fn raw(&self, setting: &Setting) -> Option<&OsStr> {
        self.0.get(setting.name).map(OsString::as_os_str)
    }

    pub fn has(&self, setting: &Setting) -> bool {
        self.0.contains_key(setting.name)
    }

    pub fn path(&self, setting: &Setting) -> Option<PathBuf> {
        self.raw(setting).map(PathBuf::from)
    }

    /// Invalid UTF-8 is replaced by U+FFFD, so the lookup of the value fails and the error shows it.
    pub fn text(&self, setting: &Setting) -> Option<String> {
        self.raw(setting).map(|value| value.to_string_lossy().into_owned())
    }

    pub fn number<T: std::str::FromStr>(&self, setting: &Setting) -> Option<T> {
        self.raw(setting)?.to_str()?.parse().ok()
    }

    pub fn choice<T: Choice>(&self, setting: &Setting) -> Option<T> {
        self.raw(setting)?.to_str().and_then(T::named)
    }
}

impl<T: Into<OsString>> FromIterator<(&'static Setting, T)> for Values {
    fn from_iter<I: IntoIterator<Item = (&'static Setting, T)>>(values: I) -> Self {
        Self(values.into_iter().map(|(setting, value)| (setting.name, value.into())).collect())
    }
}
