//! A copy of a store as one stream: a line of JSON, the header, and after it the database, which `tail -n +2` cuts out.
//!
//! Everything that a token needs is in its database (`database`), except for the counts of wrong PINs (`tries`), which are in
//! the header. What the PIN protects in the store, it protects in the copy.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{Draft, Store, StoreError, TRIES, database};
use crate::{model::Timestamp, token::TokenInfo};

/// Format of the stream that is written, and the newest that is read.
const FORMAT: u32 = 1;

/// In bytes, with room for what newer formats add.
const MAX_HEADER: u64 = 4096;

const BUFFER: usize = 64 * 1024;

/// What the first line of a copy says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    kmsctl_backup: u32,
    /// Label of the token.
    pub label: String,
    /// Serial number of the token.
    pub serial: String,
    /// When the copy was made.
    pub backup_date: Timestamp,
    /// Bytes of the database.
    size: u64,
    /// Tries since the last login, of the SO and of the user, as in the file `tries`.
    wrong_pins: [u8; 2],
}

/// All that a header of any format has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyHeader {
    kmsctl_backup: u32,
}

impl Header {
    fn parse(line: &[u8]) -> Result<Self, StoreError> {
        let AnyHeader { kmsctl_backup: format } =
            serde_json::from_slice(line).map_err(|_| StoreError::NotBackup)?;
        if format > FORMAT {
            return Err(StoreError::NewerBackup { format, known: FORMAT });
        }
        serde_json::from_slice(line)
            .map_err(|error| StoreError::BadBackup { reason: format!("its header is malformed: {error}") })
    }
}

/// A consistent copy in a file without a name, which is gone when the process ends, however it ends.
#[derive(Debug)]
pub struct Snapshot {
    pub header: Header,
    line: Vec<u8>,
    database: File,
}

impl Store {
    /// Copies the store into a file in `scratch`, whatever other programs write meanwhile, after it was checked. The caller
    /// holds the shared lock, so that no change of a key is half done.
    pub fn snapshot(
        &self,
        token: &TokenInfo,
        now: Timestamp,
        scratch: &Path,
    ) -> Result<Snapshot, StoreError> {
        let failed = || StoreError::io("copy the token to a file in", scratch);
        let (file, name) = tempfile::NamedTempFile::new_in(scratch).map_err(failed())?.into_parts();
        self.database()?.copy_to(&name, || fs::remove_file(&name))?;
        let header = Header {
            kmsctl_backup: FORMAT,
            label: token.label.clone(),
            serial: token.serial.clone(),
            backup_date: now,
            size: file.metadata().map_err(failed())?.len(),
            wrong_pins: self.wrong_pins(),
        };
        let mut line = serde_json::to_vec(&header).map_err(|error| failed()(error.into()))?;
        line.push(b'\n');
        Ok(Snapshot { header, line, database: file })
    }

    fn wrong_pins(&self) -> [u8; 2] {
        let mut counts = [0; 2];
        // It is empty, or not there, before the first try.
        if let Ok(mut file) = File::open(self.directory.join(TRIES)) {
            let _ = file.read(&mut counts);
        }
        counts
    }
}

impl Snapshot {
    /// The whole stream, from its beginning.
    pub fn reader(&self) -> io::Result<impl Read + '_> {
        (&self.database).rewind()?;
        Ok(self.line.as_slice().chain(&self.database))
    }
}

impl Draft {
    /// Puts a copy that [`Store::snapshot`] made into this empty store, and checks it. The wrong PINs count on.
    pub fn fill(&self, copy: impl Read) -> Result<Header, StoreError> {
        let mut copy = BufReader::with_capacity(BUFFER, copy);
        let mut line = Vec::new();
        (&mut copy).take(MAX_HEADER).read_until(b'\n', &mut line).map_err(StoreError::Unreadable)?;
        let header = Header::parse(&line)?;
        self.write_database(&mut copy, header.size)?;
        self.check_database().map_err(|error| match error {
            StoreError::Damaged { reason, .. } => StoreError::BadBackup { reason },
            error => error,
        })?;
        self.write_tries(header.wrong_pins)?;
        Ok(header)
    }

    fn write_database(&self, copy: &mut impl Read, size: u64) -> Result<(), StoreError> {
        let path = self.file();
        let failed = || StoreError::io("write", &path);
        let mut file = OpenOptions::new().write(true).open(&path).map_err(failed())?;
        let (mut buffer, mut written) = (vec![0; BUFFER], 0);
        loop {
            let count = match copy.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(StoreError::Unreadable(error)),
            };
            written += count as u64;
            if written > size {
                break;
            }
            file.write_all(&buffer[..count]).map_err(failed())?;
        }
        if written == size {
            return Ok(());
        }
        Err(StoreError::BadBackup {
            reason: format!("its database does not have the {size} bytes it should"),
        })
    }

    fn check_database(&self) -> Result<(), StoreError> {
        let path = self.file();
        if !database::is_database(&path).map_err(StoreError::io("read", &path))? {
            return Err(StoreError::BadBackup { reason: "it holds no SQLite database".into() });
        }
        self.database()?.check()
    }

    fn write_tries(&self, counts: [u8; 2]) -> Result<(), StoreError> {
        let path = self.file().with_file_name(TRIES);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| {
                file.write_all(&counts)?;
                self.share(&path)
            })
            .map_err(StoreError::io("write", &path))
    }
}
