//! What a run can be told by an option, a variable or a key of a profile. The table has one row for each; options, help,
//! manual pages, the reader of the configuration file and `config show` follow from it.

mod choice;
mod table;
mod values;
mod variable;

pub use choice::{Choice, ColorWhen, Mode, SortField};
pub use table::*;
pub use values::Values;
pub use variable::*;

/// One row. Built by `const` functions, so that it says only what it has.
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
    /// What counts where no source says anything.
    pub default: Option<&'static str>,
}

/// What a setting is about. It decides which settings go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Where the token is. The strongest source that says so makes void what weaker ones say.
    Place,
    /// A source of the user PIN; of one layer the first row counts.
    UserPin,
    SoPin,
    /// Which configuration is read.
    Configuration,
    /// How the run behaves.
    Behaviour,
}

/// What values look like.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Directory,
    File,
    Text,
    /// A line for the shell.
    Command,
    Number,
    Seconds,
    /// A file descriptor.
    Descriptor,
    /// One of these names, each with what it means where that is not plain.
    OneOf(fn() -> Vec<(&'static str, &'static str)>),
    Switch,
    /// A switch that counts how often it is given.
    Count,
    /// A PIN itself: in the environment alone.
    Secret,
}

/// How a setting stands on a command line.
#[derive(Debug, Clone, Copy)]
pub struct CommandLine {
    /// With its dashes.
    pub flag: &'static str,
    pub short: Option<char>,
    /// What help writes for the value. A switch has none.
    pub value_name: &'static str,
    /// A switch stands for this value.
    pub stands_for: &'static str,
    /// The help, where it is not the text of the row.
    pub help: Option<&'static str>,
    /// The option that it excludes.
    pub excludes: Option<&'static str>,
    pub heading: &'static str,
    /// Whether only `config add-profile` takes it.
    pub for_profile_only: bool,
}

impl Setting {
    const fn new(name: &'static str, role: Role, kind: Kind, text: &'static str) -> Self {
        Self { name, role, kind, text, option: None, variable: None, is_key: false, default: None }
    }

    /// An option, under the heading of its role; without a name for its value, a switch.
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

    /// Changes how the option stands on the command line.
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

    /// The names that it takes; empty where it takes anything else.
    pub fn choices(&self) -> Vec<(&'static str, &'static str)> {
        if let Kind::OneOf(choices) = self.kind { choices() } else { Vec::new() }
    }

    pub const fn is_path(&self) -> bool {
        matches!(self.kind, Kind::Directory | Kind::File)
    }

    /// The name under which `config show` has the value.
    pub const fn shown_as(&self) -> &'static str {
        match self.role {
            Role::UserPin => "pin",
            Role::SoPin => "so-pin",
            Role::Place if matches!(self.kind, Kind::Number) => TOKEN.name,
            _ => self.name,
        }
    }

    /// Whether it says which token is meant or where its PIN is.
    pub fn is_target(&self) -> bool {
        self.role != Role::Behaviour
    }
}

impl CommandLine {
    /// Without its dashes.
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

/// The settings with a variable of their own, and its name.
pub fn variables() -> impl Iterator<Item = (&'static Setting, &'static str)> {
    ALL.iter().filter_map(|setting| Some((setting, setting.variable?)))
}

/// The variables that say which token is meant and where its PIN is.
pub fn target_variables() -> impl Iterator<Item = &'static str> {
    variables().filter(|(setting, _)| setting.is_target()).map(|(_, name)| name)
}

/// The variables that hold a PIN or lead to one.
pub fn pin_variables() -> impl Iterator<Item = &'static str> {
    let leads_to_pin = |setting: &Setting| matches!(setting.role, Role::UserPin | Role::SoPin);
    variables().filter(move |(setting, _)| leads_to_pin(setting)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_whole() {
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
