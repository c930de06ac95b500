//! `kmsctl man`.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::command::{Grammar, RunBare, bare};
use crate::{
    cli::{Global, examples, pages},
    io::Output,
};

/// Write the man pages into a directory, or print the main one
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For every user; `man kmsctl` then finds them" => "kmsctl man /usr/local/share/man",
    "Read the main page at once" => "kmsctl man | man -l -",
])]
pub struct Man {
    /// Directory for the pages; they go below it by their section (man1, man5, man7), as `man -M` wants them
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

impl RunBare for Man {
    /// Writes all pages into a directory, or kmsctl(1) to standard output.
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
