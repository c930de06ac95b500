//! A file to read, and what a FIFO needs: it is never waited for indefinitely.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::retry_on_intr,
};
use zeroize::Zeroizing;

/// How long a FIFO may have no writer.
const WAIT_FOR_WRITER: Duration = Duration::from_secs(5);

/// An open file, pipe or device.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    /// Read to find out whether a FIFO has a writer. It may be a PIN's.
    first: Option<Zeroizing<[u8; 1]>>,
}

impl FileReader {
    /// Opens a path for reading. A FIFO that no program writes to fails with [`io::ErrorKind::TimedOut`] after five seconds.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Without this flag, opening a FIFO waits for its writer.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let is_fifo = file.metadata()?.file_type().is_fifo();
        let first = if is_fifo { first_byte(&file)? } else { None };
        let flags = fcntl_getfl(&file)?;
        fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
        Ok(Self { file, first })
    }

    pub fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (&self.first, buffer.first_mut()) {
            (Some(first), Some(place)) => {
                *place = first[0];
                self.first = None;
                Ok(1)
            }
            _ => self.file.read(buffer),
        }
    }
}

/// Waits for a writer, and returns its first byte if it has written one.
fn first_byte(file: &File) -> io::Result<Option<Zeroizing<[u8; 1]>>> {
    let mut events = [PollFd::new(file, PollFlags::IN)];
    let wait = WAIT_FOR_WRITER.try_into().ok();
    retry_on_intr(|| poll(&mut events, wait.as_ref()))?;
    let was_there = events[0].revents().contains(PollFlags::HUP);
    let mut byte = Zeroizing::new([0]);
    let mut reader = file;
    match reader.read(&mut *byte) {
        // A writer opened and closed it without writing.
        Ok(0) if was_there => Ok(None),
        Ok(0) => Err(io::Error::new(io::ErrorKind::TimedOut, "it is a FIFO, and no program writes to it")),
        Ok(_) => Ok(Some(byte)),
        // A writer has it open but has not written yet.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
