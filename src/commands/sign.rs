//! `kmsctl sign`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum, ValueHint};

use super::{
    command::Run,
    context::{Context, Need, selection},
    data, jws, public_key, sign_several,
};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{self, Assignment, Selection, VersionSelection, answers, examples, select, values},
    encoding,
    io::{Input, Output},
    keystore::Selected,
    model::answer,
    operation::{self, signing_algorithm},
    render::Document,
};

/// What a signature is handed out as.
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
/// kmsctl hashes the data, and the token signs the digest. Every signature is verified with the public key before it
/// is printed. Several files are signed with one login: one line for each, with the file's name, or with --out DIR one
/// file NAME.sig for each.
#[derive(Debug, Args)]
#[command(add = answers!["" => Signature, "several files" => sign_several::Signatures, "`--format jws`" => jws::Jws])]
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
    select::version_is("Version of the key (default: the newest, the only one that signs)")
))]
pub struct Sign {
    #[command(flatten)]
    pub(super) key: VersionSelection,

    /// Signature algorithm (default: the key's own; for RSA, RS256 unless `key update` chose another)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub(super) algorithm: Option<SignatureAlgorithm>,

    /// The input is a digest (raw, such as 32 bytes for SHA-256, or in hex or base64)
    #[arg(long)]
    pub(super) digest: bool,

    /// File to sign; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) input: Vec<PathBuf>,

    /// File for the signature, or directory for those of several files, made if missing; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) out: Option<PathBuf>,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "raw")]
    format: SignFormat,

    /// Leave the data out of the JWS (RFC 7797, unencoded payload)
    #[arg(long)]
    pub(super) detached: bool,

    /// kid of the JWS: thumbprint, ckaid or any text (thumbprint: RFC 7638, as in `jwks`)
    #[arg(long, value_name = "thumbprint|ckaid|TEXT", default_value = "thumbprint")]
    pub(super) kid: String,

    /// Header member; a value that is JSON is taken as JSON, else as text
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(super) header: Vec<Assignment>,

    /// Number of files to sign at a time (default: the number of processors)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub(super) jobs: Option<usize>,

    /// Encoding of the signature
    #[arg(long, value_name = "ENCODING", default_value = "base64")]
    pub(super) encoding: cli::Encoding,

    /// Form of an ECDSA signature
    #[arg(long, value_name = "FORM", default_value = "der")]
    pub(super) ecdsa: cli::EcdsaForm,
}

answer! {
    /// A signature.
    pub struct Signature<'a> {
        /// The signature as `--encoding` says; base64 in place of binary
        signature: String,
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

impl Run for Sign {
    fn run(&self, context: &Context) -> Result<()> {
        if self.format == SignFormat::Jws {
            return jws::sign(context, self);
        }
        if self.input.len() > 1 {
            return sign_several::sign(context, self);
        }
        let opened = context.open(Need::Read)?;
        let selected = opened.keystore.select(&selection(&self.key.key, self.key.key_version))?;
        public_key::warn_if_overdue(context, &selected.key);
        let algorithm = signing_algorithm(&selected.key, self.algorithm)
            .with_context(|| format!("cannot sign with key {}", describe(&selected)))?;
        let input = Input::from_path(self.input.first().map(PathBuf::as_path));
        let raw = if self.digest {
            let input = data::read(context, algorithm, &input, true)?.digested;
            operation::sign(&opened.keystore, &selected, algorithm, input)?
        } else {
            let input = input.open(&context.stdin, "the input")?;
            // The answer is short and comes when this line is gone, also where it goes to the terminal.
            let _progress = context.metered("reading", &input.meter());
            operation::sign_stream(&opened.keystore, &selected, algorithm, input)?
        };
        let signature = ecdsa_form(self.ecdsa).write(algorithm, raw)?;
        context.ui.detail(format!("signed with {} by {algorithm}", describe(&selected)));
        let encoding = encoding(self.encoding);
        let output = Output::to(self.out.as_deref());
        if context.settings.json {
            let answer = Signature {
                signature: text_in_json(encoding, &signature),
                algorithm: algorithm.name(),
                label: &selected.key.label,
                cka_id: selected.version().id.to_string(),
                version: selected.version.number(),
            };
            return context.print_to(&output, &Document::of(&answer, ""));
        }
        let text = encoding.encode(&signature);
        let binary = encoding == encoding::Encoding::Binary;
        let line_end: &[u8] = if binary { b"" } else { b"\n" };
        output.binary(binary).write(&[&text, line_end].concat())?;
        Ok(())
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

pub(super) fn describe(selected: &Selected) -> String {
    format!("{:?} (CKA_ID {}, version {})", selected.key.label, selected.version().id, selected.version)
}

pub(super) fn encoding(encoding: cli::Encoding) -> encoding::Encoding {
    match encoding {
        cli::Encoding::Base64 => encoding::Encoding::Base64,
        cli::Encoding::Base64Url => encoding::Encoding::Base64Url,
        cli::Encoding::Hex => encoding::Encoding::Hex,
        cli::Encoding::Binary => encoding::Encoding::Binary,
    }
}

/// Bytes as a JSON text.
pub(super) fn text_in_json(encoding: encoding::Encoding, bytes: &[u8]) -> String {
    String::from_utf8_lossy(&encoding_in_json(encoding).encode(bytes)).into_owned()
}

/// The encoding asked for, base64 in the place of binary.
pub(super) const fn encoding_in_json(asked: encoding::Encoding) -> encoding::Encoding {
    match asked {
        encoding::Encoding::Binary => encoding::Encoding::Base64,
        text => text,
    }
}

pub(super) fn ecdsa_form(form: cli::EcdsaForm) -> encoding::EcdsaForm {
    match form {
        cli::EcdsaForm::Der => encoding::EcdsaForm::Der,
        cli::EcdsaForm::P1363 => encoding::EcdsaForm::P1363,
    }
}
