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

/// List a key's versions
#[derive(Debug, Args)]
#[command(add = answers![Vec<render::VersionView>])]
#[command(group = select::required())]
#[command(after_help = examples![
    "All versions, newest first" => "kmsctl key versions --label web",
])]
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
