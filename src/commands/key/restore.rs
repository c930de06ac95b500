//! `kmsctl key restore`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, VersionSelection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::Change,
    render,
};

/// Cancel a scheduled destruction; the key or version stays disabled
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "Keep the key after all" => "kmsctl key restore --label old",
    "One older version" => "kmsctl key restore --label web --key-version 1",
])]
#[command(mut_arg("key_version", select::version_is("Only this version (default: the key)")))]
pub struct Restore {
    #[command(flatten)]
    key: VersionSelection,
}

impl Run for Restore {
    fn run(&self, context: &Context) -> Result<()> {
        let version = self.key.key_version;
        let done = change(context, &self.key.key, &Change::Restore(version))?;
        let line = done.line("restored", version);
        let line = if done.is_changed() { format!("{line}; it is disabled") } else { line };
        done.report(context, line, version, Some("enable"))
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}
