//! `kmsctl jwt sign`.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Args, ValueHint};
use serde_json::Value;

use crate::{
    algorithm::SignatureAlgorithm,
    cli::{
        Selection, UsageError, VersionSelection, answers, examples, select,
        values::{self, Assignment, Offset},
    },
    commands::{
        command::Run,
        context::{Context, Need, selection},
        jws, public_key,
    },
    encoding::{Object, jws_part},
    io::{Input, Output},
    keystore::Keystore,
    model::{Timestamp, answer},
    operation::{
        self, HeaderRequest, Issue, KeyName, MAX_CLAIMS, add_claim, check_issued, issue, read_claims,
    },
    render::Document,
};

/// Sign claims and print the JWT
///
/// alg, typ and kid are added to the header; iat, nbf and, with --ttl, exp to the claims. Claims that you give are not
/// changed. It is an error to give a claim twice, or to make a JWT that no verifier accepts: one that has expired,
/// or whose exp, nbf or iat is not a time in seconds.
///
/// The key determines the algorithm: RS256 for an RSA key, unless `key update --signature-algorithm` chose another. A
/// token signed with ML-DSA-65 has about 4,500 characters, more than many servers accept in a header.
#[derive(Debug, Args)]
#[command(add = answers![SignedToken])]
#[command(group = select::required())]
#[command(after_help = examples![
    "A token for 15 minutes" => "kmsctl jwt sign --label web --sub alice --aud api --ttl 15m",
    "Claims from a file and from options" =>
        "kmsctl jwt sign --label web --claims claims.json --claim admin=true --claim-string zip=01234 --ttl 1h",
    "For a verifier whose clock is behind" => "kmsctl jwt sign --label web --sub alice --nbf -60s --ttl 15m",
    "The CKA_ID as kid, and another type" =>
        "kmsctl jwt sign --label web --kid ckaid --header typ=at+jwt --claims - --jti",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Version of the key (default: the current one, which alone signs)")
))]
pub struct Sign {
    #[command(flatten)]
    key: VersionSelection,

    /// File with the claims, one JSON object; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    claims: Option<PathBuf>,

    /// Claim; a value that is JSON (1, true, [1, 2]) is taken as JSON, else as text
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = values::assignment)]
    claim: Vec<Assignment>,

    /// Claim whose value is always text
    #[arg(long = "claim-string", value_name = "NAME=TEXT", value_parser = values::assignment)]
    claim_string: Vec<Assignment>,

    /// Issuer
    #[arg(long, value_name = "TEXT")]
    iss: Option<String>,

    /// Subject
    #[arg(long, value_name = "TEXT")]
    sub: Option<String>,

    /// Audience; may be repeated, for a list
    #[arg(long, value_name = "TEXT")]
    aud: Vec<String>,

    /// Time from now until the JWT expires, such as 90s, 15m or 8h; sets exp
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    ttl: Option<Duration>,

    /// Time from now until the JWT becomes valid, such as 5m or -60s; sets nbf
    #[arg(long, value_name = "OFFSET", value_parser = values::offset, allow_hyphen_values = true)]
    nbf: Option<Offset>,

    /// JWT ID; random if no text is given
    #[arg(long, value_name = "TEXT", num_args = 0..=1)]
    #[allow(
        clippy::option_option,
        reason = "not given, given alone, and given with a text are three things"
    )]
    jti: Option<Option<String>>,

    /// File with the payload, signed byte for byte; nothing is added
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["claims", "claim", "claim_string", "iss", "sub", "aud", "ttl", "nbf", "jti"])]
    payload: Option<PathBuf>,

    /// Header member, with a value as in --claim
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    header: Vec<Assignment>,

    /// kid of the JWT: thumbprint (RFC 7638, as in `jwks`; of an HMAC key, the CKA_ID), ckaid, or any text
    #[arg(long, value_name = "thumbprint|ckaid|TEXT", default_value = "thumbprint")]
    kid: String,

    /// Signature algorithm; must be the key's (`key update --signature-algorithm` changes it)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    algorithm: Option<SignatureAlgorithm>,

    /// File for the JWT; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

/// Length of a random `jti` (128 bits).
const ID_BYTES: usize = 16;

answer! {
    /// A token that was signed.
    pub struct SignedToken<'a> {
        /// The JWT in compact form
        token: &'a str,
        then signer: jws::JwsSigner<'a>,
    }
}

