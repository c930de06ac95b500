//! `kmsctl sign`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{
    context::{Context, Need, selection},
    data, jws, key, sign_several,
};
use crate::{
    cli, encoding,
    io::{Input, Output},
    keystore::Selected,
    operation::{self, signing_algorithm},
    render::Document,
};

pub(super) fn sign(context: &Context, arguments: &cli::sign::Sign) -> Result<()> {
    if arguments.format == cli::sign::SignFormat::Jws {
        return jws::sign(context, arguments);
    }
    if arguments.input.len() > 1 {
        return sign_several::sign(context, arguments);
    }
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    key::warn_if_overdue(context, &selected.key);
    let algorithm = signing_algorithm(&selected.key, arguments.algorithm)
        .with_context(|| format!("cannot sign with key {}", describe(&selected)))?;
    let input = Input::from_path(arguments.input.first().map(PathBuf::as_path));
    let raw = if arguments.digest {
        let input = data::read(context, algorithm, &input, true)?.digested;
        operation::sign(&opened.keystore, &selected, algorithm, input)?
    } else {
        let input = input.open(&context.stdin, "the input")?;
        // The answer is short and comes when this line is gone, also where it goes to the terminal.
        let _progress = context.metered("reading", &input.meter());
        operation::sign_stream(&opened.keystore, &selected, algorithm, input)?
    };
    let signature = ecdsa_form(arguments.ecdsa).write(algorithm, raw)?;
    context.ui.detail(format!("signed with {} by {algorithm}", describe(&selected)));
    let encoding = encoding(arguments.encoding);
    let output = Output::to(arguments.out.as_deref());
    if context.settings.json {
        let document = json!({
            "signature": text_in_json(encoding, &signature),
            "algorithm": algorithm.name(),
            "label": selected.key.label,
            "ckaId": selected.version().id.to_string(),
            "version": selected.version.number(),
        });
        return context.print_to(&output, &Document::new(document, ""));
    }
    let text = encoding.encode(&signature);
    let binary = encoding == encoding::Encoding::Binary;
    let line_end: &[u8] = if binary { b"" } else { b"\n" };
    output.binary(binary).write(&[&text, line_end].concat())?;
    Ok(())
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
