//! What can go wrong with input and output.

use std::io;

use crate::{
    model::{Code, Coded, Diagnosis},
    shell::shell_word,
    trust::Untrusted,
};

/// The name of standard output in messages.
pub(super) const STDOUT: &str = "standard output";

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {name}")]
    Read { name: String, source: io::Error },
    #[error("cannot write {name}")]
    Write { name: String, source: io::Error },
    #[error("{name} is too large: the limit is {limit} bytes")]
    TooLarge { name: String, limit: usize },
    /// Neither a file nor a pipe with a writer. `what` completes the sentence after the name.
    #[error("{name} {what}")]
    NotReadable { name: String, what: &'static str },
    #[error("{name} is a directory")]
    Directory { name: String },
    /// The file exists and is not overwritten.
    #[error("{name} already exists")]
    Exists { name: String },
    /// Standard input can be read once only.
    #[error("standard input cannot be both {first} and {second}")]
    StdinTwice { first: &'static str, second: &'static str },
    /// The caller closed a standard stream; `instead` is the redirection to use.
    #[error("{name} is closed")]
    Closed { name: &'static str, instead: &'static str },
    /// The output would replace what the run takes its keys, secrets or settings from.
    #[error("{name} is not written: it would damage {what}")]
    Kept { name: String, what: &'static str },
    /// Private output would reach another user.
    #[error(transparent)]
    Untrusted(Untrusted),
    /// Binary data would be written to a terminal that was not asked for with `-`.
    #[error("binary output is not written to a terminal")]
    BinaryToTerminal,
}

impl Error {
    /// Whether standard output could not be written.
    pub fn is_of_stdout(&self) -> bool {
        matches!(self, Self::Write { name, .. } if name == STDOUT)
    }
}

impl Coded for Error {
    fn diagnosis(&self) -> Diagnosis {
        const EBADF: i32 = rustix::io::Errno::BADF.raw_os_error();
        match self {
            Self::BinaryToTerminal => {
                Code::Usage.hint("`--out FILE` writes it to a file, `--out -` to the terminal anyway")
            }
            Self::Exists { .. } => Code::FileExists.hint("name another file, or remove this one"),
            Self::Untrusted(error) => error.diagnosis(),
            Self::Closed { instead, .. } => {
                Code::Usage.hint(format!("if you do not need it, redirect it: `{instead}`"))
            }
            // Open, but not for this: `0> FILE`.
            Self::Read { source, .. } | Self::Write { source, .. }
                if source.raw_os_error() == Some(EBADF) =>
            {
                Code::Usage.into()
            }
            Self::Kept { .. } => Code::Usage.hint("name another file for the output"),
            Self::StdinTwice { .. } => Code::Usage.into(),
            Self::Directory { name } => {
                let stem = name.trim_end_matches(['/', '.']);
                let archive = if stem.is_empty() { "../files.tar".to_owned() } else { format!("{stem}.tar") };
                Code::InvalidInput.hint(format!(
                    "name each of its files; to encrypt or sign them as one, make an archive: `tar -cf {} {}`",
                    shell_word(archive),
                    shell_word(name)
                ))
            }
            Self::TooLarge { .. } | Self::NotReadable { .. } => Code::InvalidInput.into(),
            Self::Read { .. } | Self::Write { .. } => Code::Io.into(),
        }
    }
}

/// A copying loop returns `io::Error`, which may contain the `Error` of this module.
impl Coded for io::Error {
    fn diagnosis(&self) -> Diagnosis {
        let inner = self.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        inner.map_or_else(|| Code::Io.into(), Coded::diagnosis)
    }
}