impl Run for Sign {
    fn run(&self, context: &Context) -> Result<()> {
        // The options are checked before a PIN is asked for.
        let request = HeaderRequest {
            is_jwt: true,
            key_name: KeyName::named(&self.kid),
            extra: header_members(self)?,
            unencoded: false,
        };
        let given = given_claims(context, self)?;
        let opened = context.open(Need::Read)?;
        let keystore = &opened.keystore;
        let selected = keystore.select_version(&selection(&self.key.key, self.key.key_version))?;
        public_key::warn_if_overdue(context, &selected.key);
        let header = operation::header(&opened.keystore, &selected, self.algorithm, &request)?;
        let payload = match given {
            Given::Payload(bytes) => bytes,
            Given::Claims(claims) => {
                let (now, id) = (context.now(), id(keystore, self)?);
                let not_before = self.nbf.map(|offset| moment(offset, now));
                let claims = issue(claims, &Issue { lifetime: self.ttl, not_before, id }, now)?;
                if !claims.contains("exp") {
                    context.ui.warning(NEVER_EXPIRES);
                    context.ui.hint("`--ttl 15m` lets it expire");
                }
                claims.to_string().into_bytes()
            }
        };
        let token = operation::sign_attached(keystore, &selected, &header, &payload)?;
        // A bearer token is a secret, so the file gets mode 0600.
        let output = Output::to(self.out.as_deref()).private();
        let answer = SignedToken { token: &token, signer: jws::signer(&header, &selected) };
        context.print_to(&output, &Document::of(&answer, format!("{token}\n")))
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

const NEVER_EXPIRES: &str = "the JWT never expires: it has no \"exp\"";

fn moment(offset: Offset, now: Timestamp) -> Timestamp {
    match offset {
        Offset::Before(duration) => now.before(duration),
        Offset::After(duration) => now.after(duration),
    }
}

enum Given {
    /// Signed byte for byte.
    Payload(Vec<u8>),
    Claims(Object),
}

fn given_claims(context: &Context, arguments: &Sign) -> Result<Given> {
    if let Some(path) = &arguments.payload {
        let bytes = Input::from_path(Some(path)).read(&context.stdin, "the payload", MAX_CLAIMS)?;
        let claims = read_claims(&bytes)?;
        check_issued(&claims, context.now())?;
        if !claims.contains("exp") {
            context.ui.warning(NEVER_EXPIRES);
        }
        return Ok(Given::Payload(bytes));
    }
    let mut claims = match &arguments.claims {
        Some(path) => {
            read_claims(&Input::from_path(Some(path)).read(&context.stdin, "the claims", MAX_CLAIMS)?)?
        }
        None => Object::default(),
    };
    for (name, text) in [("iss", &arguments.iss), ("sub", &arguments.sub)] {
        if let Some(text) = text {
            add_claim(&mut claims, name, &text.as_str().into())?;
        }
    }
    match &arguments.aud[..] {
        [] => {}
        [one] => add_claim(&mut claims, "aud", &one.as_str().into())?,
        several => add_claim(&mut claims, "aud", &several.into())?,
    }
    for claim in &arguments.claim {
        add_assignment(&mut claims, claim, "claim")?;
    }
    for Assignment { name, value } in &arguments.claim_string {
        add_claim(&mut claims, name, &value.as_str().into())?;
    }
    for (name, is_option) in [("exp", arguments.ttl.is_some()), ("nbf", arguments.nbf.is_some())] {
        if is_option && claims.contains(name) {
            return Err(operation::ClaimsError::Twice { name: name.to_owned() }.into());
        }
    }
    Ok(Given::Claims(claims))
}

/// The additional header members. Refuses those that kmsctl sets itself.
fn header_members(arguments: &Sign) -> Result<Object> {
    let refused = |name: &str, hint: &str| {
        Err(UsageError::new(format!("the header member {name:?} cannot be set")).hinted(hint).into())
    };
    for Assignment { name, .. } in &arguments.header {
        match name.as_str() {
            "alg" => return refused(name, "use `--algorithm`"),
            "kid" => return refused(name, "use `--kid`"),
            "crit" | "b64" => return refused(name, "a JWT with critical members is refused by most readers"),
            _ => {}
        }
    }
    json_object(&arguments.header, "header member")
}

/// An object from `NAME=VALUE` options.
pub(in crate::commands) fn json_object(assignments: &[Assignment], what: &str) -> Result<Object> {
    let mut object = Object::default();
    for assignment in assignments {
        add_assignment(&mut object, assignment, what)?;
    }
    Ok(object)
}

/// Adds a member. A value that is JSON is added as JSON, other text as a string. Fails on a value that looks like JSON but
/// is malformed.
fn add_assignment(object: &mut Object, assignment: &Assignment, what: &str) -> Result<()> {
    let Assignment { name, value } = assignment;
    let meant_as_json = value.starts_with(['{', '[', '"']);
    let new = match object.insert_text(name, value) {
        Ok(new) => new,
        Err(error) if meant_as_json => {
            return Err(UsageError::new(format!("the {what} {name:?}: {error}")).into());
        }
        Err(_) => object.insert(name, &Value::from(value.as_str())),
    };
    if new { Ok(()) } else { Err(UsageError::new(format!("the {what} {name:?} is given twice")).into()) }
}

fn id(keystore: &Keystore, arguments: &Sign) -> Result<Option<String>> {
    match &arguments.jti {
        None => Ok(None),
        Some(Some(text)) => Ok(Some(text.clone())),
        Some(None) => Ok(Some(jws_part(&keystore.session().random(ID_BYTES)?))),
    }
}
