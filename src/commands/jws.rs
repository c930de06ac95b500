//! `kmsctl sign --format jws`, and `kmsctl verify` of such a signature.

use std::{
    io::{self, Cursor, IsTerminal, Read},
    path::Path,
};

use anyhow::Result;
use clap::Args;

use super::{context::Context, data::Sha256Reader, jwt};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{Assignment, UsageError, values},
    encoding::{self, CompactJws, JwsHeader, MAX_JWS_PAYLOAD, is_jws, jws_part},
    io::{Input, Output},
    keystore::{Keystore, Selected},
    model::answer,
    operation::{
        self, HeaderRequest, JwsInvalid, KeyName, TokenInvalid, Verifier, read_signed, verify_signature,
    },
    render::{self, Document},
};

/// Size limit of a JWS in bytes: the largest payload in base64, plus the other parts.
pub(super) const MAX_JWS_TEXT: usize = MAX_JWS_PAYLOAD / 3 * 4 + 64 * 1024;

/// Options that apply only to a JWS.
#[derive(Debug, Args)]
pub(super) struct JwsOptions {
    /// Leave the data out of the JWS (RFC 7797, unencoded payload)
    #[arg(long)]
    detached: bool,

    /// kid of the JWS: thumbprint, ckaid or any text (default: thumbprint, RFC 7638, as in `jwks`; of an HMAC key, ckaid)
    #[arg(long, value_name = "thumbprint|ckaid|TEXT")]
    kid: Option<String>,

    /// Header member; a value that is JSON is taken as JSON, else as text
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    header: Vec<Assignment>,
}

impl JwsOptions {
    /// The first given option that requires `--format jws`.
    pub(super) fn given(&self) -> Option<&'static str> {
        let given = [
            (self.detached, "--detached"),
            (self.kid.is_some(), "--kid"),
            (!self.header.is_empty(), "--header"),
        ];
        given.into_iter().find_map(|(is_given, option)| is_given.then_some(option))
    }

    pub(super) fn header(&self) -> Result<HeaderRequest> {
        for name in self.header.iter().map(|assignment| assignment.name.as_str()) {
            if operation::RESERVED_MEMBERS.contains(&name) {
                return Err(UsageError::new(format!("the header member {name:?} cannot be set"))
                    .hinted("use `--algorithm`, `--kid` and `--detached`")
                    .into());
            }
        }
        Ok(HeaderRequest {
            is_jwt: false,
            key_name: self.kid.as_deref().map_or(KeyName::Thumbprint, KeyName::named),
            extra: jwt::json_object(&self.header, "header member")?,
            unencoded: self.detached,
        })
    }
}

/// The key that signs a JWS, and the request for its header.
pub(super) struct Signing<'a> {
    pub(super) keystore: &'a Keystore,
    pub(super) selected: &'a Selected,
    pub(super) request: &'a HeaderRequest,
}

impl Signing<'_> {
    pub(super) fn sign(
        &self,
        context: &Context,
        algorithm: Option<SignatureAlgorithm>,
        input: &Input,
        output: &Output,
    ) -> Result<()> {
        let &Self { keystore, selected, request } = self;
        let header = operation::header(keystore, selected, algorithm, request)?;
        let jws = if request.unencoded {
            let payload = input.open(&context.stdin, "the input")?;
            operation::sign_detached(keystore, selected, &header, payload)?
        } else {
            let payload = input.read(&context.stdin, "the input", MAX_JWS_PAYLOAD)?;
            operation::sign_attached(keystore, selected, &header, &payload)?
        };
        let answer = Jws { jws: &jws, signer: signer(&header, selected) };
        context.print_to(output, &Document::of(&answer, format!("{jws}\n")))
    }
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

/// The signer of a JWS with this header.
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

pub(super) fn read(given: &[u8]) -> Result<CompactJws, encoding::Error> {
    CompactJws::parse("the JWS", given.trim_ascii(), MAX_JWS_PAYLOAD)
}

