//! `kmsctl reencrypt`.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{
    context::{Context, Need},
    sealed::{PIECE, Sealed},
};
use crate::{
    cli::{UsageError, ciphertext::Reencrypt},
    encoding::{self, Ciphertext},
    io::{Input, Output},
    keystore::Keystore,
    model::Version,
    operation::{Resealed, SealError, is_current, reseal_header, reseal_text},
    render::Document,
    ui::{Measure, Progress},
};

/// What became of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Sealed by the newest version, now or (with `--check`) not yet.
    Old {
        from: Version,
        to: Version,
    },
    Current(Version),
    /// A file of a directory that is no ciphertext.
    Other,
}

pub(super) fn reencrypt(context: &Context, arguments: &Reencrypt) -> Result<()> {
    let one = match arguments.input.as_slice() {
        [] => Some(Input::Stdin),
        [path] if !path.is_dir() => Some(Input::from_path(Some(path))),
        _ => None,
    };
    match one {
        Some(input) => of_one(context, arguments, &input),
        None if arguments.out.is_some() => Err(UsageError::new("several files are replaced where they are")
            .hinted("leave `--out` out, or name one file by `--in`")
            .into()),
        None => of_many(context, arguments),
    }
}

fn of_one(context: &Context, arguments: &Reencrypt, input: &Input) -> Result<()> {
    let sealed = Sealed::open(context, input)?;
    let opened = context.open(Need::Read)?;
    if arguments.check {
        let outcome = check(&opened.keystore, &sealed)?;
        context.print(&Document::new(report(&input.to_string(), &Ok(outcome)), ""))?;
        return match outcome {
            Outcome::Old { .. } => Err(SealError::Outdated { old: 1, of: 1 }.into()),
            _ => Ok(()),
        };
    }
    if context.settings.json && arguments.out.is_none() {
        return Err(UsageError::new("standard output cannot be both the ciphertext and JSON")
            .hinted("name a file for the ciphertext by `--out`")
            .into());
    }
    let output = Output::to(arguments.out.as_deref());
    let progress = match &sealed {
        Sealed::Envelope { meter, .. } => context.reading("re-encrypting", meter, &output),
        Sealed::Text(_) => Progress::unseen(),
    };
    let outcome = renew(&opened.keystore, sealed, arguments, &output, true)?;
    drop(progress);
    if context.settings.json {
        context.print(&Document::new(report(&input.to_string(), &Ok(outcome)), ""))?;
    }
    Ok(())
}

/// Each file by itself: one that fails stays as it was and does not hold up the others.
fn of_many(context: &Context, arguments: &Reencrypt) -> Result<()> {
    let files = files(&arguments.input)?;
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
    let sealed = match Sealed::open(context, &Input::File(path.to_owned())) {
        Ok(sealed) => sealed,
        Err(error) if !named && is_other(&error) => return Ok(Outcome::Other),
        Err(error) => return Err(error),
    };
    if arguments.check {
        return check(keystore, &sealed);
    }
    renew(keystore, sealed, arguments, &Output::to(Some(path)), false)
}

/// A file without the marks of a ciphertext, or an age file for others.
fn is_other(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(encoding::Error::Malformed { .. } | encoding::Error::Unsupported(_)))
        || matches!(error.downcast_ref(), Some(SealError::NotForToken))
}

fn check(keystore: &Keystore, sealed: &Sealed) -> Result<Outcome> {
    let (current, selected) = is_current(keystore, sealed.key())?;
    let from = selected.version;
    Ok(if current {
        Outcome::Current(from)
    } else {
        Outcome::Old { from, to: selected.key.current().version }
    })
}

/// Writes the ciphertext anew. One that is current is copied where `copy` asks for it, and else left alone.
fn renew(
    keystore: &Keystore,
    sealed: Sealed,
    arguments: &Reencrypt,
    output: &Output,
    copy: bool,
) -> Result<Outcome> {
    match sealed {
        Sealed::Text(ciphertext) => renew_text(keystore, &ciphertext, arguments, output, copy),
        Sealed::Envelope { envelope, body, .. } => {
            let unlocked = envelope.unlock(keystore, arguments.context.as_ref())?;
            let from = unlocked.selected.version;
            let (header, selected) = reseal_header(keystore, &unlocked, arguments.context.as_ref())?;
            match header {
                Resealed::Anew(header) => {
                    write_envelope(output, &header, body)?;
                    Ok(Outcome::Old { from, to: selected.version })
                }
                Resealed::Current => {
                    if copy {
                        write_envelope(output, envelope.header_bytes(), body)?;
                    }
                    Ok(Outcome::Current(from))
                }
            }
        }
    }
}

