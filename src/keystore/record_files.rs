//! Records as files, for tokens that do not store data objects: one file per key, replaced atomically.
//!
//! The caller names the directory. All users of the token must share one, on the same machine or on a file system that
//! supports locks. It may contain files of several tokens. Since records decide what is destroyed, a directory or file
//! that another user could have created or changed is refused.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    document,
    error::Error,
    identity::Namespace,
    record::{Damage, Record},
    stored_record::{DamagedRecord, RecordPlace, StoredRecord, damaged},
};
use crate::{
    encoding::KeyTag,
    trust::{self, Kind, Sharing},
};

/// The file that is locked by who writes.
pub(super) const LOCK: &str = ".lock";

/// The directory for record files, and the group that shares it.
#[derive(Debug, Clone)]
pub struct RecordsDirectory {
    pub path: PathBuf,
    pub sharing: Sharing,
    /// Whether no directory was set and this is the default one. New records are stored on the token; a record moves here
    /// only if it takes uses away and the token has no room for it.
    pub is_last_resort: bool,
}

/// What a user must know about a record in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordNotice {
    /// The token had no room for it, and no directory is set.
    LastResort(PathBuf),
    /// It is the first one of the token, and the token cannot authenticate it.
    WithoutMac(PathBuf),
}

/// The files of one token.
#[derive(Debug, Clone)]
pub(super) struct RecordFiles {
    directory: PathBuf,
    sharing: Sharing,
    is_last_resort: bool,
    /// Whether this run wrote the token's first record, and without a MAC.
    began_without_mac: Arc<AtomicBool>,
    names: Namespace,
}

impl RecordFiles {
    pub(super) fn new(directory: RecordsDirectory, names: Namespace) -> Self {
        let RecordsDirectory { path, sharing, is_last_resort } = directory;
        Self { directory: path, sharing, is_last_resort, began_without_mac: Arc::default(), names }
    }

    /// File name prefix of the token's records.
    fn prefix(&self) -> String {
        format!("{:08x}-", self.names.keystore_number())
    }

    pub(super) const fn is_last_resort(&self) -> bool {
        self.is_last_resort
    }

    /// Whether there can be records.
    pub(super) fn is_there(&self) -> bool {
        !self.is_last_resort || self.directory.exists()
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether a run has written here: its lock file is never removed.
    pub(super) fn is_used(&self) -> bool {
        self.directory.join(LOCK).exists()
    }

    /// What the user must know about a record that this run has written here.
    pub(super) fn notice(&self) -> Option<RecordNotice> {
        let directory = self.directory.clone();
        if self.is_last_resort {
            return Some(RecordNotice::LastResort(directory));
        }
        self.began_without_mac.load(Ordering::Relaxed).then_some(RecordNotice::WithoutMac(directory))
    }

    fn path(&self, key_tag: &KeyTag) -> PathBuf {
        self.directory.join(format!("{}{key_tag}.json", self.prefix()))
    }

    /// All records of the token, and the files that could not be parsed. Empty if the directory does not exist.
    pub(super) fn all(&self) -> Result<(Vec<StoredRecord>, Vec<DamagedRecord>), Error> {
        let (mut records, mut damaged) = (Vec::new(), Vec::new());
        match trust::check(&self.directory, "the records directory", Kind::Directory, self.sharing) {
            Err(error) if error.is_not_found() => return Ok((records, damaged)),
            judged => judged.map_err(refused(&self.directory))?,
        }
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((records, damaged)),
            entries => entries.map_err(at(&self.directory))?,
        };
        let prefix = self.prefix();
        for entry in entries {
            let path = entry.map_err(at(&self.directory))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with(&prefix) || path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match self.read(&path)? {
                Some(Ok(stored)) => records.push(stored),
                Some(Err(record)) => damaged.push(record),
                None => {}
            }
        }
        Ok((records, damaged))
    }

    /// The record of one key.
    pub(super) fn of_tag(&self, key_tag: &KeyTag) -> Result<Option<StoredRecord>, Error> {
        Ok(self.read(&self.path(key_tag))?.and_then(Result::ok))
    }

