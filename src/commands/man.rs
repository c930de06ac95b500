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
    "The page of section 5, of two with this name" => "kmsctl man 5 config",
    "For every user; `man kmsctl` then finds them" => "kmsctl man /usr/local/share/man",
])]
pub struct Man {
    /// Directory for the pages, in subdirectories man1, man5 and man7; or the command or topic to show (default: kmsctl), after
    /// its section if that matters. A name like that of a page is no directory: `./NAME`
    #[arg(value_name = "DIR|PAGE", num_args = 0.., value_hint = ValueHint::DirPath)]
    what: Vec<PathBuf>,
}

impl RunBare for Man {
    fn run(&self, _: &Global, grammar: Grammar) -> Result<u8> {
        let pages = pages::man_pages(grammar())?;
        let words: Vec<_> = self.what.iter().map(|word| word.to_string_lossy()).collect();
        let (section, words) = match words.as_slice() {
            [section, words @ ..] if !words.is_empty() && is_section(section) => (Some(&**section), words),
            words => (None, words),
        };
        let name = words.join("-");
        let wanted = Wanted::new(&name, section);
        let named = pages.iter().find(|page| wanted.is(page));
        // `.`, `..` and a directory `kmsctl` have the empty stem of kmsctl(1).
        let is_page = named.is_some_and(|page| !Wanted::new(&page.name, None).stem.is_empty());
        let is_path = |path: &Path| path.to_string_lossy().contains('/') || path.is_dir() && !is_page;
        match (self.what.as_slice(), named) {
            ([], _) => pages.first().map_or(Ok(()), |page| show(&page.content))?,
            ([path], _) if is_path(path) => write(&pages, path)?,
            (_, Some(page)) => show(&page.content)?,
            ([path], None) if similar(wanted.stem, stems(&pages)).is_empty() && !is_section(&name) => {
                write(&pages, path)?;
            }
            (_, None) => return Err(no_page(&wanted, &self.what, &pages).into()),
        }
        Ok(0)
    }
}

bare!(Man);

/// The name of a page as it is typed: `key-create`, `config.5`, `config(5)` or `kmsctl-config`.
struct Wanted<'a> {
    /// Without the name of the program and the section: empty for kmsctl(1).
    stem: &'a str,
    section: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    fn new(name: &'a str, section: Option<&'a str>) -> Self {
        let parts = name.strip_suffix(')').and_then(|name| name.rsplit_once('(')).or(name.rsplit_once('.'));
        let (name, typed) = match parts {
            Some((name, section)) if is_section(section) => (name, Some(section)),
            _ => (name, None),
        };
        let stem = name.strip_prefix("kmsctl").map_or(name, |name| name.trim_start_matches('-'));
        Self { stem, section: section.or(typed) }
    }

    fn is(&self, page: &pages::Page) -> bool {
        let of_page = Wanted::new(&page.name, None);
        of_page.stem == self.stem && (self.section.is_none() || self.section == of_page.section)
    }
}

fn stems(pages: &[pages::Page]) -> impl Iterator<Item = &str> {
    pages.iter().map(|page| Wanted::new(&page.name, None).stem)
}

fn is_section(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The hint names the most similar page, in any section, and a single word as a directory.
fn no_page(wanted: &Wanted<'_>, words: &[PathBuf], pages: &[pages::Page]) -> UsageError {
    let shown = similar(wanted.stem, stems(pages)).first().map_or_else(
        || format!("`{}` shows the main page, which lists the others", kmsctl_without_pin("man")),
        |near| format!("`{}` shows a page", kmsctl_without_pin(format!("man {near}"))),
    );
    let written = match words {
        [word] => {
            let directory = shell_word(Path::new(".").join(word));
            format!(
                "; `{}` writes all pages to that directory",
                kmsctl_without_pin(format!("man {directory}"))
            )
        }
        _ => String::new(),
    };
    let section = wanted.section.map(|section| format!(" in section {section}")).unwrap_or_default();
    UsageError::new(format!("there is no manual page {:?}{section}", wanted.stem))
        .hinted(format!("{shown}{written}"))
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
