//! A file that appears under its name when it is complete.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// Content on the target's file system, not yet under the target's name.
#[derive(Debug)]
pub(super) struct Staged {
    content: Content,
    target: PathBuf,
    /// The final mode, if the umask does not decide.
    mode: Option<u32>,
    /// Owner and group of the file that it replaces.
    owner: Option<(u32, u32)>,
}

#[derive(Debug)]
enum Content {
    /// Without a name (`O_TMPFILE`): gone when the process ends, however it ends.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    /// For file systems that cannot do that (NFS, some FUSE); removed on drop.
    Named(NamedTempFile),
}

impl Staged {
    /// A link is followed: the file that it names is replaced, not the link.
    pub(super) fn beside(path: &Path, private: bool) -> io::Result<Self> {
        let target = follow(path)?;
        // What is private is not given to the owner of a file that was there before.
        let before = fs::metadata(&target).ok().filter(|_| !private);
        let before_mode = before.as_ref().map(|meta| meta.permissions().mode() & 0o777);
        let mode = if private { Some(0o600) } else { before_mode };
        let content = Content::create(directory(&target), mode.unwrap_or(0o666))?;
        Ok(Self { content, target, mode, owner: before.map(|meta| (meta.uid(), meta.gid())) })
    }

    pub(super) fn file(&self) -> &File {
        match &self.content {
            #[cfg(target_os = "linux")]
            Content::Unnamed(file) => file,
            Content::Named(named) => named.as_file(),
        }
    }

    /// The content reaches the disk before the name does, so that a power cut cannot leave an empty file.
    pub(super) fn publish(self) -> io::Result<()> {
        if let Some((user, group)) = self.owner {
            keep_owner(self.file(), user, group)?;
        }
        // After the change of owner, which may clear bits.
        if let Some(mode) = self.mode {
            self.file().set_permissions(Permissions::from_mode(mode))?;
        }
        self.file().sync_all()?;
        self.content.rename(&self.target)?;
        // Some file systems cannot sync a directory; the rename itself has succeeded.
        let _ = File::open(directory(&self.target)).and_then(|directory| directory.sync_all());
        Ok(())
    }
}

impl Content {
    fn create(directory: &Path, mode: u32) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed::create(directory, mode)? {
            return Ok(Self::Unnamed(file));
        }
        let named = hidden_name().permissions(Permissions::from_mode(mode)).tempfile_in(directory)?;
        Ok(Self::Named(named))
    }

    fn rename(self, target: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => {
                let named = hidden_name().make_in(directory(target), |name| unnamed::link(&file, name))?;
                named.persist(target).map_err(|failed| failed.error)
            }
            Self::Named(named) => named.persist(target).map(drop).map_err(|failed| failed.error),
        }
    }
}

/// Only root may give a file to another user, and others only to their own groups (POSIX.1-2024, `fchown`).
fn keep_owner(file: &File, user: u32, group: u32) -> io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (user, group) && fchown(file, Some(user), Some(group)).is_err() {
        let _ = fchown(file, None, Some(group));
    }
    Ok(())
}

fn hidden_name() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".kmsctl-").suffix(".tmp");
    builder
}

fn directory(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The target of a link, which need not exist.
fn follow(path: &Path) -> io::Result<PathBuf> {
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::read_link(path).map(|target| directory(path).join(target))
        }
        found => found,
    }
}

#[cfg(target_os = "linux")]
mod unnamed {
    use std::{fs::File, io, os::fd::AsRawFd, path::Path};

    use rustix::{
        fs::{AtFlags, CWD, Mode, OFlags, linkat, openat},
        io::Errno,
    };

    const OWN_DESCRIPTORS: &str = "/proc/self/fd";

    /// `None` if the file system or the container does not support it.
    pub(super) fn create(directory: &Path, mode: u32) -> io::Result<Option<File>> {
        if !Path::new(OWN_DESCRIPTORS).is_dir() {
            return Ok(None);
        }
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match openat(CWD, directory, flags, Mode::from_raw_mode(mode)) {
            Ok(file) => Ok(Some(File::from(file))),
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn link(file: &File, name: &Path) -> io::Result<()> {
        let this = format!("{OWN_DESCRIPTORS}/{}", file.as_raw_fd());
        Ok(linkat(CWD, this, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_unnamed_files_gives_the_same_result() {
        use std::io::Write;

        let place = tempfile::tempdir().expect("a directory");
        let target = place.path().join("out");
        let stage = |mode: u32| {
            let named = hidden_name().tempfile_in(place.path()).expect("created");
            Staged { content: Content::Named(named), target: target.clone(), mode: Some(mode), owner: None }
        };
        drop(stage(0o600));
        assert!(!target.exists());
        let staged = stage(0o640);
        staged.file().write_all(b"named").expect("written");
        staged.publish().expect("renamed");
        assert_eq!(fs::read(&target).expect("readable"), b"named");
        assert_eq!(fs::metadata(&target).expect("exists").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(place.path()).expect("listed").count(), 1);
    }
}
