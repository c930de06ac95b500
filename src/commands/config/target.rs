//! The configuration file, for the commands that change it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{
    cli::Global,
    config::{Environment, config_path, read_config},
    io::{Output, create_private_dir},
};

/// The configuration file that is to be changed.
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// `None` where there is no file yet.
    pub(super) text: Option<String>,
}

impl Target {
    pub(super) fn read(global: &Global, environment: &Environment) -> Result<Self> {
        let path = config_path(global, environment)?;
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

    /// In one step; a new file is for its owner alone.
    pub(super) fn replace(&self, text: &str) -> Result<()> {
        let output = Output::to(Some(&self.path));
        let output = if self.text.is_none() { output.private() } else { output };
        output.write(text.as_bytes()).with_context(|| format!("cannot change {}", self.path.display()))
    }
}
