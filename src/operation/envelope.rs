//! Data of any size, in constant memory: an age file whose file key a key of the token wraps.
//!
//! The `age` crate handles the body: chunks of 64 KiB, each authenticated before it is released, the last one marked. The
//! header is read, opened and replaced here.

use std::{
    cell::RefCell,
    collections::HashSet,
    io::{self, BufRead, Read, Write},
    iter,
};

use age::{
    DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient, armor::ArmoredReadError,
    secrecy::ExposeSecret,
};
use age_core::format::{FileKey, Stanza as AgeStanza};
use anyhow::Result;
use zeroize::Zeroizing;

use super::{
    ContextUse, Opened, SealError, Sealer,
    open::{not_authentic, unwrap_with},
};
use crate::{
    encoding::{self, AgeHeader, AgeRecipient, FILE_KEY_LEN, KeyName, KeyStanza, Stanza},
    keystore::{self, Keystore, Selected},
    model::EncryptionContext,
    secret::Secret,
    token::is_lost,
};

/// Size of the copy buffer, in bytes.
const PIECE: usize = 64 * 1024;

/// Encrypts a stream to its end. Each of the keys, and each recipient, can open it alone.
pub fn seal_envelope(
    sealers: &[&Sealer<'_>],
    recipients: &[AgeRecipient],
    context: Option<&EncryptionContext>,
    input: impl Read,
    output: impl Write,
) -> Result<()> {
    seal_filled(sealers, recipients, context, output, |body| copy(input, body, Ok))
}

/// Encrypts what `fill` writes. Does not flush `output`: the armor of age 0.12.1 loses count of the columns of a line when it
/// is flushed before its end.
pub(super) fn seal_filled(
    sealers: &[&Sealer<'_>],
    recipients: &[AgeRecipient],
    context: Option<&EncryptionContext>,
    output: impl Write,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let recipient = Wrapper { sealers, recipients, context, failure: RefCell::default() };
    let encryptor = match Encryptor::with_recipients(iter::once(&recipient as &dyn Recipient)) {
        Ok(encryptor) => encryptor,
        Err(error) => return Err(recipient.failure.take().unwrap_or_else(|| error.into())),
    };
    let mut body = encryptor.wrap_output(output)?;
    fill(&mut body)?;
    body.finish()?;
    Ok(())
}

/// Wraps the file key when `age` asks for it. Its error type cannot carry ours, which is kept beside it.
struct Wrapper<'a> {
    sealers: &'a [&'a Sealer<'a>],
    recipients: &'a [AgeRecipient],
    context: Option<&'a EncryptionContext>,
    failure: RefCell<Option<anyhow::Error>>,
}

impl Recipient for Wrapper<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<AgeStanza>, HashSet<String>), EncryptError> {
        let stanzas = wrap_for(self.sealers, self.recipients, self.context, file_key.expose_secret())
            .map_err(|error| {
                self.failure.replace(Some(error));
                EncryptError::Io(io::ErrorKind::Other.into())
            })?;
        let stanzas = stanzas.into_iter().map(|Stanza { kind, arguments, body }| AgeStanza {
            tag: kind,
            args: arguments,
            body,
        });
        Ok((stanzas.collect(), HashSet::new()))
    }
}

