//! Reading key files, public keys and passphrases.

use std::{io::Read, path::Path};

use anyhow::{Context as _, Result};

use super::context::Context;
use crate::{
    algorithm::Algorithm,
    cli::PassphraseOptions,
    encoding::{self, AgeIdentities, KeyFile, MAX_KEY_FILE, PublicKeyFile},
    io::{self, Input},
    secret::{PassphraseSource, Role, Secret, open_secret},
    trust, ui,
};

/// Maximum length of a file with identities or recipients of age, in bytes.
const MAX_AGE_KEYS_FILE: usize = 64 * 1024;

/// Reads a private or secret key, and reports what else the file contains. Asks for a passphrase only if the key is
/// encrypted.
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

/// Reads a public key in any supported format. The caller must enforce the limits that a JWK states.
pub(super) fn read_public(context: &Context, path: &Path) -> Result<PublicKeyFile> {
    let input = Input::from_path(Some(path));
    let bytes = input.read(&context.stdin, "the public key", MAX_KEY_FILE)?;
    keep(&input);
    let file = PublicKeyFile::read(&bytes).map_err(|error| named(error, &input));
    let file = file.with_context(|| format!("cannot use {input}"))?;
    if !file.skipped.is_empty() {
        context.ui.detail(format!("skipped in {input}: {}", file.skipped.join(", ")));
    }
    Ok(file)
}

/// Reads a file with age identities, which no other user may be able to change.
pub(super) fn read_identities(context: &Context, path: &Path) -> Result<AgeIdentities> {
    let input = Input::from_path(Some(path));
    let opened = match &input {
        Input::File(path) => open_secret(path, "the identity file").map_err(io::Error::Untrusted)?.ok(),
        Input::Stdin => None,
    };
    let text = match opened {
        Some(file) => wiped(file, &input, MAX_AGE_KEYS_FILE)?,
        // Also reports why a file cannot be opened.
        None => read_secret(context, &input, "the identity", MAX_AGE_KEYS_FILE)?,
    };
    AgeIdentities::parse(text.expose()).with_context(|| format!("cannot use {input}"))
}

/// Reads a file with recipients of age.
pub(super) fn read_recipients(context: &Context, input: &Input) -> Result<Vec<u8>> {
    let text = input.read(&context.stdin, "the recipients", MAX_AGE_KEYS_FILE)?;
    keep(input);
    Ok(text)
}

/// Prevents output from replacing the file.
fn keep(input: &Input) {
    if let Input::File(path) = input {
        trust::keep(path, "the file that a key is read from");
    }
}

/// Adds the name of the file, which the hint needs.
fn named(error: encoding::Error, input: &Input) -> encoding::Error {
    match input {
        Input::File(path) => error.in_file(&path.to_string_lossy()),
        Input::Stdin => error,
    }
}

/// Reads at most `limit` bytes into memory that is wiped on drop.
pub(super) fn read_secret(
    context: &Context,
    input: &Input,
    role: &'static str,
    limit: usize,
) -> Result<Secret> {
    let reader = input.open(&context.stdin, role)?;
    keep(input);
    wiped(reader, input, limit)
}

fn wiped(reader: impl Read, input: &Input, limit: usize) -> Result<Secret> {
    Secret::read(reader, limit).map_err(|source| {
        let name = input.to_string();
        match source.kind() {
            std::io::ErrorKind::FileTooLarge => io::Error::TooLarge { name, limit }.into(),
            _ => anyhow::Error::from(source),
        }
    })
}

/// Reads a passphrase from the source in the options, else from the terminal. The prompt names `subject`.
pub(super) fn passphrase(
    context: &Context,
    role: Role,
    subject: &str,
    options: &PassphraseOptions,
) -> Result<Secret> {
    let source = match (&options.passphrase_file, options.passphrase_fd) {
        (Some(path), _) if path == "-" => PassphraseSource::Fd(0),
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
