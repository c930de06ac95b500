//! `kmsctl batch`.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::Result;
use clap::{Args, ValueHint};
use serde_json::value::RawValue;
use signal_hook::{consts::SIGINT, iterator::Signals, low_level::emulate_default_handler};

use super::{
    command::Run,
    context::{Context, Need},
    sessions,
};
use crate::{
    cli::{answers, examples, values},
    failure::{ErrorView, Failure},
    io::{Input, Output, Reader},
    model::{answer, exit},
    operation::{
        BatchError, BatchResult, Link, MAX_REQUEST, Queue, Request, RequestError, Rest, Worker, Workers,
        batch_reference, work_in_order,
    },
    ui::{Measure, Progress},
};

/// Do many operations with one login (JSON lines in, JSON lines out)
///
/// A request names the operation, the key and the input; a member "ref" is copied
/// to the answer. Answers come in the order of the requests, each with "result"
/// or with "error", as other commands print them with --json. A request that
/// fails does not stop the others. Binary data is base64.
///
///   {"op":"sign","label":"web","algorithm":"ES256","data":"aGk=","ref":1}
///   {"op":"verify","label":"web","data":"aGk=","signature":"MEUC..."}
///   {"op":"encrypt","label":"data","data":"aGk=","context":"row 7"}
///   {"op":"decrypt","ciphertext":"kms:v1:...","context":"row 7"}
///   {"op":"reencrypt","ciphertext":"kms:v1:..."}
///   {"op":"datakey","label":"data","bits":256,"plaintext":true}
///   {"op":"jwt-sign","label":"web","claims":{"sub":"alice"},"ttl":"15m"}
///   {"op":"random","bytes":32}
///
/// A key is named by "label", "id" or "uri", and "version"; instead of "data",
/// sign and verify take "digest".
///
/// The exit code is 3 if the answer to a request is no (a signature that is not
/// valid, a ciphertext that is not authentic), else 1 if a request failed. Ctrl-C
/// finishes the current requests and exits with 130.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(add = answers!["each line, also without `--json`" => BatchLine])]
#[command(after_help = examples![
    "Requests from a file" => "kmsctl batch --in requests.ndjson --out answers.ndjson",
    "From a pipe, with four sessions, until the first failure" => "make-requests | kmsctl batch --jobs 4 --fail-fast",
])]
pub struct Batch {
    /// File with the requests; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,

    /// File for the answers; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Number of parallel sessions (default: one, and one per processor if the token is slow)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    jobs: Option<usize>,

    /// Stop after the first request that fails or whose answer is no; requests that are being processed are answered too
    #[arg(long)]
    fail_fast: bool,
}

answer! {
    /// A line of the answers.
    struct BatchLine<'a> {
        /// The "ref" of the request; null if it has none
        reference = "ref": &'a RawValue,
        /// The result; left out if the request failed
        result if "Option::is_none": Option<&'a BatchResult>,
        /// The error, as other commands print it; left out if the request succeeded
        error if "Option::is_none": Option<ErrorView<'a>>,
    }
}

/// An output line and its verdict.
struct Answer {
    line: String,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Done,
    /// The request succeeded with a negative answer: an invalid signature or an inauthentic ciphertext.
    No,
    Failed,
}

