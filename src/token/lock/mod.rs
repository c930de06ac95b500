//! Advisory locks between kmsctl processes that use one token.
//!
//! Needed on any token: the embedded one fails when two writers collide (kryoptic upgrades read transactions, and
//! SQLite then returns `SQLITE_BUSY` at once), and openCryptoki lost keys that it had reported as created when ten
//! writers ran. Writers take the lock exclusively, readers share it. The kernel releases a lock when its process ends
//! for any reason.
//!
//! The embedded token's lock file is in its store. A module's lock file is in a directory of the user (`place`) and is
//! named after the token's identity, so it does not exclude other users or other machines. They cannot block it either:
//! a process can lock any file that it can open, so only the user's own processes may be able to open this one.

mod place;

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::{fs::OFlags, process};

pub use place::{Places, path_for_token};

use crate::{
    model::{Code, Coded, Diagnosis},
    retry::{Policy, Retry},
    trust::Untrusted,
};

/// A long operation releases the lock for `GAP` after holding it for `TURN`; a waiting process retries at least once
/// within `GAP`.
const TURN: Duration = Duration::from_millis(400);
const GAP: Duration = Duration::from_millis(80);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// For reading: any number at once.
    Shared,
    /// For writing: alone.
    Exclusive,
}

/// Why a lock was not obtained.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Other processes held the lock until the timeout. `holder` is the PID of the writer, if known.
    #[error("{}", held_by_others(*kind, *waited, *holder))]
    Timeout { kind: LockKind, waited: Duration, holder: Option<u32> },
    /// The file or its directory cannot be created, opened or locked.
    #[error("cannot use the lock file {}", path.display())]
    Unavailable { path: PathBuf, source: io::Error },
    /// Another user could have created or changed the file or its directory.
    #[error(transparent)]
    Untrusted(Untrusted),
    /// Neither a home directory nor a temporary directory can hold it.
    #[error("there is no directory for the lock of this token")]
    NoDirectory,
}

fn held_by_others(kind: LockKind, waited: Duration, holder: Option<u32>) -> String {
    let pid = holder.map(|pid| format!(" (PID {pid})")).unwrap_or_default();
    let seconds = waited.as_secs();
    // Only writers record their PID. A reader only ever waits for a writer.
    let (who, what) = match (kind, holder) {
        (LockKind::Exclusive, None) => ("other kmsctl processes", "using"),
        _ => ("another kmsctl", "writing to"),
    };
    let plural = who.ends_with('s');
    match (seconds, plural) {
        (0, false) => format!("{who} is {what} this token{pid}"),
        (0, true) => format!("{who} are {what} this token{pid}"),
        (_, false) => format!("{who} has been {what} this token for {seconds} s{pid}"),
        (_, true) => format!("{who} have been {what} this token for {seconds} s{pid}"),
    }
}

impl Coded for LockError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Timeout { .. } => Code::LockTimeout.hint("wait longer with `--lock-timeout SECONDS`"),
            Self::Unavailable { source, .. } => match source.kind() {
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Code::TokenReadOnly.into(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::TokenFull.into(),
                _ => Code::TokenError.into(),
            },
            Self::Untrusted(error) => error.diagnosis(),
            Self::NoDirectory => {
                Code::TokenError.hint("name a directory that only you can write to: `XDG_STATE_HOME=DIR`")
            }
        }
    }
}

/// A held lock, released when dropped. A process must not acquire a second one on the same file.
#[derive(Debug)]
pub struct TokenLock {
    /// `None` for a reader of a read-only store without a lock file, where no process can write; or while the lock is
    /// suspended.
    file: Option<File>,
    kind: LockKind,
    path: PathBuf,
    /// How long to wait for the lock.
    timeout: Duration,
    since: Instant,
}

