//! `kmsctl jwt verify`.

use anyhow::{Context as _, Result};

use super::{
    super::{
        context::{Context, selection},
        key,
    },
    for_screen, read_token,
};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::jwt::Verify,
    encoding::{self, JwsHeader, Object},
    io::{Input, Output},
    operation::{self, Audience, Expected, TokenInvalid, Verifier, verifiers_from_set, verify_jwt},
    render,
};

pub(super) fn verify(context: &Context, arguments: &Verify) -> Result<()> {
    let token = read_token(context, &arguments.token)?;
    check_algorithm(token.header(), &arguments.algorithm)?;
    let verifiers = verifiers(context, arguments, token.header())?;
    let (claims, evidence) = verify_jwt(&token, &verifiers, &expected(arguments), context.now())?;
    let text = if context.settings.json {
        let mut all = Object::from_value(&render::evidence_fields(&evidence));
        all.insert_text("header", &token.header().members().to_string())?;
        all.insert_text("claims", &claims.to_string())?;
        all.to_string()
    } else {
        claims.to_string()
    };
    Ok(Output::to(None).write(format!("{}\n", for_screen(&text)).as_bytes())?)
}

fn expected(arguments: &Verify) -> Expected {
    let audience =
        if arguments.any_audience { Audience::Any } else { Audience::OneOf(arguments.aud.clone()) };
    Expected {
        leeway: arguments.leeway,
        audience,
        issuer: arguments.iss.clone(),
        typ: arguments.typ.clone(),
        requires_expiry: arguments.require_exp,
    }
}

fn check_algorithm(header: &JwsHeader, asked: &[SignatureAlgorithm]) -> Result<(), TokenInvalid> {
    if asked.is_empty() || asked.iter().any(|asked| asked.name() == header.algorithm()) {
        return Ok(());
    }
    Err(TokenInvalid::NotAsked { name: header.algorithm().to_owned(), asked: asked.to_vec() })
}

fn verifiers(context: &Context, arguments: &Verify, header: &JwsHeader) -> Result<Vec<Verifier>> {
    // What is refused with any key is refused before the token is reached.
    operation::check_header(header)?;
    if let Some(path) = &arguments.jwks {
        let bytes =
            Input::from_path(Some(path)).read(&context.stdin, "the JWK Set", encoding::MAX_JWK_SET)?;
        let set = encoding::read_jwk_set(&bytes).with_context(|| format!("cannot use {}", path.display()))?;
        for (index, key) in set.iter().enumerate() {
            let reason = key.key.as_ref().err().map(ToString::to_string);
            if let Some(reason) = reason.or_else(|| key.limits.verify().err().map(|error| error.to_string()))
            {
                let name = key.key_id.as_ref().map(|key_id| format!(" ({key_id:?})")).unwrap_or_default();
                context.ui.detail(format!("skipped key {}{name} of {}: {reason}", index + 1, path.display()));
            }
        }
        return Ok(verifiers_from_set(header, &set)?);
    }
    if let Some(path) = &arguments.public_key {
        return Ok(vec![key::read_verifier(context, path)?]);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let any_version = !wanted.names_version();
    key::verifiers(context, &wanted, header, any_version)
}