impl Run for Batch {
    fn run(&self, context: &Context) -> Result<()> {
        let input = Input::from_path(self.input.as_deref());
        let requests = input.open(&context.stdin, "the requests")?;
        let typed = requests.meter().typed;
        let opened = context.open(Need::Read)?;
        let keystores = sessions::several(context, opened.keystore, sessions::wanted(self.jobs))?;
        let link = Arc::new(Link::new(context.reconnect()?));
        // Large enough that a slow request does not stall the other workers; bounds the memory in use.
        let queue = Queue::new((8 * keystores.len() as u64).max(64));
        let workers =
            keystores.into_iter().map(|keystore| Worker::new(keystore, Arc::clone(&link))).collect();
        let workers = if self.jobs.is_some() { Workers::All(workers) } else { Workers::AsNeeded(workers) };
        let interrupted = stop_on_interrupt(&queue)?;
        let unreadable = feed(requests, &queue);
        // Decrypted data and data keys may be among the answers.
        let output = Output::to(self.out.as_deref()).private();
        let mut answers = output.open()?;
        let progress = if typed || output.is_terminal() {
            Progress::unseen()
        } else {
            context.ui.progress("answered", Measure::Steps { total: None })
        };
        let clock = context.clock();
        let (mut answered, mut said_no, mut failed, mut written) = (0, 0, 0, Ok(()));
        let mut announced = false;
        work_in_order(
            &queue,
            workers,
            |worker, job: Job| {
                let rest = job.request.map_err(Into::into).and_then(|request| worker.run(request, clock()));
                (job.reference, rest)
            },
            |(reference, rest)| {
                let answer = answer(&reference, &rest.and_then(Rest::finish));
                if answer.verdict != Verdict::Done && self.fail_fast {
                    queue.stop();
                }
                answer
            },
            |ready: Option<Answer>| {
                // Requests in progress still finish after the reader has closed its end.
                if written.is_err() {
                    return ControlFlow::Break(());
                }
                let Some(answer) = ready else {
                    written = answers.flush();
                    return continue_if(written.is_ok());
                };
                if !announced && let Some(label) = link.asking_key() {
                    announced = true;
                    announce(context, &label, &input);
                }
                answered += 1;
                progress.step();
                said_no += u64::from(answer.verdict == Verdict::No);
                failed += u64::from(answer.verdict == Verdict::Failed);
                written = answers.write_all(answer.line.as_bytes());
                continue_if(written.is_ok() && !(answer.verdict != Verdict::Done && self.fail_fast))
            },
        );
        drop(progress);
        written?;
        answers.commit()?;
        let unreadable = unreadable.lock().unwrap_or_else(PoisonError::into_inner).take();
        if interrupted.load(Ordering::SeqCst) {
            return Err(BatchError::Interrupted { answered }.into());
        }
        match unreadable {
            Some(error) => Err(error.into()),
            None if said_no > 0 => Err(BatchError::No { said_no, failed, answered }.into()),
            None if failed > 0 => Err(BatchError::Failed { failed, answered }.into()),
            None => Ok(()),
        }
    }

    fn prints_result(&self) -> bool {
        true
    }

    /// Batch reconnects between requests instead.
    fn may_start_again(&self) -> bool {
        false
    }
}

/// Announces that a key asks for the PIN at each use, with the number of requests in the file as the upper bound of logins.
fn announce(context: &Context, label: &str, input: &Input) {
    let count = match input {
        Input::File(path) if path.is_file() => File::open(path).ok().map(|requests| {
            let lines = BufReader::new(requests).split(b'\n').map_while(io::Result::ok);
            let requests = lines.filter(|line| !line.trim_ascii().is_empty()).count();
            format!(", at most {requests} in this batch")
        }),
        _ => None,
    };
    let count = count.unwrap_or_default();
    context.ui.status(format!("key {label:?} asks for the PIN at each use: each request is a login{count}"));
}

