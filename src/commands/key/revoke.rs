//! `kmsctl key revoke`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, VersionSelection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::{Change, MAX_WAIT},
    render,
    shell::kmsctl,
};

/// Disable a key or an older version, and schedule its destruction
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "In three days" => "kmsctl key revoke --label old",
    "In a month" => "kmsctl key revoke --label old --after 30",
    "One older version" => "kmsctl key revoke --label web --key-version 1",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version, not the current one (default: the whole key)")
))]
pub struct Revoke {
    #[command(flatten)]
    key: VersionSelection,

    /// Days until `kmsctl key purge --due` may destroy it, 1 to 30 (default: 3); changes the date if it is already revoked
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_WAIT)))]
    after: Option<u32>,
}

impl Run for Revoke {
    fn run(&self, context: &Context) -> Result<()> {
        let version = self.key.key_version;
        let request = Change::Revoke { version, after_days: self.after };
        let done = change(context, &self.key.key, &request)?;
        let line = done.line("revoked", version);
        let date = done.key.record().and_then(|record| match version {
            Some(version) => Some(record.version(version)?.deletion?.due),
            None => record.destroy_at,
        });
        let line = match date {
            Some(date) => format!(
                "{line}; `{}` destroys it from {date} on, and until then `{}` brings it back",
                kmsctl("key purge --due"),
                done.suggested("restore", version)
            ),
            None => line,
        };
        done.report(context, line, version, None)
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}
