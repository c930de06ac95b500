//! What `sign`, `encrypt` and `decrypt` do to several files: several workers, results in the order of the files, a place
//! for each.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{context::Context, sessions};
use crate::{
    cli::UsageError,
    io::{Output, create_private_dir},
    operation::{Queue, Workers, work_in_order},
    ui::{Measure, Progress},
};

/// The files, and the directory for what is made of them; without one it goes to standard output, a line each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Several<'a> {
    pub(super) files: &'a [PathBuf],
    pub(super) directory: Option<&'a Path>,
    /// What is made, for messages: `signatures`.
    pub(super) what: &'static str,
}

impl Several<'_> {
    /// Several inputs need several places for what comes out.
    pub(super) fn check(self) -> Result<(), UsageError> {
        if self.files.iter().any(|path| path == "-") {
            return Err(UsageError::new("standard input cannot be one of several files"));
        }
        let Some(directory) = self.directory else {
            return match self.files.iter().find(|path| path.as_os_str().as_encoded_bytes().contains(&b'\n')) {
                Some(path) => Err(UsageError::new(format!(
                    "the name {:?} does not fit on a line",
                    path.to_string_lossy()
                ))
                .hinted("`--out DIR` writes a file for each")),
                None => Ok(()),
            };
        };
        if directory.exists() && !directory.is_dir() {
            return Err(UsageError::new(format!("{} is not a directory", directory.display())).hinted(
                "`--out DIR` writes a file for each into a directory, which is made if it is not there",
            ));
        }
        let mut names = HashSet::new();
        match self.files.iter().find(|path| !names.insert(path.file_name())) {
            Some(path) => Err(UsageError::new(format!(
                "{} has the name of another file, so that their {} would have one name",
                path.display(),
                self.what
            ))),
            None => Ok(()),
        }
    }

    /// How many files are done at once.
    pub(super) fn workers(self, jobs: Option<usize>) -> usize {
        sessions::wanted(jobs).min(self.files.len())
    }

    /// Where what is made of a file goes: its name with an extension more, in the directory.
    pub(super) fn place(self, file: &Path, extension: &str) -> Option<PathBuf> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(extension);
        self.directory.map(|directory| directory.join(name))
    }

    /// Lets the workers do all files. `deliver` gets the results in the order of the files. After the first failure,
    /// which is the one that is reported, nothing new is started.
    pub(super) fn work<W: Send, R: Send>(
        self,
        context: &Context,
        doing: &str,
        workers: Vec<W>,
        work: impl Fn(&mut W, &Path) -> Result<R> + Sync,
        mut deliver: impl FnMut(&Path, R) -> Result<()>,
    ) -> Result<()> {
        self.directory.map_or(Ok(()), create_private_dir)?;
        let queue = Queue::new(self.files.len() as u64);
        for path in self.files {
            queue.push(path);
        }
        queue.close();
        // What goes to the terminal one by one shows how far things are.
        let progress = match self.directory {
            None if Output::to(None).is_terminal() => Progress::unseen(),
            _ => context.ui.progress(doing, Measure::Steps { total: Some(self.files.len() as u64) }),
        };
        let mut outcome = Ok(());
        work_in_order(
            &queue,
            Workers::All(workers),
            |worker, path| (path, work(worker, path)),
            |done| done,
            |ready| {
                let Some((path, done)) = ready else { return ControlFlow::Continue(()) };
                let delivered = done.and_then(|result| deliver(path, result));
                progress.step();
                match delivered {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        outcome = std::mem::replace(&mut outcome, Ok(())).and(Err(error));
                        ControlFlow::Break(())
                    }
                }
            },
        );
        outcome
    }
}

/// A line with the file's name, as `sha256sum` writes it.
pub(super) fn line(text: &[u8], file: &Path) -> Vec<u8> {
    [text, &b"  "[..], file.as_os_str().as_encoded_bytes(), b"\n"].concat()
}
