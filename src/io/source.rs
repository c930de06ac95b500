//! A file named as input: refused if it cannot be read, and never waited for indefinitely.

use std::{
    fs::{File, OpenOptions},
    io::{self, Cursor, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::retry_on_intr,
};

use super::Error;

/// How long a FIFO may have no writer.
const WAIT_FOR_WRITER: Duration = Duration::from_secs(5);

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
    // Otherwise opening a FIFO waits for its writer.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(_) if path.metadata().is_ok_and(|meta| meta.file_type().is_socket()) => {
            return Err(refused("is a socket"));
        }
        Err(source) => return Err(unreadable(source)),
    };
    let meta = file.metadata().map_err(unreadable)?;
    if meta.is_dir() {
        return Err(refused("is a directory"));
    }
    let mut first = None;
    if meta.file_type().is_fifo() {
        first = first_byte(&file).map_err(unreadable)?;
        if first.is_none() {
            return Err(refused("is a FIFO, and no program writes to it"));
        }
    }
    let flags = fcntl_getfl(&file).map_err(|error| unreadable(error.into()))?;
    fcntl_setfl(&file, flags - OFlags::NONBLOCK).map_err(|error| unreadable(error.into()))?;
    let size = meta.is_file().then_some(meta.len());
    let reader: Box<dyn Read + Send> = match first {
        Some(first) if !first.is_empty() => Box::new(Cursor::new(first).chain(file)),
        _ => Box::new(file),
    };
    Ok(Source { reader, size })
}

/// Waits for a writer. Returns its first bytes, if it has written any; `None` if there is no writer.
fn first_byte(file: &File) -> io::Result<Option<Vec<u8>>> {
    let mut events = [PollFd::new(file, PollFlags::IN)];
    let wait = WAIT_FOR_WRITER.try_into().ok();
    retry_on_intr(|| poll(&mut events, wait.as_ref()))?;
    let was_there = events[0].revents().contains(PollFlags::HUP);
    let mut byte = [0];
    let mut reader = file;
    match reader.read(&mut byte) {
        // A writer opened and closed it without writing.
        Ok(0) if was_there => Ok(Some(Vec::new())),
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(byte.to_vec())),
        // A writer has it open but has not written yet.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

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
