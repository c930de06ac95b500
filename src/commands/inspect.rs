//! `kmsctl inspect`.

use std::{fs, io::BufRead, path::Path};

use anyhow::Result;

use super::{
    context::{Context, Need},
    sealed::Sealed,
};
use crate::{
    algorithm::KeyKind,
    cli::ciphertext::Inspect,
    encoding::{Ciphertext, KeyName, Wrapping, age_plaintext_len},
    io::Input,
    operation::{Envelope, SealError},
    render::{self, CiphertextView},
    token::{NONCE_LEN, TAG_LEN},
};

pub(super) fn inspect(context: &Context, arguments: &Inspect) -> Result<()> {
    let sealed = Sealed::open(context, &Input::from_path(arguments.input.as_deref()))?;
    let face = public_face(context, sealed.key());
    let (label, kind) = face.map_or((None, None), |(label, kind)| (Some(label), Some(kind)));
    let view = match sealed {
        Sealed::Text(ciphertext) => of_text(&ciphertext, label, kind),
        Sealed::Envelope { envelope, body, is_armored, .. } => {
            let file = arguments.input.as_deref().filter(|_| !is_armored);
            let body = body_len(file, &envelope, body)?;
            of_envelope(&envelope, label, body, is_armored)?
        }
    };
    context.print(&render::ciphertext(&view))
}

/// What the token shows without a PIN. Best effort: the ciphertext can be described without it.
fn public_face(context: &Context, name: &KeyName) -> Option<(String, KeyKind)> {
    let opened = context.open(Need::Public).ok()?;
    opened.keystore.public_face(name).ok().flatten()
}

fn of_text(ciphertext: &Ciphertext, label: Option<String>, kind: Option<KeyKind>) -> CiphertextView {
    let length = ciphertext.payload.len();
    let rsa = ciphertext.key.tag.is_of_public_key() || matches!(kind, Some(KeyKind::Rsa { .. }));
    // What is as long as an RSA block of a usual key may be one, or not.
    let aes = !(rsa || length.is_multiple_of(128) && length >= 256);
    let wrapping = if rsa { Some(Wrapping::RsaOaep) } else { aes.then_some(Wrapping::AesGcm) };
    CiphertextView {
        format: "text",
        key: ciphertext.key.clone(),
        label,
        wrapping,
        // An RSA block has none; whether an AES-GCM tag covers one does not show.
        has_context: rsa.then_some(false),
        ciphertext_len: length as u64,
        plaintext_len: if aes {
            length.checked_sub(NONCE_LEN + TAG_LEN).map(|length| length as u64)
        } else {
            None
        },
        stanzas: 1,
        is_armored: None,
    }
}

/// A body of a length that no body has was cut short. Of any other, its key alone can tell.
fn of_envelope(
    envelope: &Envelope,
    label: Option<String>,
    body: u64,
    is_armored: bool,
) -> Result<CiphertextView> {
    let stanza = envelope.stanza();
    let plaintext_len = age_plaintext_len(body).ok_or(SealError::Broken { truncated: true })?;
    Ok(CiphertextView {
        format: "age",
        key: stanza.key.clone(),
        label,
        wrapping: Some(stanza.wrapping),
        has_context: Some(stanza.has_context),
        ciphertext_len: envelope.header_len() as u64 + body,
        plaintext_len: Some(plaintext_len),
        stanzas: envelope.stanzas().len(),
        is_armored: Some(is_armored),
    })
}

/// Of a file by its size, else by reading to the end.
fn body_len(path: Option<&Path>, envelope: &Envelope, mut body: Box<dyn BufRead>) -> Result<u64> {
    let file = path.and_then(|path| fs::metadata(path).ok()).filter(fs::Metadata::is_file);
    if let Some(file) = file {
        return Ok(file.len().saturating_sub(envelope.header_len() as u64));
    }
    Ok(std::io::copy(&mut body, &mut std::io::sink())?)
}
