//! Key files, as `key import` and `component split` read them, and public keys in files.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::context::Context;
use crate::{
    algorithm::Algorithm,
    cli::PassphraseOptions,
    encoding::{self, KeyFile, MAX_KEY_FILE, PublicKeyFile},
    io::{self, Input},
    secret::{PassphraseSource, Role, Secret},
    ui,
};

/// Reads a whole key, and says what else is in the file. A passphrase is asked for only if the key is encrypted.
pub(super) fn read(
    context: &Context,
    input: &Input,
    announced: Option<Algorithm>,
    options: &PassphraseOptions,
) -> Result<KeyFile> {
    let bytes = read_secret(context, input, "key", MAX_KEY_FILE)?;
    let file = match KeyFile::read(bytes.expose(), announced, None) {
        Err(encoding::Error::PassphraseNeeded) => {
            let passphrase = passphrase(context, Role::Passphrase, &input.to_string(), options)?;
            KeyFile::read(bytes.expose(), announced, Some(&passphrase))
        }
        read => read,
    };
    let file = file.map_err(|error| named(error, input))?;
    if !file.skipped.is_empty() {
        context.ui.status(format!("skipped in {input}: {}", file.skipped.join(", ")));
    }
    Ok(file)
}

/// Reads a public key in whatever form it comes. What a JWK says it is for is for the caller to obey.
pub(super) fn read_public(context: &Context, path: &Path) -> Result<PublicKeyFile> {
    let input = Input::from_path(Some(path));
    let bytes = input.read(&context.stdin, "the public key", MAX_KEY_FILE)?;
    let file = PublicKeyFile::read(&bytes).map_err(|error| named(error, &input));
    let file = file.with_context(|| format!("cannot use {input}"))?;
    if !file.skipped.is_empty() {
        context.ui.detail(format!("skipped in {input}: {}", file.skipped.join(", ")));
    }
    Ok(file)
}

/// With the name of the file, for the hint.
fn named(error: encoding::Error, input: &Input) -> encoding::Error {
    match input {
        Input::File(path) => error.in_file(&path.to_string_lossy()),
        Input::Stdin => error,
    }
}

/// At most `limit` bytes, wiped when dropped.
pub(super) fn read_secret(
    context: &Context,
    input: &Input,
    role: &'static str,
    limit: usize,
) -> Result<Secret> {
    let reader = input.open(&context.stdin, role)?;
    Secret::read(reader, limit).map_err(|source| {
        let name = input.to_string();
        match source.kind() {
            std::io::ErrorKind::FileTooLarge => io::Error::TooLarge { name, limit }.into(),
            _ => anyhow::Error::from(source),
        }
    })
}

/// Reads a passphrase from where the options say, else from the terminal, where `subject` says what it is for.
pub(super) fn passphrase(
    context: &Context,
    role: Role,
    subject: &str,
    options: &PassphraseOptions,
) -> Result<Secret> {
    let source = match (&options.passphrase_file, options.passphrase_fd) {
        (Some(path), _) => PassphraseSource::File(path.clone()),
        (None, Some(fd)) => PassphraseSource::Fd(fd),
        (None, None) => PassphraseSource::Prompt,
    };
    if source.uses_stdin() {
        context.stdin.claim_for_good("passphrase")?;
    }
    let prompt = context.settings.prompt(ui::safe(subject));
    Ok(source.read(role, &prompt)?)
}
