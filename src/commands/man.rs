//! `kmsctl man`.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::command::{Grammar, RunBare, bare};
use crate::{
    cli::{Global, examples, pages},
    io::Output,
};

/// Write the manual pages to a directory, or print kmsctl(1)
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For every user; `man kmsctl` then finds them" => "kmsctl man /usr/local/share/man",
    "Read kmsctl(1)" => "kmsctl man | man -l -",
])]
pub struct Man {
    /// Directory for the pages, in subdirectories man1, man5 and man7
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

impl RunBare for Man {
    fn run(&self, _: &Global, grammar: Grammar) -> Result<u8> {
        let pages = pages::man_pages(grammar())?;
        let Some(directory) = &self.dir else {
            pages.first().map_or(Ok(()), |page| Output::to(None).write(&page.content))?;
            return Ok(0);
        };
        for page in pages {
            let section = directory.join(format!("man{}", page.section()));
            fs::create_dir_all(&section).with_context(|| format!("cannot create {}", section.display()))?;
            Output::to(Some(&section.join(&page.name))).write(&page.content)?;
        }
        Ok(0)
    }
}

bare!(Man);
