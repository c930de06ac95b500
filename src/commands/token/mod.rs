//! `kmsctl token`.

mod all_modules;
mod init;
mod pin;
mod show;

use anyhow::Result;

use super::context::Context;
use crate::cli::token::Command;

pub(super) fn run(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Init(arguments) => init::init(context, arguments),
        Command::List(arguments) if arguments.all_modules => all_modules::list(context, arguments),
        Command::List(_) => show::list(context),
        Command::Show(_) => show::show(context),
        Command::SetPin(arguments) => pin::set_pin(context, arguments),
        Command::Unlock(arguments) => pin::unlock(context, arguments),
    }
}
