//! `kmsctl token unlock`.

use anyhow::Result;
use clap::Args;

use super::pin::{NewPin, PinSet, keep, new_pin, report};
use crate::{
    cli::{answers, examples},
    commands::{
        command::Run,
        context::{Context, Need},
    },
    token::UserType,
};

/// Set a new user PIN with the security officer's PIN
///
/// For a user PIN that is locked or lost; the keys stay. The security officer's PIN comes from --so-pin-file,
/// --so-pin-fd, KMSCTL_SO_PIN or KMSCTL_SO_PIN_FILE, or is asked for. The new user PIN comes from --new-pin-file,
/// --new-pin-fd or --generate-pin, or is asked for twice.
#[derive(Debug, Args)]
#[command(add = answers![PinSet])]
#[command(after_help = examples![
    "Asks for both PINs" => "kmsctl token unlock",
    "From files" => "kmsctl token unlock --so-pin-file so-pin --new-pin-file pin",
])]
pub struct Unlock {
    #[command(flatten)]
    new_pin: NewPin,
}

impl Run for Unlock {
    fn run(&self, context: &Context) -> Result<()> {
        let opened = context.open_as(UserType::SecurityOfficer, Need::Write, &mut None)?;
        let new = new_pin(context, &self.new_pin, &opened.keystore.token().label)?;
        let token_pin = context.as_token_takes(UserType::User, new.clone())?;
        keep(&self.new_pin, &new)?;
        opened.keystore.session().init_user_pin(&token_pin)?;
        report(context, &opened.keystore.token().label, "set a new user PIN for")
    }

    fn changes(&self) -> bool {
        true
    }
}
