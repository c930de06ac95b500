//! `kmsctl sign` and `kmsctl verify`.

use std::{ffi::OsStr, path::Path};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{
    context::{Context, Need, selection},
    key,
};
use crate::{
    cli,
    encoding::{self, PublicKey, read_signature},
    io::{Input, Output},
    keystore::Selected,
    model::SignatureAlgorithm,
    operation::{self, Digested, choose_algorithm, digest_stream, given_digest},
    public,
    render::Document,
};

/// Longer is no digest, in bytes.
const LONGEST_DIGEST: usize = 1024;
/// Longer is no signature: RSA-16384 in hexadecimal, with room for line ends.
const LONGEST_SIGNATURE: usize = 8192;

pub(super) fn sign(context: &Context, arguments: &cli::sign::Sign) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    key::warn_if_overdue(context, &selected.key);
    let algorithm = choose_algorithm(selected.key.kind(), arguments.algorithm)
        .with_context(|| format!("cannot sign with key {}", describe(&selected)))?;
    let input = read_input(context, algorithm, arguments.input.as_deref(), arguments.digest)?;
    let raw = operation::sign(&opened.keystore, &selected, algorithm, &input)?;
    let signature = match algorithm {
        SignatureAlgorithm::Ecdsa => ecdsa_form(arguments.ecdsa).write(&raw)?,
        SignatureAlgorithm::Rsa(..) => raw,
    };
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

pub(super) fn verify(context: &Context, arguments: &cli::sign::Verify) -> Result<()> {
    let (valid, key) = match &arguments.public_key {
        Some(path) => verify_offline(context, arguments, path)?,
        None => verify_with_token(context, arguments)?,
    };
    context.print(&Document::new(json!({"valid": valid}), if valid { "valid\n" } else { "" }))?;
    if valid { Ok(()) } else { Err(operation::Error::SignatureInvalid { key }.into()) }
}

fn verify_offline(context: &Context, arguments: &cli::sign::Verify, path: &Path) -> Result<(bool, String)> {
    let bytes =
        Input::from_path(Some(path)).read(&context.stdin, "the public key", encoding::MAX_KEY_FILE)?;
    let public = PublicKey::read(&bytes).with_context(|| format!("cannot use {}", path.display()))?;
    let algorithm = choose_algorithm(Some(public.kind()), arguments.algorithm)?;
    let signature = signature(context, &arguments.signature, &public)?;
    let input = read_input(context, algorithm, arguments.input.as_deref(), arguments.digest)?;
    let valid = public::verify(&public, algorithm, input.digest(), &signature)?;
    Ok((valid, format!("the public key {}", path.display())))
}

fn verify_with_token(context: &Context, arguments: &cli::sign::Verify) -> Result<(bool, String)> {
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let selected = key::select_public(context, &wanted)?;
    let any_version = wanted.version.is_none() && wanted.id.is_none();
    let algorithm = choose_algorithm(selected.key.kind(), arguments.algorithm)?;
    let signature = signature(context, &arguments.signature, &operation::public_key(&selected)?)?;
    let input = read_input(context, algorithm, arguments.input.as_deref(), arguments.digest)?;
    let valid = operation::verify(&selected, any_version, algorithm, &input, &signature)?;
    Ok((valid, format!("key {}", describe(&selected))))
}

/// A file if there is one by that name, else the text itself. What a file holds is a signature or a wrong one; text that
/// cannot be one is more likely a mistyped file name.
fn signature(context: &Context, given: &OsStr, key: &PublicKey) -> Result<Vec<u8>> {
    let path = Path::new(given);
    if given == "-" || path.exists() {
        let bytes = Input::from_path(Some(path)).read(&context.stdin, "the signature", LONGEST_SIGNATURE)?;
        return Ok(read_signature(&bytes, key).unwrap_or(bytes));
    }
    read_signature(given.as_encoded_bytes(), key)
        .with_context(|| format!("{:?} is neither a file nor a signature", given.to_string_lossy()))
}

fn read_input(
    context: &Context,
    algorithm: SignatureAlgorithm,
    path: Option<&Path>,
    is_digest: bool,
) -> Result<Digested> {
    let input = Input::from_path(path);
    if is_digest {
        let digest = input.read(&context.stdin, "the digest", LONGEST_DIGEST)?;
        return Ok(given_digest(algorithm, digest)?);
    }
    Ok(digest_stream(algorithm, input.open(&context.stdin, "the input")?)?)
}

fn describe(selected: &Selected) -> String {
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

/// Bytes as a JSON text: in the encoding asked for, base64 in the place of binary.
pub(super) fn text_in_json(encoding: encoding::Encoding, bytes: &[u8]) -> String {
    let encoding = match encoding {
        encoding::Encoding::Binary => encoding::Encoding::Base64,
        text => text,
    };
    String::from_utf8_lossy(&encoding.encode(bytes)).into_owned()
}

fn ecdsa_form(form: cli::EcdsaForm) -> encoding::EcdsaForm {
    match form {
        cli::EcdsaForm::Der => encoding::EcdsaForm::Der,
        cli::EcdsaForm::P1363 => encoding::EcdsaForm::P1363,
    }
}
