//! `kmsctl encrypt`.

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum, ValueHint};
use zeroize::Zeroizing;

use super::{
    command::Run,
    context::{Context, selection},
    encrypt_several, key_file,
    sealed::{SealedBy, with_sealer},
};
use crate::{
    cli::{Selection, UsageError, VersionSelection, answers, examples, select, values},
    io::{Input, Meter, Output},
    keystore::Keystore,
    model::{EncryptionContext, Fingerprint, answer},
    operation::{self, Sealer, seal_envelope},
    render::Document,
};

/// How a ciphertext is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum CipherFormat {
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
/// Small data becomes one line of text: up to 32 KiB with an AES key, and up to 190 bytes with an RSA-2048 key or 446
/// with an RSA-4096 key. Larger data becomes an age file (https://age-encryption.org/v1) whose file key is wrapped
/// under the key; it is streamed, so any size works. AES keys encrypt in the token; for RSA, kmsctl encrypts with the
/// public key once it is proven to belong to the key. kmsctl-inspect(1) describes both forms.
///
/// Several files are encrypted with one login: one line of text for each, with the file's name, or with --out DIR one
/// file NAME.kms (text) or NAME.age for each.
#[derive(Debug, Args)]
#[command(add = answers!["" => Encrypted, "several files" => encrypt_several::Ciphertexts])]
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
    pub(super) key: VersionSelection,

    /// File with an RSA public key: PEM, DER, a certificate, a JWK or an OpenSSH line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["label", "label_hex", "id", "uri", "key_version"])]
    pub(super) public_key: Option<PathBuf>,

    /// Encrypt only if the public key has this fingerprint, as `kmsctl key show` prints it
    ///
    /// Without a PIN, kmsctl cannot prove that the public key on the token belongs to the key, so this option or
    /// --public-key is required.
    #[arg(long, value_name = "HEX")]
    pub(super) fingerprint: Option<Fingerprint>,

    /// File to encrypt; may be repeated; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) input: Vec<PathBuf>,

    /// File for the ciphertext, or directory for those of several files, made if missing; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) out: Option<PathBuf>,

    /// Number of files to encrypt at a time (default: the number of processors)
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub(super) jobs: Option<usize>,

    /// Text that must be given again to decrypt; it is authenticated, not stored
    ///
    /// A convergent key requires a context of 1 to 50 bytes. With an RSA key, a context always gives an age file.
    #[arg(long, value_name = "TEXT")]
    pub(super) context: Option<EncryptionContext>,

    /// Form of the ciphertext
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(super) format: CipherFormat,
}

answer! {
    /// A ciphertext.
    pub struct Encrypted {
        ..key: SealedBy,
        /// The ciphertext; left out where it went to the file of `--out`
        ciphertext if "Option::is_none": Option<String>,
    }
}

impl Run for Encrypt {
    fn run(&self, context: &Context) -> Result<()> {
        if self.input.len() > 1 {
            return encrypt_several::encrypt(context, self);
        }
        with_any_sealer(context, self, |_, sealer, label| run(context, self, sealer, label))
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

/// The key of the token, or the one in the file, made ready; with the token's keystore and the key's label, where they are.
pub(super) fn with_any_sealer(
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
        act(Some(keystore), sealer, Some(&selected.key.label))
    })
}

/// Small data becomes a text where nothing speaks against it.
fn run(context: &Context, arguments: &Encrypt, sealer: &Sealer<'_>, label: Option<&str>) -> Result<()> {
    let input = Input::from_path(arguments.input.first().map(PathBuf::as_path));
    let mut input = input.open(&context.stdin, "the plaintext")?;
    let meter = input.meter();
    let Some(limit) = text_limit(arguments, sealer) else {
        return envelope(context, arguments, sealer, label, (input, &meter));
    };
    let head = at_most(&mut input, limit + 1)?;
    let is_text = sealer.takes_as_text(&head, arguments.context.as_ref());
    if is_text || arguments.format == CipherFormat::Text {
        text(context, arguments, sealer, label, &head)
    } else {
        envelope(context, arguments, sealer, label, (head.as_slice().chain(input), &meter))
    }
}

/// Up to how many bytes become a text; `None` if none do.
pub(super) fn text_limit(arguments: &Encrypt, sealer: &Sealer<'_>) -> Option<usize> {
    match arguments.format {
        CipherFormat::Age => None,
        CipherFormat::Auto => sealer.text_limit(arguments.context.as_ref()),
        // What has no text form is refused by the sealer, in its words.
        CipherFormat::Text => sealer.text_limit(arguments.context.as_ref()).or(Some(0)),
    }
}

/// The first bytes of a stream, in a buffer that never moves.
pub(super) fn at_most(input: &mut impl Read, length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut head = Zeroizing::new(Vec::with_capacity(length));
    input.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn text(
    context: &Context,
    arguments: &Encrypt,
    sealer: &Sealer<'_>,
    label: Option<&str>,
    plaintext: &[u8],
) -> Result<()> {
    let ciphertext = sealer.seal_text(plaintext, arguments.context.as_ref())?.to_string();
    let line = format!("{ciphertext}\n");
    let key = SealedBy::new("text", sealer.name(), label);
    match (&arguments.out, context.settings.json) {
        (None, true) => context.print(&Document::of(&Encrypted { key, ciphertext: Some(ciphertext) }, "")),
        (out, json) => {
            Output::to(out.as_deref()).write(line.as_bytes())?;
            if json { context.print(&Document::of(&Encrypted { key, ciphertext: None }, "")) } else { Ok(()) }
        }
    }
}

fn envelope(
    context: &Context,
    arguments: &Encrypt,
    sealer: &Sealer<'_>,
    label: Option<&str>,
    (input, meter): (impl Read, &Meter),
) -> Result<()> {
    if context.settings.json && arguments.out.is_none() {
        return Err(UsageError::new("an age file does not fit into JSON")
            .hinted("name a file for it by `--out`")
            .into());
    }
    let target = Output::to(arguments.out.as_deref()).binary(true);
    let mut output = target.open()?;
    let progress = context.reading("encrypting", meter, &target);
    seal_envelope(sealer, arguments.context.as_ref(), input, &mut output)?;
    output.flush()?;
    output.commit()?;
    drop(progress);
    if context.settings.json {
        let key = SealedBy::new("age", sealer.name(), label);
        context.print(&Document::of(&Encrypted { key, ciphertext: None }, ""))?;
    }
    Ok(())
}
