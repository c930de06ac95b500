//! The usage line of help, and the synopsis of the manual.

use clap::{Arg, ArgAction, ArgGroup, Command};

/// Placeholder for the options that a usage does not name.
const OPTIONS: &str = "[OPTIONS]";

/// The usage of a command, with its required options.
pub(super) fn usage(command: &Command) -> Vec<String> {
    if let Some(own) = command.get_overridden_usage() {
        return own.to_string().lines().map(|line| line.trim().to_owned()).collect();
    }
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name());
    if command.has_subcommands() {
        return vec![format!("{path} COMMAND {OPTIONS}")];
    }
    let groups = command.get_groups().filter(|group| group.is_required_set());
    let mut words = vec![path.to_owned()];
    words.extend(groups.map(|group| format!("({})", alternatives(command, group))));
    words.extend(options(command).filter(|arg| arg.is_required_set()).map(with_value));
    let named = words.join(" ");
    if options(command).any(|arg| !is_named(arg, &named)) {
        words.push(OPTIONS.to_owned());
    }
    words.extend(command.get_positionals().filter(|arg| !arg.is_hide_set()).map(positional));
    vec![words.join(" ")]
}

/// The usage of a command, with all its options.
pub(super) fn synopsis(command: &Command) -> Vec<String> {
    let usage = usage(command);
    let named = usage.join(" ");
    let (required, optional): (Vec<_>, Vec<_>) =
        command.get_groups().partition(|group| group.is_required_set());
    let exclusive: Vec<_> = optional.into_iter().filter(|group| is_exclusive(group)).collect();
    let mut words = Vec::new();
    // Hidden alternatives of required options are only in the list of options.
    let mut grouped: Vec<_> = required.into_iter().flat_map(ArgGroup::get_args).collect();
    for arg in options(command).filter(|arg| !is_named(arg, &named)) {
        if grouped.contains(&arg.get_id()) {
            continue;
        }
        match exclusive.iter().find(|group| group.get_args().any(|id| id == arg.get_id())) {
            Some(group) => {
                grouped.extend(group.get_args());
                words.push(format!("[{}]", alternatives(command, group)));
            }
            None if matches!(arg.get_action(), ArgAction::Append) => {
                words.push(format!("[{}]...", with_value(arg)));
            }
            None => words.push(format!("[{}]", with_value(arg))),
        }
    }
    if words.is_empty() {
        return usage;
    }
    usage.into_iter().map(|line| line.replacen(OPTIONS, &words.join(" "), 1)).collect()
}

/// The options of the command itself, without global ones.
fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    let is_own = |arg: &&Arg| {
        let of_clap = matches!(arg.get_id().as_str(), "help" | "version");
        !(arg.is_hide_set() || arg.is_global_set() || arg.is_positional() || of_clap)
    };
    let mut options: Vec<_> = command.get_arguments().filter(is_own).collect();
    options.sort_by_key(|arg| arg.get_display_order());
    options.into_iter()
}

fn is_named(arg: &Arg, usage: &str) -> bool {
    let Some(long) = arg.get_long() else { return false };
    usage.split([' ', '(', ')', '[', ']', '=']).any(|word| word.strip_prefix("--") == Some(long))
}

/// Whether at most one of the group may be given. `ArgGroup::is_multiple` needs a mutable group.
fn is_exclusive(group: &ArgGroup) -> bool {
    !group.clone().is_multiple()
}

fn alternatives(command: &Command, group: &ArgGroup) -> String {
    let members = group.get_args().filter_map(|id| command.get_arguments().find(|arg| arg.get_id() == id));
    let members = members.filter(|arg| !(arg.is_hide_set() || arg.is_hide_short_help_set())).map(with_value);
    members.collect::<Vec<_>>().join(" | ")
}

fn with_value(arg: &Arg) -> String {
    if arg.is_positional() {
        return positional(arg);
    }
    let name = match (arg.get_long(), arg.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => String::new(),
    };
    if !arg.get_action().takes_values() {
        return name;
    }
    let is_optional = arg.get_num_args().is_some_and(|count| count.min_values() == 0);
    if is_optional { format!("{name} [{}]", value(arg)) } else { format!("{name} {}", value(arg)) }
}

fn positional(arg: &Arg) -> String {
    let several = arg.get_num_args().is_some_and(|count| count.max_values() > 1);
    let dashes = if arg.is_last_set() || arg.is_trailing_var_arg_set() { "-- " } else { "" };
    let name = format!("{dashes}{}{}", value(arg), if several { "..." } else { "" });
    if arg.is_required_set() { name } else { format!("[{name}]") }
}

fn value(arg: &Arg) -> String {
    match arg.get_value_names() {
        Some(names) => names.join(" "),
        None => arg.get_id().as_str().to_uppercase(),
    }
}
