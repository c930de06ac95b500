//! `kmsctl config path`.

use std::borrow::Cow;

use anyhow::Result;
use clap::Args;

use crate::{
    cli::{Global, answers, examples},
    commands::{
        command::{Grammar, RunBare, bare},
        print::Bare,
    },
    config::config_path,
    model::answer,
    render::Document,
};

/// Print the path of the configuration file
#[derive(Debug, Args)]
#[command(add = answers![ConfigPath])]
#[command(after_help = examples![
    "Where to write it" => "kmsctl config path",
])]
pub struct Path {}

answer! {
    /// Where the configuration file is looked for.
    pub struct ConfigPath<'a> {
        /// Its path
        path: Cow<'a, str>,
        /// Whether it is there
        exists: bool,
    }
}

impl RunBare for Path {
    /// Prints the path even if there is no file.
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        let bare = Bare::new(global);
        let path = config_path(global, &bare.environment)?;
        let exists = path.exists();
        let answer = ConfigPath { path: path.to_string_lossy(), exists };
        bare.print(&Document::of(&answer, format!("{}\n", path.display())))
    }
}

bare!(Path);
