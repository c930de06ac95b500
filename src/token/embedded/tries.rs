//! Counts every wrong PIN, however many processes try at once.
//!
//! kryoptic has a counter, but reads it, tries the PIN and writes it back: of several concurrent attempts only one is
//! counted, and an attempt whose process is killed in between is not. So attempts are serialised by the lock of a small
//! file in the store, and each is counted before it is made. A successful login resets the count. These are writes to
//! the first bytes of a file, without `fsync`. kryoptic's own count is durable and is the one that `token show`
//! reports; after ten wrong PINs either count locks the PIN.
//!
//! The PIN is stretched before (`stretching`), so no process waits for the Argon2id of another. In a read-only store
//! nothing is counted, as in kryoptic.

use std::{
    fs::{File, OpenOptions, Permissions, TryLockError},
    io::Read,
    os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt},
    path::PathBuf,
    time::Duration,
};

use cryptoki_sys as ck;
use rustix::fs::OFlags;

use crate::{
    retry::{Policy, Retry},
    token::error::{Error, Result},
};

/// The same limit as kryoptic's.
const MAX_TRIES: u8 = 10;

/// A login takes about 1 ms. Limits how long a process that was stopped during a login blocks others.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The counter file of one store: a byte for the SO and one for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tries {
    pub(super) file: PathBuf,
    pub(super) mode: u32,
}

impl Tries {
    /// Whether the file, if it can be read, holds something other than two counts: it must not pass for locked PINs.
    pub(super) fn is_damaged(&self) -> bool {
        let mut counts = Vec::new();
        let read = File::open(&self.file).and_then(|file| file.take(3).read_to_end(&mut counts));
        read.is_ok() && (counts.len() > 2 || counts.iter().any(|count| *count > MAX_TRIES))
    }

    /// Runs one login attempt under the lock and counts it. Fails with `CKR_PIN_LOCKED` after too many wrong PINs.
    pub(in crate::token) fn count(
        &self,
        user: ck::CK_USER_TYPE,
        login: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let Some(file) = self.open() else { return login() };
        lock(&file)?;
        let place = place(user);
        let before = read(&file, place);
        if before >= MAX_TRIES {
            return Err(Error::new("C_Login", ck::CKR_PIN_LOCKED));
        }
        write(&file, place, before + 1);
        let outcome = login();
        match outcome {
            Err(error) if error.is(ck::CKR_PIN_INCORRECT) => {}
            Err(error) if error.is(ck::CKR_PIN_LOCKED) => write(&file, place, MAX_TRIES),
            Err(error) if !error.is(ck::CKR_USER_ALREADY_LOGGED_IN) => write(&file, place, before),
            _ => write(&file, place, 0),
        }
        outcome
    }

    /// Resets the count, for a new PIN.
    pub(in crate::token) fn reset(&self, user: ck::CK_USER_TYPE) {
        if let Some(file) = self.open().filter(|file| lock(file).is_ok()) {
            write(&file, place(user), 0);
        }
    }

    fn open(&self) -> Option<File> {
        let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(flags).mode(self.mode);
        if let Ok(file) = options.open(&self.file) {
            return Some(file);
        }
        let file = options.create(true).truncate(false).open(&self.file).ok()?;
        // Set the mode again: the umask may have masked bits.
        file.set_permissions(Permissions::from_mode(self.mode)).ok()?;
        Some(file)
    }
}

/// A context-specific login uses the user PIN.
const fn place(user: ck::CK_USER_TYPE) -> u64 {
    if user == ck::CKU_SO { 0 } else { 1 }
}

/// The file is empty before the first attempt.
fn read(file: &File, place: u64) -> u8 {
    let mut count = [0];
    file.read_exact_at(&mut count, place).map_or(0, |()| count[0])
}

/// Best effort: fails on a full disk only, where kryoptic's own count fails too.
fn write(file: &File, place: u64, count: u8) {
    let _ = file.write_all_at(&[count], place);
}

/// The lock is released when the file is closed.
fn lock(file: &File) -> Result<()> {
    let mut retry = Retry::new(Policy::POLL);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if retry.again_within(MAX_WAIT) => {}
            Err(_) => return Err(Error::new("C_Login", ck::CKR_CANT_LOCK)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn answer(rv: ck::CK_RV) -> Result<()> {
        if rv == ck::CKR_OK { Ok(()) } else { Err(Error::new("C_Login", rv)) }
    }

    fn tries(place: &tempfile::TempDir) -> Tries {
        Tries { file: place.path().join("tries"), mode: 0o600 }
    }

    #[test]
    fn ten_wrong_pins_lock_and_a_correct_one_resets() {
        let place = tempfile::tempdir().expect("a directory");
        let tries = tries(&place);
        let attempt = |user, rv| tries.count(user, || answer(rv)).map_err(|error| error.rv());
        for _ in 0..3 {
            for _ in 1..MAX_TRIES {
                assert_eq!(attempt(ck::CKU_USER, ck::CKR_PIN_INCORRECT), Err(ck::CKR_PIN_INCORRECT));
            }
            // An error that is not about the PIN is not counted.
            assert_eq!(attempt(ck::CKU_USER, ck::CKR_DEVICE_ERROR), Err(ck::CKR_DEVICE_ERROR));
            assert_eq!(attempt(ck::CKU_USER, ck::CKR_OK), Ok(()));
        }
        for _ in 0..MAX_TRIES {
            assert_eq!(attempt(ck::CKU_USER, ck::CKR_PIN_INCORRECT), Err(ck::CKR_PIN_INCORRECT));
        }
        assert_eq!(attempt(ck::CKU_USER, ck::CKR_OK), Err(ck::CKR_PIN_LOCKED));
        assert_eq!(attempt(ck::CKU_CONTEXT_SPECIFIC, ck::CKR_OK), Err(ck::CKR_PIN_LOCKED));
        assert_eq!(attempt(ck::CKU_SO, ck::CKR_OK), Ok(()), "the SO has a separate count");
        tries.reset(ck::CKU_USER);
        assert_eq!(attempt(ck::CKU_USER, ck::CKR_OK), Ok(()));
    }

    #[test]
    fn an_attempt_that_is_killed_is_counted() {
        let place = tempfile::tempdir().expect("a directory");
        let tries = tries(&place);
        for _ in 0..MAX_TRIES {
            let killed = AssertUnwindSafe(|| tries.count(ck::CKU_USER, || panic!("killed")));
            assert!(catch_unwind(killed).is_err());
        }
        let refused = tries.count(ck::CKU_USER, || Ok(())).expect_err("ten were tried");
        assert!(refused.is(ck::CKR_PIN_LOCKED));
    }

    #[test]
    fn what_is_not_two_counts_is_damaged() {
        let place = tempfile::tempdir().expect("a directory");
        let tries = tries(&place);
        assert!(!tries.is_damaged(), "there is none");
        for (content, is_damaged) in [
            (&b""[..], false),
            (&[0, 10], false),
            (&[3], false),
            (&[0, 11], true),
            (b"age", true),
            (&[0; 3], true),
        ] {
            std::fs::write(&tries.file, content).expect("written");
            assert_eq!(tries.is_damaged(), is_damaged, "{content:?}");
        }
    }

    #[test]
    fn without_a_counter_file_the_login_is_attempted() {
        let place = tempfile::tempdir().expect("a directory");
        let tries = Tries { file: place.path().join("missing/tries"), mode: 0o600 };
        assert!(tries.count(ck::CKU_USER, || Ok(())).is_ok());
        tries.reset(ck::CKU_USER);
    }
}
