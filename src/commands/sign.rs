//! `kmsctl sign`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum, ValueHint};

use super::{
    command::Run,
    context::{Context, Need, selection},
    data,
    inputs::{Inputs, Job, Task, file_name},
    jws::{self, JwsOptions},
    public_key, sessions,
};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{Selection, UsageError, VersionSelection, answers, examples, select, values},
    encoding::{Encoding, SignatureForm},
    io::{Output, StdinGuard},
    keystore::{Keystore, Selected},
    model::answer,
    operation::{self, HeaderRequest, signature_form, signing_algorithm},
    render::Document,
    ui::Ui,
};

/// Output format of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum SignFormat {
    /// The signature itself
    #[default]
    Raw,
    /// A JSON Web Signature in compact form, with header and data (RFC 7515)
    Jws,
}

/// Sign data
///
/// kmsctl hashes the data, and the token signs the digest. EdDSA, ML-DSA and HMAC keys sign the data itself, which is sent to
/// the token as it is read. With HMAC it may have any size. With EdDSA and ML-DSA the token sets the limit: 1 MiB in the
/// embedded token, 64 MiB in a token that takes the data in one call only. Every signature is verified with the public key
/// before it is printed; HMAC is computed twice. For EdDSA, data of more than 1 MiB is kept in a temporary file for that,
/// which has no name and is gone with the program.
///
/// Several files are signed with one login: one line for each, with the file's name, or with --out DIR one file NAME.sig
/// for each.
#[derive(Debug, Args)]
#[command(add = answers!["" => Signature, "several files" => Signatures, "`--format jws`" => jws::Jws])]
#[command(group = select::required())]
#[command(after_help = examples![
    "A file, for OpenSSL" => "kmsctl sign --label web --in release.tar --encoding binary --out release.sig",
    "A pipe" => "tar c src | kmsctl sign --label web",
    "A digest from another program" =>
        "kmsctl sign --label web --algorithm PS256 --digest --in release.sha256",
    "Several files at once" => "kmsctl sign --label web --in a.tar --in b.tar --out signatures",
    "A JSON Web Signature beside its data" =>
        "kmsctl sign --label web --format jws --detached --in release.tar --out release.jws",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Version of the key (default: the current one, which alone signs)")
))]
pub struct Sign {
    #[command(flatten)]
    key: VersionSelection,

    /// Signature algorithm (default: the key's own; for RSA, RS256 unless `key update` chose another)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    algorithm: Option<SignatureAlgorithm>,

    /// The input is a digest (raw, such as 32 bytes for SHA-256, or in hex or base64)
    #[arg(long)]
    digest: bool,

    /// File to sign; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Vec<PathBuf>,

    /// File for the signature, replaced if it exists, or directory for those of several files, made if missing; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "raw")]
    format: SignFormat,

    #[command(flatten)]
    jws: JwsOptions,

    /// Number of files to sign at a time (default: the number of processors)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    jobs: Option<usize>,

    /// Encoding of the signature
    #[arg(long, value_name = "ENCODING", default_value = "base64")]
    encoding: Encoding,

    /// Form of an ECDSA signature (default: der)
    #[arg(long, value_name = "FORM")]
    ecdsa: Option<SignatureForm>,
}

answer! {
    /// What made a signature.
    pub struct Signer<'a> {
        /// Signature algorithm
        algorithm: &'static str,
        /// Label of the key
        label: &'a str,
        /// CKA_ID of the version that signed
        cka_id: String,
        /// Version that signed
        version: u32,
    }
}

answer! {
    /// A signature.
    pub struct Signature<'a> {
        /// The signature as `--encoding` says; base64 in place of binary
        signature: String,
        then signer: Signer<'a>,
    }
}

answer! {
    /// The signature of one of several files.
    pub struct FileSignature {
        /// The file
        file: String,
        /// Its signature as `--encoding` says; base64 in place of binary
        signature: String,
        /// File that the signature was written to; null without `--out`
        out: Option<String>,
    }
}

answer! {
    /// The signatures of several files.
    pub struct Signatures<'a> {
        /// Each file's, in the order of the files
        signatures: Vec<FileSignature>,
        then signer: Signer<'a>,
    }
}

/// Signing as a task on inputs.
const TASK: Task = Task { verb: "sign", doing: "signing", ending: ".sig", name: |path| Ok(file_name(path)) };

