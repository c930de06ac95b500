//! Where output goes: to standard output, a special file, or a file that appears when it is complete.

use std::{
    fmt,
    fs::{self, File},
    io::{self, IsTerminal, Write},
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
};

use super::{
    Error,
    error::STDOUT,
    staged::Staged,
    writer::{Sink, Writer},
};
use crate::{
    secret::streams,
    trust::{self, Target},
};

/// Where output goes and what kind it is.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate property")]
pub struct Output {
    /// Standard output, because no path was given.
    path: Option<PathBuf>,
    /// `-` was given: a terminal is accepted.
    explicit: bool,
    binary: bool,
    private: bool,
    /// It replaces a file that the run uses, which is what the command is for.
    replaces_kept: bool,
}

impl Output {
    /// No path, or `-`, is standard output.
    pub fn to(path: Option<&Path>) -> Self {
        let explicit = path.is_some_and(|path| path == "-");
        let path = path.filter(|_| !explicit).map(Path::to_owned);
        Self { path, explicit, binary: false, private: false, replaces_kept: false }
    }

    /// The bytes are binary, not for a terminal.
    #[must_use]
    pub fn binary(self, binary: bool) -> Self {
        Self { binary, ..self }
    }

    /// The file is readable by its owner only, whatever mode it had before.
    #[must_use]
    pub fn private(self) -> Self {
        Self { private: true, ..self }
    }

    /// The file may be one that the run uses: a command that changes the configuration.
    #[must_use]
    pub fn of_kept(self) -> Self {
        Self { replaces_kept: true, ..self }
    }

    /// Whether it is a file that was named, not standard output.
    pub const fn has_file(&self) -> bool {
        self.path.is_some()
    }

    /// Whether the output is a terminal.
    pub fn is_terminal(&self) -> bool {
        match &self.path {
            None => streams::stdout_is_terminal(),
            // Only a device is opened to find out: opening a named pipe would wait for its reader.
            Some(path) => {
                let is_device = fs::metadata(path).is_ok_and(|meta| meta.file_type().is_char_device());
                is_device && File::open(path).is_ok_and(|file| file.is_terminal())
            }
        }
    }

    /// Nothing is visible at the target before [`Writer::commit`]; a special file (`/dev/null`, a pipe) and
    /// standard output get the bytes as they come.
    pub fn open(&self) -> Result<Writer, Error> {
        Ok(Writer::new(self.open_sink()?, self.to_string()))
    }

    /// Like [`open`](Self::open), for what is [read back](Writer::read_back) before the commit: what is for a pipe or
    /// standard output waits in a file without a name in `scratch`.
    pub fn open_to_verify(&self, scratch: &Path) -> Result<Writer, Error> {
        let sink = match self.open_sink()? {
            Sink::Staged(staged) => Sink::Staged(staged),
            sink => {
                let failed = |source| Error::Write { name: scratch.display().to_string(), source };
                Sink::Held(tempfile::tempfile_in(scratch).map_err(failed)?, Box::new(sink))
            }
        };
        Ok(Writer::new(sink, self.to_string()))
    }

