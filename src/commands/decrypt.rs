//! `kmsctl decrypt`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Result;
use clap::{Args, ValueHint};

use super::{
    command::Run,
    context::{Context, Need, selection},
    inputs::{Inputs, Job, Task},
    sealed::{Sealed, SealedBy},
    sessions,
};
use crate::{
    cli::{UsageError, VersionSelection, answers, examples, select, values},
    encoding::{Ciphertext, Encoding, KeyName},
    io::Output,
    keystore::{Keystore, Operation, Selected},
    model::{EncryptionContext, Version, answer},
    operation::{Opened, SealError, open_text, open_text_with},
    render::Document,
    token::is_lost,
    ui::Ui,
};

/// Decrypt what `kmsctl encrypt` made
///
/// The ciphertext says which key and version encrypted it; each enabled version decrypts what it encrypted. A key that
/// you name is tried whatever the ciphertext says.
///
/// Only authenticated plaintext is printed, and an output file is only written when the whole input is authentic. A
/// long age file is printed to standard output piece by piece: with exit code 3, what was printed is not complete.
///
/// Several files NAME.kms or NAME.age are decrypted with one login to files NAME in the directory --out.
#[derive(Debug, Args)]
#[command(add = answers!["" => Decrypted, "several files" => Plaintexts])]
#[command(after_help = examples![
    "A file, written only if all of it is authentic" => "kmsctl decrypt --in srv.tar.age --out srv.tar",
    "With a key that was imported from another token" => "kmsctl decrypt --label app --context db --in password.kms",
    "A password, to standard output" => "kmsctl decrypt --context db --in password.kms",
    "Several files at once" => "kmsctl decrypt --in sealed/db.conf.kms --in sealed/mail.conf.kms --out /run/app",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version of the key that is named (default: every enabled version)")
))]
pub struct Decrypt {
    #[command(flatten)]
    key: VersionSelection,

    /// File to decrypt; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Vec<PathBuf>,

    /// File of mode 0600 for the plaintext, replaced if it exists, or directory for those of several files, made if missing; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Number of files to decrypt at a time (default: the number of processors)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    jobs: Option<usize>,

    /// Context that was given to encrypt
    #[arg(long, value_name = "TEXT")]
    context: Option<EncryptionContext>,
}

answer! {
    /// What was decrypted.
    pub struct Decrypted {
        ..key: SealedBy,
        /// The plaintext; left out where it went to the file of `--out`
        plaintext if "Option::is_none": Option<String>,
    }
}

answer! {
    /// One of several files that were decrypted.
    pub struct FilePlaintext {
        ..key: SealedBy,
        /// The file
        file: String,
        /// File that the plaintext was written to
        out: String,
    }
}

answer! {
    /// Several files that were decrypted.
    pub struct Plaintexts {
        /// Each file, in the order in which they were given
        plaintexts: Vec<FilePlaintext>,
    }
}

/// Decryption as a task on inputs.
const TASK: Task = Task { verb: "decrypt", doing: "decrypting", ending: "", name: plain_name };

/// The key that an input was encrypted with, and for JSON without `--out` the plaintext in base64.
struct Report {
    format: &'static str,
    name: KeyName,
    label: String,
    plaintext: Option<String>,
}

