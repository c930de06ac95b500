//! From arguments to an exit code: the one place where a run begins and ends.

use std::{
    ffi::OsString,
    io::{IsTerminal, stderr},
    process::ExitCode,
};

use anyhow::Result;

use crate::{
    cli::{self, Cli, Parsed},
    commands::{self, Context},
    config::{Environment, Settings},
    failure::Failure,
    io::{Output, is_broken_pipe},
    secret,
    ui::{Ui, Volume},
};

/// Runs the program. The error's text, and nothing else, is decided in [`crate::failure`].
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let json = cli::wants_json(&arguments);
    match attempt(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that had enough closes the pipe; that is no error of ours.
        Err(error) if error.chain().any(is_broken_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            let failure = Failure::new(&error);
            let ui = Ui::stderr(Volume::Normal, stderr().is_terminal());
            if json {
                ui.object(failure.to_json());
            } else {
                ui.error(failure.message(), failure.causes(), failure.hint());
            }
            ExitCode::from(failure.exit())
        }
    }
}

fn attempt(arguments: Vec<OsString>) -> Result<()> {
    let cli = match cli::parse(arguments)? {
        Parsed::Run(cli) => cli,
        Parsed::Print(text) => return print(&text),
    };
    if let Some(result) = commands::run_bare(&cli.command) {
        return result;
    }
    // A system that forbids it keeps its core dumps; that is no reason not to work.
    let _ = secret::harden();
    let Cli { command, global } = *cli;
    let environment = Environment::capture();
    let settings = Settings::resolve(&global, command.uri(), &environment)?;
    let volume = if settings.json { Volume::Quiet } else { Volume::new(settings.quiet, settings.verbose) };
    let ui = Ui::stderr(volume, settings.use_color(stderr().is_terminal()));
    commands::run(&Context::new(settings, ui, environment, global), &command)
}

/// Help and version, in colour where standard output is a terminal.
fn print(text: &clap::builder::StyledStr) -> Result<()> {
    let text = if std::io::stdout().is_terminal() { text.ansi().to_string() } else { text.to_string() };
    Ok(Output::to(None).write(text.as_bytes())?)
}
