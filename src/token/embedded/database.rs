//! kryoptic's SQLite file: how it is opened, and what kmsctl adds to it.
//!
//! - An index on `objects(attr, val)`: for each call on an object kryoptic looks it up by an attribute's value, which
//!   reads the whole table without the index.
//! - A write-ahead log instead of the rollback journal: one `fsync` per write instead of four.
//! - A table with the salt and costs of the PIN stretching, so that a copy of this one file is a complete copy of the
//!   token.
//!
//! At `C_InitToken` kryoptic drops and recreates its two tables; it ignores all others.

use std::{
    fmt::Write,
    fs::File,
    io::{self, Read},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension,
    backup::{Backup, StepResult},
    params,
};
use rustix::fs as unix;

use super::{StoreError, stretching::Stretching};

/// The version of kryoptic whose tables and statements this module relies on; `Cargo.toml` pins it.
#[cfg(test)]
pub(super) const KRYOPTIC: &str = "1.5.4";

pub(super) const INDEX: &str = "kmsctl_objects_by_value";

/// kryoptic's tables: each column with its declared type.
const TABLES: [(&str, &[(&str, &str)]); 2] = [
    ("objects", &[("id", "int"), ("attr", "int"), ("val", "blob")]),
    ("meta", &[("name", "text"), ("id", "integer"), ("value", "text"), ("data", "blob")]),
];

/// Format version of the table with the PIN stretching parameters.
const FORMAT: u32 = 1;

/// How the file can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Write,
    /// Another process has it open for writing and shares its log.
    Read,
    /// No process can write to it; SQLite must not try to lock it or to create a log.
    Frozen,
}

/// The file as an SQLite URI (<https://sqlite.org/uri.html>). Also passed to kryoptic, which hands any text that ends
/// in `.sql` to SQLite. With a URI a missing file is an error instead of being created, and every file name can be
/// expressed.
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

/// Checks the file's magic bytes: cheaper than opening the database, and rejects files of other types.
pub(super) fn is_database(file: &Path) -> io::Result<bool> {
    let mut magic = Vec::with_capacity(16);
    File::open(file)?.take(16).read_to_end(&mut magic)?;
    Ok(magic == b"SQLite format 3\0")
}

/// A separate connection next to kryoptic's.
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

    /// Adds index and log. Needed after every `C_InitToken`, which drops the index with its table.
    pub(super) fn tune(&self) -> Result<(), StoreError> {
        self.run(|connection| {
            connection.execute_batch(&format!("CREATE INDEX IF NOT EXISTS {INDEX} ON objects(attr, val)"))
        })?;
        self.use_log()
    }

    /// Enables the write-ahead log; the setting persists in the file. The log needs shared memory between all
    /// processes, which a network file system cannot provide across machines; there the rollback journal stays.
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

    /// Whether writes use the log, or the file system does not allow one.
    pub(super) fn has_log(&self) -> Result<bool, StoreError> {
        let mode: String =
            self.run(|connection| connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)))?;
        Ok(mode == "wal" || !is_local(&self.file))
    }

    /// Compares kryoptic's tables with the expected ones.
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
        // Neither kryoptic nor kmsctl makes any; they would run when a table is written.
        let foreign: bool = self.run(|connection| {
            let sql = "SELECT count(*) > 0 FROM sqlite_master WHERE type IN ('trigger', 'view')";
            connection.query_row(sql, [], |row| row.get(0))
        })?;
        if foreign { Err(self.damaged("it has a trigger or a view")) } else { Ok(()) }
    }

    /// SQLite's own check of pages, rows and indexes.
    pub(super) fn check_integrity(&self) -> Result<(), StoreError> {
        let answer: String =
            self.run(|connection| connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)))?;
        if answer == "ok" { Ok(()) } else { Err(self.damaged(answer)) }
    }

    /// Pages, tables and PIN stretching parameters.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.check_integrity()?;
        self.check_schema()?;
        self.stretching().map(drop)
    }

    /// Checks the database and copies it into the empty file `target`, both as of one moment. `opened` runs when the file
    /// is open: without a journal SQLite needs its name no more, so it can be removed.
    pub(super) fn copy_to(
        &self,
        target: &Path,
        opened: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let failed = |error| refused(target.parent().unwrap_or(target), error);
        let mut copy =
            Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(failed)?;
        opened().map_err(StoreError::io("remove", target))?;
        // The copy is made within this transaction, of what was checked.
        self.run(|connection| connection.execute_batch("BEGIN"))?;
        self.check()?;
        let step = Backup::new(&self.connection, &mut copy).and_then(|backup| backup.step(-1));
        self.run(|connection| connection.execute_batch("COMMIT"))?;
        match step.map_err(failed)? {
            StepResult::Done => copy.close().map_err(|(_, error)| failed(error)),
            _ => Err(StoreError::Busy { path: self.file.clone() }),
        }
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
        // Wrong type, out of range, or no such table: rusqlite's message says which.
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

/// File systems that other machines may have mounted too, by their magic numbers (`statfs(2)`): NFS, SMB 1 and 2, CIFS,
/// 9P, AFS, Ceph, and FUSE, which can be a network file system too (sshfs).
#[cfg(target_os = "linux")]
const NETWORK: [u32; 8] =
    [0x6969, 0x517b, 0xfe53_4d42, 0xff53_4d42, 0x0102_1997, 0x5346_414f, 0x00c3_6400, 0x6573_5546];

#[cfg(target_os = "linux")]
#[allow(clippy::useless_conversion, reason = "the type of f_type differs between architectures")]
fn is_local(file: &Path) -> bool {
    unix::statfs(file)
        .is_ok_and(|found| !NETWORK.iter().any(|&kind| i64::from(kind) == i64::from(found.f_type)))
}

#[cfg(not(target_os = "linux"))]
fn is_local(_: &Path) -> bool {
    false
}
