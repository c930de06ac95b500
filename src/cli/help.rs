//! The layout of help: commands in groups, `-h` on one screen, global options described once, in `kmsctl --help`.

use std::{fmt::Write as _, iter};

use clap::{
    Arg, Command,
    builder::{CommandExt, PossibleValue, StyledStr},
};

use super::{manual, synopsis::usage};

/// The heading under which a group lists a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading(pub &'static str);

impl CommandExt for Heading {}

/// Maximum width of a line in an example.
pub(super) const WIDTH: usize = 76;

/// A value of more characters is broken from its option.
const LONG_VALUE: usize = 60;

/// Breaks long commands in a text with backslashes, before an option or an operator.
pub(super) fn continued(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| {
        let is_command = line.starts_with("  ") && !line.trim_start().starts_with('#');
        if is_command && line.contains("kmsctl ") { continued_line(line, width) } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn continued_line(line: &str, max_width: usize) -> String {
    let mut text = String::new();
    let mut length = 0;
    for part in parts(line) {
        let width = part.chars().count();
        // A space and the backslash follow.
        if length > 0 && length + 1 + width > max_width - 2 {
            text.push_str(" \\\n     ");
            length = 5;
        }
        if length > 0 {
            text.push(' ');
            length += 1;
        }
        text.push_str(part);
        length += width;
    }
    text
}

fn split_long(part: &str) -> impl Iterator<Item = &str> {
    let value =
        part.split_once(' ').filter(|(option, value)| option.starts_with("--") && value.len() > LONG_VALUE);
    let (head, value) = value.map_or((part, None), |(option, value)| (option, Some(value)));
    iter::once(head).chain(value)
}

/// A command line, split before each unquoted option and operator, and before the value of an option that is too long for a
/// line, such as a recipient of age.
fn parts(line: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (index, c) in line.char_indices() {
        quoted ^= c == '\'';
        let rest = &line[index..];
        if !quoted && [" --", " | ", " > ", " < "].iter().any(|end| rest.starts_with(end)) {
            parts.push(&line[start..index]);
            start = index + 1;
        }
    }
    parts.push(&line[start..]);
    parts.into_iter().flat_map(split_long).collect()
}

/// The subcommands by heading, in the order of the grammar.
pub(super) fn groups(command: &Command) -> Vec<(&'static str, Vec<&Command>)> {
    let mut groups: Vec<(&str, Vec<&Command>)> = Vec::new();
    for (heading, sub) in command.get_subcommands().filter_map(|sub| Some((sub.get::<Heading>()?.0, sub))) {
        match groups.last_mut().filter(|(last, _)| *last == heading) {
            Some((_, commands)) => commands.push(sub),
            None => groups.push((heading, vec![sub])),
        }
    }
    groups
}

/// Shortens the help of an option for `-h`: the first clause, and the values if they are short. `--help` has everything.
fn described(arg: Arg) -> Arg {
    const SHORT: usize = 36;
    let full = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let end = [";", " (", "\n"].iter().filter_map(|end| full.find(end)).min().unwrap_or(full.len());
    let mut short = full[..end].to_owned();
    let values: Vec<_> = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    if values.is_empty() || !arg.get_action().takes_values() || arg.is_hide_possible_values_set() {
        return arg.help(short).long_help(full);
    }
    let names = values.iter().map(PossibleValue::get_name).collect::<Vec<_>>().join(", ");
    if names.len() <= SHORT {
        let _ = write!(short, ": {names}");
    }
    let width = values.iter().map(|value| value.get_name().len()).max().unwrap_or_default();
    let line = |value: &PossibleValue| {
        value.get_help().map(|help| format!("\n  {:width$}  {help}", value.get_name()))
    };
    let lines: Vec<_> = values.iter().filter_map(line).collect();
    let long = if lines.len() == values.len() { lines.concat() } else { format!("\nValues: {names}") };
    arg.help(short).long_help(format!("{full}{long}")).hide_possible_values(true)
}

/// Lays out the help of the root and of the commands whose names are `wanted`; of others it keeps what a list shows. Slow,
/// so only done to print help.
///
/// `width` is that of the terminal.
pub(super) fn laid_out(root: Command, wanted: &dyn Fn(&str) -> bool, width: Option<u16>) -> Command {
    let width = width.map_or(WIDTH, |width| WIDTH.min(width.into()).max(20));
    let mut root = pruned(root, wanted);
    root.build();
    let root = root.mut_args(|arg| if arg.is_global_set() { arg.hide_short_help(true) } else { arg });
    let root = root.mut_subcommands(|sub| without_globals(sub, width));
    group(root).after_long_help(continued(&manual::reference_text(width), width))
}

/// Reduces the subcommands that are not `wanted` to an outline: building all of them takes longer than anything else.
fn pruned(command: Command, wanted: &dyn Fn(&str) -> bool) -> Command {
    command.mut_subcommands(|sub| if wanted(sub.get_name()) { pruned(sub, wanted) } else { outline(&sub) })
}

fn outline(command: &Command) -> Command {
    let about = command.get_about().cloned().unwrap_or_default();
    let outline = Command::new(command.get_name().to_owned()).about(about);
    match command.get::<Heading>() {
        Some(heading) => outline.add(*heading),
        None => outline,
    }
}

/// A command below the root.
fn without_globals(command: Command, width: usize) -> Command {
    let command = command.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    if command.has_subcommands() {
        return group(command.mut_subcommands(|sub| without_globals(sub, width)));
    }
    let (path, command) = (path(&command), command.mut_args(described));
    let examples = command.get_after_long_help().or_else(|| command.get_after_help());
    let examples = continued(&examples.map(ToString::to_string).unwrap_or_default(), width);
    let long = format!("{examples}\n\nGlobal options: kmsctl --help");
    let usage = typed(&command);
    command
        .override_usage(usage)
        .after_long_help(long)
        .after_help(format!("Details and examples: {path} --help. Global options: kmsctl --help"))
}

/// clap has one heading for all subcommands, so they are listed in a template and hidden from clap's list.
fn group(command: Command) -> Command {
    let (path, usage) = (path(&command), typed(&command));
    let mut template = StyledStr::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (heading, commands) in groups(&command) {
        list(&command, heading, &commands, &mut template);
    }
    let _ = template.write_str("\n{all-args}{after-help}");
    command
        .help_template(template)
        .override_usage(usage)
        .mut_subcommands(|sub| sub.hide(true))
        .after_help(format!("More: {path} COMMAND --help. Global options: kmsctl --help"))
}

fn list(group: &Command, heading: &str, commands: &[&Command], text: &mut StyledStr) {
    let (header, literal) = (group.get_styles().get_header(), group.get_styles().get_literal());
    let width = group.get_subcommands().map(|sub| sub.get_name().len()).max().unwrap_or_default();
    let _ = write!(text, "\n{header}{heading}:{header:#}\n");
    for sub in commands {
        let about = sub.get_about().cloned().unwrap_or_default();
        let _ = writeln!(text, "  {literal}{:width$}{literal:#}  {about}", sub.get_name());
    }
}

/// The usage lines after `Usage: `, with literal words highlighted.
fn typed(command: &Command) -> StyledStr {
    let literal = command.get_styles().get_literal();
    let mut text = StyledStr::new();
    for (index, line) in usage(command).iter().enumerate() {
        let indent = if index == 0 { "" } else { "\n       " };
        let _ = write!(text, "{indent}");
        for (index, word) in line.split(' ').enumerate() {
            let space = if index == 0 { "" } else { " " };
            let is_literal = word.contains(|c: char| c.is_ascii_lowercase());
            let _ = if is_literal {
                write!(text, "{space}{literal}{word}{literal:#}")
            } else {
                write!(text, "{space}{word}")
            };
        }
    }
    text
}

/// The command with its parents, as it is typed.
fn path(command: &Command) -> String {
    command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::grammar;

    #[test]
    fn headings_are_unique() {
        let root = grammar();
        for command in root.get_subcommands().filter(|sub| sub.has_subcommands()).chain([&root]) {
            let headings: Vec<_> = groups(command).into_iter().map(|(heading, _)| heading).collect();
            let different: std::collections::BTreeSet<_> = headings.iter().collect();
            assert_eq!(different.len(), headings.len(), "{headings:?}");
        }
    }

    /// `-h` and `--help` of each command, by its path.
    fn helps() -> Vec<(String, String, String)> {
        fn collect(command: &mut Command, found: &mut Vec<(String, String, String)>) {
            let (short, long) = (command.render_help().to_string(), command.render_long_help().to_string());
            found.push((path(command), short, long));
            command
                .get_subcommands_mut()
                .filter(|sub| sub.get_name() != "help")
                .for_each(|sub| collect(sub, found));
        }
        let mut found = Vec::new();
        collect(&mut laid_out(grammar(), &|_| true, None), &mut found);
        found
    }

    #[test]
    fn global_options_are_described_once() {
        for (path, short, long) in helps() {
            assert_eq!(long.contains("--lock-timeout <"), path == "kmsctl", "{long}");
            assert!(!short.contains("--quiet") && !short.contains("--module "), "{short}");
            assert!(short.contains("Global options: kmsctl --help"), "{short}");
        }
    }

    #[test]
    fn examples_fit_a_terminal_and_are_continued_with_backslashes() {
        for (path, _, long) in helps() {
            let Some((_, examples)) = long.split_once("\nExamples:\n") else { continue };
            let examples = examples.split("\n\n").next().unwrap_or_default();
            for line in examples.lines() {
                assert!(line.chars().count() <= WIDTH, "{path}: {line}");
            }
        }
        let long = "  kmsctl sign --label web --context 'a -- b | c' --in a-rather-long-name --out another-name | cat";
        let whole = continued(long, WIDTH);
        assert_eq!(whole.replace(" \\\n      ", " "), long);
        assert!(whole.lines().count() == 2 && whole.lines().all(|line| line.len() <= WIDTH), "{whole}");
        assert_eq!(continued("  kmsctl key list", WIDTH), "  kmsctl key list");
    }

    #[test]
    fn lists_of_commands_fit_a_terminal() {
        for (path, short, _) in helps().iter().filter(|(_, short, _)| short.contains("COMMAND [OPTIONS]")) {
            assert!(short.lines().all(|line| line.chars().count() <= 80), "{path}\n{short}");
        }
    }
}