impl TokenLock {
    /// Waits up to `timeout` (zero: one attempt) for the lock on the file `path`, which is created if it is missing.
    pub fn acquire(path: &Path, kind: LockKind, timeout: Duration) -> Result<Self, LockError> {
        let unavailable = |source| LockError::Unavailable { path: path.to_owned(), source };
        let held = |file| Self { file, kind, path: path.to_owned(), timeout, since: Instant::now() };
        let mut retry = Retry::new(Policy::POLL);
        loop {
            let Some(mut file) = open(path, kind).map_err(unavailable)? else { return Ok(held(None)) };
            match try_lock(&file, kind) {
                // The holder may have removed the file in the meantime; a lock on the unlinked file excludes no one.
                // Retry.
                Ok(()) if !is_at(&file, path) => {}
                Ok(()) => {
                    if kind == LockKind::Exclusive {
                        // Shown in the error of waiting processes. Best effort: not worth failing for.
                        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
                    }
                    return Ok(held(Some(file)));
                }
                Err(TryLockError::WouldBlock) if retry.again_within(timeout) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Timeout { kind, waited: retry.elapsed(), holder: holder(file) });
                }
                Err(TryLockError::Error(source)) => return Err(unavailable(source)),
            }
        }
    }
}

impl TokenLock {
    /// Releases the lock while `meanwhile` runs, then acquires it again with the same timeout. After an error the lock
    /// is not held.
    pub fn suspend<T>(&mut self, meanwhile: impl FnOnce() -> T) -> Result<T, LockError> {
        self.release();
        let result = meanwhile();
        *self = Self::acquire(&self.path, self.kind, self.timeout)?;
        Ok(result)
    }

    /// Called between two steps of a long operation: releases the lock for `GAP` if it was held for `TURN`, so that
    /// waiting processes get a turn. Returns whether it did; if so, what was read before may have changed.
    pub fn give_way(&mut self) -> Result<bool, LockError> {
        if self.since.elapsed() < TURN {
            return Ok(false);
        }
        self.suspend(|| thread::sleep(GAP))?;
        Ok(true)
    }

    fn release(&mut self) {
        if let (Some(file), LockKind::Exclusive) = (self.file.take(), self.kind) {
            let _ = file.set_len(0);
        }
    }
}

impl Drop for TokenLock {
    fn drop(&mut self) {
        self.release();
    }
}

/// `None` for a reader if the file is missing and cannot be created.
fn open(path: &Path, kind: LockKind) -> io::Result<Option<File>> {
    // `O_NOFOLLOW`: a symlink planted here could make us create or truncate another file.
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags);
    let mut for_writing = options.clone();
    for_writing.write(true).mode(0o600);
    let opened = match for_writing.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => make(for_writing.create_new(true), path),
        result => result,
    };
    match opened {
        Err(error) if kind == LockKind::Shared && is_refusal(&error) => match options.open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            result => result.map(Some),
        },
        result => result.map(Some),
    }
}

/// In a directory shared with a group (`trust::Sharing`), the lock file is shared with it too.
fn make(options: &OpenOptions, path: &Path) -> io::Result<File> {
    const GROUP_WRITABLE: u32 = 0o020;
    let file = match options.open(path) {
        // Another process created it first.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return options.clone().create_new(false).open(path);
        }
        made => made?,
    };
    let directory = path.parent().map(fs::metadata).transpose()?;
    let is_shared = directory.is_some_and(|directory| directory.mode() & GROUP_WRITABLE != 0);
    file.set_permissions(Permissions::from_mode(if is_shared { 0o660 } else { 0o600 }))?;
    Ok(file)
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

