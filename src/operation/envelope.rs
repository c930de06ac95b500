//! Data of any size, in constant memory: an age file whose file key a key of the token wraps.
//!
//! The `age` crate does the body: chunks of 64 KiB, each authenticated before it is given out, and a last one that is
//! marked as such. The header is told, opened and exchanged here.

use std::{
    cell::RefCell,
    collections::HashSet,
    io::{self, BufRead, Read, Write},
    iter,
};

use age::{DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient};
use age_core::format::{FileKey, Stanza as AgeStanza};
use anyhow::Result;
use zeroize::Zeroizing;

use super::{
    ContextUse, SealError, Sealer,
    open::{self, not_authentic},
};
use crate::{
    encoding::{self, AgeHeader, FILE_KEY_LEN, KeyStanza},
    keystore::{Keystore, Selected},
    model::EncryptionContext,
    secret::Secret,
};

/// Bytes that are moved at once.
const PIECE: usize = 64 * 1024;

/// Encrypts a stream to its end.
pub fn seal_envelope(
    sealer: &Sealer<'_>,
    context: Option<&EncryptionContext>,
    input: impl Read,
    output: impl Write,
) -> Result<()> {
    let recipient = Wrapper { sealer, context, failure: RefCell::default() };
    let encryptor = match Encryptor::with_recipients(iter::once(&recipient as &dyn Recipient)) {
        Ok(encryptor) => encryptor,
        Err(error) => return Err(recipient.failure.take().unwrap_or_else(|| error.into())),
    };
    let mut body = encryptor.wrap_output(output)?;
    copy(input, &mut body, Ok)?;
    body.finish()?.flush()?;
    Ok(())
}

/// Has the file key wrapped when `age` asks for it. Its error type has no room for ours, which waits beside it.
struct Wrapper<'a> {
    sealer: &'a Sealer<'a>,
    context: Option<&'a EncryptionContext>,
    failure: RefCell<Option<anyhow::Error>>,
}

impl Recipient for Wrapper<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<AgeStanza>, HashSet<String>), EncryptError> {
        use age::secrecy::ExposeSecret;
        match self.sealer.wrap(file_key.expose_secret(), self.context) {
            Ok(stanza) => {
                let encoding::Stanza { kind, arguments, body } = stanza.to_stanza();
                Ok((vec![AgeStanza { tag: kind, args: arguments, body }], HashSet::new()))
            }
            Err(error) => {
                self.failure.replace(Some(error));
                Err(EncryptError::Io(io::ErrorKind::Other.into()))
            }
        }
    }
}

/// The header of an envelope, as it was read.
#[derive(Debug, Clone)]
pub struct Envelope {
    bytes: Vec<u8>,
    header: AgeHeader,
    stanza: KeyStanza,
}

impl Envelope {
    /// Reads the header and leaves `input` at the body. No key is needed for that, and nothing is authenticated yet.
    pub fn read(mut input: impl BufRead) -> Result<Self> {
        let mut bytes = Vec::new();
        let mut limited = (&mut input).take(AgeHeader::LONGEST as u64);
        loop {
            let start = bytes.len();
            if limited.read_until(b'\n', &mut bytes)? == 0 {
                return Err(if limited.limit() == 0 {
                    encoding::Error::TooLarge {
                        what: "the header of the age file",
                        limit: AgeHeader::LONGEST,
                    }
                    .into()
                } else {
                    SealError::Broken { truncated: true }.into()
                });
            }
            let is_strange = start == 0 && !AgeHeader::is_first_line(&bytes);
            // A strange first line says all that there is to say about it: it may end in any other way, or never.
            if is_strange || AgeHeader::is_last_line(&bytes[start..]) {
                break;
            }
        }
        let header = AgeHeader::parse(&bytes)?;
        let stanza = KeyStanza::find(&header)?.ok_or(SealError::NotForToken)?;
        Ok(Self { bytes, header, stanza })
    }

    pub fn stanza(&self) -> &KeyStanza {
        &self.stanza
    }

    /// The header's length, in bytes.
    pub fn header_len(&self) -> usize {
        self.bytes.len()
    }

    /// The header as it was read, for a copy.
    pub fn header_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Unwraps the file key and checks with it that the header is whole.
    pub fn unlock(&self, keystore: &Keystore, context: Option<&EncryptionContext>) -> Result<Unlocked<'_>> {
        let opened = open::unwrap(keystore, &self.stanza, context)?;
        if !self.header.is_authentic(&opened.plaintext) {
            return Err(not_authentic(&opened.selected, ContextUse::Plausible).into());
        }
        Ok(Unlocked { envelope: self, file_key: opened.plaintext, selected: opened.selected })
    }
}

/// An envelope with its file key.
#[derive(Debug)]
pub struct Unlocked<'a> {
    envelope: &'a Envelope,
    file_key: Secret,
    pub selected: Selected,
}

impl Unlocked<'_> {
    /// Decrypts the body that follows the header in `input`. Each chunk is authenticated before it is written, and only
    /// a stream with its last chunk is no error: what was written before an error must not be taken for the whole.
    pub fn decrypt(&self, input: impl BufRead, output: impl Write) -> Result<()> {
        let file = self.envelope.bytes.as_slice().chain(input);
        let plaintext = Decryptor::new_buffered(file)
            .and_then(|decryptor| decryptor.decrypt(iter::once(self as &dyn Identity)))
            .map_err(broken_header)?;
        copy(plaintext, output, broken_body)
    }

    /// The header with the file key wrapped anew. The body stays what it is.
    pub fn reseal(&self, sealer: &Sealer<'_>, context: Option<&EncryptionContext>) -> Result<Vec<u8>> {
        let mut file_key = Zeroizing::new([0; FILE_KEY_LEN]);
        // `unlock` saw to the length.
        file_key.copy_from_slice(self.file_key.expose());
        let stanza = sealer.wrap(&file_key, context)?;
        Ok(stanza.replace_in(&self.envelope.header, &self.file_key).to_bytes())
    }
}

impl Identity for Unlocked<'_> {
    fn unwrap_stanza(&self, stanza: &AgeStanza) -> Option<Result<FileKey, DecryptError>> {
        let ours = self.envelope.stanza.to_stanza();
        (stanza.tag == ours.kind)
            .then(|| Ok(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(self.file_key.expose()))))
    }
}

fn broken_header(error: DecryptError) -> anyhow::Error {
    match error {
        DecryptError::Io(error) => match broken_body(error) {
            Ok(error) => error.into(),
            Err(broken) => broken.into(),
        },
        _ => SealError::Broken { truncated: false }.into(),
    }
}

/// `age` reports a chunk that is not authentic as invalid data, and a missing end as such; files and pipes report
/// neither. Every other error is the input's own.
fn broken_body(error: io::Error) -> Result<io::Error, SealError> {
    match error.kind() {
        io::ErrorKind::InvalidData => Err(SealError::Broken { truncated: false }),
        io::ErrorKind::UnexpectedEof => Err(SealError::Broken { truncated: true }),
        _ => Ok(error),
    }
}

/// Copies to the end. The buffer held plaintext, so it is wiped.
fn copy(
    mut input: impl Read,
    mut output: impl Write,
    meaning: impl Fn(io::Error) -> Result<io::Error, SealError>,
) -> Result<()> {
    let mut buffer = Zeroizing::new(vec![0; PIECE]);
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => output.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(meaning(error)?.into()),
        }
    }
}
