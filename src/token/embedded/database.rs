//! kryoptic's SQLite file: how it is opened, and what kmsctl adds to it.
//!
//! - An index on `objects(attr, val)`: kryoptic looks an object up by an attribute's value for each call that names it,
//!   and without the index that reads the whole table.
//! - A write-ahead log in place of the rollback journal: one `fsync` for each write, not four.
//! - A table with the PIN stretching's salt and costs, so that a copy of the one file is a whole copy of the token.
//!
//! kryoptic drops and makes its own two tables at `C_InitToken` and looks at no others.

use std::{
    fmt::Write,
    fs::File,
    io::{self, Read},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};
use rustix::fs as unix;

use super::{StoreError, stretching::Stretching};

/// The version of kryoptic whose tables and statements were read; `Cargo.toml` pins it.
#[cfg(test)]
pub(super) const KRYOPTIC: &str = "1.5.4";

pub(super) const INDEX: &str = "kmsctl_objects_by_value";

/// kryoptic's tables: each column with its declared type.
const TABLES: [(&str, &[(&str, &str)]); 2] = [
    ("objects", &[("id", "int"), ("attr", "int"), ("val", "blob")]),
    ("meta", &[("name", "text"), ("id", "integer"), ("value", "text"), ("data", "blob")]),
];

/// The layout of our own table.
const FORMAT: u32 = 1;

/// How the file can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Write,
    /// Another process has it open for writing, and its log is shared with us.
    Read,
    /// Nobody can write it; SQLite must not try to lock it or to make a log.
    Frozen,
}

/// The file by SQLite's URI form (<https://sqlite.org/uri.html>), for kryoptic as well, which hands any text that ends
/// in `.sql` to SQLite: a missing file is then an error and not made, and any file name can be written.
pub(super) fn uri(file: &Path, access: Access) -> String {
    let mut uri = String::from("file://");
    for &byte in file.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(byte.into()),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str(match access {
        Access::Write => "?mode=rw",
        Access::Read => "?mode=ro",
        Access::Frozen => "?mode=ro&immutable=1",
    });
    uri.push_str("&type=.sql");
    uri
}

/// Looks at the first bytes: cheaper than opening the database, and it tells a file of another kind from a token.
pub(super) fn is_database(file: &Path) -> io::Result<bool> {
    let mut magic = Vec::with_capacity(16);
    File::open(file)?.take(16).read_to_end(&mut magic)?;
    Ok(magic == b"SQLite format 3\0")
}

/// A connection of our own, beside kryoptic's.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    file: PathBuf,
}

impl Database {
    pub(super) fn open(file: &Path, access: Access) -> Result<Self, StoreError> {
        let flags = match access {
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Access::Read | Access::Frozen => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let flags = flags | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(uri(file, access), flags).map_err(|error| refused(file, error))?;
        Ok(Self { connection, file: file.to_owned() })
    }

    /// Runs statements on the connection; the closure keeps SQLite's errors in one place.
    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        work(&self.connection).map_err(|error| refused(&self.file, error))
    }

