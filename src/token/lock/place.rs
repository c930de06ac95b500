//! Location of the lock file for a module's token: a directory that no other user can write to.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};

use super::LockError;
use crate::trust::{self, Kind, Sharing, Untrusted};

const WHAT: &str = "the directory for locks";

/// Candidate directories for lock files, in the order in which they are tried. All runs of a user should arrive at the
/// same one, whatever their environment.
#[derive(Debug, Clone)]
pub struct Places {
    /// `$XDG_RUNTIME_DIR`.
    pub runtime: Option<PathBuf>,
    /// `$XDG_STATE_HOME`, or `~/.local/state`.
    pub state: Option<PathBuf>,
    /// `$TMPDIR`, or `/tmp`.
    pub temporary: PathBuf,
}

/// The lock file of the token with this `identity` (module, serial, label). Creates the directory if it is missing.
pub fn path_for_token(places: &Places, identity: &[u8]) -> Result<PathBuf, LockError> {
    let mut name = data_encoding::HEXLOWER.encode(&Sha256::digest(identity));
    name.truncate(32);
    Ok(directory(places)?.join(name + ".lock"))
}

fn directory(places: &Places) -> Result<PathBuf, LockError> {
    if let Some(runtime) =
        places.runtime.clone().into_iter().chain([login_directory()]).find(|path| is_own(path))
    {
        let directory = runtime.join("kmsctl");
        make(&directory)?;
        return Ok(directory);
    }
    let states = places.state.clone().into_iter().chain(account_state());
    for directory in states.map(|state| state.join("kmsctl")) {
        // Skips a home directory that belongs to another user (after `su`), is read-only or is missing.
        if nearest(&directory).is_some_and(is_own) && make(&directory).is_ok() {
            return Ok(directory);
        }
    }
    in_temporary(&places.temporary)
}

/// Where systemd and elogind create `$XDG_RUNTIME_DIR`, so that a run without the variable (cron) uses the same
/// directory as one with it.
fn login_directory() -> PathBuf {
    Path::new("/run/user").join(geteuid().to_string())
}

/// The state directory by the account database, for a run without `HOME`.
fn account_state() -> Option<PathBuf> {
    let user = User::from_uid(geteuid()).ok().flatten()?;
    Some(user.dir.join(".local/state"))
}

/// A runtime directory belongs to its user (XDG Base Directory Specification). After `su` or `sudo` the environment may
/// still name another user's, or one that no longer exists.
fn is_own(directory: &Path) -> bool {
    let is_ours = |found: fs::Metadata| found.is_dir() && found.uid() == geteuid().as_raw();
    directory.is_absolute() && fs::metadata(directory).is_ok_and(is_ours)
}

/// The path itself, or its nearest existing ancestor.
fn nearest(path: &Path) -> Option<&Path> {
    path.ancestors().find(|ancestor| ancestor.exists())
}

/// Creates the directory with mode 0700, or verifies that an existing one is safe.
fn make(directory: &Path) -> Result<(), LockError> {
    let unavailable = |source| LockError::Unavailable { path: directory.to_owned(), source };
    judge(directory, &|| {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(unavailable)?;
        // Set the mode again: the umask may have masked bits.
        fs::set_permissions(directory, Permissions::from_mode(0o700)).map_err(unavailable)
    })
}

/// Checks the directory, and creates it first if it is missing.
fn judge(directory: &Path, create: &dyn Fn() -> Result<(), LockError>) -> Result<(), LockError> {
    let judged = || trust::check(directory, WHAT, Kind::Directory, Sharing::NONE);
    let judged = match judged() {
        Err(error) if error.is_not_found() => {
            create()?;
            judged()
        }
        judged => judged,
    };
    judged.map_err(|error| match error {
        trust::Error::Untrusted(refused) => refused.into(),
        trust::Error::Io(source) => LockError::Unavailable { path: directory.to_owned(), source },
    })
}

impl From<Untrusted> for LockError {
    fn from(error: Untrusted) -> Self {
        Self::Untrusted(error)
    }
}

