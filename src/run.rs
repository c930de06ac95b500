//! Runs the program: from arguments to an exit code.

use std::{
    ffi::OsString,
    io::{IsTerminal, Write as _, stderr, stdout},
};

use anyhow::Result;
use clap::builder::StyledStr;

use crate::{
    cli::{self, Parsed},
    commands::{self, Choose, Chosen, Cli, Context},
    config::{Environment, Settings, Target, completion_shell, use_color},
    failure::Failure,
    io::{self, Output},
    secret::{self, streams},
    setting, shell, token,
    ui::{Ui, Volume, stderr_width, stdout_width, wrapped},
};

const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;
const USAGE: u8 = 2;

/// Reports a panic as an internal error, through [`Ui`] because standard error may have been diverted.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let ui = Ui::stderr(Volume::Normal, false);
        ui.error(
            &format!("internal error: {panic}"),
            &[],
            Some("this is a defect of kmsctl; please report it"),
        );
    }));
}

/// Runs the program and returns its exit code. `crate::failure` decides the text of errors. `closed` says which of
/// standard input, output and error the caller left closed.
pub fn run(arguments: Vec<OsString>, closed: [bool; 3]) -> u8 {
    // Before any secret is read. Best effort: a system may forbid it.
    let _ = secret::harden();
    report_panics();
    shell::keep_arguments(arguments.iter().skip(1).cloned());
    io::report_file_size_limit();
    // A failed completion prints no error: the shell only expects names.
    match cli::complete::answer(
        completion_shell().as_deref(),
        &arguments,
        commands::grammar,
        commands::complete,
    ) {
        Ok(false) => {}
        Ok(true) => return SUCCESS,
        Err(_) => return FAILURE,
    }
    let json = cli::wants_json(&arguments);
    let is_terminal = stderr().is_terminal();
    let mut colour = None;
    let open = io::refuse_closed(closed).map_err(Into::into);
    match open.and_then(|()| attempt(arguments, is_terminal, &mut colour)) {
        Ok(code) => code,
        Err(error) => {
            let failure = Failure::new(&error);
            let of_environment =
                || use_color(Environment::capture().color().unwrap_or_default(), is_terminal);
            let ui = Ui::stderr(Volume::Normal, colour.unwrap_or_else(of_environment));
            if json {
                ui.object(failure.to_json());
            } else {
                ui.error(failure.message(), failure.causes(), failure.hint());
            }
            failure.exit()
        }
    }
}

/// Sets `colour` as soon as it is known, so that a later error uses it.
fn attempt(arguments: Vec<OsString>, is_terminal: bool, colour: &mut Option<bool>) -> Result<u8> {
    let parsed = cli::parse(commands::lean_grammar, commands::grammar, arguments, || stdout_width(None))?;
    let cli = match parsed {
        Parsed::Run(cli) => *cli,
        Parsed::Print(text) => {
            io::reader_may_leave();
            let text = shown(&text, stdout().is_terminal(), stdout_width(None));
            return Ok(Output::to(None).write(text.as_bytes()).map(|()| SUCCESS)?);
        }
        Parsed::Missing(text) => {
            // Ignored: standard error may be closed.
            let width = is_terminal.then(stderr_width).flatten();
            let _ = stderr().write_all(shown(&text, is_terminal, width).as_bytes());
            return Ok(USAGE);
        }
    };
    let Cli { command, global } = cli;
    let chosen = command.chosen();
    if !chosen.prints_result() {
        io::reader_may_leave();
    }
    shell::carry(&global.carried(chosen.uri()));
    let command = match chosen {
        Chosen::Bare(command) => return command.run(&global, commands::grammar),
        Chosen::WithContext(command) => command,
    };
    let environment = Environment::capture();
    let mut settings = Settings::resolve(&global, command.uri(), &environment)?;
    // A profile's `output` is about reports: a script that reads a signature or a plaintext gets it with any profile.
    settings.json &= global.values.has(&setting::OUTPUT) || !command.prints_result();
    settings.allow(command.changes())?;
    let use_colour = *colour.insert(settings.use_color(is_terminal));
    divert_module_output(&settings);
    let volume = Volume::new(settings.quiet, settings.json, settings.verbose);
    let watched = is_terminal && environment.draws_over();
    let ui = Ui::stderr(volume, use_colour).watched(watched).json(settings.json);
    if ui.volume() == Volume::Debug {
        trace_calls(use_colour);
    }
    commands::run(&Context::new(settings, ui, environment), command).map(|()| SUCCESS)
}

/// Hides what the module prints, unless its calls are shown (`-vv`).
fn divert_module_output(settings: &Settings) {
    if matches!(settings.target, Target::Module { .. }) && settings.verbose < 2 {
        // Best effort: without /dev/null the output of the module is shown.
        let _ = streams::divert();
    }
}

/// Help and version, for a terminal in colour.
fn shown(text: &StyledStr, is_terminal: bool, width: Option<u16>) -> String {
    let has_colour = use_color(Environment::capture().color().unwrap_or_default(), is_terminal);
    let text = if has_colour { text.ansi().to_string() } else { text.to_string() };
    wrapped(&text, width).into_owned()
}

/// `-vv`: a line for each PKCS#11 call.
fn trace_calls(colour: bool) {
    let ui = Ui::stderr(Volume::Debug, colour);
    token::trace_calls(move |call| {
        let milliseconds = call.took.as_secs_f64() * 1000.0;
        ui.debug(format_args!("{} {} {milliseconds:.3} ms", call.function, call.returned()));
    });
}
