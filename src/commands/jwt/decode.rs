//! `kmsctl jwt decode`.

use anyhow::Result;

use super::{super::context::Context, for_screen, read_token};
use crate::{cli::jwt::Decode, encoding::Object, io::Output, operation::read_claims};

pub(super) fn decode(context: &Context, arguments: &Decode) -> Result<()> {
    let token = read_token(context, &arguments.token)?;
    let mut both = Object::default();
    let header = token.header().members().to_string();
    let claims = read_claims(token.payload())?.to_string();
    both.insert_text("header", &header)?;
    both.insert_text("claims", &claims)?;
    context.ui.status("not verified: this token may be forged");
    let text = if context.settings.json { both.to_string() } else { both.to_pretty() };
    Ok(Output::to(None).write(format!("{}\n", for_screen(&text)).as_bytes())?)
}
