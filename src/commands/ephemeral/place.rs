//! The directory of an ephemeral token: private, in memory if the system supports it, and removed afterwards.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Stdio},
    time::{Duration, SystemTime},
};

use rustix::process::geteuid;
use tempfile::{Builder, TempDir};

use crate::secret;

const PREFIX: &str = "kmsctl-ephemeral-";

/// A directory younger than this may not be locked yet.
const SETTLING: Duration = Duration::from_secs(60);

/// Removes the directory once this process has ended, even if it was killed: standard input is a pipe whose write end
/// only this process holds.
const GUARD: &str = "read -r _; exec rm -rf -- \"$1\"";

#[derive(Debug)]
pub(super) struct Place {
    directory: TempDir,
    /// Locked during the run, so that later runs know the directory is in use.
    _lock: File,
    guard: Option<(Child, ChildStdin)>,
}

impl Place {
    /// Creates the directory in `runtime`, the user's directory in memory, if that is writable, else in `temporary`. First
    /// removes stale directories of runs that were killed together with their guards.
    pub(super) fn new(runtime: Option<&Path>, temporary: &Path) -> io::Result<Self> {
        for parent in runtime.into_iter().chain([temporary]) {
            remove_stale(parent);
        }
        match runtime.map(Self::below) {
            Some(Ok(place)) => Ok(place),
            _ => Self::below(temporary),
        }
    }

    fn below(parent: &Path) -> io::Result<Self> {
        let private = Permissions::from_mode(0o700);
        let directory = Builder::new().prefix(PREFIX).permissions(private).tempdir_in(parent)?;
        let lock = File::open(directory.path())?;
        lock.lock()?;
        // Best effort: without a guard, for example without a shell, the next run removes the directory of a killed one.
        let guard = guard(directory.path()).ok();
        Ok(Self { directory, _lock: lock, guard })
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Removes the directory and waits for the guard to exit.
    pub(super) fn destroy(self) -> io::Result<()> {
        let removed = self.directory.close();
        if let Some((mut guard, stdin)) = self.guard {
            drop(stdin);
            guard.wait()?;
        }
        removed
    }
}

/// Starts the guard in a separate process group, so that neither Ctrl-C nor the end of the job kills it.
fn guard(directory: &Path) -> io::Result<(Child, ChildStdin)> {
    let mut child = secret::command("sh")
        .args(["-c", GUARD, "sh"])
        .arg(directory)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    Ok((child, stdin))
}

/// Removes stale directories of earlier runs. Best effort: errors are ignored.
fn remove_stale(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(is_stale) {
        let _ = fs::remove_dir_all(path);
    }
}

fn is_stale(path: &PathBuf) -> bool {
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    // Does not follow links: kmsctl creates no link with this name.
    let Some(meta) = named.then(|| path.symlink_metadata().ok()).flatten() else { return false };
    let age = meta.modified().ok().and_then(|made| SystemTime::now().duration_since(made).ok());
    meta.is_dir()
        && meta.uid() == geteuid().as_raw()
        && age.is_some_and(|age| age > SETTLING)
        && File::open(path).is_ok_and(|directory| directory.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(path: &Path) {
        let old = SystemTime::now() - Duration::from_secs(3600);
        File::open(path).and_then(|file| file.set_modified(old)).expect("aged");
    }

    #[test]
    fn the_directory_is_private_and_removed_afterwards() {
        let parent = tempfile::tempdir().expect("a directory");
        let place = Place::new(Some(Path::new("/nonexistent")), parent.path()).expect("made");
        let path = place.path().to_owned();
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o700);
        place.destroy().expect("removed");
        assert!(!path.exists());
    }

    #[test]
    fn only_stale_unlocked_directories_are_removed() {
        let parent = tempfile::tempdir().expect("a directory");
        let living = Place::new(None, parent.path()).expect("made");
        let [dead, young, other] = ["kmsctl-ephemeral-dead", "kmsctl-ephemeral-young", "precious"]
            .map(|name| parent.path().join(name));
        for path in [&dead, &young, &other] {
            fs::create_dir(path).expect("made");
            fs::write(path.join("file"), "text").expect("written");
        }
        for path in [living.path(), &dead, &other] {
            age(path);
        }
        drop(Place::new(None, parent.path()).expect("made"));
        assert!(!dead.exists());
        assert!(living.path().exists() && young.exists() && other.exists());
    }
}
