//! `kmsctl token show`.

use anyhow::Result;
use clap::Args;

use crate::{
    cli::{answers, examples},
    commands::{
        command::Run,
        context::{Context, Need},
    },
    render,
};

/// Show a token: its identity, PIN state and capabilities
#[derive(Debug, Args)]
#[command(add = answers![render::TokenDetails])]
#[command(after_help = examples![
    "The embedded token" => "kmsctl token show",
    "One of a module's tokens, for a script" =>
        "kmsctl token show --module /usr/lib/softhsm/libsofthsm2.so --token prod --json",
])]
pub struct Show {}

impl Run for Show {
    fn run(&self, context: &Context) -> Result<()> {
        let opened = context.open(Need::Public)?;
        let session = opened.keystore.session();
        let mechanisms =
            (context.settings.verbose > 0 || context.settings.json).then(|| session.mechanism_names());
        context.print(&render::token_details(session.token(), mechanisms.transpose()?.as_deref()))
    }
}