/// Parses a signature that looks like a JWS.
pub(super) fn recognise(given: &[u8]) -> Option<Result<CompactJws, encoding::Error>> {
    let text = given.trim_ascii();
    is_jws(text).then(|| read(text))
}

/// Verifies with the keys that `verifiers` returns for the header. `input` is the detached data, or must equal the payload.
pub(super) fn verify(
    context: &Context,
    jws: &CompactJws,
    algorithm: Option<SignatureAlgorithm>,
    input: Option<&Path>,
    verifiers: impl FnOnce(&JwsHeader) -> Result<Vec<Verifier>>,
) -> Result<()> {
    verified(context, jws, algorithm, input, verifiers).map_err(JwsInvalid::of("the JWS"))
}

fn verified(
    context: &Context,
    jws: &CompactJws,
    algorithm: Option<SignatureAlgorithm>,
    input: Option<&Path>,
    verifiers: impl FnOnce(&JwsHeader) -> Result<Vec<Verifier>>,
) -> Result<()> {
    let header = jws.header();
    if let Some(asked) = algorithm.filter(|asked| !asked.is_named(header.algorithm())) {
        let (name, asked) = (header.algorithm().to_owned(), vec![asked]);
        return Err(TokenInvalid::NotAsked { name, asked }.into());
    }
    operation::check_header(header)?;
    let verifiers = verifiers(header)?;
    let mut data = Sha256Reader::new(payload(context, input, jws)?);
    let signed = |algorithm, judges| {
        let read = |input: &mut dyn Read| read_signed(algorithm, input, jws.signature(), || Ok(judges));
        if !jws.is_detached() {
            return read(&mut jws.signing_input());
        }
        if header.encodes_payload() {
            let mut bytes = Vec::new();
            (&mut data).take(MAX_JWS_PAYLOAD as u64 + 1).read_to_end(&mut bytes)?;
            return read(&mut jws.signing_input().chain(jws_part(&bytes).as_bytes()));
        }
        read(&mut jws.signing_input().chain(&mut data))
    };
    let evidence = verify_signature(header, signed, jws.signature(), &verifiers)?;
    if !jws.is_detached() {
        require_same_data(input, jws.payload(), &mut data)?;
    }
    context.print_verdict(&render::verified(&evidence, Some(&data.finish())))
}

/// The signed data: the input for a detached JWS. For an attached one the input, which must equal the payload, or without
/// input the payload itself.
fn payload<'a>(context: &Context, path: Option<&Path>, jws: &'a CompactJws) -> Result<Box<dyn Read + 'a>> {
    let input = Input::from_path(path);
    let is_named = path.is_some();
    let is_free = is_named || !io::stdin().is_terminal() && context.stdin.is_free();
    if !jws.is_detached() && !is_free {
        return Ok(Box::new(jws.payload()));
    }
    let detached = || {
        UsageError::new("the JWS is detached: it does not hold the data")
            .hinted("give the data by `--in FILE` or on standard input")
    };
    if jws.is_detached() && !is_named && io::stdin().is_terminal() {
        return Err(detached().into());
    }
    let mut given = input.open(&context.stdin, "the input")?;
    if is_named {
        return Ok(Box::new(given));
    }
    let mut first = [0];
    match given.read(&mut first)? {
        0 if jws.is_detached() => Err(detached().into()),
        0 => Ok(Box::new(jws.payload())),
        _ => Ok(Box::new(Cursor::new(first).chain(given))),
    }
}

/// Requires the given data to equal the payload, which the signature covers. Reads at most one byte more than the payload.
fn require_same_data(input: Option<&Path>, payload: &[u8], data: &mut impl Read) -> Result<()> {
    let mut given = Vec::new();
    data.take(payload.len() as u64 + 1).read_to_end(&mut given)?;
    if given == payload {
        return Ok(());
    }
    let name = Input::from_path(input).to_string();
    Err(TokenInvalid::OtherPayload { name }.into())
}
