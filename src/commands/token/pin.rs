//! `kmsctl token set-pin` and `kmsctl token unlock`.

use std::path::Path;

use anyhow::Result;
use serde_json::json;
use zeroize::Zeroizing;

use super::super::context::{Context, Need};
use crate::{
    cli::token::{NewPin, SetPin, Unlock},
    io::Output,
    render::Document,
    secret::{LeftPin, Pin, PinError, PinSource, Role},
    token::{UserType, embedded},
    trust::{self, Sharing},
};

/// The user changes the own PIN. The login proves the old one, so a mistyped PIN costs one try and no more.
pub(super) fn set_pin(context: &Context, arguments: &SetPin) -> Result<()> {
    let mut old = None;
    let opened = context.open_as(UserType::User, Need::Write, &mut old)?;
    let old = old.ok_or(PinError::Missing { role: Role::User })?;
    let new = new_pin(context, &arguments.new_pin, &opened.keystore.token().label)?;
    let token_pin = context.as_token_takes(UserType::User, new.clone())?;
    // The file first: a PIN that the token has and nobody knows would lock everyone out.
    keep(&arguments.new_pin, &new)?;
    opened.keystore.session().set_pin(&old, &token_pin)?;
    report(context, &opened.keystore.token().label, "has a new user PIN")
}

/// The SO sets a new user PIN, such as after too many wrong tries.
pub(super) fn unlock(context: &Context, arguments: &Unlock) -> Result<()> {
    let opened = context.open_as(UserType::SecurityOfficer, Need::Write, &mut None)?;
    let new = new_pin(context, &arguments.new_pin, &opened.keystore.token().label)?;
    let token_pin = context.as_token_takes(UserType::User, new.clone())?;
    keep(&arguments.new_pin, &new)?;
    opened.keystore.session().init_user_pin(&token_pin)?;
    report(context, &opened.keystore.token().label, "is unlocked with a new user PIN")
}

fn report(context: &Context, label: &str, what: &str) -> Result<()> {
    context.ui.status(format!("token {label:?} {what}"));
    context.print(&Document::new(json!({"label": label}), ""))
}

fn new_pin(context: &Context, given: &NewPin, label: &str) -> Result<Pin> {
    let source = match (&given.new_pin_file, given.new_pin_fd, &given.generate_pin) {
        (Some(path), ..) => PinSource::File(path.clone()),
        (None, Some(fd), _) => PinSource::Fd(fd),
        (None, None, Some(path)) => {
            refuse_existing_pin(path, LeftPin::Successor)?;
            return Ok(embedded::generate()?);
        }
        (None, None, None) => PinSource::Prompt,
    };
    context.read_pin(&source, Role::NewUser, &format!("token {label:?}"))
}

fn keep(given: &NewPin, pin: &Pin) -> Result<()> {
    given.generate_pin.as_deref().map_or(Ok(()), |path| write_pin(path, pin))
}

/// Writes a generated PIN to its file, mode 0600.
pub(super) fn write_pin(path: &Path, pin: &Pin) -> Result<()> {
    let line = Zeroizing::new([pin.expose(), b"\n"].concat());
    Ok(Output::to(Some(path)).private().write(&line)?)
}

/// A file with something in it may hold the PIN of another token. An empty one, as `mktemp` makes it, is fine. In a
/// directory that others can write, the file would not be trusted as a PIN file.
pub(super) fn refuse_existing_pin(path: &Path, left: LeftPin) -> Result<()> {
    trust::check_place(path, "the PIN file", Sharing::NONE)?;
    match path.metadata() {
        Ok(found) if found.len() > 0 => Err(PinError::FileExists { path: path.to_owned(), left }.into()),
        _ => Ok(()),
    }
}
