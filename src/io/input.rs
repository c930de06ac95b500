//! Input: a file or standard input, read to its end regardless of how a pipe splits it.

use std::{
    fmt,
    fs::File,
    io::{self, IsTerminal, Read},
    os::fd::AsFd,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Error, source::open_source};
use crate::{secret::Secret, trust};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    /// No path, or `-`, is standard input.
    pub fn from_path(path: Option<&Path>) -> Self {
        match path {
            // Another name of the same stream counts as the same claim.
            Some(path) if path != "-" && !trust::is_stdin(path) => Self::File(path.to_owned()),
            _ => Self::Stdin,
        }
    }

    /// A stream. `role` names the input in the error about a standard input that is used twice.
    pub fn open(&self, stdin: &StdinGuard, role: &'static str) -> Result<Reader, Error> {
        let mut typed = false;
        let (source, size): (Box<dyn Read + Send>, _) = match self {
            Self::Stdin => {
                stdin.claim(role)?;
                typed = io::stdin().is_terminal();
                if let Some(announce) = stdin.before_typing.as_ref().filter(|_| typed) {
                    announce(role);
                }
                // It can be a redirected file: `< FILE`.
                // Not `io::stdin()`: it treats a stream that is not open for reading as an empty one, and its buffer
                // would keep a copy.
                let fd =
                    io::stdin().as_fd().try_clone_to_owned().map_err(|source| self.unreadable(source))?;
                let source = File::from(fd);
                let size = size_of(&source);
                (Box::new(stdin.replay(source)), size)
            }
            Self::File(path) => {
                let source = open_source(path)?;
                (source.reader, source.size)
            }
        };
        Ok(Reader { source, name: self.to_string(), meter: Meter { read: Arc::default(), size, typed } })
    }

    /// All of it, at most `limit` bytes.
    pub fn read(&self, stdin: &StdinGuard, role: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let reader = self.open(stdin, role)?;
        let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        // From the inner source: errors of the outer reader already name the input.
        reader.source.take(bound).read_to_end(&mut bytes).map_err(|source| self.unreadable(source))?;
        if bytes.len() > limit {
            return Err(Error::TooLarge { name: self.to_string(), limit });
        }
        Ok(bytes)
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::Read { name: self.to_string(), source }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The bytes of a file; `None` for a pipe, a terminal or a device.
fn size_of(file: &File) -> Option<u64> {
    file.metadata().ok().filter(std::fs::Metadata::is_file).map(|meta| meta.len())
}

/// How much of an input has been read so far; shared with the reader.
#[derive(Debug, Clone)]
pub struct Meter {
    pub read: Arc<AtomicU64>,
    /// Total size in bytes, if known.
    pub size: Option<u64>,
    /// The input is typed on a terminal.
    pub typed: bool,
}

/// An open input. Its errors are [`Error::Read`] inside an `io::Error`, so they still name the input when they
/// come out of a copying loop.
pub struct Reader {
    source: Box<dyn Read + Send>,
    name: String,
    meter: Meter,
}

impl Reader {
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer).map_err(|source| {
            let kind = source.kind();
            io::Error::new(kind, Error::Read { name: self.name.clone(), source })
        })?;
        self.meter.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Says that the input with this role is typed on a terminal.
type Announce = Box<dyn Fn(&str) + Send + Sync>;

/// Ensures that standard input has one reader: a second would wait for ever or read nothing. A command that is restarted
/// reads the same input again, unless it was long.
#[derive(Default)]
pub struct StdinGuard {
    kept: Arc<Mutex<Kept>>,
    /// Called with the role of an input before it is typed on a terminal.
    before_typing: Option<Announce>,
}

impl fmt::Debug for StdinGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StdinGuard").field("kept", &self.kept).finish_non_exhaustive()
    }
}

/// What was read from standard input and is kept for a restart.
#[derive(Debug, Default)]
struct Kept {
    /// What it is read as.
    claimed: Option<&'static str>,
    pieces: Vec<Secret>,
    length: usize,
    /// Too long to keep, or handed to a reader that keeps nothing.
    is_lost: bool,
}

