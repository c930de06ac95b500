//! One file for each subcommand: its arguments, its help, what it does and what it prints.
#![allow(
    rustdoc::bare_urls,
    rustdoc::invalid_html_tags,
    reason = "the doc comments of arguments are help texts for a terminal"
)]

mod batch;
mod bench;
mod command;
mod complete;
mod completions;
mod component;
mod config;
mod context;
mod custodian;
mod data;
mod datakey;
mod decrypt;
mod doctor;
mod encrypt;
mod ephemeral;
mod explain;
mod files;
mod inputs;
mod inspect;
mod jwks;
mod jws;
mod jwt;
mod key;
mod key_file;
mod man;
mod print;
mod public_key;
mod random;
mod recipients;
mod reencrypt;
mod sealed;
mod sessions;
mod sign;
#[cfg(test)]
mod tests;
mod token;
mod verify;

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args as _, CommandFactory, Parser, Subcommand as _};

pub use command::{Choose, Chosen, Grammar, Run, RunBare};
pub use complete::complete;
pub use context::Context;

use crate::{
    cli::{Global, answers, manual},
    failure::ErrorAnswer,
    io,
    keystore::is_conflict,
    token::is_lost,
};

/// Manage and use keys inside PKCS#11 tokens
///
/// kmsctl creates, lists, rotates and destroys keys inside a PKCS#11 token, and signs and encrypts with them. Private
/// and secret keys are used inside the token and do not leave it, unless they were created as exportable. The token is
/// the embedded one, a software token in a directory, or any other that has a PKCS#11 module: an HSM, a network HSM, a
/// TPM, SoftHSM.
#[derive(Debug, Parser)]
#[command(add = answers![ErrorAnswer])]
#[command(name = "kmsctl", version, subcommand_required = true, max_term_width = 100)]
#[command(after_help = manual::EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

command::group! {
    Command {
        "Keys":
            #[command(subcommand)]
            Key(key::Key),
            #[command(subcommand)]
            Component(component::Component),
            Jwks(jwks::Jwks);
        "Use keys":
            Sign(sign::Sign),
            Verify(verify::Verify),
            Encrypt(encrypt::Encrypt),
            Decrypt(decrypt::Decrypt),
            Reencrypt(reencrypt::Reencrypt),
            Inspect(inspect::Inspect),
            Datakey(datakey::Datakey),
            #[command(subcommand)]
            Jwt(jwt::Jwt),
            Batch(batch::Batch),
            Random(random::Random);
        "Tokens and set-up":
            #[command(subcommand)]
            Token(token::Token),
            #[command(subcommand)]
            Config(config::Config),
            Doctor(doctor::Doctor);
        "More":
            Ephemeral(ephemeral::Ephemeral),
            Bench(bench::Bench),
            Explain(explain::Explain),
            Completions(completions::Completions),
            Man(man::Man);
    }
}

/// The grammar for parsing `args`: a command has its options once it is named (see [`crate::cli::Deferred`]). Commands that
/// `args` does not name are left out, for each gets copies of the global options; if it names none, the error needs them all.
pub fn lean_grammar(args: &[OsString]) -> clap::Command {
    let root =
        clap::Command::default().name("kmsctl").version(env!("CARGO_PKG_VERSION")).subcommand_required(true);
    let root = Global::augment_args(root);
    let all = Command::augment_subcommands_for_update(clap::Command::default());
    let is_named = |command: &&clap::Command| args.iter().any(|arg| arg == command.get_name());
    let named: Vec<_> = all.get_subcommands().filter(is_named).cloned().collect();
    if named.is_empty() { Command::augment_subcommands_for_update(root) } else { root.subcommands(named) }
}

/// The grammar as data, for help, man pages and completions.
pub fn grammar() -> clap::Command {
    // For a missing subcommand, a one-line error is clearer than the whole help text that clap would print.
    Cli::command().arg_required_else_help(false).mut_subcommands(|sub| sub.arg_required_else_help(false))
}

/// The grammar of each command that is not a group, by its path: `key create`.
pub fn each_grammar() -> Vec<(String, clap::Command)> {
    fn collect(group: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
        for command in group.get_subcommands() {
            let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
            if command.has_subcommands() {
                collect(command, &path, found);
            } else {
                found.push((path, command.clone()));
            }
        }
    }
    let mut found = Vec::new();
    collect(&grammar(), "", &mut found);
    found
}

/// Runs a command. If the connection to the token is lost, a command that does not change the token is retried once, with
/// a new connection and login, because object handles do not survive. Also retried after a conflict, which has changed
/// nothing: SoftHSM may show changes of another machine only on a new connection.
pub fn run(context: &Context, command: &dyn Run) -> Result<()> {
    let outcome = match command.run(context) {
        Err(error) if is_lost(&error) && command.may_start_again() && context.start_again() => {
            context.ui.detail(format!("the connection to the token was lost ({error:#}); starting again"));
            command.run(context)
        }
        Err(error) if is_conflict(&error) && context.start_again() => {
            context.ui.detail(format!("{error:#}; starting again"));
            command.run(context)
        }
        outcome => outcome,
    };
    context.remove_brought_back();
    outcome.map_err(|error| {
        // Results are printed last.
        let is_unprinted = error.downcast_ref().is_some_and(io::Error::is_of_stdout);
        if command.changes() && is_unprinted {
            return error.context("the command took effect, but its result could not be printed");
        }
        error
    })
}
