//! `kmsctl sign --format jws`, and `kmsctl verify` of such a signature.

use std::{
    io::{self, Cursor, IsTerminal, Read},
    path::PathBuf,
};

use anyhow::Result;

use super::{
    context::{Context, Need, selection},
    data::Sha256Reader,
    jwt, public_key,
    sign::Sign,
    verify::Verify,
};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{self, UsageError},
    encoding::{self, CompactJws, JwsHeader, MAX_JWS_PAYLOAD, jws_part},
    io::{Input, Output},
    keystore::Selected,
    model::answer,
    operation::{self, HeaderRequest, KeyName, TokenInvalid, Verifier, digest_stream, verify_signature},
    render::{self, Document},
};

/// The longest JWS that is read, in bytes: the largest payload in base64, and the other parts.
pub(super) const MAX_JWS_TEXT: usize = MAX_JWS_PAYLOAD / 3 * 4 + 64 * 1024;

pub(super) fn sign(context: &Context, arguments: &Sign) -> Result<()> {
    check_options(arguments)?;
    let request = HeaderRequest {
        is_jwt: false,
        key_name: KeyName::named(&arguments.kid),
        extra: jwt::json_object(&arguments.header, "header member")?,
        unencoded: arguments.detached,
    };
    let opened = context.open(Need::Read)?;
    let keystore = &opened.keystore;
    let selected = keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    public_key::warn_if_overdue(context, &selected.key);
    let header = operation::header(keystore, &selected, arguments.algorithm, &request)?;
    let input = Input::from_path(arguments.input.first().map(PathBuf::as_path));
    let jws = if arguments.detached {
        let payload = input.open(&context.stdin, "the input")?;
        operation::sign_detached(keystore, &selected, &header, payload)?
    } else {
        let payload = input.read(&context.stdin, "the input", MAX_JWS_PAYLOAD)?;
        operation::sign_attached(keystore, &selected, &header, &payload)?
    };
    let output = Output::to(arguments.out.as_deref());
    let answer = Jws { jws: &jws, signer: signer(&header, &selected) };
    context.print_to(&output, &Document::of(&answer, format!("{jws}\n")))
}

answer! {
    /// What signed a JWS or a JWT.
    pub struct JwsSigner<'a> {
        /// Signature algorithm
        algorithm: &'static str,
        /// kid of the header
        kid: Option<&'a str>,
        /// Label of the key
        label: &'a str,
        /// CKA_ID of the version that signed
        cka_id: String,
        /// Version that signed
        version: u32,
    }
}

answer! {
    /// A JWS.
    pub struct Jws<'a> {
        /// The JWS in compact form
        jws: &'a str,
        then signer: JwsSigner<'a>,
    }
}

/// What signed by this header.
pub(super) fn signer<'a>(
    (algorithm, header): &'a (SignatureAlgorithm, JwsHeader),
    selected: &'a Selected,
) -> JwsSigner<'a> {
    JwsSigner {
        algorithm: algorithm.name(),
        kid: header.key_id(),
        label: &selected.key.label,
        cka_id: selected.version().id.to_string(),
        version: selected.version.number(),
    }
}

/// Options that do not apply to a JWS.
fn check_options(arguments: &Sign) -> Result<(), UsageError> {
    if arguments.digest {
        return Err(UsageError::new("a JWS is made of the data, not of a digest"));
    }
    if arguments.encoding != cli::Encoding::Base64 {
        return Err(
            UsageError::new("a JWS is always base64url").hinted("leave `--encoding` out, or `--format jws`")
        );
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

pub(super) fn read(given: &[u8]) -> Result<CompactJws, encoding::Error> {
    CompactJws::parse(given.trim_ascii(), MAX_JWS_PAYLOAD)
}

/// What was given as a signature, if it has the form of a JWS: no other signature has dots in it, but for a binary one.
pub(super) fn recognise(given: &[u8]) -> Option<Result<CompactJws, encoding::Error>> {
    let text = given.trim_ascii();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    let parts = text.split(|byte| *byte == b'.').count();
    (parts == 3 && text.iter().all(is_part)).then(|| read(text))
}

pub(super) fn verify(context: &Context, arguments: &Verify, jws: &CompactJws) -> Result<()> {
    let header = jws.header();
    if arguments.digest {
        return Err(UsageError::new("a JWS is verified with its data, not with a digest").into());
    }
    if let Some(asked) = arguments.algorithm.filter(|asked| asked.name() != header.algorithm()) {
        let (name, asked) = (header.algorithm().to_owned(), vec![asked]);
        return Err(TokenInvalid::NotAsked { name, asked }.into());
    }
    operation::check_header(header)?;
    let verifiers = verifiers(context, arguments, jws)?;
    let mut data = Sha256Reader::new(payload(context, arguments, jws)?);
    let digest = |algorithm| {
        if !jws.is_detached() {
            return digest_stream(algorithm, jws.signing_input());
        }
        if header.encodes_payload() {
            let mut bytes = Vec::new();
            (&mut data).take(MAX_JWS_PAYLOAD as u64 + 1).read_to_end(&mut bytes)?;
            return digest_stream(algorithm, jws.signing_input().chain(jws_part(&bytes).as_bytes()));
        }
        digest_stream(algorithm, jws.signing_input().chain(&mut data))
    };
    let evidence = verify_signature(header, digest, jws.signature(), &verifiers)?;
    if !jws.is_detached() {
        require_same_data(arguments, jws.payload(), &mut data)?;
    }
    context.print(&render::verified(&evidence, Some(&data.finish())))
}

/// The data that the JWS is about: what is beside a detached one; for one that holds its data, what was given to compare,
/// and else what it holds.
fn payload<'a>(context: &Context, arguments: &Verify, jws: &'a CompactJws) -> Result<Box<dyn Read + 'a>> {
    let input = Input::from_path(arguments.input.as_deref());
    let is_named = arguments.input.is_some();
    let is_free = is_named || !io::stdin().is_terminal() && context.stdin.is_free();
    if !jws.is_detached() && !is_free {
        return Ok(Box::new(jws.payload()));
    }
    if jws.is_detached() && !is_named && io::stdin().is_terminal() {
        return Err(UsageError::new("the JWS is detached: it does not hold the data")
            .hinted("give the data by `--in FILE` or on standard input")
            .into());
    }
    let mut given = input.open(&context.stdin, "the input")?;
    if jws.is_detached() || is_named {
        return Ok(Box::new(given));
    }
    let mut first = [0];
    match given.read(&mut first)? {
        0 => Ok(Box::new(jws.payload())),
        _ => Ok(Box::new(Cursor::new(first).chain(given))),
    }
}

/// The signature covers the payload; data that was given beside it must be the same. Reads no more than the comparison
/// takes.
fn require_same_data(arguments: &Verify, payload: &[u8], data: &mut impl Read) -> Result<()> {
    let mut given = Vec::new();
    data.take(payload.len() as u64 + 1).read_to_end(&mut given)?;
    if given == payload {
        return Ok(());
    }
    let name = Input::from_path(arguments.input.as_deref()).to_string();
    Err(TokenInvalid::OtherPayload { name }.into())
}

fn verifiers(context: &Context, arguments: &Verify, jws: &CompactJws) -> Result<Vec<Verifier>> {
    if let Some(path) = &arguments.public_key {
        return Ok(vec![public_key::read_verifier(context, path)?]);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let any_version = !wanted.names_version();
    public_key::verifiers(context, &wanted, jws.header(), any_version)
}