fn renew_text(
    keystore: &Keystore,
    ciphertext: &Ciphertext,
    arguments: &Reencrypt,
    output: &Output,
    copy: bool,
) -> Result<Outcome> {
    let write = |ciphertext: &Ciphertext| output.write(format!("{ciphertext}\n").as_bytes());
    let (resealed, selected) = reseal_text(keystore, ciphertext, arguments.context.as_ref())?;
    match resealed {
        Resealed::Anew(sealed) => {
            write(&sealed)?;
            Ok(Outcome::Old { from: ciphertext.key.version, to: selected.version })
        }
        Resealed::Current => {
            if copy {
                write(ciphertext)?;
            }
            Ok(Outcome::Current(selected.version))
        }
    }
}

fn write_envelope(output: &Output, header: &[u8], body: Box<dyn BufRead>) -> Result<()> {
    let mut writer = output.clone().binary(true).open()?;
    writer.write_all(header)?;
    copy_body(body, &mut writer)?;
    Ok(writer.commit()?)
}

/// By the reader's own buffer: the body goes through memory once.
fn copy_body(mut body: Box<dyn BufRead>, output: &mut impl Write) -> io::Result<()> {
    loop {
        let piece = match body.fill_buf() {
            Ok([]) => return Ok(()),
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        output.write_all(piece)?;
        let length = piece.len();
        debug_assert!(length <= PIECE);
        body.consume(length);
    }
}

/// The files that are meant, and whether each was named itself. Directories are searched in the order of names; links
/// in them are not followed, so that nothing is done twice or elsewhere.
fn files(inputs: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let mut found = Vec::new();
    for input in inputs {
        if input.is_dir() {
            search(input, &mut found)?;
        } else {
            found.push((input.clone(), true));
        }
    }
    Ok(found)
}

fn search(directory: &Path, found: &mut Vec<(PathBuf, bool)>) -> Result<()> {
    let unreadable = || format!("cannot read {}", directory.display());
    let entries = fs::read_dir(directory).with_context(unreadable)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().with_context(unreadable)?;
    paths.sort();
    for path in paths {
        let kind = fs::symlink_metadata(&path).with_context(unreadable)?.file_type();
        if kind.is_dir() {
            search(&path, found)?;
        } else if kind.is_file() {
            found.push((path, false));
        }
    }
    Ok(())
}

fn summarise(context: &Context, is_check: bool, outcomes: Vec<(PathBuf, Result<Outcome>)>) -> Result<()> {
    let count =
        |wanted: fn(&Result<Outcome>) -> bool| outcomes.iter().filter(|(_, outcome)| wanted(outcome)).count();
    let old = count(|outcome| matches!(outcome, Ok(Outcome::Old { .. })));
    let current = count(|outcome| matches!(outcome, Ok(Outcome::Current(_))));
    let other = count(|outcome| matches!(outcome, Ok(Outcome::Other)));
    let failed = count(Result::is_err);
    let word = if is_check { "old" } else { "re-encrypted" };
    context.ui.status(format!("{old} {word}, {current} current, {other} passed over, {failed} failed"));
    let reports: Vec<_> =
        outcomes.iter().map(|(path, outcome)| report(&path.display().to_string(), outcome)).collect();
    let json = json!({
        "files": reports, "old": old, "current": current, "passedOver": other, "failed": failed,
    });
    context.print(&Document::new(json, ""))?;
    let total = old + current + failed;
    if let Some(error) = outcomes.into_iter().find_map(|(_, outcome)| outcome.err()) {
        return Err(error.context(format!("{failed} of {total} ciphertexts could not be re-encrypted")));
    }
    if is_check && old > 0 { Err(SealError::Outdated { old, of: total }.into()) } else { Ok(()) }
}

fn report(name: &str, outcome: &Result<Outcome>) -> Value {
    let (status, from, to, error) = match outcome {
        Ok(Outcome::Old { from, to }) => ("old", Some(*from), Some(*to), None),
        Ok(Outcome::Current(version)) => ("current", Some(*version), Some(*version), None),
        Ok(Outcome::Other) => ("passed over", None, None, None),
        Err(error) => ("failed", None, None, Some(error.root_cause().to_string())),
    };
    json!({"file": name, "status": status, "version": from, "newestVersion": to, "error": error})
}
