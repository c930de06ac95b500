//! `kmsctl component`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{Context, key_file};
use crate::{
    cli::component::{Command, Show, Split},
    encoding::{self, Component, MAX_COMPONENT_FILE},
    io::{self, Input},
    render,
};

pub(super) fn run(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Split(arguments) => split(context, arguments),
        Command::Show(arguments) => show(context, arguments),
    }
}

fn split(context: &Context, arguments: &Split) -> Result<()> {
    let input = Input::from_path(arguments.input.as_deref());
    let file = key_file::read(context, &input, arguments.algorithm, &arguments.passphrase)
        .with_context(|| format!("cannot split {input}"))?;
    let threshold = arguments.threshold.unwrap_or(arguments.shares);
    let components = encoding::split(&file.material, arguments.shares, threshold)?;
    let files = write(&arguments.out_dir, &components)?;
    let named: Vec<_> = files.iter().map(|path| path.display().to_string()).zip(components).collect();
    context.print(&render::components(&named))?;
    context.ui.hint("give each custodian one file and its check value, then destroy the key file");
    Ok(())
}

/// All files or none.
fn write(dir: &Path, components: &[Component]) -> Result<Vec<PathBuf>> {
    io::create_private_dir(dir)?;
    let path = |component: &Component| {
        dir.join(format!("component-{}-of-{}.pem", component.index, components.len()))
    };
    let mut written = Vec::new();
    for component in components {
        let path = path(component);
        if let Err(error) = io::write_new_private(&path, component.to_text().expose()) {
            for path in &written {
                let _ = std::fs::remove_file(path);
            }
            return Err(error.into());
        }
        written.push(path);
    }
    Ok(written)
}

fn show(context: &Context, arguments: &Show) -> Result<()> {
    let input = Input::from_path(Some(&arguments.file));
    let component = read(context, &input)?;
    context.print(&render::component(&component))
}

/// Reads one component file.
pub(super) fn read(context: &Context, input: &Input) -> Result<Component> {
    let bytes = key_file::read_secret(context, input, "key component", MAX_COMPONENT_FILE)?;
    Component::read(bytes.expose()).with_context(|| format!("cannot use {input}"))
}
