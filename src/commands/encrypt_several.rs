//! `kmsctl encrypt` of several files: one login, a ciphertext for each.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    context::Context,
    encrypt::{CipherFormat, Encrypt, at_most, text_limit, with_any_sealer},
    sessions,
    several::{self, Several},
};
use crate::{
    cli::UsageError,
    encoding::KeyName,
    io::{Output, open_source},
    model::{Version, answer},
    operation::{Sealer, seal_envelope},
    render::Document,
};

answer! {
    /// The ciphertext of one of several files.
    pub struct FileCiphertext {
        /// The file
        file: String,
        /// text or age
        format: &'static str,
        /// The ciphertext; null for an age file
        ciphertext: Option<String>,
        /// File that the ciphertext was written to; null without `--out`
        out: Option<String>,
    }
}

answer! {
    /// The ciphertexts of several files.
    pub struct Ciphertexts<'a> {
        /// Label of the key; null with `--public-key`
        label: Option<&'a str>,
        /// Tag of the key, as in the ciphertexts
        key_tag: &'a str,
        /// Version of the key
        version: Version,
        /// Each file's, in the order of the files
        ciphertexts: Vec<FileCiphertext>,
    }
}

/// What became of a file.
enum Made {
    Text(String),
    /// An age file, which is in its place already.
    Envelope(PathBuf),
}

pub(super) fn encrypt(context: &Context, arguments: &Encrypt) -> Result<()> {
    let several =
        Several { files: &arguments.input, directory: arguments.out.as_deref(), what: "ciphertexts" };
    several.check()?;
    if several.directory.is_none() && arguments.format == CipherFormat::Age {
        return Err(no_line().into());
    }
    with_any_sealer(context, arguments, |keystore, sealer, label| {
        let count = several.workers(arguments.jobs);
        let (mut siblings, mut sealers) = (Vec::new(), Vec::new());
        match keystore.filter(|_| sealer.needs_session()) {
            Some(first) => {
                siblings = sessions::siblings(context, first, count)?;
                sealers.push(sealer.over(first.session()));
            }
            None => sealers.resize_with(count, || sealer.clone()),
        }
        sealers.extend(siblings.iter().map(|keystore| sealer.over(keystore.session())));
        let mut shown = Vec::new();
        several.work(
            context,
            "encrypting",
            sealers,
            |sealer, path| {
                let doing = || format!("cannot encrypt {}", path.display());
                seal(arguments, several, sealer, path).with_context(doing)
            },
            |path, made| deliver(context, several, path, made, &mut shown),
        )?;
        if context.settings.json {
            let KeyName { tag, version } = sealer.name();
            let answer = Ciphertexts { label, key_tag: tag.as_str(), version: *version, ciphertexts: shown };
            context.print(&Document::of(&answer, ""))?;
        }
        Ok(())
    })
}

fn no_line() -> UsageError {
    UsageError::new("an age file does not fit on a line").hinted("`--out DIR` writes a file for each")
}

/// A text is handed over; a file is streamed into its place, for it may be of any size.
fn seal(arguments: &Encrypt, several: Several<'_>, sealer: &Sealer<'_>, path: &Path) -> Result<Made> {
    let unreadable = || format!("cannot read {}", path.display());
    let mut input = open_source(path)?.reader;
    let limit = text_limit(arguments, sealer);
    let head = at_most(&mut input, limit.map_or(0, |limit| limit + 1)).with_context(unreadable)?;
    let context = arguments.context.as_ref();
    let is_text = limit.is_some() && sealer.takes_as_text(&head, context);
    if is_text || arguments.format == CipherFormat::Text {
        return Ok(Made::Text(sealer.seal_text(&head, context)?.to_string()));
    }
    let place = several.place(path, "age").ok_or_else(no_line)?;
    let mut output = Output::to(Some(&place)).binary(true).open()?;
    seal_envelope(sealer, context, head.as_slice().chain(input), &mut output)?;
    output.commit()?;
    Ok(Made::Envelope(place))
}

/// A text goes into its own file, or onto a line with the file's name.
fn deliver(
    context: &Context,
    several: Several<'_>,
    path: &Path,
    made: Made,
    shown: &mut Vec<FileCiphertext>,
) -> Result<()> {
    let (format, text, place) = match made {
        Made::Text(text) => ("text", Some(text), several.place(path, "kms")),
        Made::Envelope(place) => ("age", None, Some(place)),
    };
    match (&text, &place) {
        (Some(text), Some(place)) => Output::to(Some(place)).write(format!("{text}\n").as_bytes())?,
        (Some(text), None) if !context.settings.json => {
            Output::to(None).write(&several::line(text.as_bytes(), path))?;
        }
        _ => {}
    }
    if context.settings.json {
        shown.push(FileCiphertext {
            file: path.to_string_lossy().into_owned(),
            format,
            ciphertext: text,
            out: place.map(|place| place.to_string_lossy().into_owned()),
        });
    }
    Ok(())
}