impl Run for Decrypt {
    fn run(&self, context: &Context) -> Result<()> {
        if self.key.key_version.is_some() && !self.key.key.is_given() {
            let error = UsageError::new("the ciphertext says which version encrypted it");
            return Err(error.hinted("to try this version, name the key too: `--label LABEL`").into());
        }
        if self.input.len() > 1 && self.out.is_none() {
            return Err(UsageError::new("several plaintexts do not fit on one stream")
                .hinted("`--out DIR` writes a file for each")
                .into());
        }
        let inputs = Inputs::new(TASK, &self.input, self.out.as_deref())?;
        // Refuses anything that is not a ciphertext before asking for a PIN.
        let single = (!inputs.are_many()).then(|| Sealed::open(&context.stdin, &inputs.first().input));
        let single = single.transpose()?;
        let json = context.settings.json;
        if matches!(single, Some(Sealed::Envelope { .. })) && json && self.out.is_none() {
            return Err(UsageError::new("the content of an age file does not fit into JSON")
                .hinted("write it to a file with `--out FILE`")
                .into());
        }
        let opened = context.open(Need::Read)?;
        // Which key decrypts a file shows when it is read.
        if inputs.are_many() && opened.keystore.session().has_always_authenticate_key() {
            let count = self.input.len();
            context.ui.status(format!(
                "a key of this token asks for the PIN at each use: {count} files take up to {count} logins"
            ));
        }
        let workers = sessions::several(context, opened.keystore, inputs.workers(self.jobs))?;
        let (single, ui, stdin) = (Mutex::new(single), &context.ui, &context.stdin);
        let mut reports = Vec::new();
        let worked = inputs.work(
            context,
            workers,
            |keystore, job| {
                let opened = single.lock().unwrap_or_else(PoisonError::into_inner).take();
                let sealed = opened.map_or_else(|| Sealed::open(stdin, &job.input), Ok)?;
                self.unseal(keystore, sealed, job, json, ui)
            },
            |job, report| {
                let Report { name, label, .. } = &report;
                context.ui.detail(format!("decrypted with version {} of {label:?}", name.version));
                if json {
                    reports.push((job, report));
                }
                Ok(())
            },
        );
        inputs.report(worked, || if json { print(context, reports, !inputs.are_many()) } else { Ok(()) })
    }

    fn prints_result(&self) -> bool {
        true
    }
}

impl Decrypt {
    /// Decrypts an input. A file is written only if all of the plaintext is authentic.
    fn unseal(&self, keystore: &Keystore, sealed: Sealed, job: &Job, json: bool, ui: &Ui) -> Result<Report> {
        let keys: Vec<_> = sealed.keys().into_iter().cloned().collect();
        self.unseal_as(keystore, sealed, job, json, ui).map_err(|error| self.blamed(keystore, &keys, error))
    }

    /// The error, or that another key of this token than the one in the options encrypted the input.
    fn blamed(&self, keystore: &Keystore, keys: &[KeyName], error: anyhow::Error) -> anyhow::Error {
        use SealError as E;
        let is_of_key = matches!(
            error.downcast_ref(),
            Some(E::NotAuthentic { .. } | E::OtherKind { .. } | E::OtherForm { .. })
        );
        if !is_of_key || !self.key.key.is_given() {
            return error;
        }
        let Ok(named) = keystore.select(&selection(&self.key.key, None)) else { return error };
        let Ok(name) = keystore.name_of(&named) else { return error };
        if keys.iter().any(|key| key.tag == name.tag) {
            return error;
        }
        match keys.iter().find_map(|key| keystore.select_named(key).ok()) {
            Some(of) => E::OtherKey { named: named.key.label, of: of.key.label }.into(),
            None => error,
        }
    }

    fn unseal_as(
        &self,
        keystore: &Keystore,
        sealed: Sealed,
        job: &Job,
        json: bool,
        ui: &Ui,
    ) -> Result<Report> {
        let (mut name, format) = (sealed.keys()[0].clone(), sealed.format());
        let output = Output::to(job.out.as_deref()).private();
        let (label, plaintext) = match sealed {
            Sealed::Text(ciphertext) => {
                let opened = open(keystore, self, &ciphertext)?;
                let plaintext = opened.plaintext.expose();
                let shown = (json && job.out.is_none())
                    .then(|| String::from_utf8_lossy(&Encoding::Base64.encode(plaintext)).into_owned());
                if shown.is_none() {
                    output.binary(!is_text(plaintext)).write(plaintext)?;
                }
                (opened.selected.key.label, shown)
            }
            Sealed::Envelope { envelope, body, meter, .. } => {
                let context = self.context.as_ref();
                let likely = likely_key(keystore, self, &name)
                    .and_then(|key| envelope.unlock_with(keystore, &[key], context).ok());
                let unlocked = match likely {
                    Some(unlocked) => unlocked,
                    None => match named_keys(keystore, self, name.version)? {
                        Some(keys) => envelope.unlock_with(keystore, &keys, context),
                        None => envelope.unlock(keystore, context),
                    }?,
                };
                let output = output.binary(true);
                let mut writer = output.open()?;
                let _progress = job.progress(ui, "decrypting", &meter, Some(&output));
                unlocked.decrypt(body, &mut writer)?;
                writer.commit()?;
                name = unlocked.name().clone();
                (unlocked.selected.key.label.clone(), None)
            }
        };
        Ok(Report { format, name, label, plaintext })
    }
}

