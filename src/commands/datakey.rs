//! `kmsctl datakey`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{
    Args, ValueHint,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    command::Run,
    context::{Context, selection},
    sealed::{SealedBy, with_sealer},
};
use crate::{
    cli::{Selection, VersionSelection, answers, examples, select},
    encoding::Encoding,
    io::Output,
    model::{EncryptionContext, answer},
    operation::{DataKey, data_key},
    render::Document,
    secret::Secret,
};

/// Generate a data key, encrypted under a key of the token
///
/// The data key comes from the token's random number generator. Its ciphertext is one line of text, which `kmsctl
/// decrypt` turns back into the data key.
#[derive(Debug, Args)]
#[command(add = answers![DataKeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "A data key for later" => "kmsctl datakey --label app --out disk.kms",
    "A data key to use now, and its ciphertext to keep" =>
        "kmsctl datakey --label app --plaintext --out disk.key > disk.kms",
])]
pub struct Datakey {
    #[command(flatten)]
    key: VersionSelection,

    /// Size of the data key
    #[arg(long, value_name = "N", default_value = "256", value_parser = data_key_bits())]
    bits: usize,

    /// Also print the data key itself: in base64 on a second line, or raw to the file --out
    #[arg(long)]
    plaintext: bool,

    /// File for the ciphertext; with --plaintext, file of mode 0600 for the data key itself
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Text that must be given again to decrypt; it is authenticated, not stored
    #[arg(long, value_name = "TEXT")]
    context: Option<EncryptionContext>,
}

fn data_key_bits() -> impl TypedValueParser<Value = usize> {
    PossibleValuesParser::new(["128", "256", "512"]).try_map(|text| text.parse())
}

answer! {
    /// A data key.
    pub struct DataKeyView {
        ..key: SealedBy,
        /// Bits of the data key
        bits: usize,
        /// The data key, encrypted
        ciphertext: String,
        /// The data key itself; left out without `--plaintext` and where it went to the file of `--out`
        plaintext if "Option::is_none": Option<String>,
    }
}

impl Run for Datakey {
    fn run(&self, context: &Context) -> Result<()> {
        let wanted = selection(&self.key.key, self.key.key_version);
        with_sealer(context, &wanted, None, |keystore, selected, sealer| {
            let made = data_key(keystore, sealer, self.bits / 8, self.context.as_ref())?;
            let key = SealedBy::new("text", sealer.name(), Some(&selected.key.label));
            let ciphertext = made.ciphertext.to_string();
            print(context, self, &made, DataKeyView { key, bits: self.bits, ciphertext, plaintext: None })
        })
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

/// With `--plaintext` and `--out`, the plaintext key goes to the file (mode 0600) and the ciphertext, which is not
/// secret, to standard output.
fn print(context: &Context, arguments: &Datakey, made: &DataKey, mut report: DataKeyView) -> Result<()> {
    let out = Output::to(arguments.out.as_deref());
    let ciphertext = format!("{}\n", made.ciphertext);
    match (arguments.plaintext, &arguments.out) {
        (false, _) => context.print_to(&out, &Document::of(&report, ciphertext)),
        (true, Some(_)) => {
            out.binary(true).private().write(made.plaintext.expose())?;
            context.print(&Document::of(&report, ciphertext))
        }
        (true, None) => {
            let encoded = Secret::new(Encoding::Base64.encode(made.plaintext.expose()));
            let text = String::from_utf8_lossy(encoded.expose());
            report.plaintext = Some(text.clone().into_owned());
            context.print(&Document::of(&report, format!("{ciphertext}{text}\n")))
        }
    }
}
