//! `kmsctl key disable`.

use anyhow::Result;
use clap::Args;

use super::change::{change, report};
use crate::{
    cli::{Selection, VersionSelection, examples, select},
    commands::{command::Run, context::Context},
    keystore::Change,
};

/// Forbid the use of a key, or of one of its older versions
///
/// The token itself refuses it then, to every program, where it can change a key's usage.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "The key with all versions" => "kmsctl key disable --label web",
    "One version; not the newest" => "kmsctl key disable --label web --key-version 1",
])]
pub struct Disable {
    #[command(flatten)]
    key: VersionSelection,
}

impl Run for Disable {
    fn run(&self, context: &Context) -> Result<()> {
        let version = self.key.key_version;
        let key = change(context, &self.key.key, &Change::Disable(version))?;
        report(context, &key, "disabled", version)
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}
