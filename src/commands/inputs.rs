//! One or many inputs of `sign`, `encrypt` and `decrypt`: a job for each, several workers, results in the order of the
//! inputs.

use std::{
    collections::HashSet,
    ffi::OsString,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    context::{Context, reading},
    sessions,
};
use crate::{
    cli::UsageError,
    io::{Input, Meter, Output, create_private_dir},
    operation::{Queue, Workers, work_in_order},
    ui::{self, Measure, Progress, Ui},
};

/// What a command does with each input, for messages.
pub(super) struct Task {
    /// `sign`
    pub(super) verb: &'static str,
    /// `signing`
    pub(super) doing: &'static str,
    /// The extension that follows `name`, for messages: `.sig`
    pub(super) ending: &'static str,
    /// The name of a result in the directory of `--out`, without its extension.
    pub(super) name: fn(&Path) -> Result<OsString, UsageError>,
}

/// An input and its output file; `None` is standard output.
pub(super) struct Job {
    pub(super) input: Input,
    pub(super) out: Option<PathBuf>,
    /// One of several inputs, so `out` still lacks the extension.
    is_of_many: bool,
}

/// The inputs of a command; never empty.
pub(super) struct Inputs {
    task: Task,
    jobs: Vec<Job>,
    /// Directory for the results of several inputs.
    directory: Option<PathBuf>,
}

impl Inputs {
    /// No path means standard input. `out` is the file for one result, or the directory for several.
    pub(super) fn new(task: Task, paths: &[PathBuf], out: Option<&Path>) -> Result<Self, UsageError> {
        let out = out.map(Path::to_owned);
        if let [] | [_] = paths {
            let input = Input::from_path(paths.first().map(PathBuf::as_path));
            return Ok(Self { task, jobs: vec![Job { input, out, is_of_many: false }], directory: None });
        }
        check(paths, out.as_deref())?;
        let mut names = HashSet::new();
        let mut jobs = Vec::new();
        for path in paths {
            let place = |directory: &PathBuf| {
                let name = (task.name)(path)?;
                if !names.insert(name.clone()) {
                    let same = |other: &&PathBuf| (task.name)(other).is_ok_and(|other| other == name);
                    let first = paths.iter().find(same).unwrap_or(path).display();
                    let (path, place) = (path.display(), directory.join(&name));
                    let text = format!(
                        "{first} and {path} would both be written to {}{}",
                        place.display(),
                        task.ending
                    );
                    return Err(UsageError::new(text));
                }
                Ok(directory.join(name))
            };
            let out = out.as_ref().map(place).transpose()?;
            jobs.push(Job { input: Input::File(path.clone()), out, is_of_many: true });
        }
        Ok(Self { task, jobs, directory: out })
    }

    pub(super) fn are_many(&self) -> bool {
        self.jobs.len() > 1
    }

    pub(super) fn first(&self) -> &Job {
        &self.jobs[0]
    }

    /// The number of parallel workers.
    pub(super) fn workers(&self, jobs: Option<usize>) -> usize {
        sessions::wanted(jobs).min(self.jobs.len())
    }

