//! `kmsctl config`.

use anyhow::Result;
use serde_json::json;

use super::context::Context;
use crate::{
    cli::config::Command,
    render::{Document, table},
};

pub(super) fn run(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Show(_) => show(context),
        Command::Path(_) => path(context),
    }
}

/// Each setting and where it came from. Of a PIN only the source is known here.
fn show(context: &Context) -> Result<()> {
    let settings = &context.settings.origins;
    let json = settings.iter().map(
        |setting| json!({"name": setting.name, "value": setting.value, "origin": setting.origin.to_string()}),
    );
    let rows = settings
        .iter()
        .map(|setting| vec![setting.name.to_owned(), setting.value.clone(), setting.origin.to_string()]);
    context.print(&Document::new(
        json.collect(),
        table(&["Setting", "Value", "From"], rows.collect()).dropping(&["From"]),
    ))
}

/// Where the configuration file is looked for, whether or not it is there.
fn path(context: &Context) -> Result<()> {
    let path = context.config_path()?;
    let exists = path.exists();
    context.print(&Document::new(json!({"path": path, "exists": exists}), format!("{}\n", path.display())))
}
