//! One file for each subcommand: settings → operation → report.

mod config;
mod context;
mod docs;
mod key;
mod random;
mod sign;
mod token;

use anyhow::Result;

pub use context::Context;

use crate::cli::Command;

/// Commands that touch neither settings nor token; `None` for all others. They work in a broken environment too.
pub fn run_bare(command: &Command) -> Option<Result<()>> {
    match command {
        Command::Completions(arguments) => Some(docs::completions(arguments)),
        Command::Man(arguments) => Some(docs::man(arguments)),
        _ => None,
    }
}

pub fn run(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Token(command) => token::run(context, command),
        Command::Key(command) => key::run(context, command),
        Command::Sign(arguments) => sign::sign(context, arguments),
        Command::Verify(arguments) => sign::verify(context, arguments),
        Command::Random(arguments) => random::random(context, arguments),
        Command::Config(command) => config::run(context, command),
        Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}
