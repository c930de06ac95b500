//! The grammar of all commands is valid and explained.

use std::collections::BTreeSet;

use clap::Parser;

use super::{Cli, each_grammar, grammar, lean_grammar};
use crate::cli::{manual, select};

/// The words of the first command in a shell line. Supports single quotes, pipes and redirections.
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
    grammar().debug_assert();
}

#[test]
fn the_lean_grammar_has_options_once_they_are_needed() {
    fn options(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        let path = format!("{path} {}", command.get_name());
        let in_one_order = command.get_arguments().map(|option| option.clone().display_order(0));
        found.extend(in_one_order.map(|option| format!("{path} {option:?}")));
        command.get_subcommands().for_each(|command| options(command, &path, found));
    }
    assert!(lean_grammar(&[]).get_subcommands().all(|command| command.get_arguments().next().is_none()));
    let [lean, whole] = [lean_grammar(&[]), grammar()].map(|mut root| {
        let mut found = BTreeSet::new();
        root.build();
        options(&root, "", &mut found);
        found
    });
    assert_eq!(lean, whole);
}

#[test]
fn every_command_has_an_about_text_and_examples() {
    for (path, command) in each_grammar() {
        assert!(command.get_about().is_some(), "{path} has no description");
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(examples.starts_with("Examples:\n"), "{path} has no examples");
        assert!(examples.contains(&format!("\n  kmsctl {path}")), "{path} is not in its own examples");
    }
}

#[test]
fn every_example_is_valid() {
    let mut texts = vec![manual::EXAMPLES.to_owned()];
    texts.extend(
        each_grammar().iter().filter_map(|(_, command)| command.get_after_help().map(ToString::to_string)),
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
    for (path, command) in each_grammar() {
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{path}: {}", arg.get_id());
        }
    }
}

#[test]
fn alternatives_to_a_token_key_conflict_with_key_options() {
    let mut found = 0;
    for (path, command) in each_grammar() {
        let Some(group) = command.get_groups().find(|group| group.get_id() == "key") else { continue };
        for other in group.get_args().filter(|arg| !select::OPTIONS.contains(&arg.as_str())) {
            let other = command.get_arguments().find(|arg| arg.get_id() == other).expect("of the group");
            // A public key beside a key of the token is another recipient of an envelope.
            if path == "encrypt" {
                continue;
            }
            let excluded = command.get_arg_conflicts_with(other);
            for option in select::VERSION_OPTIONS {
                let is_there = command.get_arguments().any(|arg| arg.get_id() == option);
                assert!(!is_there || excluded.iter().any(|arg| arg.get_id() == option), "{path}: {option}");
                found += usize::from(is_there);
            }
        }
    }
    assert!(found >= 16, "{found}");
}
