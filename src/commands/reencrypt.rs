//! `kmsctl reencrypt`.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::{
    command::Run,
    context::{Context, Need, reading},
    files,
    sealed::Sealed,
};
use crate::{
    cli::{UsageError, answers, examples},
    encoding::{self, Ciphertext},
    io::{Input, Output},
    keystore::Keystore,
    model::{EncryptionContext, Version, answer},
    operation::{
        Resealed, SealError, copy_envelope, is_current_envelope, is_current_text, open_text, reseal_header,
        reseal_text,
    },
    render::Document,
    ui::{Measure, Progress},
};

/// Move ciphertexts to the newest version of their key
///
/// A text is decrypted and encrypted again; its plaintext is never written. Of an age file only the header is
/// rewritten, for every key in it that is on this token; the body is copied, and checked only with --verify. The new
/// ciphertext is decrypted once before it replaces the old one.
///
/// With a directory or several files, each ciphertext is replaced in place and other files are skipped.
#[derive(Debug, Args)]
#[command(add = answers!["" => FileReport, "several files or a directory" => Reports])]
#[command(after_help = examples![
    "One ciphertext" => "kmsctl reencrypt --context db --in password.kms --out password.kms",
    "All ciphertexts below a directory" => "kmsctl reencrypt --in /etc/app/secrets",
    "Is a ciphertext outdated? Exit code 3 means yes" => "kmsctl reencrypt --check --in /etc/app/secrets",
    "Are all files complete and authentic?" => "kmsctl reencrypt --check --verify --in /etc/app/secrets",
])]
pub struct Reencrypt {
    /// Files or directories; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::AnyPath, num_args = 1..)]
    input: Vec<PathBuf>,

    /// File for the new ciphertext of one input; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Context that was given to encrypt; it stays the same
    #[arg(long, value_name = "TEXT")]
    context: Option<EncryptionContext>,

    /// Change nothing and exit with 3 if a ciphertext is outdated: of an older version or form
    #[arg(long, conflicts_with = "out")]
    check: bool,

    /// Also decrypt the body of age files; one that is damaged or truncated is not replaced
    #[arg(long)]
    verify: bool,
}

/// The result for one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Reencrypted {
        from: Version,
        to: Version,
    },
    /// Found by `--check`.
    Outdated {
        from: Version,
        to: Version,
    },
    Current(Version),
    /// A file in a directory that is not a ciphertext for a token key.
    Skipped,
}

impl Fate {
    const fn word(self) -> &'static str {
        match self {
            Self::Reencrypted { .. } => "reencrypted",
            Self::Outdated { .. } => "outdated",
            Self::Current(_) => "current",
            Self::Skipped => "skipped",
        }
    }
}

/// The result for one input, and whether the body of an age file was authenticated (`None` for a text).
#[derive(Debug, Clone, Copy)]
struct Outcome {
    fate: Fate,
    verified: Option<bool>,
}

impl Outcome {
    /// The outcome for a text, which has no separate body to verify.
    const fn of_text(fate: Fate) -> Self {
        Self { fate, verified: None }
    }
}

answer! {
    /// The result for a ciphertext.
    pub struct FileReport {
        /// The file, or standard input
        file: String,
        /// reencrypted, outdated (with `--check`), current, skipped (not a ciphertext for this token) or failed
        status: &'static str,
        /// Version that it was encrypted with
        version: Option<Version>,
        /// Newest version of the key
        newest_version: Option<Version>,
        /// Whether the body of an age file was checked (`--verify`); null for a text
        body_verified: Option<bool>,
        /// Why it failed; null if it did not
        error: Option<String>,
    }
}

answer! {
    /// The results for several ciphertexts.
    pub struct Reports {
        /// Each file
        files: Vec<FileReport>,
        /// How many were re-encrypted
        reencrypted: usize,
        /// How many are outdated (with `--check`)
        outdated: usize,
        /// How many are current
        current: usize,
        /// How many were skipped
        skipped: usize,
        /// How many failed
        failed: usize,
    }
}

impl Run for Reencrypt {
    fn run(&self, context: &Context) -> Result<()> {
        let one = match self.input.as_slice() {
            [] => Some(Input::Stdin),
            [path] if !path.is_dir() => Some(Input::from_path(Some(path))),
            _ => None,
        };
        match one {
            Some(input) => of_one(context, self, &input),
            None if self.out.is_some() => Err(UsageError::new(
                "several files are re-encrypted in place: `--out` works with one file only",
            )
            .into()),
            None => of_many(context, self),
        }
    }

