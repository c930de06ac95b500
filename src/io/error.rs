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
    /// Neither a file nor a pipe with a writer. `what` completes the sentence after the name.
    NotReadable {
        name: String,
        what: &'static str,
    },
    /// The file exists and is not overwritten.
    Exists {
        name: String,
    },
    /// Standard input can be read once only.
    StdinTwice {
        first: &'static str,
        second: &'static str,
    },
    /// The caller closed a standard stream; `instead` is the redirection to use.
    Closed {
        name: &'static str,
        instead: &'static str,
    },
    /// Private output would reach another user.
    Untrusted(Untrusted),
    /// Binary data would be written to a terminal that was not asked for with `-`.
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
            Self::NotReadable { name, what } => write!(f, "{name} {what}"),
            Self::Exists { name } => write!(f, "{name} exists already"),
            Self::StdinTwice { first, second } => {
                write!(f, "standard input cannot be both {first} and {second}")
            }
            Self::Closed { name, .. } => write!(f, "{name} is closed"),
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
