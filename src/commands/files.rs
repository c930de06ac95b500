//! Files in the directories given on the command line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// The files to process, and whether each was given explicitly. Directories are searched in the order of file names. Links
/// in them are not followed, so that no file is processed twice or outside the directory.
pub(super) fn below(inputs: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let mut found = Vec::new();
    for input in inputs {
        if input.is_dir() {
            search(input, &mut found)?;
        } else {
            found.push((input.clone(), true));
        }
    }
    Ok(found)
}

fn search(directory: &Path, found: &mut Vec<(PathBuf, bool)>) -> Result<()> {
    let unreadable = || format!("cannot read {}", directory.display());
    let entries = fs::read_dir(directory).with_context(unreadable)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().with_context(unreadable)?;
    paths.sort();
    for path in paths {
        let kind = fs::symlink_metadata(&path).with_context(unreadable)?.file_type();
        if kind.is_dir() {
            search(&path, found)?;
        } else if kind.is_file() {
            found.push((path, false));
        }
    }
    Ok(())
}
