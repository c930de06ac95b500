//! `kmsctl sign --format jws`, and `kmsctl verify` of such a signature.

use std::{
    io::{Cursor, Read},
    path::PathBuf,
};

use anyhow::Result;
use serde_json::json;

use super::{
    context::{Context, Need, selection},
    jwt, key,
};
use crate::{
    cli::{self, UsageError},
    encoding::{self, CompactJws, JwsHeader, MAX_JWS_PAYLOAD, jws_part},
    io::{Input, Output},
    keystore::Selected,
    model::SignatureAlgorithm,
    operation::{
        self, HeaderRequest, KeyName, TokenInvalid, Verifier, digest_stream, verifiers_from_key,
        verify_signature,
    },
    render::Document,
};

/// The longest JWS that is read, in bytes: the largest payload in base64, and the other parts.
pub(super) const LONGEST: usize = MAX_JWS_PAYLOAD / 3 * 4 + 64 * 1024;

pub(super) fn sign(context: &Context, arguments: &cli::sign::Sign) -> Result<()> {
    check_options(arguments)?;
    let request = HeaderRequest {
        typ: None,
        key_name: KeyName::named(&arguments.kid),
        extra: jwt::json_object(&arguments.header, "header member")?,
        unencoded: arguments.detached,
    };
    let opened = context.open(Need::Read)?;
    let keystore = &opened.keystore;
    let selected = keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    key::warn_if_overdue(context, &selected.key);
    let header = operation::header(&selected, arguments.algorithm, &request)?;
    let input = Input::from_path(arguments.input.first().map(PathBuf::as_path));
    let jws = if arguments.detached {
        let payload = input.open(&context.stdin, "the input")?;
        operation::sign_detached(keystore, &selected, &header, payload)?
    } else {
        let payload = input.read(&context.stdin, "the input", MAX_JWS_PAYLOAD)?;
        operation::sign_attached(keystore, &selected, &header, &payload)?
    };
    let output = Output::to(arguments.out.as_deref());
    context.print_to(&output, &document("jws", &jws, &header, &selected))
}

/// A signature made here, under the name that the command's JSON has for it, and whose it is.
pub(super) fn document(
    name: &str,
    compact: &str,
    (algorithm, header): &(SignatureAlgorithm, JwsHeader),
    selected: &Selected,
) -> Document {
    let json = json!({
        name: compact,
        "algorithm": algorithm.name(),
        "kid": header.key_id(),
        "label": selected.key.label,
        "ckaId": selected.version().id.to_string(),
        "version": selected.version.number(),
    });
    Document::new(json, format!("{compact}\n"))
}

/// A JWS has forms of its own.
fn check_options(arguments: &cli::sign::Sign) -> Result<(), UsageError> {
    if arguments.digest {
        return Err(UsageError::new("a JWS is made of the data, not of a digest"));
    }
    if arguments.encoding != cli::Encoding::Base64 {
        return Err(UsageError::new("a JWS has an encoding of its own")
            .hinted("leave `--encoding` out, or `--format jws`"));
    }
    for name in arguments.header.iter().map(|assignment| assignment.name.as_str()) {
        if operation::RESERVED_MEMBERS.contains(&name) {
            return Err(UsageError::new(format!("the header member {name:?} cannot be set"))
                .hinted("use `--algorithm`, `--kid` and `--detached`"));
        }
    }
    if arguments.input.len() > 1 {
        return Err(UsageError::new("a JWS is made of one file at a time"));
    }
    Ok(())
}

/// What was given as a signature, if it has the form of a JWS: no other signature has dots in it, but for a binary one.
pub(super) fn recognise(given: &[u8]) -> Option<Result<CompactJws, encoding::Error>> {
    let text = given.trim_ascii();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    let parts = text.split(|byte| *byte == b'.').count();
    (parts == 3 && text.iter().all(is_part)).then(|| CompactJws::parse(text, MAX_JWS_PAYLOAD))
}

pub(super) fn verify(context: &Context, arguments: &cli::sign::Verify, jws: &CompactJws) -> Result<()> {
    let header = jws.header();
    if arguments.digest {
        return Err(UsageError::new("a JWS is verified with its data, not with a digest").into());
    }
    if let Some(asked) = arguments.algorithm.filter(|asked| asked.name() != header.algorithm()) {
        let (name, pinned) = (header.algorithm().to_owned(), asked.name().to_owned());
        return Err(TokenInvalid::Pinned { name, pinned }.into());
    }
    operation::check_header(header)?;
    let verifiers = verifiers(context, arguments, jws)?;
    let digest = |algorithm| {
        if !jws.is_detached() {
            return digest_stream(algorithm, jws.signing_input());
        }
        digest_stream(algorithm, jws.signing_input().chain(payload(context, arguments, jws)?))
    };
    verify_signature(header, digest, jws.signature(), &verifiers)?;
    if let Some(path) = arguments.input.as_deref().filter(|_| !jws.is_detached()) {
        let data = Input::from_path(Some(path)).read(&context.stdin, "the input", usize::MAX)?;
        if data != jws.payload() {
            return Err(TokenInvalid::OtherPayload { name: path.display().to_string() }.into());
        }
    }
    context.print(&Document::new(json!({"valid": true}), "valid\n"))
}

/// The data beside a detached JWS, as it was signed.
fn payload(
    context: &Context,
    arguments: &cli::sign::Verify,
    jws: &CompactJws,
) -> std::io::Result<Box<dyn Read>> {
    let input = Input::from_path(arguments.input.as_deref());
    if jws.header().encodes_payload() {
        let data = input.read(&context.stdin, "the input", MAX_JWS_PAYLOAD).map_err(std::io::Error::other)?;
        return Ok(Box::new(Cursor::new(jws_part(&data).into_bytes())));
    }
    Ok(Box::new(input.open(&context.stdin, "the input").map_err(std::io::Error::other)?))
}

fn verifiers(context: &Context, arguments: &cli::sign::Verify, jws: &CompactJws) -> Result<Vec<Verifier>> {
    if let Some(path) = &arguments.public_key {
        return Ok(vec![key::read_verifier(context, path)?]);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let any_version = wanted.version.is_none() && wanted.id.is_none();
    verifiers_from_key(jws.header(), &key::select_public(context, &wanted)?, any_version)
}