fn print(context: &Context, mut reports: Vec<(&Job, Report)>, is_single: bool) -> Result<()> {
    let key = |report: &Report| SealedBy::new(report.format, &report.name, Some(&report.label));
    context.print(&if let Some((_, report)) = reports.pop_if(|_| is_single) {
        Document::of(&Decrypted { key: key(&report), plaintext: report.plaintext }, "")
    } else {
        let plaintexts = reports.into_iter().map(|(job, report)| FilePlaintext {
            key: key(&report),
            file: job.input.to_string(),
            out: job.out.as_deref().unwrap_or(Path::new("")).to_string_lossy().into_owned(),
        });
        Document::of(&Plaintexts { plaintexts: plaintexts.collect() }, "")
    })
}

/// The file name without the extension that `encrypt` added.
fn plain_name(file: &Path) -> Result<OsString, UsageError> {
    let is_ours = file.extension().is_some_and(|extension| extension == "kms" || extension == "age");
    match file.file_stem() {
        Some(name) if is_ours => Ok(name.to_owned()),
        _ => Err(UsageError::new(format!("{} does not end in .kms or .age", file.display()))
            .hinted("decrypt it separately with `--out FILE`")),
    }
}

/// Decrypts a text with the key in the options, if any, else with the key that the ciphertext names.
fn open(keystore: &Keystore, arguments: &Decrypt, ciphertext: &Ciphertext) -> Result<Opened> {
    let context = arguments.context.as_ref();
    let likely = likely_key(keystore, arguments, &ciphertext.key);
    if let Some(opened) = likely.and_then(|key| open_text_with(keystore, key, ciphertext, context).ok()) {
        return Ok(opened);
    }
    let Some(keys) = named_keys(keystore, arguments, ciphertext.key.version)? else {
        return open_text(keystore, ciphertext, context);
    };
    let mut first = None;
    for key in keys {
        match open_text_with(keystore, key, ciphertext, context) {
            Ok(opened) => return Ok(opened),
            Err(error) if is_lost(&error) => return Err(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| anyhow::anyhow!("the key has no version")))
}

/// The version that a ciphertext names, if it is one of the key in the options.
fn likely_key(keystore: &Keystore, arguments: &Decrypt, name: &KeyName) -> Option<Selected> {
    if !arguments.key.key.is_given() {
        return None;
    }
    let version = arguments.key.key_version.unwrap_or(name.version);
    let key = keystore.select_version(&selection(&arguments.key.key, Some(version))).ok()?;
    let is_named = keystore.name_of(&key).is_ok_and(|of_key| of_key == *name);
    (is_named && key.allow(Operation::Decrypt).is_ok()).then_some(key)
}

/// The versions to try of the key in the options, if any: the requested one, else all usable ones, `likely` first.
fn named_keys(keystore: &Keystore, arguments: &Decrypt, likely: Version) -> Result<Option<Vec<Selected>>> {
    if !arguments.key.key.is_given() {
        return Ok(None);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    if wanted.names_version() {
        return Ok(Some(vec![keystore.select_version(&wanted)?]));
    }
    let selected = keystore.select(&wanted)?;
    let mut versions: Vec<_> = selected.key.versions.iter().rev().map(|version| version.version).collect();
    versions.sort_by_key(|version| *version != likely);
    let usable: Vec<_> = versions
        .into_iter()
        .map(|version| selected.at(version))
        // The version in the ciphertext is kept even if it is disabled, so that the error says so.
        .filter(|one| one.version == likely || one.allow(Operation::Decrypt).is_ok())
        .collect();
    // Without a usable version, the error of the selected one gives the reason.
    Ok(Some(if usable.is_empty() { vec![selected] } else { usable }))
}

/// Whether a terminal shows these bytes as plain text.
fn is_text(bytes: &[u8]) -> bool {
    let harmless = |c: char| !c.is_control() || c == '\n' || c == '\t';
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(harmless))
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn control_sequences_are_not_text() {
        assert!(is_text("läuft\n\tja".as_bytes()));
        assert!(!is_text(b"\x1b[2J"));
        assert!(!is_text(b"\xff"));
    }
}
