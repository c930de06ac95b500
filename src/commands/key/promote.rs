//! `kmsctl key promote`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::{Change, Trigger},
    render,
};

/// Let the staged version of a key sign and encrypt
///
/// `kmsctl key rotate --stage` makes the version and publishes it. Promote it once every verifier has the new JWK Set or
/// public key. From then on older versions only verify and decrypt.
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "The version that was staged a day ago" => "kmsctl key promote --label web",
])]
pub struct Promote {
    #[command(flatten)]
    key: Selection,
}

impl Run for Promote {
    fn run(&self, context: &Context) -> Result<()> {
        let done = change(context, &self.key, &Change::Promote(Trigger::Hand))?;
        let version = Some(done.key.current().version);
        done.report(context, done.line("promoted", version), version, None)
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}
