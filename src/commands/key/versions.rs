//! `kmsctl key versions`.

use anyhow::Result;
use clap::Args;

use crate::{
    cli::{Selection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, selection},
        public_key,
    },
    render,
    ui::Ui,
};

/// The states of a version.
const STATES: &str = "\
States of a version:
  State     What it may do                     Set by
  enabled   everything that the key may;       key create, rotate, promote, enable
            only the current version signs
  staged    verify and decrypt                 key rotate --stage, or the schedule
                                               with key update --stage-days
  retired   verify and decrypt                 a rotation that leaves more versions
                                               than key update --keep allows
  disabled  nothing                            key disable, key restore
  revoked   nothing; it is destroyed when      key revoke; with key update --keep
            its waiting period is over         a rotation of a key that only signs
  The state of the key comes first: while it is disabled or revoked, no version
  may be used.";

const EXAMPLES: &str = examples![
    "All versions, newest first" => "kmsctl key versions --label web",
];

/// List a key's versions
///
/// The current version is the newest enabled one: it signs and encrypts.
#[derive(Debug, Args)]
#[command(add = answers![Vec<render::VersionView>])]
#[command(group = select::required())]
#[command(after_help = EXAMPLES)]
#[command(after_long_help = [EXAMPLES, STATES].join("\n\n"))]
pub struct Versions {
    #[command(flatten)]
    key: Selection,
}

impl Run for Versions {
    fn run(&self, context: &Context) -> Result<()> {
        let opened = public_key::open_to_list(context, Ui::warning)?;
        let key = opened.keystore.select(&selection(&self.key, None))?.key;
        context.print(&render::key_versions(&key))
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}
