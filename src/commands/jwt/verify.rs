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
    cli::jwt::Verify,
    encoding::{self, JwsHeader, Object},
    io::{Input, Output},
    operation::{self, Expected, Verifier, verifiers_from_key, verifiers_from_set, verify_jwt},
};

pub(super) fn verify(context: &Context, arguments: &Verify) -> Result<()> {
    let token = read_token(context, &arguments.token)?;
    let verifiers = verifiers(context, arguments, token.header())?;
    let expected = Expected {
        leeway: arguments.leeway,
        audiences: arguments.aud.clone(),
        issuer: arguments.iss.clone(),
    };
    let claims = verify_jwt(&token, &verifiers, &expected, context.now())?;
    let text = if context.settings.json {
        let mut all = Object::default();
        all.insert_text("valid", "true")?;
        all.insert_text("header", &token.header().members().to_string())?;
        all.insert_text("claims", &claims.to_string())?;
        all.to_string()
    } else {
        claims.to_string()
    };
    Ok(Output::to(None).write(format!("{}\n", for_screen(&text)).as_bytes())?)
}

fn verifiers(context: &Context, arguments: &Verify, header: &JwsHeader) -> Result<Vec<Verifier>> {
    // What no key could make good is told before a token is asked.
    operation::check_header(header)?;
    if let Some(path) = &arguments.jwks {
        let bytes =
            Input::from_path(Some(path)).read(&context.stdin, "the JWK Set", encoding::MAX_JWK_SET)?;
        let set = encoding::read_jwk_set(&bytes).with_context(|| format!("cannot use {}", path.display()))?;
        return Ok(verifiers_from_set(header, &set)?);
    }
    if let Some(path) = &arguments.public_key {
        return Ok(vec![key::read_verifier(context, path)?]);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let any_version = wanted.version.is_none() && wanted.id.is_none();
    verifiers_from_key(header, &key::select_public(context, &wanted)?, any_version)
}
