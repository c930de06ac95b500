//! Hints for invalid command lines: the names of options and commands in other tools, and kmsctl's names for them.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use clap::{
    Arg, Command,
    builder::PossibleValue,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    model::similar,
    shell::{shell_option, shell_word},
};

/// Options, each with its names in other tools. The first that the command has is suggested.
const OPTIONS: &[(&str, &[&str])] = &[
    ("label", &["--key", "--name", "--key-name", "--key-label", "--alias", "-l", "-n", "-k"]),
    ("id", &["--key-id", "--keyid", "--cka-id", "--ckaid", "--object-id"]),
    (
        "algorithm",
        &[
            "--type",
            "--key-type",
            "--kty",
            "--key-spec",
            "--key-size",
            "--bits",
            "--curve",
            "--alg",
            "--algo",
            "--mechanism",
            "--hash",
            "--hash-algorithm",
            "--md",
            "-a",
            "-t",
            "-m",
        ],
    ),
    (
        "in",
        &[
            "--file",
            "--input",
            "--infile",
            "--input-file",
            "--data",
            "--message",
            "--plaintext",
            "--ciphertext",
            "--key-file",
            "-i",
            "-f",
        ],
    ),
    ("out", &["--output", "--outfile", "--output-file", "-o"]),
    ("json", &["--format", "--output", "--output-format", "-j", "-o"]),
    ("module", &["--lib", "--library", "--provider", "--pkcs11-module", "--module-path"]),
    ("token", &["--token-label", "--token-name"]),
    ("yes", &["--force", "--assume-yes", "-y", "-f"]),
    ("signature", &["--sig", "--sigfile", "--signature-file", "-s"]),
    ("public-key", &["--pub", "--pubkey", "--public", "--key-file"]),
    ("pem", &["--pub", "--pubkey", "--public", "--public-key", "--export"]),
    ("context", &["--aad", "--associated-data", "--encryption-context"]),
    ("ttl", &["--exp", "--expires", "--expires-in", "--expiration", "--lifetime"]),
    ("iss", &["--issuer"]),
    ("sub", &["--subject"]),
    ("aud", &["--audience"]),
    ("after", &["--days", "--delay", "--pending-window-in-days"]),
    ("rotation-period", &["--days", "--period", "--interval"]),
    ("auto-rotate", &["--rotate", "--rotation", "--enable-rotation"]),
    ("memo", &["--description", "--desc", "--comment", "--note"]),
    ("rename", &["--new-label", "--new-name"]),
    ("exportable", &["--extractable"]),
    ("usage", &["--use", "--purpose", "--key-usage", "--operations"]),
    ("jobs", &["--threads", "--parallel", "--workers", "-j"]),
    ("key-version", &["--version", "--ver"]),
    ("verbose", &["--debug"]),
];

/// Options that clap requires for another one, which its error does not name.
const NEEDS: &[(&str, &str)] = &[("rotation-period", "auto-rotate"), ("timeout", "all-modules")];

/// Options of other tools that take a PIN.
const PIN_OPTIONS: &[&str] = &["--pin", "--user-pin", "--so-pin", "--password", "-p"];

/// Commands, each with its names in other tools.
const COMMANDS: &[(&str, &[&str])] = &[
    ("list", &["ls", "dir", "list-keys", "list-tokens", "slots"]),
    ("create", &["new", "add", "make", "generate", "gen", "keygen", "genkey", "create-key", "generate-key"]),
    ("delete", &["rm", "remove", "destroy", "del", "delete-key"]),
    ("show", &["get", "info", "describe", "view", "cat", "export", "pubkey", "public-key", "get-public-key"]),
    ("update", &["edit", "modify", "set", "rename"]),
    ("import", &["load", "import-key"]),
    ("rotate", &["rotate-key", "rekey", "roll"]),
    ("revoke", &["schedule-deletion", "schedule-key-deletion", "retire"]),
    ("restore", &["undelete", "cancel-deletion", "cancel-key-deletion", "unrevoke"]),
    ("versions", &["history"]),
    ("init", &["initialize", "initialise", "init-token", "setup"]),
    ("set-pin", &["change-pin", "passwd"]),
    ("unlock", &["unblock", "unblock-pin", "reset-pin"]),
    ("decode", &["parse", "inspect"]),
    ("verify", &["check", "validate"]),
    ("sign", &["issue"]),
    ("datakey", &["data-key", "generate-data-key"]),
    ("reencrypt", &["re-encrypt", "rewrap"]),
    ("random", &["rand", "rng", "generate-random"]),
    ("doctor", &["status", "health", "fsck", "diagnose"]),
    ("bench", &["benchmark", "speed"]),
];

/// The command that the arguments select, as far as they are valid.
pub(super) struct Reached<'a> {
    root: &'a Command,
    command: &'a Command,
    /// The command as it is typed.
    path: String,
    args: &'a [OsString],
}

