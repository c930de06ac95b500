//! `kmsctl token restore`.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use crate::{
    cli::{PassphraseOptions, answers, examples},
    commands::{command::Run, context::Context, key_file},
    config::Target,
    io::{Input, Reader},
    model::{Timestamp, answer},
    operation::{AgeError, AgeFile, age_read_error},
    render::{self, Document},
    secret::Role,
    shell::kmsctl,
    token::{
        TokenInfo,
        embedded::{BackupHeader, Store, StoreError},
        list_tokens,
    },
};

/// Restore the embedded token from a backup
///
/// The store must be empty or missing: choose another with --store, or move the old one away. The token appears there
/// only after the whole backup was decrypted and checked. Its PINs, and the counts of wrong tries, are those of the time
/// of the backup.
///
/// Anyone who knows a recipient can make a backup for it. The label, serial number and date of what was restored are
/// printed: compare them with what you expect.
#[derive(Debug, Args)]
#[command(add = answers![Restored])]
#[command(after_help = examples![
    "With the identity of a recipient" => "kmsctl token restore --in kms.age --identity backup.id",
    "With a passphrase, which is asked for" => "kmsctl token restore --in kms.age",
    "A drill, beside the token in use" =>
        "kmsctl token restore --in kms.age --identity backup.id --store /tmp/drill",
])]
#[command(mut_arg("passphrase_file", |arg| arg.help("Passphrase of the backup, from a file")))]
#[command(mut_arg("passphrase_fd", |arg| arg.help("Passphrase of the backup, from an open file descriptor")))]
pub struct Restore {
    /// Backup to restore; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,

    /// File with an age identity (`AGE-SECRET-KEY-1…`), or an OpenSSH private key without a passphrase
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["passphrase_file", "passphrase_fd"])]
    identity: Option<PathBuf>,

    #[command(flatten)]
    passphrase: PassphraseOptions,
}

answer! {
    /// A token that was restored.
    pub struct Restored {
        ..token: render::MadeToken,
        /// When the backup was made
        backup_date: Timestamp,
    }
}

impl Run for Restore {
    fn run(&self, context: &Context) -> Result<()> {
        let Target::Embedded { dir } = &context.settings.target else {
            return Err(StoreError::NotEmbedded.into());
        };
        let input = Input::from_path(self.input.as_deref());
        let (header, token) =
            self.restore(context, dir, &input).with_context(|| format!("cannot restore {input}"))?;
        let date = header.backup_date;
        let line =
            format!("restored token {:?} (serial {}) from a backup of {date}", token.label, token.serial);
        let answer = Restored { token: render::MadeToken::of(&token, true), backup_date: date };
        context.print(&Document::of(&answer, "").saying(line).then(kmsctl("doctor")))
    }

    fn changes(&self) -> bool {
        true
    }
}

impl Restore {
    fn restore(&self, context: &Context, dir: &Path, input: &Input) -> Result<(BackupHeader, TokenInfo)> {
        let draft = Store::draft(dir, context.settings.lock_timeout, context.settings.sharing)?;
        let file = AgeFile::read(input.open(&context.stdin, "the backup")?)?;
        let header = draft.fill(self.open(context, input, file)?).map_err(|error| match error {
            StoreError::Unreadable(source) => age_read_error(source),
            error => error.into(),
        })?;
        // The store is committed only if kryoptic can open it.
        let token = list_tokens(&draft.module())?.into_iter().next();
        let token = token.ok_or(StoreError::BadBackup { reason: "it holds no token".into() })?;
        draft.commit_restored()?;
        Ok((header, token))
    }

    fn open(&self, context: &Context, input: &Input, file: AgeFile<Reader>) -> Result<Box<dyn Read>> {
        if let Some(path) = &self.identity {
            return file.open_by_identity(&key_file::read_identities(context, path)?);
        }
        let is_given = self.passphrase.passphrase_file.is_some() || self.passphrase.passphrase_fd.is_some();
        if !is_given && !file.needs_passphrase() {
            return Err(AgeError::IdentityNeeded.into());
        }
        let passphrase =
            key_file::passphrase(context, Role::Passphrase, &input.to_string(), &self.passphrase)?;
        file.open_by_passphrase(&passphrase)
    }
}
