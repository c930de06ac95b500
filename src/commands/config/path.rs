//! `kmsctl config path`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::{
    cli::{Global, examples},
    commands::{
        command::{Grammar, RunBare, bare},
        print::Bare,
    },
    config::config_path,
    render::Document,
};

/// Print the path of the configuration file
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Where to write it" => "kmsctl config path",
])]
pub struct Path {}

impl RunBare for Path {
    /// Where the configuration file is looked for, whether or not it is there.
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        let bare = Bare::new(global);
        let path = config_path(global, &bare.environment)?;
        let exists = path.exists();
        let json = json!({"path": path, "exists": exists});
        bare.print(&Document::new(json, format!("{}\n", path.display())))
    }
}

bare!(Path);
