//! `kmsctl encrypt`.

use std::{io::Read, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum, ValueHint};
use zeroize::Zeroizing;

use super::{
    command::Run,
    context::{Context, selection},
    inputs::{Inputs, Job, Task, file_name},
    key_file,
    sealed::{SealedBy, with_sealer},
    sessions,
};
use crate::{
    algorithm::KeyKind,
    cli::{Selection, UsageError, VersionSelection, answers, examples, select, values},
    encoding::KeyName,
    io::{Output, StdinGuard},
    keystore::Keystore,
    model::{EncryptionContext, Fingerprint, Version, answer},
    operation::{self, Sealer, seal_envelope},
    render::Document,
    ui::Ui,
};

/// How a ciphertext is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum CipherFormat {
    /// Text if the data is small enough, else an age file
    #[default]
    Auto,
    /// One line, kms:v<version>:<key tag>:<base64url>
    Text,
    /// An age file, of any size
    Age,
}

/// Encrypt data
///
/// Small data becomes one line of text: up to 32 KiB with an AES or ML-KEM key, and up to 190 bytes with an RSA-2048
/// key or 446 with an RSA-4096 key. Larger data becomes an age file (https://age-encryption.org/v1) whose file key is wrapped
/// under the key; it is streamed, so any size works. AES keys encrypt in the token; for RSA and ML-KEM, kmsctl
/// encrypts with the public key once it is proven to belong to the key. kmsctl-inspect(1) describes both forms.
///
/// Several files are encrypted with one login: one line of text for each, with the file's name, or with --out DIR one
/// file NAME.kms (text) or NAME.age for each.
#[derive(Debug, Args)]
#[command(add = answers!["" => Encrypted, "several files" => Ciphertexts])]
#[command(group = select::required_or("public_key"))]
#[command(after_help = examples![
    "A password for a configuration file" => "kmsctl encrypt --label app --context db --in password --out password.kms",
    "A backup of any size" => "tar c /srv | kmsctl encrypt --label app --out srv.tar.age",
    "With a public key alone, on a machine without the token" =>
        "kmsctl encrypt --public-key web.pem --in secret.txt",
    "Several files at once" => "kmsctl encrypt --label app --in db.conf --in mail.conf --out sealed",
])]
pub struct Encrypt {
    #[command(flatten)]
    key: VersionSelection,

    /// File with an RSA public key: PEM, DER, a certificate, a JWK or an OpenSSH line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = select::VERSION_OPTIONS)]
    public_key: Option<PathBuf>,

    /// Encrypt only if the public key has this fingerprint, as `kmsctl key show` prints it
    ///
    /// Without a PIN, kmsctl cannot prove that the public key on the token belongs to the key, so this option or
    /// --public-key is required.
    #[arg(long, value_name = "HEX")]
    fingerprint: Option<Fingerprint>,

    /// File to encrypt; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Vec<PathBuf>,

    /// File for the ciphertext, or directory for those of several files, made if missing; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Number of files to encrypt at a time (default: the number of processors)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    jobs: Option<usize>,

    /// Text that must be given again to decrypt; it is authenticated, not stored
    ///
    /// A convergent key requires a context of 1 to 50 bytes. With an RSA key, a context always gives an age file.
    #[arg(long, value_name = "TEXT")]
    context: Option<EncryptionContext>,

    /// Form of the ciphertext
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    format: CipherFormat,
}

answer! {
    /// A ciphertext.
    pub struct Encrypted {
        ..key: SealedBy,
        /// The ciphertext; left out where it went to the file of `--out`
        ciphertext if "Option::is_none": Option<String>,
    }
}

answer! {
    /// The ciphertext of one of several files.
    pub struct FileCiphertext {
        /// The file
        file: String,
        /// text or age
        format: &'static str,
        /// The ciphertext; null for an age file
        ciphertext: Option<String>,
        /// File that the ciphertext was written to; null without `--out`
        out: Option<String>,
    }
}

answer! {
    /// The ciphertexts of several files.
    pub struct Ciphertexts<'a> {
        /// Label of the key; null with `--public-key`
        label: Option<&'a str>,
        /// Tag of the key, as in the ciphertexts
        key_tag: &'a str,
        /// Version of the key
        version: Version,
        /// Each file's, in the order of the files
        ciphertexts: Vec<FileCiphertext>,
    }
}

/// How inputs are encrypted.
const TASK: Task =
    Task { verb: "encrypt", doing: "encrypting", ending: ".kms or .age", name: |path| Ok(file_name(path)) };

/// What became of an input.
enum Made {
    Text(String),
    /// An age file, which is in its place already.
    Envelope,
}

