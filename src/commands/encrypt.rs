//! `kmsctl encrypt`.

use std::{io::Read, path::PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum, ValueHint};
use zeroize::Zeroizing;

use super::{
    command::Run,
    context::{Context, selection},
    inputs::{Inputs, Job, Task, file_name},
    recipients::{Recipients, sealer_of_file},
    sealed::{SealedBy, with_sealer},
    sessions,
};
use crate::{
    algorithm::KeyKind,
    cli::{Selection, UsageError, VersionSelection, answers, examples, select, values},
    encoding::{AgeRecipient, KeyName},
    io::{Output, StdinGuard},
    keystore::Keystore,
    model::{EncryptionContext, Fingerprint, Version, answer},
    operation::{Sealer, require_allowed, seal_envelope},
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
/// With --recipient or --recipients-file, others can decrypt too, with `age`. The result is then an age file, and cannot have
/// a context, because these recipients would not need it. `kmsctl reencrypt` adds and drops recipients later.
///
/// Several files are encrypted with one login: one line of text for each, with the file's name, or with --out DIR one
/// file NAME.kms (text) or NAME.age for each.
#[derive(Debug, Args)]
#[command(add = answers!["" => Encrypted, "several files" => Ciphertexts])]
#[command(group = select::required_or("public_keys"))]
#[command(mut_arg("recipients", |arg| arg.conflicts_with("context")))]
#[command(mut_arg("recipients_files", |arg| arg.conflicts_with("context")))]
#[command(after_help = examples![
    "A password for a configuration file" => "kmsctl encrypt --label app --context db --in password --out password.kms",
    "A backup of any size" => "tar c /srv | kmsctl encrypt --label app --out srv.tar.age",
    "With a public key alone, on a machine without the token" =>
        "kmsctl encrypt --public-key web.pem --in secret.txt",
    "Three keys that open it: of the token, of a file, and of age" =>
        "kmsctl encrypt --label app --public-key receiver.pem --recipient age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj --in db.conf --out db.age",
    "Several files at once" => "kmsctl encrypt --label app --in db.conf --in mail.conf --out sealed",
])]
pub struct Encrypt {
    #[command(flatten)]
    key: VersionSelection,

    /// File with an RSA or ML-KEM public key: PEM, DER, a certificate, a JWK or an OpenSSH line; may be repeated
    ///
    /// Together with a key of the token, or given more than once, it makes an age file that each of the keys can decrypt on
    /// its own, such as an RSA and an ML-KEM key.
    #[arg(long = "public-key", value_name = "FILE", value_hint = ValueHint::FilePath)]
    public_keys: Vec<PathBuf>,

    #[command(flatten)]
    recipients: Recipients,

    /// Encrypt only if the public key has this fingerprint, as `kmsctl key show` prints it
    ///
    /// Without a PIN, kmsctl cannot prove that the public key on the token belongs to the key, so this option or
    /// --public-key is required.
    #[arg(long, value_name = "HEX")]
    fingerprint: Option<Fingerprint>,

    /// File to encrypt; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Vec<PathBuf>,

    /// File for the ciphertext, replaced if it exists, or directory for those of several files, made if missing; standard output if not given
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

/// Encryption as a task on inputs.
const TASK: Task =
    Task { verb: "encrypt", doing: "encrypting", ending: ".kms or .age", name: |path| Ok(file_name(path)) };

/// The result for one input.
enum Made {
    Text(String),
    /// An age file, already written to its destination.
    Envelope,
}

impl Run for Encrypt {
    fn run(&self, context: &Context) -> Result<()> {
        let inputs = Inputs::new(TASK, &self.input, self.out.as_deref())?;
        if inputs.are_many() && self.out.is_none() && self.format == CipherFormat::Age {
            return Err(age_needs_file(true).into());
        }
        let (main, further) = self.public_keys(context)?;
        let recipients = self.recipients.read(context)?;
        with_any_sealer(context, self, main, |keystore, sealer, label| {
            let others = Others { sealers: &further, recipients: &recipients };
            keystore.map_or(Ok(()), |keystore| require_allowed(keystore, &further))?;
            if others.are_some() {
                self.require_envelope(sealer)?;
            }
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
                |sealer, job| self.seal(sealer, others, job, json, (ui, stdin)),
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

/// Further keys and recipients that can open an envelope.
#[derive(Clone, Copy)]
struct Others<'a> {
    sealers: &'a [Sealer<'static>],
    recipients: &'a [AgeRecipient],
}

impl Others<'_> {
    const fn are_some(self) -> bool {
        !(self.sealers.is_empty() && self.recipients.is_empty())
    }
}

impl Encrypt {
    /// Sealers for the public key files. The first one is the main key unless a key of the token is selected.
    fn public_keys(&self, context: &Context) -> Result<(Option<Sealer<'static>>, Vec<Sealer<'static>>)> {
        if self.key.key_version.is_some() && !self.key.key.is_given() {
            return Err(UsageError::new(
                "a public key file has no versions: `--key-version` is for a key of the token",
            )
            .into());
        }
        if self.fingerprint.is_some() && self.public_keys.len() + usize::from(self.key.key.is_given()) > 1 {
            return Err(UsageError::new("`--fingerprint` is for one key, and several are named").into());
        }
        let read = |path: &PathBuf| sealer_of_file(context, path, self.fingerprint);
        let mut all = self.public_keys.iter().map(read).collect::<Result<Vec<_>>>()?;
        let main = if self.key.key.is_given() || all.is_empty() { None } else { Some(all.remove(0)) };
        Ok((main, all))
    }

