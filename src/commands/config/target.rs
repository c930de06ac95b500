//! The configuration file, for the commands that change it.

use std::{io::IsTerminal, path::PathBuf};

use anyhow::{Context as _, Result};

use crate::{
    cli::Global,
    config::{Environment, config_path, read_config, use_color},
    io::{Output, create_private_dir},
    render::{Document, Layout},
    setting,
    ui::{Ui, Volume},
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
            Err(error) if error.is_not_there() => None,
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

pub(super) fn voice(global: &Global, environment: &Environment) -> Ui {
    let is_terminal = std::io::stderr().is_terminal();
    let when = global.values.choice(&setting::COLOR).or_else(|| environment.color()).unwrap_or_default();
    let volume = if global.json() { Volume::Quiet } else { Volume::new(global.quiet(), global.verbose()) };
    Ui::stderr(volume, use_color(when, is_terminal))
}

pub(super) fn print(global: &Global, document: &Document) -> Result<()> {
    Ok(Output::to(None).write(&document.to_bytes_for(global.json(), Layout::default()))?)
}