impl<'a> Reached<'a> {
    /// Follows the subcommands in the arguments, skipping options. `args` begins with the program's name.
    pub(super) fn by(root: &'a Command, args: &'a [OsString]) -> Self {
        let args = args.get(1..).unwrap_or_default();
        let mut reached = Self { root, command: root, path: root.get_name().to_owned(), args };
        let mut words = args.iter();
        while let Some(word) = words.next() {
            if let Some(inner) = reached.command.find_subcommand(word) {
                reached.path = format!("{} {}", reached.path, inner.get_name());
                reached.command = inner;
            } else if reached.takes_value(word) {
                words.next();
            } else if !word.to_string_lossy().starts_with('-') {
                break;
            }
        }
        reached
    }

    /// The hint to the help of the command.
    pub(super) fn help(&self) -> String {
        format!("see `{} --help`", self.path)
    }

    /// The hint for an invalid argument, if there is a helpful one. Suggested commands have no program name: without the
    /// options of this run, they are not meant to be pasted.
    pub(super) fn meant(&self, error: &clap::Error) -> Option<String> {
        let word = |kind| match error.get(kind) {
            Some(ContextValue::String(word)) => Some(word.as_str()),
            _ => None,
        };
        match error.kind() {
            ErrorKind::InvalidSubcommand => {
                let word = word(ContextKind::InvalidSubcommand)?;
                if word == "version" {
                    return Some("did you mean `kmsctl --version`?".to_owned());
                }
                let commands = self.meant_commands(word);
                Some(match commands.as_slice() {
                    [] => format!("`{} --help` lists the commands", self.path),
                    commands => format!("did you mean {}?", commands.join(" or ")),
                })
            }
            ErrorKind::UnknownArgument => {
                let meant = self.meant_argument(word(ContextKind::InvalidArg)?);
                Some(meant.unwrap_or_else(|| format!("`{} --help` lists the options", self.path)))
            }
            ErrorKind::InvalidValue => {
                let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue) else {
                    return None;
                };
                let values = values.iter().map(String::as_str);
                let near = similar(word(ContextKind::InvalidValue)?, values);
                near.first().map(|value| format!("did you mean `{value}`?"))
            }
            ErrorKind::ValueValidation => {
                self.meant_value(word(ContextKind::InvalidArg)?, word(ContextKind::InvalidValue)?)
            }
            ErrorKind::MissingRequiredArgument => {
                self.needed(error).map(|(_, needed)| format!("add `--{needed}`"))
            }
            _ => None,
        }
    }

    /// What to say in place of clap's message, where it lacks the reason.
    pub(super) fn message(&self, error: &clap::Error) -> Option<String> {
        (error.kind() == ErrorKind::MissingRequiredArgument)
            .then(|| self.needed(error))?
            .map(|(option, needed)| format!("--{option} needs --{needed}"))
    }

    /// The given option that needs another one, which is missing, and that one.
    fn needed(&self, error: &clap::Error) -> Option<(&'static str, &'static str)> {
        let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else { return None };
        let [missing] = missing.as_slice() else { return None };
        let name = missing.trim_start_matches("--").split(['[', ' ', '=']).next()?;
        NEEDS.iter().copied().find(|(option, needed)| *needed == name && self.is_given(option))
    }

    /// For a value that an option refused: the similar one that it takes, or the option that takes a file of this name.
    fn meant_value(&self, option: &str, value: &str) -> Option<String> {
        let option = option.split(' ').next()?.trim_start_matches("--");
        let from_file = format!("{option}s-file");
        if self.has(&from_file) && Path::new(value).is_file() {
            let instead = shell_option(&format!("--{from_file}"), value);
            return Some(format!("use an option to name a file: `{instead}`"));
        }
        let argument = self.arguments().find(|argument| argument.get_long() == Some(option))?;
        let values = argument.get_possible_values();
        let near = similar(value, values.iter().map(PossibleValue::get_name));
        near.first().map(|value| format!("did you mean `{value}`?"))
    }

    fn arguments(&self) -> impl Iterator<Item = &'a Arg> {
        self.command.get_arguments().chain(self.root.get_arguments())
    }

    fn has(&self, option: &str) -> bool {
        self.arguments().any(|argument| argument.get_long() == Some(option))
    }

    /// Whether an option is given, with or without a value.
    fn is_given(&self, option: &str) -> bool {
        let mut names = self.args.iter().filter_map(|word| word.to_str()?.strip_prefix("--"));
        names.any(|word| word.split_once('=').map_or(word, |(name, _)| name) == option)
    }

    /// Whether the next word is the value of this one.
    fn takes_value(&self, word: &OsStr) -> bool {
        let name = word.to_str().and_then(|word| word.strip_prefix("--"));
        let is_it = |argument: &&Arg| name.is_some() && argument.get_long() == name;
        self.arguments().find(is_it).is_some_and(|argument| argument.get_action().takes_values())
    }

    fn meant_argument(&self, word: &str) -> Option<String> {
        if !word.starts_with('-') {
            return self.meant_by_position(word);
        }
        if let Some((option, value)) = self.value_with_dash(word) {
            let joined = shell_option(option, value);
            return Some(format!("join a value that begins with a dash to its option: `{joined}`"));
        }
        if PIN_OPTIONS.contains(&word) {
            let hint = "a PIN is never an argument, because other users could read it: use `--pin-file FILE` or KMSCTL_PIN_FILE";
            return Some(hint.to_owned());
        }
        let is_meant = |(option, words): &&(&str, &[&str])| {
            words.contains(&word) && self.has(option) && !self.is_given(option)
        };
        let other_name = OPTIONS.iter().find(is_meant).map(|(option, _)| *option);
        if let Some(option) = other_name.or_else(|| self.similar_option(word)) {
            return Some(format!("did you mean `--{option}`?"));
        }
        let has_its_name = |argument: &&Arg| word.strip_prefix("--") == Some(argument.get_id().as_str());
        let positional = self.command.get_positionals().find(has_its_name)?;
        let name = positional.get_value_names()?.first()?;
        Some(format!("{name} needs no option: `{} {name}`", self.below_program()))
    }

    /// An option with a similar name that is not given.
    fn similar_option(&self, word: &str) -> Option<&'a str> {
        let options = self.arguments().filter(|argument| !argument.is_hide_set()).filter_map(Arg::get_long);
        let found = similar(word.strip_prefix("--")?, options.filter(|option| !self.is_given(option)));
        found.first().copied()
    }

    /// The command without the program's name.
    fn below_program(&self) -> &str {
        self.path.strip_prefix(self.root.get_name()).unwrap_or(&self.path).trim_start()
    }

    /// A bare word is probably a key, otherwise a file.
    fn meant_by_position(&self, word: &str) -> Option<String> {
        if self.command.get_positionals().any(Arg::is_last_set) {
            let words = self.args.iter().skip_while(|arg| *arg != word).map(shell_word);
            let words = words.collect::<Vec<_>>().join(" ");
            return Some(format!("put `--` before the command: `{} -- {words}`", self.path));
        }
        // Its positional argument has a value already.
        if let Some(name) =
            self.command.get_positionals().next().and_then(Arg::get_value_names).and_then(<[_]>::first)
        {
            return Some(format!("`{}` takes one {name}", self.path));
        }
        let names_key = ["label", "id", "uri", "public-key", "request", "due"];
        let (what, option) = if self.has("label") && !names_key.iter().any(|option| self.is_given(option)) {
            ("a key", "--label")
        } else if self.has("in") && !self.is_given("in") {
            ("a file", "--in")
        } else {
            return None;
        };
        Some(format!("use an option to name {what}: `{}`", shell_option(option, word)))
    }

    /// If a word with a leading dash was meant as the value of an option: the option and the whole value.
    fn value_with_dash(&self, word: &str) -> Option<(&'a str, &'a str)> {
        self.args.windows(2).find_map(|pair| match (pair[0].to_str()?, pair[1].to_str()?) {
            (option, value) if value.starts_with(word) && self.takes_value(&pair[0]) => Some((option, value)),
            _ => None,
        })
    }

    /// Commands with this name, here or in other tools, from this group or another one; otherwise the command with the most
    /// similar name, together with the subcommand that follows.
    fn meant_commands(&self, word: &str) -> Vec<String> {
        let name = name_of(word);
        if let Some(here) = below(self.command, self.below_program(), name) {
            return vec![here];
        }
        let in_groups = self.root.get_subcommands().filter_map(|group| below(group, group.get_name(), name));
        let elsewhere: Vec<_> = below(self.root, "", name).into_iter().chain(in_groups).collect();
        if !elsewhere.is_empty() {
            return elsewhere;
        }
        let Some(near) = nearest(self.command, word) else { return Vec::new() };
        let path = join(self.below_program(), near.get_name());
        let next = self.args.iter().skip_while(|typed| *typed != word).nth(1).and_then(|next| next.to_str());
        let wanted = next.and_then(|next| below(near, &path, name_of(next)));
        vec![wanted.unwrap_or_else(|| format!("`{path}`"))]
    }
}

/// The name of a command by its name in other tools.
fn name_of(word: &str) -> &str {
    COMMANDS.iter().find(|(_, words)| words.contains(&word)).map_or(word, |(name, _)| name)
}

fn below(group: &Command, path: &str, name: &str) -> Option<String> {
    group.find_subcommand(name).map(|found| format!("`{}`", join(path, found.get_name())))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }
}

/// The command with the most similar name.
fn nearest<'a>(group: &'a Command, word: &str) -> Option<&'a Command> {
    let names = group.get_subcommands().map(Command::get_name);
    similar(word, names).first().and_then(|name| group.find_subcommand(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::grammar;

    #[test]
    fn suggested_options_and_commands_exist() {
        let root = grammar();
        let commands = || root.get_subcommands().flat_map(|group| group.get_subcommands().chain([group]));
        for (option, _) in OPTIONS {
            let mut arguments = commands().chain([&root]).flat_map(Command::get_arguments);
            assert!(arguments.any(|argument| argument.get_long() == Some(option)), "{option}");
        }
        for (name, _) in COMMANDS {
            assert!(commands().any(|command| command.get_name() == *name), "{name}");
        }
    }
}
