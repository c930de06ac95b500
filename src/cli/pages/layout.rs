//! The manual page of a command, in the order of sections of git and coreutils.

use clap::{Arg, Command, builder::PossibleValue};
use roff::{Inline, Roff, bold, italic, roman};

use crate::cli::{
    help::{WIDTH, continued, groups},
    manual::{self, Part},
    synopsis::synopsis,
};

/// An empty argument of a macro; `roff` writes nothing for an empty text.
const EMPTY: &str = "\"\"";

pub(super) fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

pub(super) fn page(command: &Command, parent: Option<&Command>) -> Roff {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut roff = title(page_name(command), "1", &about);
    roff.control("SH", ["SYNOPSIS"]);
    for line in synopsis(command) {
        roff.control("HP", ["4"]).text(typed(&line));
    }
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let description = long.strip_prefix(&about).unwrap_or(&long).trim_matches('\n');
    if !description.is_empty() {
        roff.control("SH", ["DESCRIPTION"]);
        prose(description, &mut roff);
    }
    options(command, parent.is_none(), &mut roff);
    commands(command, &mut roff);
    let after = command.get_after_long_help().or_else(|| command.get_after_help());
    let after = continued(&after.map(ToString::to_string).unwrap_or_default(), WIDTH);
    let (examples, others): (Vec<_>, Vec<_>) =
        sections(&after).into_iter().partition(|(heading, _)| *heading == "Examples");
    for (heading, lines) in others {
        roff.control("SH", [heading.to_uppercase().as_str()]);
        verbatim(&lines, &mut roff);
    }
    if parent.is_none() {
        reference(&mut roff);
    }
    if parent.is_some() && !after.contains("Exit status:\n") {
        roff.control("SH", ["EXIT STATUS"]);
        roff.text([roman("See "), bold("kmsctl-errors"), roman("(7).")]);
    }
    for (_, lines) in examples {
        roff.control("SH", ["EXAMPLES"]);
        self::examples(&lines, &mut roff);
    }
    see_also(command, parent, &mut roff);
    roff
}

/// The header of a page and its NAME section.
pub(super) fn title(name: &str, section: &str, about: &str) -> Roff {
    let mut roff = Roff::new();
    let source = concat!("kmsctl ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", [name.to_uppercase().as_str(), section, EMPTY, source, "kmsctl manual"]);
    // No hyphenation and no justification, because half of the words are options.
    roff.control("nh", []).control("ad", ["l"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {about}"))]);
    roff
}

/// A line of the synopsis, with no line break between an option and its value, but after a bar.
fn typed(line: &str) -> Vec<Inline> {
    let mut inlines = Vec::new();
    let (mut open, mut before) = (0_usize, "");
    for (index, word) in line.split(' ').enumerate() {
        if index > 0 {
            inlines.push(roman(if open > 0 && before != "|" { "\u{a0}" } else { " " }));
        }
        before = word;
        open = (open + word.matches('[').count()).saturating_sub(word.matches(']').count());
        let name = word.trim_start_matches(['[', '(']);
        let (opening, name) = word.split_at(word.len() - name.len());
        let end = name.find([']', ')', '.']).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        let is_value = name.chars().any(|c| c.is_ascii_uppercase()) && !name.starts_with('-');
        inlines.extend([
            roman(opening),
            if is_value {
                italic(name)
            } else if name == "|" {
                roman(name)
            } else {
                bold(name)
            },
            roman(after),
        ]);
    }
    inlines.retain(|inline| !matches!(inline, Inline::Roman(text) | Inline::Bold(text) if text.is_empty()));
    inlines
}

/// The sections of kmsctl(1) that do not belong to a command.
fn reference(roff: &mut Roff) {
    for (heading, parts) in manual::reference() {
        roff.control("SH", [heading.to_uppercase().as_str()]);
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) if index > 0 => {
                    roff.control("PP", []).text(marked(text));
                }
                Part::Text(text) => {
                    roff.text(marked(text));
                }
                Part::Rows(rows) => entries(rows, roff),
            }
        }
    }
}

/// Names, each with its meaning.
pub(super) fn entries(rows: &[(String, String)], roff: &mut Roff) {
    for (name, text) in rows {
        roff.control("TP", []).text([bold(name)]).text(marked(text));
    }
}

/// Paragraphs. Indented ones are kept line by line.
fn prose(text: &str, roff: &mut Roff) {
    for (index, paragraph) in text.split("\n\n").map(|text| text.trim_end_matches('\n')).enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        if paragraph.starts_with("  ") {
            verbatim(&paragraph.lines().collect::<Vec<_>>(), roff);
        } else {
            roff.text(marked(&paragraph.replace('\n', " ")));
        }
    }
}

/// Text between backticks is bold.
pub(super) fn marked(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { bold(part) } else { roman(part) }).collect()
}

fn verbatim(lines: &[&str], roff: &mut Roff) {
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
}

fn commands(command: &Command, roff: &mut Roff) {
    let groups = groups(command);
    if groups.is_empty() {
        return;
    }
    roff.control("SH", ["COMMANDS"]);
    for (heading, commands) in &groups {
        if groups.len() > 1 {
            roff.control("SS", [*heading]);
        }
        for sub in commands {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            roff.control("TP", []);
            roff.text([bold(page_name(sub)), roman("(1)")]).text(marked(&about));
        }
    }
}

