//! `kmsctl decrypt`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};

use super::{
    command::Run,
    context::{Context, Need, selection},
    decrypt_several,
    sealed::{Sealed, SealedBy},
};
use crate::{
    cli::{UsageError, VersionSelection, answers, examples, select, values},
    encoding::{Ciphertext, Encoding},
    io::{Input, Output},
    keystore::{Keystore, Operation, Selected},
    model::{EncryptionContext, Version, answer},
    operation::{Opened, open_text, open_text_with},
    render::Document,
    token::is_lost,
};

/// Decrypt what `kmsctl encrypt` made
///
/// The ciphertext says which key and version encrypted it; each enabled version decrypts what it encrypted. A key that
/// you name is tried whatever the ciphertext says.
///
/// Only authenticated plaintext is printed, and an output file is only written when the whole input is authentic. A
/// long age file is printed to standard output piece by piece: with exit code 3, what was printed is not complete.
///
/// Several files NAME.kms or NAME.age are decrypted with one login to files NAME in the directory --out.
#[derive(Debug, Args)]
#[command(add = answers!["" => Decrypted, "several files" => decrypt_several::Plaintexts])]
#[command(after_help = examples![
    "A file, written only if all of it is authentic" => "kmsctl decrypt --in srv.tar.age --out srv.tar",
    "With a key that was imported from another token" => "kmsctl decrypt --label app --context db --in password.kms",
    "A password, to standard output" => "kmsctl decrypt --context db --in password.kms",
    "Several files at once" => "kmsctl decrypt --in sealed/db.conf.kms --in sealed/mail.conf.kms --out /run/app",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version of the key that is named (default: every enabled version)")
))]
pub struct Decrypt {
    #[command(flatten)]
    pub(super) key: VersionSelection,

    /// File to decrypt; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) input: Vec<PathBuf>,

    /// File of mode 0600 for the plaintext, or directory for those of several files, made if missing; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) out: Option<PathBuf>,

    /// Number of files to decrypt at a time (default: the number of processors)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub(super) jobs: Option<usize>,

    /// Context that was given to encrypt
    #[arg(long, value_name = "TEXT")]
    pub(super) context: Option<EncryptionContext>,
}

answer! {
    /// What was decrypted.
    pub struct Decrypted {
        ..key: SealedBy,
        /// The plaintext; left out where it went to the file of `--out`
        plaintext if "Option::is_none": Option<String>,
    }
}

impl Run for Decrypt {
    fn run(&self, context: &Context) -> Result<()> {
        if self.key.key_version.is_some() && !self.key.key.is_given() {
            let error = UsageError::new("the ciphertext says which version sealed it");
            return Err(error
                .hinted("name the key, too, to have this version tried: `--label LABEL`")
                .into());
        }
        if self.input.len() > 1 {
            return decrypt_several::decrypt(context, self);
        }
        // What is not a ciphertext is refused before a PIN is asked for.
        let sealed = Sealed::open(context, &Input::from_path(self.input.first().map(PathBuf::as_path)))?;
        if matches!(sealed, Sealed::Envelope { .. }) && context.settings.json && self.out.is_none() {
            return Err(UsageError::new("the content of an age file does not fit into JSON")
                .hinted("name a file for it by `--out`")
                .into());
        }
        let opened = context.open(Need::Read)?;
        let mut name = sealed.key().clone();
        let format = sealed.format();
        let (label, plaintext) = match sealed {
            Sealed::Text(ciphertext) => text(context, self, &opened.keystore, &ciphertext)?,
            Sealed::Envelope { envelope, body, meter, .. } => {
                let unlocked = match named_keys(&opened.keystore, self, Some(name.version))? {
                    Some(keys) => envelope.unlock_with(&opened.keystore, &keys, self.context.as_ref()),
                    None => envelope.unlock(&opened.keystore, self.context.as_ref()),
                }?;
                let target = Output::to(self.out.as_deref()).binary(true).private();
                let mut output = target.open()?;
                let progress = context.reading("decrypting", &meter, &target);
                unlocked.decrypt(body, &mut output)?;
                output.commit()?;
                drop(progress);
                name = unlocked.name().clone();
                (unlocked.selected.key.label.clone(), None)
            }
        };
        context.ui.detail(format!("decrypted with version {} of {label:?}", name.version));
        if context.settings.json {
            let key = SealedBy::new(format, &name, Some(&label));
            context.print(&Document::of(&Decrypted { key, plaintext }, ""))?;
        }
        Ok(())
    }

    fn prints_result(&self) -> bool {
        true
    }
}

/// The key's label, and for JSON the plaintext in base64.
fn text(
    context: &Context,
    arguments: &Decrypt,
    keystore: &Keystore,
    ciphertext: &Ciphertext,
) -> Result<(String, Option<String>)> {
    let opened = open(keystore, arguments, ciphertext)?;
    let plaintext = opened.plaintext.expose();
    let label = opened.selected.key.label;
    if context.settings.json && arguments.out.is_none() {
        let text = String::from_utf8_lossy(&Encoding::Base64.encode(plaintext)).into_owned();
        return Ok((label, Some(text)));
    }
    let binary = !is_text(plaintext);
    Output::to(arguments.out.as_deref()).binary(binary).private().write(plaintext)?;
    Ok((label, None))
}

/// By the key that the ciphertext names, or by the one that was named.
pub(super) fn open(keystore: &Keystore, arguments: &Decrypt, ciphertext: &Ciphertext) -> Result<Opened> {
    let context = arguments.context.as_ref();
    let Some(keys) = named_keys(keystore, arguments, Some(ciphertext.key.version))? else {
        return open_text(keystore, ciphertext, context);
    };
    let mut first = None;
    for key in keys {
        match open_text_with(keystore, key, ciphertext, context) {
            Ok(opened) => return Ok(opened),
            Err(error) if is_lost(&error) => return Err(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| anyhow::anyhow!("the key has no version")))
}

/// The versions of the key that was named, if one was: the one asked for, else all that can be used, `likely` first.
pub(super) fn named_keys(
    keystore: &Keystore,
    arguments: &Decrypt,
    likely: Option<Version>,
) -> Result<Option<Vec<Selected>>> {
    if !arguments.key.key.is_given() {
        return Ok(None);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let selected = keystore.select(&wanted)?;
    if wanted.names_version() {
        return Ok(Some(vec![selected]));
    }
    let mut versions: Vec<_> = selected.key.versions.iter().rev().map(|version| version.version).collect();
    versions.sort_by_key(|version| Some(*version) != likely);
    let usable: Vec<_> = versions
        .into_iter()
        .map(|version| Selected { version, ..selected.clone() })
        // The one that the ciphertext names says why it may not be used.
        .filter(|one| Some(one.version) == likely || one.allow(Operation::Decrypt).is_ok())
        .collect();
    // One that may not be used says why.
    Ok(Some(if usable.is_empty() { vec![selected] } else { usable }))
}

/// Whether a terminal shows it as it is, and does nothing else with it.
fn is_text(bytes: &[u8]) -> bool {
    let harmless = |c: char| !c.is_control() || c == '\n' || c == '\t';
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(harmless))
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn what_drives_a_terminal_is_no_text() {
        assert!(is_text("läuft\n\tja".as_bytes()));
        assert!(!is_text(b"\x1b[2J"));
        assert!(!is_text(b"\xff"));
    }
}
