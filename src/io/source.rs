//! A file named as input: refused if it cannot be read, and never waited for indefinitely.

use std::{
    io::{self, Read},
    os::unix::fs::FileTypeExt,
    path::Path,
};

use super::Error;
use crate::trust::FileReader;

/// An open file, and its size if it has one.
#[allow(missing_debug_implementations, reason = "a reader has none")]
pub struct Source {
    pub reader: Box<dyn Read + Send>,
    /// In bytes; `None` for a pipe or a device.
    pub size: Option<u64>,
}

/// Opens a file, pipe or device. A directory, a socket, and a FIFO without a writer are refused.
pub fn open_source(path: &Path) -> Result<Source, Error> {
    let name = || path.display().to_string();
    let unreadable = |source: io::Error| Error::Read { name: name(), source };
    let refused = |what| Error::NotReadable { name: name(), what };
    let reader = match FileReader::open(path) {
        Ok(reader) => reader,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            return Err(refused("is a FIFO, and no program writes to it"));
        }
        Err(_) if path.metadata().is_ok_and(|meta| meta.file_type().is_socket()) => {
            return Err(refused("is a socket"));
        }
        Err(source) => return Err(unreadable(source)),
    };
    let meta = reader.metadata().map_err(unreadable)?;
    if meta.is_dir() {
        return Err(Error::Directory { name: name() });
    }
    let size = meta.is_file().then_some(meta.len());
    Ok(Source { reader: Box::new(reader), size })
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, OpenOptions},
        thread,
        time::Duration,
    };

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn fifo(directory: &tempfile::TempDir) -> std::path::PathBuf {
        let path = directory.path().join("fifo");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
        path
    }

    fn all(path: &Path) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        open_source(path)?.reader.read_to_end(&mut bytes).expect("readable");
        Ok(bytes)
    }

    #[test]
    fn a_writer_may_come_late_and_write_slowly() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = fifo(&directory);
        let writer = path.clone();
        let writing = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            let mut file = OpenOptions::new().write(true).open(writer).expect("opened");
            for piece in [&b"a"[..], b"", b"bc"] {
                thread::sleep(Duration::from_millis(50));
                io::Write::write_all(&mut file, piece).expect("written");
            }
        });
        assert_eq!(all(&path).expect("a writer"), b"abc");
        writing.join().expect("no panic");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let refused = |path: &Path| open_source(path).err().expect("refused").to_string();
        assert!(refused(directory.path()).ends_with("is a directory"));
        let socket = directory.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
        assert!(refused(&socket).ends_with("is a socket"));
        assert!(refused(&directory.path().join("none")).starts_with("cannot read"));
        let file = directory.path().join("file");
        fs::write(&file, "data").expect("written");
        assert_eq!(
            (all(&file).expect("a file"), open_source(&file).expect("a file").size),
            (b"data".to_vec(), Some(4))
        );
        assert_eq!(all(Path::new("/dev/null")).expect("a device"), b"");
    }
}
