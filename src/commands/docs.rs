//! `kmsctl completions` and `kmsctl man`: the grammar in other programs' forms.

use std::fs;

use anyhow::{Context as _, Result};

use crate::{
    cli::{complete, docs, pages},
    io::Output,
};

pub(super) fn completions(arguments: &docs::Completions) -> Result<()> {
    let script = complete::registration(arguments.shell).context("cannot make the script")?;
    Ok(Output::to(None).write(&script)?)
}

/// Writes all pages into a directory, or kmsctl(1) to standard output.
pub(super) fn man(arguments: &docs::Man) -> Result<()> {
    let pages = pages::man_pages()?;
    let Some(directory) = &arguments.dir else {
        return pages.first().map_or(Ok(()), |page| Ok(Output::to(None).write(&page.content)?));
    };
    for page in pages {
        let section = directory.join(format!("man{}", page.section()));
        fs::create_dir_all(&section).with_context(|| format!("cannot create {}", section.display()))?;
        Output::to(Some(&section.join(&page.name))).write(&page.content)?;
    }
    Ok(())
}
