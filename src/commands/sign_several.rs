//! `kmsctl sign` of several files: one login, a signature for each.

use std::{
    collections::HashSet,
    fs::File,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{
    context::{Context, Need, selection},
    key, sessions, sign,
};
use crate::{
    cli::{self, UsageError},
    encoding::{EcdsaForm, Encoding},
    io::Output,
    keystore::{Keystore, Selected},
    model::SignatureAlgorithm,
    operation::{self, Queue, choose_algorithm, digest_stream, work_in_order},
    render::Document,
    ui::{Measure, Progress},
};

/// What is the same for all files.
struct Job {
    selected: Selected,
    algorithm: SignatureAlgorithm,
    form: EcdsaForm,
}

pub(super) fn sign(context: &Context, arguments: &cli::sign::Sign) -> Result<()> {
    let encoding = sign::encoding(arguments.encoding);
    check(arguments, encoding)?;
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    key::warn_if_overdue(context, &selected.key);
    let algorithm = choose_algorithm(selected.key.kind(), arguments.algorithm)
        .with_context(|| format!("cannot sign with key {}", sign::describe(&selected)))?;
    let job = Job { selected, algorithm, form: sign::ecdsa_form(arguments.ecdsa) };
    let sessions = sessions::several(context, opened.keystore, arguments.jobs)?;
    let queue = Queue::new(arguments.input.len() as u64);
    for path in &arguments.input {
        queue.push(path.clone());
    }
    queue.close();
    let (mut shown, mut outcome) = (Vec::new(), Ok(()));
    // Signatures that go to the terminal one by one show how far things are.
    let progress = match &arguments.out {
        None if Output::to(None).is_terminal() => Progress::unseen(),
        _ => context.ui.progress("signing", Measure::Steps { total: Some(arguments.input.len() as u64) }),
    };
    work_in_order(
        &queue,
        sessions,
        |keystore, path| job.sign(keystore, &path).map(|signature| (path, signature)),
        |done| done,
        |ready| {
            let Some(done) = ready else { return ControlFlow::Continue(()) };
            let written = done.and_then(|(path, signature)| {
                deliver(context, arguments, encoding, &path, &signature, &mut shown)
            });
            progress.step();
            match written {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    // The first failure is the one that is told.
                    outcome = std::mem::replace(&mut outcome, Ok(())).and(Err(error));
                    ControlFlow::Break(())
                }
            }
        },
    );
    drop(progress);
    outcome?;
    if context.settings.json {
        return context.print(&Document::new(job.describe(&shown), ""));
    }
    Ok(())
}

/// Several inputs need several places for what comes out.
fn check(arguments: &cli::sign::Sign, encoding: Encoding) -> Result<(), UsageError> {
    if arguments.digest {
        return Err(UsageError::new("a digest is signed one at a time"));
    }
    if arguments.input.iter().any(|path| path == "-") {
        return Err(UsageError::new("standard input cannot be one of several files"));
    }
    match &arguments.out {
        Some(directory) if !directory.is_dir() => {
            return Err(UsageError::new(format!("{} is no directory", directory.display()))
                .hinted("several signatures go to a directory that is there"));
        }
        None if encoding == Encoding::Binary => {
            return Err(UsageError::new("several binary signatures do not fit on one stream")
                .hinted("`--out DIR` writes a file for each"));
        }
        _ => {}
    }
    let mut names = HashSet::new();
    match arguments.input.iter().find(|path| !names.insert(path.file_name())) {
        Some(path) if arguments.out.is_some() => Err(UsageError::new(format!(
            "{} has the name of another file, so that their signatures would have one name",
            path.display()
        ))),
        _ => Ok(()),
    }
}

impl Job {
    fn sign(&self, keystore: &Keystore, path: &Path) -> Result<Vec<u8>> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let input =
            digest_stream(self.algorithm, file).with_context(|| format!("cannot read {}", path.display()))?;
        let raw = operation::sign(keystore, &self.selected, self.algorithm, input)?;
        match self.algorithm {
            SignatureAlgorithm::Ecdsa => Ok(self.form.write(&raw)?),
            SignatureAlgorithm::Rsa(..) => Ok(raw),
        }
    }

    fn describe(&self, signatures: &[Value]) -> Value {
        json!({
            "signatures": signatures,
            "algorithm": self.algorithm.name(),
            "label": self.selected.key.label,
            "ckaId": self.selected.version().id.to_string(),
            "version": self.selected.version().version.number(),
        })
    }
}

/// Into a file of its own, or onto a line with the file's name, as `sha256sum` does it.
fn deliver(
    context: &Context,
    arguments: &cli::sign::Sign,
    encoding: Encoding,
    path: &Path,
    signature: &[u8],
    shown: &mut Vec<Value>,
) -> Result<()> {
    let text = encoding.encode(signature);
    let mut place = None;
    if let Some(directory) = &arguments.out {
        let target = signature_path(directory, path);
        let line_end: &[u8] = if encoding == Encoding::Binary { b"" } else { b"\n" };
        Output::to(Some(&target)).write(&[&text, line_end].concat())?;
        place = Some(target);
    } else if !context.settings.json {
        let line = [&text, &b"  "[..], path.as_os_str().as_encoded_bytes(), b"\n"].concat();
        Output::to(None).write(&line)?;
    }
    if context.settings.json {
        shown.push(json!({
            "file": path.to_string_lossy(),
            "signature": sign::text_in_json(encoding, signature),
            "out": place.map(|place| place.to_string_lossy().into_owned()),
        }));
    }
    Ok(())
}

fn signature_path(directory: &Path, path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".sig");
    directory.join(name)
}
