//! `kmsctl inspect`.

use std::{fs, io::BufRead, path::Path};

use anyhow::Result;

use super::{
    context::{Context, Need},
    sealed::Sealed,
};
use crate::{
    cli::ciphertext::Inspect,
    encoding::{Ciphertext, KeyName, Wrapping},
    io::Input,
    model::KeyKind,
    operation::Envelope,
    render::{self, CiphertextView},
    token::{NONCE_LEN, TAG_LEN},
};

/// Bytes of the nonce before the body of an age file, of a chunk of it, and of a chunk's tag.
const AGE_NONCE: u64 = 16;
const AGE_CHUNK: u64 = 64 * 1024;
const AGE_TAG: u64 = 16;

pub(super) fn inspect(context: &Context, arguments: &Inspect) -> Result<()> {
    let sealed = Sealed::open(context, &Input::from_path(arguments.input.as_deref()))?;
    let face = public_face(context, sealed.key());
    let (label, kind) = face.map_or((None, None), |(label, kind)| (Some(label), Some(kind)));
    let view = match sealed {
        Sealed::Text(ciphertext) => of_text(&ciphertext, label, kind),
        Sealed::Envelope { envelope, body, .. } => {
            let body = body_len(arguments.input.as_deref(), &envelope, body)?;
            of_envelope(&envelope, label, body)
        }
    };
    context.print(&render::ciphertext(&view))
}

/// What the token shows without a PIN. That it is away, or shows nothing, is no error: the ciphertext speaks for itself.
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
    }
}

fn of_envelope(envelope: &Envelope, label: Option<String>, body: u64) -> CiphertextView {
    let stanza = envelope.stanza();
    CiphertextView {
        format: "age",
        key: stanza.key.clone(),
        label,
        wrapping: Some(stanza.wrapping),
        has_context: Some(stanza.has_context),
        ciphertext_len: envelope.header_len() as u64 + body,
        plaintext_len: age_plaintext_len(body),
    }
}

/// Of a file by its size, else by reading to the end.
fn body_len(path: Option<&Path>, envelope: &Envelope, mut body: Box<dyn BufRead>) -> Result<u64> {
    let file = path.and_then(|path| fs::metadata(path).ok()).filter(fs::Metadata::is_file);
    if let Some(file) = file {
        return Ok(file.len().saturating_sub(envelope.header_len() as u64));
    }
    Ok(std::io::copy(&mut body, &mut std::io::sink())?)
}

/// `None` where the body is shorter than the shortest.
fn age_plaintext_len(body: u64) -> Option<u64> {
    let stream = body.checked_sub(AGE_NONCE).filter(|stream| *stream >= AGE_TAG)?;
    let chunks = stream.div_ceil(AGE_CHUNK + AGE_TAG);
    stream.checked_sub(chunks * AGE_TAG)
}

#[cfg(test)]
mod tests {
    use super::age_plaintext_len;

    #[test]
    fn the_length_of_a_plaintext_shows_in_its_body() {
        for (plaintext, chunks) in [(0, 1), (1, 1), (65_536, 1), (65_537, 2), (1 << 30, 1 << 14)] {
            assert_eq!(age_plaintext_len(16 + plaintext + 16 * chunks), Some(plaintext));
        }
        assert_eq!(age_plaintext_len(31), None);
    }
}
