//! `kmsctl ephemeral`: runs a command with a temporary token.

mod place;

use std::{
    env,
    ffi::OsString,
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use place::Place;

use super::command::{Grammar, RunBare, bare};
use crate::{
    cli::{Global, UsageError, examples, values},
    config::Environment,
    io::{catch_signals, run_child},
    secret::{self, Pin},
    setting,
    token::{
        UserType,
        embedded::{self, Store},
        init_token,
    },
    trust::Sharing,
};

/// Run a command with a fresh embedded token, then destroy the token
///
/// For tests and CI: the command finds the token and its random PIN through KMSCTL_STORE, KMSCTL_PIN_FILE and
/// KMSCTL_SO_PIN_FILE; variables that would select another token are removed from its environment. Signals are passed
/// on to the command, and its exit code is the exit code of this command (128 + N if signal N ended it; 127 if it
/// cannot be started). Token and PIN are destroyed when it ends, even when kmsctl itself is killed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Tests that need keys" => "kmsctl ephemeral -- ./integration-tests.sh",
    "A signature with a key that exists only for this run" =>
        "kmsctl ephemeral -- ./sign-artefact.sh release.tar",
])]
pub struct Ephemeral {
    /// Label of the token
    #[arg(long, value_name = "NAME", value_parser = values::token_label, default_value = "ephemeral")]
    label: String,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
}

/// Only a fallback: no other process knows the store, so its lock is free.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

impl RunBare for Ephemeral {
    /// Needs no settings, home directory or terminal. Returns the exit code of the command.
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        refuse_other_token(global)?;
        // From here on, a terminating signal removes the token first.
        let signals = catch_signals().context("cannot watch for signals")?;
        let place = Place::new(
            Environment::capture().directory(&setting::XDG_RUNTIME_DIR).as_deref(),
            &env::temp_dir(),
        )
        .context("cannot make a directory for the token")?;
        let variables = create_token(place.path(), &self.label)?;
        let (program, rest) =
            self.command.split_first().ok_or_else(|| UsageError::new("no command given"))?;
        let mut command = secret::command(program);
        command.args(rest);
        for variable in setting::target_variables() {
            command.env_remove(variable);
        }
        command.envs(variables.into_iter().filter_map(|(name, value)| Some((name?, value))));
        let code = run_child(command, signals);
        place.destroy().context("cannot remove the token of this run")?;
        Ok(code?)
    }
}

bare!(Ephemeral);

/// Refuses options that select a token: they would have no effect, because the token is always new.
fn refuse_other_token(global: &Global) -> Result<(), UsageError> {
    match global.first(|setting| setting.is_target() && *setting != setting::CONFIG) {
        None => Ok(()),
        Some(setting) => {
            let option = setting.option.map_or("", |option| option.flag);
            let error =
                UsageError::new(format!("{option} has no effect: ephemeral makes a new token and a PIN"));
            Err(error.hinted("options for kmsctl inside the command go after `--`"))
        }
    }
}

/// Creates the token. Returns the environment variables through which the command finds it.
fn create_token(place: &Path, label: &str) -> Result<[(Option<&'static str>, PathBuf); 3]> {
    let [store, pin_file, so_pin_file] = ["store", "pin", "so-pin"].map(|name| place.join(name));
    let draft = Store::create(&store, LOCK_TIMEOUT, Sharing::NONE)?;
    let module = draft.module();
    let (so_pin, pin) = (embedded::generate()?, embedded::generate()?);
    let token_so_pin = draft.stretch(UserType::SecurityOfficer, &so_pin)?;
    init_token(&module, None, label, &token_so_pin, &draft.stretch(UserType::User, &pin)?)?;
    draft.commit()?;
    for (path, pin) in [(&pin_file, &pin), (&so_pin_file, &so_pin)] {
        write_pin(path, pin).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok([
        (setting::STORE.variable, store),
        (setting::PIN_FILE.variable, pin_file),
        (setting::SO_PIN_FILE.variable, so_pin_file),
    ])
}

/// Plain write: nothing reads the file before it is complete or after the run, so it needs no rename or `fsync`.
fn write_pin(path: &Path, pin: &Pin) -> std::io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(pin.expose())
}