    /// Distributes the jobs to workers. `deliver` gets the results in the order of the inputs. After a failure no new job
    /// starts; the first failure is returned.
    ///
    /// A single job runs on this thread, which is faster.
    pub(super) fn work<'a, W: Send, R: Send>(
        &'a self,
        context: &Context,
        mut workers: Vec<W>,
        work: impl Fn(&mut W, &Job) -> Result<R> + Sync,
        mut deliver: impl FnMut(&'a Job, R) -> Result<()>,
    ) -> Result<()> {
        if let ([job], Some(worker)) = (self.jobs.as_slice(), workers.first_mut()) {
            return deliver(job, work(worker, job)?);
        }
        self.directory.as_deref().map_or(Ok(()), create_private_dir)?;
        let queue = Queue::new(self.jobs.len() as u64);
        for job in &self.jobs {
            queue.push(job);
        }
        queue.close();
        let progress = self.progress(&context.ui);
        let mut outcome = Ok(());
        work_in_order(
            &queue,
            Workers::All(workers),
            |worker, job| (job, work(worker, job)),
            |done| done,
            |ready| {
                let Some((job, done)) = ready else { return ControlFlow::Continue(()) };
                let named = done.with_context(|| format!("cannot {} {}", self.task.verb, job.input));
                let delivered = named.and_then(|result| deliver(job, result));
                progress.step();
                match delivered {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        if outcome.is_ok() {
                            outcome = Err(error);
                        }
                        ControlFlow::Break(())
                    }
                }
            },
        );
        outcome
    }

    /// Reports the results. With several inputs, also after a failure, because some results were written.
    pub(super) fn report(&self, worked: Result<()>, report: impl FnOnce() -> Result<()>) -> Result<()> {
        if worked.is_ok() || self.are_many() {
            report()?;
        }
        worked
    }

    /// Counts several inputs, unless the results are printed on the terminal. For a single input, [`Job::progress`] counts
    /// its bytes instead.
    fn progress(&self, ui: &Ui) -> Progress {
        if self.directory.is_none() && Output::to(None).is_terminal() {
            return Progress::unseen();
        }
        ui.progress(self.task.doing, Measure::Steps { total: Some(self.jobs.len() as u64) })
    }
}

impl Job {
    pub(super) const fn is_of_many(&self) -> bool {
        self.is_of_many
    }

    /// Shows how much of a single input has been read.
    pub(super) fn progress(&self, ui: &Ui, doing: &str, meter: &Meter, output: Option<&Output>) -> Progress {
        if self.is_of_many { Progress::unseen() } else { reading(ui, doing, meter, output) }
    }

    /// The output file: the given one, or for several inputs a file with this extension in the directory.
    pub(super) fn place(&self, extension: &str) -> Option<PathBuf> {
        let mut place = self.out.clone()?.into_os_string();
        if self.is_of_many {
            place.push(".");
            place.push(extension);
        }
        Some(place.into())
    }

    /// The end of a line of output. If several texts share standard output, it contains the file name, in the format of
    /// `sha256sum`.
    pub(super) fn line_end(&self) -> Vec<u8> {
        match &self.input {
            Input::File(path) if self.is_of_many && self.out.is_none() => {
                [b"  ", for_screen(path).as_slice(), b"\n"].concat()
            }
            _ => b"\n".to_vec(),
        }
    }
}

/// Escapes control and invisible characters of a name; keeps bytes that are not UTF-8.
fn for_screen(path: &Path) -> Vec<u8> {
    let chunks = path.as_os_str().as_encoded_bytes().utf8_chunks();
    chunks.flat_map(|chunk| [ui::safe(chunk.valid()).as_bytes(), chunk.invalid()].concat()).collect()
}

/// Checks that several inputs can have separate outputs.
fn check(paths: &[PathBuf], directory: Option<&Path>) -> Result<(), UsageError> {
    if paths.iter().any(|path| path == "-") {
        return Err(UsageError::new("standard input cannot be one of several files"));
    }
    if let Some(directory) = directory {
        if directory.exists() && !directory.is_dir() {
            let text = format!("{} is not a directory", directory.display());
            return Err(UsageError::new(text)
                .hinted("`--out DIR` writes a file for each into a directory, which is created if missing"));
        }
        return Ok(());
    }
    let is_broken = |path: &&PathBuf| path.as_os_str().as_encoded_bytes().contains(&b'\n');
    paths.iter().find(is_broken).map_or(Ok(()), |path| {
        let text = format!("the name {:?} does not fit on a line", path.to_string_lossy());
        Err(UsageError::new(text).hinted("`--out DIR` writes a file for each"))
    })
}

/// The file name, to which the extension of the result is added.
pub(super) fn file_name(path: &Path) -> OsString {
    path.file_name().unwrap_or_default().to_owned()
}