    fn prints_result(&self) -> bool {
        true
    }
}

fn of_one(context: &Context, arguments: &Reencrypt, input: &Input) -> Result<()> {
    let sealed = Sealed::open(&context.stdin, input)?;
    let opened = context.open(Need::Read)?;
    if context.settings.json && arguments.out.is_none() && !arguments.check {
        return Err(UsageError::new("standard output cannot be both the ciphertext and JSON")
            .hinted("write the ciphertext to a file with `--out FILE`")
            .into());
    }
    let output = Output::to(arguments.out.as_deref());
    let progress = match &sealed {
        Sealed::Envelope { meter, .. } if !arguments.check => {
            reading(&context.ui, "re-encrypting", meter, Some(&output))
        }
        _ => Progress::unseen(),
    };
    let outcome = renew(&opened.keystore, sealed, arguments, &output, true)?;
    drop(progress);
    if outcome.verified == Some(false) && !arguments.check {
        context.ui.status("the body was copied, not checked; `--verify` checks it");
    }
    if context.settings.json {
        context.print(&Document::of(&report(&input.to_string(), &Ok(outcome)), ""))?;
    }
    match outcome.fate {
        Fate::Outdated { .. } => Err(SealError::Outdated { old: 1, of: 1 }.into()),
        _ => Ok(()),
    }
}

/// Processes each file separately. A file that fails stays unchanged and does not stop the others.
fn of_many(context: &Context, arguments: &Reencrypt) -> Result<()> {
    let files = files::below(&arguments.input)?;
    let opened = context.open(Need::Read)?;
    let mut outcomes = Vec::new();
    let all = files.len() as u64;
    let progress = context.ui.progress("re-encrypting", Measure::Steps { total: Some(all) });
    for (number, (path, named)) in (0..).zip(files) {
        progress.at(number, all, path.display());
        let outcome = of_file(context, &opened.keystore, arguments, &path, named)
            .with_context(|| format!("cannot re-encrypt {}", path.display()));
        if let Err(error) = &outcome {
            let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
            context.ui.warning(causes.join(": "));
        }
        outcomes.push((path, outcome));
    }
    drop(progress);
    summarise(context, arguments.check, outcomes)
}

fn of_file(
    context: &Context,
    keystore: &Keystore,
    arguments: &Reencrypt,
    path: &Path,
    named: bool,
) -> Result<Outcome> {
    let sealed = match Sealed::open(&context.stdin, &Input::File(path.to_owned())) {
        Ok(sealed) => sealed,
        Err(error) if !named && is_other(&error, path) => return Ok(Outcome::of_text(Fate::Skipped)),
        Err(error) => return Err(error),
    };
    renew(keystore, sealed, arguments, &Output::to(Some(path)), false)
}

/// Whether to skip a file of a directory: it is not a ciphertext, or an age file for other recipients. A malformed file
/// named like a ciphertext counts as damaged instead.
fn is_other(error: &anyhow::Error, path: &Path) -> bool {
    if matches!(error.downcast_ref(), Some(SealError::NotForToken)) {
        return true;
    }
    let has_ciphertext_name =
        path.extension().is_some_and(|extension| extension == "kms" || extension == "age");
    let is_malformed = matches!(
        error.downcast_ref(),
        Some(encoding::Error::Malformed { .. } | encoding::Error::Unsupported(_))
    );
    is_malformed && !has_ciphertext_name
}

/// Checks whether a ciphertext is current. Decrypts it only with `--verify`.
fn check(keystore: &Keystore, sealed: Sealed, arguments: &Reencrypt) -> Result<Outcome> {
    let (is_current, selected) = match &sealed {
        Sealed::Text(ciphertext) => is_current_text(keystore, ciphertext)?,
        Sealed::Envelope { envelope, .. } => is_current_envelope(keystore, envelope)?,
    };
    let verified = match sealed {
        Sealed::Text(ciphertext) if arguments.verify => {
            open_text(keystore, &ciphertext, arguments.context.as_ref())?;
            None
        }
        Sealed::Envelope { envelope, body, .. } if arguments.verify => {
            envelope.unlock(keystore, arguments.context.as_ref())?.decrypt(body, io::sink())?;
            Some(true)
        }
        Sealed::Text(_) => None,
        Sealed::Envelope { .. } => Some(false),
    };
    let (from, to) = (selected.version, selected.key.current().version);
    let fate = if is_current { Fate::Current(from) } else { Fate::Outdated { from, to } };
    Ok(Outcome { fate, verified })
}

