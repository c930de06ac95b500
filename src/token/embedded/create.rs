//! Creates a store. The token is created or restored in a temporary directory inside the store and moved into place when complete,
//! so an interrupted initialisation leaves no partial token, and the next one starts over.

use std::{
    ffi::CString,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{self, Path, PathBuf},
    time::Duration,
};

use crate::token::{Module, UserType};

use super::{
    DRAFT, LOCK, STORE, Store, StoreError, TOKEN, TRIES,
    check::remove_directory,
    database::{Access, Database},
    generated_pin::recognise,
    init_args, refuse_short,
    stretching::Stretching,
};
use crate::{
    secret::Pin,
    token::lock::{LockKind, TokenLock},
    trust::{self, Sharing},
};

/// What the directory of a new store may contain: kmsctl's own files, and what `mkfs` puts into a new volume.
const HARMLESS: [&str; 4] = [LOCK, TRIES, DRAFT, "lost+found"];

/// A store being created. Holds the exclusive lock; dropping it without [`Draft::commit`] removes everything.
#[derive(Debug)]
pub struct Draft {
    directory: PathBuf,
    /// The directory did not exist before, so an abandoned draft removes it.
    is_new: bool,
    stretching: Stretching,
    committed: bool,
    pub(super) sharing: Sharing,
    _lock: TokenLock,
}

impl Store {
    /// Starts a store in `directory`, which must be missing or empty. If several processes do so at once, one gets the
    /// lock; the others wait for it up to `timeout` and then fail because the store exists.
    pub fn create(directory: &Path, timeout: Duration, sharing: Sharing) -> Result<Draft, StoreError> {
        let draft = Self::draft(directory, timeout, sharing)?;
        // Before kryoptic's dozen transactions, which then need a quarter of the disk writes.
        draft.database()?.use_log()?;
        Ok(draft)
    }

    /// The same, for a token to be restored by [`Draft::fill`].
    pub fn draft(directory: &Path, timeout: Duration, sharing: Sharing) -> Result<Draft, StoreError> {
        let directory = path::absolute(directory).map_err(StoreError::io("find", directory))?;
        judge_place(&directory, sharing)?;
        refuse_used(&directory)?;
        let is_new = !directory.exists();
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&directory).map_err(StoreError::io("make", &directory))?;
        let lock = TokenLock::acquire(&directory.join(LOCK), LockKind::Exclusive, timeout)?;
        refuse_used(&directory)?;

        let stretching = Stretching::random()?;
        let draft = Draft { directory, is_new, stretching, committed: false, sharing, _lock: lock };
        draft.prepare()?;
        Ok(draft)
    }
}

/// Only the parent directories must be trusted: the mode of the directory itself is fixed later.
fn judge_place(directory: &Path, sharing: Sharing) -> Result<(), StoreError> {
    match trust::check_place(directory, STORE, sharing) {
        Err(trust::Error::Untrusted(refused)) => Err(refused.into()),
        Ok(()) | Err(trust::Error::Io(_)) => Ok(()),
    }
}

fn refuse_used(directory: &Path) -> Result<(), StoreError> {
    if directory.join(TOKEN).exists() {
        return Err(StoreError::Exists { directory: directory.to_owned() });
    }
    let failed = || StoreError::io("read", directory);
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed())?,
    };
    for entry in entries {
        let found = entry.map_err(failed())?.file_name();
        if !HARMLESS.iter().any(|&name| found == name) {
            return Err(StoreError::NotEmpty { directory: directory.to_owned(), found });
        }
    }
    Ok(())
}

impl Draft {
    /// Sets modes again after creation: the umask masks the initial ones.
    fn prepare(&self) -> Result<(), StoreError> {
        let draft = self.directory.join(DRAFT);
        remove_directory(&draft)?;
        // Of a token that was here before.
        let _ = fs::remove_file(self.directory.join(TRIES));
        DirBuilder::new().mode(0o700).create(&draft).map_err(StoreError::io("make", &draft))?;
        self.sharing
            .give(&self.directory)
            .map_err(StoreError::io("give to the group that shares it", &self.directory))?;
        for (directory, mode) in [(&self.directory, self.sharing.directory_mode()), (&draft, 0o700)] {
            fs::set_permissions(directory, Permissions::from_mode(mode))
                .map_err(StoreError::io("change the mode of", directory))?;
        }
        // Created here because SQLite would use mode 0644; its log inherits the mode of the database.
        let file = self.file();
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .and_then(|_| self.share(&file))
            .map_err(StoreError::io("make", &file))?;
        // It was made before the directory was shared. Best effort: one that another member left is theirs.
        let _ = self.share(&self.directory.join(LOCK));
        Ok(())
    }

    /// Gives a file of the store to those who share it.
    pub(super) fn share(&self, file: &Path) -> io::Result<()> {
        self.sharing.give(file)?;
        fs::set_permissions(file, Permissions::from_mode(self.sharing.file_mode()))
    }

    pub(super) fn file(&self) -> PathBuf {
        self.directory.join(DRAFT).join(TOKEN)
    }

    pub(super) fn database(&self) -> Result<Database, StoreError> {
        Database::open(&self.file(), Access::Write)
    }

    /// The `pReserved` argument of `C_Initialize` that makes kryoptic create its token here.
    pub fn init_args(&self) -> CString {
        init_args(&self.file(), Access::Write)
    }

    /// The token being created.
    pub fn module(&self) -> Module {
        Module::Embedded { arguments: self.init_args(), tries: None }
    }

    /// As [`Store::stretch_new`].
    pub fn stretch(&self, whose: UserType, pin: &Pin) -> Result<Pin, StoreError> {
        refuse_short(whose, pin)?;
        if recognise(pin.expose())? { Ok(pin.clone()) } else { self.stretching.stretch(whose, pin) }
    }

    /// Completes the store, after `C_InitToken`, `C_InitPIN` and `C_Finalize`.
    pub fn commit(self) -> Result<Store, StoreError> {
        let database = self.database()?;
        database.check_schema()?;
        database.store_stretching(&self.stretching)?;
        drop(database);
        self.commit_restored()
    }

    /// Completes the store, after [`Draft::fill`].
    pub fn commit_restored(mut self) -> Result<Store, StoreError> {
        let file = self.file();
        // Closing the last connection merges the log into the file and removes it.
        self.database()?.tune()?;
        if file.with_extension("sql-wal").exists() {
            let reason = "it is still in use".into();
            return Err(StoreError::Damaged { path: file, reason });
        }
        // The counts first: with the database the store is there.
        let tries = file.with_file_name(TRIES);
        if tries.exists() {
            sync(&tries)?;
            fs::rename(&tries, self.directory.join(TRIES)).map_err(StoreError::io("rename", &tries))?;
        }
        sync(&file)?;
        fs::rename(&file, self.directory.join(TOKEN)).map_err(StoreError::io("rename", &file))?;
        self.committed = true;
        sync(&self.directory)?;
        Store::open(&self.directory, self.sharing)
    }
}

fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(StoreError::io("write out", path))
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Best effort: the next initialisation removes what is left, and `doctor` reports it.
        let _ = remove_directory(&self.directory.join(DRAFT));
        if self.committed {
            return;
        }
        let _ = fs::remove_file(self.directory.join(TRIES));
        if self.is_new {
            let _ = fs::remove_file(self.directory.join(LOCK));
            let _ = fs::remove_dir(&self.directory);
        }
    }
}
