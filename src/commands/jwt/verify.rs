//! `kmsctl jwt verify`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use serde_json::value::RawValue;

use super::input::{Token, for_screen, read_token};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{Selection, UsageError, VersionSelection, answers, examples, select, values},
    commands::{
        command::Run,
        context::{Context, selection},
        public_key,
    },
    encoding::{self, CompactJws, JwsHeader, Object},
    io::{Input, Output},
    model::answer,
    operation::{
        self, Audience, Evidence, Expected, JwsInvalid, TokenInvalid, Verifier, verifiers_from_set,
        verify_jwt,
    },
    render,
    shell::shell_option,
};

/// Verify a JWT and print its claims: exit 0 if valid, 3 if not
///
/// The signature must be valid, the time between nbf and exp, and issuer and audience those that you give. A JWT that
/// has an audience is refused without --aud or --any-audience. The algorithm none is never accepted, and HS256
/// only with an HMAC key of the token (--label, --id, --uri). --jwks and --public-key need no PKCS#11 token.
#[derive(Debug, Args)]
#[command(add = answers![VerifiedToken])]
#[command(group = select::required_or("public_key").arg("jwks"))]
#[command(after_help = examples![
    "With a key of the token" => "kmsctl jwt verify --label web --aud api --in token.jwt",
    "With a published JWK Set" =>
        "kmsctl jwt verify --jwks jwks.json --iss https://id.example --aud api --leeway 30s --in token.jwt",
    "Only this type and algorithm, and with an expiry" =>
        "kmsctl jwt verify --label web --aud api --typ JWT --algorithm RS256 --require-exp --in token.jwt",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version of the key (default: every enabled version)")
))]
pub struct Verify {
    #[command(flatten)]
    key: VersionSelection,

    /// File with the public key: PEM, DER or JWK
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = select::VERSION_OPTIONS, conflicts_with = "jwks")]
    public_key: Option<PathBuf>,

    /// File with a JWK Set, from which the kid of the JWT selects the key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = select::VERSION_OPTIONS)]
    jwks: Option<PathBuf>,

    /// Audience that the JWT must name; may be repeated: one of them is enough
    #[arg(long, value_name = "TEXT")]
    aud: Vec<String>,

    /// Accept any audience
    #[arg(long, conflicts_with = "aud")]
    any_audience: bool,

    /// Issuer that the JWT must name
    #[arg(long, value_name = "TEXT")]
    iss: Option<String>,

    /// Type (typ) that the header must name, such as at+jwt; application/ may be omitted
    #[arg(long, value_name = "TYPE")]
    typ: Option<String>,

    /// Accepted signature algorithm; may be repeated (default: all that fit the key)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    algorithm: Vec<SignatureAlgorithm>,

    /// Refuse a JWT without exp
    #[arg(long)]
    require_exp: bool,

    /// Tolerance for the issuer's clock, such as 30s
    #[arg(long, value_name = "DURATION", value_parser = values::duration, default_value = "0s")]
    leeway: Duration,

    #[command(flatten)]
    token: Token,
}

answer! {
    /// A JWT that is valid.
    pub struct VerifiedToken<'a> {
        ..evidence: render::EvidenceView<'a>,
        /// Header of the JWT
        header: Box<RawValue>,
        /// Claims of the JWT
        claims: Box<RawValue>,
    }
}

impl Run for Verify {
    fn run(&self, context: &Context) -> Result<()> {
        let token = read_token(context, &self.token)?;
        let (claims, evidence) = self.verify(context, &token).map_err(JwsInvalid::of("the JWT"))?;
        let text = if context.settings.json {
            serde_json::to_string(&VerifiedToken {
                evidence: render::evidence_view(&evidence),
                header: RawValue::from_string(token.header().members().to_string())?,
                claims: RawValue::from_string(claims.to_string())?,
            })?
        } else {
            claims.to_string()
        };
        Ok(Output::to(None).write(format!("{}\n", for_screen(&text)).as_bytes())?)
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

impl Verify {
    fn verify(&self, context: &Context, token: &CompactJws) -> Result<(Object, Evidence)> {
        check_algorithm(token.header(), &self.algorithm)?;
        let verifiers = verifiers(context, self, token.header())?;
        verify_jwt(token, &verifiers, &expected(self), context.now())
    }
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

/// The usage error for a single public key that was given as `--jwks`.
fn other_option(bytes: &[u8], path: &Path) -> Option<UsageError> {
    encoding::PublicKeyFile::read(bytes).ok()?;
    let hint = format!("name it as a public key: `{}`", shell_option("--public-key", path));
    Some(UsageError::new("it is one public key, not a JWK Set").hinted(hint))
}

/// The usage error for a JWK Set that was given as `--public-key`.
fn a_set(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let Some(encoding::Error::Unexpected { found: encoding::Form::JwkSet, .. }) = error.downcast_ref() else {
        return error;
    };
    let hint = format!("name it as a JWK Set: `{}`", shell_option("--jwks", path));
    UsageError::new(format!("{} is a JWK Set, not one public key", path.display())).hinted(hint).into()
}

fn verifiers(context: &Context, arguments: &Verify, header: &JwsHeader) -> Result<Vec<Verifier>> {
    // Checks that need no key come before opening the token.
    operation::check_header(header)?;
    if let Some(path) = &arguments.jwks {
        let bytes =
            Input::from_path(Some(path)).read(&context.stdin, "the JWK Set", encoding::MAX_JWK_SET)?;
        let set = encoding::read_jwk_set(&bytes)
            .map_err(|error| {
                other_option(&bytes, path).map_or_else(|| anyhow::Error::from(error), Into::into)
            })
            .with_context(|| format!("cannot use {}", path.display()))?;
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
        return Ok(vec![public_key::read_verifier(context, path).map_err(|error| a_set(error, path))?]);
    }
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let any_version = !wanted.names_version();
    public_key::verifiers(context, &wanted, header, any_version)
}
