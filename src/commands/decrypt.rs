//! `kmsctl decrypt`.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use super::{
    context::{Context, Need},
    decrypt_several,
    sealed::{Sealed, key_fields, with},
};
use crate::{
    cli::{UsageError, encrypt::Decrypt},
    encoding::{Ciphertext, Encoding},
    io::{Input, Output},
    keystore::Keystore,
    operation::open_text,
    render::Document,
};

pub(super) fn decrypt(context: &Context, arguments: &Decrypt) -> Result<()> {
    if arguments.input.len() > 1 {
        return decrypt_several::decrypt(context, arguments);
    }
    // What is not a ciphertext is refused before a PIN is asked for.
    let sealed = Sealed::open(context, &Input::from_path(arguments.input.first().map(PathBuf::as_path)))?;
    if matches!(sealed, Sealed::Envelope { .. }) && context.settings.json && arguments.out.is_none() {
        return Err(UsageError::new("the content of an age file does not fit into JSON")
            .hinted("name a file for it by `--out`")
            .into());
    }
    let opened = context.open(Need::Read)?;
    let mut name = sealed.key().clone();
    let format = sealed.format();
    let (label, plaintext) = match sealed {
        Sealed::Text(ciphertext) => text(context, arguments, &opened.keystore, &ciphertext)?,
        Sealed::Envelope { envelope, body, meter, .. } => {
            let unlocked = envelope.unlock(&opened.keystore, arguments.context.as_ref())?;
            let target = Output::to(arguments.out.as_deref()).binary(true).private();
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
        let report = key_fields(format, &name, Some(&label));
        let report = plaintext.map_or(report.clone(), |plaintext| with(report, "plaintext", plaintext));
        context.print(&Document::new(report, ""))?;
    }
    Ok(())
}

/// The key's label, and for JSON the plaintext in base64.
fn text(
    context: &Context,
    arguments: &Decrypt,
    keystore: &Keystore,
    ciphertext: &Ciphertext,
) -> Result<(String, Option<Value>)> {
    let opened = open_text(keystore, ciphertext, arguments.context.as_ref())?;
    let plaintext = opened.plaintext.expose();
    let label = opened.selected.key.label;
    if context.settings.json && arguments.out.is_none() {
        let text = String::from_utf8_lossy(&Encoding::Base64.encode(plaintext)).into_owned();
        return Ok((label, Some(Value::String(text))));
    }
    let binary = !is_text(plaintext);
    Output::to(arguments.out.as_deref()).binary(binary).private().write(plaintext)?;
    Ok((label, None))
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
