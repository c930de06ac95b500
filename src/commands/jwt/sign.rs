//! `kmsctl jwt sign`.

use anyhow::Result;
use serde_json::Value;

use super::super::{
    context::{Context, Need, selection},
    jws, key,
};
use crate::{
    cli::{Assignment, Offset, UsageError, jwt::Sign},
    encoding::{Object, jws_part},
    io::{Input, Output},
    keystore::Keystore,
    model::Timestamp,
    operation::{
        self, HeaderRequest, Issue, KeyName, MAX_CLAIMS, add_claim, check_issued, issue, read_claims,
    },
};

/// A random `jti` has 128 bits.
const ID_BYTES: usize = 16;

pub(super) fn sign(context: &Context, arguments: &Sign) -> Result<()> {
    // The options are checked before a PIN is asked for.
    let request = HeaderRequest {
        is_jwt: true,
        key_name: KeyName::named(&arguments.kid),
        extra: header_members(arguments)?,
        unencoded: false,
    };
    let given = given_claims(context, arguments)?;
    let opened = context.open(Need::Read)?;
    let keystore = &opened.keystore;
    let selected = keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    key::warn_if_overdue(context, &selected.key);
    let header = operation::header(&opened.keystore, &selected, arguments.algorithm, &request)?;
    let payload = match given {
        Given::Payload(bytes) => bytes,
        Given::Claims(claims) => {
            let (now, id) = (context.now(), id(keystore, arguments)?);
            let not_before = arguments.nbf.map(|offset| moment(offset, now));
            let claims = issue(claims, &Issue { lifetime: arguments.ttl, not_before, id }, now)?;
            if !claims.contains("exp") {
                context.ui.warning(NEVER_EXPIRES);
                context.ui.hint("`--ttl 15m` lets it expire");
            }
            claims.to_string().into_bytes()
        }
    };
    let token = operation::sign_attached(keystore, &selected, &header, &payload)?;
    // Who has the token has what it grants.
    let output = Output::to(arguments.out.as_deref()).private();
    context.print_to(&output, &jws::document("token", &token, &header, &selected))
}

const NEVER_EXPIRES: &str = "the token never expires: it has no \"exp\"";

fn moment(offset: Offset, now: Timestamp) -> Timestamp {
    match offset {
        Offset::Before(duration) => now.before(duration),
        Offset::After(duration) => now.after(duration),
    }
}

enum Given {
    /// Signed as it is.
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

/// Members of the header that are not the user's to choose.
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

/// Members that were typed one by one.
pub(in crate::commands) fn json_object(assignments: &[Assignment], what: &str) -> Result<Object> {
    let mut object = Object::default();
    for assignment in assignments {
        add_assignment(&mut object, assignment, what)?;
    }
    Ok(object)
}

/// JSON stays JSON; other text is a string, unless it was clearly meant to be JSON.
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
