//! Shared by encrypt, decrypt, reencrypt, inspect and datakey: reading ciphertexts, and the key in JSON answers.

use std::io::{BufRead, BufReader, Cursor, Read};

use age::armor::ArmoredReader;
use anyhow::Result;

use super::{
    context::{Context, Need, Opened},
    public_key::{self, Public},
};
use crate::{
    encoding::{AgeHeader, Ciphertext, JOSE_BEGIN, KeyName},
    io::{Input, Meter, StdinGuard},
    keystore::{Keystore, Selected, Selection},
    model::{Fingerprint, Version, answer},
    operation::{Envelope, SealError, Sealer},
    secret::PinError,
};

/// Chunk size in bytes.
pub(super) const PIECE: usize = 64 * 1024;

/// A ciphertext, identified by its first bytes and parsed up to the name of its key.
pub(super) enum Sealed {
    Text(Ciphertext),
    Envelope { envelope: Envelope, body: Box<dyn BufRead + Send>, meter: Meter, is_armored: bool },
}

/// Maximum white space before the first line of an armored age file, in bytes.
const MAX_BLANKS: usize = 1024;

impl Sealed {
    pub(super) fn open(stdin: &StdinGuard, input: &Input) -> Result<Self> {
        let mut reader = input.open(stdin, "the ciphertext")?;
        let meter = reader.meter();
        let mut begin = Vec::new();
        (&mut reader).take(AgeHeader::MAGIC.len() as u64).read_to_end(&mut begin)?;
        if begin == AgeHeader::MAGIC {
            let file = BufReader::with_capacity(PIECE, Cursor::new(begin).chain(reader));
            return Self::envelope(file, meter, false);
        }
        if begin.trim_ascii_start().is_empty() || begin.trim_ascii_start().starts_with(b"-") {
            (&mut reader).take((MAX_BLANKS + AgeHeader::ARMOR.len()) as u64).read_to_end(&mut begin)?;
            let lines = begin.trim_ascii_start().to_vec();
            if lines.starts_with(AgeHeader::ARMOR) {
                let file = ArmoredReader::new(Cursor::new(lines).chain(reader));
                return Self::envelope(BufReader::with_capacity(PIECE, file), meter, true);
            }
        }
        // What is a JWE or JWT is refused by name. Reads one byte more than allowed, to detect an overlong text.
        let most = (Ciphertext::MAX_LEN + 1).saturating_sub(begin.len());
        if begin.starts_with(Ciphertext::MAGIC) || begin.starts_with(JOSE_BEGIN) {
            reader.take(most as u64).read_to_end(&mut begin)?;
        }
        Ok(Self::Text(Ciphertext::parse(&begin)?))
    }

    fn envelope(mut file: impl BufRead + Send + 'static, meter: Meter, is_armored: bool) -> Result<Self> {
        let envelope = Envelope::read(&mut file)?;
        Ok(Self::Envelope { envelope, body: Box::new(file), meter, is_armored })
    }

    /// The keys of tokens that can open it, at least one.
    pub(super) fn keys(&self) -> Vec<&KeyName> {
        match self {
            Self::Text(ciphertext) => vec![&ciphertext.key],
            Self::Envelope { envelope, .. } => {
                envelope.stanzas().iter().map(|(_, stanza)| &stanza.key).collect()
            }
        }
    }

    pub(super) const fn format(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Envelope { .. } => "age",
        }
    }
}

/// Calls back with a sealer for the selected key. Without a login, accepts a public key only if it has the expected
/// fingerprint, because anyone could have put it on the token.
pub(super) fn with_sealer<T>(
    context: &Context,
    wanted: &Selection,
    fingerprint: Option<Fingerprint>,
    act: impl FnOnce(&Keystore, &Selected, &Sealer<'_>) -> Result<T>,
) -> Result<T> {
    let Public { opened, selected } = if let Some(fingerprint) = fingerprint {
        public_key::open_expected(context, wanted, fingerprint)?
    } else {
        let opened =
            context.open(Need::Read).or_else(|error| unproven_without_pin(context, wanted, error))?;
        let selected = opened.keystore.select_version(wanted)?;
        Public { opened, selected }
    };
    public_key::warn_if_overdue(context, &selected.key);
    let sealer = Sealer::new(&opened.keystore, &selected)?;
    act(&opened.keystore, &selected, &sealer)
}

/// Replaces the error for a missing PIN with one whose hint also suggests a fingerprint, if a public key is there.
fn unproven_without_pin(context: &Context, wanted: &Selection, error: anyhow::Error) -> Result<Opened> {
    if !matches!(error.downcast_ref(), Some(PinError::NoTerminal { .. } | PinError::Missing { .. })) {
        return Err(error);
    }
    let wanted = Selection { version: None, ..wanted.clone() };
    match context.open(Need::Public)?.keystore.select_public(&wanted) {
        Ok(None) => Err(error),
        _ => Err(SealError::Unproven { source: error }.into()),
    }
}

answer! {
    /// A ciphertext's key, in the JSON of these commands.
    pub struct SealedBy {
        /// text or age
        format: &'static str,
        /// Label of the key; null with `--public-key`
        label: Option<String>,
        /// Tag of the key, as in the ciphertext
        key_tag: String,
        /// Version of the key
        version: Version,
    }
}

impl SealedBy {
    pub(super) fn new(format: &'static str, name: &KeyName, label: Option<&str>) -> Self {
        Self {
            format,
            label: label.map(str::to_owned),
            key_tag: name.tag.as_str().to_owned(),
            version: name.version,
        }
    }
}