impl Run for Encrypt {
    fn run(&self, context: &Context) -> Result<()> {
        let inputs = Inputs::new(TASK, &self.input, self.out.as_deref())?;
        if inputs.are_many() && self.out.is_none() && self.format == CipherFormat::Age {
            return Err(no_place(true).into());
        }
        with_any_sealer(context, self, |keystore, sealer, label| {
            let count = inputs.workers(self.jobs);
            let first = keystore.filter(|_| sealer.needs_session());
            let siblings = first.map_or(Ok(Vec::new()), |first| sessions::siblings(context, first, count))?;
            let mut sealers = match first {
                Some(first) => vec![sealer.over(first.session())],
                None => vec![sealer.clone(); count],
            };
            sealers.extend(siblings.iter().map(|keystore| sealer.over(keystore.session())));
            let (json, ui, stdin) = (context.settings.json, &context.ui, &context.stdin);
            let mut shown = Vec::new();
            let worked = inputs.work(
                context,
                sealers,
                |sealer, job| self.seal(sealer, job, json, (ui, stdin)),
                |job, made| deliver(job, made, json.then_some(&mut shown)),
            );
            inputs.report(worked, || {
                let is_single = !inputs.are_many();
                if json { print(context, sealer.name(), label, shown, is_single) } else { Ok(()) }
            })
        })
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

impl Encrypt {
    /// Small data becomes a text where nothing speaks against it, which is handed over; an age file is streamed into its
    /// place, for it may be of any size.
    fn seal(
        &self,
        sealer: &Sealer<'_>,
        job: &Job,
        json: bool,
        (ui, stdin): (&Ui, &StdinGuard),
    ) -> Result<Made> {
        let mut input = job.input.open(stdin, "the plaintext")?;
        let meter = input.meter();
        let limit = text_limit(self, sealer);
        let head = at_most(&mut input, limit.map_or(0, |limit| limit + 1))?;
        let context = self.context.as_ref();
        let is_text = limit.is_some() && sealer.takes_as_text(&head, context);
        if is_text || self.format == CipherFormat::Text {
            return Ok(Made::Text(sealer.seal_text(&head, context)?.to_string()));
        }
        let place = job.place("age");
        if place.is_none() && (json || job.is_of_many()) {
            return Err(no_place(job.is_of_many()).into());
        }
        let target = Output::to(place.as_deref()).binary(true);
        let mut output = target.open()?;
        let _progress = job.progress(ui, "encrypting", &meter, Some(&target));
        seal_envelope(sealer, context, head.as_slice().chain(input), &mut output)?;
        output.commit()?;
        Ok(Made::Envelope)
    }
}

fn print(
    context: &Context,
    name: &KeyName,
    label: Option<&str>,
    mut ciphertexts: Vec<FileCiphertext>,
    is_single: bool,
) -> Result<()> {
    context.print(&if let Some(one) = ciphertexts.pop_if(|_| is_single) {
        let ciphertext = one.ciphertext.filter(|_| one.out.is_none());
        Document::of(&Encrypted { key: SealedBy::new(one.format, name, label), ciphertext }, "")
    } else {
        let KeyName { tag, version } = name;
        Document::of(&Ciphertexts { label, key_tag: tag.as_str(), version: *version, ciphertexts }, "")
    })
}

fn no_place(is_of_many: bool) -> UsageError {
    if is_of_many {
        UsageError::new("an age file does not fit on a line").hinted("`--out DIR` writes a file for each")
    } else {
        UsageError::new("an age file does not fit into JSON").hinted("name a file for it by `--out`")
    }
}

/// A text goes into its own file, or onto a line; with JSON, into the answer.
fn deliver(job: &Job, made: Made, shown: Option<&mut Vec<FileCiphertext>>) -> Result<()> {
    let (format, ciphertext, place) = match made {
        Made::Text(text) => ("text", Some(text), job.place("kms")),
        Made::Envelope => ("age", None, job.place("age")),
    };
    let output = Output::to(place.as_deref());
    let is_file = output.has_file();
    if let Some(text) = ciphertext.as_ref().filter(|_| shown.is_none() || is_file) {
        output.write(&[text.as_bytes(), &job.line_end()].concat())?;
    }
    if let Some(shown) = shown {
        let out = place.filter(|_| is_file).map(|place| place.to_string_lossy().into_owned());
        shown.push(FileCiphertext { file: job.input.to_string(), format, ciphertext, out });
    }
    Ok(())
}

/// The key of the token, or the one in the file, made ready; with the token's keystore and the key's label, where they are.
fn with_any_sealer(
    context: &Context,
    arguments: &Encrypt,
    act: impl FnOnce(Option<&Keystore>, &Sealer<'_>, Option<&str>) -> Result<()>,
) -> Result<()> {
    if let Some(path) = &arguments.public_key {
        let name = path.display().to_string();
        let file = key_file::read_public(context, path)?;
        file.limits.encrypt().with_context(|| format!("cannot encrypt with {name}"))?;
        let found = Fingerprint(file.key.fingerprint());
        if let Some(expected) = arguments.fingerprint.filter(|expected| *expected != found) {
            return Err(operation::Error::OtherFingerprint { origin: name, expected, found }.into());
        }
        return act(None, &Sealer::from_public_key(file.key, name)?, None);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    with_sealer(context, &wanted, arguments.fingerprint, |keystore, selected, sealer| {
        if arguments.fingerprint.is_some() && selected.key.kind().is_some_and(KeyKind::is_secret) {
            let error =
                UsageError::new(format!("{:?} is a secret key: it has no fingerprint", selected.key.label));
            return Err(error.hinted("leave `--fingerprint` out").into());
        }
        act(Some(keystore), sealer, Some(&selected.key.label))
    })
}

/// Up to how many bytes become a text; `None` if none do.
fn text_limit(arguments: &Encrypt, sealer: &Sealer<'_>) -> Option<usize> {
    match arguments.format {
        CipherFormat::Age => None,
        CipherFormat::Auto => sealer.text_limit(arguments.context.as_ref()),
        // What has no text form is refused by the sealer, in its words.
        CipherFormat::Text => sealer.text_limit(arguments.context.as_ref()).or(Some(0)),
    }
}

/// The first bytes of a stream, in a buffer that never moves.
fn at_most(input: &mut impl Read, length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut head = Zeroizing::new(Vec::with_capacity(length));
    input.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}
