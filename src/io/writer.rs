//! Output being written: a file appears when it is complete, so a failed run leaves the old one as it was and no partial
//! one.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::consts::signal::SIGXFSZ;

use super::{Error, staged::Staged};

const BUFFER: usize = 64 * 1024;

/// Whether bytes went where they cannot be taken back: to standard output or a special file.
static SAID: AtomicBool = AtomicBool::new(false);

/// Whether the run succeeds although the reader of standard output went away.
static READER_MAY_LEAVE: AtomicBool = AtomicBool::new(false);

/// From now on, output after the reader of standard output has gone is discarded, and the run continues to its normal exit
/// code: for listings and help (`key list | head`), and for reports of a change. Not where the output is the result: half a
/// ciphertext must not end with exit code 0.
pub fn reader_may_leave() {
    READER_MAY_LEAVE.store(true, Ordering::Relaxed);
}

/// From now on a file that grows beyond the limit of the process (`RLIMIT_FSIZE`, `ulimit -f`) is an error of the write, not
/// the end of the process. A handler that does nothing, since a child would inherit an ignored signal.
pub fn report_file_size_limit() {
    // Without the handler SIGXFSZ does what it did before.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// Whether this run has written data that a restart would write again.
pub fn has_spoken() -> bool {
    SAID.load(Ordering::Relaxed)
}

#[derive(Debug)]
pub(super) enum Sink {
    Stdout(File),
    Direct(File),
    Staged(Staged),
    /// Waits in the file, and then goes to a pipe, a device or standard output.
    Held(File, Box<Sink>),
}

impl Sink {
    fn publish(self) -> io::Result<()> {
        match self {
            Self::Stdout(_) | Self::Direct(_) => Ok(()),
            Self::Staged(staged) => staged.publish(),
            Self::Held(mut held, mut sink) => {
                held.rewind()?;
                io::copy(&mut held, &mut sink)?;
                sink.publish()
            }
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(file) => {
                SAID.store(true, Ordering::Relaxed);
                match file.write(bytes) {
                    Err(error) if is_right_to_leave(&error) => Ok(bytes.len()),
                    written => written,
                }
            }
            Self::Direct(file) => {
                SAID.store(true, Ordering::Relaxed);
                file.write(bytes)
            }
            Self::Staged(staged) => staged.file().write(bytes),
            Self::Held(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_right_to_leave(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe && READER_MAY_LEAVE.load(Ordering::Relaxed)
}

/// An output being written. Dropped without [`commit`](Self::commit), it leaves nothing behind.
#[derive(Debug)]
pub struct Writer {
    /// Always there until `commit` or `drop`.
    sink: Option<BufWriter<Sink>>,
    name: String,
}

impl Writer {
    /// `name` is for errors.
    pub(super) fn new(sink: Sink, name: String) -> Self {
        Self { sink: Some(BufWriter::with_capacity(BUFFER, sink)), name }
    }

    /// Makes the output visible: all of it, safe on the disk, under its name.
    pub fn commit(mut self) -> Result<(), Error> {
        let finish = |mut sink: BufWriter<Sink>| {
            sink.flush()?;
            sink.into_parts().0.publish()
        };
        let done = self.sink.take().map_or(Ok(()), finish);
        done.map_err(|source| Error::Write { name: self.name.clone(), source })
    }

    /// What was written, from its beginning; nothing can be written after that. For [`Output::open_to_verify`](super::Output::open_to_verify) alone.
    pub fn read_back(&mut self) -> io::Result<File> {
        self.wrapped(|sink| {
            sink.flush()?;
            let mut written = match sink.get_ref() {
                Sink::Staged(staged) => staged.file().try_clone()?,
                Sink::Held(file, _) => file.try_clone()?,
                Sink::Stdout(_) | Sink::Direct(_) => return Err(io::ErrorKind::Unsupported.into()),
            };
            written.rewind()?;
            Ok(written)
        })
    }

    fn wrapped<T>(&mut self, act: impl FnOnce(&mut BufWriter<Sink>) -> io::Result<T>) -> io::Result<T> {
        let done = self.sink.as_mut().map_or_else(|| Err(io::ErrorKind::NotConnected.into()), act);
        done.map_err(|source| io::Error::new(source.kind(), Error::Write { name: self.name.clone(), source }))
    }
}

/// Errors are [`Error::Write`] inside an `io::Error`, so they still name the output when they come out of a
/// copying loop.
impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wrapped(|sink| sink.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wrapped(BufWriter::flush)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(sink) = self.sink.take() {
            // Taking the writer apart discards the buffer; dropping it would write the buffer.
            let _ = sink.into_parts();
        }
    }
}
