//! `kmsctl key wrap`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use crate::{
    cli::{Selection, VersionSelection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, selection},
        key_file,
    },
    io::Output,
    model::answer,
    operation, public,
    render::{self, Document},
};

/// Encrypt an exportable key for another token
///
/// The file can only be opened with the private half of --wrapping-key: it holds a fresh AES key, encrypted with
/// RSA-OAEP and SHA-256, and the key, wrapped under that AES key (RFC 5649). The same AES key encrypts label, settings and
/// key tag, so ciphertexts stay readable on the other token, and a file that was modified in transit is refused.
///
/// The key must have been created or imported with --exportable, and the token must be able to wrap keys of its kind: the
/// embedded token cannot wrap ML-DSA and ML-KEM keys (exit 6). Keep the file or the components of such a key, and import
/// them on the other token.
#[derive(Debug, Args)]
#[command(add = answers![Wrapped])]
#[command(group = select::required())]
#[command(after_help = examples![
    "On the token that has the key" =>
        "kmsctl key wrap --label web --wrapping-key receiver.pem --out web.wrapped",
    "A key with all its versions" =>
        "kmsctl key wrap --label web --all-versions --wrapping-key receiver.pem --out web.wrapped",
    "The receiver's public key, on the other token" => "kmsctl key show --label receiver --pem > receiver.pem",
])]
#[command(mut_arg("key_version", select::version_is("Version to encrypt (default: the newest)")))]
pub struct Wrap {
    #[command(flatten)]
    key: VersionSelection,

    /// File with the receiver's RSA public key of at least 2048 bits: PEM, DER, a certificate, a JWK or an OpenSSH
    /// line
    #[arg(long, alias = "public-key", value_name = "FILE", value_hint = ValueHint::FilePath)]
    wrapping_key: PathBuf,

    /// All versions, with their states and the key's settings, not just one
    #[arg(long, conflicts_with = "key_version")]
    all_versions: bool,

    /// File to write to; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

answer! {
    /// A key that was wrapped.
    pub struct Wrapped {
        /// Text of the file that `kmsctl key unwrap` reads
        wrapped_key: String,
    }
}

impl Run for Wrap {
    fn run(&self, context: &Context) -> Result<()> {
        let unfit = || format!("cannot wrap a key for {}", self.wrapping_key.display());
        let recipient = key_file::read_public(context, &self.wrapping_key)?;
        recipient.limits.wrap().with_context(unfit)?;
        let recipient = recipient.key;
        public::require_encryption(&recipient).with_context(unfit)?;
        let opened = context.open(Need::Read)?;
        let selected = opened.keystore.select(&selection(&self.key.key, self.key.key_version))?;
        let wrapped = operation::wrap(&opened.keystore, &selected, self.all_versions, &recipient)?;
        let output = Output::to(self.out.as_deref()).private();
        let text = wrapped.to_text();
        context.print_to(&output, &Document::of(&Wrapped { wrapped_key: text.clone() }, text))?;
        context.ui.status(format!(
            "wrapped {} for the key with fingerprint {}",
            render::part_name(&selected.key, self.key.key_version),
            data_encoding::HEXLOWER.encode(&wrapped.recipient)
        ));
        Ok(())
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}