impl Run for Sign {
    fn run(&self, context: &Context) -> Result<()> {
        let request = match self.format {
            SignFormat::Jws => Some(self.jws_header()?),
            SignFormat::Raw => match self.jws.given() {
                Some(option) => return Err(only_in_jws(option).into()),
                None => None,
            },
        };
        let inputs = Inputs::new(TASK, &self.input, self.out.as_deref())?;
        if inputs.are_many() {
            self.check_many()?;
        }
        let opened = context.open(Need::Read)?;
        let selected = opened.keystore.select_version(&selection(&self.key.key, self.key.key_version))?;
        public_key::warn_if_overdue(context, &selected.key);
        if let Some(request) = &request {
            let signing = jws::Signing { keystore: &opened.keystore, selected: &selected, request };
            let output = Output::to(self.out.as_deref());
            return signing.sign(context, self.algorithm, &inputs.first().input, &output);
        }
        let algorithm = signing_algorithm(&selected.key, self.algorithm)
            .with_context(|| format!("cannot sign with key {}", describe(&selected)))?;
        let form = signature_form(algorithm, self.ecdsa)?;
        if inputs.are_many() && selected.version().protection().always_authenticate == Some(true) {
            let (label, count) = (&selected.key.label, self.input.len());
            context.ui.status(format!(
                "key {label:?} asks for the PIN at each use: {count} signatures take {count} logins"
            ));
        }
        let keystores = sessions::several(context, opened.keystore, inputs.workers(self.jobs))?;
        let (ui, stdin) = (&context.ui, &context.stdin);
        let mut shown = Vec::new();
        let worked = inputs.work(
            context,
            keystores,
            |keystore, job| self.sign(keystore, (&selected, algorithm, form), job, (ui, stdin)),
            |job, signature| self.deliver(context, job, &signature, &mut shown),
        );
        inputs.report(worked, || {
            context.ui.detail(format!("signed with {} by {algorithm}", describe(&selected)));
            let is_single = !inputs.are_many();
            if context.settings.json {
                print(context, &selected, algorithm, shown, is_single)
            } else {
                Ok(())
            }
        })
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

impl Sign {
    /// Refuses options that do not apply to several files.
    fn check_many(&self) -> Result<(), UsageError> {
        if self.digest {
            return Err(UsageError::new("a digest is signed one at a time"));
        }
        if self.out.is_none() && self.encoding == Encoding::Binary {
            return Err(UsageError::new("several binary signatures do not fit on one stream")
                .hinted("`--out DIR` writes a file for each"));
        }
        Ok(())
    }

    /// The header of a JWS. Refuses options that do not apply to a JWS.
    fn jws_header(&self) -> Result<HeaderRequest> {
        if self.digest {
            return Err(UsageError::new("a JWS is made of the data, not of a digest").into());
        }
        if self.encoding != Encoding::Base64 {
            return Err(UsageError::new("a JWS is always base64url")
                .hinted("leave `--encoding` or `--format jws` out")
                .into());
        }
        if self.ecdsa.is_some() {
            return Err(UsageError::new("a JWS has one form of signature")
                .hinted("leave `--ecdsa` or `--format jws` out")
                .into());
        }
        let request = self.jws.header()?;
        if self.input.len() > 1 {
            return Err(UsageError::new("a JWS is made of one file at a time").into());
        }
        Ok(request)
    }

    fn sign(
        &self,
        keystore: &Keystore,
        (selected, algorithm, form): (&Selected, SignatureAlgorithm, SignatureForm),
        job: &Job,
        (ui, stdin): (&Ui, &StdinGuard),
    ) -> Result<Vec<u8>> {
        let raw = if self.digest {
            operation::sign(keystore, selected, algorithm, data::read_digest(stdin, algorithm, &job.input)?)?
        } else {
            let input = job.input.open(stdin, "the input")?;
            // Safe even if the output is a terminal: the line is erased before the signature is printed.
            let _progress = job.progress(ui, "reading", &input.meter(), None);
            operation::sign_stream(keystore, selected, algorithm, input)?
        };
        Ok(form.write(algorithm, raw)?)
    }

    /// Writes a signature to its file or as a line, and collects it for JSON.
    fn deliver(
        &self,
        context: &Context,
        job: &Job,
        signature: &[u8],
        shown: &mut Vec<FileSignature>,
    ) -> Result<()> {
        let place = job.place("sig");
        let binary = self.encoding == Encoding::Binary;
        let output = Output::to(place.as_deref()).binary(binary);
        if !context.settings.json || output.has_file() {
            let line_end = if binary { Vec::new() } else { job.line_end() };
            output.write(&[self.encoding.encode(signature), line_end].concat())?;
        }
        if context.settings.json {
            shown.push(FileSignature {
                file: job.input.to_string(),
                signature: String::from_utf8_lossy(&self.encoding.in_json().encode(signature)).into_owned(),
                out: place.map(|place| place.to_string_lossy().into_owned()),
            });
        }
        Ok(())
    }
}

fn print(
    context: &Context,
    selected: &Selected,
    algorithm: SignatureAlgorithm,
    mut signatures: Vec<FileSignature>,
    is_single: bool,
) -> Result<()> {
    let signer = Signer {
        algorithm: algorithm.name(),
        label: &selected.key.label,
        cka_id: selected.version().id.to_string(),
        version: selected.version.number(),
    };
    context.print(&match signatures.pop_if(|_| is_single) {
        Some(FileSignature { signature, .. }) => Document::of(&Signature { signature, signer }, ""),
        None => Document::of(&Signatures { signatures, signer }, ""),
    })
}

fn only_in_jws(option: &str) -> UsageError {
    UsageError::new(format!("`{option}` is for a JWS")).hinted("add `--format jws`")
}

fn describe(selected: &Selected) -> String {
    format!("{:?} (CKA_ID {}, version {})", selected.key.label, selected.version().id, selected.version)
}
