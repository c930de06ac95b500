//! Key files, as `key import` and `component split` read them.

use anyhow::Result;

use super::Context;
use crate::{
    cli::PassphraseOptions,
    encoding::{self, KeyMaterial, MAX_KEY_FILE},
    io::{self, Input},
    model::Algorithm,
    secret::{PassphraseError, PinSource, Role, Secret},
    ui,
};

/// Reads a whole key. A passphrase is asked for only if the key is encrypted.
pub(super) fn read(
    context: &Context,
    input: &Input,
    announced: Option<Algorithm>,
    options: &PassphraseOptions,
) -> Result<KeyMaterial> {
    let bytes = read_secret(context, input, "key", MAX_KEY_FILE)?;
    match KeyMaterial::read(bytes.expose(), announced, None) {
        Err(encoding::Error::PassphraseNeeded) => {
            let passphrase = passphrase(context, input, options)?;
            Ok(KeyMaterial::read(bytes.expose(), announced, Some(&passphrase))?)
        }
        read => Ok(read?),
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

fn passphrase(context: &Context, input: &Input, options: &PassphraseOptions) -> Result<Secret> {
    let source = match (&options.passphrase_file, options.passphrase_fd) {
        (Some(path), _) => PinSource::File(path.clone()),
        (None, Some(fd)) => PinSource::Fd(fd),
        (None, None) => PinSource::Prompt,
    };
    if source.uses_stdin() {
        context.stdin.claim_for_good("passphrase")?;
    }
    let prompt = context.settings.prompt(ui::safe(&input.to_string()));
    let passphrase = source.read(Role::Passphrase, &prompt).map_err(PassphraseError)?;
    Ok(Secret::new(passphrase.expose().to_vec()))
}