impl StdinGuard {
    /// Calls `announce` with the role of an input before it is typed on a terminal.
    pub fn announcing(announce: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { before_typing: Some(Box::new(announce)), ..Self::default() }
    }

    /// For a reader that keeps nothing for a restart.
    pub fn claim_for_good(&self, role: &'static str) -> Result<(), Error> {
        self.claim(role)?;
        self.lock().is_lost = true;
        Ok(())
    }

    fn claim(&self, role: &'static str) -> Result<(), Error> {
        match self.lock().claimed.replace(role) {
            Some(first) => Err(Error::StdinTwice { first, second: role }),
            None => Ok(()),
        }
    }

    /// Whether nothing is read from standard input yet.
    pub fn is_free(&self) -> bool {
        self.lock().claimed.is_none()
    }

    /// Releases standard input for a restart. Returns false if what was read cannot be read again.
    pub fn rewind(&self) -> bool {
        let mut kept = self.lock();
        if !kept.is_lost {
            kept.claimed = None;
        }
        !kept.is_lost
    }

    fn replay(&self, source: File) -> Replay {
        Replay { kept: Arc::clone(&self.kept), source, piece: 0, place: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was read before, and then standard input itself.
struct Replay {
    kept: Arc<Mutex<Kept>>,
    source: File,
    piece: usize,
    place: usize,
}

impl Read for Replay {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        /// Larger than most inputs, and small compared with the memory that the program needs anyway.
        const MAX_KEPT: usize = 1 << 20;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(piece) = kept.pieces.get(self.piece) {
            let rest = &piece.expose()[self.place..];
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            self.place += count;
            if count == rest.len() {
                (self.piece, self.place) = (self.piece + 1, 0);
            }
            return Ok(count);
        }
        let count = self.source.read(buffer)?;
        kept.length += count;
        if kept.length > MAX_KEPT {
            kept.pieces.clear();
            kept.is_lost = true;
        } else if count > 0 && !kept.is_lost {
            kept.pieces.push(Secret::new(buffer[..count].to_vec()));
            self.piece += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_dash_or_nothing_is_standard_input() {
        assert_eq!(Input::from_path(None), Input::Stdin);
        assert_eq!(Input::from_path(Some(Path::new("-"))), Input::Stdin);
        assert_eq!(Input::from_path(Some(Path::new("./-"))), Input::File(PathBuf::from("./-")));
    }

    #[test]
    fn the_limit_is_exact() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("data");
        fs::write(&path, [7; 10]).expect("written");
        let input = Input::File(path);
        let read = |limit| input.read(&StdinGuard::default(), "data", limit);
        assert_eq!(read(10).expect("at the limit"), [7; 10]);
        assert_eq!(read(usize::MAX).expect("unlimited").len(), 10);
        assert!(matches!(read(9), Err(Error::TooLarge { limit: 9, .. })));
    }

    #[test]
    fn errors_name_the_file() {
        let guard = StdinGuard::default();
        let error = Input::File(PathBuf::from("/nonexistent")).open(&guard, "data").expect_err("missing");
        assert_eq!(error.to_string(), "cannot read /nonexistent");
        let error = Input::File(PathBuf::from("/")).open(&guard, "data").expect_err("a directory");
        assert_eq!(error.to_string(), "/ is a directory");
    }

    #[test]
    fn a_reader_tells_how_far_it_is() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("data");
        fs::write(&path, [7; 10]).expect("written");
        let mut reader = Input::File(path).open(&StdinGuard::default(), "data").expect("opens");
        let meter = reader.meter();
        reader.read_exact(&mut [0; 4]).expect("there");
        assert_eq!((meter.read.load(Ordering::Relaxed), meter.size), (4, Some(10)));
        let device = Input::File("/dev/null".into()).open(&StdinGuard::default(), "data").expect("opens");
        assert_eq!(device.meter().size, None);
    }

    #[test]
    fn standard_input_serves_once() {
        let guard = StdinGuard::default();
        guard.claim("the data").expect("first");
        let error = guard.claim("the signature").expect_err("second");
        assert_eq!(error.to_string(), "standard input cannot be both the data and the signature");
    }
}
