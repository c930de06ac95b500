//! New files and directories that only their owner can read.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use super::{Error, output::refuse_kept};
use crate::trust::{self, Target};

/// Writes a file that must not exist, with mode 0600. A failed one is removed. Nothing is buffered: what is written may
/// be secret.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = || path.display().to_string();
    if path.is_symlink() || path.exists() {
        return Err(Error::Exists { name: name() });
    }
    let path = &match trust::private_target(path, "the output") {
        Ok(Target::File(path)) => path,
        Ok(Target::Special(_)) => return Err(Error::Exists { name: name() }),
        Err(trust::Error::Untrusted(refused)) => return Err(Error::Untrusted(refused)),
        Err(trust::Error::Io(source)) => return Err(Error::Write { name: name(), source }),
    };
    refuse_kept(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(
        |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists { name: name() },
            _ => Error::Write { name: name(), source },
        },
    )?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|source| {
        // Best effort: the first error is the one to report.
        let _ = std::fs::remove_file(path);
        Error::Write { name: name(), source }
    })
}

/// Makes a directory with mode 0700, and those above it, unless it is there.
pub fn create_private_dir(path: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::Write { name: path.display().to_string(), source })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_new_file_is_private_and_an_old_one_is_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let inner = dir.path().join("a/b");
        create_private_dir(&inner).expect("made");
        create_private_dir(&inner).expect("there already");
        let path = inner.join("file");
        write_new_private(&path, b"one").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&path)), (0o700, 0o600));
        assert!(matches!(write_new_private(&path, b"two"), Err(Error::Exists { .. })));
        assert_eq!(fs::read(&path).expect("readable"), b"one");
    }
}
