//! The command line's grammar: what may be typed, and the texts that explain it. No behaviour.
#![allow(
    rustdoc::bare_urls,
    rustdoc::invalid_html_tags,
    reason = "the doc comments are help texts for a terminal"
)]

/// The end of a help text: commands to copy, each under a comment that says what it is for.
macro_rules! examples {
    ($($purpose:literal => $command:literal),+ $(,)?) => {
        concat!("Examples:", $("\n  # ", $purpose, "\n  ", $command),+)
    };
}

pub mod batch;
pub mod bench;
pub mod ciphertext;
pub mod complete;
pub mod component;
pub mod config;
pub mod docs;
pub mod doctor;
pub mod encrypt;
pub mod ephemeral;
pub mod explain;
pub mod global;
mod guess;
mod help;
pub mod jwks;
pub mod jwt;
pub mod key;
mod manual;
pub mod pages;
mod passphrase;
pub mod random;
pub mod select;
pub mod sign;
mod synopsis;
pub mod token;
mod usage;
pub mod values;

use clap::{CommandFactory, Parser, Subcommand};

pub use complete::{Candidate, Wanted};
pub use global::{ColorWhen, Global};
pub use passphrase::PassphraseOptions;
pub use select::{Selection, VersionSelection};
pub use usage::{Parsed, UsageError, parse, wants_json};
pub use values::{Assignment, EcdsaForm, Encoding, LabelBytes, Offset};

/// Manage and use keys inside PKCS#11 tokens
///
/// kmsctl creates, lists, rotates and destroys keys inside a PKCS#11 token, and signs and encrypts with them there:
/// private and secret keys never leave the token. The token is the embedded one, a software token in a directory of
/// files, or any other through its PKCS#11 module: an HSM, a network HSM, a TPM, SoftHSM.
#[derive(Debug, Parser)]
#[command(name = "kmsctl", version, subcommand_required = true, max_term_width = 100)]
#[command(after_help = manual::EXAMPLES)]
#[command(after_long_help = [manual::EXAMPLES, manual::REFERENCE].join("\n\n"))]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(subcommand)]
    Token(token::Command),
    #[command(subcommand)]
    Key(key::Command),
    Sign(sign::Sign),
    Verify(sign::Verify),
    #[command(subcommand)]
    Jwt(jwt::Command),
    Jwks(jwks::Jwks),
    Batch(batch::Batch),
    Encrypt(encrypt::Encrypt),
    Decrypt(encrypt::Decrypt),
    Reencrypt(ciphertext::Reencrypt),
    Inspect(ciphertext::Inspect),
    Datakey(ciphertext::Datakey),
    Random(random::Random),
    Doctor(doctor::Doctor),
    Bench(bench::Bench),
    #[command(subcommand)]
    Component(component::Command),
    #[command(subcommand)]
    Config(config::Command),
    Ephemeral(ephemeral::Ephemeral),
    Explain(explain::Explain),
    Completions(docs::Completions),
    Man(docs::Man),
}

/// The grammar as data, for parsing, man pages and completions.
pub fn command_for_docs() -> clap::Command {
    // clap would answer a missing subcommand with the whole help text; an error in one line says more.
    Cli::command().arg_required_else_help(false).mut_subcommands(|sub| sub.arg_required_else_help(false))
}