    /// Fails if the record of a key cannot be parsed.
    pub(super) fn require_readable(&self, key_tag: &KeyTag) -> Result<(), Error> {
        self.read(&self.path(key_tag))?.transpose().map(drop).map_err(DamagedRecord::error)
    }

    /// Writes a record, stored as `text`, in place of its predecessor. [`Error::Conflict`] if the file contains another
    /// record.
    pub(super) fn write(
        &self,
        key_tag: &KeyTag,
        old: Option<&Record>,
        record: &Record,
        text: &[u8],
    ) -> Result<StoredRecord, Error> {
        let path = self.path(key_tag);
        let _lock = self.lock()?;
        let present = match self.read(&path)? {
            None => None,
            Some(Ok(stored)) => Some(stored.record),
            Some(Err(damaged)) => return Err(damaged.error()),
        };
        if present.as_ref() != old {
            return Err(Error::Conflict { label: record.label.clone() });
        }
        let (_, mac) = document::read(text).map_err(|damage| damaged(&record.label, damage))?;
        let begins_without_mac =
            mac.is_none() && present.is_none() && self.all().is_ok_and(|(records, _)| records.is_empty());
        let mut file = tempfile::NamedTempFile::new_in(&self.directory).map_err(at(&self.directory))?;
        self.share(file.path(), self.sharing.file_mode())?;
        file.write_all(text).and_then(|()| file.as_file().sync_all()).map_err(at(&path))?;
        file.persist(&path).map_err(|error| at(&path)(error.error))?;
        if begins_without_mac {
            self.began_without_mac.store(true, Ordering::Relaxed);
        }
        Ok(StoredRecord { record: record.clone(), place: RecordPlace::File(path), mac })
    }

