//! Age files for people (<https://age-encryption.org/v1>): encrypted to recipients or with a passphrase, not to a key of a
//! token, so that `age` and `rage` decrypt them.

use std::{
    cell::RefCell,
    collections::HashSet,
    io::{BufReader, Read, Write},
    iter,
};

use age::{
    DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient,
    armor::ArmoredReader,
    scrypt,
    secrecy::{ExposeSecret, SecretString},
};
use age_core::format::{FileKey, Stanza};
use anyhow::Result;

use super::envelope::age_read_error;
use crate::{
    encoding::{AgeIdentities, AgeRecipient},
    model::{Code, Coded, Diagnosis},
    secret::Secret,
};

/// Cost of a new passphrase, as a power of two: scrypt with N = 2^15 and r = 8 takes 32 MiB.
const WORK_FACTOR: u8 = 15;
/// The highest cost that is accepted, which takes 1 GiB; `age` writes 2^18.
const MAX_WORK_FACTOR: u8 = 20;

/// Who can decrypt a new file.
#[derive(Debug, Clone)]
pub enum AgeTo {
    /// At least one.
    Recipients(Vec<AgeRecipient>),
    Passphrase(Secret),
}

/// Why an age file cannot be encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    #[error("the passphrase is not UTF-8 text")]
    BinaryPassphrase,
    #[error("not an age file (age-encryption.org/v1), or its header is damaged")]
    Header,
    #[error("the header of the file is not authentic: it was changed")]
    Changed,
    #[error("the scrypt cost of its passphrase is 2^{required}, more than 2^{MAX_WORK_FACTOR}")]
    TooCostly { required: u8 },
    #[error("the passphrase does not decrypt the file")]
    WrongPassphrase,
    #[error("no identity given decrypts the file")]
    WrongIdentity,
    #[error("the file is encrypted to recipients, not with a passphrase")]
    NotByPassphrase,
    #[error("the file is encrypted with a passphrase, not to a recipient")]
    NotByIdentity,
    #[error("the file is encrypted to recipients and needs an identity")]
    IdentityNeeded,
    #[error("cannot encrypt to a recipient")]
    Recipient(#[source] EncryptError),
}

impl Coded for AgeError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::EmptyPassphrase | Self::BinaryPassphrase | Self::TooCostly { .. } | Self::Recipient(_) => {
                Code::InvalidInput.into()
            }
            Self::Header | Self::Changed => Code::NotAuthentic.into(),
            Self::WrongPassphrase => Code::PassphraseIncorrect.into(),
            Self::WrongIdentity => Code::IdentityMismatch.into(),
            Self::NotByPassphrase => {
                Code::IdentityMismatch.hint("name the identity of a recipient with `--identity FILE`")
            }
            Self::NotByIdentity => {
                Code::IdentityMismatch.hint("leave out `--identity`, and give the passphrase when asked")
            }
            Self::IdentityNeeded => {
                Code::Usage.hint("name the identity of a recipient with `--identity FILE`")
            }
        }
    }
}

fn text(passphrase: &Secret) -> Result<SecretString, AgeError> {
    match std::str::from_utf8(passphrase.expose()) {
        Ok("") => Err(AgeError::EmptyPassphrase),
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(AgeError::BinaryPassphrase),
    }
}

/// Encrypts what `fill` writes. The result decrypts the same file, to verify it: the writer of a file for recipients has none
/// of their identities.
pub fn seal_age(
    to: &AgeTo,
    output: impl Write,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<FileKeyHolder> {
    let by_passphrase;
    let recipients: Vec<&dyn Recipient> = match to {
        AgeTo::Recipients(recipients) => recipients.iter().map(AgeRecipient::as_age).collect(),
        AgeTo::Passphrase(passphrase) => {
            let mut recipient = scrypt::Recipient::new(text(passphrase)?);
            recipient.set_work_factor(WORK_FACTOR);
            by_passphrase = recipient;
            vec![&by_passphrase]
        }
    };
    let all = All { recipients, file_key: RefCell::default() };
    let encryptor =
        Encryptor::with_recipients(iter::once(&all as &dyn Recipient)).map_err(AgeError::Recipient)?;
    let mut body = encryptor.wrap_output(output)?;
    fill(&mut body)?;
    body.finish()?.flush()?;
    let file_key = all.file_key.take().ok_or(AgeError::Header)?;
    Ok(FileKeyHolder(file_key))
}

/// All recipients as one, which keeps a copy of the file key.
struct All<'a> {
    recipients: Vec<&'a dyn Recipient>,
    file_key: RefCell<Option<FileKey>>,
}

