//! `kmsctl config`.

mod add_profile;
mod edit;

use std::{io::IsTerminal, path::PathBuf};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::context::Context;
use crate::{
    cli::{Global, config::Command},
    config::{Environment, Overridden, Setting, config_path, read_config, use_color},
    io::{Output, create_private_dir},
    render::{Document, Layout, table},
    ui::{Ui, Volume},
};

/// Those that must work where the configuration is broken: they are what mends it.
pub(super) fn run_bare(command: &Command, global: &Global) -> Option<Result<()>> {
    match command {
        Command::Show(_) => None,
        Command::Path(_) => Some(path(global)),
        Command::Edit(_) => Some(edit::edit(global)),
        Command::AddProfile(arguments) => Some(add_profile::add_profile(arguments, global)),
    }
}

/// Each setting and where it came from. Of a PIN only the source is known here.
pub(super) fn show(context: &Context) -> Result<()> {
    let settings = &context.settings.report;
    let overridden =
        |one: &Overridden| json!({"name": one.name, "value": one.value, "origin": one.origin.to_string()});
    let json = settings.iter().map(|setting| {
        json!({
            "name": setting.name,
            "value": setting.value,
            "origin": setting.origin.to_string(),
            "overrides": setting.overrides.iter().map(overridden).collect::<Vec<_>>(),
        })
    });
    let row = |setting: &Setting| {
        let overrides: Vec<_> = setting.overrides.iter().map(|one| in_words(one, setting.name)).collect();
        vec![
            setting.name.to_owned(),
            setting.value.clone(),
            setting.origin.to_string(),
            if overrides.is_empty() { "-".to_owned() } else { overrides.join(", ") },
        ]
    };
    context.print(&Document::new(
        json.collect(),
        table(&["Setting", "Value", "From", "Overrides"], settings.iter().map(row).collect())
            .dropping(&["From", "Overrides"]),
    ))
}

/// `/x (environment)`; with its name where that is another setting's, as `store /x (environment)` below a module.
fn in_words(one: &Overridden, of: &str) -> String {
    let Overridden { name, value, origin } = one;
    if *name == of { format!("{value} ({origin})") } else { format!("{name} {value} ({origin})") }
}

/// Where the configuration file is looked for, whether or not it is there.
fn path(global: &Global) -> Result<()> {
    let path = config_path(global, &Environment::capture())?;
    let exists = path.exists();
    print(global, &Document::new(json!({"path": path, "exists": exists}), format!("{}\n", path.display())))
}

/// The configuration file that is to be changed.
struct Target {
    path: PathBuf,
    /// `None` where there is no file yet.
    text: Option<String>,
}

impl Target {
    fn read(global: &Global, environment: &Environment) -> Result<Self> {
        let path = config_path(global, environment)?;
        let text = match read_config(&path) {
            Ok(text) => Some(text),
            Err(error) if error.is_not_there() => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path, text })
    }

    fn make_directory(&self) -> Result<()> {
        match self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(directory) => Ok(create_private_dir(directory)?),
            None => Ok(()),
        }
    }

    /// In one step; a new file is for its owner alone.
    fn replace(&self, text: &str) -> Result<()> {
        let output = Output::to(Some(&self.path));
        let output = if self.text.is_none() { output.private() } else { output };
        output.write(text.as_bytes()).with_context(|| format!("cannot change {}", self.path.display()))
    }
}

fn voice(global: &Global, environment: &Environment) -> Ui {
    let is_terminal = std::io::stderr().is_terminal();
    let when = global.color.or_else(|| environment.color()).unwrap_or_default();
    let volume = if global.json { Volume::Quiet } else { Volume::new(global.quiet, global.verbose) };
    Ui::stderr(volume, use_color(when, is_terminal))
}

fn print(global: &Global, document: &Document) -> Result<()> {
    Ok(Output::to(None).write(&document.to_bytes_for(global.json, Layout::default()))?)
}
