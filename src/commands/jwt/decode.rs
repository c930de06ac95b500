//! `kmsctl jwt decode`.

use anyhow::Result;
use clap::Args;
use serde_json::value::RawValue;

use super::input::{Token, for_screen, read_token};
use crate::{
    cli::{answers, examples},
    commands::{command::Run, context::Context},
    encoding::Object,
    io::Output,
    model::answer,
    operation::read_claims,
};

/// Print the header and claims of a JWT, without verifying it
#[derive(Debug, Args)]
#[command(add = answers![DecodedToken])]
#[command(after_help = examples![
    "Header and claims of a JWT" => "kmsctl jwt decode --in token.jwt",
])]
pub struct Decode {
    #[command(flatten)]
    token: Token,
}

answer! {
    /// A JWT that was not checked.
    pub struct DecodedToken {
        /// Header of the JWT
        header: Box<RawValue>,
        /// Claims of the JWT
        claims: Box<RawValue>,
    }
}

impl Run for Decode {
    fn run(&self, context: &Context) -> Result<()> {
        let token = read_token(context, &self.token)?;
        let mut both = Object::default();
        let header = token.header().members().to_string();
        let claims = read_claims(token.payload())?.to_string();
        both.insert_text("header", &header)?;
        both.insert_text("claims", &claims)?;
        context.ui.status("not verified: this JWT may be forged");
        let text = if context.settings.json { both.to_string() } else { both.to_pretty() };
        Ok(Output::to(None).write(format!("{}\n", for_screen(&text)).as_bytes())?)
    }

    fn prints_result(&self) -> bool {
        true
    }
}