impl Recipient for All<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.file_key.replace(Some(copy(file_key)));
        let (mut all, mut labels) = (Vec::new(), HashSet::new());
        for recipient in &self.recipients {
            let (stanzas, of_one) = recipient.wrap_file_key(file_key)?;
            all.extend(stanzas);
            labels.extend(of_one);
        }
        Ok((all, labels))
    }
}

fn copy(file_key: &FileKey) -> FileKey {
    FileKey::init_with_mut(|copy| copy.copy_from_slice(file_key.expose_secret()))
}

/// The key of one file, which decrypts it.
pub struct FileKeyHolder(FileKey);

impl std::fmt::Debug for FileKeyHolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKeyHolder(…)")
    }
}

impl Identity for FileKeyHolder {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        Some(Ok(copy(&self.0)))
    }
}

impl FileKeyHolder {
    /// The content of the file. Errors are those of [`AgeFile`].
    pub fn open<'a>(&self, input: impl Read + 'a) -> Result<Box<dyn Read + 'a>> {
        AgeFile::read(input)?.open(iter::once(self as &dyn Identity), AgeError::Changed)
    }
}

/// An age file whose header was read. It may be armored.
#[allow(missing_debug_implementations, reason = "a reader has none")]
pub struct AgeFile<R: Read>(Decryptor<BufReader<ArmoredReader<BufReader<R>>>>);

impl<'a, R: Read + 'a> AgeFile<R> {
    pub fn read(input: R) -> Result<Self> {
        let file = BufReader::new(ArmoredReader::new(input));
        Decryptor::new_buffered(file).map(Self).map_err(|error| refused(error, AgeError::Header))
    }

    /// Whether it is encrypted with a passphrase, not to recipients.
    pub fn needs_passphrase(&self) -> bool {
        self.0.is_scrypt()
    }

    /// The content of the file. A read may end with an error that [`age_read_error`] explains: the content is authentic as a
    /// whole only after it was read to the end.
    pub fn open_by_passphrase(self, passphrase: &Secret) -> Result<Box<dyn Read + 'a>> {
        let mut identity = scrypt::Identity::new(text(passphrase)?);
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let wrong =
            if self.needs_passphrase() { AgeError::WrongPassphrase } else { AgeError::NotByPassphrase };
        self.open(iter::once(&identity as &dyn Identity), wrong)
    }

    /// As [`Self::open_by_passphrase`].
    pub fn open_by_identity(self, identities: &AgeIdentities) -> Result<Box<dyn Read + 'a>> {
        let wrong = if self.needs_passphrase() { AgeError::NotByIdentity } else { AgeError::WrongIdentity };
        self.open(identities.each(), wrong)
    }

    fn open<'i>(
        self,
        identities: impl Iterator<Item = &'i dyn Identity>,
        wrong: AgeError,
    ) -> Result<Box<dyn Read + 'a>> {
        let plain = self.0.decrypt(identities).map_err(|error| refused(error, wrong))?;
        Ok(Box::new(plain))
    }
}

fn refused(error: DecryptError, wrong: AgeError) -> anyhow::Error {
    match error {
        DecryptError::Io(error) => age_read_error(error),
        DecryptError::InvalidMac => AgeError::Changed.into(),
        // age 0.12 calls a damaged header of version 1 an unknown format.
        DecryptError::InvalidHeader | DecryptError::UnknownFormat => AgeError::Header.into(),
        DecryptError::ExcessiveWork { required, .. } => AgeError::TooCostly { required }.into(),
        _ => wrong.into(),
    }
}
