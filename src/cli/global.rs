//! Options of every command, before or after its name. They are generated from the rows of `crate::setting`.

use std::{borrow::Cow, ffi::OsString};

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint,
    builder::{PossibleValue, PossibleValuesParser, ValueParser},
    value_parser,
};

use crate::{
    model::Uri,
    setting::{self, ALL, CommandLine, Kind, Role, Setting, Values},
    shell::is_reusable,
};

/// The global options of a command line. [`ProfileOptions`] has those of `config add-profile`.
#[derive(Debug, Clone, Default)]
pub struct Global {
    pub values: Values,
}

/// Settings that only a profile can hold: options of `config add-profile`.
#[derive(Debug, Clone, Default)]
pub struct ProfileOptions {
    pub values: Values,
}

impl Global {
    /// A command line with these options only.
    #[cfg(test)]
    pub fn of<T: Into<OsString>>(values: impl IntoIterator<Item = (&'static Setting, T)>) -> Self {
        Self { values: values.into_iter().collect() }
    }

    pub fn json(&self) -> bool {
        self.values.has(&setting::OUTPUT)
    }

    pub fn quiet(&self) -> bool {
        self.values.has(&setting::QUIET)
    }

    /// How often `-v` was given.
    pub fn verbose(&self) -> u8 {
        self.values.number(&setting::VERBOSE).unwrap_or_default()
    }

    pub fn no_input(&self) -> bool {
        self.values.has(&setting::NO_INPUT)
    }

    /// The first of the given options for which `is_wrong`.
    pub fn first(&self, is_wrong: impl Fn(&Setting) -> bool) -> Option<&'static Setting> {
        ALL.iter().filter(|setting| self.values.has(setting)).find(|setting| is_wrong(setting))
    }

    /// The options that select the token, its PIN file and the configuration, for the commands in hints. The URI of a key
    /// can also name a token and a module.
    pub fn carried(&self, key: Option<&Uri>) -> Vec<(&'static str, OsString)> {
        let mut values = self.values.clone();
        let module = key.and_then(|uri| uri.module_path.clone());
        let token = key.and_then(Uri::of_token).map(|uri| uri.to_string());
        for (setting, value) in
            [(&setting::MODULE, module.map(OsString::from)), (&setting::TOKEN, token.map(OsString::from))]
        {
            if let Some(value) = value.filter(|_| !values.has(setting)) {
                values.set(setting, value);
            }
        }
        if values.raw(&setting::PIN_FILE).is_some_and(|path| !is_reusable(path)) {
            values.take(&setting::PIN_FILE);
        }
        let is_carried = |setting: &&Setting| {
            matches!(setting.role, Role::Place | Role::Configuration) || **setting == setting::PIN_FILE
        };
        let carried = ALL.iter().filter(is_carried);
        carried.filter_map(|setting| Some((setting.option?.flag, values.raw(setting)?.to_owned()))).collect()
    }
}

/// The option of a row.
fn argument(setting: &'static Setting, option: CommandLine) -> Arg {
    let arg = Arg::new(setting.name)
        .long(option.long())
        .short(option.short)
        .help(setting.help())
        .help_heading((!option.for_profile_only).then_some(option.heading))
        .global(!option.for_profile_only);
    let arg = match option.excludes {
        Some(other) => arg.conflicts_with(other),
        None => arg,
    };
    match (option.value_name, setting.kind) {
        ("", Kind::Count) => arg.action(ArgAction::Count),
        ("", _) => arg.action(ArgAction::SetTrue),
        (name, kind) => arg.value_name(name).value_hint(hint(kind)).value_parser(parser(kind)),
    }
    // The arguments of a module can be any text.
    .allow_hyphen_values(*setting == setting::MODULE_ARGS)
}

const fn hint(kind: Kind) -> ValueHint {
    match kind {
        Kind::Directory => ValueHint::DirPath,
        Kind::File => ValueHint::FilePath,
        Kind::Command => ValueHint::CommandString,
        _ => ValueHint::Unknown,
    }
}

fn parser(kind: Kind) -> ValueParser {
    match kind {
        Kind::Directory | Kind::File => value_parser!(std::path::PathBuf),
        Kind::Number | Kind::Seconds => value_parser!(u64).into(),
        Kind::Descriptor => value_parser!(i32).range(0..).into(),
        Kind::OneOf(choices) => one_of(choices()).into(),
        Kind::Text | Kind::Command | Kind::Secret | Kind::Switch | Kind::Count => value_parser!(String),
    }
}

/// A parser for one of a few names, with explanations in the help.
pub(super) fn one_of(choices: Vec<(&'static str, &'static str)>) -> PossibleValuesParser {
    let value = |(name, meaning): (&'static str, &'static str)| {
        let value = PossibleValue::new(name);
        if meaning.is_empty() { value } else { value.help(meaning) }
    };
    PossibleValuesParser::new(choices.into_iter().map(value))
}

fn augmented(command: Command, for_profile_only: bool) -> Command {
    let options = ALL.iter().filter_map(|setting| Some((setting, setting.option?)));
    let options = options.filter(|(_, option)| option.for_profile_only == for_profile_only);
    command.args(options.map(|(setting, option)| argument(setting, option)))
}

/// The raw values of the options. The parsers have checked them.
fn values(matches: &ArgMatches, for_profile_only: bool) -> Values {
    let options = ALL.iter().filter_map(|setting| Some((setting, setting.option?)));
    let given = options.filter(|(_, option)| option.for_profile_only == for_profile_only).filter_map(
        |(setting, option)| {
            let value: Cow<'_, std::ffi::OsStr> = match (option.value_name, setting.kind) {
                ("", Kind::Count) => match matches.get_count(setting.name) {
                    0 => return None,
                    count => OsString::from(count.to_string()).into(),
                },
                ("", _) => {
                    matches.get_flag(setting.name).then_some(std::ffi::OsStr::new(option.stands_for))?.into()
                }
                _ => matches.get_raw(setting.name)?.next_back()?.into(),
            };
            Some((setting, value.into_owned()))
        },
    );
    given.collect()
}

/// Implements clap's traits by means of the rows.
macro_rules! from_rows {
    ($($type:ident: $for_profile_only:literal)+) => {$(
        impl Args for $type {
            fn augment_args(command: Command) -> Command {
                augmented(command, $for_profile_only)
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $type {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self { values: values(matches, $for_profile_only) })
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    )+};
}

from_rows! { Global: false ProfileOptions: true }
