//! Recipients of age files: the options that name them, shared by encrypt, reencrypt and token backup.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::{context::Context, key_file};
use crate::{
    cli::UsageError,
    encoding::AgeRecipient,
    io::Input,
    model::Fingerprint,
    operation::{self, Sealer},
    shell::shell_option,
};

/// Recipients of age, by themselves or in files.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct Recipients {
    /// Who can decrypt with `age`: `age1…`, or a public key `ssh-ed25519 …` or `ssh-rsa …`; may be repeated
    #[arg(long = "recipient", value_name = "RECIPIENT")]
    pub(super) recipients: Vec<AgeRecipient>,

    /// File with recipients, one on each line, as `age -R` reads it; may be repeated
    #[arg(short = 'R', long = "recipients-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) recipients_files: Vec<PathBuf>,
}

impl Recipients {
    pub(super) fn are_given(&self) -> bool {
        !(self.recipients.is_empty() && self.recipients_files.is_empty())
    }

    /// Each of them once.
    pub(super) fn read(&self, context: &Context) -> Result<Vec<AgeRecipient>> {
        let mut all = self.recipients.clone();
        for path in &self.recipients_files {
            all.extend(read_file(context, path)?);
        }
        let mut seen = HashSet::new();
        all.retain(|recipient| seen.insert(recipient.to_string()));
        Ok(all)
    }
}

/// Reads a recipients file, and warns of the SSH keys in it that age cannot encrypt to.
pub(super) fn read_file(context: &Context, path: &Path) -> Result<Vec<AgeRecipient>> {
    let input = Input::from_path(Some(path));
    let text = key_file::read_recipients(context, &input)?;
    let (recipients, skipped) =
        AgeRecipient::read_file(&text).with_context(|| format!("cannot use {input}"))?;
    if !skipped.is_empty() {
        let skipped = skipped.join(", ");
        context.ui.warning(format!("{input}: age cannot encrypt to these SSH keys, skipped: {skipped}"));
    }
    Ok(recipients)
}

/// A sealer for the public key in a file. Fails if its fingerprint is not the expected one.
pub(super) fn sealer_of_file(
    context: &Context,
    path: &Path,
    expected: Option<Fingerprint>,
) -> Result<Sealer<'static>> {
    sealer(context, path, expected).map_err(|error| recipients_instead(context, path).unwrap_or(error))
}

/// The usage error for a file of recipients of age that was given as `--public-key`.
fn recipients_instead(context: &Context, path: &Path) -> Option<anyhow::Error> {
    // A pipe has been read.
    let input = path.is_file().then(|| Input::from_path(Some(path)))?;
    let text = key_file::read_recipients(context, &input).ok()?;
    AgeRecipient::read_file(&text).ok()?;
    let error =
        UsageError::new(format!("{input} holds recipients of age, not a public key that kmsctl encrypts to"));
    let option = shell_option("--recipients-file", path);
    Some(error.hinted(format!("name a key with `--label LABEL`, and these with `{option}`")).into())
}

fn sealer(context: &Context, path: &Path, expected: Option<Fingerprint>) -> Result<Sealer<'static>> {
    let name = path.display().to_string();
    let file = key_file::read_public(context, path)?;
    file.limits.encrypt().with_context(|| format!("cannot encrypt with {name}"))?;
    let found = Fingerprint(file.key.fingerprint());
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        return Err(operation::Error::OtherFingerprint { origin: name, expected, found }.into());
    }
    Sealer::from_public_key(file.key, name)
}
