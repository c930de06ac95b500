//! The settings: values that come from an option, a variable or a key of a profile. The table has one row for each; options,
//! help, manual pages, the reader of the configuration file and `config show` are generated from it.

mod choice;
mod table;
mod values;
mod variable;

pub use choice::{Choice, ColorWhen, Mode, SortField};
pub use table::*;
pub use values::Values;
pub use variable::*;

/// One row. The `const` functions below set the optional parts.
#[derive(Debug)]
pub struct Setting {
    /// The key in a profile, and the name in `config show`.
    pub name: &'static str,
    pub role: Role,
    pub kind: Kind,
    /// One sentence without its full stop: the help of the option, the entry in the manual pages.
    pub text: &'static str,
    pub option: Option<CommandLine>,
    pub variable: Option<&'static str>,
    /// Whether a profile can hold it.
    pub is_key: bool,
    /// The value if no source has one.
    pub default: Option<&'static str>,
}

/// The subject of a setting, which decides how sources override each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The place of the token. A source that names a store or a module overrides all of these in weaker sources.
    Place,
    /// A source of the user PIN; within a source of settings, the first row has precedence.
    UserPin,
    SoPin,
    /// The configuration that is read.
    Configuration,
    /// The behaviour of the run.
    Behaviour,
}

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Directory,
    File,
    Text,
    /// A shell command.
    Command,
    Number,
    Seconds,
    /// A file descriptor.
    Descriptor,
    /// One of these names; each with its meaning if it needs an explanation.
    OneOf(fn() -> Vec<(&'static str, &'static str)>),
    Switch,
    /// A switch that counts how often it is given.
    Count,
    /// A PIN itself: only in the environment.
    Secret,
}

/// The option of a setting.
#[derive(Debug, Clone, Copy)]
pub struct CommandLine {
    /// The long option, with its dashes.
    pub flag: &'static str,
    pub short: Option<char>,
    /// The placeholder of the value in help; empty for a switch.
    pub value_name: &'static str,
    /// The value that a switch sets.
    pub stands_for: &'static str,
    /// The help, if it differs from the text of the row.
    pub help: Option<&'static str>,
    /// The option that it conflicts with.
    pub excludes: Option<&'static str>,
    pub heading: &'static str,
    /// Whether only `config add-profile` has the option.
    pub for_profile_only: bool,
}

impl Setting {
    const fn new(name: &'static str, role: Role, kind: Kind, text: &'static str) -> Self {
        Self { name, role, kind, text, option: None, variable: None, is_key: false, default: None }
    }

    /// Adds an option under the heading of its role. Without a name for its value, it is a switch.
    const fn option(mut self, flag: &'static str, value_name: &'static str) -> Self {
        let heading = match self.role {
            Role::Place => "Token",
            Role::UserPin | Role::SoPin => "PIN",
            Role::Configuration | Role::Behaviour => "General",
        };
        self.option = Some(CommandLine {
            flag,
            short: None,
            value_name,
            stands_for: "true",
            help: None,
            excludes: None,
            heading,
            for_profile_only: false,
        });
        self
    }

    const fn variable(mut self, name: &'static str) -> Self {
        self.variable = Some(name);
        self
    }

    const fn key(mut self) -> Self {
        self.is_key = true;
        self
    }

    const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Replaces the option.
    const fn with(mut self, change: CommandLine) -> Self {
        self.option = Some(change);
        self
    }

    /// The help of the option.
    pub fn help(&self) -> String {
        let text = self.option.and_then(|option| option.help).unwrap_or(self.text);
        match (self.default, self.option) {
            (Some(default), Some(option)) if !option.value_name.is_empty() => {
                format!("{text} (default {default})")
            }
            _ => text.to_owned(),
        }
    }

    /// The valid names; empty if values are not names.
    pub fn choices(&self) -> Vec<(&'static str, &'static str)> {
        if let Kind::OneOf(choices) = self.kind { choices() } else { Vec::new() }
    }

    pub const fn is_path(&self) -> bool {
        matches!(self.kind, Kind::Directory | Kind::File)
    }

    /// The name of the value in `config show`.
    pub const fn shown_as(&self) -> &'static str {
        match self.role {
            Role::UserPin => "pin",
            Role::SoPin => "so-pin",
            Role::Place if matches!(self.kind, Kind::Number) => TOKEN.name,
            _ => self.name,
        }
    }

    /// Whether it selects the token, its PIN or the configuration.
    pub fn is_target(&self) -> bool {
        self.role != Role::Behaviour
    }
}

impl CommandLine {
    /// The long option without its dashes.
    pub fn long(&self) -> &'static str {
        self.flag.trim_start_matches('-')
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The settings that a profile can hold, in the order of the manual page.
pub fn keys() -> impl Iterator<Item = &'static Setting> {
    ALL.iter().filter(|setting| setting.is_key)
}

/// The settings that have a variable, and its name.
pub fn variables() -> impl Iterator<Item = (&'static Setting, &'static str)> {
    ALL.iter().filter_map(|setting| Some((setting, setting.variable?)))
}

/// The variables that select the token, its PIN or the configuration.
pub fn target_variables() -> impl Iterator<Item = &'static str> {
    variables().filter(|(setting, _)| setting.is_target()).map(|(_, name)| name)
}

/// The variables that contain a PIN or name a source of it.
pub fn pin_variables() -> impl Iterator<Item = &'static str> {
    let is_pin = |setting: &Setting| matches!(setting.role, Role::UserPin | Role::SoPin);
    variables().filter(move |(setting, _)| is_pin(setting)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_complete() {
        let mut names = BTreeSet::new();
        for row in ALL {
            assert!(names.insert(row.name), "{} twice", row.name);
            assert!(row.option.is_some() || row.variable.is_some() || row.is_key, "{}", row.name);
            assert!(!row.text.is_empty() && !row.text.ends_with('.'), "{}", row.name);
            assert!(row.variable.is_none_or(|name| name.starts_with("KMSCTL_")), "{}", row.name);
            let choices = row.choices();
            let is_choice = |default| choices.iter().any(|(name, _)| *name == default);
            assert!(choices.is_empty() || row.default.is_some_and(is_choice), "{}", row.name);
        }
        let others: BTreeSet<_> = VARIABLES.iter().chain(HIDDEN_VARIABLES).map(|row| row.name).collect();
        assert!(variables().all(|(_, name)| !others.contains(name)));
    }

    #[test]
    fn a_pin_itself_is_never_an_option_or_a_key() {
        for row in ALL.iter().filter(|row| matches!(row.kind, Kind::Secret)) {
            assert!(row.option.is_none() && !row.is_key, "{}", row.name);
        }
    }
}