    pub(super) fn remove(&self, path: &Path) -> Result<(), Error> {
        let _lock = self.lock()?;
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.map_err(at(path)),
        }
    }

    /// Serialises writers. Closing the file releases the lock.
    pub(super) fn lock(&self) -> Result<File, Error> {
        self.make_directory()?;
        let path = self.directory.join(LOCK);
        let open = |new: bool| OpenOptions::new().write(true).create_new(new).mode(0o600).open(&path);
        let file = match open(true) {
            Ok(file) => {
                self.share(&path, self.sharing.file_mode())?;
                file
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                trust::check(&path, "the lock file", Kind::File, self.sharing).map_err(refused(&path))?;
                open(false).map_err(at(&path))?
            }
            Err(error) => return Err(at(&path)(error)),
        };
        file.lock().map_err(at(&path))?;
        Ok(file)
    }

    fn make_directory(&self) -> Result<(), Error> {
        let judge = |path: &Path| trust::check(path, "the records directory", Kind::Directory, self.sharing);
        match judge(&self.directory) {
            Err(error) if error.is_not_found() => {}
            judged => return judged.map_err(refused(&self.directory)),
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.directory).map_err(at(&self.directory))?;
        self.share(&self.directory, self.sharing.directory_mode())?;
        judge(&self.directory).map_err(refused(&self.directory))
    }

    /// Sets group and mode of a new file or directory.
    fn share(&self, path: &Path, mode: u32) -> Result<(), Error> {
        let given = self.sharing.give(path);
        given.and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode))).map_err(at(path))
    }

    /// `None` if the file does not exist: it may have been removed since it was listed.
    fn read(&self, path: &Path) -> Result<Option<Result<StoredRecord, DamagedRecord>>, Error> {
        // Checked first: opening a named pipe would block until there is a writer.
        let record = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if !found.is_file() => Err(Damage("not a regular file".to_owned())),
            Ok(_) => match self.read_bounded(path) {
                Err(error) if error.is_not_found() => return Ok(None),
                bytes => document::read(&bytes.map_err(refused(path))?),
            },
            Err(error) => return Err(at(path)(error)),
        };
        let place = RecordPlace::File(path.to_owned());
        Ok(Some(
            match record.and_then(|(record, mac)| self.require_own(path, &record).map(|()| (record, mac))) {
                Ok((record, mac)) => Ok(StoredRecord { record, place, mac }),
                Err(damage) => {
                    Err(DamagedRecord { label: path.display().to_string(), place, reason: damage.0 })
                }
            },
        ))
    }

    /// A record counts in the file of its key alone: it is written there, so in another file a key would have two.
    fn require_own(&self, path: &Path, record: &Record) -> Result<(), Damage> {
        let own = self.path(&self.names.key_tag(&record.identity));
        if own == *path {
            return Ok(());
        }
        let name = own.file_name().unwrap_or_default().display();
        Err(Damage(format!("it is the record of key {:?}, whose file is {name}", record.label)))
    }

    /// Reads at most one byte more than the longest record.
    fn read_bounded(&self, path: &Path) -> Result<Vec<u8>, trust::Error> {
        let mut bytes = Vec::new();
        let file = trust::open(path, "the record file", self.sharing)?;
        file.take(Record::MAX_LEN as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

fn refused(path: &Path) -> impl Fn(trust::Error) -> Error + use<> {
    let at = at(path);
    move |error| match error {
        trust::Error::Untrusted(error) => Error::RecordFileUntrusted(error),
        trust::Error::Io(error) => at(error),
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::RecordFile { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keystore::{Identity, VersionRecord, record::ForeignUsage},
        model::{KeyId, Status, Timestamp, Usage, Version},
    };

    fn record(revision: u64) -> Record {
        let now = Timestamp::from_millis(0);
        let version = VersionRecord {
            version: Version::FIRST,
            id: KeyId::from_bytes([1]),
            companion: None,
            binding: crate::keystore::Binding::default(),
            status: Status::Enable,
            created: None,
            deletion: None,
            own_label: false,
        };
        Record {
            schema: Record::SCHEMA,
            identity: Identity::of_first(&KeyId::from_bytes([1; 16]), ""),
            revision,
            label: "key".to_owned(),
            algorithm: None,
            usage: Usage::NONE,
            foreign_usage: ForeignUsage::default(),
            signature_algorithm: None,
            memo: String::new(),
            created: None,
            status: Status::Enable,
            status_since: now,
            destroy_at: None,
            is_deleting: false,
            convergent: false,
            exportable: false,
            auto_rotation: false,
            rotation_period: 90,
            next_rotation: None,
            stage_days: 0,
            keep: None,
            versions: vec![version],
        }
    }

    fn files(path: &Path, token: &str) -> RecordFiles {
        let directory =
            RecordsDirectory { path: path.to_owned(), sharing: Sharing::NONE, is_last_resort: false };
        RecordFiles::new(directory, Namespace::of(token))
    }

    #[test]
    fn a_record_is_replaced_by_its_successor_only() {
        let place = tempfile::tempdir().expect("a directory");
        let files = files(&place.path().join("new/records"), "one");
        let tag = &files.names.key_tag(&record(1).identity);
        assert!(files.all().expect("empty").0.is_empty());
        let first = files.write(tag, None, &record(1), &record(1).to_bytes()).expect("written");
        files.write(tag, Some(&record(1)), &record(2), &record(2).to_bytes()).expect("replaced");
        for stale in [None, Some(&record(1)), Some(&record(3))] {
            let refused = files.write(tag, stale, &record(4), &record(4).to_bytes());
            assert!(matches!(refused, Err(Error::Conflict { .. })), "{stale:?}");
        }
        assert_eq!(files.of_tag(tag).expect("read").map(|stored| stored.record), Some(record(2)));
        let RecordPlace::File(path) = first.place else { panic!("a file") };
        files.remove(&path).expect("removed");
        files.remove(&path).expect("removed already");
        assert!(files.of_tag(tag).expect("read").is_none());
    }

    #[test]
    fn tokens_share_a_directory_and_damage_is_reported() {
        let place = tempfile::tempdir().expect("a directory");
        let [one, other] = ["one", "other"].map(|token| files(place.path(), token));
        let tag = one.names.key_tag(&record(1).identity);
        one.write(&tag, None, &record(1), &record(1).to_bytes()).expect("written");
        assert!(other.all().expect("read").0.is_empty());
        let own = other.names.key_tag(&record(1).identity);
        fs::write(other.path(&own), b"{").expect("written");
        assert_eq!(other.all().expect("read").1.len(), 1);
        let refused = other.write(&own, None, &record(1), &record(1).to_bytes());
        assert!(matches!(refused, Err(Error::RecordDamaged { .. })));
    }
}
