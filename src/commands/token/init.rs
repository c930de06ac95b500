//! `kmsctl token init`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use clap::{Args, ValueHint};

use super::pin::{refuse_existing_pin, write_pin};
use crate::{
    algorithm::Algorithm,
    cli::{UsageError, answers, examples, values},
    commands::{command::Run, context::Context},
    config::Target,
    render,
    secret::{LeftPin, Pin, PinSource, Role},
    shell::{kmsctl, kmsctl_without_pin, shell_option},
    token::{
        TokenChoice, TokenInfo, UserType,
        embedded::{self, Store, StoreError},
        init_token, list_tokens,
    },
};

/// Create the embedded token, or initialise the module's
///
/// The embedded token is a directory: token.sql is the database with the keys (with token.sql-wal while it is in use),
/// lock serialises writers, and tries counts wrong PINs. PINs are not in it.
///
/// The user PIN comes from the PIN options, is generated, or is asked for; that of the embedded token has at least 8
/// characters, and a module's token has its own limits. It is needed to use keys. The PIN of the security officer (SO PIN) only sets a new user PIN when that is lost or locked, see
/// kmsctl-token-unlock(1). --generate-pin FILE makes both: the user PIN in FILE and the SO PIN in FILE.so. Keep
/// FILE.so in another place: with it and the token, the keys can be used.
///
/// A module's token needs the SO PIN as well: the one it has, or the one to set on a blank token. A token that is
/// already initialised is not changed.
#[derive(Debug, Args)]
#[command(add = answers![render::MadeToken])]
#[command(after_help = examples![
    "A token for scripts, with generated PINs" =>
        "kmsctl token init --label prod --generate-pin ~/.config/kmsctl/pin",
    "The same from a script that may run again" =>
        "kmsctl token init --label prod --generate-pin ~/.config/kmsctl/pin --if-not-exists",
    "A token of SoftHSM; asks for both PINs" =>
        "kmsctl token init --label prod --module /usr/lib/softhsm/libsofthsm2.so",
])]
pub struct Init {
    /// Label of the new token, up to 32 bytes
    #[arg(long, value_name = "NAME", value_parser = values::token_label)]
    label: String,

    /// Generate a random user PIN and write it to a file of mode 0600
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["pin-file", "pin-fd", "pin-command"])]
    generate_pin: Option<PathBuf>,

    /// Succeed and change nothing if a token with this label exists
    #[arg(long)]
    if_not_exists: bool,
}

impl Run for Init {
    fn run(&self, context: &Context) -> Result<()> {
        if let Some(token) = self.if_not_exists.then(|| existing(context, &self.label)).transpose()?.flatten()
        {
            let line = format!("token {:?} is already initialised (serial {})", token.label, token.serial);
            return context.print(&render::initialised(&token, false).saying(line));
        }
        let token = match &context.settings.target {
            Target::Embedded { dir } => init_embedded(context, self, dir)?,
            Target::Module { .. } => init_module(context, self)?,
        };
        let create = format!("key create --label NAME --algorithm {}", Algorithm::FIRST_CHOICE);
        let next = match &self.generate_pin {
            Some(path) => kmsctl_without_pin(format!("{create} {}", shell_option("--pin-file", path))),
            None => kmsctl(&create),
        };
        let line = format!("initialised token {:?} (serial {})", token.label, token.serial);
        context.print(&render::initialised(&token, true).saying(line).then(next))
    }

    fn changes(&self) -> bool {
        true
    }
}

/// The initialised token with this label. Needs no PIN.
fn existing(context: &Context, label: &str) -> Result<Option<TokenInfo>> {
    let tokens = match context.module() {
        Ok(module) => list_tokens(&module)?,
        Err(error) if matches!(error.downcast_ref(), Some(StoreError::NotInitialised { .. })) => Vec::new(),
        Err(error) => return Err(error),
    };
    let choice = &context.settings.token;
    let is_meant = |token: &TokenInfo| match choice {
        TokenChoice::Slot(_) => token.is_chosen_by(choice),
        _ => true,
    };
    let is_ready = |token: &TokenInfo| token.is_initialized() && token.user_pin_is_set();
    Ok(tokens.into_iter().find(|token| token.label == label && is_meant(token) && is_ready(token)))
}

