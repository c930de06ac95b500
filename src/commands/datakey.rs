//! `kmsctl datakey`.

use anyhow::Result;

use super::{
    context::{Context, selection},
    sealed::{key_fields, with, with_sealer},
};
use crate::{
    cli::ciphertext::Datakey,
    encoding::Encoding,
    io::Output,
    operation::{DataKey, data_key},
    render::Document,
    secret::Secret,
};

pub(super) fn datakey(context: &Context, arguments: &Datakey) -> Result<()> {
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    with_sealer(context, &wanted, None, |keystore, selected, sealer| {
        let made = data_key(keystore, sealer, arguments.bits / 8, arguments.context.as_ref())?;
        let report = key_fields("text", sealer.name(), Some(&selected.key.label));
        let report = with(report, "bits", arguments.bits);
        let report = with(report, "ciphertext", made.ciphertext.to_string());
        print(context, arguments, &made, report)
    })
}

/// With both wanted, the bare key goes to the file and its ciphertext to standard output: only one of them may lie
/// about.
fn print(context: &Context, arguments: &Datakey, made: &DataKey, report: serde_json::Value) -> Result<()> {
    let out = Output::to(arguments.out.as_deref());
    let ciphertext = format!("{}\n", made.ciphertext);
    match (arguments.plaintext, &arguments.out) {
        (false, _) => context.print_to(&out, &Document::new(report, ciphertext)),
        (true, Some(_)) => {
            out.binary(true).private().write(made.plaintext.expose())?;
            context.print(&Document::new(report, ciphertext))
        }
        (true, None) => {
            let encoded = Secret::new(Encoding::Base64.encode(made.plaintext.expose()));
            let text = String::from_utf8_lossy(encoded.expose());
            let report = with(report, "plaintext", text.as_ref());
            context.print(&Document::new(report, format!("{ciphertext}{text}\n")))
        }
    }
}
