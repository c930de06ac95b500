//! `kmsctl key`.

mod create;
mod delete;
mod due;
mod import;
mod list;
mod purge;
mod request;
mod rotate;
mod show;
mod state;
mod timer;
mod transfer;

use std::path::Path;

use anyhow::{Context as _, Result};

use super::context::{Context, Need, Opened};
use crate::{
    cli::key::Command,
    encoding::{self, PublicKey},
    io::Input,
    keystore::{Key, Selected, Selection},
    operation::{KeySource, TokenInvalid, Verifier},
};

pub(super) fn run(context: &Context, command: &Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create::create(context, arguments),
        Command::Import(arguments) => import::import(context, arguments),
        Command::Wrap(arguments) => transfer::wrap(context, arguments),
        Command::Unwrap(arguments) => transfer::unwrap(context, arguments),
        Command::List(arguments) => list::list(context, arguments),
        Command::Show(arguments) => show::show(context, arguments),
        Command::Delete(arguments) => delete::delete(context, arguments),
        Command::Update(arguments) => state::update(context, arguments),
        Command::Rotate(arguments) => rotate::rotate(context, arguments),
        Command::Versions(arguments) => rotate::versions(context, arguments),
        Command::Enable(arguments) => state::enable(context, arguments),
        Command::Disable(arguments) => state::disable(context, arguments),
        Command::Revoke(arguments) => state::revoke(context, arguments),
        Command::Restore(arguments) => state::restore(context, arguments),
        Command::Purge(arguments) => purge::purge(context, arguments),
        Command::Timer(arguments) => timer::timer(context, arguments),
    }
}

/// A key, and the session in which it was found.
pub(super) struct Public {
    pub(super) opened: Opened,
    pub(super) selected: Selected,
}

/// The one key that fits, by its public objects alone if they tell enough, else after a login.
pub(super) fn open_public(context: &Context, wanted: &Selection) -> Result<Public> {
    let opened = context.open(Need::Public)?;
    if let Some(selected) = opened.keystore.select_public(wanted)? {
        return Ok(Public { opened, selected });
    }
    let opened = context.log_in(opened)?;
    let selected = opened.keystore.select(wanted)?;
    Ok(Public { opened, selected })
}

/// The same for what needs no session afterwards.
pub(super) fn select_public(context: &Context, wanted: &Selection) -> Result<Selected> {
    Ok(open_public(context, wanted)?.selected)
}

/// A public key from a file, in whatever form it comes.
pub(super) fn read_public(context: &Context, path: &Path) -> Result<PublicKey> {
    let bytes =
        Input::from_path(Some(path)).read(&context.stdin, "the public key", encoding::MAX_KEY_FILE)?;
    PublicKey::read(&bytes).with_context(|| format!("cannot use {}", path.display()))
}

/// The same for a token or a JWS. A JWK may say what it is for, which is believed.
pub(super) fn read_verifier(context: &Context, path: &Path) -> Result<Verifier> {
    let bytes =
        Input::from_path(Some(path)).read(&context.stdin, "the public key", encoding::MAX_KEY_FILE)?;
    let unusable = || format!("cannot use {}", path.display());
    let source = KeySource::File { path: path.display().to_string() };
    // First as any public key, which tells what else it is by name.
    let key = PublicKey::read(&bytes).with_context(unusable)?;
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(Verifier { key, algorithm: None, source });
    }
    let stated = encoding::read_jwk(&bytes).with_context(unusable)?;
    if !stated.verifies {
        return Err(TokenInvalid::OtherUse { key_id: stated.key_id }.into());
    }
    Ok(Verifier { key, algorithm: stated.algorithm, source })
}

/// One line on stderr when a scheduled rotation has not happened.
pub(super) fn warn_if_overdue(context: &Context, key: &Key) {
    let due = key.record().and_then(|record| record.next_rotation).filter(|due| *due <= context.now());
    if let Some(due) = due {
        context.ui.warning(format!("the rotation of key {:?} was due on {due}", key.label));
        context.ui.hint("`kmsctl key rotate --due` does all that are due");
    }
}
