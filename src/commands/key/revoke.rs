//! `kmsctl key revoke`.

use anyhow::Result;
use clap::Args;

use super::change::change;
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{command::Run, context::Context},
    keystore::{Change, MAX_WAIT},
    render,
    shell::kmsctl,
};

/// Schedule the destruction of a key, and disable it until then
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(after_help = examples![
    "In three days" => "kmsctl key revoke --label old",
    "In a month" => "kmsctl key revoke --label old --after 30",
])]
pub struct Revoke {
    #[command(flatten)]
    key: Selection,

    /// Days until `kmsctl key purge --due` may destroy the key, 1 to 30 (default: 3); moves the date of a revoked key
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_WAIT)))]
    after: Option<u32>,
}

impl Run for Revoke {
    fn run(&self, context: &Context) -> Result<()> {
        let request = Change::Revoke { after_days: self.after };
        let done = change(context, &self.key, &request)?;
        let line = done.line("revoked", None);
        let line = match done.key.record().and_then(|record| record.destroy_at) {
            Some(date) => format!("{line}; `{}` destroys it from {date} on", kmsctl("key purge --due")),
            None => line,
        };
        done.report(context, line, None, Some("restore"))
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}
