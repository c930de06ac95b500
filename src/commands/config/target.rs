//! The configuration file as the target of `config add-profile` and `config edit`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{
    cli::Global,
    config::{Environment, config_path, read_config},
    io::{Output, create_private_dir},
};

/// The configuration file to change.
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// `None` if the file does not exist yet.
    pub(super) text: Option<String>,
}

impl Target {
    pub(super) fn read(global: &Global, environment: &Environment) -> Result<Self> {
        Self::of(config_path(global, environment)?)
    }

    pub(super) fn of(path: PathBuf) -> Result<Self> {
        let text = match read_config(&path) {
            Ok(text) => Some(text),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path, text })
    }

    pub(super) fn make_directory(&self) -> Result<()> {
        match self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(directory) => Ok(create_private_dir(directory)?),
            None => Ok(()),
        }
    }

    /// Replaces the file atomically. A new file gets mode 0600.
    pub(super) fn replace(&self, text: &str) -> Result<()> {
        let output = Output::to(Some(&self.path)).of_kept();
        let output = if self.text.is_none() { output.private() } else { output };
        output.write(text.as_bytes()).with_context(|| format!("cannot change {}", self.path.display()))
    }
}
