//! `kmsctl key restore`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::Change,
    render,
};

/// Cancel a scheduled destruction; the key stays disabled
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "Keep the key after all" => "kmsctl key restore --label old",
])]
pub struct Restore {
    #[command(flatten)]
    key: Selection,
}

impl Run for Restore {
    fn run(&self, context: &Context) -> Result<()> {
        let done = change(context, &self.key, &Change::Restore)?;
        let line = done.line("restored", None);
        let line = if done.is_changed() { format!("{line}; it is still disabled") } else { line };
        done.report(context, line, None, Some("enable"))
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}
