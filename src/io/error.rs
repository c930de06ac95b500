//! What can go wrong with input and output.

use std::{error, fmt, io};

use crate::trust::Untrusted;

#[derive(Debug)]
pub enum Error {
    Read {
        name: String,
        source: io::Error,
    },
    Write {
        name: String,
        source: io::Error,
    },
    /// More than `limit` bytes of input.
    TooLarge {
        name: String,
        limit: usize,
    },
    /// A file is there that is not written over.
    Exists {
        name: String,
    },
    /// Standard input can be read once only.
    StdinTwice {
        first: &'static str,
        second: &'static str,
    },
    /// Private output would reach another user.
    Untrusted(Untrusted),
    /// Binary data would go to a screen that nobody asked for by name.
    BinaryToTerminal,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, .. } => write!(f, "cannot read {name}"),
            Self::Write { name, .. } => write!(f, "cannot write {name}"),
            Self::TooLarge { name, limit } => {
                write!(f, "{name} is too large: at most {limit} bytes are taken")
            }
            Self::Exists { name } => write!(f, "{name} exists already"),
            Self::StdinTwice { first, second } => {
                write!(f, "standard input cannot be both {first} and {second}")
            }
            Self::Untrusted(error) => error.fmt(f),
            Self::BinaryToTerminal => f.write_str("binary output is not written to a terminal"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Whether this error of a chain says that the reader of our output has gone, which is its right.
pub fn is_broken_pipe(error: &(dyn error::Error + 'static)) -> bool {
    let kind = match error.downcast_ref::<Error>() {
        Some(Error::Write { source, .. }) => Some(source.kind()),
        _ => error.downcast_ref::<io::Error>().map(io::Error::kind),
    };
    kind == Some(io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pipe_is_told_from_other_failures() {
        let write =
            |kind: io::ErrorKind| Error::Write { name: "standard output".to_owned(), source: kind.into() };
        assert!(is_broken_pipe(&write(io::ErrorKind::BrokenPipe)));
        assert!(is_broken_pipe(&io::Error::from(io::ErrorKind::BrokenPipe)));
        assert!(!is_broken_pipe(&write(io::ErrorKind::StorageFull)));
        assert!(!is_broken_pipe(&Error::BinaryToTerminal));
    }
}