    /// Writes everything and commits.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut writer = self.open()?;
        writer.write_all(bytes).map_err(|wrapped| {
            let unnamed = |source| Error::Write { name: self.to_string(), source };
            wrapped.downcast::<Error>().unwrap_or_else(unnamed)
        })?;
        writer.commit()
    }

    /// Another user's link, pipe or device is refused: it may lead anywhere.
    fn open_sink(&self) -> Result<Sink, Error> {
        if self.binary && self.path.is_none() && !self.explicit && streams::stdout_is_terminal() {
            return Err(Error::BinaryToTerminal);
        }
        let Some(path) = &self.path else {
            // Not `io::stdout()` itself: that looks for newlines in binary data.
            return streams::stdout().map(Sink::Stdout).map_err(|source| self.failed(source));
        };
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(self.failed(io::ErrorKind::IsADirectory.into()));
        }
        match trust::private_target(path, "the output") {
            Ok(Target::Special(file)) => Ok(Sink::Direct(file)),
            Ok(Target::File(path)) => {
                if !self.replaces_kept {
                    refuse_kept(&path)?;
                }
                Staged::beside(&path, self.private).map(Sink::Staged).map_err(|source| self.failed(source))
            }
            Err(trust::Error::Untrusted(refused)) => Err(Error::Untrusted(refused)),
            Err(trust::Error::Io(source)) => Err(self.failed(source)),
        }
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write { name: self.to_string(), source }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            None => f.write_str(STDOUT),
            Some(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Fails if a write to `path` would damage what the run uses.
pub fn refuse_kept(path: &Path) -> Result<(), Error> {
    let refused = |what| Error::Kept { name: path.display().to_string(), what };
    trust::kept(path).map_or(Ok(()), |what| Err(refused(what)))
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().expect("a directory"))
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.path()).expect("listed");
            let mut names: Vec<_> = entries
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        }

        fn mode(&self, name: &str) -> u32 {
            fs::metadata(self.path(name)).expect("exists").permissions().mode() & 0o777
        }
    }

    #[test]
    fn the_old_file_stays_until_the_commit() {
        let place = Place::new();
        let target = place.path("out");
        fs::write(&target, "old").expect("written");
        let mut writer = Output::to(Some(&target)).open().expect("opens");
        writer.write_all(&vec![b'n'; 200_000]).expect("written");
        assert_eq!(fs::read(&target).expect("readable"), b"old");
        writer.commit().expect("committed");
        assert_eq!(fs::read(&target).expect("readable").len(), 200_000);
        assert_eq!(place.names(), ["out"]);
    }

    #[test]
    fn what_is_read_back_is_what_will_be_there() {
        let (place, scratch) = (Place::new(), Place::new());
        let data = vec![b'n'; 200_000];
        // A file is staged beside itself; what is for a device waits elsewhere.
        for (target, is_file) in [(place.path("out"), true), (PathBuf::from("/dev/null"), false)] {
            let mut writer = Output::to(Some(&target)).open_to_verify(scratch.0.path()).expect("opens");
            writer.write_all(&data).expect("written");
            let mut written = Vec::new();
            writer.read_back().expect("a file").read_to_end(&mut written).expect("readable");
            assert!(written == data, "{is_file}");
            assert!(!place.path("out").exists() || !is_file);
            writer.commit().expect("committed");
        }
        assert_eq!(fs::read(place.path("out")).expect("readable"), data);
        assert!(scratch.names().is_empty());
        let mut held =
            Output::to(Some(Path::new("/dev/full"))).open_to_verify(scratch.0.path()).expect("opens");
        held.write_all(b"x").expect("it waits");
        assert_eq!(held.commit().expect_err("full").to_string(), "cannot write /dev/full");
    }

    #[test]
    fn without_commit_nothing_is_left() {
        let place = Place::new();
        let mut writer = Output::to(Some(&place.path("out"))).open().expect("opens");
        writer.write_all(&vec![b'n'; 200_000]).expect("written");
        drop(writer);
        assert!(place.names().is_empty());
    }

    #[test]
    fn private_output_is_for_the_owner_also_over_an_open_file() {
        let place = Place::new();
        let target = place.path("out");
        Output::to(Some(&target)).private().write(b"new").expect("written");
        assert_eq!(place.mode("out"), 0o600);
        fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).expect("set");
        Output::to(Some(&target)).private().write(b"new").expect("written");
        assert_eq!(place.mode("out"), 0o600);
    }

    #[test]
    fn an_existing_file_keeps_its_mode() {
        let place = Place::new();
        let target = place.path("out");
        fs::write(&target, "old").expect("written");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("set");
        Output::to(Some(&target)).write(b"new").expect("written");
        assert_eq!(place.mode("out"), 0o640);
    }

    #[test]
    fn an_existing_file_keeps_owner_and_group_unless_it_is_private() {
        use std::os::unix::fs::{MetadataExt, chown};

        let place = Place::new();
        let target = place.path("out");
        let owner = |path: &Path| fs::metadata(path).map(|meta| (meta.uid(), meta.gid())).expect("exists");
        fs::write(&target, "old").expect("written");
        let own = owner(&target);
        if own.0 != 0 {
            return;
        }
        for given in [(12345, 12346), (0, 12346), (12345, 0)] {
            chown(&target, Some(given.0), Some(given.1)).expect("given away");
            fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("set");
            Output::to(Some(&target)).write(b"new").expect("written");
            assert_eq!((owner(&target), place.mode("out")), (given, 0o640));
        }
        Output::to(Some(&target)).private().write(b"new").expect("written");
        assert_eq!((owner(&target), place.mode("out")), (own, 0o600));
    }

    #[test]
    fn a_link_stays_a_link() {
        let place = Place::new();
        symlink("real", place.path("link")).expect("linked");
        for content in ["dangling before", "existing before"] {
            Output::to(Some(&place.path("link"))).write(content.as_bytes()).expect("written");
            assert!(place.path("link").is_symlink());
            assert_eq!(fs::read_to_string(place.path("real")).expect("readable"), content);
        }
        assert_eq!(place.names(), ["link", "real"]);
    }

    #[test]
    fn special_files_are_written_as_they_are() {
        Output::to(Some(Path::new("/dev/null"))).private().write(b"gone").expect("written");
        assert!(!fs::metadata("/dev/null").expect("exists").is_file());
        let error = Output::to(Some(Path::new("/dev/full"))).write(b"x").expect_err("full");
        assert_eq!(error.to_string(), "cannot write /dev/full");
    }

    #[test]
    fn a_directory_or_a_missing_one_is_an_error() {
        let place = Place::new();
        assert!(Output::to(Some(&place.path("."))).open().is_err());
        assert!(Output::to(Some(&place.path("missing/out"))).open().is_err());
        assert!(place.names().is_empty());
    }

    #[test]
    fn a_bare_file_name_is_in_the_current_directory() {
        assert!(Output::to(Some(Path::new("kmsctl-never-committed"))).open().is_ok());
        assert!(!Path::new("kmsctl-never-committed").exists());
    }
}
