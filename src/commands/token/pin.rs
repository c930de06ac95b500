//! Sources and files of new PINs.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueHint};
use zeroize::Zeroizing;

use crate::{
    commands::context::Context,
    io::{self, Output},
    model::answer,
    render::Document,
    secret::{LeftPin, Pin, PinError, PinSource, Role},
    token::embedded,
    trust::{self, Sharing},
};

/// Sources of a new user PIN other than a prompt.
#[derive(Debug, Args)]
#[group(id = "new_pin", multiple = false)]
pub(super) struct NewPin {
    /// New user PIN from a file
    #[arg(long = "new-pin-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) file: Option<PathBuf>,

    /// New user PIN from an open file descriptor
    #[arg(long = "new-pin-fd", value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(super) fd: Option<i32>,

    /// Generate a random user PIN and write it to a file of mode 0600
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) generate_pin: Option<PathBuf>,
}

answer! {
    /// The token whose PIN was set.
    pub struct PinSet<'a> {
        /// Label of the token
        label: &'a str,
        /// true: the command changed the token
        changed: bool,
    }
}

pub(super) fn report(context: &Context, label: &str, done: &str) -> Result<()> {
    context
        .print(&Document::of(&PinSet { label, changed: true }, "").saying(format!("{done} token {label:?}")))
}

pub(super) fn new_pin(context: &Context, given: &NewPin, label: &str) -> Result<Pin> {
    let source = match (&given.file, given.fd, &given.generate_pin) {
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

pub(super) fn keep(given: &NewPin, pin: &Pin) -> Result<()> {
    given.generate_pin.as_deref().map_or(Ok(()), |path| write_pin(path, pin))
}

/// Writes a generated PIN to its file, mode 0600.
pub(super) fn write_pin(path: &Path, pin: &Pin) -> Result<()> {
    let line = Zeroizing::new([pin.expose(), b"\n"].concat());
    Ok(Output::to(Some(path)).private().write(&line)?)
}

/// Refuses an existing file with content, which may be the PIN of another token; an empty one, as made by `mktemp`, is
/// fine. Also refuses a directory that others can write to, where the file would not be trusted as a PIN file.
pub(super) fn refuse_existing_pin(path: &Path, left: LeftPin) -> Result<()> {
    trust::check_place(path, "the PIN file", Sharing::NONE)?;
    match path.metadata() {
        Ok(found) if found.len() > 0 => Err(PinError::FileExists { path: path.to_owned(), left }.into()),
        _ => Ok(io::refuse_kept(path)?),
    }
}
