//! `kmsctl key disable`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, VersionSelection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::Change,
    render,
};

/// Forbid the use of a key or of an older version
///
/// The usage attributes on the token are set to FALSE, so that other programs cannot use the key either. Where a token
/// does not allow that, `kmsctl key show` says so, and only kmsctl refuses the key.
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "The key with all versions" => "kmsctl key disable --label web",
    "One older version" => "kmsctl key disable --label web --key-version 1",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version, not the current one (default: the whole key)")
))]
pub struct Disable {
    #[command(flatten)]
    key: VersionSelection,
}

impl Run for Disable {
    fn run(&self, context: &Context) -> Result<()> {
        let version = self.key.key_version;
        let done = change(context, &self.key.key, &Change::Disable(version))?;
        done.report(context, done.line("disabled", version), version, None)
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}
