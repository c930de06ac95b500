//! `kmsctl token set-pin`.

use anyhow::Result;
use clap::Args;

use super::pin::{NewPin, PinSet, keep, new_pin, report};
use crate::{
    cli::{answers, examples},
    commands::{
        command::Run,
        context::{Context, Need},
    },
    secret::{PinError, Role},
    token::UserType,
};

/// Change the user PIN
///
/// The old PIN comes from the PIN options or is asked for. The new one comes from --new-pin-file, --new-pin-fd or
/// --generate-pin, or is asked for twice.
#[derive(Debug, Args)]
#[command(add = answers![PinSet])]
#[command(after_help = examples![
    "Asks for both PINs" => "kmsctl token set-pin",
    "From one file to another" => "kmsctl token set-pin --pin-file old-pin --new-pin-file new-pin",
])]
pub struct SetPin {
    #[command(flatten)]
    new_pin: NewPin,
}

impl Run for SetPin {
    /// The login verifies the old PIN, so a mistyped one costs a single try.
    fn run(&self, context: &Context) -> Result<()> {
        let mut old = None;
        let opened = context.open_as(UserType::User, Need::Write, &mut old)?;
        let old = old.ok_or(PinError::Missing { role: Role::User })?;
        let new = new_pin(context, &self.new_pin, &opened.keystore.token().label)?;
        let token_pin = context.as_token_takes(UserType::User, new.clone())?;
        // The file is written first: if the token had a PIN that is in no file, the user would be locked out.
        keep(&self.new_pin, &new)?;
        opened.keystore.session().set_pin(&old, &token_pin)?;
        report(context, &opened.keystore.token().label, "changed the user PIN of")
    }

    fn changes(&self) -> bool {
        true
    }
}