fn continue_if(yes: bool) -> ControlFlow<()> {
    if yes { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// The hint for a request, which has members in place of options; `None` if it names an option that no member replaces.
fn for_request(hint: &str) -> Option<String> {
    const MEMBERS: &[(&str, &str)] = &[
        ("--label", "label"),
        ("--id", "id"),
        ("--key-version", "version"),
        ("--algorithm", "algorithm"),
        ("--context", "context"),
        ("--ecdsa", "ecdsa"),
        ("--ttl", "ttl"),
        ("--kid", "kid"),
    ];
    let parts = hint.split('`').enumerate().map(|(at, part)| {
        if at % 2 == 1 && part.starts_with("kmsctl") {
            return Some(part.to_owned());
        }
        let reworded = MEMBERS.iter().fold(part.to_owned(), |part, (option, member)| {
            let words = part
                .split(' ')
                .map(|word| if word == *option { format!("{member:?}") } else { word.to_owned() });
            words.collect::<Vec<_>>().join(" ")
        });
        (!reworded.contains("--")).then_some(reworded)
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("`"))
}

fn answer(reference: &str, result: &Result<BatchResult>) -> Answer {
    let failure = result.as_ref().err().map(|error| Failure::new(error).with_hint(for_request));
    let said_no = result.as_ref().is_ok_and(|result| result.valid == Some(false));
    let verdict = match failure.as_ref().map(Failure::exit) {
        Some(exit::NO) => Verdict::No,
        Some(_) => Verdict::Failed,
        None if said_no => Verdict::No,
        None => Verdict::Done,
    };
    let line = BatchLine {
        reference: serde_json::from_str(reference).unwrap_or(RawValue::NULL),
        result: result.as_ref().ok(),
        error: failure.as_ref().map(Failure::view),
    };
    // Infallible: the line holds only strings and numbers.
    Answer { line: serde_json::to_string(&line).unwrap_or_default() + "\n", verdict }
}

/// An input line, parsed as far as possible without a token.
struct Job {
    reference: String,
    request: Result<Request, RequestError>,
}

impl Job {
    fn new(line: &[u8]) -> Self {
        Self { reference: batch_reference(line), request: Request::parse(line) }
    }
}

/// Reads requests in a separate thread, so that sessions are not blocked by input and an interrupt takes effect before
/// the next line arrives. Skips blank lines.
fn feed(requests: Reader, queue: &Queue<Job>) -> Arc<Mutex<Option<io::Error>>> {
    let unreadable = Arc::new(Mutex::new(None));
    let (queue, error) = (queue.clone(), Arc::clone(&unreadable));
    thread::spawn(move || {
        let mut requests = BufReader::with_capacity(64 * 1024, requests);
        loop {
            match read_line(&mut requests) {
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => {
                    if !queue.push(Job::new(&line)) {
                        break;
                    }
                }
                Ok(None) => break,
                Err(failure) => {
                    *error.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                    break;
                }
            }
        }
        queue.close();
    });
    unreadable
}

/// Returns the next line without its line ending. An overlong line is cut just past the limit, so that it is still
/// recognised as too long.
fn read_line(requests: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let available = match requests.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(Some(line).filter(|line| !line.is_empty()));
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        let room = (MAX_REQUEST + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        requests.consume(used);
        if end.is_some() {
            // Distinguishes an empty line from the end of the input.
            return Ok(Some(if line.is_empty() { vec![b' '] } else { line }));
        }
    }
}

/// The first Ctrl-C lets the current requests finish; the second one kills the program.
fn stop_on_interrupt(queue: &Queue<Job>) -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let mut signals = Signals::new([SIGINT])?;
    let (queue, flag) = (queue.clone(), Arc::clone(&interrupted));
    thread::spawn(move || {
        for signal in signals.forever() {
            if flag.swap(true, Ordering::SeqCst) {
                let _ = emulate_default_handler(signal);
            }
            queue.stop();
        }
    });
    Ok(interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_may_lack_a_newline() {
        let long = [vec![b'a'; 3 * MAX_REQUEST], b"\nb\r\n\nc".to_vec()].concat();
        let mut input = BufReader::with_capacity(7, &long[..]);
        let mut next = || read_line(&mut input).expect("memory");
        assert_eq!(next().map(|line| line.len()), Some(MAX_REQUEST + 1));
        assert_eq!(next(), Some(b"b\r".to_vec()));
        assert_eq!(next(), Some(b" ".to_vec()));
        assert_eq!(next(), Some(b"c".to_vec()));
        assert_eq!(next(), None);
    }

    #[test]
    fn a_hint_names_members_of_a_request() {
        let reworded = |hint| for_request(hint);
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(reworded("leave out `--key-version`"), of("leave out `\"version\"`"));
        assert_eq!(reworded("`kmsctl key enable --label k`"), of("`kmsctl key enable --label k`"));
        assert_eq!(reworded("select one:\n  --id 0a  (\"k\")"), of("select one:\n  \"id\" 0a  (\"k\")"));
        assert_eq!(reworded("use `--public-key FILE`"), None);
    }
}