    /// Refuses settings that require a text, which has a single key.
    fn require_envelope(&self, sealer: &Sealer<'_>) -> Result<(), UsageError> {
        if self.format == CipherFormat::Text {
            return Err(UsageError::new("a text is for one key: several need `--format age`"));
        }
        if sealer.is_convergent() {
            return Err(UsageError::new("a convergent key makes texts only, which are for one key"));
        }
        Ok(())
    }

    /// Encrypts an input. Small data becomes a text if the options allow it, and is returned; an age file may be of any size
    /// and is streamed to its destination.
    fn seal(
        &self,
        sealer: &Sealer<'_>,
        others: Others<'_>,
        job: &Job,
        json: bool,
        (ui, stdin): (&Ui, &StdinGuard),
    ) -> Result<Made> {
        let mut input = job.input.open(stdin, "the plaintext")?;
        let meter = input.meter();
        let limit = if others.are_some() { None } else { text_limit(self, sealer) };
        let head = at_most(&mut input, limit.map_or(0, |limit| limit + 1))?;
        let context = self.context.as_ref();
        let is_text = limit.is_some() && sealer.takes_as_text(&head, context);
        if is_text || self.format == CipherFormat::Text {
            return Ok(Made::Text(sealer.seal_text(&head, context)?.to_string()));
        }
        let place = job.place("age");
        if place.is_none() && (json || job.is_of_many()) {
            return Err(age_needs_file(job.is_of_many()).into());
        }
        let target = Output::to(place.as_deref()).binary(true);
        let mut output = target.open()?;
        let _progress = job.progress(ui, "encrypting", &meter, Some(&target));
        let sealers: Vec<_> = std::iter::once(sealer).chain(others.sealers).collect();
        seal_envelope(&sealers, others.recipients, context, head.as_slice().chain(input), &mut output)?;
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

fn age_needs_file(is_of_many: bool) -> UsageError {
    if is_of_many {
        UsageError::new("an age file does not fit on a line").hinted("`--out DIR` writes a file for each")
    } else {
        UsageError::new("an age file does not fit into JSON").hinted("write it to a file with `--out FILE`")
    }
}

/// Writes a text to its file or as a line, and adds it to `shown` for JSON.
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

/// Calls back with a sealer for the key of the token or of the file, and the keystore and label of a key of the token.
fn with_any_sealer(
    context: &Context,
    arguments: &Encrypt,
    public: Option<Sealer<'static>>,
    act: impl FnOnce(Option<&Keystore>, &Sealer<'_>, Option<&str>) -> Result<()>,
) -> Result<()> {
    if let Some(sealer) = public {
        return act(None, &sealer, None);
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

/// The largest plaintext that becomes a text, in bytes; `None` if none does.
fn text_limit(arguments: &Encrypt, sealer: &Sealer<'_>) -> Option<usize> {
    match arguments.format {
        CipherFormat::Age => None,
        CipherFormat::Auto => sealer.text_limit(arguments.context.as_ref()),
        // Without a text form, the sealer refuses with a specific error.
        CipherFormat::Text => sealer.text_limit(arguments.context.as_ref()).or(Some(0)),
    }
}

/// Reads up to `length` bytes into a buffer that never reallocates, which would leave copies in memory.
fn at_most(input: &mut impl Read, length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut head = Zeroizing::new(Vec::with_capacity(length));
    input.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}
