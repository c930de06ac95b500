//! Shell completion: options and commands from the grammar, names from the token.
//!
//! Names are untrusted: anyone can create a public object without a PIN, or a file in /tmp. So each candidate is quoted for
//! its shell (`word`). Bash inserts candidates unquoted, and clap's script lets it expand them as patterns of file names, so
//! kmsctl has its own script for bash.

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

/// The variable by which a completion script asks for candidates.
const VARIABLE: &str = crate::setting::COMPLETE.name;

/// The kind of name to complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Label,
    Id,
    Version,
    Token,
    Profile,
}

/// A name and its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub value: String,
    pub help: String,
}

/// Finds names for the words typed so far.
pub type Lookup = fn(Wanted, &[OsString]) -> Vec<Candidate>;

/// Prints candidates if a completion script asks for them, and returns whether it does. A script sets the variable and puts
/// `--` before the typed words. No command begins with that, so an exported variable alone has no effect.
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

/// The completion script of a shell, which runs kmsctl at each Tab.
pub fn registration(shell: Shell) -> io::Result<Vec<u8>> {
    if shell == Shell::Bash {
        return Ok(include_bytes!("../../../completions/kmsctl.bash").to_vec());
    }
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&shell.to_string()) {
        completer.write_registration(VARIABLE, "kmsctl", "kmsctl", "kmsctl", &mut script)?;
    }
    if shell == Shell::Zsh {
        // If the script is a file in $fpath, the first Tab only loads it: complete that Tab too.
        script.extend(b"[[ ${funcstack[1]} != _kmsctl ]] || _clap_dynamic_completer_kmsctl\n");
    }
    Ok(script)
}

/// How names are found and quoted.
#[derive(Debug, Clone)]
struct Names {
    lookup: Lookup,
    typed: Vec<OsString>,
    writing: Writing,
}

fn with_names(command: Command, names: &Names) -> Command {
    // Labels of existing keys are no use to commands that create keys.
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

/// The completer of files for an argument.
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

    /// Skips names that are not UTF-8.
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