fn try_lock(file: &File, kind: LockKind) -> Result<(), TryLockError> {
    match kind {
        LockKind::Shared => file.try_lock_shared(),
        LockKind::Exclusive => file.try_lock(),
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

/// The PID in the lock file, if that process is alive: a killed writer leaves its PID behind.
fn holder(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    let number = text.trim().parse::<u32>().ok()?;
    let pid = process::Pid::from_raw(i32::try_from(number).ok()?)?;
    process::test_kill_process(pid).ok().map(|()| number)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    fn lock(path: &Path, kind: LockKind) -> Result<TokenLock, LockError> {
        TokenLock::acquire(path, kind, SOON)
    }

    #[test]
    fn readers_share_and_a_writer_excludes_others() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let readers = [lock(&path, LockKind::Shared), lock(&path, LockKind::Shared)];
        assert!(readers.iter().all(Result::is_ok));
        let refused = lock(&path, LockKind::Exclusive).expect_err("readers hold it");
        assert!(matches!(refused, LockError::Timeout { holder: None, waited, .. } if waited >= SOON));
        drop(readers);

        let writer = lock(&path, LockKind::Exclusive).expect("free again");
        for kind in [LockKind::Shared, LockKind::Exclusive] {
            let refused = lock(&path, kind).expect_err("a writer holds it");
            assert!(
                matches!(refused, LockError::Timeout { holder: Some(pid), .. } if pid == std::process::id())
            );
        }
        drop(writer);
        assert_eq!(fs::metadata(&path).expect("the file stays").len(), 0, "no stale holder");
        assert_eq!(fs::metadata(&path).expect("the file stays").mode() & 0o777, 0o600);
    }

    #[test]
    fn the_timeout_names_the_holder() {
        let text = |kind, seconds, holder| {
            LockError::Timeout { kind, waited: Duration::from_secs(seconds), holder }.to_string()
        };
        assert_eq!(
            text(LockKind::Exclusive, 30, Some(4711)),
            "another kmsctl has been writing to this token for 30 s (PID 4711)"
        );
        assert_eq!(text(LockKind::Shared, 0, None), "another kmsctl is writing to this token");
        assert_eq!(
            text(LockKind::Exclusive, 2, None),
            "other kmsctl processes have been using this token for 2 s"
        );
    }

    #[test]
    fn a_waiter_gets_the_lock_when_it_is_released() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let held = lock(&path, LockKind::Exclusive).expect("free");
        let waiter =
            thread::spawn(move || TokenLock::acquire(&path, LockKind::Shared, Duration::from_secs(60)));
        thread::sleep(SOON);
        drop(held);
        waiter.join().expect("no panic").expect("the lock");
    }

    #[test]
    fn a_suspended_lock_can_be_taken_by_others() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let mut working = lock(&path, LockKind::Exclusive).expect("free");
        assert!(!working.give_way().expect("held for a moment only"));
        assert!(lock(&path, LockKind::Shared).is_err(), "held without a break");
        let other = working.suspend(|| lock(&path, LockKind::Exclusive).map(drop)).expect("free again");
        assert!(other.is_ok());
        assert!(lock(&path, LockKind::Shared).is_err(), "taken back");
        let held =
            working.suspend(|| lock(&path, LockKind::Exclusive)).expect_err("another process holds it");
        assert!(matches!(held, LockError::Timeout { .. }));
    }

    #[test]
    fn a_waiter_gets_the_lock_between_two_steps() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let mut working = lock(&path, LockKind::Exclusive).expect("free");
        working.timeout = Duration::from_secs(60);
        let waiter = {
            let path = path.clone();
            let timeout = Duration::from_secs(60);
            thread::spawn(move || TokenLock::acquire(&path, LockKind::Exclusive, timeout).map(drop))
        };
        let steps = std::iter::repeat_with(|| {
            thread::sleep(SOON);
            working.give_way().expect("released by the waiter")
        });
        let needed = steps.take(2_000).take_while(|_| !waiter.is_finished()).count();
        assert!(needed < 2_000, "the waiter never had the lock");
        waiter.join().expect("no panic").expect("the lock");
    }

    #[test]
    fn a_removed_lock_file_is_recreated() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let first = lock(&path, LockKind::Exclusive).expect("free");
        let file = open(&path, LockKind::Exclusive).expect("opens").expect("exists");
        fs::remove_file(&path).expect("removed by its holder");
        drop(first);
        assert!(!is_at(&file, &path));
        let second = lock(&path, LockKind::Exclusive).expect("a new file");
        assert!(second.file.as_ref().is_some_and(|file| is_at(file, &path)));
    }

    #[test]
    fn a_symlink_as_lock_file_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let (path, target) = (directory.path().join("lock"), directory.path().join("precious"));
        fs::write(&target, "kept").expect("written");
        symlink(&target, &path).expect("linked");
        for kind in [LockKind::Shared, LockKind::Exclusive] {
            assert!(matches!(lock(&path, kind), Err(LockError::Unavailable { .. })));
        }
        assert_eq!(fs::read(&target).expect("read"), b"kept");
    }

    #[test]
    fn a_missing_directory_is_an_error_not_a_lock() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("missing/lock");
        for kind in [LockKind::Shared, LockKind::Exclusive] {
            assert!(matches!(lock(&path, kind), Err(LockError::Unavailable { .. })));
        }
    }
}
