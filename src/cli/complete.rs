//! Completion of a half-typed command line: options and commands from the grammar, names from the token.

use std::{ffi::OsString, io};

use clap::{Arg, Command};
use clap_complete::{
    ArgValueCandidates, CompletionCandidate, Shell,
    env::{CompleteEnv, Shells},
};

use super::command_for_docs;

/// The variable by which a shell's script asks for an answer instead of a run.
pub const VARIABLE: &str = "KMSCTL_COMPLETE";

/// What is to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Label,
    Id,
    Version,
    Token,
    Profile,
}

/// A name and what a person may want to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub value: String,
    pub help: String,
}

/// Finds names for what was typed so far.
pub type Lookup = fn(Wanted, &[OsString]) -> Vec<Candidate>;

/// Whether this run was asked for completions; then they have been printed. A shell's script asks by the variable and by
/// `--` before the typed line, with which no command begins: a variable that was exported hijacks nothing.
pub fn answer(arguments: &[OsString], lookup: Lookup) -> Result<bool, clap::Error> {
    if arguments.len() < 3 || arguments[1] != "--" {
        return Ok(false);
    }
    let typed: Vec<_> = arguments.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    let factory = || with_names(command_for_docs(), lookup, &typed);
    let directory = std::env::current_dir().ok();
    CompleteEnv::with_factory(factory)
        .var(VARIABLE)
        .bin("kmsctl")
        .try_complete(arguments.to_vec(), directory.as_deref())
}

/// The script that makes a shell ask. `None` for a shell that clap has no script for.
pub fn registration(shell: Shell) -> Option<io::Result<Vec<u8>>> {
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string())?;
    let mut script = Vec::new();
    Some(completer.write_registration(VARIABLE, "kmsctl", "kmsctl", "kmsctl", &mut script).map(|()| script))
}

fn with_names(command: Command, lookup: Lookup, typed: &[OsString]) -> Command {
    // Where a key is selected a label is one that exists; where one is created, it is new.
    let selects = command.get_arguments().any(|arg| arg.get_id() == "uri") || command.get_name() == "list";
    let command = command.mut_args(|arg| match wanted(&arg, selects) {
        Some(wanted) => arg.add(candidates(wanted, lookup, typed.to_vec())),
        None => arg,
    });
    command.mut_subcommands(|sub| with_names(sub, lookup, typed))
}

fn wanted(arg: &Arg, selects: bool) -> Option<Wanted> {
    match arg.get_id().as_str() {
        "label" if selects => Some(Wanted::Label),
        "id" if selects => Some(Wanted::Id),
        "key_version" => Some(Wanted::Version),
        "token" if arg.is_global_set() => Some(Wanted::Token),
        "profile" if arg.is_global_set() => Some(Wanted::Profile),
        _ => None,
    }
}

fn candidates(wanted: Wanted, lookup: Lookup, typed: Vec<OsString>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let found = lookup(wanted, &typed).into_iter();
        found.map(|one| CompletionCandidate::new(one.value).help(Some(one.help.into()))).collect()
    })
}