fn init_embedded(context: &Context, arguments: &Init, directory: &Path) -> Result<TokenInfo> {
    let draft = Store::create(directory, context.settings.lock_timeout, context.settings.sharing)?;
    let pins = Pins::new(context, arguments)?;
    let (so_pin, user_pin) =
        (draft.stretch(UserType::SecurityOfficer, &pins.so)?, draft.stretch(UserType::User, &pins.user)?);
    let module = draft.module();
    let token = init_token(&module, None, &arguments.label, &so_pin, &user_pin)?;
    pins.keep()?;
    draft.commit()?;
    Ok(token)
}

fn init_module(context: &Context, arguments: &Init) -> Result<TokenInfo> {
    let label = &arguments.label;
    let slot = match &context.settings.token {
        TokenChoice::Slot(slot) => Some(*slot),
        TokenChoice::Named(name) if name != label => return Err(other_label(label, name).into()),
        TokenChoice::Uri(uri) if uri.token.as_ref().is_some_and(|name| name != label) => {
            return Err(other_label(label, &uri.to_string()).into());
        }
        _ => None,
    };
    let pins = Pins::new(context, arguments)?;
    let _lock = context.module_lock()?;
    let module = context.module()?;
    // The file is written first: a lost PIN is worse than a PIN file without a token.
    pins.keep()?;
    init_token(&module, slot, &arguments.label, &pins.so, &pins.user).map_err(|error| {
        if error.changed_nothing() {
            pins.discard();
        }
        error.into()
    })
}

fn other_label(label: &str, named: &str) -> UsageError {
    UsageError::new(format!("the new token's label is {label:?}, but this run is for the token {named:?}"))
        .hinted("leave `--token` out, or name the slot of a blank token with `--slot N`")
}

/// The PINs of a new token, and the files of generated ones.
struct Pins {
    user: Pin,
    so: Pin,
    files: Vec<(PathBuf, Pin)>,
}

impl Pins {
    /// `--generate-pin FILE` generates the user PIN, and an SO PIN in `FILE.so` unless it has another source. All other PINs
    /// are asked for.
    fn new(context: &Context, arguments: &Init) -> Result<Self> {
        let subject = format!("token {:?}", arguments.label);
        let settings = &context.settings;
        let mut files = Vec::new();
        let user = match &arguments.generate_pin {
            Some(path) => {
                let so_pin = Some(so_file(path)).filter(|path| path.exists());
                generated(path.clone(), LeftPin::OfUser { so_pin }, &mut files)?
            }
            None => context.read_pin(&settings.pin, Role::FirstUser, &subject)?,
        };
        let so = match (&settings.so_pin, &arguments.generate_pin) {
            (PinSource::Prompt, Some(path)) => {
                let path = so_file(path);
                context.ui.status(format!("the SO PIN is in {}", path.display()));
                generated(path, LeftPin::OfSecurityOfficer, &mut files)?
            }
            (source, _) => context.read_pin(source, Role::NewSecurityOfficer, &subject)?,
        };
        Ok(Self { user, so, files })
    }

    /// Writes the generated PINs to their files, mode 0600. The SO PIN first, so that after a crash a user PIN file implies
    /// both.
    fn keep(&self) -> Result<()> {
        for (path, pin) in self.files.iter().rev() {
            write_pin(path, pin)?;
        }
        Ok(())
    }

    /// Removes the PIN files after a failed initialisation.
    fn discard(&self) {
        for (path, _) in &self.files {
            // Best effort: a leftover PIN opens nothing.
            let _ = fs::remove_file(path);
        }
    }
}

/// The file of a generated SO PIN.
fn so_file(path: &Path) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(".so");
    name.into()
}

fn generated(path: PathBuf, left: LeftPin, files: &mut Vec<(PathBuf, Pin)>) -> Result<Pin> {
    refuse_existing_pin(&path, left)?;
    let pin = embedded::generate()?;
    files.push((path, pin.clone()));
    Ok(pin)
}
