//! Re-encrypting or checking one ciphertext.

use std::io;

use age::armor::{ArmoredWriter, Format};
use anyhow::Result;

use super::report::{Fate, FileKeyFate, Outcome};
use crate::{
    cli::UsageError,
    commands::sealed::Sealed,
    encoding::Ciphertext,
    io::Output,
    keystore::Keystore,
    model::EncryptionContext,
    operation::{
        RecipientChange, Resealed, Unlocked, copy_envelope, is_current_envelope, is_current_text, open_text,
        require_names, reseal_body, reseal_header, reseal_text,
    },
};

/// What is wanted of each ciphertext.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) context: Option<&'a EncryptionContext>,
    pub(super) verify: bool,
    pub(super) new_file_key: bool,
    pub(super) recipients: RecipientChange<'a>,
    /// Copies one that is current to the output.
    pub(super) copy: bool,
}

/// Checks whether a ciphertext is current. Decrypts it only with `--verify`.
pub(super) fn check(keystore: &Keystore, sealed: Sealed, wanted: Wanted<'_>) -> Result<Outcome> {
    let (is_current, selected) = match &sealed {
        Sealed::Text(ciphertext) => is_current_text(keystore, ciphertext)?,
        Sealed::Envelope { envelope, .. } => is_current_envelope(keystore, envelope)?,
    };
    let verified = match sealed {
        Sealed::Text(ciphertext) if wanted.verify => {
            open_text(keystore, &ciphertext, wanted.context)?;
            None
        }
        Sealed::Envelope { envelope, body, .. } if wanted.verify => {
            let unlocked = envelope.unlock(keystore, wanted.context)?;
            require_names(keystore, &unlocked, wanted.context)?;
            unlocked.decrypt(body, io::sink())?;
            Some(true)
        }
        Sealed::Text(_) => None,
        Sealed::Envelope { .. } => Some(false),
    };
    let (from, to) = (selected.version, selected.key.current().version);
    let fate = if is_current { Fate::Current(from) } else { Fate::Outdated { from, to } };
    Ok(Outcome { verified, ..Outcome::of_text(fate) })
}

/// Re-encrypts a ciphertext. One that is current is left alone, or copied.
pub(super) fn renew(
    keystore: &Keystore,
    sealed: Sealed,
    wanted: Wanted<'_>,
    output: &Output,
) -> Result<Outcome> {
    let (envelope, body, is_armored) = match sealed {
        Sealed::Text(ciphertext) => {
            return renew_text(keystore, &ciphertext, wanted, output).map(Outcome::of_text);
        }
        Sealed::Envelope { envelope, body, is_armored, .. } => (envelope, body, is_armored),
    };
    let output = output.clone().binary(!is_armored);
    let unlocked = envelope.unlock(keystore, wanted.context)?;
    if wanted.new_file_key {
        return renew_body(keystore, &unlocked, wanted, body, (&output, is_armored));
    }
    let from = unlocked.selected.version;
    let (header, selected) = reseal_header(keystore, &unlocked, wanted.context, wanted.recipients)?;
    let verifier = wanted.verify.then_some(&unlocked);
    let write = |header: &[u8], body| -> Result<()> {
        let mut writer = output.open()?;
        copy_envelope(header, body, &mut writer, is_armored, verifier)?;
        Ok(writer.commit()?)
    };
    let (fate, dropped, added) = match header {
        Resealed::Anew(header) => {
            write(&header.bytes, body)?;
            (Fate::Reencrypted { from, to: selected.version }, header.dropped, header.added)
        }
        Resealed::Current => {
            if wanted.copy {
                write(envelope.header_bytes(), body)?;
            } else if let Some(unlocked) = verifier {
                unlocked.decrypt(body, io::sink())?;
            }
            (Fate::Current(from), 0, 0)
        }
    };
    let outcome = Outcome { verified: Some(wanted.verify), ..Outcome::of_text(fate) };
    Ok(Outcome { file_key: Some(FileKeyFate::Kept), dropped, added, ..outcome })
}

/// Encrypts the body too. What was written is decrypted before it gets its name.
fn renew_body(
    keystore: &Keystore,
    unlocked: &Unlocked<'_>,
    wanted: Wanted<'_>,
    body: impl io::BufRead,
    (output, is_armored): (&Output, bool),
) -> Result<Outcome> {
    let format = if is_armored { Format::AsciiArmor } else { Format::Binary };
    let mut writer = output.open_to_verify(&std::env::temp_dir())?;
    let mut armored = ArmoredWriter::wrap_output(&mut writer, format)?;
    let new = reseal_body(keystore, unlocked, wanted.context, wanted.recipients, (body, &mut armored))?;
    armored.finish()?;
    new.verify(keystore, writer.read_back()?, wanted.context)?;
    writer.commit()?;
    let fate = Fate::Reencrypted { from: unlocked.selected.version, to: new.selected.version };
    Ok(Outcome {
        fate,
        verified: Some(true),
        file_key: Some(FileKeyFate::New),
        dropped: new.dropped,
        added: new.added,
        barred: new.barred.iter().map(ToString::to_string).collect(),
    })
}

fn renew_text(
    keystore: &Keystore,
    ciphertext: &Ciphertext,
    wanted: Wanted<'_>,
    output: &Output,
) -> Result<Fate> {
    let is_for_others = !(wanted.recipients.keys.is_empty() && wanted.recipients.age.is_empty());
    if is_for_others {
        return Err(UsageError::new("a text is for one key and cannot have recipients")
            .hinted("decrypt it, and encrypt it with `--format age`")
            .into());
    }
    let write = |ciphertext: &Ciphertext| output.write(format!("{ciphertext}\n").as_bytes());
    let (resealed, selected) = reseal_text(keystore, ciphertext, wanted.context)?;
    match resealed {
        Resealed::Anew(sealed) => {
            write(&sealed)?;
            Ok(Fate::Reencrypted { from: ciphertext.key.version, to: selected.version })
        }
        Resealed::Current => {
            if wanted.copy {
                write(ciphertext)?;
            }
            Ok(Fate::Current(selected.version))
        }
    }
}