/// Last resort: in the shared temporary directory other users can take the name first. An existing directory of this
/// user is reused; a new one gets an unpredictable suffix if the plain name is taken.
fn in_temporary(temporary: &Path) -> Result<PathBuf, LockError> {
    let plain = format!("kmsctl-{}", geteuid());
    let unavailable = |source| LockError::Unavailable { path: temporary.join(&plain), source };
    if let Some(found) = own_below(temporary, &plain) {
        return Ok(found);
    }
    trust::check_place(&temporary.join(&plain), WHAT, Sharing::NONE).map_err(|error| match error {
        trust::Error::Untrusted(refused) => refused.into(),
        trust::Error::Io(source) => unavailable(source),
    })?;
    match DirBuilder::new().mode(0o700).create(temporary.join(&plain)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let (mut random, prefix) = (tempfile::Builder::new(), format!("{plain}-"));
            random.prefix(&prefix).permissions(Permissions::from_mode(0o700));
            random.disable_cleanup(true).tempdir_in(temporary).map_err(unavailable)?;
        }
        made => made.map_err(unavailable)?,
    }
    // Look again: if two runs created one each at the same moment, both must pick the first.
    own_below(temporary, &plain).ok_or(LockError::NoDirectory)
}

/// The first directory, by name, that belongs to this user and that no other user can write to.
fn own_below(temporary: &Path, plain: &str) -> Option<PathBuf> {
    let is_safe = |path: &PathBuf| {
        let found = fs::symlink_metadata(path);
        found.is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw())
            && trust::check(path, WHAT, Kind::Directory, Sharing::NONE).is_ok()
    };
    let own = Some(temporary.join(plain)).filter(is_safe);
    own.or_else(|| {
        let prefix = format!("{plain}-");
        let entries = fs::read_dir(temporary).ok()?.flatten();
        let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        named.map(|entry| entry.path()).filter(is_safe).min()
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    fn temporary_only(directory: &Path) -> Places {
        Places { runtime: None, state: None, temporary: directory.to_owned() }
    }

    fn runtime(directory: &Path) -> Places {
        Places { runtime: Some(directory.to_owned()), ..temporary_only(Path::new("/nonexistent")) }
    }

    #[test]
    fn the_file_is_named_after_the_token() {
        let place = tempfile::tempdir().expect("a directory");
        let path = |identity: &[u8]| path_for_token(&runtime(place.path()), identity).expect("a path");
        assert_eq!(path(b"one"), path(b"one"));
        assert_ne!(path(b"one"), path(b"two"));
        assert!(path(b"one").starts_with(place.path().join("kmsctl")));
        let mode = fs::metadata(place.path().join("kmsctl")).expect("made").mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn without_a_runtime_directory_the_home_holds_it() {
        let place = tempfile::tempdir().expect("a directory");
        let state = place.path().join("home/.local/state");
        for runtime in [None, Some("relative".into()), Some(place.path().join("gone"))] {
            let places =
                Places { runtime, state: Some(state.clone()), temporary: place.path().join("never") };
            // If the user running the tests is logged in, `/run/user/UID` comes first.
            let expected = if is_own(&login_directory()) { login_directory() } else { state.clone() };
            let path = path_for_token(&places, b"x").expect("a path");
            assert!(path.starts_with(expected), "{}", path.display());
        }
    }

    #[test]
    fn a_name_taken_in_a_shared_directory_does_not_block() {
        let place = tempfile::tempdir().expect("a directory");
        fs::set_permissions(place.path(), Permissions::from_mode(0o1777)).expect("open to all");
        let own = place.path().join(format!("kmsctl-{}", geteuid()));
        symlink("/", &own).expect("taken");
        let first = in_temporary(place.path()).expect("another name");
        assert_ne!(first, own);
        fs::remove_file(&own).expect("free again");
        assert_eq!(in_temporary(place.path()).expect("the same"), first);
        // Only root can create directories of other users; `tests/it/other_users.rs` reports that this is skipped.
        if !geteuid().is_root() {
            return;
        }
        for path in [&own, &place.path().join(format!("kmsctl-{}-a", geteuid()))] {
            fs::create_dir(path).expect("made");
            chown(path, Some(54_321), None).expect("owner changed");
        }
        assert_eq!(in_temporary(place.path()).expect("the same"), first);
    }

    #[test]
    fn a_directory_that_others_could_have_made_is_refused() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = place.path().join("kmsctl");
        let refusal = || path_for_token(&runtime(place.path()), b"x").expect_err("unsafe");
        fs::write(&directory, "").expect("a file");
        assert!(matches!(refusal(), LockError::Untrusted(_)));
        fs::remove_file(&directory).expect("removed");
        fs::create_dir(&directory).expect("made");
        fs::set_permissions(&directory, Permissions::from_mode(0o777)).expect("opened to all");
        assert!(matches!(refusal(), LockError::Untrusted(_)));
    }
}