/// The stanzas with which these keys and recipients open a file: one for a key that is given twice.
pub(super) fn wrap_for(
    sealers: &[&Sealer<'_>],
    recipients: &[AgeRecipient],
    context: Option<&EncryptionContext>,
    file_key: &[u8; FILE_KEY_LEN],
) -> Result<Vec<Stanza>> {
    let mut stanzas = Vec::with_capacity(sealers.len() + recipients.len());
    for (at, sealer) in sealers.iter().enumerate() {
        if sealers[..at].iter().any(|other| other.name() == sealer.name()) {
            continue;
        }
        stanzas.push(sealer.wrap(file_key, context)?.to_stanza());
    }
    let file_key = FileKey::init_with_mut(|copy| copy.copy_from_slice(file_key));
    for recipient in recipients {
        let (wrapped, _) = recipient.as_age().wrap_file_key(&file_key)?;
        let ours = |AgeStanza { tag, args, body }| Stanza { kind: tag, arguments: args, body };
        stanzas.extend(wrapped.into_iter().map(ours));
    }
    AgeHeader::require_room(&stanzas)?;
    Ok(stanzas)
}

/// The header of an envelope, as it was read.
#[derive(Debug, Clone)]
pub struct Envelope {
    bytes: Vec<u8>,
    header: AgeHeader,
    /// The stanzas for token keys with their positions in the header; at least one.
    stanzas: Vec<(usize, KeyStanza)>,
}

impl Envelope {
    /// Reads the header and leaves `input` at the body. No key is needed for that, and nothing is authenticated yet.
    pub fn read(mut input: impl BufRead) -> Result<Self> {
        let mut bytes = Vec::new();
        let mut limited = (&mut input).take(AgeHeader::MAX_LEN as u64);
        loop {
            let start = bytes.len();
            let count = limited.read_until(b'\n', &mut bytes).map_err(age_read_error)?;
            if count == 0 {
                return Err(if limited.limit() == 0 {
                    encoding::Error::TooLarge {
                        what: "the header of the age file",
                        limit: AgeHeader::MAX_LEN,
                    }
                    .into()
                } else {
                    SealError::Broken { truncated: true }.into()
                });
            }
            let is_strange = start == 0 && !AgeHeader::is_first_line(&bytes);
            // The first line decides: another format may have any end, or none.
            if is_strange || AgeHeader::is_last_line(&bytes[start..]) {
                break;
            }
        }
        let header = AgeHeader::parse(&bytes)?;
        let stanzas = KeyStanza::all_in(&header)?;
        if stanzas.is_empty() {
            return Err(SealError::NotForToken.into());
        }
        Ok(Self { bytes, header, stanzas })
    }

    /// The first stanza for a key of a token.
    pub fn stanza(&self) -> &KeyStanza {
        // `read` makes no envelope without one.
        &self.stanzas[0].1
    }

    /// All of them, with their positions in the header.
    pub fn stanzas(&self) -> &[(usize, KeyStanza)] {
        &self.stanzas
    }

    /// The types of its other recipients, such as `X25519` or `ssh-ed25519`, in the order of the header.
    pub fn recipients(&self) -> Vec<String> {
        let others = self.header.stanzas().iter().enumerate().filter(|(place, stanza)| {
            !stanza.is_grease() && self.stanzas.iter().all(|(of_token, _)| of_token != place)
        });
        others.map(|(_, stanza)| stanza.kind.clone()).collect()
    }

    pub(super) fn header(&self) -> &AgeHeader {
        &self.header
    }

    /// The header's length, in bytes.
    pub fn header_len(&self) -> usize {
        self.bytes.len()
    }

    /// The header as it was read, for a copy.
    pub fn header_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Unwraps the file key by the first stanza whose key on this token does it, and verifies the header's MAC with it. If
    /// none does, the error is that of the first whose key is on the token.
    pub fn unlock(&self, keystore: &Keystore, context: Option<&EncryptionContext>) -> Result<Unlocked<'_>> {
        let attempts = self.stanzas.iter().map(|(place, stanza)| {
            let selected = keystore.select_named(&stanza.key);
            (*place, selected.and_then(|selected| self.unlock_by(keystore, selected, stanza, context)))
        });
        self.first_opened(attempts)
    }

    /// The same by any of these keys, whatever keys the stanzas name.
    pub fn unlock_with(
        &self,
        keystore: &Keystore,
        keys: &[Selected],
        context: Option<&EncryptionContext>,
    ) -> Result<Unlocked<'_>> {
        let pairs =
            self.stanzas.iter().flat_map(|(place, stanza)| keys.iter().map(move |key| (*place, stanza, key)));
        self.first_opened(
            pairs.map(|(place, stanza, key)| (place, self.unlock_by(keystore, key.clone(), stanza, context))),
        )
    }

    fn first_opened(&self, attempts: impl Iterator<Item = (usize, Result<Opened>)>) -> Result<Unlocked<'_>> {
        let mut failures = Vec::new();
        for (place, attempt) in attempts {
            match attempt {
                Ok(opened) => {
                    let Opened { plaintext: file_key, selected } = opened;
                    return Ok(Unlocked { envelope: self, place, file_key, selected });
                }
                Err(error) if is_lost(&error) => return Err(error),
                Err(error) => failures.push(error),
            }
        }
        let telling = failures.iter().position(|error| !is_of_others(error)).unwrap_or_default();
        Err(failures.swap_remove(telling))
    }

    fn unlock_by(
        &self,
        keystore: &Keystore,
        selected: Selected,
        stanza: &KeyStanza,
        context: Option<&EncryptionContext>,
    ) -> Result<Opened> {
        let opened = unwrap_with(keystore, selected, stanza, context)?;
        if !self.header.is_authentic(&opened.plaintext) {
            return Err(not_authentic(&opened.selected, ContextUse::Plausible).into());
        }
        Ok(opened)
    }
}

