//! `kmsctl key enable`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, VersionSelection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::Change,
    render,
};

/// Allow a disabled key or version to be used again
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "The key; each version gets back the state it had" => "kmsctl key enable --label web",
    "One version" => "kmsctl key enable --label web --key-version 1",
])]
#[command(mut_arg("key_version", select::version_is("Only this version (default: the key)")))]
pub struct Enable {
    #[command(flatten)]
    key: VersionSelection,
}

impl Run for Enable {
    fn run(&self, context: &Context) -> Result<()> {
        let version = self.key.key_version;
        let done = change(context, &self.key.key, &Change::Enable(version))?;
        done.report(context, done.line("enabled", version), version, None)
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}
