//! Parses arguments into a command, a text to print, or an error.

use std::ffi::OsString;

use clap::{Command, FromArgMatches, builder::StyledStr, error::ErrorKind};

use super::{guess::Reached, help::laid_out};
use crate::model::{Code, Coded, Diagnosis};

/// The result of parsing valid arguments.
#[derive(Debug)]
pub enum Parsed<C> {
    Run(Box<C>),
    /// Help or the version, for standard output.
    Print(StyledStr),
    /// Help, because the command is missing: exit 2.
    Missing(StyledStr),
}

/// An error in the arguments: exit 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    pub message: String,
    pub hint: Option<String>,
}

impl UsageError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    #[must_use]
    pub fn hinted(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl Coded for UsageError {
    fn diagnosis(&self) -> Diagnosis {
        Diagnosis { code: Code::Usage, hint: self.hint.clone() }
    }
}

/// `args` begins with the program's name. `lean` makes the grammar for parsing them (see [`super::Deferred`]), `grammar` the
/// whole one. Examples in help are broken for a terminal of this width.
pub fn parse<C: FromArgMatches>(
    lean: fn(&[OsString]) -> Command,
    grammar: fn() -> Command,
    args: impl IntoIterator<Item = OsString>,
    width: Option<u16>,
) -> Result<Parsed<C>, UsageError> {
    let args: Vec<_> = args.into_iter().collect();
    // Before clap makes its own help, which is not printed.
    if asks_for_help(&args)
        && let Some(text) = help(grammar(), &args, width)
    {
        return Ok(Parsed::Print(text));
    }
    match lean(&args)
        .try_get_matches_from(&args)
        .and_then(|mut matches| C::from_arg_matches_mut(&mut matches))
    {
        Ok(cli) => Ok(Parsed::Run(Box::new(cli))),
        Err(error) if error.kind() == ErrorKind::DisplayVersion => Ok(Parsed::Print(error.render())),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            Ok(Parsed::Print(help(grammar(), &args, width).unwrap_or_default()))
        }
        Err(error) if error.kind() == ErrorKind::MissingSubcommand => {
            let root = grammar();
            let hint = Reached::by(&root, &args).help();
            if wants_json(&args) {
                return Err(UsageError::new("no command given").hinted(hint));
            }
            Ok(Parsed::Missing(
                help(grammar(), &[args, vec!["-h".into()]].concat(), width).unwrap_or_default(),
            ))
        }
        Err(error) => {
            let root = grammar();
            let reached = Reached::by(&root, &args);
            let UsageError { message, hint } = from_clap(&error.render().to_string());
            // clap's usage for a conflict has one of the two options and what else was given: `key purge --due --yes`. That of
            // alternatives and groups repeats the message, or says nothing.
            let is_helpful =
                |hint: &String| error.kind() != ErrorKind::ArgumentConflict && !hint.contains(['<', '|']);
            let hint = hint.filter(is_helpful);
            Err(UsageError::new(message)
                .hinted(reached.meant(&error).or(hint).unwrap_or_else(|| reached.help())))
        }
    }
}

/// Whether the arguments seem to request help.
fn asks_for_help(args: &[OsString]) -> bool {
    let mut words = args.iter().take_while(|arg| *arg != "--");
    words.any(|arg| ["-h", "--help", "help"].iter().any(|word| arg == word))
}

/// The help that the arguments request, if they do.
fn help(grammar: Command, args: &[OsString], width: Option<u16>) -> Option<StyledStr> {
    let is_named = |name: &str| args.iter().any(|arg| arg == name);
    let error = laid_out(grammar, &is_named, width).try_get_matches_from(args).err()?;
    (error.kind() == ErrorKind::DisplayHelp).then(|| error.render())
}

/// Whether to print errors as JSON. Works on invalid arguments too.
pub fn wants_json(args: &[OsString]) -> bool {
    args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json")
}

/// Converts clap's text, which consists of paragraphs: the error, tips, the usage, a pointer to the help. Tips are dropped:
/// they do not know the context of the run.
fn from_clap(text: &str) -> UsageError {
    let mut message = String::new();
    let mut hint = None;
    for paragraph in text.split("\n\n").map(str::trim) {
        let mut lines = paragraph.lines().map(str::trim);
        if let Some(usage) = paragraph.strip_prefix("Usage: ") {
            // The first usage, if there are several.
            hint = usage.lines().next().map(|first| format!("usage: {first}"));
        } else if let Some(first) = lines.next().and_then(|line| line.strip_prefix("error: ")) {
            let rest: Vec<_> = lines.collect();
            let text = without_identities(format!("{first} {}", rest.join(", ")).trim_end());
            message = shortened(&reworded(&text));
        }
    }
    UsageError { message, hint }
}

/// `--in`, or of `<--label <LABEL>|--id <HEX>>` the names of all.
fn missing(argument: &str) -> String {
    let name = |option: &str| option.split(' ').next().unwrap_or_default().to_owned();
    let Some(options) = argument.strip_prefix("<--") else { return name(argument) };
    let names: Vec<_> =
        options.split("|--").map(|option| format!("--{}", name(option).trim_end_matches('>'))).collect();
    format!("one of {}", names.join(", "))
}

/// Rewords the messages of clap about missing options, and of the standard library about numbers.
fn reworded(message: &str) -> String {
    if let Some(arguments) = message.strip_prefix("the following required arguments were not provided: ") {
        let missing: Vec<_> = arguments.split(", ").map(missing).collect();
        return format!("missing: {}", missing.join(", and "));
    }
    let Some((before, why)) = message.rsplit_once("': ") else { return message.to_owned() };
    let why = match (why.rsplit_once(" is not in "), why) {
        (Some((_, range)), _) => match range.split_once("..=") {
            Some((least, most))
                if ![i64::MAX, i32::MAX.into()].map(|max| max.to_string()).contains(&most.to_owned()) =>
            {
                format!("must be {least} to {most}")
            }
            _ => format!("must be at least {}", range.split("..").next().unwrap_or_default()),
        },
        (None, "invalid digit found in string") => "not a whole number".to_owned(),
        (None, "number too large to fit in target type") => "too large".to_owned(),
        _ => return message.to_owned(),
    };
    format!("{before}': {why}")
}

/// An identity of age that was given as a recipient is secret: messages are kept in logs.
fn without_identities(message: &str) -> String {
    const START: &str = "AGE-SECRET-KEY-";
    let masked = |part: &str| {
        let is_identity = part.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START));
        if is_identity { format!("{START}…") } else { part.to_owned() }
    };
    message.split('\'').map(masked).collect::<Vec<_>>().join("'")
}

/// Shortens a message: it contains the refused value, which can be very long (`$(cat FILE)`).
fn shortened(message: &str) -> String {
    const MAX_SHOWN: usize = 300;
    let Some((end_of_first, _)) = message.char_indices().nth(MAX_SHOWN) else { return message.to_owned() };
    let Some((start_of_last, _)) = message.char_indices().nth_back(MAX_SHOWN) else {
        return message.to_owned();
    };
    if start_of_last < end_of_first + MAX_SHOWN {
        return message.to_owned();
    }
    format!("{} … {}", &message[..end_of_first], &message[start_of_last..])
}

#[cfg(test)]
mod tests;