/// Options without a heading, positional arguments, then options by heading. Only kmsctl(1) describes the global ones.
fn options(command: &Command, is_root: bool, roff: &mut Roff) {
    let shown = |arg: &&Arg| {
        let of_every_command = arg.is_global_set() || arg.get_id() == "help";
        !arg.is_hide_set() && (is_root || !of_every_command)
    };
    let (mut with_heading, mut plain): (Vec<_>, Vec<_>) =
        command.get_arguments().filter(shown).partition(|arg| arg.get_help_heading().is_some());
    plain.sort_by_key(|arg| (arg.is_positional(), arg.get_display_order()));
    roff.control("SH", ["OPTIONS"]);
    for arg in plain {
        option(arg, roff);
    }
    while let Some(heading) = with_heading.first().and_then(|arg| arg.get_help_heading()) {
        roff.control("SS", [heading]);
        let (these, others) =
            with_heading.into_iter().partition(|arg| arg.get_help_heading() == Some(heading));
        let these: Vec<_> = these;
        for arg in these {
            option(arg, roff);
        }
        with_heading = others;
    }
    if !is_root {
        roff.control("PP", []);
        roff.text([roman("Global options, which every command takes: see "), bold("kmsctl"), roman("(1).")]);
    }
}

fn option(arg: &Arg, roff: &mut Roff) {
    roff.control("TP", []);
    let names = [arg.get_short().map(|c| format!("-{c}")), arg.get_long().map(|name| format!("--{name}"))];
    let mut head = Vec::new();
    for (index, name) in names.into_iter().flatten().enumerate() {
        head.extend([roman(if index > 0 { ", " } else { "" }), bold(name)]);
    }
    if arg.get_action().takes_values() {
        let values = arg.get_value_names().unwrap_or_default().join(" ");
        let is_optional = arg.get_num_args().is_some_and(|count| count.min_values() == 0);
        let (open, close) = if is_optional { ("[", "]") } else { ("", "") };
        head.extend([
            roman(if head.is_empty() { "" } else { " " }),
            roman(open),
            italic(values),
            roman(close),
        ]);
    }
    head.retain(|inline| *inline != roman(""));
    roff.text(head);
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = if arg.get_action().takes_values() && !defaults.is_empty() {
        format!(" (default {})", defaults.join(", "))
    } else {
        String::new()
    };
    roff.text(marked(&format!("{}{default}", joined(&help).replace('\n', " "))));
    if !arg.is_hide_possible_values_set() {
        let values: Vec<_> =
            arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
        possible(&values, arg, roff);
    }
}

/// The paragraphs of a help as one; clap drops the full stop at the end of the first.
fn joined(help: &str) -> String {
    help.replace(".\n\n", "\n\n").replace("\n\n", ". ")
}

/// The values of an option: on one line, or each with its meaning.
fn possible(values: &[PossibleValue], arg: &Arg, roff: &mut Roff) {
    if values.is_empty() || !arg.get_action().takes_values() {
        return;
    }
    if values.iter().all(|value| value.get_help().is_none()) {
        let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
        roff.control("br", []).text([roman(format!("Values: {}", names.join(", ")))]);
        return;
    }
    roff.control("RS", []);
    for value in values {
        roff.control("TP", []).text([bold(value.get_name())]);
        roff.text(marked(&value.get_help().map(ToString::to_string).unwrap_or_default()));
    }
    roff.control("RE", []);
}

/// The sections of a text. Lines without indentation that end with a colon are headings.
fn sections(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_suffix(':').filter(|_| !line.starts_with(' ')), sections.last_mut()) {
            (Some(heading), _) => sections.push((heading, Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    for (_, lines) in &mut sections {
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
    }
    sections
}

/// Each purpose with its commands.
fn examples(lines: &[&str], roff: &mut Roff) {
    let mut rest = lines;
    while let Some((first, others)) = rest.split_first() {
        if let Some(purpose) = first.trim_start().strip_prefix("# ") {
            roff.control("PP", []).text(marked(&format!("{purpose}:")));
        }
        let count = others.iter().take_while(|line| !line.trim_start().starts_with("# ")).count();
        let (commands, next) = others.split_at(count);
        roff.control("PP", []).control("RS", ["4"]);
        verbatim(commands, roff);
        roff.control("RE", []);
        rest = next;
    }
}

/// The pages of the program, of the parent and of the same group.
fn see_also(command: &Command, parent: Option<&Command>, roff: &mut Roff) {
    let mut names = vec!["kmsctl"];
    if let Some(parent) = parent {
        names.push(page_name(parent));
        let beside = groups(parent).into_iter().map(|(_, commands)| commands);
        let beside =
            beside.filter(|commands| commands.iter().any(|one| one.get_name() == command.get_name()));
        names.extend(beside.flatten().map(page_name));
    }
    names.retain(|name| *name != page_name(command));
    names.dedup();
    let pages = names.into_iter().map(|name| (name, "(1)"));
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    let of_tokens = parent.is_none_or(|parent| parent.get_name() == "token");
    let backup = of_tokens.then_some(("kmsctl-backup", "(7)"));
    let topics = [("kmsctl-config", "(5)"), ("kmsctl-errors", "(7)"), ("kmsctl-pin", "(7)")];
    let modules = (of_tokens || command.get_name() == "doctor").then_some(("kmsctl-modules", "(7)"));
    for (name, section) in pages.chain(backup).chain(topics).chain(modules) {
        line.extend([roman(if line.is_empty() { "" } else { ", " }), bold(name), roman(section)]);
    }
    line.remove(0);
    roff.text(line);
}
