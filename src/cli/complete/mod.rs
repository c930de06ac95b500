//! Completion of a half-typed command line: options and commands from the grammar, names from the token.
//!
//! A name can be anybody's: a public object needs no PIN, a file in /tmp no leave. So each is offered as its shell reads it as
//! data (`word`), and bash, which puts it into the line as it is, has a script of kmsctl's own: clap's lets bash take
//! answers for patterns of file names.

mod word;

use std::{
    ffi::{OsStr, OsString},
    io,
};

use clap::{Arg, Command, ValueHint};
use clap_complete::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, Shell,
    engine::ValueCompleter as _,
    env::{CompleteEnv, Shells},
};

use word::{Writing, unquoted};

/// The variable by which a shell's script asks for an answer instead of a run.
const VARIABLE: &str = crate::setting::COMPLETE.name;

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
pub fn answer(
    shell: Option<&OsStr>,
    arguments: &[OsString],
    grammar: fn() -> Command,
    lookup: Lookup,
) -> Result<bool, clap::Error> {
    let Some(shell) = shell.filter(|_| arguments.len() > 2 && arguments[1] == "--") else { return Ok(false) };
    let meant = |word: &OsString| unquoted(&word.to_string_lossy()).into();
    let names =
        Names { lookup, typed: arguments[2..].iter().map(meant).collect(), writing: Writing::of(shell) };
    let factory = || with_names(grammar(), &names);
    let directory = std::env::current_dir().ok();
    CompleteEnv::with_factory(factory)
        .var(VARIABLE)
        .bin("kmsctl")
        .try_complete(arguments.to_vec(), directory.as_deref())
}

/// The script by which a shell asks the program at each Tab.
pub fn registration(shell: Shell) -> io::Result<Vec<u8>> {
    if shell == Shell::Bash {
        return Ok(include_bytes!("kmsctl.bash").to_vec());
    }
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&shell.to_string()) {
        completer.write_registration(VARIABLE, "kmsctl", "kmsctl", "kmsctl", &mut script)?;
    }
    if shell == Shell::Zsh {
        // As a file in $fpath, it is run for the first time by a Tab, which wants an answer too.
        script.extend(b"[[ ${funcstack[1]} != _kmsctl ]] || _clap_dynamic_completer_kmsctl\n");
    }
    Ok(script)
}

/// How names are found and written.
#[derive(Debug, Clone)]
struct Names {
    lookup: Lookup,
    typed: Vec<OsString>,
    writing: Writing,
}

fn with_names(command: Command, names: &Names) -> Command {
    // Where a key is selected a label is one that exists; where one is created, it is new.
    let selects = command.get_arguments().any(|arg| arg.get_id() == "uri") || command.get_name() == "list";
    let command = command.mut_args(|arg| match (wanted(&arg, selects), paths(&arg)) {
        (Some(wanted), _) => arg.add(names.candidates(wanted)),
        (None, Some(paths)) => arg.add(names.files(paths)),
        (None, None) => arg,
    });
    command.mut_subcommands(|sub| with_names(sub, names))
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

/// The files that an argument may name.
fn paths(arg: &Arg) -> Option<fn() -> PathCompleter> {
    match arg.get_value_hint() {
        ValueHint::AnyPath => Some(PathCompleter::any),
        ValueHint::FilePath | ValueHint::ExecutablePath => Some(PathCompleter::file),
        ValueHint::DirPath => Some(PathCompleter::dir),
        _ => None,
    }
}

impl Names {
    fn candidates(&self, wanted: Wanted) -> ArgValueCandidates {
        let Self { lookup, typed, writing } = self.clone();
        ArgValueCandidates::new(move || {
            let found = lookup(wanted, &typed).into_iter();
            let offered = |one: Candidate| {
                let value = writing.write(&one.value)?;
                Some(CompletionCandidate::new(value).help(Some(one.help.into())))
            };
            found.filter_map(offered).collect()
        })
    }

    /// A name that is not UTF-8 is left out.
    fn files(&self, paths: fn() -> PathCompleter) -> ArgValueCompleter {
        let writing = self.writing;
        ArgValueCompleter::new(move |current: &OsStr| {
            let current = unquoted(&current.to_string_lossy());
            let found = paths().complete(OsStr::new(&current)).into_iter();
            let offered = |one: CompletionCandidate| writing.write(one.get_value().to_str()?);
            found.filter_map(offered).map(CompletionCandidate::new).collect()
        })
    }
}
