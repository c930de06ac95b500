//! One file for each subcommand: settings → operation → report.

mod batch;
mod bench;
mod complete;
mod component;
mod config;
mod context;
mod data;
mod datakey;
mod decrypt;
mod decrypt_several;
mod docs;
mod doctor;
mod encrypt;
mod encrypt_several;
mod ephemeral;
mod explain;
mod inspect;
mod jwks;
mod jws;
mod jwt;
mod key;
mod key_file;
mod random;
mod reencrypt;
mod sealed;
mod sessions;
mod several;
mod sign;
mod sign_several;
mod token;
mod verify;

use anyhow::Result;

pub use complete::complete;
pub use context::Context;

use crate::{
    cli::{Command, Global},
    keystore::is_conflict,
    token::is_lost,
};

/// Commands that touch neither settings nor token, with their exit codes; `None` for all others. They work in a broken
/// environment too.
pub fn run_bare(command: &Command, global: &Global) -> Option<Result<u8>> {
    let done = |result: Result<()>| Some(result.map(|()| 0));
    match command {
        Command::Completions(arguments) => done(docs::completions(arguments)),
        Command::Man(arguments) => done(docs::man(arguments)),
        Command::Explain(arguments) => done(explain::explain(arguments, global)),
        Command::Ephemeral(arguments) => Some(ephemeral::ephemeral(arguments, global)),
        Command::Config(command) => config::run_bare(command, global).and_then(done),
        _ => None,
    }
}

/// Runs a command. When the token is lost in the middle, what changes nothing on it is started once more from the
/// beginning: with a new connection and a new login, for handles of objects do not outlive the old ones. The same after a
/// conflict, which left nothing changed: SoftHSM may show what the other machine did on a new connection only.
pub fn run(context: &Context, command: &Command) -> Result<()> {
    match attempt(context, command) {
        Err(error) if is_lost(&error) && may_start_again(command) && context.start_again() => {
            context.ui.detail(format!("the connection to the token was lost ({error:#}); starting again"));
            attempt(context, command)
        }
        Err(error) if is_conflict(&error) && context.start_again() => {
            context.ui.detail(format!("{error:#}; starting again"));
            attempt(context, command)
        }
        outcome => outcome,
    }
}

/// Whether a command only reads what is on the token. `batch` reconnects by itself, between two requests; what `bench`
/// measured before would count twice.
const fn may_start_again(command: &Command) -> bool {
    !command.changes() && !matches!(command, Command::Batch(_) | Command::Bench(_))
}

fn attempt(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Token(command) => token::run(context, command),
        Command::Key(command) => key::run(context, command),
        Command::Sign(arguments) => sign::sign(context, arguments),
        Command::Verify(arguments) => verify::verify(context, arguments),
        Command::Jwt(command) => jwt::run(context, command),
        Command::Jwks(arguments) => jwks::jwks(context, arguments),
        Command::Batch(arguments) => batch::batch(context, arguments),
        Command::Encrypt(arguments) => encrypt::encrypt(context, arguments),
        Command::Decrypt(arguments) => decrypt::decrypt(context, arguments),
        Command::Reencrypt(arguments) => reencrypt::reencrypt(context, arguments),
        Command::Inspect(arguments) => inspect::inspect(context, arguments),
        Command::Datakey(arguments) => datakey::datakey(context, arguments),
        Command::Random(arguments) => random::random(context, arguments),
        Command::Doctor(arguments) => doctor::doctor(context, arguments),
        Command::Bench(arguments) => bench::bench(context, arguments),
        Command::Component(command) => component::run(context, command),
        Command::Config(_) => config::show(context),
        Command::Completions(_) | Command::Man(_) | Command::Ephemeral(_) | Command::Explain(_) => Ok(()),
    }
}