/// Whether a key was not found because its tag is that of no key on this token.
pub(super) fn is_of_others(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(keystore::Error::TagNotFound { .. }))
}

/// An envelope with its file key.
#[derive(Debug)]
pub struct Unlocked<'a> {
    envelope: &'a Envelope,
    /// Of the stanza that gave the file key.
    place: usize,
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

    /// The key and version that gave the file key.
    pub fn name(&self) -> &KeyName {
        let ours = self.envelope.stanzas.iter().find(|(place, _)| *place == self.place);
        &ours.map_or_else(|| self.envelope.stanza(), |(_, stanza)| stanza).key
    }

    pub(super) fn envelope(&self) -> &Envelope {
        self.envelope
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    pub(super) fn file_key(&self) -> Zeroizing<[u8; FILE_KEY_LEN]> {
        let mut file_key = Zeroizing::new([0; FILE_KEY_LEN]);
        // `unwrap_with` has checked the length.
        file_key.copy_from_slice(self.file_key.expose());
        file_key
    }

    /// Another header for the same body.
    pub(super) fn header_of(&self, stanzas: Vec<Stanza>) -> AgeHeader {
        AgeHeader::new(stanzas, &self.file_key)
    }
}

impl Identity for Unlocked<'_> {
    fn unwrap_stanza(&self, stanza: &AgeStanza) -> Option<Result<FileKey, DecryptError>> {
        let ours = self.envelope.stanza().to_stanza();
        (stanza.tag == ours.kind)
            .then(|| Ok(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(self.file_key.expose()))))
    }
}

fn broken_header(error: DecryptError) -> anyhow::Error {
    match error {
        DecryptError::Io(error) => age_read_error(error),
        _ => SealError::Broken { truncated: false }.into(),
    }
}

/// `age` reports a chunk that is not authentic as invalid data, and a missing end as such; files and pipes report
/// neither. Every other error is the input's own.
fn broken_body(error: io::Error) -> Result<io::Error, SealError> {
    if let Some(why) = error.get_ref().and_then(|inner| inner.downcast_ref::<ArmoredReadError>()) {
        return Err(SealError::Armor { why: why.to_string() });
    }
    match error.kind() {
        io::ErrorKind::InvalidData => Err(SealError::Broken { truncated: false }),
        io::ErrorKind::UnexpectedEof => Err(SealError::Broken { truncated: true }),
        _ => Ok(error),
    }
}

/// Why reading the content of an age file failed: it was changed or truncated, or its source failed.
pub fn age_read_error(error: io::Error) -> anyhow::Error {
    broken_body(error).map_or_else(anyhow::Error::from, anyhow::Error::from)
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