/// Re-encrypts a ciphertext, or only checks it with `--check`. A current one is copied to the output if `copy` is set,
/// and otherwise left alone.
fn renew(
    keystore: &Keystore,
    sealed: Sealed,
    arguments: &Reencrypt,
    output: &Output,
    copy: bool,
) -> Result<Outcome> {
    if arguments.check {
        return check(keystore, sealed, arguments);
    }
    match sealed {
        Sealed::Text(ciphertext) => {
            renew_text(keystore, &ciphertext, arguments, output, copy).map(Outcome::of_text)
        }
        Sealed::Envelope { envelope, body, is_armored, .. } => {
            let unlocked = envelope.unlock(keystore, arguments.context.as_ref())?;
            let from = unlocked.selected.version;
            let (header, selected) = reseal_header(keystore, &unlocked, arguments.context.as_ref())?;
            let output = output.clone().binary(!is_armored);
            let verifier = arguments.verify.then_some(&unlocked);
            let write = |header: &[u8], body| -> Result<()> {
                let mut writer = output.open()?;
                copy_envelope(header, body, &mut writer, is_armored, verifier)?;
                Ok(writer.commit()?)
            };
            let fate = match header {
                Resealed::Anew(header) => {
                    write(&header, body)?;
                    Fate::Reencrypted { from, to: selected.version }
                }
                Resealed::Current => {
                    if copy {
                        write(envelope.header_bytes(), body)?;
                    } else if let Some(unlocked) = verifier {
                        unlocked.decrypt(body, io::sink())?;
                    }
                    Fate::Current(from)
                }
            };
            Ok(Outcome { fate, verified: Some(arguments.verify) })
        }
    }
}

fn renew_text(
    keystore: &Keystore,
    ciphertext: &Ciphertext,
    arguments: &Reencrypt,
    output: &Output,
    copy: bool,
) -> Result<Fate> {
    let write = |ciphertext: &Ciphertext| output.write(format!("{ciphertext}\n").as_bytes());
    let (resealed, selected) = reseal_text(keystore, ciphertext, arguments.context.as_ref())?;
    match resealed {
        Resealed::Anew(sealed) => {
            write(&sealed)?;
            Ok(Fate::Reencrypted { from: ciphertext.key.version, to: selected.version })
        }
        Resealed::Current => {
            if copy {
                write(ciphertext)?;
            }
            Ok(Fate::Current(selected.version))
        }
    }
}

fn summarise(context: &Context, is_check: bool, outcomes: Vec<(PathBuf, Result<Outcome>)>) -> Result<()> {
    let done = || outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let count = |word: &str| done().filter(|outcome| outcome.fate.word() == word).count();
    let [reencrypted, outdated, current, skipped] =
        ["reencrypted", "outdated", "current", "skipped"].map(count);
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
    let first = if is_check { format!("{outdated} outdated") } else { format!("{reencrypted} re-encrypted") };
    context.ui.status(format!("{first}, {current} current, {skipped} skipped, {failed} failed"));
    if done().any(|outcome| outcome.verified == Some(false)) {
        context.ui.status("the bodies of age files were not checked; `--verify` checks them");
    }
    let files = outcomes.iter().map(|(path, outcome)| report(&path.display().to_string(), outcome)).collect();
    let reports = Reports { files, reencrypted, outdated, current, skipped, failed };
    context.print(&Document::of(&reports, ""))?;
    let total = reencrypted + outdated + current + failed;
    if let Some(error) = outcomes.into_iter().find_map(|(_, outcome)| outcome.err()) {
        let doing = if is_check { "checked" } else { "re-encrypted" };
        return Err(error.context(format!("{failed} of {total} ciphertexts could not be {doing}")));
    }
    if outdated > 0 { Err(SealError::Outdated { old: outdated, of: total }.into()) } else { Ok(()) }
}

fn report(name: &str, outcome: &Result<Outcome>) -> FileReport {
    let (word, versions, verified, error) = match outcome {
        Ok(Outcome { fate, verified }) => {
            let versions = match *fate {
                Fate::Reencrypted { from, to } | Fate::Outdated { from, to } => Some((from, to)),
                Fate::Current(version) => Some((version, version)),
                Fate::Skipped => None,
            };
            (fate.word(), versions, *verified, None)
        }
        Err(error) => ("failed", None, None, Some(error.root_cause().to_string())),
    };
    FileReport {
        file: name.to_owned(),
        status: word,
        version: versions.map(|(from, _)| from),
        newest_version: versions.map(|(_, to)| to),
        body_verified: verified,
        error,
    }
}
