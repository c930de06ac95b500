//! Components encrypted to their custodians: options, writing and reading.

use std::{io::Read, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use zeroize::Zeroizing;

use super::{
    context::Context,
    key_file::{passphrase, read_identities, read_secret},
    recipients,
};
use crate::{
    cli::{PassphraseOptions, UsageError},
    encoding::{AgeHeader, AgeRecipient, Component, MAX_COMPONENT_FILE},
    io::Input,
    operation::{AgeError, AgeFile, AgeTo, age_read_error, seal_age},
    secret::{Role, Secret},
};

/// Recipients or passphrases that the components are encrypted to.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct Custodians {
    /// Encrypt a component to this recipient, as `age` names it; give the option once for each component, in order
    #[arg(long = "recipient", value_name = "AGE", conflicts_with_all = ["recipients_files", "component_passphrases"])]
    recipients: Vec<AgeRecipient>,

    /// Encrypt a component to all recipients in this file; give the option once for each component, in order
    #[arg(short = 'R', long = "recipients-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with = "component_passphrases")]
    recipients_files: Vec<PathBuf>,

    /// Encrypt a component with the passphrase in this file; give the option once for each component, in order
    #[arg(long = "component-passphrase-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    component_passphrases: Vec<PathBuf>,
}

impl Custodians {
    pub(super) fn are_given(&self) -> bool {
        self.count() > 0
    }

    /// The options exclude each other.
    fn count(&self) -> usize {
        self.recipients.len() + self.recipients_files.len() + self.component_passphrases.len()
    }

    /// Fails unless there is one for each component.
    pub(super) fn require(&self, shares: u8) -> Result<(), UsageError> {
        let given = self.count();
        if self.are_given() && given != usize::from(shares) {
            let what = match self {
                Self { recipients, .. } if !recipients.is_empty() => "recipients",
                Self { recipients_files, .. } if !recipients_files.is_empty() => "recipients files",
                _ => "passphrases",
            };
            return Err(UsageError::new(format!("{shares} components need {shares} {what}, not {given}")));
        }
        Ok(())
    }

    /// The contents of the component files. Fails if one custodian could decrypt two of them.
    pub(super) fn files(&self, context: &Context, components: &[Component]) -> Result<Vec<Secret>> {
        if !self.are_given() {
            return Ok(components.iter().map(Component::to_text).collect());
        }
        let all = self.read(context)?;
        for (at, to) in all.iter().enumerate() {
            if let Some(shared) = all[..at].iter().find_map(|before| shared(before, to)) {
                return Err(UsageError::new(format!("{shared} would decrypt two components"))
                    .hinted("encrypt each component to another custodian")
                    .into());
            }
        }
        let files = all.iter().zip(components).map(|(to, component)| {
            let mut file = Vec::new();
            seal_age(to, &mut file, |output| Ok(output.write_all(component.to_text().expose())?))?;
            Ok(Secret::new(file))
        });
        files.collect()
    }

    /// Who decrypts each component.
    fn read(&self, context: &Context) -> Result<Vec<AgeTo>> {
        let recipients = self.recipients.iter().map(|recipient| Ok(vec![recipient.clone()]));
        let files = self.recipients_files.iter().map(|file| recipients::read_file(context, file));
        let passphrases = self.component_passphrases.iter().map(|file| {
            let passphrase = read_passphrase(context, Some(file.clone()), "");
            passphrase.map(AgeTo::Passphrase)
        });
        let recipients = recipients.chain(files).map(|all| all.map(AgeTo::Recipients));
        recipients.chain(passphrases).collect()
    }
}

/// What decrypts both.
fn shared(one: &AgeTo, other: &AgeTo) -> Option<String> {
    match (one, other) {
        (AgeTo::Recipients(one), AgeTo::Recipients(other)) => {
            let other: Vec<_> = other.iter().map(ToString::to_string).collect();
            let shared = one.iter().map(ToString::to_string).find(|name| other.contains(name));
            shared.map(|name| format!("recipient {name}"))
        }
        (AgeTo::Passphrase(one), AgeTo::Passphrase(other)) if one.matches(other) => {
            Some("the same passphrase".to_owned())
        }
        _ => None,
    }
}

/// Identities and passphrases that decrypt components.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct CustodianKeys {
    /// Identity file of a custodian, for an encrypted component; may be repeated
    #[arg(long = "identity", value_name = "FILE", value_hint = ValueHint::FilePath)]
    identities: Vec<PathBuf>,

    /// File with the passphrase of an encrypted component; may be repeated; kmsctl asks if not given
    #[arg(long = "component-passphrase-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    component_passphrases: Vec<PathBuf>,
}

impl CustodianKeys {
    /// Reads a component file and decrypts it if necessary.
    pub(super) fn read(&self, context: &Context, input: &Input) -> Result<Component> {
        // Encryption and base64 add less than the length of the component.
        let bytes = read_secret(context, input, "key component", 2 * MAX_COMPONENT_FILE)?;
        let component = if AgeHeader::is_at_start(bytes.expose()) {
            self.decrypted(context, input, bytes.expose())
                .and_then(|text| Ok(Component::read(text.expose())?))
        } else {
            Component::read(bytes.expose()).map_err(Into::into)
        };
        component.with_context(|| format!("cannot use {input}"))
    }

    /// Decrypts with the first passphrase or identity that works. If none does, returns the error of the last one.
    fn decrypted(&self, context: &Context, input: &Input, bytes: &[u8]) -> Result<Secret> {
        let mut refused = AgeError::IdentityNeeded.into();
        if AgeFile::read(bytes)?.needs_passphrase() {
            let given = self.component_passphrases.iter().cloned().map(Some);
            let asked = self.component_passphrases.is_empty().then_some(None);
            for file in given.chain(asked) {
                let passphrase = read_passphrase(context, file, &input.to_string())?;
                match AgeFile::read(bytes)?.open_by_passphrase(&passphrase) {
                    Ok(plain) => return read_text(plain, bytes.len()),
                    Err(error) => refused = error,
                }
            }
        } else {
            for path in &self.identities {
                let identities = read_identities(context, path)?;
                match AgeFile::read(bytes)?.open_by_identity(&identities) {
                    Ok(plain) => return read_text(plain, bytes.len()),
                    Err(error) => refused = error,
                }
            }
        }
        Err(refused)
    }
}

/// Reads the plaintext; `limit` is the length of the file, which is longer.
fn read_text(plain: impl Read, limit: usize) -> Result<Secret> {
    // Allocated at full size: growing would leave copies of the secret in memory that is not wiped.
    let mut text = Zeroizing::new(Vec::with_capacity(limit));
    plain.take(limit as u64).read_to_end(&mut text).map_err(age_read_error)?;
    Ok(Secret::new(std::mem::take(&mut *text)))
}

/// Reads the passphrase from a file, or asks for it.
fn read_passphrase(context: &Context, file: Option<PathBuf>, name: &str) -> Result<Secret> {
    let options = PassphraseOptions { passphrase_file: file, passphrase_fd: None };
    passphrase(context, Role::Passphrase, name, &options)
}
