//! `kmsctl sign` and `kmsctl verify`.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{
    context::{Context, Need, selection},
    jws, key, sign_several,
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
    let algorithm = choose_algorithm(selected.key.kind(), arguments.algorithm)
        .with_context(|| format!("cannot sign with key {}", describe(&selected)))?;
    let input =
        read_input(context, algorithm, arguments.input.first().map(PathBuf::as_path), arguments.digest)?;
    let raw = operation::sign(&opened.keystore, &selected, algorithm, input)?;
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
    let given = given_signature(context, &arguments.signature)?;
    if let Some(jws) = jws::recognise(&given.bytes) {
        return jws::verify(context, arguments, &jws?);
    }
    let (valid, key) = match &arguments.public_key {
        Some(path) => verify_offline(context, arguments, &given, path)?,
        None => verify_with_token(context, arguments, &given)?,
    };
    context.print(&Document::new(json!({"valid": valid}), if valid { "valid\n" } else { "" }))?;
    if valid { Ok(()) } else { Err(operation::Error::SignatureInvalid { key }.into()) }
}

fn verify_offline(
    context: &Context,
    arguments: &cli::sign::Verify,
    given: &GivenSignature,
    path: &Path,
) -> Result<(bool, String)> {
    let public = key::read_public(context, path)?;
    let algorithm = choose_algorithm(Some(public.kind()), arguments.algorithm)?;
    let signature = given.for_key(&public)?;
    let input = read_input(context, algorithm, arguments.input.as_deref(), arguments.digest)?;
    let valid = public::verify(&public, algorithm, input.digest(), &signature)?;
    Ok((valid, format!("the public key {}", path.display())))
}

fn verify_with_token(
    context: &Context,
    arguments: &cli::sign::Verify,
    given: &GivenSignature,
) -> Result<(bool, String)> {
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let selected = key::select_public(context, &wanted)?;
    let any_version = wanted.version.is_none() && wanted.id.is_none();
    let algorithm = choose_algorithm(selected.key.kind(), arguments.algorithm)?;
    let signature = given.for_key(&operation::public_key(&selected)?)?;
    let input = read_input(context, algorithm, arguments.input.as_deref(), arguments.digest)?;
    let valid = operation::verify(&selected, any_version, algorithm, &input, &signature)?;
    Ok((valid, format!("key {}", describe(&selected))))
}

/// What was given as the signature.
struct GivenSignature {
    bytes: Vec<u8>,
    /// The argument, where it is the signature itself and no file's name.
    text: Option<String>,
}

/// A file if there is one by that name, else the text itself.
fn given_signature(context: &Context, given: &OsStr) -> Result<GivenSignature> {
    let path = Path::new(given);
    if given == "-" || path.exists() {
        let bytes = Input::from_path(Some(path)).read(&context.stdin, "the signature", jws::LONGEST)?;
        return Ok(GivenSignature { bytes, text: None });
    }
    let text = given.to_string_lossy().into_owned();
    Ok(GivenSignature { bytes: given.as_encoded_bytes().to_vec(), text: Some(text) })
}

impl GivenSignature {
    /// What a file holds is a signature or a wrong one; text that cannot be one is more likely a mistyped file name.
    fn for_key(&self, key: &PublicKey) -> Result<Vec<u8>> {
        match (read_signature(&self.bytes, key), &self.text) {
            (Ok(signature), _) => Ok(signature),
            (Err(_), None) => Ok(self.bytes.clone()),
            (Err(error), Some(text)) => {
                Err(error).with_context(|| format!("{text:?} is neither a file nor a signature"))
            }
        }
    }
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
    let input = input.open(&context.stdin, "the input")?;
    // The answer is short and comes when this line is gone, also where it goes to the terminal.
    let _progress = context.metered("reading", &input.meter());
    Ok(digest_stream(algorithm, input)?)
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
