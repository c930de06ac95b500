//! Parses arguments into a command, a text to print, or an error.

use std::ffi::OsString;

use clap::{Command, FromArgMatches, builder::StyledStr, error::ErrorKind};

use super::{clap_text::from_clap, guess::Reached, help::laid_out};
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
/// whole one. Examples in help are broken for a terminal of this
/// width, which nothing else asks for.
pub fn parse<C: FromArgMatches>(
    lean: fn(&[OsString]) -> Command,
    grammar: fn() -> Command,
    args: impl IntoIterator<Item = OsString>,
    width: fn() -> Option<u16>,
) -> Result<Parsed<C>, UsageError> {
    let args: Vec<_> = args.into_iter().collect();
    // Before clap makes its own help, which is not printed.
    if asks_for_help(&args)
        && let Some(text) = help(grammar(), &args, width())
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
            Ok(Parsed::Print(help(grammar(), &args, width()).unwrap_or_default()))
        }
        Err(error) if error.kind() == ErrorKind::MissingSubcommand => {
            let root = grammar();
            let hint = Reached::by(&root, &args).help();
            if wants_json(&args) {
                return Err(UsageError::new("no command given").hinted(hint));
            }
            Ok(Parsed::Missing(
                help(grammar(), &[args, vec!["-h".into()]].concat(), width()).unwrap_or_default(),
            ))
        }
        Err(error) => {
            let root = grammar();
            let reached = Reached::by(&root, &args);
            let (message, hint) = from_clap(&error.render().to_string());
            // clap's usage for a conflict has one of the two options and what else was given: `key purge --due --yes`. That of
            // alternatives and groups repeats the message, or says nothing.
            let is_helpful =
                |hint: &String| error.kind() != ErrorKind::ArgumentConflict && !hint.contains(['<', '|']);
            let hint = hint.filter(is_helpful);
            Err(UsageError::new(reached.message(&error).unwrap_or(message))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::{Cli, grammar, lean_grammar},
        setting,
    };

    fn parsed(line: &str) -> Result<Parsed<Cli>, UsageError> {
        parse(lean_grammar, grammar, line.split(' ').map(OsString::from), || None)
    }

    fn error(line: &str) -> (String, String) {
        let error = parsed(line).expect_err(line);
        (error.message, error.hint.unwrap_or_default())
    }

    #[test]
    fn errors_have_a_message_and_a_hint() {
        assert_eq!(
            error("kmsctl sign --label a --encodign hex"),
            ("unexpected argument '--encodign' found".to_owned(), "did you mean `--encoding`?".to_owned())
        );
        assert_eq!(
            error("kmsctl key delete"),
            (
                "missing: one of --label, --label-hex, --id, --uri".to_owned(),
                "see `kmsctl key delete --help`".to_owned()
            )
        );
        assert_eq!(
            error("kmsctl key purge --due --label a --yes"),
            (
                "the argument '--due' cannot be used with '--label <LABEL>'".to_owned(),
                "see `kmsctl key purge --help`".to_owned()
            )
        );
        let (message, hint) = error("kmsctl key create --label a --algorithm sm2");
        let start =
            "invalid value 'sm2' for '--algorithm <ALGORITHM>': unknown algorithm \"sm2\": use rsa-2048";
        assert!(message.starts_with(start), "{message}");
        assert_eq!(hint, "see `kmsctl key create --help`");
        assert_eq!(
            error("kmsctl key --json"),
            ("no command given".to_owned(), "see `kmsctl key --help`".to_owned())
        );
    }

    #[test]
    fn a_group_without_a_command_prints_its_help() {
        for (line, listed) in [
            ("kmsctl", "Use keys:"),
            ("kmsctl key", "Rotate and change:"),
            ("kmsctl --token a jwt", "  decode "),
        ] {
            let Ok(Parsed::Missing(help)) = parsed(line) else { panic!("{line}") };
            assert!(help.to_string().contains(listed), "{help}");
        }
    }

    #[test]
    fn commands_are_suggested_by_other_names() {
        for (line, command) in [
            ("kmsctl kye list", "`key list`"),
            ("kmsctl --json keys ls", "`key list`"),
            ("kmsctl --token key --json key lits", "`key list`"),
            ("kmsctl key hsow", "`key show`"),
            ("kmsctl key rm --label a", "`key delete`"),
            ("kmsctl sgin", "`sign`"),
            ("kmsctl create", "`key create`"),
            ("kmsctl keygen", "`key create`"),
            ("kmsctl ls", "`key list` or `token list`"),
            ("kmsctl key init", "`token init`"),
            ("kmsctl set-pin", "`token set-pin`"),
            ("kmsctl token rand", "`random`"),
        ] {
            let (message, hint) = error(line);
            assert!(message.starts_with("unrecognized subcommand"), "{message}");
            assert_eq!(hint, format!("did you mean {command}?"), "{line}");
        }
        assert_eq!(error("kmsctl version").1, "did you mean `kmsctl --version`?");
        for line in ["kmsctl frobnicate", "kmsctl xy"] {
            assert_eq!(error(line).1, "`kmsctl --help` lists the commands", "{line}");
        }
        for group in ["key", "token", "config", "jwt", "component"] {
            let hint = format!("`kmsctl {group} --help` lists the commands");
            assert_eq!(error(&format!("kmsctl {group} frobnicate")).1, hint);
        }
    }

    #[test]
    fn options_are_suggested_by_other_names() {
        for (line, expected) in [
            ("kmsctl key create --type aes-256", "did you mean `--algorithm`?"),
            ("kmsctl key create --label a -a aes-256", "did you mean `--algorithm`?"),
            ("kmsctl key create --name a", "did you mean `--label`?"),
            ("kmsctl sign --key a", "did you mean `--label`?"),
            ("kmsctl sign --label a --input f", "did you mean `--in`?"),
            ("kmsctl sign --label a -o f", "did you mean `--out`?"),
            ("kmsctl key list -o json", "did you mean `--json`?"),
            ("kmsctl key delete --label a --force", "did you mean `--yes`?"),
            ("kmsctl key list --pin 1234", "a PIN is never an argument"),
            ("kmsctl key show web", "`--label web`"),
            ("kmsctl sign --label=a file", "`--in file`"),
            ("kmsctl verify --public-key k file", "`--in file`"),
            ("kmsctl key list --lable a", "did you mean `--label`?"),
            ("kmsctl component show a.pem b.pem", "`kmsctl component show` takes one FILE"),
            ("kmsctl random --bytes 0", "BYTES needs no option: `random BYTES`"),
            ("kmsctl key show --label -x", "`--label=-x`"),
            ("kmsctl --pin-fd -10 key list", "`--pin-fd=-10`"),
            // Options that are given already, or that the command does not have, are not suggested.
            ("kmsctl sign --label a --name b", "`kmsctl sign --help` lists the options"),
            ("kmsctl token list --algorithm a", "`kmsctl token list --help` lists the options"),
            ("kmsctl doctor web", "`kmsctl doctor --help` lists the options"),
        ] {
            let (message, hint) = error(line);
            assert!(message.starts_with("unexpected argument"), "{message}");
            assert!(hint.contains(expected), "{line}: {hint}");
        }
    }

    #[test]
    fn an_option_that_needs_another_one_says_so() {
        for (line, message, hint) in [
            (
                "kmsctl key create --label a --algorithm aes-256 --rotation-period 30",
                "--rotation-period needs --auto-rotate",
                "add `--auto-rotate`",
            ),
            ("kmsctl token list --timeout 3", "--timeout needs --all-modules", "add `--all-modules`"),
        ] {
            assert_eq!(error(line), (message.to_owned(), hint.to_owned()), "{line}");
        }
    }

    #[test]
    fn similar_values_are_suggested() {
        let line = "kmsctl key create --label a --algorithm ed2559";
        assert_eq!(error(line).1, "did you mean `ed25519`?");
        assert_eq!(error("kmsctl jwt verify --label a --algorithm RS265").1, "did you mean `RS256`?");
        assert_eq!(error("kmsctl completions bsh").1, "did you mean `bash`?");
        assert_eq!(error("kmsctl completions tcsh").1, "see `kmsctl completions --help`");
        assert_eq!(error("kmsctl key list --color alway").1, "did you mean `always`?");
    }

    #[test]
    fn help_and_version_are_not_errors() {
        for line in ["kmsctl --help", "kmsctl key create -h", "kmsctl help sign", "kmsctl --version"] {
            assert!(matches!(parsed(line), Ok(Parsed::Print(_))), "{line}");
        }
    }

    #[test]
    fn a_pin_given_as_an_argument_is_not_repeated() {
        for line in ["kmsctl key list --pin=hunter2", "kmsctl key list --pin hunter2"] {
            let (message, hint) = error(line);
            assert!(!format!("{message}{hint}").contains("hunter2"), "{message} {hint}");
        }
    }

    #[test]
    fn ranges_are_reworded() {
        for (line, why) in [
            ("kmsctl key update --label a --rotation-period 1000", "must be 1 to 730"),
            ("kmsctl key update --label a --rotation-period ten", "not a whole number"),
            ("kmsctl random 99999999999999999999", "too large"),
            ("kmsctl key list --pin-fd=-1", "must be at least 0"),
        ] {
            let (message, _) = error(line);
            assert!(message.ends_with(&format!("': {why}")), "{message}");
        }
    }

    #[test]
    fn a_long_value_does_not_flood_the_terminal() {
        for value in ["x".repeat(100_000), "é".repeat(50_000)] {
            let (message, _) = error(&format!("kmsctl key create --label a --algorithm {value}"));
            assert!(message.starts_with("invalid value '") && message.contains("use rsa-2048"), "{message}");
            assert!(message.chars().count() < 1000, "{}", message.len());
        }
    }

    #[test]
    fn global_options_may_be_anywhere() {
        for line in [
            "kmsctl --json --token prod key list",
            "kmsctl key --json list --token prod",
            "kmsctl key list --json --token prod",
        ] {
            let Ok(Parsed::Run(cli)) = parsed(line) else { panic!("{line}") };
            assert!(cli.global.json(), "{line}");
            assert_eq!(cli.global.values.text(&setting::TOKEN).as_deref(), Some("prod"), "{line}");
        }
    }

    #[test]
    fn an_option_is_the_same_wherever_it_is() {
        for line in [
            "kmsctl key create --label a --algorithm aes-256 --auto-rotate",
            "kmsctl key create --label a --algorithm aes-256 --auto-rotate=off",
            "kmsctl key create --label a --algorithm aes-256 --auto-rotate on --rotation-period 30",
            "kmsctl key update --label a --auto-rotate",
            "kmsctl key update --label a --auto-rotate=off",
            "kmsctl key update --auto-rotate off --label a",
            "kmsctl key wrap --label a --wrapping-key f",
            "kmsctl key wrap --label a --public-key f",
            "kmsctl component show f",
            "kmsctl component show --in f",
        ] {
            assert!(parsed(line).is_ok(), "{line}: {:?}", parsed(line));
        }
        for line in [
            "kmsctl component show",
            "kmsctl component show f --in g",
            "kmsctl key update --label a --auto-rotate=1",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn conflicts_are_refused() {
        for line in [
            "kmsctl key list --store a --module b",
            "kmsctl sign --uri pkcs11:object=a --label a",
            "kmsctl verify --label a --public-key f --signature s",
            "kmsctl key show --label a --pem --jwk",
            "kmsctl key rotate --due --label a",
            "kmsctl key rotate",
            "kmsctl key update --label a",
            "kmsctl key create --request f --label a",
            "kmsctl key create --label a --algorithm aes-256 --rotation-period 30",
            "kmsctl key create --label a --algorithm aes-256 --auto-rotate --rotation-period 731",
            "kmsctl key revoke --label a --after 31",
            "kmsctl key list -q -v",
            "kmsctl random 0",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn json_counts_only_before_a_double_dash() {
        let args = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(wants_json(&args("kmsctl nonsense --json")));
        assert!(!wants_json(&args("kmsctl ephemeral -- prog --json")));
    }
}
