//! `kmsctl encrypt`.

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use anyhow::{Context as _, Result};
use zeroize::Zeroizing;

use super::{
    context::{Context, selection},
    encrypt_several, key_file,
    sealed::{key_fields, with, with_sealer},
};
use crate::{
    cli::{
        UsageError,
        encrypt::{CipherFormat, Encrypt},
    },
    io::{Input, Meter, Output},
    keystore::Keystore,
    model::Fingerprint,
    operation::{self, Sealer, seal_envelope},
    render::Document,
};

pub(super) fn encrypt(context: &Context, arguments: &Encrypt) -> Result<()> {
    if arguments.input.len() > 1 {
        return encrypt_several::encrypt(context, arguments);
    }
    with_any_sealer(context, arguments, |_, sealer, label| run(context, arguments, sealer, label))
}

/// The key of the token, or the one in the file, made ready; with the token's keystore and the key's label, where they are.
pub(super) fn with_any_sealer(
    context: &Context,
    arguments: &Encrypt,
    act: impl FnOnce(Option<&Keystore>, &Sealer<'_>, Option<&str>) -> Result<()>,
) -> Result<()> {
    if let Some(path) = &arguments.public_key {
        let name = path.display().to_string();
        let file = key_file::read_public(context, path)?;
        file.limits.encrypt().with_context(|| format!("cannot encrypt with {name}"))?;
        let found = Fingerprint(file.key.fingerprint());
        if let Some(expected) = arguments.fingerprint.filter(|expected| *expected != found) {
            return Err(operation::Error::OtherFingerprint { source: name, expected, found }.into());
        }
        return act(None, &Sealer::from_public_key(file.key, name)?, None);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    with_sealer(context, &wanted, arguments.fingerprint, |keystore, selected, sealer| {
        act(Some(keystore), sealer, Some(&selected.key.label))
    })
}

/// Small data becomes a text where nothing speaks against it.
fn run(context: &Context, arguments: &Encrypt, sealer: &Sealer<'_>, label: Option<&str>) -> Result<()> {
    let input = Input::from_path(arguments.input.first().map(PathBuf::as_path));
    let mut input = input.open(&context.stdin, "the plaintext")?;
    let meter = input.meter();
    let Some(limit) = text_limit(arguments, sealer) else {
        return envelope(context, arguments, sealer, label, (input, &meter));
    };
    let head = at_most(&mut input, limit + 1)?;
    let is_text = sealer.takes_as_text(&head, arguments.context.as_ref());
    if is_text || arguments.format == CipherFormat::Text {
        text(context, arguments, sealer, label, &head)
    } else {
        envelope(context, arguments, sealer, label, (head.as_slice().chain(input), &meter))
    }
}

/// Up to how many bytes become a text; `None` if none do.
pub(super) fn text_limit(arguments: &Encrypt, sealer: &Sealer<'_>) -> Option<usize> {
    match arguments.format {
        CipherFormat::Age => None,
        CipherFormat::Auto => sealer.text_limit(arguments.context.as_ref()),
        // What has no text form is refused by the sealer, in its words.
        CipherFormat::Text => sealer.text_limit(arguments.context.as_ref()).or(Some(0)),
    }
}

/// The first bytes of a stream, in a buffer that never moves.
pub(super) fn at_most(input: &mut impl Read, length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut head = Zeroizing::new(Vec::with_capacity(length));
    input.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn text(
    context: &Context,
    arguments: &Encrypt,
    sealer: &Sealer<'_>,
    label: Option<&str>,
    plaintext: &[u8],
) -> Result<()> {
    let ciphertext = sealer.seal_text(plaintext, arguments.context.as_ref())?.to_string();
    let line = format!("{ciphertext}\n");
    let report = key_fields("text", sealer.name(), label);
    match (&arguments.out, context.settings.json) {
        (None, true) => context.print(&Document::new(with(report, "ciphertext", ciphertext), "")),
        (out, json) => {
            Output::to(out.as_deref()).write(line.as_bytes())?;
            if json { context.print(&Document::new(report, "")) } else { Ok(()) }
        }
    }
}

fn envelope(
    context: &Context,
    arguments: &Encrypt,
    sealer: &Sealer<'_>,
    label: Option<&str>,
    (input, meter): (impl Read, &Meter),
) -> Result<()> {
    if context.settings.json && arguments.out.is_none() {
        return Err(UsageError::new("an age file does not fit into JSON")
            .hinted("name a file for it by `--out`")
            .into());
    }
    let target = Output::to(arguments.out.as_deref()).binary(true);
    let mut output = target.open()?;
    let progress = context.reading("encrypting", meter, &target);
    seal_envelope(sealer, arguments.context.as_ref(), input, &mut output)?;
    output.flush()?;
    output.commit()?;
    drop(progress);
    if context.settings.json {
        context.print(&Document::new(key_fields("age", sealer.name(), label), ""))?;
    }
    Ok(())
}