    fn damaged(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: self.file.clone(), reason: reason.into() }
    }

    /// Adds what makes kryoptic fast. Needed after every `C_InitToken`, which drops the index with its table.
    pub(super) fn tune(&self) -> Result<(), StoreError> {
        self.run(|connection| {
            connection.execute_batch(&format!("CREATE INDEX IF NOT EXISTS {INDEX} ON objects(attr, val)"))
        })?;
        self.use_log()
    }

    /// Switches the write-ahead log on, which the file remembers. The log is shared memory between processes, which a
    /// network file system does not give to other machines; there the rollback journal stays.
    pub(super) fn use_log(&self) -> Result<(), StoreError> {
        if !is_local(&self.file) {
            return Ok(());
        }
        self.run(|connection| connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())))
    }

    pub(super) fn has_index(&self) -> Result<bool, StoreError> {
        self.run(|connection| {
            connection
                .query_row("SELECT count(*) > 0 FROM sqlite_master WHERE name = ?", [INDEX], |row| row.get(0))
        })
    }

    /// Whether writes go through the log; always so on a file system that cannot have one.
    pub(super) fn has_log(&self) -> Result<bool, StoreError> {
        let mode: String =
            self.run(|connection| connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)))?;
        Ok(mode == "wal" || !is_local(&self.file))
    }

    /// Compares kryoptic's tables with those that this program was written for.
    pub(super) fn check_schema(&self) -> Result<(), StoreError> {
        for (table, expected) in TABLES {
            let columns = self.run(|connection| {
                connection
                    .prepare("SELECT name, lower(type) FROM pragma_table_info(?)")?
                    .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<rusqlite::Result<Vec<(String, String)>>>()
            })?;
            let found = columns.iter().map(|(name, kind)| (name.as_str(), kind.as_str()));
            if !found.eq(expected.iter().copied()) {
                return Err(self.damaged(format!("the columns of its table {table} are {columns:?}")));
            }
        }
        Ok(())
    }

    /// SQLite's own check of pages, rows and indexes.
    pub(super) fn check_integrity(&self) -> Result<(), StoreError> {
        let answer: String =
            self.run(|connection| connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)))?;
        if answer == "ok" { Ok(()) } else { Err(self.damaged(answer)) }
    }

    pub(super) fn store_stretching(&self, stretching: &Stretching) -> Result<(), StoreError> {
        let Stretching { salt, memory_kib, passes, lanes } = stretching;
        self.run(|connection| {
            connection.execute_batch(
                "CREATE TABLE kmsctl_pin_stretching
                 (format INTEGER, algorithm TEXT, salt BLOB, memory_kib INTEGER, passes INTEGER, lanes INTEGER)",
            )?;
            connection.execute(
                "INSERT INTO kmsctl_pin_stretching VALUES (?, 'argon2id', ?, ?, ?, ?)",
                params![FORMAT, salt, memory_kib, passes, lanes],
            )
        })?;
        Ok(())
    }

    pub(super) fn stretching(&self) -> Result<Stretching, StoreError> {
        let row = self.connection.query_row(
            "SELECT salt, memory_kib, passes, lanes FROM kmsctl_pin_stretching
             WHERE format = ? AND algorithm = 'argon2id' LIMIT 1",
            [FORMAT],
            |row| {
                let (salt, memory_kib, passes, lanes) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(Stretching { salt, memory_kib, passes, lanes })
            },
        );
        // Of the wrong type, out of range, or no such table: rusqlite's words say which.
        let stretching = row.optional().map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::Unknown) | None => {
                self.damaged(format!("the PIN stretching's costs cannot be read: {error}"))
            }
            Some(_) => refused(&self.file, error),
        })?;
        let stretching = stretching.ok_or_else(|| {
            self.damaged(format!("it has no costs for the PIN stretching in format {FORMAT}"))
        })?;
        stretching.accept().map_err(|reason| self.damaged(reason))
    }
}

fn refused(file: &Path, source: rusqlite::Error) -> StoreError {
    let path = file.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { directory: path },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { directory: path },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path, reason: source.to_string() }
        }
        _ => StoreError::Database { path, source },
    }
}

/// File systems that other machines may have mounted too, by their numbers in `statfs(2)`: NFS, SMB 1 and 2, CIFS, 9P,
/// AFS, Ceph, and FUSE, which can be any of them (sshfs).
#[cfg(target_os = "linux")]
const SHARED: [u32; 8] =
    [0x6969, 0x517b, 0xfe53_4d42, 0xff53_4d42, 0x0102_1997, 0x5346_414f, 0x00c3_6400, 0x6573_5546];

#[cfg(target_os = "linux")]
#[allow(clippy::useless_conversion, reason = "the type of f_type differs between architectures")]
fn is_local(file: &Path) -> bool {
    unix::statfs(file)
        .is_ok_and(|found| !SHARED.iter().any(|&kind| i64::from(kind) == i64::from(found.f_type)))
}

#[cfg(not(target_os = "linux"))]
fn is_local(_: &Path) -> bool {
    false
}
