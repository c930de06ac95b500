//! `kmsctl man`.

use std::{
    fs,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::command::{Grammar, RunBare, bare};
use crate::{
    cli::{Global, UsageError, examples, pages},
    io::Output,
    model::similar,
    secret::{self, streams},
    shell::{kmsctl_without_pin, shell_word},
};

/// Show a manual page, or write all of them to a directory
///
/// On a terminal, man(1) shows the page; elsewhere its source is printed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Read about a command" => "kmsctl man key create",
    "Read about JSON" => "kmsctl man json",
    "For every user; `man kmsctl` then finds them" => "kmsctl man /usr/local/share/man",
])]
pub struct Man {
    /// Directory for the pages, in subdirectories man1, man5 and man7; or the command or topic to show (default: kmsctl)
    #[arg(value_name = "DIR|PAGE", num_args = 0.., value_hint = ValueHint::DirPath)]
    what: Vec<PathBuf>,
}

impl RunBare for Man {
    fn run(&self, _: &Global, grammar: Grammar) -> Result<u8> {
        let pages = pages::man_pages(grammar())?;
        let words: Vec<_> = self.what.iter().map(|word| word.to_string_lossy()).collect();
        let name = words.join("-");
        let named = pages.iter().find(|page| stem(&page.name) == stem(&name));
        // `.`, `..` and a directory `kmsctl` have the empty stem of kmsctl(1).
        let is_page = named.is_some_and(|page| !stem(&page.name).is_empty());
        let is_path = |path: &Path| path.components().count() > 1 || path.is_dir() && !is_page;
        match (self.what.as_slice(), named) {
            ([], _) => pages.first().map_or(Ok(()), |page| show(&page.content))?,
            ([path], _) if is_path(path) => write(&pages, path)?,
            (_, Some(page)) => show(&page.content)?,
            (what, None) => match (similar(stem(&name), pages.iter().map(|page| stem(&page.name))), what) {
                (near, [path]) if near.is_empty() => write(&pages, path)?,
                (near, _) => return Err(no_page(&name, &near).into()),
            },
        }
        Ok(0)
    }
}

bare!(Man);

/// The name of a page without the name of the program and the section: empty for kmsctl(1).
fn stem(name: &str) -> &str {
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    name.strip_prefix("kmsctl").map_or(name, |name| name.trim_start_matches('-'))
}

fn no_page(name: &str, near: &[&str]) -> UsageError {
    let error = UsageError::new(format!("there is no manual page {name:?}"));
    match near.first() {
        Some(near) => error.hinted(format!(
            "`{}` shows a page, `{}` writes all pages to that directory",
            kmsctl_without_pin(format!("man {near}")),
            kmsctl_without_pin(format!("man {}", shell_word(format!("./{name}"))))
        )),
        None => error
            .hinted(format!("`{}` shows the main page, which lists the others", kmsctl_without_pin("man"))),
    }
}

fn write(pages: &[pages::Page], directory: &Path) -> Result<()> {
    for page in pages {
        let section = directory.join(format!("man{}", page.section()));
        fs::create_dir_all(&section).with_context(|| format!("cannot create {}", section.display()))?;
        Output::to(Some(&section.join(&page.name))).write(&page.content)?;
    }
    Ok(())
}

/// By man(1) on a terminal, if it is installed; else the source.
fn show(page: &[u8]) -> Result<()> {
    if streams::stdout().is_ok_and(|stdout| stdout.is_terminal())
        && let Ok(mut man) = secret::command("man").args(["-l", "-"]).stdin(Stdio::piped()).spawn()
    {
        // It may be ended before it has read all.
        let _ = man.stdin.take().map(|mut stdin| stdin.write_all(page));
        man.wait()?;
        return Ok(());
    }
    Ok(Output::to(None).write(page)?)
}
