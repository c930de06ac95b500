//! Prints results: data to standard output, everything else to standard error.

use std::io::IsTerminal;

use anyhow::Result;

use crate::{
    cli::Global,
    config::{Environment, use_color},
    io::Output,
    render::{Document, Layout},
    secret::streams,
    setting::{self, ColorWhen},
    ui::{Ui, Volume, stdout_width},
};

/// Prints a result as text or JSON. For a change, prints one line on standard error, and on a terminal the suggested next
/// command.
pub(super) fn print(
    document: &Document,
    json: bool,
    ui: &Ui,
    colour: impl Fn(bool) -> bool,
    columns: Option<u16>,
) -> Result<()> {
    let is_terminal = streams::stdout().is_ok_and(|stdout| stdout.is_terminal());
    let layout =
        Layout { width: stdout_width(columns), colour: colour(is_terminal), indent: json && is_terminal };
    let shown = document.shown(json, layout);
    Output::to(None).write(&shown.bytes)?;
    if let Some(change) = document.changed() {
        ui.status(&change.line);
        change.next.iter().for_each(|next| ui.next(next));
    }
    if !shown.left_out.is_empty() {
        ui.status(format!("the terminal is too narrow for: {}", shown.left_out.join(", ")));
    }
    Ok(())
}

/// The environment and output of a command that must work even if the settings are broken.
pub(super) struct Bare<'a> {
    global: &'a Global,
    pub(super) environment: Environment,
    pub(super) ui: Ui,
    color: ColorWhen,
}

impl<'a> Bare<'a> {
    pub(super) fn new(global: &'a Global) -> Self {
        let environment = Environment::capture();
        let is_terminal = std::io::stderr().is_terminal();
        let volume = Volume::new(global.quiet(), global.json(), global.verbose());
        let color = global.values.choice(&setting::COLOR).or_else(|| environment.color()).unwrap_or_default();
        let ui = Ui::stderr(volume, use_color(color, is_terminal));
        let ui = ui.watched(is_terminal && environment.draws_over()).json(global.json());
        Self { global, environment, ui, color }
    }

    /// Prints a result. Returns the exit code of a success.
    pub(super) fn print(&self, document: &Document) -> Result<u8> {
        let Self { global, environment, ui, color } = self;
        let colour = |is_terminal| use_color(*color, is_terminal);
        print(document, global.json(), ui, colour, environment.columns())?;
        Ok(0)
    }
}