impl Command {
    /// Whether standard output is what the command was run for, so that a reader who has only a part of it must not believe
    /// that all went well. Else it is a listing, or a report of a change or an answer that stands without it.
    pub const fn prints_result(&self) -> bool {
        match self {
            Self::Sign(_)
            | Self::Jwt(_)
            | Self::Jwks(_)
            | Self::Batch(_)
            | Self::Encrypt(_)
            | Self::Decrypt(_)
            | Self::Reencrypt(_)
            | Self::Datakey(_)
            | Self::Random(_) => true,
            Self::Key(key::Command::Show(show)) => show.pem || show.der || show.jwk || show.ssh || show.kcv,
            Self::Key(command) => matches!(command, key::Command::Wrap(_)),
            Self::Token(_)
            | Self::Verify(_)
            | Self::Inspect(_)
            | Self::Doctor(_)
            | Self::Bench(_)
            | Self::Component(_)
            | Self::Config(_)
            | Self::Ephemeral(_)
            | Self::Explain(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }

    /// Whether it can change what is on the token, its PINs included. The one place that says so: it decides what a profile
    /// for use only refuses and what is never run twice.
    pub const fn changes(&self) -> bool {
        match self {
            Self::Token(command) => command.changes(),
            Self::Key(command) => command.changes(),
            Self::Doctor(doctor) => doctor.repair,
            Self::Sign(_)
            | Self::Verify(_)
            | Self::Jwt(_)
            | Self::Jwks(_)
            | Self::Batch(_)
            | Self::Encrypt(_)
            | Self::Decrypt(_)
            | Self::Reencrypt(_)
            | Self::Inspect(_)
            | Self::Datakey(_)
            | Self::Random(_)
            // Its keys last as long as its sessions.
            | Self::Bench(_)
            | Self::Component(_)
            | Self::Config(_)
            // On a token of its own.
            | Self::Ephemeral(_)
            | Self::Explain(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }

    /// The URI of the key that the command names. It may also say where the token is.
    pub fn uri(&self) -> Option<&crate::model::Uri> {
        let selection = match self {
            Self::Key(command) => command.selection(),
            Self::Sign(arguments) => Some(&arguments.key.key),
            Self::Verify(arguments) => Some(&arguments.key.key),
            Self::Jwt(command) => command.selection(),
            Self::Jwks(arguments) => return arguments.uri.first(),
            Self::Encrypt(arguments) => Some(&arguments.key.key),
            Self::Datakey(arguments) => Some(&arguments.key.key),
            _ => None,
        };
        selection?.uri.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
        let path = format!("{path} {}", command.get_name());
        if command.has_subcommands() {
            for sub in command.get_subcommands() {
                leaves(sub, &path, found);
            }
        } else {
            found.push((path, command.clone()));
        }
    }

    fn all_leaves() -> Vec<(String, clap::Command)> {
        let mut found = Vec::new();
        leaves(&command_for_docs(), "", &mut found);
        found
    }

    /// The words of the first program of a shell line; knows single quotes, pipes and redirections.
    fn words(line: &str) -> Vec<String> {
        let end = [" | ", " > ", " >> ", " && "].iter().filter_map(|end| line.find(end)).min();
        let line = &line[..end.unwrap_or(line.len())];
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().expect("never empty").push(c),
            }
        }
        words
    }

    #[test]
    fn clap_accepts_the_grammar() {
        command_for_docs().debug_assert();
    }

    #[test]
    fn every_command_has_an_about_text_and_examples() {
        for (path, command) in all_leaves() {
            assert!(command.get_about().is_some(), "{path} has no description");
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.starts_with("Examples:\n"), "{path} has no examples");
            assert!(examples.contains(&format!("\n {path}")), "{path} is not in its own examples");
        }
    }

    #[test]
    fn every_example_is_valid() {
        let mut texts = vec![manual::EXAMPLES.to_owned()];
        texts.extend(
            all_leaves().iter().filter_map(|(_, command)| command.get_after_help().map(ToString::to_string)),
        );
        let lines: Vec<_> = texts.iter().flat_map(|text| text.lines()).map(str::trim).collect();
        let commands: Vec<_> = lines.iter().filter(|line| line.starts_with("kmsctl ")).collect();
        assert!(commands.len() > 20);
        for line in commands {
            if let Err(error) = Cli::try_parse_from(words(line)) {
                panic!("{line}\n{error}");
            }
        }
    }

    #[test]
    fn every_option_is_explained() {
        for (path, command) in all_leaves() {
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{path}: {}", arg.get_id());
            }
        }
    }
}
